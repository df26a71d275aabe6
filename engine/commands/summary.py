"""palermo summary: what the output of a batch says as a whole."""

from __future__ import annotations

from pathlib import Path

import click

from engine.commands.shared import law_of, rules_option


@click.command()
@click.argument("output", type=click.Path(path_type=Path), metavar="OUT")
@click.option(
    "--picture", type=click.Path(path_type=Path), metavar="FILE", help="Draw it: .svg or .png."
)
@click.option(
    "--top", type=click.IntRange(1), default=5, help="How many deciding elements to list."
)
@rules_option
def command(output: Path, picture: Path | None, top: int, overlays: tuple[Path, ...]) -> None:
    """Count the outcomes in OUT, a file that `palermo batch` wrote, and what decides most."""
    from rich.console import Console
    from rich.table import Table

    from engine.batch.summary import count

    law = law_of(overlays)
    counts = count(output, law.base)
    console = Console()
    console.print(f"{counts.rows:,} scenarios")
    for name, found in counts.outcomes.items():
        item = next(i for i in law.base.classifications.values() if (i.section or i.id) == name)
        table = Table(
            title=item.name, title_justify="left", box=None, show_header=False, padding=(0, 2, 0, 0)
        )
        for label, number in found.items():
            share = number / max(1, counts.rows)
            table.add_row(
                label.replace("_", " "), f"{number:,}", f"{share:.1%}", "█" * round(30 * share)
            )
        console.print(table)
        for title, words in (("decided first by", counts.first), ("contested", counts.contested)):
            listed = list(words.get(name, {}).items())[:top]
            if listed:
                console.print(
                    f"  {title}: " + ", ".join(f"{word} ({number:,})" for word, number in listed),
                    highlight=False,
                )
        console.print()
    if counts.bodies:
        listed = list(counts.bodies.items())[: 2 * top]
        console.print(
            "bodies: " + ", ".join(f"{word} ({number:,})" for word, number in listed),
            highlight=False,
        )
    if picture:
        from engine.batch.pictures import draw_shares

        draw_shares(counts.shares(), picture)
