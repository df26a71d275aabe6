"""Everything the bulk commands do is one call of the Python API."""

from __future__ import annotations

import io
import json
import random
import re
from pathlib import Path

import polars as pl
import pyarrow as pa
import pytest
from click.testing import CliRunner

from cli import main
from engine import api
from engine.batch.frames import record_batches, result_schema
from engine.inference.law import Law
from engine.model.problem import InputError
from tests.batch import columns_page
from tests.batch.samples import wide_row
from tests.commands import test_lawcheck

BAD = [
    {"id": "a", "victim.child": "true"},
    {"id": None, "victim.child": "maybe"},
    {"id": "c", "victim.child": "false"},
]


def test_a_batch_of_the_api_is_that_of_the_command(law: Law, tmp_path: Path) -> None:
    rng = random.Random(41)
    source = tmp_path / "in.jsonl"
    source.write_text("".join(json.dumps(wide_row(rng, law, n)) + "\n" for n in range(40)))
    options = api.batch_options(strict=True, provisions=True)
    made = api.run_batch(source, tmp_path / "api.parquet", law, options, jobs=1)
    assert (made.rows, made.good, made.bad) == (40, 40, 0)
    assert made.output == tmp_path / "api.parquet"
    command = ["batch", str(source), "-o", str(tmp_path / "cli.parquet"), "--strict"]
    assert CliRunner().invoke(main, [*command, "--provisions"]).exit_code == 0
    assert (tmp_path / "api.parquet").read_bytes() == (tmp_path / "cli.parquet").read_bytes()
    stream = io.BytesIO()
    api.run_batch([source], stream, law, options, jobs=1, form="parquet")
    assert pl.read_parquet(stream.getvalue()).equals(pl.read_parquet(tmp_path / "api.parquet"))
    names = [column.name for column in api.batch_columns(law, options)]
    assert names == pl.read_parquet(tmp_path / "api.parquet").columns
    counts = api.summary(tmp_path / "api.parquet", law, picture=tmp_path / "s.svg")
    assert counts.rows == 40
    assert (tmp_path / "s.svg").exists()


def test_a_sweep_of_the_api(law: Law, tmp_path: Path) -> None:
    scenario = api.parse_scenario("id: x\nfacts: {act.recruitment: true}", law)
    found = api.sweep(
        scenario,
        ["victim.child,means.deception", "serious.max_penalty_years=2,4"],
        law,
        two_valued=True,
        output=tmp_path / "patterns.csv",
        picture=tmp_path / "patterns.svg",
    )
    assert found.patterns == 8
    assert pl.read_csv(tmp_path / "patterns.csv").height == 8
    assert set(found.flips["transnational_offence"]) == {
        "victim.child",
        "means.deception",
        "serious.max_penalty_years",
    }


def test_a_frame_with_bad_rows_raises_all_or_tells_in_a_column(law: Law) -> None:
    frame = pl.DataFrame(BAD)
    with pytest.raises(InputError, match=r"row 2: victim\.child: found 'maybe'"):
        api.assess_frame(frame, law)
    found = api.assess_frame(frame, law, faults=True)
    assert found["id"].to_list() == ["a", "2", "c"]
    assert found["transnational_offence"].is_null().to_list() == [False, True, False]
    assert found["fault"].is_null().to_list() == [True, False, True]
    assert "expected true, false or unknown" in found["fault"][1]
    none = api.assess_frame(frame.filter(pl.col("id").is_null()), law, faults=True)
    assert none.height == 1
    assert api.assess_frame(frame.clear(), law).height == 0
    assert api.assess_frame(frame.clear(), law, faults=True).height == 0


def test_rows_without_id_are_numbered_through_large_frames(
    law: Law, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.batch.frames._ROWS", 10)
    frame = pl.DataFrame({"victim.child": [True, False, None] * 10})
    wanted = [str(number) for number in range(1, 31)]
    assert api.assess_frame(frame, law)["id"].to_list() == wanted
    assert api.assess_frame(frame, law, faults=True)["id"].to_list() == wanted
    bad = pl.DataFrame({"victim.child": ["true"] * 25 + ["often"] + ["true"] * 4})
    with pytest.raises(InputError, match="row 26"):
        api.assess_frame(bad, law)


def test_batches_as_spark_and_ray_hand_them_over(law: Law) -> None:
    """``mapInArrow`` gives an iterator of batches, and wants batches of the declared schema."""
    table = pa.table({"id": ["a", "b", "c", "d"], "victim.child": [True, False, None, True]})
    schema = result_schema(law, plain=True)
    made = list(record_batches(iter(table.to_batches(max_chunksize=2))))
    assert [batch.num_rows for batch in made] == [2, 2]
    assert all(batch.schema == schema for batch in made)
    assert not any(pa.types.is_dictionary(field.type) for field in schema)
    bad = pa.table({"id": ["a", "b"], "victim.child": ["true", "maybe"]})
    told = list(record_batches(bad.to_batches(), faults=True))
    assert told[0].schema == result_schema(law, faults=True, plain=True)
    assert told[0].column("fault").to_pylist()[0] is None
    assert list(record_batches([])) == []
    assert (
        pa.Table.from_batches(record_batches(table.slice(0, 0).to_batches()), schema).num_rows == 0
    )


def test_rules_laid_over_are_used_everywhere(law: Law, tmp_path: Path) -> None:
    """A moot's treaty adds its provision to the output of batches, frames and commands."""
    folder = tmp_path / "moot" / "instruments" / "moot"
    folder.mkdir(parents=True)
    (folder / "instrument.yaml").write_text(test_lawcheck.INSTRUMENT)
    (folder / "article_01.yaml").write_text(test_lawcheck.ARTICLE + test_lawcheck.MISSING)
    source = tmp_path / "in.jsonl"
    source.write_text('{"id": "a", "labour.work_exacted": true, "part.intentional": true}\n')
    output = tmp_path / "o.parquet"
    command = ["batch", str(source), "-o", str(output), "--provisions"]
    found = CliRunner().invoke(main, [*command, "--rules", str(tmp_path / "moot")])
    assert found.exit_code == 0, found.output
    table = pl.read_parquet(output)
    added = set(table.columns) - {
        column.name for column in api.batch_columns(law, api.batch_options(provisions=True))
    }
    assert len(added) == 1
    assert table[added.pop()].to_list() == [True]
    rows = pa.table({"id": ["a"], "labour.work_exacted": [True], "part.intentional": [True]})
    options = api.batch_options(provisions=True)
    overlays = (str(tmp_path / "moot"),)
    made = pa.Table.from_batches(record_batches(rows.to_batches(), options, rules=overlays))
    assert pl.from_arrow(made).equals(table.cast({pl.Categorical: pl.String}))


def test_the_page_lists_the_columns_of_the_law(law: Law) -> None:
    """After a change of the law: ``python -m tests.batch.columns_page``."""
    assert columns_page.PAGE.read_text() == columns_page.page(law)


def test_the_examples_of_the_page_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = Path(__file__).parents[2]
    page = (root / "docs" / "batch.md").read_text()
    blocks = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    assert blocks
    case = (root / "scenarios" / "hypotheticals" / "the-kind-uncle.yaml").read_text()
    (tmp_path / "case.yaml").write_text(case)
    (tmp_path / "cases.csv").write_text("id,victim.child\na,true\nb,false\n")
    monkeypatch.chdir(tmp_path)
    for block in blocks:
        exec(compile(block, "docs/batch.md", "exec"), {})
    assert (tmp_path / "results.parquet").exists()
