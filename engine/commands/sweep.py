"""palermo sweep: all combinations of some facts of one scenario."""

from __future__ import annotations

from pathlib import Path

import click

from engine.commands.shared import doctrine_option, law_of, pairs_of, rules_option
from engine.rulebase.scenarios import read_scenario


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--vary",
    multiple=True,
    required=True,
    metavar="FACT,... | FACT=VALUE,...",
    help="The facts to vary.",
)
@click.option("--two-valued", is_flag=True, help="True and false only; leave unknown out.")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    metavar="OUT",
    help="Every pattern with its outcomes: .parquet, .csv, .jsonl.",
)
@click.option(
    "--picture", type=click.Path(path_type=Path), metavar="FILE", help="Draw it: .svg or .png."
)
@click.option("--strict", is_flag=True, help="Presume nothing: what was not said is unknown.")
@doctrine_option
@rules_option
def command(
    file: Path,
    vary: tuple[str, ...],
    two_valued: bool,
    output: Path | None,
    picture: Path | None,
    strict: bool,
    doctrines: tuple[str, ...],
    overlays: tuple[Path, ...],
) -> None:
    """Decide every combination of the facts varied; all else in FILE stays as it is.

    What FILE says of a varied fact, anywhere in it, is set aside.
    """
    from rich.console import Console
    from rich.table import Table

    from engine.batch.columns import Options
    from engine.batch.run import write_batches
    from engine.batch.sweep import Sweep, read_vary

    law = law_of(overlays)
    chosen = pairs_of("--doctrine", doctrines)
    law.worlds(chosen, strict)
    varied = read_vary(vary, law, two_valued=two_valued)
    scenario = read_scenario(file, law.base, law.reads)
    options = Options(tuple(sorted(chosen.items())), strict, output is not None)
    sweep = Sweep(scenario, varied, law, options)
    write_batches(sweep.batches(), sweep.schema, output)
    console = Console()
    console.print(f"{sweep.total:,} patterns of {len(varied)} facts")
    shares = {name: sweep.flips.shares(name) for name in sweep.flips.labels}
    table = Table(
        title="share of patterns by outcome",
        title_justify="left",
        box=None,
        show_header=False,
        padding=(0, 2, 0, 0),
    )
    for name, parts in shares.items():
        for label, share in parts.items():
            table.add_row(
                name.replace("_", " "),
                label.replace("_", " "),
                f"{share:.1%}",
                "█" * round(30 * share),
            )
            name = ""
    console.print(table)
    flips = Table(
        title="how often changing the fact alone changes the outcome",
        title_justify="left",
        box=None,
    )
    flips.add_column("fact")
    for name in shares:
        flips.add_column(name.replace("_", " "), justify="right")
    for number, one in enumerate(varied):
        flips.add_row(one.fact, *(f"{sweep.flips.flips(name, number):.0%}" for name in shares))
    console.print(flips)
    if picture:
        from engine.batch.pictures import draw_shares

        draw_shares(shares, picture, sweep.flips)
