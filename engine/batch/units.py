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
from typing import Literal

from engine.batch.extras import need
from engine.model.problem import InputError, nearest

Kind = Literal["parquet", "lines", "csv", "files", "tables"]
LINES_BYTES = 16 << 20
CSV_BYTES = 8 << 20
FILES = 256
TABLE_ROWS = 16384
GROUP_ROWS = 1 << 20
_SUFFIXES = {
    ".jsonl": "lines",
    ".ndjson": "lines",
    ".csv": "csv",
    ".parquet": "parquet",
    ".pq": "parquet",
}
DOCUMENTS = (".yaml", ".yml", ".json")
TABLES = ("situation", "episodes", "actors", "states", "charges", "duties")


@dataclass(frozen=True)
class Unit:
    """A piece of the input. ``start`` and ``size`` are bytes, a row group, files or rows.

    ``first`` is the number of its first row where that is known beforehand, else 0. ``head``
    is the header of a CSV file; ``data`` what was read from standard input.
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


@dataclass(frozen=True)
class Input:
    """One thing named on the command line: a file, a folder, a set of tables, or ``-``."""

    kind: Kind
    path: str
    files: tuple[str, ...] = ()
    bytes: int = 0

    @property
    def stamps(self) -> list[tuple[str, int, int]]:
        """Each file's name, size and time of change: what a run relies on."""
        if self.path == "-":
            return [("-", 0, 0)]
        return [(name, *stamp(name)) for name in self.files or (self.path,)]


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
    tables = _as_tables([str(file) for file in sorted(path.iterdir()) if file.is_file()])
    if tables:
        return tables
    files = sorted(
        str(file) for file in path.rglob("*") if file.suffix.lower() in DOCUMENTS and file.is_file()
    )
    if not files:
        raise InputError.single(
            str(path), "no scenario in this folder", "expected .yaml or .json files"
        )
    return Input("files", str(path), tuple(files), sum(stamp(file)[0] for file in files))


def _as_tables(names: Sequence[str]) -> Input | None:
    """The files of a scenario set in tables, if one of them is the table of situations."""
    found = {
        Path(name).stem: name for name in names if Path(name).suffix in (".csv", ".parquet", ".pq")
    }
    if "situation" not in found:
        return None
    wrong = [name for stem, name in found.items() if stem not in TABLES]
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
            yield Unit(0, "lines", item.path, start, end - start, 0, b"", (), None, mark)
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
    with open(item.path, "rb") as file:
        head = _csv_line(file)
        start = file.tell()
        while True:
            data = file.read(CSV_BYTES)
            if not data:
                return
            data += _rest_of_row(file, data)
            yield Unit(0, "csv", item.path, start, len(data), 0, head, (), None, mark)
            start += len(data)


def _csv_line(file: object) -> bytes:
    line: bytes = file.readline()  # type: ignore[attr-defined]
    while line.count(b'"') % 2:
        more = file.readline()  # type: ignore[attr-defined]
        if not more:
            break
        line += more
    return line


def _rest_of_row(file: object, data: bytes) -> bytes:
    if data.endswith(b"\n") and not data.count(b'"') % 2:
        return b""
    rest: bytes = file.readline()  # type: ignore[attr-defined]
    while (data.count(b'"') + rest.count(b'"')) % 2:
        more = file.readline()  # type: ignore[attr-defined]
        if not more:
            break
        rest += more
    return rest


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
        yield Unit(0, "parquet", item.path, group, 1, first, b"", (), None, mark)
        first += size


def _files(item: Input) -> Iterator[Unit]:
    for start in range(0, len(item.files), FILES):
        yield Unit(
            0, "files", item.path, start, FILES, start, b"", item.files[start : start + FILES]
        )


def _tables(item: Input) -> Iterator[Unit]:
    from engine.batch.tables import count_rows

    rows = count_rows(item.files[0])
    for start in range(0, rows, TABLE_ROWS):
        yield Unit(
            0, "tables", item.path, start, min(TABLE_ROWS, rows - start), start, b"", item.files
        )


_CUT = {
    "lines": _lines,
    "csv": _csv,
    "parquet": _parquet,
    "files": _files,
    "tables": _tables,
}
