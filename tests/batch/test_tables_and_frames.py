"""Scenarios set in tables, the Python API, and a cluster: the same rows as documents give."""

from __future__ import annotations

import csv
import json
import random
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pytest

from engine.batch.columns import Options
from engine.batch.frames import assess_frame, assess_many, record_batches
from engine.batch.run import Settings, Summary, run
from engine.inference.law import Law
from engine.model.problem import InputError
from tests.batch.samples import document, wide_row


def write_tables(folder: Path, documents: list[dict[str, Any]]) -> None:
    tables: dict[str, list[dict[str, Any]]] = {
        "situation": [],
        "actors": [],
        "states": [],
        "episodes": [],
        "charges": [],
    }

    def cells(facts: dict[str, Any]) -> dict[str, Any]:
        return {
            name: str(value).lower() if isinstance(value, bool) else value
            for name, value in facts.items()
        }

    for made in documents:
        name = made["id"]
        tables["situation"].append({"id": name, **made["dates"], **cells(made["facts"])})
        for actor, part in made["actors"].items():
            tables["actors"].append({"id": name, "actor": actor, **cells(part["facts"])})
        for code, part in made["states"].items():
            tables["states"].append({"id": name, "state": code, **cells(part["facts"])})
        for episode, part in made["episodes"].items():
            own = {"id": name, "episode": episode}
            tables["episodes"].append(
                {**own, "actors": ";".join(part["actors"]), **cells(part["facts"])}
            )
            for actor, facts in part["charges"].items():
                tables["charges"].append({**own, "actor": actor, **cells(facts)})
    for name, rows in tables.items():
        columns = list(dict.fromkeys(key for row in rows for key in row)) or ["id"]
        with (folder / f"{name}.csv").open("w", newline="") as file:
            writer = csv.DictWriter(file, columns)
            writer.writeheader()
            writer.writerows(rows)


def plain_documents(law: Law, count: int, seed: int = 21) -> list[dict[str, Any]]:
    rng = random.Random(seed)
    found = []
    for number in range(count):
        made = document(rng, law, number)
        made["title"] = ""
        for part in made["states"].values():
            part["treaties"] = {}
        for part in [*made["actors"].values(), *made["episodes"].values()]:
            part["facts"] = {k: v for k, v in part["facts"].items() if isinstance(v, bool | int)}
            part.pop("start", None)
        found.append(made)
    return found


def test_tables_give_what_documents_give(law: Law, tmp_path: Path) -> None:
    made = plain_documents(law, 60)
    folder = tmp_path / "tables"
    folder.mkdir()
    write_tables(folder, made)
    lines = tmp_path / "d.jsonl"
    lines.write_text("".join(json.dumps(one) + "\n" for one in made))
    found = []
    for name, source in (("a", folder), ("b", lines)):
        run([str(source)], tmp_path / f"{name}.jsonl", law, Options(), Settings(jobs=1))
        found.append((tmp_path / f"{name}.jsonl").read_text())
    assert found[0] == found[1]
    assert found[0].count("\n") > 30


def test_frames_and_lines_and_batches_agree(law: Law, tmp_path: Path) -> None:
    rng = random.Random(22)
    rows = [wide_row(rng, law, number) for number in range(60)]
    source = tmp_path / "w.jsonl"
    source.write_text("".join(json.dumps(row) + "\n" for row in rows))
    run([str(source)], tmp_path / "o.parquet", law, Options(), Settings(jobs=1))
    wanted = pl.read_parquet(tmp_path / "o.parquet").to_dicts()
    frame = pl.DataFrame(rows, infer_schema_length=None)
    assert assess_frame(frame, law).cast({pl.Categorical: pl.String}).to_dicts() == wanted
    table = frame.to_arrow(compat_level=pl.CompatLevel.oldest())
    assert assess_frame(table, law).to_pylist() == wanted
    slices = [
        batch
        for start in (0, 13)
        for batch in table.slice(start, 13 if start == 0 else 47).to_batches()
    ]
    assert pa.Table.from_batches(record_batches(slices)).to_pylist() == wanted


def test_many_documents_in_order(law: Law) -> None:
    made = plain_documents(law, 20)
    rows = list(assess_many(iter(made), law))
    assert [row["id"] for row in rows] == [one["id"] for one in made]
    with pytest.raises(InputError, match="unknown fact"):
        list(assess_many([{"id": "x", "facts": {"nope": True}}], law))


def tables_of(folder: Path, **texts: str | bytes) -> Path:
    folder.mkdir()
    for name, text in texts.items():
        data = text if isinstance(text, bytes) else text.encode()
        (folder / f"{name}.csv").write_bytes(data)
    return folder


def assessed(folder: Path, law: Law) -> tuple[list[str], list[dict[str, Any]], Summary]:
    output = folder.with_suffix(".jsonl")
    summary = run([str(folder)], output, law, Options(), Settings(jobs=1))
    told = summary.errors_file.read_text() if summary.errors_file else ""
    faults = [json.loads(line) for line in told.splitlines()]
    ids = [json.loads(line)["id"] for line in output.read_text().splitlines()]
    assert (summary.good, summary.faults) == (len(ids), len(faults))
    return ids, [{**one, "file": Path(one["file"]).name} for one in faults], summary


