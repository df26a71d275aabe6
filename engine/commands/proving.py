"""palermo check --prove: the theorems, proven or refuted."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from engine.commands.shared import CHECK_FAILED, OK
from engine.inference.law import Law
from engine.reasoning.theorems import Prover, Verdict
from engine.report.theorem_text import verdict_lines, write_counterexamples


def prove_theorems(law: Law, folder: Path | None) -> int:
    """Print the verdict on every theorem as it is reached; the exit code.

    Counterexamples are written into ``folder`` as well, where one is given.
    """
    reached: list[Verdict] = []

    def kept() -> Iterator[Verdict]:
        for verdict in Prover(law).prove_all():
            reached.append(verdict)
            yield verdict

    for line in verdict_lines(kept()):
        click.echo(line)
    if folder is not None:
        for path in write_counterexamples(reached, folder):
            click.echo(f"written: {path}")
    return OK if all(verdict.good for verdict in reached) else CHECK_FAILED
