"""Signals, lost processes, two runs at once, a real full disk: told plainly, nothing lost."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from engine.batch.columns import Options
from engine.batch.run import Settings, run
from engine.batch.units import Unit, cut, place_of, read_inputs
from engine.inference.law import Law
from engine.model.problem import InputError
from tests.batch.test_crash import source

__all__ = ["source"]

SLOW_UNITS = """
import time
from engine.batch import units, work
units.LINES_BYTES = 1 << 14
at_once = work.Worker.work
def slow(self, unit):
    time.sleep({pause})
    return at_once(self, unit)
work.Worker.work = slow
from cli import run
run()
"""

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


def begin(source: Path, output: Path, *more: str, pause: float = 0.1) -> subprocess.Popen[str]:
    code = SLOW_UNITS.format(pause=pause)
    command = [sys.executable, "-c", code, "batch", str(source), "-o", str(output), *more]
    return subprocess.Popen(command, stderr=subprocess.PIPE, text=True)


def wait_for_parts(child: subprocess.Popen[str], output: Path, count: int = 3) -> None:
    folder = output.with_name(output.name + ".parts")
    for _ in range(600):
        if len(list(folder.glob("*.part"))) >= count:
            return
        assert child.poll() is None, child.stderr and child.stderr.read()
        time.sleep(0.05)
    raise AssertionError("no parts were written")


def workers_of(child: subprocess.Popen[str]) -> list[int]:
    children = Path(f"/proc/{child.pid}/task/{child.pid}/children").read_text()
    return [int(word) for word in children.split()]


def some_worker(child: subprocess.Popen[str]) -> int:
    for _ in range(100):
        if workers := workers_of(child):
            return workers[-1]
        time.sleep(0.05)
    raise AssertionError("no worker is there")


@pytest.fixture
def wanted(law: Law, source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> bytes:
    monkeypatch.setattr("engine.batch.units.LINES_BYTES", 1 << 14)
    run([str(source)], tmp_path / "whole.parquet", law, Options(), Settings(jobs=1))
    return (tmp_path / "whole.parquet").read_bytes()


def resumed(law: Law, source: Path, output: Path) -> bytes:
    summary = run([str(source)], output, law, Options(), Settings(jobs=1, resume=True))
    assert summary.rows == 400
    assert not output.with_name(output.name + ".parts").exists()
    return output.read_bytes()


def test_ctrl_c_says_how_to_go_on(law: Law, source: Path, tmp_path: Path, wanted: bytes) -> None:
    output = tmp_path / "out.parquet"
    child = begin(source, output, "-j", "2")
    wait_for_parts(child, output)
    workers = workers_of(child)
    child.send_signal(signal.SIGINT)
    _, said = child.communicate(timeout=20)
    assert child.returncode == 130
    assert said == "stopped; the same command with --resume goes on from here\n"
    assert not any(Path(f"/proc/{worker}").exists() for worker in workers)
    assert not output.exists()
    assert resumed(law, source, output) == wanted


@pytest.mark.parametrize("kills", [1, 3])
def test_the_work_of_a_lost_worker_is_done_again(
    source: Path, tmp_path: Path, wanted: bytes, kills: int
) -> None:
    output = tmp_path / "out.parquet"
    child = begin(source, output, "-j", "2", pause=0.2)
    for number in range(kills):
        wait_for_parts(child, output, 3 + 4 * number)
        os.kill(some_worker(child), signal.SIGKILL)
    _, said = child.communicate(timeout=60)
    assert child.returncode == 2  # some rows are bad, as in the run without a loss
    assert "from outside" not in said
    assert output.read_bytes() == wanted
    assert not output.with_name(output.name + ".parts").exists()


POISON = """
import os, signal
from engine.batch import units, work
units.LINES_BYTES = 1 << 14
at_once = work.Worker.work
def poisoned(self, unit):
    if unit.number == 3 and {deadly}:
        os.kill(os.getpid(), signal.SIGKILL)
    return at_once(self, unit)
