"""palermo doctrine: what survives every view, and who holds the others."""

from __future__ import annotations

from pathlib import Path

import click

from engine.commands.searching import as_json, starting_point
from engine.commands.shared import doctrine_option, rules_option


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
@click.option("--strict", is_flag=True, help="Presume nothing: what was not said is unknown.")
@doctrine_option
@rules_option
def command(
    file: Path,
    form: str,
    strict: bool,
    doctrines: tuple[str, ...],
    overlays: tuple[Path, ...],
) -> None:
    """Which outcomes of FILE survive every combination of views on the contested points.

    For those that do not: the fewest views that change them, and who holds each.
    """
    from rich.console import Console

    from engine.reasoning.doctrine import doctrine_table
    from engine.report.reasons_text import print_doctrine

    assessment = starting_point(file, overlays, doctrines, strict=strict, engine="both")
    answer = doctrine_table(assessment)
    if form == "json":
        click.echo(as_json(answer))
        return
    print_doctrine(Console(), answer)
