"""palermo summary: what the output of a batch says as a whole."""

from __future__ import annotations

from pathlib import Path

import click

from engine.commands.boards import format_option, picture_option, print_board, print_json
from engine.commands.shared import law_of, rules_option


@click.command()
@click.argument("output", type=click.Path(path_type=Path), metavar="OUT")
@picture_option
@format_option
@click.option(
    "--top", type=click.IntRange(1), default=5, help="How many deciding elements to list."
)
@rules_option
def command(
    output: Path, picture: Path | None, form: str, top: int, overlays: tuple[Path, ...]
) -> None:
    """Count the outcomes in OUT, a file that `palermo batch` wrote, and what decides most.

    Give the --rules that OUT was made with.
    """
    from engine.batch.panels import board_of_counts
    from engine.batch.pictures import check_picture, draw
    from engine.batch.summary import count

    if picture:
        check_picture(picture)
    law = law_of(overlays)
    counts = count(output, law.base)
    board = board_of_counts(counts, law.base, top)
    if picture:
        draw(board, picture)
    if form == "json":
        print_json(counts)
    else:
        print_board(board)
