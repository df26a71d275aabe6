"""The same run on a Dask cluster: the units travel, the parts come back.

Units of files are read here and sent, so workers need no shared disk. A unit is a pure
function of its bytes: when a worker is lost, Dask gives its units to another.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from engine.batch.extras import need
from engine.batch.parts import Part, keep, pack
from engine.batch.pool import Job, windowed
from engine.batch.run import InOrder
from engine.batch.units import Unit, stamp
from engine.batch.work import Worker
from engine.model.problem import InputError

_workers: dict[str, Worker] = {}


def work_on(job: Job, key: str, unit: Unit) -> bytes:
    """The packed result of a unit, on whatever machine this runs."""
    if key not in _workers:
        _workers.clear()
        _workers[key] = Worker(job.law, job.options)
    return bytes(pack(_workers[key].work(unit)))


@contextmanager
def on_cluster(address: str) -> Iterator[InOrder]:
    """How to work on units on the cluster of a scheduler. Raises ``InputError``."""
    distributed = need("distributed")
    try:
        client = distributed.Client(address, timeout=10)
    except (OSError, ValueError) as error:
        raise InputError.single("--scheduler", f"no Dask scheduler at {address}: {error}") from None
    try:
        yield lambda units, job, jobs, done: _in_order(client, units, job, done)
    finally:
        client.close()


def _in_order(
    client: Any, units: Iterator[Unit], job: Job, done: dict[int, Part]
) -> Generator[tuple[Unit, Part], None, None]:
    bare = replace(job, folder=None)
    sent = client.scatter(bare, broadcast=True)
    key = f"{job.law.base.digest}{job.options}"
    ahead = 4 * max(1, len(client.scheduler_info()["workers"]))

    def submit(unit: Unit) -> Any:
        future = client.submit(work_on, sent, key, carried(unit), pure=False, retries=2)
        return _Kept(future, unit, job.folder)

    yield from windowed(units, submit, ahead, done)


def carried(unit: Unit) -> Unit:
    """The unit with its bytes, so that it can be worked on where its file is not."""
    if unit.kind != "lines" or unit.data is not None:
        return unit
    if stamp(unit.path) != unit.stamp:
        raise InputError.single(unit.path, "the input changed while it was read", "--restart")
    with open(unit.path, "rb") as file:
        file.seek(unit.start)
        return replace(unit, data=file.read(unit.size), stamp=(0, 0))


class _Kept:
    """A Dask future whose result is put on disk when it is asked for."""

    def __init__(self, future: Any, unit: Unit, folder: Path | None) -> None:
        self._future, self._unit, self._folder = future, unit, folder

    def result(self) -> Part:
        data = self._future.result()
        self._future.release()
        return keep(self._folder, self._unit, data)
