"""Lines of JSON: flat rows are read as a table, by a library, when that can be shown to be exact.

The table reader drops keys it was not told of, keeps one of two equal keys and turns numbers
into text where text is expected. So its reading is used only when counting shows that none of
this happened: as many keys in the text as values in the table, and as many text values.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from engine.batch.block import Block
from engine.batch.extras import need
from engine.batch.faults import parse_line
from engine.batch.nested import NestedReader
from engine.batch.wide import Header, WideReader, read_header, states_of, wide_names
from engine.model.problem import InputError

_PIECE = 1 << 17
DOCUMENT_KEYS = frozenset(("facts", "states", "actors", "episodes", "dates"))


@dataclass
class LineReader:
    """Reads lines of JSON. Keeps the keys seen, so that the next table knows its columns."""

    wide: WideReader
    nested: NestedReader
    keep: frozenset[str] = frozenset()
    ignore: frozenset[str] = frozenset()
    _keys: dict[str, None] = field(default_factory=dict)
    _known: frozenset[str] = frozenset()
    _nested: bool = False

    def __post_init__(self) -> None:
        self._known = frozenset(wide_names(self.wide.decider.law.base))

    @property
    def beside(self) -> frozenset[str]:
        """The keys that a run carries over or passes over."""
        return self.keep | self.ignore

    def without(self, value: Any, kept: dict[str, str | None]) -> Any:
        """The value of a line without the keys passed over; those carried over go to ``kept``."""
        if type(value) is not dict or self.beside.isdisjoint(value):
            return value
        for name in self.keep & value.keys():
            cell = value[name]
            plain = cell is None or isinstance(cell, str)
            kept[name] = cell if plain else json.dumps(cell, ensure_ascii=False)
        known = self._known | DOCUMENT_KEYS
        over = self.ignore | (self.keep - known)
        return {name: item for name, item in value.items() if name not in over}

    def read(self, data: bytes, where: str) -> tuple[dict[str, Any], int, Header] | None:
        """Flat lines as a table, or ``None`` where that cannot be shown to be exact."""
        if not self._keys and not self._nested:
            self._sample(data)
        if self._nested or not self._keys:
            return None
        counted = count_keys(data, flat=True)
        if counted is None:
            return None
        polars = need("polars")
        schema = {name: self._type(name, polars) for name in self._keys}
        try:
            frame = polars.read_ndjson(data, schema=schema)
        except polars.exceptions.PolarsError:
            return None
        rows = data.count(b"\n") + (not data.endswith(b"\n"))
        if frame.height != rows:
            return None
        filled = {name: frame.height - frame[name].null_count() for name in self._keys}
        texts = sum(count for name, count in filled.items() if schema[name] == polars.String)
        if counted != (sum(filled.values()), texts):
            return None
        table = frame.rechunk().to_arrow(compat_level=polars.CompatLevel.oldest())
        known = [name for name in self._keys if name in self._known and name not in self.ignore]
        header = read_header(self.wide.decider.law.base, known, where)
        columns = {name: table.column(name).combine_chunks() for name in self._keys}
        return columns, rows, header

    def read_documents(self, data: bytes) -> tuple[Block, Any, Any] | None:
        """Lines of documents as a block, with ids and hard rows; ``None`` where not exact."""
        counted = count_keys(data, flat=False) if self._nested else None
        return self.nested.read(data, counted[0]) if counted else None

    def _type(self, name: str, polars: Any) -> Any:
        fact = self.wide.decider.law.base.facts.get(name)
        if name.startswith("treaties.") or (fact is not None and fact.type == "tri"):
            return polars.Boolean
        return polars.Int64 if fact is not None and fact.type == "integer" else polars.String

    def _sample(self, data: bytes) -> None:
        for line in data.split(b"\n", 200)[:200]:
            try:
                value = self.parse(line)
            except (InputError, ValueError):
                continue
            if type(value) is dict:
                if not DOCUMENT_KEYS.isdisjoint(value):
                    self._nested = True
                    return
                self._note(value)

    def _note(self, row: dict[str, Any]) -> None:
        for name in row:
            if name not in self._keys and (
                name in self._known or (name in self.beside and isinstance(row[name], str))
            ):
                self._keys[name] = None

    def learn(self, documents: list[Any]) -> None:
        """Note the facts that these documents state at the top: flat rows may have them."""
        if self._nested:
            self.nested.learn(documents)
            return
        for document in documents:
            if type(document) is dict:
                facts = document.get("facts")
                if type(facts) is dict:
                    self._note(facts)

    def parse(self, line: bytes) -> Any:
        """The value of a line. Raises ``InputError``."""
        msgspec = need("msgspec")
        if len(line) < 1 << 20:
            try:
                value = msgspec.json.decode(line)
            except (msgspec.DecodeError, RecursionError):
                return parse_line(line)
            if b" :" not in line and b"\t:" not in line and line.count(b'":') == keys_in(value):
                return value
        return parse_line(line)

    def document(self, row: dict[str, Any]) -> dict[str, Any]:
        """The scenario document of a line, flat or not. Raises ``ValueError``."""
        if not row or not DOCUMENT_KEYS.isdisjoint(row):
            return row
        for key in row:
            if key in self._known or "." in key:
                break
        else:
            return row
        document: dict[str, Any] = {}
        facts: dict[str, Any] = {}
        states: dict[str, Any] = {}
        dates: dict[str, Any] = {}
        for key, value in row.items():
            if key in ("id", "title"):
                document[key] = value
            elif key in ("start", "end"):
                if value not in (None, ""):
                    dates[key] = value
            elif key == "actor":
                if value not in (None, ""):
                    document["actors"] = {str(value): {}}
            elif (
                key in ("state", "treaties")
                or key.startswith("treaties.")
                or (key in self._known and key not in self.wide.decider.law.base.facts)
            ):
                states[key] = value
            else:
                facts[key] = value
        document["facts"] = facts
        if dates:
            document["dates"] = dates
        entered = states_of(states)
        if entered:
            document["states"] = entered
        elif any(value not in (None, "") for value in states.values()):
            raise ValueError("a treaty is entered, but no State; name it under state")
        return document


def count_keys(data: bytes, *, flat: bool) -> tuple[int, int] | None:
    """The keys in some lines of JSON, and the keys with text after them.

    Exact where no text contains a quote followed by a colon, and too high otherwise. ``None``
    for lines with blanks before a colon, empty lines, and in flat lines nulls.
    """
    np = need("numpy")
    text = np.frombuffer(data + b"   ", dtype=np.uint8)
    keys = texts = 0
    for start in range(0, len(data), _PIECE):  # a piece at a time stays in the cache
        piece = text[start : start + _PIECE + 3]
        before, now = piece[:-3], piece[1:-2]
        colon, quote = now == ord(":"), before == ord('"')
        after, then = piece[2:-1], piece[3:]
        if (colon & (before <= ord(" "))).any():
            return None
        if ((before == ord("\n")) & (now == ord("\n")) | (before == ord("\r"))).any():
            return None
        key = colon & quote
        keys += int(np.count_nonzero(key))
        if flat:
            spaced = key & (after == ord(" "))
            for follows in (key & _is(after), spaced & _is(then)):
                texts += int(np.count_nonzero(follows))
            null = (key & (after == ord("n"))) | (spaced & (then == ord("n")))
            if null.any():
                return None
    return keys, texts


def _is(letter: Any) -> Any:
    return letter == ord('"')


def keys_in(value: Any) -> int:
    """The number of keys of a value, at every depth."""
    if type(value) is dict:
        total = len(value)
        for item in value.values():
            if type(item) is dict or type(item) is list:
                total += keys_in(item)
        return total
    if type(value) is list:
        return sum(keys_in(item) for item in value)
    return 0
