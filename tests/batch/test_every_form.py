"""The same random scenarios in every form of input: the rows that ``palermo assess`` gives.

A few hundred normally, thousands under ``make fuzz``.
"""

from __future__ import annotations

import io
import json
import os
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import yaml

from engine.api import assess_frame, assess_many
from engine.batch.columns import Options
from engine.batch.run import Settings, run
from engine.inference.law import Law
from engine.rulebase.scenarios import check_scenario
from engine.rulebase.source import Source
from tests.batch.samples import document, document_of_row, wide_row
from tests.batch.test_equal_to_assess import Row, agree, expected
from tests.batch.test_tables_and_frames import plain_documents, write_tables

MORE = int(os.environ.get("PALERMO_FUZZ", "1"))
OPTIONS = Options(provisions=True)


def rows_of(law: Law, source: Path, output: Path, jobs: int = 1) -> list[Row]:
    run([str(source)], output, law, OPTIONS, Settings(jobs=jobs))
    return pl.read_parquet(output).drop("file", strict=False).to_dicts()


def usable(law: Law, made: Iterator[dict[str, Any]], count: int) -> tuple[list[Any], list[Row]]:
    documents, wanted = [], []
    while len(documents) < count:
        one = next(made)
        row = expected(law, one, OPTIONS)
        if row is not None:
            documents.append(one)
            wanted.append(row)
    return documents, wanted


@pytest.mark.parametrize("batch", range(MORE))
def test_flat_rows_in_every_form(
    law: Law, tmp_path: Path, batch: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = random.Random(1000 + batch)
    rows = [wide_row(rng, law, number) for number in range(60)]
    wanted = [expected(law, document_of_row(row, law), OPTIONS) for row in rows]
    frame = pl.DataFrame(rows, infer_schema_length=None)
    lines = "".join(json.dumps(row) + "\n" for row in rows)
    (tmp_path / "lines.jsonl").write_text(lines)
    frame.write_csv(tmp_path / "table.csv")
    frame.write_parquet(tmp_path / "table.parquet", row_group_size=rng.choice([17, 64, 1000]))
    texts = frame.cast({pl.Boolean: pl.String, pl.Int64: pl.String})
    texts.write_parquet(tmp_path / "texts.parquet")
    for name in ("lines.jsonl", "table.csv", "table.parquet", "texts.parquet"):
        agree(rows_of(law, tmp_path / name, tmp_path / "o.parquet"), wanted)  # type: ignore[arg-type]
    stream = io.BytesIO()
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(lines.encode())))
    run(["-"], stream, law, OPTIONS, Settings(jobs=1))
    agree([json.loads(line) for line in stream.getvalue().splitlines()], wanted)  # type: ignore[arg-type]
    agree(assess_frame(frame, law, OPTIONS).to_dicts(), wanted)  # type: ignore[arg-type]


@pytest.mark.parametrize("batch", range(MORE))
def test_documents_in_every_form(law: Law, tmp_path: Path, batch: int) -> None:
    rng = random.Random(2000 + batch)
    shape = rng.choice([None, 1, 2, 3])
    made = (document(rng, law, number, shape=shape) for number in range(10_000))
    documents, wanted = usable(law, made, 30)
    source = tmp_path / "lines.jsonl"
    source.write_text("".join(json.dumps(one) + "\n" for one in documents))
    agree(rows_of(law, source, tmp_path / "o.parquet"), wanted)
    source.write_text("".join(json.dumps(one, separators=(",", ":")) + "\n" for one in documents))
    agree(rows_of(law, source, tmp_path / "o.parquet"), wanted)
    for suffix, write in (("json", json.dumps), ("yaml", yaml.safe_dump)):
        folder = tmp_path / suffix
        folder.mkdir()
        for number, one in enumerate(documents):
            (folder / f"{number:04}.{suffix}").write_text(write(one))
        agree(rows_of(law, folder, tmp_path / "o.parquet"), wanted)
    agree(list(assess_many(documents, law, OPTIONS)), wanted)
    records = [check_scenario(Source("x", one), law.base, law.reads) for one in documents[:10]]
    agree(list(assess_many(records, law, OPTIONS)), wanted[:10])


@pytest.mark.parametrize("batch", range(MORE))
def test_tables_in_both_forms(law: Law, tmp_path: Path, batch: int) -> None:
    made = plain_documents(law, 60, seed=3000 + batch)
    documents, wanted = usable(law, iter(made), 30)
    folder = tmp_path / "csv"
    folder.mkdir()
    write_tables(folder, documents)
    agree(rows_of(law, folder, tmp_path / "o.parquet"), wanted)
    other = tmp_path / "parquet"
    other.mkdir()
    for path in folder.iterdir():
        frame = pl.read_csv(path, infer_schema_length=None, try_parse_dates=batch % 2 == 1)
        frame.write_parquet(other / f"{path.stem}.parquet")
    agree(rows_of(law, other, tmp_path / "o.parquet"), wanted)
