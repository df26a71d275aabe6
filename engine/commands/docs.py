"""palermo docs: the reference, built from the rules."""

from __future__ import annotations

from pathlib import Path

import click

from engine.api import reference_pages
from engine.commands.shared import CHECK_FAILED, law_of, rules_option
from engine.report.reference import changed_pages, write_pages


@click.command()
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("docs/reference"),
    show_default=True,
    metavar="DIR",
    help="The folder to bring up to date.",
)
@click.option("--check", is_flag=True, help="Write nothing; exit code 1 when out of date.")
@rules_option
@click.pass_context
def command(ctx: click.Context, out: Path, check: bool, overlays: tuple[Path, ...]) -> None:
    """Build the reference: every rule with its sources, formula, tests and scenarios.

    Pages that were written earlier and have nothing behind them any more are removed; other
    files in DIR are left alone.
    """
    pages = reference_pages(law_of(overlays))
    changed = changed_pages(pages, out) if check else write_pages(pages, out)
    if check:
        for name in changed:
            click.echo(f"out of date: {out / name}")
    word = "out of date" if check else "brought up to date"
    click.echo(f"{len(pages)} pages, {len(changed)} {word} in {out}")
    if check and changed:
        ctx.exit(CHECK_FAILED)
