"""Lines of JSON, flat rows or whole scenario documents: read as columns where that is exact.

Every line is cut into tokens (``tokens``), each distinct token is read once by a JSON library
(``book``), the order of maps in a line is understood once for all lines that share it (``forms``),
and the values go where they belong by number (``scatter``, ``standing``). Any line with something
out of the ordinary is hard: it is read by itself, the plain way, which alone says what is wrong.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from engine.batch.block import Block
from engine.batch.book import Book
from engine.batch.documents import DocumentReader
from engine.batch.extras import need
from engine.batch.faults import parse_line
from engine.batch.forms import Column, Form, Forms
from engine.batch.scatter import Table, cells_of, scatter
from engine.batch.standing import Standing
from engine.batch.structure import TOP
from engine.batch.tokens import NEWLINE, Tokens, cut
from engine.batch.units import Unit, read_into
from engine.batch.wide import WideReader, states_of, wide_names

DOCUMENT_KEYS = frozenset(("facts", "states", "actors", "episodes", "dates"))
_LONG = 1 << 20
_MOST_BYTES = 1 << 30
_MOST_TEXTS = 1 << 20
_MOST_ORDERS = 1 << 14
_MOST_FORMS = 512
_BOM = b"\xef\xbb\xbf"


@dataclass
class Lines:
    """Some lines as blocks. ``ids`` is an Arrow text array, null where a line has none.

    ``hard`` marks the lines that are in no block; ``kept`` has the texts of keys carried over.
    """

    ids: Any
    blocks: list[Block]
    hard: Any
    _data: Any
    _places: Any
    kept: dict[str, Any] = field(default_factory=dict)

    @property
    def rows(self) -> int:
        """The number of lines."""
        return len(self.hard)

    def line(self, row: int) -> bytes:
        """The bytes of one line."""
        return bytes(self._data[self._places[row] + 1 : self._places[row + 1]])


def framed(data: memoryview) -> memoryview:
    """Lines between two line breaks, without a byte order mark before the first.

    ``data`` has a byte to spare before the lines, and another behind them.
    """
    data[0] = data[-1] = NEWLINE
    found = data
    if found[1:4] == _BOM:
        found = found[3:]
        found[0] = NEWLINE
    return found[:-1] if len(found) > 2 and found[-2] == NEWLINE else found


@dataclass
class LineReader:
    """Reads lines of JSON. Keeps what it learnt of tokens and forms."""

    wide: WideReader
    documents: DocumentReader
    keep: frozenset[str] = frozenset()
    ignore: frozenset[str] = frozenset()
    _book: Book = field(init=False)
    _forms: Forms = field(init=False)
    _known: frozenset[str] = frozenset()
    _room: bytearray = field(default_factory=lambda: bytearray(2))

    def __post_init__(self) -> None:
        self._known = frozenset(wide_names(self.wide.decider.law.base))
        self._begin()

    def _begin(self) -> None:
        base = self.wide.decider.law.base
        declared = {item.declaration for item in base.instruments.values() if item.declaration}
        self._book = Book(base.facts)
        known = self._known | DOCUMENT_KEYS
        over = self.ignore | (self.keep - known)
        self._forms = Forms(self._book, self.documents, frozenset(declared), over, self.keep)

    def without(self, value: Any, kept: dict[str, str | None]) -> Any:
        """The value of a line without the keys passed over; those carried over go to ``kept``."""
        if type(value) is not dict or (self.keep | self.ignore).isdisjoint(value):
            return value
        for name in self.keep & value.keys():
            kept[name] = kept_text(value[name])
        return {name: item for name, item in value.items() if name not in self._forms.over}

    def take(self, unit: Unit) -> memoryview:
        """The lines of a unit, in a room that the next unit takes over."""
        size = unit.size if unit.data is None else len(unit.data)
        if len(self._room) < size + 2:
            self._room = bytearray(size + (size >> 4) + 2)
        data = memoryview(self._room)[: size + 2]
        if unit.data is not None:
            data[1:-1] = unit.data
        else:
            read_into(unit, data[1:-1])
        return framed(data)

    def read(self, data: memoryview) -> Lines:
        """Lines as blocks. ``data`` begins and ends with a line break."""
        np = need("numpy")
        if len(data) > _MOST_BYTES:
            places = np.flatnonzero(np.frombuffer(data, dtype=np.uint8) == NEWLINE)
            return self._all_hard(data, places)
        if self._book.full:
            self._begin()
        tokens = cut(data)
        if len(tokens.texts) > _MOST_TEXTS:  # nearly every token is another: nothing is gained
            return self._all_hard(data, tokens.places)
        numbers = self._book.numbers(tokens.texts)
        of_line, found = self._forms_of(tokens, numbers)
        table = scatter(tokens, numbers, self._forms, of_line, found)
        if table is None:
            return self._all_hard(data, tokens.places)
        table.hard |= np.diff(tokens.places) > _LONG
        cells = cells_of(table, numbers, self._book)
        standing = Standing(self._book, self.wide, self.documents)
        blocks = standing.blocks(table, cells, numbers, of_line, found)
        lines = Lines(self._no_texts(table.rows), blocks, table.hard, data, tokens.places)
        ids = self._texts(table.codes.get(Column("text", TOP, "id")), table, tokens, numbers)
        compute = need("pyarrow.compute")
        lines.ids = compute.if_else(compute.equal(ids, ""), None, ids)
        for name in self.keep:
            lines.kept[name] = self._kept(name, table, tokens, numbers, of_line, found)
        return lines

    def _forms_of(self, tokens: Tokens, numbers: Any) -> tuple[Any, list[Form | None]]:
        """The form of each line, as a number, and the forms."""
        arrow, np = need("pyarrow"), need("numpy")
        shape = self._book.shape(numbers)
        where = np.flatnonzero((shape != 0)[tokens.codes])
        shapes = shape[tokens.codes[where]].astype(np.uint32)
        ends = np.searchsorted(where, tokens.first).astype(np.int32) * np.int32(4)
        keys = arrow.Array.from_buffers(
            arrow.binary(), tokens.rows, [None, arrow.py_buffer(ends), arrow.py_buffer(shapes)]
        ).dictionary_encode()
        forms = [self._forms.form(key) for key in keys.dictionary[:_MOST_ORDERS].to_pylist()]
        number: dict[int, int] = {}
        for form in forms:
            if form is not None and len(number) < _MOST_FORMS:
                number.setdefault(id(form), len(number))
        found: list[Form | None] = [None] * (len(number) + 1)
        place = np.full(len(keys.dictionary), len(number), dtype=np.int64)
        for order, form in enumerate(forms):
            local = number.get(id(form), len(number)) if form is not None else len(number)
            if local < len(number):
                place[order], found[local] = local, form
        of_line = place[keys.indices.to_numpy(zero_copy_only=False)]
        # A line is whole when what closes it stands at its very end.
        of_line[(shape == 0)[tokens.codes[tokens.first[1:] - 1]]] = len(number)
        return of_line, found

    def _all_hard(self, data: memoryview, places: Any) -> Lines:
        rows = len(places) - 1
        hard = need("numpy").ones(rows, dtype=bool)
        nothing = self._no_texts(rows)
        return Lines(nothing, [], hard, data, places, dict.fromkeys(self.keep, nothing))

    def _no_texts(self, rows: int) -> Any:
        arrow = need("pyarrow")
        return arrow.nulls(rows, arrow.string())

    def _kept(
        self,
        name: str,
        table: Table,
        tokens: Tokens,
        numbers: Any,
        of_line: Any,
        found: list[Form | None],
    ) -> Any:
        """The texts of a key that is carried over; null where a line does not have it."""
        np = need("numpy")
        flat = np.array([form is not None and form.empty is None for form in found])[of_line]
        texts = self._no_texts(table.rows)
        for column, codes in table.codes.items():
            if column.name == name and column.section == TOP and not column.under:
                within = column.what in ("fact", "day")  # in a document these stand deeper
                given = np.where(flat, codes, -1) if within else codes
                texts = need("pyarrow.compute").coalesce(
                    texts, self._texts(given, table, tokens, numbers)
                )
        return texts

    def _texts(self, codes: Any, table: Table, tokens: Tokens, numbers: Any) -> Any:
        """The texts of a column; null for hard lines and where a line has none."""
        arrow, compute, np = need("pyarrow"), need("pyarrow.compute"), need("numpy")
        made = self._no_texts(table.rows)
        if codes is None:
            return made
        given = (codes >= 0) & ~table.hard
        number = np.where(given, numbers[codes], -1)
        left = given
        for (opening, closing), alike in self._book.openings.items():
            here = number == alike
            if here.any():
                some = tokens.texts.take(arrow.array(codes[here]))
                text = compute.binary_slice(some, len(opening), -len(closing)).cast(arrow.string())
                made = (
                    text
                    if len(text) == table.rows
                    else compute.replace_with_mask(made, arrow.array(here), text)
                )
                left = left & ~here
        if left.any():
            texts = [kept_text(self._book.values[one]) for one in number[left].tolist()]
            made = compute.replace_with_mask(
                made, arrow.array(left), arrow.array(texts, type=arrow.string())
            )
        return made

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
            if (key in self._known and key not in ("id", "title")) or "." in key:
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


def kept_text(value: Any) -> str | None:
    """A value that is carried over, as text."""
    plain = value is None or isinstance(value, str)
    return value if plain else json.dumps(value, ensure_ascii=False)


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
