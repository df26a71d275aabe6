"""palermo new: a commented scenario skeleton."""

from __future__ import annotations

from pathlib import Path

import click

from engine.commands.shared import law_of
from engine.model.problem import InputError
from engine.report.skeleton import skeleton


@click.command()
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.option("--all", "everything", is_flag=True, help="Every fact, not only the core ones.")
@click.option("--force", is_flag=True, help="Overwrite FILE.")
def command(file: Path | None, everything: bool, force: bool) -> None:
    """Write a commented scenario skeleton to FILE, or to standard output."""
    name = file.stem if file else "my-scenario"
    text = skeleton(law_of(()).base, name, everything=everything)
    if file is None:
        click.echo(text, nl=False)
        return
    if file.exists() and not force:
        raise InputError.single(str(file), "exists already", "--force overwrites it")
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise InputError.single(str(file), f"cannot be written: {error.strerror}") from None
    click.echo(f"{file}: fill in what you know, then `palermo assess {file}`")
