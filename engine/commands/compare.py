"""palermo compare: which differences in fact produce which differences in law."""

from __future__ import annotations

from pathlib import Path

import click

from engine.commands.searching import as_json, assessed
from engine.commands.shared import doctrine_option, law_of, pairs_of, rules_option
from engine.reasoning.assess import Engine


@click.command()
@click.argument("first", type=click.Path(path_type=Path))
@click.argument("second", type=click.Path(path_type=Path))
@click.option("--match", "matches", multiple=True, metavar="PART=PART", help="Parts to compare.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
@click.option("--strict", is_flag=True, help="Presume nothing: what was not said is unknown.")
@click.option("--engine", type=click.Choice(["both", "planes"]), default="both")
@doctrine_option
@rules_option
def command(
    first: Path,
    second: Path,
    matches: tuple[str, ...],
    form: str,
    strict: bool,
    engine: Engine,
    doctrines: tuple[str, ...],
    overlays: tuple[Path, ...],
) -> None:
    """The outcomes in which FIRST and SECOND differ, and the differences in fact behind each.

    Actors, episodes and States are matched by name, then in order; --match says otherwise.
    """
    from rich.console import Console

    from engine.reasoning.comparing import compare
    from engine.report.reasons_text import print_compare

    law, chosen = law_of(overlays), pairs_of("--doctrine", doctrines)
    one, two = (
        assessed(file, law, chosen, strict=strict, engine=engine) for file in (first, second)
    )
    answer = compare(one, two, match=pairs_of("--match", matches))
    if form == "json":
        click.echo(as_json(answer))
        return
    print_compare(Console(), answer)
