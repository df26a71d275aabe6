"""CSV text as a table; rows that cannot be used are set apart and not the end of the file."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from engine.batch.extras import need
from engine.batch.words import FALSE_WORDS, TRUE_WORDS
from engine.model.problem import InputError


def marked(data: bytes) -> tuple[bytes, str]:
    """A piece of text with a mark, used nowhere else in it, in place of what is no UTF-8."""
    try:
        data.decode()
        return data, ""
    except UnicodeDecodeError:
        text = data.decode(errors="surrogateescape")
    mark = next(sign for sign in map(chr, range(0xE000, 0xF900)) if sign not in text)
    return re.sub("[\udc80-\udcff]+", mark, text).encode(), mark


def rows_with(mark: str, table: Any) -> dict[int, str]:
    """The rows of a table that have a mark, each with the first column that has it."""
    arrow, compute, np = need("pyarrow"), need("pyarrow.compute"), need("numpy")
    found: dict[int, str] = {}
    for name, column in zip(table.column_names, table.columns, strict=True):
        if not arrow.types.is_string(column.type):
            continue
        has = compute.match_substring(column, mark).fill_null(False)
        for row in np.flatnonzero(has.to_numpy()).tolist():
            found.setdefault(row, name)
    return dict(sorted(found.items()))


class Uneven(NamedTuple):
    """A row with more or fewer fields than the header: its number (from 0), fields and text."""

    row: int
    fields: int
    text: str


def names_of(head: bytes, path: str) -> list[str]:
    """The names in the header of a CSV file. Raises ``InputError``."""
    try:
        names = next(csv.reader(io.StringIO(head.decode("utf-8-sig"))), [])
    except UnicodeDecodeError:
        raise InputError.single(path, "not UTF-8 text", "save the file as UTF-8") from None
    return [name.strip() for name in names]


def read_csv(data: bytes, types: Mapping[str, Any]) -> tuple[Any, list[Uneven]]:
    """A piece of CSV as a table, and the rows left out of it.

    ``types`` has the type of each column, in order.
    """
    arrow, reader = need("pyarrow"), need("pyarrow.csv")
    uneven: list[Uneven] = []

    def skip(row: Any) -> str:
        uneven.append(Uneven(row.number - 1, row.actual_columns, row.text or ""))
        return "skip"

    table = reader.read_csv(
        arrow.py_buffer(data),
        read_options=reader.ReadOptions(
            column_names=list(types), use_threads=False, block_size=1 << 28
        ),
        parse_options=reader.ParseOptions(newlines_in_values=True, invalid_row_handler=skip),
        convert_options=reader.ConvertOptions(
            column_types=types,
            true_values=TRUE_WORDS,
            false_values=FALSE_WORDS,
            strings_can_be_null=True,
            null_values=[""],
            quoted_strings_can_be_null=True,
        ),
    )
    return table, uneven


def csv_lines(data: bytes, first: int, rows: set[int]) -> dict[int, int]:
    """The lines on which some rows of a piece of CSV begin; its own first line is ``first``."""
    lines = _lines(data)
    return {row: first + begin for row, begin, _ in _records(lines) if row in rows}


TORN = ("a quotation mark is out of place", "close it, or write it twice within quotation marks")
"""What is wrong with a torn row, and what would be right."""


def torn(data: bytes) -> dict[int, str]:
    """The rows of a piece of CSV, with their text, that a quotation mark out of place runs through.

    Such a row takes in the rows after it up to the next quotation mark, wherever that is.
    """
    lines = _lines(data)
    return {
        row: "".join(lines[begin:end])
        for row, begin, end in _records(lines)
        if end - begin > 1 and not _in_order(lines[begin:end])
    }


def _lines(data: bytes) -> list[str]:
    return list(io.StringIO(data.decode(errors="replace"), newline=""))


def _records(lines: Sequence[str]) -> Iterator[tuple[int, int, int]]:
    """Each row of some CSV: its number, and where its lines begin and end."""
    reader = csv.reader(lines)
    before = csv.field_size_limit(1 << 30)
    row = end = 0
    try:
        for cells in reader:
            begin, end = end, reader.line_num
            if cells:
                yield row, begin, end
                row += 1
    finally:
        csv.field_size_limit(before)


def _in_order(lines: Sequence[str]) -> bool:
    try:
        list(csv.reader(lines, strict=True))
    except csv.Error:
        return False
    return True