def test_a_row_that_belongs_to_no_situation_stops_no_other(law: Law, tmp_path: Path) -> None:
    folder = tables_of(
        tmp_path / "set",
        situation="id,victim.child\ncase-a,true\ncase-b,false\n",
        episodes='id,episode,note\ncase-a,e1,"two\nlines"\ncase-x,e1,\n,e1,\ncase-b,e1,\n',
        actors="id,actor\ncase-aa,boss\n",
    )
    ids, faults, summary = assessed(folder, law)
    assert ids == ["case-a", "case-b"]
    assert (summary.rows, summary.bad) == (2, 3)
    assert [(one["file"], one["line"], one.get("id"), one["message"]) for one in faults] == [
        ("episodes.csv", 4, "case-x", "case-x is the id of no situation"),
        ("episodes.csv", 5, None, "a row of episodes has no id"),
        ("actors.csv", 2, "case-aa", "case-aa is the id of no situation"),
    ]
    assert faults[2]["hint"] == "did you mean case-a?"


def test_a_spoilt_row_of_a_table_spoils_its_scenario_alone(law: Law, tmp_path: Path) -> None:
    folder = tables_of(
        tmp_path / "set",
        situation=b"id,victim.child,title\na,true,\nb,true\nc,true,\xe9t\xe9\nd,true,\ne,true,\n"
        b"f,true,\n,true,\ng,true,\ng,false,\n",
        actors="id,actor\na,boss\nb,boss\nc,boss\nd\n\ne,boss\nz,one,two\n",
        states=b"id,state,name\na,GRC,\nf,GRC,\xff\ng,GRC,\n",
    )
    ids, faults, summary = assessed(folder, law)
    assert ids == ["a", "e"]
    assert (summary.rows, summary.bad) == (9, 8)
    assert [
        (one["file"], one.get("line", one.get("row")), one.get("id"), one["message"])
        for one in faults
    ] == [
        ("situation.csv", 3, "b", "the row has 2 fields"),
        ("situation.csv", 4, "c", "not UTF-8 text"),
        ("actors.csv", 5, "d", "the row has 1 fields"),
        ("states.csv", 3, "f", "not UTF-8 text"),
        ("situation.csv", 7, None, "the row has no id"),
        ("situation.csv", 8, "g", "the id g is there more than once"),
        ("situation.csv", 9, "g", "the id g is there more than once"),
        ("actors.csv", 8, "z", "the row has 3 fields"),
    ]
    alone = tables_of(
        tmp_path / "alone",
        situation="id,victim.child,title\na,true,\ne,true,\n",
        actors="id,actor\na,boss\ne,boss\n",
        states="id,state,name\na,GRC,\n",
    )
    run([str(alone)], tmp_path / "wanted.jsonl", law, Options(), Settings(jobs=1))
    assert (tmp_path / "set.jsonl").read_text() == (tmp_path / "wanted.jsonl").read_text()


@pytest.mark.parametrize(
    ("rows", "spoilt"),
    [
        ('a,boss\nb,"boss\nc,boss\nd,boss\ne,boss\n', "bcde"),
        ('a,boss\nb,"boss\nc,boss\nd,"boss\ne,boss\n', "bcd"),
        ('a,boss\n"b,boss\nc,boss\nd,boss\ne,boss\n', "bcde"),
        ('a,boss\nb,"boss\nc,"x",boss\nd,boss\ne,boss\n', "bc"),
        ('a,boss\nb,"the\nboss"\nc,the 5" boss\nd,"boss ""x"\ne,boss\n', ""),
        ('a,boss\nb,"boss' + "\nc,boss" * 40_000 + "\n", "bc"),
    ],
)
def test_an_open_quotation_mark_spoils_every_scenario_whose_row_it_takes_in(
    law: Law, tmp_path: Path, rows: str, spoilt: str
) -> None:
    folder = tables_of(
        tmp_path / "set",
        situation="id,victim.child\n" + "".join(f"{name},true\n" for name in "abcde"),
        actors="id,actor\n" + rows,
    )
    ids, faults, _ = assessed(folder, law)
    assert ids == [name for name in "abcde" if name not in spoilt]
    assert [(one["file"], one["line"], one["id"]) for one in faults] == [
        ("actors.csv", 3, name) for name in spoilt
    ]


def test_rows_astray_are_told_where_there_is_no_situation_at_all(law: Law, tmp_path: Path) -> None:
    folder = tables_of(tmp_path / "set", situation="id\n", actors="id,actor\na,boss\n")
    ids, faults, summary = assessed(folder, law)
    assert (ids, summary.rows, summary.bad) == ([], 0, 1)
    assert faults[0]["line"] == 2


def test_rows_astray_in_parquet_are_named_by_their_number_in_any_unit(
    law: Law, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.batch.units.TABLE_ROWS", 3)
    folder = tmp_path / "set"
    folder.mkdir()
    names = [f"s{number}" for number in range(8)]
    pl.DataFrame({"id": names, "victim.child": [True] * 8}).write_parquet(
        folder / "situation.parquet"
    )
    pl.DataFrame({"id": ["s1", "x", "s2", "y"], "actor": ["boss"] * 4}).write_parquet(
        folder / "actors.parquet"
    )
    ids, faults, summary = assessed(folder, law)
    assert ids == names
    assert (summary.rows, summary.bad) == (8, 2)
    assert [(one["file"], one["row"], one["id"]) for one in faults] == [
        ("actors.parquet", 2, "x"),
        ("actors.parquet", 4, "y"),
    ]
