"""The input cut into units: pieces small enough to hold, the same however a run is organised.

A unit names where its rows are; whoever works on it reads them there. Only standard input is
read here, as it can be read once.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO, Literal

from engine.batch.extras import need
from engine.model.problem import InputError, nearest

Kind = Literal["parquet", "lines", "csv", "files", "tables"]
LINES_BYTES = 64 << 20
CSV_BYTES = 8 << 20
FILES = 256
TABLE_ROWS = 16384
GROUP_ROWS = 1 << 17
_SUFFIXES = {
    ".jsonl": "lines",
    ".ndjson": "lines",
    ".csv": "csv",
    ".parquet": "parquet",
    ".pq": "parquet",
}
_TABLE_SUFFIXES = (".csv", ".parquet", ".pq")
DOCUMENTS = (".yaml", ".yml", ".json")
TABLES = ("situation", "episodes", "actors", "states", "charges", "duties")


@dataclass(frozen=True)
class Unit:
    """A piece of the input. ``start`` and ``size`` are bytes, files or rows;
    for Parquet ``start`` is a row group, -1 where it is a piece of one, and ``size`` its rows.

    ``first`` is the number of its first row where that is known beforehand, else 0. ``head``
    is the header of a CSV file; ``data`` what was read from standard input. ``line`` is the line
    of its file on which the unit begins, where rows are not lines; ``weight`` its share of the
    bytes of the input.
    """

    number: int
    kind: Kind
    path: str
    start: int
    size: int
    first: int = 0
    head: bytes = b""
    files: tuple[str, ...] = ()
    data: bytes | None = None
    stamp: tuple[int, int] = (0, 0)
    line: int = 0
    weight: int = 0


@dataclass(frozen=True)
class Input:
    """One thing named on the command line: a file, a folder, a set of tables, or ``-``.

    ``passed_over`` are the files of a folder that are not read.
    """

    kind: Kind
    path: str
    files: tuple[str, ...] = ()
    bytes: int = 0
    passed_over: tuple[str, ...] = ()

    @property
    def stamps(self) -> list[tuple[str, int, int]]:
        """Each file's name, size and time of change: what a run relies on."""
        if self.path == "-":
            return [("-", 0, 0)]
        if self.kind == "files":
            return [(name, *_stamp_if_there(name)) for name in self.files]
        return [(name, *stamp(name)) for name in self.files or (self.path,)]


def _stamp_if_there(path: str) -> tuple[int, int]:
    try:
        return stamp(path)
    except InputError:  # one file of many that cannot be read is a bad row, not the end
        return (0, 0)


def stamp(path: str) -> tuple[int, int]:
    """Size and time of change of a file. Raises ``InputError`` when it is not there."""
    try:
        found = os.stat(path)
    except FileNotFoundError:
        raise InputError.single(path, "the input is not there (any more)") from None
    except OSError as error:
        raise InputError.single(path, f"cannot be read: {error.strerror}") from None
    return found.st_size, found.st_mtime_ns


def read_inputs(names: Sequence[str]) -> list[Input]:
    """What the names on the command line stand for. Raises ``InputError``."""
    tables = _as_tables(names)
    if tables:
        return [tables]
    found = []
    for name in names:
        if name == "-":
            found.append(Input("lines", "-"))
            continue
        path = Path(name)
        if path.is_dir():
            found.append(_folder(path))
            continue
        size, _ = stamp(name)
        kind = _SUFFIXES.get(path.suffix.lower())
        if kind:
            found.append(Input(kind, name, bytes=size))  # type: ignore[arg-type]
        elif path.suffix.lower() in DOCUMENTS:
            found.append(Input("files", name, (name,), size))
        else:
            known = [*_SUFFIXES, *DOCUMENTS]
            hint = nearest(path.suffix.lower(), known) or "known: " + ", ".join(known)
            raise InputError.single(
                name, f"what {path.suffix or 'no suffix'} holds is not known", hint
            )
    if not found:
        raise InputError.single(
            "palermo batch", "no input", "name a file, a folder, or - for standard input"
        )
    return found


