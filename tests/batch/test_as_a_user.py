"""What a person meets: a course's folder of files, places in messages, pipes, slips of the pen."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner, Result

from cli import main
from engine.batch.columns import Options
from engine.batch.run import Settings, run
from engine.inference.law import Law
from engine.model.problem import InputError

GOOD = "id: exercise-1\nfacts:\n  act.recruitment: true\n  victim.child: true\n"


def palermo(*args: object) -> Result:
    return CliRunner().invoke(main, ["batch", *map(str, args)])


def records(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


@pytest.fixture
def course(tmp_path: Path) -> Path:
    folder = tmp_path / "course"
    (folder / "group-b").mkdir(parents=True)
    for name in ("anna", "bela", "group-b/cleo"):
        (folder / f"{name}.yaml").write_text(GOOD)
    (folder / "dora.yaml").write_text(GOOD.replace("act.recruitment", "act.recrutment"))
    (folder / "emil.yaml").write_text(GOOD.replace("child: true", "child: yes"))
    (folder / "fina.yml").write_text("id: x\n\tfacts: {}\n")
    (folder / "gus.json").write_text('{"id": "x",\n "facts": }')
    (folder / "hana.yaml").write_bytes(GOOD.encode("utf-16"))
    (folder / "ines.yaml").symlink_to("nowhere.yaml")
    (folder / "essay.docx").write_text("words")
    (folder / "__MACOSX").mkdir()
    (folder / "__MACOSX" / "._anna.yaml").write_bytes(b"\0")
    return folder


def test_each_broken_file_of_a_course_is_named_with_its_line(course: Path) -> None:
    output = course.parent / "out.csv"
    found = palermo(course, "-o", output)
    assert found.exit_code == 2
    where = {
        (Path(str(record["file"])).name, record.get("line"))
        for record in records(course.parent / "out.csv.errors.jsonl")
    }
    assert where == {
        ("dora.yaml", 3),
        ("emil.yaml", 4),
        ("fina.yml", 2),
        ("gus.json", 2),
        ("hana.yaml", 1),
        ("ines.yaml", None),
    }
    assert f"error: {course}/dora.yaml:3: act.recrutment: unknown fact" in found.stderr
    assert "did you mean act.recruitment?" in found.stderr
    assert "did you mean true?" in found.stderr
    assert "passed over: 1 file" in found.stderr
    assert "3 of 9 scenarios assessed" in found.stderr


def test_rows_of_a_folder_name_their_file(course: Path) -> None:
    palermo(course, "-o", course.parent / "out.csv")
    table = pl.read_csv(course.parent / "out.csv")
    assert table["id"].to_list() == ["exercise-1"] * 3
    assert [Path(name).stem for name in table["file"]] == ["anna", "bela", "cleo"]


def test_many_bad_rows_are_counted_by_kind(tmp_path: Path) -> None:
    source = tmp_path / "in.csv"
    rows = "".join(f"r{number},yes\n" for number in range(40))
    source.write_text("id,victim.child\nok,true\n" + rows)
    found = palermo(source, "-o", tmp_path / "o.csv")
    assert f"{source}:3: victim.child: found 'yes'" in found.stderr
    assert "and 28 more bad rows" in found.stderr
    assert "40 times victim.child: found 'yes'" in found.stderr


def test_lines_of_csv_are_those_of_the_file(law: Law, tmp_path: Path) -> None:
    source = tmp_path / "in.csv"
    source.write_bytes(
        b'id,title,victim.child\na,"two\nlines",maybe\n\nb,caf\xe9,true\nc,fine,true\nd,x,y,z\n'
    )
    summary = run([str(source)], tmp_path / "o.csv", law, Options(), Settings(jobs=1))
    assert (summary.good, summary.bad) == (1, 3)
    found = records(tmp_path / "o.csv.errors.jsonl")
    assert [(record["line"], record.get("field")) for record in found] == [
        (2, "victim.child"),
        (5, "title"),
        (7, None),
    ]
    assert "UTF-8" in str(found[1]["message"])


def test_rows_of_parquet_are_named_by_number(law: Law, tmp_path: Path) -> None:
    source = tmp_path / "in.parquet"
    pl.DataFrame({"victim.child": ["true", "perhaps"]}).write_parquet(source)
    summary = run([str(source)], tmp_path / "o.csv", law, Options(), Settings(jobs=1))
    assert [row.place for row in summary.bad_rows] == [f"{source}, row 2"]


def test_keys_of_lines_can_be_kept_or_ignored(law: Law, tmp_path: Path) -> None:
    flat = {"id": "a", "victim.child": True, "coder": "Ann", "page": 3, "remark": "x"}
    document = {"id": "b", "facts": {"victim.child": True}, "coder": "Bo", "remark": ["y"]}
    source = tmp_path / "in.jsonl"
    for rows in ([flat, {"id": "c", "victim.child": True}], [document], [flat, document]):
        source.write_text("".join(json.dumps(row) + "\n" for row in rows))
        options = Options(keep=("coder", "page"), ignore=("remark",))
        summary = run([str(source)], tmp_path / "o.parquet", law, options, Settings(jobs=1))
        assert summary.bad == 0
        table = pl.read_parquet(tmp_path / "o.parquet")
        assert table["coder"].to_list() == [row.get("coder") for row in rows]
        pages = [str(row["page"]) if "page" in row else None for row in rows]
        assert table["page"].to_list() == pages


def test_a_column_of_the_vocabulary_can_be_kept_and_still_counts(law: Law, tmp_path: Path) -> None:
    source, output = tmp_path / "in.csv", tmp_path / "o.csv"
    source.write_text("id,act.recruitment,victim.child\na,true,true\n")
    run([str(source)], output, law, Options(), Settings(jobs=1))
    wanted = pl.read_csv(output)
    run([str(source)], output, law, Options(keep=("victim.child",)), Settings(jobs=1))
    found = pl.read_csv(output)
    assert found["victim.child"].to_list() == [True]
    assert found.drop("victim.child").equals(wanted)


@pytest.mark.parametrize("name", ["bodies", "id"])
def test_a_kept_column_must_not_shadow_one_of_the_output(
    law: Law, tmp_path: Path, name: str
) -> None:
    source = tmp_path / "in.csv"
    source.write_text(f"{name}\nx\n")
    with pytest.raises(InputError, match="of its own"):
        run([str(source)], tmp_path / "o.csv", law, Options(keep=(name,)), Settings(jobs=1))


def test_the_input_is_never_written_over(tmp_path: Path) -> None:
    source = tmp_path / "in.jsonl"
    source.write_text('{"id": "a", "victim.child": true}\n')
    before = source.read_bytes()
    for more in (["-o", source], ["-o", tmp_path / "o.csv", "--errors", source]):
        found = palermo(source, *more)
        assert isinstance(found.exception, InputError)
        assert "written over" in str(found.exception)
        assert source.read_bytes() == before


def test_a_misspelt_part_of_a_document_is_no_flat_row(law: Law, tmp_path: Path) -> None:
    source = tmp_path / "in.jsonl"
    source.write_text('{"id": "a", "fact": {"victim.child": true}}\n')
    run([str(source)], tmp_path / "o.csv", law, Options(), Settings(jobs=1))
    (record,) = records(tmp_path / "o.csv.errors.jsonl")
    assert (record["field"], record["hint"]) == ("fact", "did you mean facts?")


@pytest.mark.parametrize(("sign", "word"), [(";", "semicolons"), ("\t", "tabs")])
def test_other_separators_are_told_apart_from_misspelt_columns(
    law: Law, tmp_path: Path, sign: str, word: str
) -> None:
    source = tmp_path / "in.csv"
    source.write_text(f"id{sign}victim.child\na{sign}true\n")
    with pytest.raises(InputError, match=f"separated by {word}"):
        run([str(source)], tmp_path / "o.csv", law, Options(), Settings(jobs=1))


def test_what_editors_and_spreadsheets_add_is_read(law: Law, tmp_path: Path) -> None:
    """A mark before the first line, line ends of Windows, words in capitals."""
    mark = b"\xef\xbb\xbf"
    (tmp_path / "a.csv").write_bytes(mark + b"id,victim.child\r\na,TRUE\r\nb,False\r\n")
    lines = b'{"id": "a", "victim.child": true}\r\n{"id": "b", "victim.child": false}\r\n'
    (tmp_path / "a.jsonl").write_bytes(mark + lines)
    outputs = []
    for name in ("a.csv", "a.jsonl"):
        summary = run([str(tmp_path / name)], tmp_path / "o", law, Options(), Settings(form="csv"))
        assert (summary.good, summary.bad) == (2, 0)
        outputs.append((tmp_path / "o").read_bytes())
    assert outputs[0] == outputs[1]


def test_a_run_that_stopped_is_begun_anew_once_the_input_is_mended(tmp_path: Path) -> None:
    source, output = tmp_path / "in.csv", tmp_path / "o.csv"
    source.write_text("id,victim.child\na,yes\nb,no\nc,true\n")
    found = palermo(source, "-o", output, "--fail-fast")
    assert "stopped after 1 bad row" in str(found.exception)
    assert found.stderr.count("error:") == 1
    assert "an interrupted run" in str(palermo(source, "-o", output).exception)
    source.write_text("id,victim.child\na,true\nb,false\nc,true\n")
    assert palermo(source, "-o", output).exit_code == 0
    assert pl.read_csv(output).height == 3


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("missing.jsonl", "not there"),
        ("book.xlsx", "known: .jsonl"),
        ("empty.csv", "--template"),
        ("empty.parquet", "not a Parquet file"),
        ("shards", "name its tables one by one"),
        ("nothing", "expected .yaml or .json files"),
    ],
)
def test_an_unusable_input_is_told_plainly(tmp_path: Path, name: str, says: str) -> None:
    for made in ("book.xlsx", "empty.csv", "empty.parquet"):
        (tmp_path / made).touch()
    for made in ("shards", "nothing"):
        (tmp_path / made).mkdir()
    (tmp_path / "shards" / "part-0.parquet").touch()
    found = palermo(tmp_path / name, "-o", tmp_path / "o.csv")
    assert isinstance(found.exception, InputError)
    assert says in str(found.exception)
    assert not (tmp_path / "o.csv").exists()
    assert not (tmp_path / "o.csv.parts").exists()


@pytest.mark.parametrize("output", ["nodir/o.csv", "o.xlsx", "folder"])
def test_an_unusable_output_is_told_before_any_work(tmp_path: Path, output: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "in.jsonl").write_text('{"id": "a"}\n')
    found = palermo(tmp_path / "in.jsonl", "-o", tmp_path / output)
    assert isinstance(found.exception, InputError)


@pytest.mark.parametrize("form", ["jsonl", "csv", "parquet"])
def test_lines_in_and_any_format_out_through_pipes(tmp_path: Path, form: str) -> None:
    lines = b'{"id": "a", "victim.child": true}\n{"id": "b", "victim.child": 3}\n'
    errors = tmp_path / "bad.jsonl"
    found = subprocess.run(
        [sys.executable, "cli.py", "batch", "-", "--format", form, "--errors", str(errors)],
        input=lines,
        capture_output=True,
        check=False,
        env={**os.environ, "POLARS_MAX_THREADS": "1"},
    )
    assert found.returncode == 2
    read = {"jsonl": pl.read_ndjson, "csv": pl.read_csv, "parquet": pl.read_parquet}[form]
    assert read(io.BytesIO(found.stdout))["id"].to_list() == ["a"]
    assert records(errors)[0]["line"] == 2
    assert b"standard input:2: victim.child: found 3" in found.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
def test_a_bar_on_a_terminal_and_none_in_a_pipe(tmp_path: Path) -> None:
    import pty

    source = tmp_path / "in.jsonl"
    source.write_text('{"id": "a", "victim.child": true}\n' * 50)
    command = [sys.executable, "cli.py", "batch", str(source), "-o", str(tmp_path / "o.csv")]
    piped = subprocess.run(command, capture_output=True, text=True, check=True)
    assert piped.stderr == f"50 of 50 scenarios assessed into {tmp_path}/o.csv\n"
    assert piped.stdout == ""
    ours, theirs = pty.openpty()
    child = subprocess.Popen(
        command, stdout=theirs, stderr=theirs, env={**os.environ, "TERM": "xterm"}
    )
    os.close(theirs)
    shown = b""
    while True:
        try:
            piece = os.read(ours, 4096)
        except OSError:  # the other end is closed
            break
        if not piece:
            break
        shown += piece
    os.close(ours)
    assert child.wait() == 0
    for words in (b"50 rows", b"a second", b"left"):
        assert words in shown


def test_a_reader_that_leaves_ends_the_run_quietly(tmp_path: Path) -> None:
    source = tmp_path / "in.jsonl"
    source.write_text("".join(f'{{"id": "{n}", "victim.child": true}}\n' for n in range(2000)))
    command = f"{sys.executable} cli.py batch {source} -j 1; echo code $? >&2"
    found = subprocess.run(
        f"({command}) | head -1", shell=True, capture_output=True, text=True, check=False
    )
    assert found.stdout.startswith('{"id":"0"')
    assert found.stderr == "code 0\n"
