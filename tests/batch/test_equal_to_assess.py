"""A batch gives for every scenario, in every form of input, what ``palermo assess`` gives."""

from __future__ import annotations

import csv
import json
import random
import shutil
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from engine.batch.columns import Options
from engine.batch.rows import row_of
from engine.batch.run import Settings, run
from engine.inference.law import Law
from engine.model.problem import InputError
from engine.reasoning.assess import assess
from engine.report.document import make_result
from engine.rulebase.scenarios import check_scenario, read_scenario, shipped_scenarios
from engine.rulebase.source import Source
from tests.batch.samples import document, document_of_row, wide_row

FULL = Options(provisions=True, explain=True)
Row = dict[str, Any]


@pytest.fixture
def columns_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Trace every structure, however rare, so that the columns are what is tested."""
    monkeypatch.setattr("engine.batch.block.FEW", 1)
    monkeypatch.setattr("engine.batch.documents.FEW", 1)


def expected(law: Law, made: dict[str, Any], options: Options = FULL) -> Row | None:
    try:
        scenario = check_scenario(Source("row", made), law.base, law.reads)
    except InputError:
        return None
    return row_of(scenario, law, options)


def batch(
    law: Law, tmp_path: Path, *inputs: Path, options: Options = FULL, jobs: int = 1
) -> list[Row]:
    output = tmp_path / "out.parquet"
    run([str(name) for name in inputs], output, law, options, Settings(jobs=jobs))
    return pl.read_parquet(output).drop("file", strict=False).to_dicts()


def agree(found: list[Row], wanted: list[Row]) -> None:
    assert [row["id"] for row in found] == [row["id"] for row in wanted]
    for one, other in zip(found, wanted, strict=True):
        assert one == other


def lines(path: Path, rows: list[Any]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    "options",
    [FULL, Options(strict=True), Options(doctrine=(("slavery_test", "legal_ownership_siliadin"),))],
)
@pytest.mark.usefixtures("columns_only")
def test_wide_rows(law: Law, tmp_path: Path, options: Options) -> None:
    rng = random.Random(11)
    rows = [wide_row(rng, law, number) for number in range(120)]
    wanted = [expected(law, document_of_row(row, law), options) for row in rows]
    assert None not in wanted
    found = batch(law, tmp_path, lines(tmp_path / "wide.jsonl", rows), options=options)
    agree(found, wanted)  # type: ignore[arg-type]


def test_wide_rows_in_every_form_of_table(law: Law, tmp_path: Path) -> None:
    rng = random.Random(12)
    rows = [wide_row(rng, law, number) for number in range(80)]
    wanted = [expected(law, document_of_row(row, law)) for row in rows]
    frame = pl.DataFrame(rows, infer_schema_length=None)
    frame.write_parquet(tmp_path / "text_dates.parquet")
    dated = frame.with_columns(pl.col("start", "end").str.to_date())
    dated.write_parquet(tmp_path / "dated.parquet", row_group_size=30)
    frame.write_csv(tmp_path / "table.csv")
    frame.write_ndjson(tmp_path / "nulls.jsonl")
    for name in ("text_dates.parquet", "dated.parquet", "table.csv", "nulls.jsonl"):
        agree(batch(law, tmp_path, tmp_path / name), wanted)  # type: ignore[arg-type]


@pytest.mark.parametrize("seed", [1, 2, 4])
@pytest.mark.usefixtures("columns_only")
def test_documents_of_one_form(
    law: Law, tmp_path: Path, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Short units, so that the form learnt from the first is used on the others."""
    monkeypatch.setattr("engine.batch.units.LINES_BYTES", 1 << 16)
    rng = random.Random(seed)
    made = [document(rng, law, number, shape=seed) for number in range(60)]
    wanted = [row for row in (expected(law, one) for one in made) if row is not None]
    assert len(wanted) > 10
    agree(batch(law, tmp_path, lines(tmp_path / "d.jsonl", made)), wanted)


def test_documents_of_many_forms(law: Law, tmp_path: Path) -> None:
    rng = random.Random(5)
    made = [document(rng, law, number) for number in range(120)]
    wanted = [row for row in (expected(law, one) for one in made) if row is not None]
    found = batch(law, tmp_path, lines(tmp_path / "d.jsonl", made))
    agree(found, wanted)
    folder = tmp_path / "folder"
    folder.mkdir()
    for one in made:
        (folder / f"{one['id']}.json").write_text(json.dumps(one))
    by_name = sorted(wanted, key=lambda row: f"{row['id']}.json")
    agree(batch(law, tmp_path, folder), by_name)


def test_every_shipped_scenario(law: Law, tmp_path: Path) -> None:
    paths = shipped_scenarios()
    wanted = [row_of(read_scenario(path, law.base, law.reads), law, FULL) for path in paths]
    folder = tmp_path / "scenarios"
    folder.mkdir()
    for number, path in enumerate(paths):
        shutil.copy(path, folder / f"{number:03}.yaml")
    agree(batch(law, tmp_path, folder), wanted)


def test_a_row_is_what_assess_publishes(law: Law) -> None:
    """The plain way itself, against the published document."""
    for path in shipped_scenarios():
        scenario = read_scenario(path, law.base, law.reads)
        result = make_result(assess(scenario, law, engine="planes"))
        row = row_of(scenario, law, Options())
        for name, found in result.classifications.items():
            assert row[name] == found.outcome
            assert str(row[f"{name}.contested"]).split() == found.contested
        assert row["icc.jurisdiction"] == result.icc.jurisdiction
        assert row["icc.admissible"] == result.icc.admissible
        assert str(row["bodies"]).split() == [body.id for body in result.bodies]


def test_the_order_and_the_bytes_do_not_depend_on_the_number_of_processes(
    law: Law, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.batch.units.LINES_BYTES", 1 << 14)
    rng = random.Random(3)
    source = lines(tmp_path / "w.jsonl", [wide_row(rng, law, number) for number in range(150)])
    outputs = []
    for jobs in (1, 2, 3):
        output = tmp_path / f"{jobs}.parquet"
        run([str(source)], output, law, Options(), Settings(jobs=jobs))
        outputs.append(output.read_bytes())
    assert outputs[0] == outputs[1] == outputs[2]


def test_csv_and_json_lines_hold_the_same_as_parquet(law: Law, tmp_path: Path) -> None:
    rng = random.Random(4)
    source = lines(tmp_path / "w.jsonl", [wide_row(rng, law, number) for number in range(60)])
    for suffix in ("parquet", "csv", "jsonl"):
        run([str(source)], tmp_path / f"o.{suffix}", law, Options(), Settings(jobs=1))
    frame = pl.read_parquet(tmp_path / "o.parquet")
    with (tmp_path / "o.csv").open(newline="") as file:
        table = list(csv.DictReader(file))
    assert table == [{k: v or "" for k, v in row.items()} for row in frame.to_dicts()]
    assert [json.loads(line) for line in (tmp_path / "o.jsonl").open()] == frame.to_dicts()
