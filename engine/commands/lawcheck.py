"""The parts of `palermo check` that look at the tests themselves: coverage and mutants."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter
from typing import Literal

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from engine.commands.shared import CHECK_FAILED, OK
from engine.inference.law import Law
from engine.model.problem import InputError
from engine.reasoning.coverage import cover
from engine.reasoning.lawtests import run_law_tests
from engine.reasoning.mutation import mutate
from engine.report.lawcheck_text import (
    coverage_json,
    hint_for,
    mutation_json,
    print_coverage,
    print_mutation,
)
from engine.rulebase.scenarios import read_scenario

Format = Literal["text", "json"]


def check_tests(
    law: Law,
    files: Sequence[Path],
    coverage: str | None,
    mutated: str | None,
    overlays: Sequence[Path],
    form: Format,
    *,
    every: bool,
) -> int:
    """Coverage, mutants or both, each of the ids that begin so. Returns the exit code."""
    if form == "json" and coverage is not None and mutated is not None:
        raise InputError.single("--format", "json goes with one of --coverage and --mutate")
    # Both mean something only while every test passes.
    failing = sum(not test.passed for test in run_law_tests(law.base, law.plan))
    if failing:
        click.echo(f"tests beside the rules that fail: {failing}; see `palermo check`", err=True)
        return CHECK_FAILED
    good = True
    if coverage is not None:
        good &= _cover(law, files, coverage, overlays, form, every=every)
    if mutated is not None:
        good &= _mutate(law, mutated, overlays, form)
    return OK if good else CHECK_FAILED


def _cover(
    law: Law,
    files: Sequence[Path],
    prefix: str,
    overlays: Sequence[Path],
    form: Format,
    *,
    every: bool,
) -> bool:
    """Print the coverage of what starts with ``prefix``; whether nothing lacks a test."""
    scenarios = [read_scenario(file, law.base, law.reads) for file in files]
    with _progress("rules") as progress:
        found = cover(law, scenarios, prefix=prefix, overlays=overlays, progress=progress)
    if not found.branches:
        raise InputError.single(
            "--coverage", f"no rule starts with {prefix}", hint_for(law.base, prefix)
        )
    if form == "json":
        click.echo(json.dumps(coverage_json(found), ensure_ascii=False, indent=2))
    else:
        print_coverage(Console(highlight=False), law.base, found, every=every or bool(prefix))
    return not found.gaps()


def _mutate(law: Law, prefix: str, overlays: Sequence[Path], form: Format) -> bool:
    """Print the fate of the mutants of what starts with ``prefix``; whether none survives."""
    start = perf_counter()
    with _progress("mutants") as progress:
        found = mutate(law, prefix=prefix, overlays=overlays, progress=progress)
    seconds = perf_counter() - start
    if not found.fated:
        raise InputError.single(
            "--mutate", f"no rule starts with {prefix}", hint_for(law.base, prefix)
        )
    if form == "json":
        click.echo(json.dumps(mutation_json(found, seconds), ensure_ascii=False, indent=2))
    else:
        print_mutation(Console(highlight=False), law.base, found, seconds)
    return not found.survivors()


@contextmanager
def _progress(what: str) -> Iterator[Callable[[int, int], None] | None]:
    """A bar on standard error, where that is a terminal."""
    if not sys.stderr.isatty():
        yield None
        return
    columns = (TextColumn(what), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
