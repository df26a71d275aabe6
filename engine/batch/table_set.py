"""The tables of a set, read and joined by id; a row that cannot be used spoils its scenario alone.

A row of a table is spoilt when it has more or fewer fields than the header, or is not UTF-8 text.
A scenario is spoilt when a row of it is: without that row it would be another scenario. A row that
belongs to no situation is astray, and spoils none.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from engine.batch.csv_text import TORN, csv_lines, marked, names_of, read_csv, rows_with, torn
from engine.batch.extras import need
from engine.batch.faults import TOLD, Fault, told
from engine.batch.units import csv_head, stamp
from engine.model.problem import InputError, nearest

_COMPARED = 5000
"""Ids among which a misspelt one is looked for."""


@dataclass(frozen=True)
class Table:
    """The rows of a table that can be used, as a polars frame, and what is wrong with the others.

    ``spoilt`` has the rows that cannot be used by their numbers, from 0, each with its fault:
    once for every scenario that it may be of. ``rows`` counts both.
    """

    path: str
    columns: list[str]
    frame: Any
    rows: int
    spoilt: dict[int, list[Fault]]

    @cached_property
    def numbers(self) -> Any:
        """The number in the file, from 0, of each row of the frame."""
        np = need("numpy")
        return np.delete(np.arange(self.rows), list(self.spoilt))

    @cached_property
    def ids(self) -> Any:
        """The ids of the rows of the frame, as text; an empty one is none."""
        polars = need("polars")
        ids = self.frame["id"].cast(polars.String)
        return ids.set(ids == "", None)

    @cached_property
    def places(self) -> tuple[Any, dict[str, tuple[int, int]]]:
        """The frame sorted by id (in the order of the file within one), and the rows of each id."""
        frame = self.frame.with_columns(self.ids.alias("id")).sort("id", maintain_order=True)
        places: dict[str, tuple[int, int]] = {}
        start = 0
        for name, count in frame.group_by("id", maintain_order=True).len().iter_rows():
            places[name] = (start, start + count)
            start += count
        return frame, places

    def placed(self, faults: Sequence[Fault]) -> list[Fault]:
        """Faults of rows of this table with the lines they stand on, where those are known."""
        if not faults:
            return []
        lines: dict[int, int] = {}
        if Path(self.path).suffix == ".csv":
            with open(self.path, "rb") as file:
                head = csv_head(file)
                rows = {fault.at - 1 for fault in faults}
                lines = csv_lines(file.read(), head.count(b"\n") + 1, rows)
        return [replace(fault, file=self.path, line=lines.get(fault.at - 1, 0)) for fault in faults]


@lru_cache(maxsize=8)
def read_table(path: str, mark: tuple[int, int]) -> Table:
    """A table of a set; text only, where it is CSV. Kept while the file does not change."""
    polars = need("polars")
    try:
        if Path(path).suffix == ".csv":
            return _read_csv(path)
        frame = polars.read_parquet(path)
    except (polars.exceptions.PolarsError, need("pyarrow").ArrowInvalid, OSError) as error:
        raise InputError.single(
            path, f"cannot be read as a table: {str(error).splitlines()[0]}"
        ) from None
    return Table(path, frame.columns, frame, len(frame), {})


def _read_csv(path: str) -> Table:
    arrow, polars = need("pyarrow"), need("polars")
    with open(path, "rb") as file:
        names = names_of(csv_head(file), path)
        data = file.read()
    if not any(names):
        raise InputError.single(path, "the file is empty", "give it at least a header")
    repeated = [name for name, count in Counter(names).items() if count > 1]
    if repeated:
        raise InputError.single(path, f"the column {repeated[0]} is there twice", "keep one")
    if not data.strip():
        empty = arrow.table({name: arrow.array([], arrow.string()) for name in names})
        return Table(path, names, polars.from_arrow(empty), 0, {})
    text, mark = marked(data)
    table, uneven = read_csv(text, dict.fromkeys(names, arrow.string()))
    rows = len(table) + len(uneven)
    np = need("numpy")
    spoilt: dict[int, list[Fault]] = {}

    def spoil(row: int, ids: list[str], field: str, found: str, said: str, hint: str) -> None:
        spoilt[row] = [Fault(0, name, field, found, said, hint, at=row + 1) for name in ids]

    for one in uneven:
        said, hint = f"the row has {one.fields} fields", f"the header has {len(names)}"
        spoil(one.row, _ids_in(one.text, names, mark), "", f"{one.fields} fields", said, hint)
    rows = len(table) + len(uneven)
    numbers = np.delete(np.arange(rows), list(spoilt))
    for row, column in (rows_with(mark, table) if mark else {}).items():
        ids = _readable([table["id"][row].as_py() or "" if "id" in names else ""], mark)
        spoil(int(numbers[row]), ids, column, "", "not UTF-8 text", "save the file as UTF-8")
    if rows_with("\n", table):
        for row, whole in torn(text).items():
            spoil(row, _ids_in(whole, names, mark), "", "", *TORN)
    table = table.filter(arrow.array(~np.isin(numbers, list(spoilt))))
    return Table(path, names, polars.from_arrow(table), rows, spoilt)


def _ids_in(text: str, names: Sequence[str], mark: str) -> list[str]:
    """The ids in a row of CSV that cannot be used; [""] where none can be read.

    A quotation mark that is not closed takes in the rows after it: the row has several ids.
    """
    place = names.index("id") if "id" in names else len(names)
    lines = [line.split(",") for line in text.splitlines()]
    return _readable([cells[place].strip(' "') for cells in lines if place < len(cells)], mark)


def _readable(ids: Sequence[str], mark: str) -> list[str]:
    return [name for name in dict.fromkeys(ids) if name and not (mark and mark in name)] or [""]


class TableSet:
    """The tables of a set, joined."""

    def __init__(self, tables: dict[str, Table]) -> None:
        self._tables = tables
        situation = tables["situation"]
        stated = situation.ids.drop_nulls()
        spoilt = {fault.id for faults in situation.spoilt.values() for fault in faults} - {""}
        self._repeated = {*stated.filter(stated.is_duplicated()), *spoilt.intersection(stated)}
        self._known = {*stated, *spoilt}
        placed = situation.placed([faults[0] for faults in situation.spoilt.values()])
        self._spoilt = dict(zip(situation.spoilt, placed, strict=True))
        self._side: dict[str, list[Fault]] = {}
        self.strays: list[Fault] = []
        for name, table in tables.items():
            if name != "situation":
                self._sort(name, table)

    def table(self, name: str) -> Table:
        """One of the tables."""
        return self._tables[name]

    def _sort(self, name: str, table: Table) -> None:
        """Note the rows of a side table that cannot be used, by situation, and those astray."""
        polars = need("polars")
        known = polars.Series(sorted(self._known), dtype=polars.String)
        ids = table.ids
        wrong: list[Fault] = []
        for row in (~ids.is_in(known.implode())).fill_null(True).arg_true().to_list():
            wrong.append(self._stray(name, ids[row] or "", int(table.numbers[row]), len(wrong)))
        for faults in table.spoilt.values():
            ours = [fault for fault in faults if fault.id in self._known] or faults[:1]
            wrong += [replace(fault, field=fault.field or name) for fault in ours]
        for fault in table.placed(sorted(wrong, key=lambda one: one.at)):
            if fault.id in self._known:
                self._side.setdefault(fault.id, []).append(fault)
            else:
                self.strays.append(fault)

    def _stray(self, table: str, name: str, row: int, before: int) -> Fault:
        if not name:
            message, hint = f"a row of {table} has no id", "the tables are joined by it"
        else:
            message, hint = f"{name} is the id of no situation", ""
            if before < TOLD and len(self._known) <= _COMPARED:
                hint = nearest(name, sorted(self._known))
        hint = hint or "each id must stand in the table situation"
        return Fault(0, name, "id", "", message, hint, at=row + 1)

    def situations(self, start: int, size: int) -> Iterator[tuple[int, dict[str, Any] | None]]:
        """Some rows of the table of situations by number; ``None`` for a spoilt one."""
        table = self._tables["situation"]
        first = int(need("numpy").searchsorted(table.numbers, start))
        rows = table.frame.slice(first, size).iter_rows(named=True)
        for number in range(start, start + size):
            yield number, None if number in table.spoilt else next(rows)

    def faults(self, number: int, row: dict[str, Any] | None) -> list[Fault]:
        """What makes a row of the table of situations useless, before its facts are looked at."""
        if row is None:
            found = [self._spoilt[number]]
            name = found[0].id
        else:
            found = []
            name = "" if row["id"] is None else str(row["id"])
            if not name:
                said, hint = "the row has no id", "the tables are joined by it"
                return [Fault(0, "", "id", "", said, hint)]
        if name in self._repeated:
            said = f"the id {name} is there more than once"
            found.append(Fault(0, name, "id", name, said, "one row a scenario"))
        found += self._side.get(name, [])
        return told(found, len(found))

    def rows_of(self, table: str, name: str) -> list[dict[str, Any]]:
        """The rows of a side table that belong to a situation."""
        if table not in self._tables:
            return []
        frame, places = self._tables[table].places
        if name not in places:
            return []
        start, end = places[name]
        found: list[dict[str, Any]] = frame.slice(start, end - start).to_dicts()
        return found


def joined(paths: Sequence[str]) -> TableSet:
    """The tables of some files. Kept while they do not change."""
    return _joined(tuple((path, stamp(path)) for path in paths))


@lru_cache(maxsize=1)
def _joined(marks: tuple[tuple[str, tuple[int, int]], ...]) -> TableSet:
    return TableSet({Path(path).stem: read_table(path, mark) for path, mark in marks})
