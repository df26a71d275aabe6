"""Units worked on by several processes, their parts handed over in the order of the input."""

from __future__ import annotations

import gc
import multiprocessing
import multiprocessing.connection
import os
import signal
import sys
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

from engine.batch.columns import Options
from engine.batch.extras import need
from engine.batch.parts import Part, save
from engine.batch.units import Unit, place_of
from engine.batch.work import Worker
from engine.inference.law import Law
from engine.inference.planes import code_of, generate
from engine.model.problem import InputError


class Promise(Protocol):
    """A part that is worked on somewhere."""

    def result(self) -> Part:
        """The part, as soon as it is there."""


Submit = Callable[[Unit], Promise]
CHANCES = 2
"""How often a unit that may have cost a process is worked on alone before the run ends."""
_worker: Worker | None = None
_folder: Path | None = None


@dataclass(frozen=True)
class Job:
    """What every process needs: the law, the options, and where parts go (or nowhere)."""

    law: Law
    options: Options
    folder: Path | None

    @cached_property
    def worker(self) -> Worker:
        """The worker of this process; a forked process has that of its parent."""
        return Worker(self.law, self.options)

    def __reduce__(self) -> tuple[Any, ...]:
        """Travels to other processes without the compiled code, which is made again there."""
        law = self.law
        parts = (law.base, law.plan, law.order, law.status_folder)
        return (_unpacked, (parts, self.options, self.folder))


def _unpacked(parts: tuple[Any, ...], options: Options, folder: Path | None) -> Job:
    base, plan, order, status_folder = parts
    law = Law(base, plan, order, code_of(generate(plan, order)), status_folder)
    return Job(law, options, folder)


def default_jobs() -> int:
    """As many processes as there are processors for this one."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _begin(job: Job) -> None:
    global _worker, _folder
    os.environ["POLARS_MAX_THREADS"] = "1"  # one process a processor is enough
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    arrow = need("pyarrow")
    arrow.set_memory_pool(arrow.system_memory_pool())  # the others clear far more than is used
    _worker, _folder = job.worker, job.folder


def _end_with_parent() -> None:
    """Leave when the process that began this one is gone, however it went."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        multiprocessing.connection.wait([parent.sentinel])
        os._exit(1)


def _work(unit: Unit) -> Part:
    assert _worker is not None
    return finish(_worker, unit, _folder)


def finish(worker: Worker, unit: Unit, folder: Path | None) -> Part:
    """The part of a unit, on disk where there is a folder for it."""
    return save(folder, unit, worker.work(unit))


def in_order(
    units: Iterator[Unit], job: Job, jobs: int, done: dict[int, Part]
) -> Generator[tuple[Unit, Part], None, None]:
    """Every unit with its part, in order; parts in ``done`` are not worked on again."""
    with _at_rest():
        if jobs > 1:
            yield from _by_processes(units, job, jobs, done)
            return
        for unit in units:
            yield unit, done.get(unit.number) or finish(job.worker, unit, job.folder)


def _by_processes(
    units: Iterator[Unit], job: Job, jobs: int, done: dict[int, Part]
) -> Iterator[tuple[Unit, Part]]:
    crew = _Crew(job, jobs)
    try:
        yield from windowed(units, crew.submit, 2 * jobs + 1, done)
    except BaseException:  # nobody waits for what is under way: parts are whole or not there
        crew.terminate()
        raise
    finally:
        crew.pool.shutdown(wait=True, cancel_futures=True)


class _Crew:
    """Processes that work on units; when one is lost, its units are worked on again."""

    def __init__(self, job: Job, jobs: int) -> None:
        self.job, self.jobs = job, jobs
        self.pool = self._processes(jobs)
        self.under_way: list[_Awaited] = []

    def submit(self, unit: Unit) -> _Awaited:
        """Have a unit worked on."""
        self.under_way = [one for one in self.under_way if not one.taken]
        awaited = _Awaited(self, unit)
        self.under_way.append(awaited)
        self._send(awaited)
        return awaited

    def recover(self) -> None:
        """Go on after a process was lost.

        Nobody can tell which unit it had. Units are taken in order, so it was one of the first
        that are missing: these are worked on again one by one, which takes the least memory and
        shows which unit it is if it happens again.
        """
        self.pool.shutdown(wait=True)  # by then every unit that is lost is known to be
        missing = [one for one in self.under_way if not one.taken and one.lost]
        self.pool = self._processes(1)
        for awaited in missing[: self.jobs]:
            self._work_alone(awaited)
        self.pool.shutdown(wait=True)
        self.pool = self._processes(self.jobs)
        for awaited in missing[self.jobs :]:
            self._send(awaited)

    def terminate(self) -> None:
        """End the processes at once."""
        for process in list((self.pool._processes or {}).values()):
            process.terminate()

    def _send(self, awaited: _Awaited) -> None:
        try:
            awaited.future = self.pool.submit(_work, awaited.unit)
        except BrokenProcessPool as error:
            awaited.future = Future()
            awaited.future.set_exception(error)

    def _work_alone(self, awaited: _Awaited) -> None:
        for _ in range(CHANCES):
            self._send(awaited)
            if not awaited.lost:
                return
            self.pool.shutdown(wait=True)
            self.pool = self._processes(1)
        path, rows = place_of(awaited.unit)
        awaited.future = Future()
        awaited.future.set_exception(
            InputError.single(
                path,
                f"the process that worked on {rows} was ended from outside, "
                f"{CHANCES} times when it worked on nothing else (out of memory?)",
                "--resume goes on from where it stopped, with more memory or with smaller rows",
            )
        )

    def _processes(self, jobs: int) -> ProcessPoolExecutor:
        context = _context()
        if context.get_start_method() == "fork":
            self.job.worker.prepare()
        return ProcessPoolExecutor(jobs, context, _begin, (self.job,))


class _Awaited:
    """The part of a unit that is under way."""

    def __init__(self, crew: _Crew, unit: Unit) -> None:
        self.crew, self.unit = crew, unit
        self.future: Future[Part] = Future()
        self.taken = False

    @property
    def lost(self) -> bool:
        """Whether a process was lost before the part was there; waits until that is known."""
        return isinstance(self.future.exception(), BrokenProcessPool)

    def result(self) -> Part:
        """The part, as soon as it is there."""
        while self.lost:
            self.crew.recover()
        self.taken = True
        return self.future.result()


@contextmanager
def _at_rest() -> Iterator[None]:
    """The law at rest: nobody looks through it for waste, and processes share its memory."""
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


def windowed(
    units: Iterator[Unit], submit: Submit, ahead: int, done: dict[int, Part]
) -> Iterator[tuple[Unit, Part]]:
    """Submit a few units ahead, and hand their parts over in order."""
    waiting: deque[tuple[Unit, Part | Promise]] = deque()
    for unit in units:
        waiting.append((unit, done.get(unit.number) or submit(unit)))
        if len(waiting) > ahead:
            yield _next(waiting)
    while waiting:
        yield _next(waiting)


def _next(waiting: deque[tuple[Unit, Part | Promise]]) -> tuple[Unit, Part]:
    unit, part = waiting.popleft()
    return unit, part if isinstance(part, Part) else part.result()


def _context() -> Any:
    """Fork where that is safe: no other thread runs, and no library with threads is loaded."""
    alone = threading.active_count() == 1 and "polars" not in sys.modules
    if alone and sys.platform == "linux":
        return multiprocessing.get_context("fork")
    return multiprocessing.get_context("spawn")
