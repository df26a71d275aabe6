"""Damaged files never end in anything but a plain message, and never cost a good row."""

from __future__ import annotations

import io
import json
import random
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.batch.columns import Options
from engine.batch.run import Settings, Summary, run
from engine.inference.law import Law
from engine.model.problem import InputError
from tests.batch.samples import document, wide_row
from tests.strategies import examples

ROWS = 8
OPTIONS = Options()


def assessed(law: Law, source: Path) -> tuple[list[dict[str, Any]], Summary] | None:
    """The rows of a run and its summary, or ``None`` where the whole file is refused."""
    stream = io.BytesIO()
    try:
        summary = run([str(source)], stream, law, OPTIONS, Settings(jobs=1))
    except InputError:
        return None
    rows = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert summary.good == len(rows)
    assert summary.good + summary.bad <= summary.rows
    return rows, summary


@cache
def flat(law_id: int) -> list[dict[str, Any]]:
    from engine.api import load_law

    rng = random.Random(51)
    return [wide_row(rng, load_law(), number) for number in range(ROWS)]


@cache
def documents(law_id: int) -> list[dict[str, Any]]:
    from engine.api import load_law

    rng = random.Random(52)
    return [document(rng, load_law(), number) for number in range(ROWS)]


def as_lines(rows: list[dict[str, Any]]) -> bytes:
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


def as_csv(rows: list[dict[str, Any]]) -> bytes:
    return pl.DataFrame(rows, infer_schema_length=None).write_csv().encode()


def as_parquet(rows: list[dict[str, Any]]) -> bytes:
    sink = io.BytesIO()
    pl.DataFrame(rows, infer_schema_length=None).write_parquet(sink, row_group_size=3)
    return sink.getvalue()


Change = tuple[float, str, bytes]
CHANGES = st.lists(
    st.tuples(
        st.floats(0, 1, exclude_max=True),
        st.sampled_from(["replace", "insert", "delete", "cut", "repeat"]),
        st.binary(min_size=1, max_size=4)
        | st.sampled_from(
            [
                *(
                    b'"',
                    b",",
                    b"\n",
                    b"\r\n",
                    b"\0",
                    b"{",
                    b"}",
                    b"[",
                    b":",
                    b"null",
                    b"-1",
                    b"1e999",
                ),
                *(
                    b"\xff",
                    b"\xed\xa0\x80",
                    b"\\ud800",
                    b"\xef\xbb\xbf",
                    b"NaN",
                    b"1e999",
                    b"true",
                    b'""',
                ),
                *(b"9" * 40, b'{"a":' * 50, b"'", b";", b"unknown", b"2001-02-30", b" ", b"\t"),
            ]
        ),
    ),
    min_size=1,
    max_size=4,
)


def changed(data: bytes, changes: list[Change]) -> bytes:
    for share, what, piece in changes:
        place = int(share * len(data))
        if what == "replace":
            data = data[:place] + piece + data[place + len(piece) :]
        elif what == "insert":
            data = data[:place] + piece + data[place:]
        elif what == "delete":
            data = data[:place] + data[place + len(piece) :]
        elif what == "repeat":
            data = data[:place] + data[place : place + 60] + data[place:]
        else:
            data = data[:place]
    return data


FORMS: list[tuple[str, Callable[[list[dict[str, Any]]], bytes], Any]] = [
    ("jsonl", as_lines, flat),
    ("jsonl", as_lines, documents),
    ("csv", as_csv, flat),
    ("parquet", as_parquet, flat),
]
NAMES = ["flat lines", "documents", "csv", "parquet"]


@pytest.mark.parametrize(("suffix", "write", "rows"), FORMS, ids=NAMES)
def test_a_damaged_file_is_read_or_refused(
    law: Law,
    tmp_path: Path,
    suffix: str,
    write: Callable[[list[dict[str, Any]]], bytes],
    rows: Any,
) -> None:
    source = tmp_path / f"in.{suffix}"
    whole = write(rows(id(law)))

    @examples(40)
    @given(CHANGES)
    def check(changes: list[Change]) -> None:
        source.write_bytes(changed(whole, changes))
        assessed(law, source)

    check()


@pytest.mark.parametrize(("suffix", "write", "rows"), FORMS[:3], ids=NAMES[:3])
def test_damage_in_one_row_costs_no_other(
    law: Law,
    tmp_path: Path,
    suffix: str,
    write: Callable[[list[dict[str, Any]]], bytes],
    rows: Any,
) -> None:
    """Whatever happens inside one line, all other lines have the results they had."""
    source = tmp_path / f"in.{suffix}"
    lines = write(rows(id(law))).splitlines(keepends=True)
    head = int(suffix == "csv")
    source.write_bytes(b"".join(lines))
    found = assessed(law, source)
    assert found is not None
    before = {row["id"]: row for row in found[0]}

    @examples(40)
    @given(st.integers(0, ROWS - 1), CHANGES)
    def check(number: int, changes: list[Change]) -> None:
        line = changed(lines[number + head].rstrip(b"\n"), changes)
        for letter in b"\r\n" + (b'"' if head else b""):
            line = line.replace(bytes([letter]), b"")
        parts = [*lines[: number + head], line + b"\n", *lines[number + head + 1 :]]
        source.write_bytes(b"".join(parts))
        after = assessed(law, source)
        assert after is not None
        hurt = rows(id(law))[number]["id"]
        others = {row["id"]: row for row in after[0]}
        for name, row in before.items():
            if name != hurt:
                assert others[name] == row

    check()


def test_damage_in_one_file_of_a_folder_costs_no_other(law: Law, tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    made = documents(id(law))
    for one in made:
        (folder / f"{one['id']}.json").write_text(json.dumps(one, indent=1))
        (folder / f"{one['id']}-y.yaml").write_text(json.dumps(one | {"id": f"{one['id']}-y"}))
    paths = sorted(folder.iterdir())
    found = assessed(law, folder)
    assert found is not None
    before = {row["file"]: row for row in found[0]}

    @examples(25)
    @given(st.integers(0, len(paths) - 1), CHANGES)
    def check(number: int, changes: list[Change]) -> None:
        path = paths[number]
        whole = path.read_bytes()
        path.write_bytes(changed(whole, changes))
        after = assessed(law, folder)
        path.write_bytes(whole)
        assert after is not None
        others = {row["file"]: row for row in after[0]}
        for name, row in before.items():
            if name != str(path):
                assert others[name] == row

    check()
