"""palermo batch: assess many scenarios."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from engine.commands.progress import bar_of
from engine.commands.shared import (
    BAD_INPUT,
    INTERRUPTED,
    doctrine_option,
    law_of,
    pairs_of,
    rules_option,
)
from engine.model.problem import InputError

if TYPE_CHECKING:
    from engine.batch.run import Summary


@click.command()
@click.argument("inputs", nargs=-1, metavar="INPUT...")
@click.option(
    "-o",
    "--output",
    metavar="OUT",
    help="A .parquet, .csv or .jsonl file; standard output if left out.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["jsonl", "csv", "parquet"]),
    help="The format, whatever the suffix.",
)
@click.option("--provisions", is_flag=True, help="Add every provision as a column.")
@click.option("--explain", is_flag=True, help="Add the outcomes in words, with citations.")
@click.option(
    "--no-contested", is_flag=True, help="Leave out what other views of the law would say."
)
@click.option("--keep", multiple=True, metavar="COLUMN", help="Carry a column of the input over.")
@click.option("--ignore", multiple=True, metavar="COLUMN", help="Pass a column of the input over.")
@click.option(
    "--errors",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Where bad rows are listed; OUT.errors.jsonl if left out.",
)
@click.option("-j", "--jobs", type=click.IntRange(1), help="Processes; by default one a processor.")
@click.option("--scheduler", metavar="ADDRESS", help="Work on a Dask cluster.")
@click.option("--resume", is_flag=True, help="Go on with an interrupted run, if there is one.")
@click.option("--restart", is_flag=True, help="Throw an interrupted run away and begin anew.")
@click.option("--fail-fast", is_flag=True, help="Stop at the first bad row.")
@click.option(
    "--max-errors", type=click.IntRange(0), metavar="N", help="Stop after more than N bad rows."
)
@click.option("--strict", is_flag=True, help="Presume nothing: what was not said is unknown.")
@click.option("--columns", is_flag=True, help="Say what the columns of the output mean.")
@click.option("--template", is_flag=True, help="Print the header of a wide table as CSV.")
@doctrine_option
@rules_option
@click.pass_context
def command(
    ctx: click.Context,
    inputs: tuple[str, ...],
    output: str | None,
    form: str | None,
    provisions: bool,
    explain: bool,
    no_contested: bool,
    keep: tuple[str, ...],
    ignore: tuple[str, ...],
    errors: Path | None,
    jobs: int | None,
    scheduler: str | None,
    resume: bool,
    restart: bool,
    fail_fast: bool,
    max_errors: int | None,
    strict: bool,
    columns: bool,
    template: bool,
    doctrines: tuple[str, ...],
    overlays: tuple[Path, ...],
) -> None:
    """Assess every scenario of the INPUTs: one row each, in the order of the input.

    An INPUT is a .jsonl file (a scenario document or a flat row a line), a .csv or .parquet
    table (a row a scenario, a column a fact), a folder of YAML or JSON scenarios, a folder with
    the tables situation, episodes, actors and states, or - for lines on standard input.

    A bad row goes to OUT.errors.jsonl and never stops a good one; the exit code is then 2.
    """
    from engine.batch.columns import Options, output_columns

    law = law_of(overlays)
    chosen = pairs_of("--doctrine", doctrines)
    law.worlds(chosen, strict)
    options = Options(
        tuple(sorted(chosen.items())), strict, not no_contested, provisions, explain, keep, ignore
    )
    if columns:
        for column in output_columns(law.base, options):
            click.echo(f"{column.name}  ({column.kind})\n    {column.says}")
        return
    if template:
        from engine.batch.wide import wide_names

        click.echo(",".join(wide_names(law.base)))
        return
    if not inputs:
        raise click.UsageError("name a file or a folder, or - for standard input")
    from engine.batch.run import Settings, run, stdout, workers_of
    from engine.batch.units import read_inputs

    limit = 0 if fail_fast else (-1 if max_errors is None else max_errors)
    settings = Settings(jobs or 0, resume, restart, limit, form or "", errors)
    target = stdout() if output in (None, "-") else Path(str(output))
    try:
        total = None if "-" in inputs else sum(item.bytes for item in read_inputs(inputs))
        with bar_of(total, "rows") as progress, workers_of(scheduler) as work:
            summary = run(inputs, target, law, options, settings, progress, work)
    except KeyboardInterrupt:
        again = "; the same command with --resume goes on from here"
        click.echo("stopped" + (again if isinstance(target, Path) else ""), err=True)
        ctx.exit(INTERRUPTED)
    _tell(summary)
    if summary.stopped:
        raise InputError.single(
            "palermo batch",
            f"stopped after {summary.bad:,} bad row{'s' * (summary.bad > 1)}",
            "no output was written; mend the input and run it again",
        )
    if summary.bad:
        ctx.exit(BAD_INPUT)


def _tell(summary: Summary) -> None:
    """Say on standard error what is wrong, and what was done."""
    for row in summary.bad_rows:
        more = f", and {row.faults - 1} more" if row.faults > 1 else ""
        click.echo(f"error: {row}{more}", err=True)
    if summary.bad > len(summary.bad_rows):
        click.echo(f"and {summary.bad - len(summary.bad_rows):,} more bad rows; often:", err=True)
        for kind, count in summary.common.most_common(3):
            click.echo(f"  {count:,} times {kind}", err=True)
    if summary.passed_over:
        names = ", ".join(summary.passed_over[:5]) + (
            ", ..." if len(summary.passed_over) > 5 else ""
        )
        many = len(summary.passed_over)
        click.echo(
            f"passed over: {many:,} file{'s' * (many > 1)} not .yaml, .yml or .json: {names}",
            err=True,
        )
    done = f"{summary.good:,} of {summary.rows:,} scenarios assessed"
    if summary.output:
        done += f" into {summary.output}"
    if summary.errors_file:
        done += f"; the faults are in {summary.errors_file}"
    if not summary.stopped and (summary.bad or summary.output or sys.stderr.isatty()):
        click.echo(done, err=True)
