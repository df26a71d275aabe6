"""Where the lines of a table stand: who is entered, bound by what, and on which days.

What is entered of States is looked at once for each combination of values; the days of each line
are compared with the days of change as whole columns. The result is a block for each structure,
with the number of the setting of each line.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from engine.batch.block import Block
from engine.batch.book import EMPTY, TEXT, Book
from engine.batch.cells import Cells
from engine.batch.decode import distinct
from engine.batch.documents import DocumentReader, Unusual
from engine.batch.extras import need
from engine.batch.forms import Column, Entered, Form
from engine.batch.scatter import Table
from engine.batch.settings import Setting
from engine.batch.structure import TOP, Structure
from engine.batch.wide import NO_DAY, WideReader, numbers_of

_NUMBERS = 4096  # more days of change than any calendar has
_MOST = 1 << 16


@dataclass
class Standing:
    """Places the lines of tables; what it learns of States entered is kept with their form."""

    book: Book
    wide: WideReader
    documents: DocumentReader

    def blocks(
        self, table: Table, cells: Cells, numbers: Any, of_line: Any, found: Sequence[Form | None]
    ) -> list[Block]:
        """The lines of the table as blocks; lines that cannot be placed become hard."""
        np = need("numpy")
        made: dict[Structure, Block] = {}
        days = np.append(self.book.days(numbers), NO_DAY)  # code -1 is the last entry
        named = np.append(self.book.holds(numbers) & (TEXT | EMPTY) == TEXT, False)
        for local, form in enumerate(found):
            if form is None:
                continue
            here = (of_line == local) & ~table.hard
            index = np.flatnonzero(here)
            if len(index):
                part = _Part(table, numbers, days, named, form, index)
                for shape, rows, codes, settings in self._place(part):
                    block = made.get(shape)
                    if block is None:
                        nothing = np.full(table.rows, -1, dtype=np.int64)
                        block = made[shape] = Block(shape, cells, nothing, [])
                    block.codes[rows] = codes + len(block.settings)
                    block.settings += settings
        return list(made.values())

    def _place(self, part: _Part) -> list[tuple[Structure, Any, Any, list[Setting]]]:
        """The lines of one form: structure, lines, number of the setting of each, settings."""
        np = need("numpy")
        codes, entered = self._enter(part)
        good = np.array([one is not None for one in entered])[codes]
        spans = part.spans(good)
        part.table.hard[part.index[~good]] = True
        part.index, codes = part.index[good], codes[good]
        numbers = [
            numbers_of(day[good], codes, entered, len(codes)) for span in spans for day in span
        ]
        codes, settings, states = _settings(codes, entered, numbers)
        if part.form.empty is not None:
            return [(part.form.shape, part.index, codes, settings)]
        made = []
        state, actor = states[codes], part.actor()
        for with_state in (False, True):
            for with_actor in (False, True):
                rows = np.flatnonzero((state == with_state) & (actor == with_actor))
                if len(rows):
                    shape = Structure(int(with_actor), (), int(with_state), (1,))
                    own = np.unique(codes[rows])
                    place = np.zeros(len(settings), dtype=np.int64)
                    place[own] = np.arange(len(own))
                    chosen = [settings[number] for number in own.tolist()]
                    made.append((shape, part.index[rows], place[codes[rows]], chosen))
        return made

    def _enter(self, part: _Part) -> tuple[Any, list[Entered]]:
        """What is entered in each line, as a number, and what the numbers stand for."""
        columns, codes, combinations = part.entries()
        found = []
        for combination in combinations:
            values = [
                (column, self.book.values[part.numbers[code]])
                for column, code in zip(columns, combination, strict=True)
                if code >= 0
            ]
            key = tuple((column, repr(value)) for column, value in values)
            known = part.form.entered
            if key not in known:
                if len(known) > _MOST:
                    known.clear()
                read = self._flat if part.form.empty is None else self._document
                known[key] = read(part.form, values)
            found.append(known[key])
        return codes, found

    def _flat(self, form: Form, values: Sequence[tuple[Column, Any]]) -> Entered:
        entry = self.wide.entry({column.name: value for column, value in values}, "row")
        return None if entry is None else (bool(entry[0]), entry[1])

    def _document(self, form: Form, values: Sequence[tuple[Column, Any]]) -> Entered:
        assert form.empty is not None
        document = _copy(form.empty)
        for column, value in values:
            *path, name = form.path(column)
            place = document
            for step in path:
                place = place[step]
            if name in place:
                return None
            place[name] = value
        try:
            return True, self.documents.calendar(document)
        except Unusual:
            return None


@dataclass
class _Part:
    """The lines of one form in a table."""

    table: Table
    numbers: Any
    days: Any
    named: Any
    form: Form
    index: Any

    def column(self, column: Column) -> Any:
        """The codes of a column; ``None`` where it is nowhere given."""
        codes = self.table.codes.get(column)
        return None if codes is None else codes[self.index]

    def day(self, section: Any, name: str) -> Any:
        """The days of a column as ordinals."""
        np = need("numpy")
        codes = self.column(Column("day", section, name))
        if codes is None:
            return np.full(len(self.index), NO_DAY, dtype=np.int64)
        return self.days[codes]

    def spans(self, good: Any) -> list[tuple[Any, Any]]:
        """First and last day of each episode; ``good`` is cleared where they contradict."""
        np = need("numpy")

        def ordered(start: Any, end: Any) -> None:
            np.logical_and(good, (start <= end) | (start == NO_DAY) | (end == NO_DAY), out=good)

        whole = self.day(TOP, "start"), self.day(TOP, "end")
        ordered(*whole)
        found = []
        for number in range(len((self.form.empty or {}).get("episodes", ()))):
            start, end = (self.day(("episode", number, -1), name) for name in ("start", "end"))
            ordered(start, end)
            ordered(whole[0], start)
            ordered(end, whole[1])
            found.append(
                (
                    np.where(start == NO_DAY, whole[0], start),
                    np.where(end == NO_DAY, whole[1], end),
                )
            )
        return found or [whole]

    def actor(self) -> Any:
        """Whether a flat row names an actor."""
        np = need("numpy")
        codes = self.column(Column("text", TOP, "actor"))
        if codes is None:
            return np.zeros(len(self.index), dtype=bool)
        return self.named[codes]

    def entries(self) -> tuple[list[Column], Any, list[tuple[int, ...]]]:
        """The columns of what is entered, a number a line, and the codes of each number."""
        np = need("numpy")
        columns: list[Column] = []
        keys = np.zeros(len(self.index), dtype=np.int64)
        combinations: list[tuple[int, ...]] = [()]
        for column in self.table.codes:
            if column.what != "entry":
                continue
            codes = self.column(column)
            if (codes < 0).all():
                continue
            own, words = distinct((codes + 1).astype(np.uint64))
            keys, pairs = distinct((keys * len(words) + own).astype(np.uint64))
            combinations = [
                (*combinations[pair // len(words)], words[pair % len(words)] - 1) for pair in pairs
            ]
            columns.append(column)
        return columns, keys, combinations


def _settings(
    codes: Any, entered: Sequence[Entered], numbers: Sequence[Any]
) -> tuple[Any, list[Setting], Any]:
    """Each line's setting as a number, the settings, and whether each has a State."""
    np = need("numpy")
    keys: list[tuple[int, ...]] = [(number,) for number in range(len(entered))]
    for column in numbers:
        codes, pairs = distinct((codes * _NUMBERS + column + 1).astype(np.uint64))
        keys = [(*keys[pair // _NUMBERS], pair % _NUMBERS - 1) for pair in pairs]
    settings: list[Setting] = []
    states: list[bool] = []
    for number, *ends in keys:
        one = entered[number]
        assert one is not None
        settings.append(one[1].setting(tuple(zip(ends[::2], ends[1::2], strict=True))))
        states.append(one[0])
    return codes, settings, np.array(states)


def _copy(tree: dict[str, Any]) -> dict[str, Any]:
    return {name: _copy(part) if type(part) is dict else list(part) for name, part in tree.items()}
