"""A bar with rate and time left, on a terminal only."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def bar_of(total: int | None, what: str) -> Iterator[Callable[[int, int], None] | None]:
    """Something to call with the number done and the share of ``total`` done so far.

    ``None`` where standard error is no terminal. ``total`` is ``None`` where it is not known.
    """
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    with Progress(
        TextColumn("{task.fields[count]:,} " + what),
        BarColumn(),
        TextColumn("{task.fields[rate]:,.0f} a second"),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        refresh_per_second=4,
    ) as bar:
        task = bar.add_task("", total=None, count=0, rate=0.0)  # moves until the first is done

        def show(count: int, done: int) -> None:
            elapsed = bar.tasks[0].elapsed or 1e-9
            bar.update(task, total=total, completed=done, count=count, rate=count / elapsed)

        yield show
        if total is not None:
            bar.update(task, total=total, completed=total)
