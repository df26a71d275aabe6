"""Killed at any moment, out of disk, out of input: nothing is lost and nothing looks finished."""

from __future__ import annotations

import json
import os
import random
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from engine.batch.columns import Options
from engine.batch.run import Settings, run
from engine.inference.law import Law
from engine.model.problem import InputError
from tests.batch.samples import wide_row

MORE = int(os.environ.get("PALERMO_FUZZ", "1"))

SMALL_UNITS = """
import sys
from engine.batch import units
units.LINES_BYTES = 1 << 14
from cli import run
run()
"""


@pytest.fixture
def source(law: Law, tmp_path: Path) -> Path:
    rng = random.Random(8)
    path = tmp_path / "in.jsonl"
    with path.open("w") as file:
        for number in range(400):
            row = wide_row(rng, law, number)
            if number % 50 == 7:
                row["act.recruitment"] = "often"
            file.write(json.dumps(row) + "\n")
    return path


def command(source: Path, output: Path, *more: str) -> list[str]:
    return [
        sys.executable,
        "-c",
        SMALL_UNITS,
        "batch",
        str(source),
        "-o",
        str(output),
        "-j",
        "2",
        *more,
    ]


def test_killed_at_random_moments_and_resumed_the_bytes_are_the_same(
    source: Path, tmp_path: Path
) -> None:
    whole = tmp_path / "whole.parquet"
    subprocess.run(command(source, whole), check=False, capture_output=True)
    started = time.perf_counter()
    subprocess.run(command(source, whole), check=False, capture_output=True)
    usual = time.perf_counter() - started
    wanted = whole.read_bytes(), (tmp_path / "whole.parquet.errors.jsonl").read_bytes()
    rng = random.Random(1)
    output = tmp_path / "killed.parquet"
    killed = 0
    for _ in range(3 * MORE):
        child = subprocess.Popen(
            command(source, output, "--resume"), start_new_session=True, stderr=subprocess.DEVNULL
        )
        time.sleep(usual * rng.uniform(0.3, 0.95))
        if child.poll() is None:
            os.killpg(child.pid, signal.SIGKILL)
            killed += 1
        child.wait()
        if output.exists():
            break
    assert killed or output.exists()
    subprocess.run(command(source, output, "--resume"), check=False, capture_output=True)
    assert (output.read_bytes(), (tmp_path / "killed.parquet.errors.jsonl").read_bytes()) == wanted
    assert not (tmp_path / "killed.parquet.parts").exists()


def test_an_interrupted_run_is_not_thrown_away_unasked(
    law: Law, source: Path, tmp_path: Path
) -> None:
    output = tmp_path / "out.csv"
    (tmp_path / "out.csv.parts").mkdir()
    (tmp_path / "out.csv.parts" / "run.json").write_text("{}")
    (tmp_path / "out.csv.parts" / "00000000-0-00000000.part").touch()
    with pytest.raises(InputError, match="an interrupted run"):
        run([str(source)], output, law, Options(), Settings(jobs=1))
    with pytest.raises(InputError, match="another one"):
        run([str(source)], output, law, Options(), Settings(jobs=1, resume=True))
    run([str(source)], output, law, Options(), Settings(jobs=1, restart=True))
    assert output.exists()


def test_a_damaged_part_is_worked_on_again(
    law: Law, source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.batch.units.LINES_BYTES", 1 << 14)
    output = tmp_path / "out.jsonl"
    run([str(source)], output, law, Options(), Settings(jobs=1))
    wanted = output.read_bytes()
    stopped = Settings(jobs=1, max_errors=3)
    assert run([str(source)], output, law, Options(), stopped).stopped
    parts = sorted((tmp_path / "out.jsonl.parts").glob("*.part"))
    assert len(parts) > 1
    parts[0].write_bytes(parts[0].read_bytes()[:-9])
    run([str(source)], output, law, Options(), Settings(jobs=1, resume=True))
    assert output.read_bytes() == wanted


def test_a_full_disk_is_said_plainly_and_nothing_looks_finished(
    source: Path, tmp_path: Path
) -> None:
    def small() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (4000, 4000))

    output = tmp_path / "out.parquet"
    child = subprocess.run(
        command(source, output), capture_output=True, text=True, preexec_fn=small, check=False
    )
    assert child.returncode == 2
    assert "no space is left" in child.stderr
    assert "Traceback" not in child.stderr
    assert not output.exists()
    subprocess.run(command(source, output, "--resume"), check=False, capture_output=True)
    assert output.exists()


def test_an_input_that_vanishes_or_changes_ends_the_run(
    law: Law, source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.batch.units.LINES_BYTES", 1 << 14)
    output = tmp_path / "out.csv"

    def vanish(rows: int, read: int) -> None:
        source.unlink(missing_ok=True)

    with pytest.raises(InputError, match="not there"):
        run([str(source)], output, law, Options(), Settings(jobs=1), vanish)
    assert not output.exists()
