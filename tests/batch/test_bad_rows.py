"""Bad rows never stop good rows, and each says what is wrong with it."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner

from cli import main
from engine.batch.columns import Options
from engine.batch.faults import TOLD
from engine.batch.run import Settings, run
from engine.inference.law import Law
from engine.model.problem import InputError

GOOD = {"id": "good", "act.recruitment": True, "victim.child": True}


def records(output: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in (output.parent / f"{output.name}.errors.jsonl").open()]


@pytest.mark.parametrize(
    ("line", "field", "says"),
    [
        ('{"id": "x", "act.recruitment": "yes"}', "act.recruitment", "expected true, false"),
        ('{"id": "x", "act.recruitment": 1}', "act.recruitment", "expected true, false"),
        ('{"id": "x", "act.recrutment": true}', "act.recrutment", "unknown fact"),
        ('{"id": "x", "act.recruitment": true, "act.recruitment": true}', None, "given twice"),
        ('{"id": "x", "forum.type": "moon"}', "forum.type", "expected one of"),
        ('{"id": "x", "victim.count": -1}', "victim.count", "whole number"),
        ('{"id": "x", "state": "XX1"}', "states.XX1", "ISO"),
        ('{"id": "x", "act.recruitment": true, "treaties": "crc"}', None, "no State"),
        ('{"id": "x", "start": "2001-02-30", "act.recruitment": true}', "dates.start", "date"),
        (
            '{"id": "x", "start": "2003-01-01", "end": "2001-01-01", "act.receipt": true}',
            "dates.end",
            "before",
        ),
        ('{"id": 3, "act.recruitment": true}', "id", "text"),
        ("{nonsense", None, "not JSON"),
        ("[1, 2]", None, "a scenario is a map"),
        ('{"id": "x", "facts": {"act.recruitment": "maybe"}}', "act.recruitment", "expected true"),
    ],
)
def test_a_bad_line_among_good_ones(
    law: Law, tmp_path: Path, line: str, field: str | None, says: str
) -> None:
    source, output = tmp_path / "in.jsonl", tmp_path / "out.csv"
    source.write_text(f"{json.dumps(GOOD)}\n{line}\n{json.dumps(GOOD)}\n")
    summary = run([str(source)], output, law, Options(), Settings(jobs=1))
    assert (summary.good, summary.bad, summary.rows) == (2, 1, 3)
    found = records(output)
    assert all(record["line"] == 2 for record in found)
    assert says in str(found[0]["message"])
    assert found[0].get("field") == field
    assert pl.read_csv(output).height == 2


def test_a_table_names_the_row_and_the_column(law: Law, tmp_path: Path) -> None:
    source, output = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_text(
        "id,act.recruitment,victim.count\na,true,3\nb,perhaps,4\nc,false,many\nd,true\ne,,\n"
    )
    summary = run([str(source)], output, law, Options(), Settings(jobs=1))
    assert (summary.good, summary.bad) == (2, 3)
    assert [(record["line"], record.get("field")) for record in records(output)] == [
        (3, "act.recruitment"),
        (4, "victim.count"),
        (5, None),
    ]
    assert pl.read_csv(output)["id"].to_list() == ["a", "e"]


def test_a_misspelt_column_is_an_error_before_anything_is_read(law: Law, tmp_path: Path) -> None:
    source = tmp_path / "in.csv"
    source.write_text("id,act.recrutment\na,true\n")
    with pytest.raises(InputError, match=r"did you mean act\.recruitment"):
        run([str(source)], tmp_path / "out.csv", law, Options(), Settings(jobs=1))


def test_columns_can_be_kept_or_ignored(law: Law, tmp_path: Path) -> None:
    source, output = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_text("id,act.recruitment,coder,remark\na,true,Ann,x\n")
    options = Options(keep=("coder",), ignore=("remark",))
    run([str(source)], output, law, options, Settings(jobs=1))
    assert pl.read_csv(output)["coder"].to_list() == ["Ann"]


def test_fail_fast_and_max_errors_leave_no_output(tmp_path: Path) -> None:
    source, output = tmp_path / "in.jsonl", tmp_path / "out.csv"
    source.write_text('{"id": "x", "nope": 1}\n' * 3 + json.dumps(GOOD) + "\n")
    for more in (["--fail-fast"], ["--max-errors", "2"]):
        found = CliRunner().invoke(
            main, ["batch", str(source), "-o", str(output), "--restart", *more]
        )
        assert isinstance(found.exception, InputError)
        assert not output.exists()
    found = CliRunner().invoke(
        main, ["batch", str(source), "-o", str(output), "--restart", "--max-errors", "3"]
    )
    assert found.exit_code == 2
    assert output.exists()


def test_a_row_without_an_id_is_named_by_its_line(law: Law, tmp_path: Path) -> None:
    source, output = tmp_path / "in.jsonl", tmp_path / "out.csv"
    source.write_text('{"victim.child": true}\n{nonsense\n{"victim.child": false}\n')
    run([str(source)], output, law, Options(), Settings(jobs=1))
    assert pl.read_csv(output)["id"].to_list() == [1, 3]


def test_of_a_row_with_very_many_faults_some_are_told_and_the_others_counted(
    law: Law, tmp_path: Path
) -> None:
    source, output = tmp_path / "in.jsonl", tmp_path / "out.csv"
    facts = {f"nothing.of_{number}": True for number in range(1200)}
    facts["act.recrutment"] = True
    many = {"id": "many", "facts": dict(reversed(facts.items()))}
    few = {"id": "few", "facts": dict(list(facts.items())[: TOLD + 1])}
    just = {"id": "just", "facts": dict(list(facts.items())[:TOLD])}
    source.write_text("".join(json.dumps(one) + "\n" for one in (many, GOOD, few, just)))
    summary = run([str(source)], output, law, Options(), Settings(jobs=1))
    assert (summary.good, summary.bad, summary.faults) == (1, 3, 1201 + TOLD + 1 + TOLD)
    assert [row.faults for row in summary.bad_rows] == [1201, TOLD + 1, TOLD]
    assert not any("more fault" in kind for kind in summary.common)
    found = records(output)
    assert found[0]["hint"] == "did you mean act.recruitment?"
    assert found[1]["field"] == "nothing.of_1199"
    lines = [record["line"] for record in found]
    assert lines == [1] * (TOLD + 1) + [3] * (TOLD + 1) + [4] * TOLD
    assert found[TOLD]["message"] == "1,181 more faults in this scenario"
    assert found[2 * TOLD + 1]["message"] == "one more fault in this scenario"


def test_of_a_file_with_very_many_faults_the_first_lines_are_told(law: Law, tmp_path: Path) -> None:
    folder, output = tmp_path / "in", tmp_path / "out.csv"
    folder.mkdir()
    facts = "".join(f"  nothing.of_{number}: true\n" for number in range(300))
    (folder / "a.yaml").write_text("facts:\n" + facts)
    twice = "".join(f"  victim.child: true\n  act.receipt: {n}\n" for n in range(30))
    (folder / "b.yaml").write_text("facts:\n" + twice)
    summary = run([str(folder)], output, law, Options(), Settings(jobs=1))
    assert (summary.bad, summary.faults) == (2, 300 + 58)
    found = records(output)
    assert [record["line"] for record in found[: TOLD + 1]] == list(range(2, TOLD + 3))
    assert len(found) == 2 * (TOLD + 1)
    assert found[-1]["message"] == f"{58 - TOLD} more faults in this scenario"


def test_a_quotation_mark_out_of_place_is_a_bad_row_of_a_table(law: Law, tmp_path: Path) -> None:
    source, output = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_text(
        'id,title,victim.child\na,"two\nlines",true\nb,x\nc,5" long,true\n'
        'd,"torn,true\ne,x,true\nf,"torn,true\ng,"a ""b""",true\nh,"open,true\ni,x,true\n'
    )
    summary = run([str(source)], output, law, Options(), Settings(jobs=1))
    assert [(record["line"], record["message"]) for record in records(output)] == [
        (4, "the row has 2 fields"),
        (6, "a quotation mark is out of place"),
        (10, "the row has 2 fields"),
    ]
    assert pl.read_csv(output)["id"].to_list() == ["a", "c", "g"]
    source.write_text('id,victim.child,title\na,true,x\nb,true,"open\nc,true,x\n')
    summary = run([str(source)], output, law, Options(), Settings(jobs=1))
    assert (summary.good, summary.bad) == (1, 1)
    (fault,) = records(output)
    assert (fault["line"], fault["message"]) == (3, "a quotation mark is out of place")