def _folder(path: Path) -> Input:
    tables = _as_tables(
        [
            str(file)
            for file in sorted(path.iterdir())
            if file.suffix in _TABLE_SUFFIXES and file.is_file() and _shown(file, path)
        ]
    )
    if tables:
        return tables
    there = sorted(file for file in path.rglob("*") if not file.is_dir() and _shown(file, path))
    files = [str(file) for file in there if file.suffix.lower() in DOCUMENTS]
    others = [str(file) for file in there if file.suffix.lower() not in DOCUMENTS]
    if not files:
        other = next((name for name in others if Path(name).suffix.lower() in _SUFFIXES), "")
        raise InputError.single(
            str(path),
            "no scenario in this folder",
            f"name its tables one by one: {path}/*{Path(other).suffix}"
            if other
            else "expected .yaml or .json files",
        )
    size = sum(_stamp_if_there(file)[0] for file in files)
    return Input("files", str(path), tuple(files), size, tuple(others))


def _shown(file: Path, folder: Path) -> bool:
    """Whether a file is meant to be seen: not what file managers and archivers leave behind."""
    parts = file.relative_to(folder).parts
    return not any(part.startswith(".") or part == "__MACOSX" for part in parts)


def _as_tables(names: Sequence[str]) -> Input | None:
    """The files of a scenario set in tables, if one of them is the table of situations."""
    found = {Path(name).stem: name for name in names if Path(name).suffix in _TABLE_SUFFIXES}
    if "situation" not in found:
        return None
    wrong = [name for name in names if Path(name).stem not in TABLES or name not in found.values()]
    if wrong:
        raise InputError.single(wrong[0], "is no table of the set", "tables: " + ", ".join(TABLES))
    files = tuple(found[stem] for stem in TABLES if stem in found)
    return Input("tables", found["situation"], files, sum(stamp(file)[0] for file in files))


def cut(inputs: Sequence[Input]) -> Iterator[Unit]:
    """The units of the inputs, in order, numbered through."""
    number = 0
    for item in inputs:
        for unit in _CUT[item.kind](item):
            yield replace(unit, number=number)
            number += 1


def read_into(unit: Unit, room: Any) -> None:
    """Read the bytes of a unit. Raises ``InputError`` where they are not all there any more."""
    with open(unit.path, "rb", buffering=0) as file:
        file.seek(unit.start)
        done = 0
        while done < unit.size:
            count = file.readinto(room[done:])
            if not count:
                raise InputError.single(unit.path, "the input became shorter while it was read")
            done += count


def place_of(unit: Unit) -> tuple[str, str]:
    """The file that a unit is of, and which of its rows, in words."""
    if unit.kind == "files":
        return unit.path, f"{unit.files[0]} to {unit.files[-1]}"
    if unit.kind in ("parquet", "tables"):
        return unit.path, f"rows {unit.first + 1:,} to {unit.first + unit.size:,}"
    if unit.path == "-":
        return "standard input", f"piece {unit.number + 1:,} of it"
    first = unit.line or 1 + _line_ends(unit.path, 0, unit.start)
    last = first + max(1, _line_ends(unit.path, unit.start, unit.size)) - 1
    return unit.path, f"lines {first:,} to {last:,}"


def _line_ends(path: str, start: int, size: int) -> int:
    found = 0
    with open(path, "rb") as file:
        file.seek(start)
        while size > 0 and (data := file.read(min(size, 1 << 20))):
            found += data.count(b"\n")
            size -= len(data)
    return found


def _lines(item: Input) -> Iterator[Unit]:
    if item.path == "-":
        yield from _stream(sys.stdin.buffer)
        return
    mark = stamp(item.path)
    start = 0
    with open(item.path, "rb") as file:
        while start < mark[0]:
            end = min(start + LINES_BYTES, mark[0])
            if end < mark[0]:
                file.seek(end)
                end += len(file.readline())
            size = end - start
            yield Unit(0, "lines", item.path, start, size, stamp=mark, weight=size)
            start = end


