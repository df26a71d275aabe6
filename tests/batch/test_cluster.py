"""A real scheduler with workers: the same bytes, also when one is lost; plain errors otherwise."""

from __future__ import annotations

import json
import pickle
import random
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from engine.api import run_batch
from engine.batch.cluster import on_cluster, work_on
from engine.batch.columns import Options
from engine.batch.pool import Job
from engine.batch.run import Settings, run
from engine.batch.units import Unit
from engine.inference.law import Law
from engine.model.problem import InputError, Problem
from tests.batch.samples import wide_row

distributed = pytest.importorskip("distributed")


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    with distributed.LocalCluster(
        n_workers=2,
        threads_per_worker=1,
        processes=True,
        dashboard_address=None,
        worker_dashboard_address=None,
    ) as found:
        yield found


@pytest.fixture
def rows(law: Law, monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    monkeypatch.setattr("engine.batch.units.LINES_BYTES", 1 << 14)
    monkeypatch.setattr("engine.batch.units.CSV_BYTES", 1 << 14)
    rng = random.Random(23)
    made = [wide_row(rng, law, number) for number in range(120)]
    made[17]["act.recruitment"] = "often"
    return made


def test_a_lost_worker_changes_no_byte(
    law: Law, tmp_path: Path, rows: list[dict[str, Any]], cluster: Any
) -> None:
    source = tmp_path / "w.jsonl"
    source.write_text("".join(json.dumps(row) + "\n" for row in rows))
    run([str(source)], tmp_path / "one.parquet", law, Options(), Settings(jobs=1))
    output = tmp_path / "many.parquet"
    killed = threading.Event()

    def kill(count: int, done: int) -> None:
        if not killed.is_set():
            next(iter(cluster.workers.values())).process.process.kill()
            killed.set()

    summary = run_batch(source, output, law, scheduler=cluster.scheduler_address, progress=kill)
    assert killed.is_set()
    assert (summary.rows, summary.bad) == (120, 1)
    assert output.read_bytes() == (tmp_path / "one.parquet").read_bytes()
    faults = [
        Path(f"{name}.errors.jsonl").read_bytes() for name in (output, tmp_path / "one.parquet")
    ]
    assert faults[0] == faults[1]


def test_tables_travel_and_faults_come_back(
    law: Law, tmp_path: Path, rows: list[dict[str, Any]], cluster: Any
) -> None:
    source = tmp_path / "w.csv"
    pl.DataFrame(rows[:17], infer_schema_length=None).write_csv(source)
    run([str(source)], tmp_path / "one.parquet", law, Options(), Settings(jobs=1))
    output = tmp_path / "many.parquet"
    run_batch(source, output, law, scheduler=cluster.scheduler_address)
    assert output.read_bytes() == (tmp_path / "one.parquet").read_bytes()
    source.write_text("id,act.recrutment\na,true\n")
    with pytest.raises(InputError, match=r"did you mean act\.recruitment"):
        run_batch(source, output, law, scheduler=cluster.scheduler_address)


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:9", "nonsense", "foo://there:1"])
def test_a_scheduler_that_is_not_there_is_said(address: str) -> None:
    with pytest.raises(InputError, match="no Dask scheduler at"), on_cluster(address, patience=0.5):
        pass


def test_a_scheduler_without_workers_is_said() -> None:
    with (
        distributed.LocalCluster(n_workers=0, processes=False, dashboard_address=":0") as empty,
        pytest.raises(InputError, match="has no workers"),
        on_cluster(empty.scheduler_address, patience=0.5),
    ):
        pass


def test_a_worker_of_another_version_refuses(law: Law) -> None:
    with pytest.raises(InputError, match=r"a worker has palermo .*, here it is 9\.9"):
        work_on(Job(law, Options(), None), "key", "9.9", Unit(0, "lines", "-", 0, 0))


def test_errors_travel_between_processes_as_they_are() -> None:
    error = InputError([Problem("a.csv", 3, 1, "found x", "expected y"), Problem("b", 0, 0, "z")])
    again = pickle.loads(pickle.dumps(error))
    assert str(again) == str(error)
    assert again.problems == error.problems
