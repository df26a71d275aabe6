"""palermo highway: the smallest changes that lead to another outcome."""

from __future__ import annotations

from pathlib import Path

import click

from engine.commands.searching import as_json, starting_point
from engine.commands.shared import CHECK_FAILED, doctrine_option, rules_option
from engine.reasoning.assess import Engine


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--to", "targets", multiple=True, metavar="TARGET", help="Where to go; see below.")
@click.option("--only", metavar="QUESTION", help="Made out, and no other main question.")
@click.option("--fix", "fixed", multiple=True, metavar="FACT[=VALUE]", help="Hold a fact.")
@click.option("--only-add", is_flag=True, help="What the scenario states stays.")
@click.option("--forget", is_flag=True, help="A stated fact may also become unknown.")
@click.option("--treaties", is_flag=True, help="Who is bound by what may change too.")
@click.option("--settings", is_flag=True, help="Before whom the case is put may change too.")
@click.option("--apart", is_flag=True, help="Actors, episodes and States may come to differ.")
@click.option("--max-size", type=click.IntRange(min=1), help="At most so many changes.")
@click.option("--first", type=click.IntRange(min=1), help="Also list so many sets, the cheapest.")
@click.option("--by-stage", is_flag=True, help="Group the changes by legal stage.")
@click.option("--all", "every", is_flag=True, help="Also list every set, one by one.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
@click.option("--strict", is_flag=True, help="Presume nothing: what was not said is unknown.")
@click.option("--engine", type=click.Choice(["both", "planes"]), default="both")
@doctrine_option
@rules_option
@click.pass_context
def command(
    ctx: click.Context,
    file: Path,
    targets: tuple[str, ...],
    only: str | None,
    fixed: tuple[str, ...],
    only_add: bool,
    forget: bool,
    treaties: bool,
    settings: bool,
    apart: bool,
    max_size: int | None,
    first: int | None,
    by_stage: bool,
    every: bool,
    form: str,
    strict: bool,
    engine: Engine,
    doctrines: tuple[str, ...],
    overlays: tuple[Path, ...],
) -> None:
    """All smallest sets of fact changes that lead from FILE to a target, proven minimal.

    TARGET is CLASSIFICATION[=LABEL[:LEVEL]][@PART], or the id of a provision or body [=holds,
    fails, unknown]; != is anything but. Without a label it is the strongest one, for a person
    where the scenario names one. Several --to must be reached together. Exit code 1: no change
    that is allowed reaches it; what stands in the way is named.
    """
    from rich.console import Console

    from engine.api import highway
    from engine.report.reasons_text import print_highway

    if not targets and not only:
        raise click.UsageError("say where to go, with --to or --only")
    answer = highway(
        starting_point(file, overlays, doctrines, strict=strict),
        *targets,
        only=only,
        fix=fixed,
        only_add=only_add,
        forget=forget,
        treaties=treaties,
        settings=settings,
        apart=apart,
        max_size=max_size,
        first=first,
        every=every,
        engine=engine,
    )
    if form == "json":
        click.echo(as_json(answer))
    else:
        print_highway(Console(), answer, by_stage=by_stage, every=every, flat=every or bool(first))
    if not answer.reachable:
        ctx.exit(CHECK_FAILED)
