"""How a board of a sweep or a summary looks on a screen."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from engine.batch.panels import Bar, Board

_LENGTH = 24


def picture_option(command: Any) -> Any:
    """``--picture FILE``."""
    return click.option(
        "--picture", type=click.Path(path_type=Path), metavar="FILE", help="Draw it: .svg or .png."
    )(command)


def format_option(command: Any) -> Any:
    """``--format text|json``: on the screen."""
    return click.option(
        "--format",
        "form",
        type=click.Choice(["text", "json"]),
        default="text",
        show_default=True,
        help="What is printed.",
    )(command)


def print_board(board: Board) -> None:
    """Print a board with bars; in a pipe no line is cut."""
    from rich.console import Console

    console = Console(width=None if sys.stdout.isatty() else 160, highlight=False, markup=False)
    console.print(board.title, style="bold")
    for panel in board.panels:
        console.print()
        console.print(panel.title, style="bold")
        _print_bars(console, panel.outcomes)
        if panel.deciding:
            console.print(f"  {board.deciding}", style="dim")
            _print_bars(console, panel.deciding)
        for note in panel.notes:
            console.print(f"  {note}", style="dim")
    for note in board.notes:
        console.print()
        console.print(note)


def print_json(record: Any) -> None:
    """Print a record as JSON."""
    click.echo(json.dumps(asdict(record), indent=1, ensure_ascii=False))


def _print_bars(console: Any, bars: tuple[Bar, ...]) -> None:
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, show_header=False, padding=(0, 1, 0, 0))
    table.add_column(width=2)
    table.add_column(width=46)
    table.add_column(width=15, justify="right")
    table.add_column(width=_LENGTH)
    for bar in bars:
        cells = max(1, round(_LENGTH * bar.share)) if bar.share else 0
        table.add_row("", bar.label, Text(bar.figure), ("█" if bar.settled else "░") * cells)
    console.print(table)
