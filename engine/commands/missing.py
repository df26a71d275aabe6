"""palermo missing: what would settle an open outcome, and what to ask next."""

from __future__ import annotations

from pathlib import Path

import click

from engine.commands.searching import as_json, starting_point
from engine.commands.shared import doctrine_option, rules_option
from engine.reasoning.assess import Engine


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.argument("targets", nargs=-1, metavar="[TARGET]...")
@click.option("--treaties", is_flag=True, help="Unknown treaty status may be asked about too.")
@click.option("--questions", default=5, show_default=True, help="Questions to print.")
@click.option("--all", "every", is_flag=True, help="Print every option of every choice.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
@click.option("--strict", is_flag=True, help="Presume nothing: what was not said is unknown.")
@click.option("--engine", type=click.Choice(["both", "planes"]), default="both")
@doctrine_option
@rules_option
def command(
    file: Path,
    targets: tuple[str, ...],
    treaties: bool,
    questions: int,
    every: bool,
    form: str,
    strict: bool,
    engine: Engine,
    doctrines: tuple[str, ...],
    overlays: tuple[Path, ...],
) -> None:
    """The smallest sets of unknown facts that would settle what is open in FILE, either way.

    TARGET is a classification, provision or body [@PART]; left out, everything that is open.
    Then the questions worth asking, the one that decides most first, with the reason.
    """
    from rich.console import Console

    from engine.reasoning.missing import missing, open_goals
    from engine.report.reasons_text import print_missing

    assessment = starting_point(file, overlays, doctrines, strict=strict)
    goals = open_goals(targets, assessment) if targets else None
    answer = missing(assessment, goals, treaties=treaties, engine=engine)
    if form == "json":
        click.echo(as_json(answer))
        return
    print_missing(Console(), answer, questions=questions, every=every)