work.Worker.work = poisoned
from cli import run
run()
"""


def poisoned(source: Path, output: Path, deadly: str) -> subprocess.CompletedProcess[str]:
    code = POISON.format(deadly=deadly)
    command = [sys.executable, "-c", code, "batch", str(source), "-o", str(output), "-j", "2"]
    return subprocess.run(command, check=False, capture_output=True, text=True, timeout=60)


def test_a_unit_that_always_costs_its_worker_is_named(
    law: Law, source: Path, tmp_path: Path, wanted: bytes
) -> None:
    output = tmp_path / "out.parquet"
    found = poisoned(source, output, "True")
    assert found.returncode == 2
    unit = list(cut(read_inputs([str(source)])))[3]
    data = source.read_bytes()
    first = data[: unit.start].count(b"\n") + 1
    last = data[: unit.start + unit.size].count(b"\n")
    assert 1 < first < last < 400
    assert f"{source}: the process that worked on lines {first} to {last} was" in found.stderr
    assert "2 times when it worked on nothing else" in found.stderr
    assert "--resume" in found.stderr
    assert "Traceback" not in found.stderr
    assert resumed(law, source, output) == wanted


def test_a_unit_that_costs_its_worker_in_company_only_is_worked_on_alone(
    source: Path, tmp_path: Path, wanted: bytes
) -> None:
    output, once = tmp_path / "out.parquet", tmp_path / "once"
    deadly = f"(not os.path.exists({str(once)!r}) and not open({str(once)!r}, 'x').close())"
    found = poisoned(source, output, deadly)
    assert once.exists()
    assert "from outside" not in found.stderr
    assert output.read_bytes() == wanted


def test_rows_of_a_piece_are_named_by_their_lines(tmp_path: Path) -> None:
    source = tmp_path / "in.csv"
    source.write_text("id,title\n" + 'a,"two\nlines"\nb,one\n')
    (unit,) = cut(read_inputs([str(source)]))
    assert place_of(unit) == (str(source), "lines 2 to 4")
    tables = Unit(0, "tables", "situation.csv", 16384, 2000, 16384)
    assert place_of(tables) == ("situation.csv", "rows 16,385 to 18,384")
    files = Unit(0, "files", "x", 0, 2, files=("x/a.yaml", "x/b.yaml"))
    assert place_of(files) == ("x", "x/a.yaml to x/b.yaml")


def test_no_worker_outlives_a_killed_parent(
    law: Law, source: Path, tmp_path: Path, wanted: bytes
) -> None:
    output = tmp_path / "out.parquet"
    child = begin(source, output, "-j", "2")
    wait_for_parts(child, output)
    workers = workers_of(child)
    assert len(workers) >= 2
    child.kill()
    child.communicate()
    for _ in range(100):
        if not any(Path(f"/proc/{worker}").exists() for worker in workers):
            break
        time.sleep(0.05)
    assert not any(Path(f"/proc/{worker}").exists() for worker in workers)
    assert resumed(law, source, output) == wanted


def test_two_runs_do_not_write_one_output(
    law: Law, source: Path, tmp_path: Path, wanted: bytes
) -> None:
    output = tmp_path / "out.parquet"
    child = begin(source, output, "-j", "1", pause=0.03)
    wait_for_parts(child, output)
    for settings in (Settings(), Settings(resume=True), Settings(restart=True)):
        with pytest.raises(InputError, match=f"another run writes it \\(process {child.pid}\\)"):
            run([str(source)], output, law, Options(), settings)
    child.communicate(timeout=60)
    assert output.read_bytes() == wanted
    assert not output.with_name(output.name + ".parts").exists()


def test_parts_damaged_in_any_way_are_worked_on_again(
    law: Law, source: Path, tmp_path: Path, wanted: bytes
) -> None:
    output = tmp_path / "out.parquet"
    rng = random.Random(9)
    assert run([str(source)], output, law, Options(), Settings(jobs=1, max_errors=5)).stopped
    parts = sorted((tmp_path / "out.parquet.parts").glob("*.part"))
    assert len(parts) >= 5
    data = bytearray(parts[0].read_bytes())
    data[rng.randrange(len(data))] ^= 1
    parts[0].write_bytes(data)
    parts[1].write_bytes(b"")
    parts[2].rename(parts[2].with_name("00000002.part"))
    parts[3].with_suffix(".part.77.new").write_bytes(b"half")
    assert resumed(law, source, output) == wanted


@contextmanager
def small_disk(place: Path, size: str) -> Iterator[Path]:
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(place)]
    if os.geteuid() != 0 or subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("file systems cannot be mounted here")
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", str(place)], check=False)


def test_a_disk_that_fills_up_is_said_plainly_and_room_is_enough_to_go_on(
    law: Law, source: Path, tmp_path: Path, wanted: bytes
) -> None:
    with small_disk(tmp_path / "disk", "300k") as disk:
        output = disk / "out.parquet"
        with pytest.raises(InputError, match="no space is left"):
            run([str(source)], output, law, Options(), Settings(jobs=1))
        assert not output.exists()
        subprocess.run(["mount", "-o", "remount,size=8m", str(disk)], check=True)
        assert resumed(law, source, output) == wanted


def test_a_disk_that_cannot_be_written_is_said_plainly(
    law: Law, source: Path, tmp_path: Path
) -> None:
    with small_disk(tmp_path / "disk", "1m") as disk:
        subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
        with pytest.raises(InputError, match="cannot be written: Read-only"):
            run([str(source)], disk / "out.csv", law, Options(), Settings(jobs=1))


def test_faults_can_go_to_another_file_system(law: Law, source: Path, tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", "4m") as disk:
        settings = Settings(jobs=1, errors=disk / "bad.jsonl")
        summary = run([str(source)], tmp_path / "out.csv", law, Options(), settings)
        assert summary.errors_file == disk / "bad.jsonl"
        assert len((disk / "bad.jsonl").read_text().splitlines()) == summary.faults > 0
    assert summary.bad == 8


def test_an_input_that_changes_between_runs_is_not_mixed(
    law: Law, source: Path, tmp_path: Path, wanted: bytes
) -> None:
    output = tmp_path / "out.parquet"
    assert run([str(source)], output, law, Options(), Settings(jobs=1, max_errors=2)).stopped
    with source.open("a") as file:
        file.write('{"id": "late", "victim.child": true}\n')
    with pytest.raises(InputError, match="changed since: inputs"):
        run([str(source)], output, law, Options(), Settings(jobs=1, resume=True))
    with pytest.raises(InputError, match="changed since: options, inputs"):
        run([str(source)], output, law, Options(strict=True), Settings(jobs=1, resume=True))
