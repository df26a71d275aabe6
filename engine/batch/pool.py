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
from typing import Any

from engine.batch.columns import Options
from engine.batch.extras import need
from engine.batch.parts import Part, save
from engine.batch.units import Unit
from engine.batch.work import Worker
from engine.inference.law import Law
from engine.inference.planes import code_of, generate
from engine.model.problem import InputError

Submit = Callable[[Unit], "Future[Part]"]
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
    context = _context()
    if context.get_start_method() == "fork":
        job.worker.prepare()
    with ProcessPoolExecutor(jobs, context, _begin, (job,)) as pool:
        try:
            yield from windowed(units, lambda unit: pool.submit(_work, unit), 2 * jobs + 1, done)
        except BrokenProcessPool:
            raise InputError.single(
                "palermo batch",
                "a worker process was ended from outside (out of memory?)",
                "--resume goes on from where it stopped; --jobs 1 takes the least memory",
            ) from None
        except BaseException:  # nobody waits for what is under way: parts are whole or not there
            for process in list((pool._processes or {}).values()):
                process.terminate()
            raise
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


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
    waiting: deque[tuple[Unit, Part | Future[Part]]] = deque()
    for unit in units:
        waiting.append((unit, done.get(unit.number) or submit(unit)))
        if len(waiting) > ahead:
            yield _next(waiting)
    while waiting:
        yield _next(waiting)


def _next(waiting: deque[tuple[Unit, Part | Future[Part]]]) -> tuple[Unit, Part]:
    unit, part = waiting.popleft()
    return unit, part if isinstance(part, Part) else part.result()


def _context() -> Any:
    """Fork where that is safe: no other thread runs, and no library with threads is loaded."""
    alone = threading.active_count() == 1 and "polars" not in sys.modules
    if alone and sys.platform == "linux":
        return multiprocessing.get_context("fork")
    return multiprocessing.get_context("spawn")
