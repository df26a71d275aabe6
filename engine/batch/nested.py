"""Lines of scenario documents of one form, read and checked by a library at once.

A form is learnt from documents already laid out: the names of actors, States and episodes, and
which maps and texts there are under them. It is made into a typed reader that refuses any
other key and any other type; keys given twice show in the count of keys. What this reader
refuses takes the way of single documents, so it need not say why.
"""

from __future__ import annotations

import gc
import marshal
from collections.abc import Iterator
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any

from engine.batch.block import Block
from engine.batch.cells import Cells
from engine.batch.documents import DocumentReader, Unusual
from engine.batch.extras import need
from engine.batch.settings import Setting
from engine.batch.structure import TOP, Section, Structure

Path = tuple[str, ...]
_TEXTS = ("id", "title", "narrative", "note", "name")
_LISTS = ("roles", "places", "actors")
_HEAD = 5
"""Bytes before the items of a list that ``marshal`` wrote; true, false and null take one each."""


@dataclass
class Form:
    """The names in documents of one form, and the paths of all maps and of all plain values."""

    actors: tuple[str, ...]
    states: tuple[str, ...]
    episodes: tuple[str, ...]
    taking_part: tuple[tuple[int, ...], ...]
    maps: set[Path] = field(default_factory=set)
    values: dict[Path, type] = field(default_factory=dict)

    @property
    def names(self) -> tuple[object, ...]:
        """What documents of one form have in common."""
        return (self.actors, self.states, self.episodes, self.taking_part, frozenset(self.maps))


def facts_section(form: Form, path: Path) -> Section | None:
    """The section that a map of facts stands in; ``None`` for another map."""
    if path == ("facts",):
        return TOP
    if len(path) == 3 and path[2] == "facts":
        kind = {"actors": "actor", "states": "state", "episodes": "episode"}[path[0]]
        return (kind, getattr(form, path[0]).index(path[1]), -1)
    if len(path) == 4 and path[2] == "charges":
        return ("charge", form.actors.index(path[3]), form.episodes.index(path[1]))
    if len(path) == 4 and path[2] == "duties":
        return ("duty", form.states.index(path[3]), form.episodes.index(path[1]))
    return None


def form_of(document: dict[str, Any]) -> Form | None:
    """The form of a usual document."""
    actors = tuple(document.get("actors", ()))
    episodes = document.get("episodes", {})
    taking_part = tuple(
        tuple(actors.index(name) for name in part.get("actors", ())) for part in episodes.values()
    )
    form = Form(actors, tuple(document.get("states", ())), tuple(episodes), taking_part)
    for path, value in _walk(form, document, ()):
        if type(value) is dict:
            form.maps.add(path)
        elif type(value) in (str, bool) or (type(value) is list and path[-1] in _LISTS):
            form.values[path] = type(value)
        else:
            return None
    return form


def _walk(form: Form, value: dict[str, Any], path: Path) -> Iterator[tuple[Path, Any]]:
    for key, item in value.items():
        here = (*path, key)
        if type(item) is dict and facts_section(form, here) is not None:
            continue
        yield here, item
        if type(item) is dict:
            yield from _walk(form, item, here)


class _Reader:
    """The typed reader of one form."""

    def __init__(self, form: Form) -> None:
        msgspec = need("msgspec")
        self.form = form
        self.unset = msgspec.UNSET
        self.sections: list[Section] = []
        self.facts: list[str] = []
        self.entries: list[Path] = []
        self.texts: list[str] = []
        self.members: list[tuple[str, list[str]]] = []
        self._entry_names: list[str] = []
        self.fixed = len(form.maps)
        kind = self._struct((), "")
        self._decoder = msgspec.json.Decoder(kind)
        self.get_facts = _getter(self.facts)
        self.get_entries = _getter(self._entry_names)
        self.get_texts = _getter(self.texts)
        self.get_id = attrgetter(f"f{0}") if ("id",) in form.values else None

    def decode(self, data: bytes) -> Any:
        """The documents of some lines. Raises ``msgspec.MsgspecError``."""
        return self._decoder.decode_lines(data)

    def _struct(self, path: Path, at: str) -> Any:
        msgspec = need("msgspec")
        form = self.form
        fields: list[tuple[Any, ...]] = []

        def add(key: str, kind: Any, default: Any = ...) -> str:
            name = f"f{len(fields)}"
            options = {"name": key} if default is ... else {"name": key, "default": default}
            fields.append((name, kind, msgspec.field(**options)))
            return at + name

        depth = len(path) + 1
        values = [found for found in form.values if found[:-1] == path]
        for found in sorted(values, key=lambda found: found != ("id",)):
            kind = form.values[found]
            name = add(
                found[-1], (list[str] if kind is list else kind) | msgspec.UnsetType, msgspec.UNSET
            )
            if kind is list and found[-1] == "actors":
                number = form.episodes.index(found[1])
                self.members.append((name, [form.actors[i] for i in form.taking_part[number]]))
            elif kind is list or found[-1] in _TEXTS:
                self.texts.append(name)
            else:
                self.entries.append(found)
                self._entry_names.append(name)
        for found in sorted(form.maps):
            if len(found) == depth and found[:-1] == path:
                place = f"f{len(fields)}"
                add(found[-1], self._struct(found, f"{at}{place}."))
        for key, section in self._facts_below(path):
            stated = dict[str, bool | int | str | None] | None
            self.facts.append(add(key, stated, None))
            self.sections.append(section)
        return msgspec.defstruct("Part", fields, kw_only=True, forbid_unknown_fields=True, gc=False)

    def _facts_below(self, path: Path) -> list[tuple[str, Section]]:
        form = self.form
        keys: tuple[str, ...] = ()
        if not path or (len(path) == 2 and path[0] in ("actors", "states", "episodes")):
            keys = ("facts",)
        elif len(path) == 3 and path[2] in ("charges", "duties"):
            keys = form.actors if path[2] == "charges" else form.states
        found = [(key, facts_section(form, (*path, key))) for key in keys]
        return [(key, section) for key, section in found if section is not None]


