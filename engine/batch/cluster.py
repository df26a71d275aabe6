"""The same run on a Dask cluster: the units travel, the parts come back.

Units of lines and of CSV are read here and sent, so workers need no shared disk for them. A unit
is a pure function of its bytes: when a worker is lost, Dask gives its units to another.
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
from engine.inference.law import version
from engine.model.problem import InputError

PATIENCE = 30
"""Seconds to wait for the first worker of a cluster that starts them when there is work."""
_OPTION = "--scheduler"
_workers: dict[str, Worker] = {}


def work_on(job: Job, key: str, wanted: str, unit: Unit) -> bytes:
    """The packed result of a unit, on whatever machine this runs."""
    if version() != wanted:
        raise InputError.single(
            _OPTION, f"a worker has palermo {version()}, here it is {wanted}", "install the same"
        )
    if key not in _workers:
        _workers.clear()
        _workers[key] = Worker(job.law, job.options)
    return bytes(pack(_workers[key].work(unit)))


@contextmanager
def on_cluster(address: str, *, patience: float = PATIENCE) -> Iterator[InOrder]:
    """How to work on units on the cluster of a scheduler. Raises ``InputError``."""
    distributed = need("distributed")
    try:
        client = distributed.Client(address, timeout=min(10, patience))
    except (OSError, ValueError) as error:
        raise InputError.single(_OPTION, f"no Dask scheduler at {address}: {error}") from None
    try:
        try:
            client.wait_for_workers(1, timeout=patience)
        except TimeoutError:
            raise InputError.single(
                _OPTION, f"the scheduler at {address} has no workers", f"dask worker {address}"
            ) from None
        yield lambda units, job, jobs, done: _in_order(client, units, job, done)
    finally:
        client.close()


def _in_order(
    client: Any, units: Iterator[Unit], job: Job, done: dict[int, Part]
) -> Generator[tuple[Unit, Part], None, None]:
    bare = replace(job, folder=None)
    key = f"{job.law.base.digest}{job.options}"
    ahead = 4 * max(1, len(client.scheduler_info()["workers"]))
    with _said():
        sent = client.scatter(bare, broadcast=True)

    def submit(unit: Unit) -> Any:
        future = client.submit(work_on, sent, key, version(), carried(unit), pure=False, retries=2)
        return _Kept(future, unit, job.folder)

    yield from windowed(units, submit, ahead, done)


def carried(unit: Unit) -> Unit:
    """The unit with its bytes, so that it can be worked on where its file is not."""
    if unit.kind not in ("lines", "csv") or unit.data is not None:
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
        with _said():
            data = self._future.result()
        self._future.release()
        return keep(self._folder, self._unit, data)


@contextmanager
def _said() -> Iterator[None]:
    """Turn what goes wrong on a cluster into a plain error."""
    scheduler, client = need("distributed.scheduler"), need("distributed.client")
    try:
        yield
    except ImportError as error:
        raise InputError.single(
            _OPTION, f"palermo does not work on the workers: {error}", "pip install palermo there"
        ) from None
    except (scheduler.KilledWorker, client.FutureCancelledError, OSError, TimeoutError) as error:
        raise InputError.single(
            _OPTION,
            f"the cluster was lost: {str(error).splitlines()[0]}",
            "--resume goes on from what was done",
        ) from None
