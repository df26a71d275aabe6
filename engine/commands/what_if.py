"""palermo what-if: what other facts would change."""

from __future__ import annotations

from pathlib import Path

import click

from engine.commands.searching import as_json, starting_point
from engine.commands.shared import doctrine_option, rules_option
from engine.reasoning.assess import Engine


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.argument("changes", nargs=-1, required=True, metavar="FACT=VALUE...")
@click.option("--all", "every", is_flag=True, help="Print every provision that changes.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
@click.option("--strict", is_flag=True, help="Presume nothing: what was not said is unknown.")
@click.option("--engine", type=click.Choice(["both", "planes"]), default="both")
@doctrine_option
@rules_option
def command(
    file: Path,
    changes: tuple[str, ...],
    every: bool,
    form: str,
    strict: bool,
    engine: Engine,
    doctrines: tuple[str, ...],
    overlays: tuple[Path, ...],
) -> None:
    """What changes in FILE with other facts, from what to what, and through which provisions.

    FACT=VALUE changes a fact wherever it counts, FACT@PART=VALUE in one part (an actor, an
    episode, a State, ACTOR+EPISODE). Other parts of the scenario are named by their path:
    states.CYP.treaties.palermo=false, dates.start=2001-01-01.
    """
    from rich.console import Console

    from engine.reasoning.whatif import read_changes, what_if
    from engine.report.reasons_text import print_what_if

    before = starting_point(file, overlays, doctrines, strict=strict, engine=engine)
    answer = what_if(before, read_changes(changes, before), engine=engine)
    if form == "json":
        click.echo(as_json(answer))
        return
    print_what_if(Console(), answer, every=every)