def _getter(names: list[str]) -> Any:
    """Reads several attributes into a tuple, however many there are."""
    if not names:
        return lambda _: ()
    if len(names) == 1:
        one = attrgetter(names[0])
        return lambda value: (one(value),)
    return attrgetter(*names)


class NestedReader:
    """Reads lines of documents of the form learnt last."""

    def __init__(self, documents: DocumentReader) -> None:
        self.documents = documents
        base = documents.decider.law.base
        stated = [fact for fact in base.facts.values() if not fact.derived]
        self._facts = [fact.id for fact in stated]
        self._number = {fact.id: number for number, fact in enumerate(stated)}
        self._other = frozenset(fact.id for fact in stated if fact.type != "tri")
        self._reader: _Reader | None = None

    def learn(self, documents: list[Any]) -> None:
        """Widen the form by documents that were laid out, or take up the last one's."""
        form = self._reader.form if self._reader else None
        before = (form.names, len(form.values)) if form else None
        for document in documents[:200]:
            found = form_of(document) if type(document) is dict else None
            if found is None:
                continue
            if form is None or form.names != found.names:
                form = found
            else:
                for path, kind in found.values.items():
                    form.values.setdefault(path, kind)
        if form is not None and before != (form.names, len(form.values)):
            self._reader = _Reader(form)

    def read(self, data: bytes, keys: int) -> tuple[Block, Any, Any] | None:
        """A block, the ids and a mask of hard rows; ``None`` where the lines are of another form.

        ``keys`` is the number of keys in the text.
        """
        reader = self._reader
        if reader is None:
            return None
        enabled = gc.isenabled()
        gc.disable()  # nothing here refers back, and there is much of it
        try:
            try:
                documents = reader.decode(data)
            except need("msgspec").MsgspecError:
                return None
            return self._collect(reader, documents, keys)
        finally:
            if enabled:
                gc.enable()

    def _collect(self, reader: _Reader, documents: Any, keys: int) -> tuple[Block, Any, Any] | None:
        arrow, np = need("pyarrow"), need("numpy")
        names: list[str] = []
        values: list[object] = []
        counts: list[int] = []
        codes: list[int] = []
        others: list[tuple[int, int, str, object]] = []
        known: dict[tuple[object, ...], int] = {}
        total = 0
        unset, other = reader.unset, self._other
        get_facts, get_entries, get_texts = reader.get_facts, reader.get_entries, reader.get_texts
        members = [(attrgetter(name), expected) for name, expected in reader.members]
        count_texts = len(reader.texts)
        for row, document in enumerate(documents):
            for section, facts in enumerate(get_facts(document)):
                if not facts:
                    counts.append(0)
                    total += facts is not None
                    continue
                total += len(facts) + 1
                if not other.isdisjoint(facts):
                    for name in other & facts.keys():
                        others.append((row, section, name, facts.pop(name)))
                names += facts
                values += facts.values()
                counts.append(len(facts))
            codes.append(known.setdefault(get_entries(document), len(known)))
            if count_texts:
                total += count_texts - get_texts(document).count(unset)
            for get, expected in members:
                if get(document) != expected:
                    return None
                total += 1
        rows = len(documents)
        set_in = np.array([sum(value is not unset for value in entry) for entry in known] or [0])
        code = np.array(codes, dtype=np.int64)
        if total + int(set_in[code].sum()) + rows * reader.fixed != keys:
            return None
        hard = np.zeros(rows, dtype=bool)
        cells = self._cells(reader, rows, names, values, counts, hard)
        if cells is None or not self._others(reader, others, cells, hard):
            return None
        settings = [self._setting(reader, entry) for entry in known]
        hard |= np.array([setting is None for setting in settings])[code]
        form = reader.form
        shape = Structure(
            len(form.actors), form.taking_part, len(form.states), (1,) * max(1, len(form.episodes))
        )
        block = Block(
            shape, cells, np.where(hard, -1, code), [found or Setting((), ()) for found in settings]
        )
        ids = [None] * rows
        if reader.get_id:
            ids = [None if found is unset else found for found in map(reader.get_id, documents)]
        return block, arrow.array(ids, type=arrow.string()), hard

    def _cells(
        self,
        reader: _Reader,
        rows: int,
        names: list[str],
        values: list[object],
        counts: list[int],
        hard: Any,
    ) -> Cells | None:
        """The planes of all yes/no facts; ``None`` where a name or a value is out of place."""
        np = need("numpy")
        marks = np.frombuffer(marshal.dumps(values), dtype=np.uint8)[_HEAD:]
        if len(marks) != len(values):  # something other than true, false and null
            return None
        try:
            fact = np.fromiter(map(self._number.__getitem__, names), np.int64, len(names))
        except KeyError:
            return None
        sections, size = len(reader.sections), len(self._facts)
        count = np.array(counts, dtype=np.int64)
        row = np.repeat(np.repeat(np.arange(rows), sections), count)
        section = np.repeat(np.tile(np.arange(sections), rows), count)
        may = np.array(
            [
                [name in self.documents.allowed[kind] for name in self._facts]
                for kind, _, _ in reader.sections
            ]
        )
        hard[row[~may[section, fact]]] = True
        null = marks == ord("N")
        top = reader.sections.index(TOP)
        hard[row[null & (section != top)]] = True
        column = section * size + fact
        used = np.flatnonzero(np.bincount(column, minlength=sections * size))
        place = np.zeros(sections * size, dtype=np.int64)
        place[used] = np.arange(len(used))
        cell = np.zeros((len(used), -(-rows // 64) * 64), dtype=np.uint8)
        cell[place[column], row] = np.where(marks == ord("T"), 1, np.where(null, 0, 2))
        true = np.packbits(cell == 1, axis=1, bitorder="little").view(np.int64)
        false = np.packbits(cell == 2, axis=1, bitorder="little").view(np.int64)
        cells = Cells(rows, {})
        stated = set()
        for number, found in enumerate(used.tolist()):
            where, name = reader.sections[found // size], self._facts[found % size]
            cells.give((where, (name,)), (true[number], false[number]))
            stated.add((where, name))
        self._contradictions(reader, cell, place, used, hard[:rows])
        return cells

    def _contradictions(self, reader: _Reader, cell: Any, place: Any, used: Any, hard: Any) -> None:
        """A fact stated for an episode and for an actor or State too may contradict itself."""
        size, there = len(self._facts), set(used.tolist())
        for one, (kind, _, _) in enumerate(reader.sections):
            if kind != "episode":
                continue
            for two, (other, _, _) in enumerate(reader.sections):
                if other not in ("actor", "state"):
                    continue
                for fact in range(size):
                    if one * size + fact in there and two * size + fact in there:
                        both = cell[place[one * size + fact]] & cell[place[two * size + fact]]
                        either = cell[place[one * size + fact]] * cell[place[two * size + fact]]
                        hard |= ((both | either) != 0)[: len(hard)]

    def _others(
        self, reader: _Reader, others: list[tuple[int, int, str, object]], cells: Cells, hard: Any
    ) -> bool:
        """Numbers and choices, as columns; a value that does not fit makes its row hard."""
        arrow = need("pyarrow")
        base, top = self.documents.decider.law.base, reader.sections.index(TOP)
        columns: dict[tuple[int, str], list[object]] = {}
        for row, section, name, value in others:
            fact = base.facts[name]
            if name not in self.documents.allowed[reader.sections[section][0]]:
                hard[row] = True
            elif value is None or value == "unknown":
                hard[row] |= section != top
            elif (
                type(value) is int and 0 <= value < 1 << 62
                if fact.type == "integer"
                else type(value) is str and value in fact.values
            ):
                columns.setdefault((section, name), [None] * cells.rows)[row] = value
            else:
                hard[row] = True
        sides = {"actor", "state"}
        for (section, name), column in columns.items():
            kind = arrow.int64() if base.facts[name].type == "integer" else arrow.string()
            cells.arrays[(reader.sections[section], name)] = arrow.array(column, type=kind)
            if reader.sections[section][0] == "episode":
                for (second, again), more in columns.items():
                    if again == name and reader.sections[second][0] in sides:
                        both = [
                            a is not None and b is not None
                            for a, b in zip(column, more, strict=True)
                        ]
                        hard |= need("numpy").array(both)
        return True

    def _setting(self, reader: _Reader, entry: tuple[object, ...]) -> Setting | None:
        """The setting of documents with these dates and treaties; ``None`` where they are hard."""
        document: dict[str, Any] = {}
        for path in reader.form.maps:
            _place(document, path)
        for path, value in zip(reader.entries, entry, strict=True):
            if value is not reader.unset:
                _place(document, path[:-1])[path[-1]] = value
        try:
            return self.documents.setting_of(document)
        except Unusual:
            return None


def _place(tree: dict[str, Any], path: Path) -> dict[str, Any]:
    for name in path:
        tree = tree.setdefault(name, {})
    return tree
