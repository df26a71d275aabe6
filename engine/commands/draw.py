"""palermo draw: the elements of an outcome, or the argument for it, as SVG."""

from __future__ import annotations

from pathlib import Path

import click

from engine.commands.shared import doctrine_option, law_of, pairs_of, rules_option
from engine.model.problem import InputError
from engine.reasoning.assess import assess
from engine.rulebase.scenarios import read_scenario


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.argument("target")
@click.option(
    "--what",
    type=click.Choice(["argument", "elements", "misses"]),
    default="argument",
    show_default=True,
    help="The strongest reason; every element; or what is missing.",
)
@click.option(
    "--to",
    "out",
    type=click.Path(path_type=Path),
    help="The .svg file to write, instead of the screen.",
)
@click.option("--depth", type=click.IntRange(1, 20), default=8, show_default=True)
@click.option("--strict", is_flag=True, help="Presume nothing: what was not said is unknown.")
@doctrine_option
@rules_option
def command(
    file: Path,
    target: str,
    what: str,
    out: Path | None,
    depth: int,
    strict: bool,
    doctrines: tuple[str, ...],
    overlays: tuple[Path, ...],
) -> None:
    """Draw TARGET in FILE as a tree: holds, fails or open by shape, words and colour.

    TARGET is named as for `palermo why` and `palermo why-not`.
    """
    from engine.reasoning.targets import read_target
    from engine.report.pictures import picture

    if out is not None and out.suffix.lower() != ".svg":
        raise InputError.single("--to", f"found {out.name}, expected a picture", "end it in .svg")
    law = law_of(overlays)
    chosen = pairs_of("--doctrine", doctrines)
    scenario = read_scenario(file, law.base, law.reads)
    assessment = assess(scenario, law, doctrine=chosen, strict=strict, engine="planes")
    goal, named = read_target(target, assessment)
    text = picture(assessment, goal, what, named=named, depth=depth)
    if out is None:
        click.echo(text, nl=False)
        return
    try:
        out.write_text(text, encoding="utf-8")
    except OSError as error:
        raise InputError.single(str(out), f"cannot be written: {error.strerror}") from None
    click.echo(f"written: {out}")
