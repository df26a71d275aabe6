"""palermo sweep: all combinations of some facts of one scenario."""

from __future__ import annotations

from pathlib import Path

import click

from engine.commands.boards import format_option, picture_option, print_board, print_json
from engine.commands.progress import bar_of
from engine.commands.shared import doctrine_option, law_of, pairs_of, rules_option
from engine.rulebase.scenarios import read_scenario


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--vary",
    multiple=True,
    required=True,
    metavar="FACT[@PLACE],... | FACT[@PLACE]=VALUE,...",
    help="The facts to vary; may be given several times.",
)
@click.option("--two-valued", is_flag=True, help="True and false only; leave unknown out.")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    metavar="OUT",
    help="Every pattern with its outcomes: .parquet, .csv, .jsonl.",
)
@picture_option
@format_option
@click.option("--strict", is_flag=True, help="Presume nothing: what was not said is unknown.")
@doctrine_option
@rules_option
def command(
    file: Path,
    vary: tuple[str, ...],
    two_valued: bool,
    output: Path | None,
    picture: Path | None,
    form: str,
    strict: bool,
    doctrines: tuple[str, ...],
    overlays: tuple[Path, ...],
) -> None:
    """Decide every combination of the facts varied; all else in FILE stays as it is.

    Each FACT takes true, false and unknown, a choice its values, or the values named. FACT@PLACE
    varies it for one State, actor or episode; without a place it is the same everywhere, and
    what FILE says of it is set aside.
    """
    from engine.batch.columns import Options
    from engine.batch.panels import board_of_sweep
    from engine.batch.pictures import check_picture, draw
    from engine.batch.sweep import Sweep, read_vary, run_sweep

    if picture:
        check_picture(picture)
    law = law_of(overlays)
    chosen = pairs_of("--doctrine", doctrines)
    law.worlds(chosen, strict)
    scenario = read_scenario(file, law.base, law.reads)
    varied = read_vary(vary, scenario, law, two_valued=two_valued)
    options = Options(tuple(sorted(chosen.items())), strict, output is not None)
    sweep = Sweep(scenario, varied, law, options)
    with bar_of(sweep.total, "patterns") as progress:
        result = run_sweep(sweep, output, progress)
    board = board_of_sweep(result, law.base)
    if picture:
        draw(board, picture)
    if form == "json":
        print_json(result)
    else:
        print_board(board)
