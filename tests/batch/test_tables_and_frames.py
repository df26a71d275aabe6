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
from engine.batch.run import Settings, run
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
