"""Tokens sorted into columns: a byte for each line and column, and the planes made of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from engine.batch.book import FACT, LEAF, OTHER, Book
from engine.batch.cells import Cells
from engine.batch.extras import need
from engine.batch.forms import Column, Form, Forms
from engine.batch.structure import TOP, Section
from engine.batch.tokens import Tokens
from engine.model.records import Fact

NOWHERE = 0
"""The column of tokens that belong nowhere; it is not read."""
_MOST_CELLS = 1 << 28
_UNKNOWN = 3
_EACH = slice(None)


@dataclass
class Table:
    """The values of some lines. ``cell[c, r]`` is 0 where column ``c`` of line ``r`` is not given.

    ``codes`` has the tokens of every column that is not a yes/no fact: their numbers among the
    distinct ones of the lines, -1 where there is none. ``hard`` marks lines for the plain way.
    """

    rows: int
    columns: list[Column]
    cell: Any
    codes: dict[Column, Any]
    hard: Any


def scatter(
    tokens: Tokens, numbers: Any, forms: Forms, of_line: Any, found: Sequence[Form | None]
) -> Table | None:
    """Sort the tokens of lines into columns; ``None`` where no line has a form, or that would
    take too much room.

    ``numbers`` has the number in the book of each distinct token; ``found[of_line[r]]`` is the
    form of line ``r``.
    """
    return _Scatter(tokens, numbers, forms).table(of_line, found)


@dataclass
class _Scatter:
    tokens: Tokens
    numbers: Any
    forms: Forms
    hard: Any = None

    def table(self, of_line: Any, found: Sequence[Form | None]) -> Table | None:
        np = need("numpy")
        tokens, book, codes = self.tokens, self.forms.book, self.tokens.codes
        usable = np.array([form is not None for form in found])
        if not usable.any():
            return None
        self.hard = ~usable[of_line]
        holds = book.holds(self.numbers)
        self._mark(holds & LEAF == 0, but=book.shape(self.numbers) != 0)
        self._mark(self._misfits(holds), but=None)
        size = len(book.keys)
        pair = book.key(self.numbers)
        flat = [form for form in found if form is not None]
        if len(flat) == 1 and flat[0].empty is None:
            pair = pair + flat[0].before[0] * size  # one place for all: a pair for each text
            pairs, of_token = pair, codes
        else:
            pairs = self._places(of_line, found)
            pairs *= np.int32(size)
            pairs += pair[codes]
            of_token = _EACH
        columns, column_of, needs = self._columns(pairs, size)
        stride = -(-tokens.rows // 64) * 64
        if stride * len(columns) > _MOST_CELLS:
            return None
        row = np.repeat(np.arange(tokens.rows), np.diff(tokens.first))
        wrong = column_of[pairs] < 0
        if wrong.any():
            self.hard |= tokens.by_line(wrong[of_token])
        column_of = np.maximum(column_of, NOWHERE)
        cell = np.zeros((len(columns), stride), dtype=np.uint8)
        index = (column_of * stride)[pairs][of_token]
        index += row
        cell.reshape(-1)[index] = book.cell(self.numbers).astype(np.uint8)[codes]
        self._repeated(index >= stride, row, cell)
        local, wanted = self._wanted(columns)
        chosen = np.flatnonzero((local >= 0)[column_of][pairs][of_token])
        row, codes = row[chosen], codes[chosen]
        pairs = pairs[codes if of_token is not _EACH else chosen]
        misfit = holds[codes] & needs[pairs] == 0
        if misfit.any():
            self.hard[row[misfit]] = True
        others = np.full((len(wanted), tokens.rows), -1, dtype=np.int32)
        others[local[column_of[pairs]], row] = codes
        given = dict(zip(wanted, others, strict=True))
        table = Table(tokens.rows, columns, cell, given, self.hard)
        _across(table)
        return table

    def _mark(self, wrong: Any, but: Any) -> None:
        """Lines with a distinct token of these are hard."""
        if but is not None:
            wrong = wrong & ~but
        if wrong.any():
            self.hard |= self.tokens.by_line(wrong[self.tokens.codes])

    def _misfits(self, holds: Any) -> Any:
        """Which distinct tokens name a fact and hold no value of it."""
        np = need("numpy")
        book = self.forms.book
        is_fact = np.array([name in book.facts for name in book.keys])
        return is_fact[book.key(self.numbers)] & (holds & FACT == 0)

    def _places(self, of_line: Any, found: Sequence[Form | None]) -> Any:
        """The number of the place of each token."""
        np = need("numpy")
        tokens = self.tokens
        size = len(tokens.codes)
        forms = [form for form in found if form is not None]
        if not forms:
            return np.zeros(size, dtype=np.int32)
        if len(forms) == 1 and forms[0].empty is None:
            return np.full(size, forms[0].before[0], dtype=np.int32)
        where = np.flatnonzero((self.forms.book.shape(self.numbers) != 0)[tokens.codes])
        lengths = np.array([0 if form is None else len(form.before) for form in found])
        counts = np.diff(np.searchsorted(where, tokens.first))
        good = counts == lengths[of_line]
        self.hard |= ~good
        own = np.repeat(good, counts)
        where = where[own]
        start = np.cumsum(lengths) - lengths
        counts = np.where(good, counts, 0)
        order = np.arange(len(where)) - np.repeat(np.cumsum(counts) - counts, counts)
        order += np.repeat(start[of_line], counts)
        before = np.concatenate([form.before for form in forms])[order]
        after = np.concatenate([form.after for form in forms])[order]
        places = np.zeros(size, dtype=np.int32)
        if len(where):
            places[where[0] :] = np.repeat(after, np.diff(where, append=size))
            places[where] = before
        return places

    def _columns(self, pair: Any, size: int) -> tuple[list[Column], Any, Any]:
        """The columns of these pairs of place and key, yes/no facts first, and what they need."""
        np = need("numpy")
        book = self.forms.book
        used = np.flatnonzero(np.bincount(pair, minlength=len(self.forms.places) * size))
        entries: list[tuple[int, Column, int]] = []
        column_of = np.full(len(self.forms.places) * size, -1, dtype=np.int64)
        needs = np.zeros(len(column_of), dtype=np.int32)
        for number in used.tolist():
            place, key = divmod(number, size)
            if key == 0:
                column_of[number] = NOWHERE
                continue
            entry = self.forms.column(self.forms.places[place], book.keys[key])
            if entry is not None:
                entries.append((number, *entry))
        entries.sort(key=lambda entry: not is_tri(entry[1], book))
        columns: dict[Column, int] = {Column("nowhere", TOP, ""): NOWHERE}
        for number, column, needed in entries:
            column_of[number] = columns.setdefault(column, len(columns))
            needs[number] = needed
        return list(columns), column_of, needs

    def _repeated(self, given: Any, row: Any, cell: Any) -> None:
        """Lines that give a column twice are hard: more tokens than cells filled."""
        np = need("numpy")
        cell[NOWHERE] = 0
        if np.count_nonzero(given) != np.count_nonzero(cell):
            per_line = np.bincount(row[given], minlength=self.tokens.rows)
            filled = np.count_nonzero(cell, axis=0)[: self.tokens.rows]
            self.hard |= per_line != filled

    def _wanted(self, columns: list[Column]) -> tuple[Any, list[Column]]:
        """The columns whose tokens are kept, and the number of each column among them or -1."""
        np = need("numpy")
        book, keep = self.forms.book, self.forms.keep
        wanted = [
            number
            for number, one in enumerate(columns)
            if number != NOWHERE and (one.name in keep or not is_tri(one, book))
        ]
        local = np.full(len(columns), -1, dtype=np.int64)
        local[wanted] = np.arange(len(wanted))
        return local, [columns[number] for number in wanted]


def is_tri(column: Column, book: Book) -> bool:
    """Whether a column holds a yes/no fact."""
    return column.what == "fact" and book.facts[column.name].type == "tri"


def _across(table: Table) -> None:
    """Lines where a fact stands twice in a way that only the plain way settles are hard.

    An unknown below the top hides what the top states; a fact of an episode may contradict the
    same fact of an actor or State.
    """
    np = need("numpy")
    by_fact: dict[str, list[tuple[Section, int]]] = {}
    for number, column in enumerate(table.columns):
        if column.what == "fact":
            by_fact.setdefault(column.name, []).append((column.section, number))
    for places in by_fact.values():
        top = [number for section, number in places if section == TOP]
        for section, number in places:
            cell = table.cell[number, : table.rows]
            if section[0] in ("charge", "duty"):
                table.hard |= cell == _UNKNOWN
            elif section != TOP and top:
                table.hard |= (cell == _UNKNOWN) & (table.cell[top[0], : table.rows] != 0)
            if section[0] != "episode":
                continue
            for other, second in places:
                if other[0] in ("actor", "state"):
                    table.hard |= (cell != 0) & (table.cell[second, : table.rows] != 0)
    assert table.hard.dtype == np.bool_


def cells_of(table: Table, numbers: Any, book: Book) -> Cells:
    """The planes of the facts in a table."""
    np = need("numpy")
    cells = Cells(table.rows, {})
    last = max((n for n, one in enumerate(table.columns) if is_tri(one, book)), default=0)
    tri = table.cell[1 : last + 1]
    true = np.packbits(tri == 1, axis=1, bitorder="little").view(np.int64)
    false = np.packbits(tri == 2, axis=1, bitorder="little").view(np.int64)
    for place, column in enumerate(table.columns[1 : last + 1]):
        cells.give((column.section, (column.name,)), (true[place], false[place]))
    for column, codes in table.codes.items():
        if column.what == "fact" and not is_tri(column, book):
            fact = book.facts[column.name]
            cells.arrays[(column.section, column.name)] = _values(fact, codes, numbers, book)
    return cells


def _values(fact: Fact, codes: Any, numbers: Any, book: Book) -> Any:
    """The values of a number or choice, line by line, as an Arrow array."""
    arrow, np = need("pyarrow"), need("numpy")
    used = np.flatnonzero(np.bincount(codes + 1, minlength=len(numbers) + 1)[1:])
    kind = arrow.int64() if fact.type == "integer" else arrow.string()
    fits = (book.holds(numbers[used]) & OTHER).tolist()
    kept = [
        book.values[number] if fit else None
        for number, fit in zip(numbers[used].tolist(), fits, strict=True)
    ]
    place = np.full(len(numbers) + 1, len(used), dtype=np.int64)  # code -1 is the last
    place[used] = np.arange(len(used))
    return arrow.array([*kept, None], type=kind).take(arrow.array(place[codes]))