def _stream(file: object) -> Iterator[Unit]:
    rest = b""
    while True:
        data = file.read(LINES_BYTES)  # type: ignore[attr-defined]
        if not data:
            break
        head, line, tail = (rest + data).rpartition(b"\n")
        if not line:
            rest = tail
            continue
        yield Unit(0, "lines", "-", 0, len(head), 0, b"", (), head + line)
        rest = tail
    if rest:
        yield Unit(0, "lines", "-", 0, len(rest), 0, b"", (), rest)


def _csv(item: Input) -> Iterator[Unit]:
    """Cut at line ends that are not inside quotes: before them stands an even number of quotes."""
    mark = stamp(item.path)
    if not mark[0]:
        raise InputError.single(
            item.path, "the file is empty", "`palermo batch --template` prints a header"
        )
    with open(item.path, "rb") as file:
        head = csv_head(file)
        start = file.tell()
        line = head.count(b"\n") + 1
        while True:
            data = file.read(CSV_BYTES)
            if not data:
                return
            data += _rest_of_row(file, data)
            size = len(data)
            yield Unit(
                0, "csv", item.path, start, size, head=head, stamp=mark, line=line, weight=size
            )
            start += size
            line += data.count(b"\n")


def csv_head(file: BinaryIO) -> bytes:
    """The header of a CSV file, line end and all."""
    return _lines_until_even(file, 0)


def _rest_of_row(file: BinaryIO, data: bytes) -> bytes:
    quotes = data.count(b'"')
    if data.endswith(b"\n") and not quotes % 2:
        return b""
    return _lines_until_even(file, quotes)


def _lines_until_even(file: BinaryIO, quotes: int) -> bytes:
    """Lines up to the first after which the number of quotes is even."""
    found = []
    while True:
        line = file.readline()
        found.append(line)
        quotes += line.count(b'"')
        if not line or not quotes % 2:
            return b"".join(found)


def _parquet(item: Input) -> Iterator[Unit]:
    parquet, arrow = need("pyarrow.parquet"), need("pyarrow")
    mark = stamp(item.path)
    try:
        with parquet.ParquetFile(item.path) as file:
            sizes = [
                file.metadata.row_group(n).num_rows for n in range(file.metadata.num_row_groups)
            ]
    except (arrow.ArrowInvalid, OSError) as error:
        raise InputError.single(
            item.path, f"not a Parquet file: {str(error).splitlines()[0]}"
        ) from None
    first = 0
    for group, size in enumerate(sizes):
        pieces = max(1, round(size / GROUP_ROWS))
        for piece in range(pieces):
            rows = size * (piece + 1) // pieces - size * piece // pieces
            weight = item.bytes * rows // max(1, sum(sizes))
            number = -1 if pieces > 1 else group
            yield Unit(0, "parquet", item.path, number, rows, first, stamp=mark, weight=weight)
            first += rows


def _files(item: Input) -> Iterator[Unit]:
    for start in range(0, len(item.files), FILES):
        files = item.files[start : start + FILES]
        weight = item.bytes * len(files) // len(item.files)
        yield Unit(0, "files", item.path, start, len(files), start, files=files, weight=weight)


def _tables(item: Input) -> Iterator[Unit]:
    from engine.batch.tables import count_rows

    rows = count_rows(item.files[0])
    for start in range(0, max(1, rows), TABLE_ROWS):  # rows may be astray with no situation at all
        size = min(TABLE_ROWS, rows - start)
        weight = item.bytes * size // max(1, rows)
        yield Unit(0, "tables", item.path, start, size, start, files=item.files, weight=weight)


_CUT = {
    "lines": _lines,
    "csv": _csv,
    "parquet": _parquet,
    "files": _files,
    "tables": _tables,
}
