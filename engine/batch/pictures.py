"""Pictures of a sweep and of a summary, as SVG or PNG.

Every bar carries its words and its figure, an open outcome is hatched, and the words of the
whole go into the file, so that nothing is told by colour alone.
"""

from __future__ import annotations

import io
import os
from pathlib import Path
from textwrap import fill
from typing import Any
from xml.sax.saxutils import escape

from engine.batch.extras import need
from engine.batch.panels import Bar, Board
from engine.batch.parts import write_whole
from engine.model.problem import InputError

_SETTLED = {"color": "#2b5c8a"}
_OPEN = {"facecolor": "#ffffff", "edgecolor": "#2b5c8a", "hatch": "////", "linewidth": 0.8}
_DECIDING = {"color": "#8a6d3b"}
_LINE = 0.3
"""Inches for a bar."""


def draw(board: Board, path: Path) -> None:
    """Draw a board: a row for each classification, outcomes left, what decides them right."""
    suffix = check_picture(path)
    matplotlib = need("matplotlib")
    matplotlib.use("agg")
    style = {
        "svg.hashsalt": "palermo",
        "svg.fonttype": "none",
        "font.size": 9,
        "hatch.color": "#2b5c8a",
        "hatch.linewidth": 0.6,
    }
    plots = need("matplotlib.pyplot")
    sizes = [max(1, len(panel.outcomes), len(panel.deciding)) + 1.4 for panel in board.panels]
    with matplotlib.rc_context(style):
        figure, axes = plots.subplots(
            len(sizes),
            2,
            figsize=(11, 0.6 + _LINE * sum(sizes)),
            layout="constrained",
            squeeze=False,
            height_ratios=sizes,
            width_ratios=[1, 1.15],
        )
        figure.suptitle(fill(board.title, 90), x=0.01, ha="left", fontsize=12, fontweight="bold")
        if any(not bar.settled for panel in board.panels for bar in panel.outcomes):
            figure.supxlabel("hatched: the outcome is open", x=0.01, ha="left", fontsize=8)
        for number, panel in enumerate(board.panels):
            room = sizes[number] - 1.4
            left, right = axes[number]
            _bars(left, panel.outcomes, room)
            _bars(right, panel.deciding, room, _DECIDING)
            left.set_title(f"{panel.title}: {board.outcomes}", loc="left", fontsize=9)
            heading = board.deciding if panel.deciding else "; ".join(panel.notes[:1])
            right.set_title(heading, loc="left", fontsize=9, color="#555555")
            if panel.deciding and panel.notes:
                right.set_xlabel(fill("; ".join(panel.notes), 76), loc="left", fontsize=7)
        data = _saved(figure, board, suffix)
        plots.close(figure)
    try:
        write_whole(path, data)
    except OSError as error:
        raise InputError.single(
            str(path), f"cannot be written: {error.strerror or error}"
        ) from None


def check_picture(path: Path) -> str:
    """The suffix of a picture. Raises ``InputError`` where it is none, or has no folder."""
    suffix = path.suffix.lower()
    if suffix not in (".svg", ".png"):
        raise InputError.single(str(path), "a picture is .svg or .png")
    if not path.parent.is_dir() or path.is_dir():
        where = "this is a folder" if path.is_dir() else f"the folder {path.parent} is not there"
        raise InputError.single(str(path), where)
    return suffix


def _bars(axis: Any, bars: tuple[Bar, ...], room: float, look: dict[str, Any] = _SETTLED) -> None:
    for row, bar in enumerate(bars):
        axis.barh(row, bar.share, height=0.66, **(look if bar.settled else _OPEN))
        axis.text(bar.share + 0.012, row, bar.figure, va="center", fontsize=8)
    axis.set_xlim(0, 1.14)
    axis.set_ylim(max(room, 1) - 0.5, -0.5)
    axis.set_yticks(range(len(bars)), [fill(bar.label, 46) for bar in bars], fontsize=8)
    axis.set_xticks([])
    axis.tick_params(length=0)
    for side in ("top", "right", "bottom"):
        axis.spines[side].set_visible(False)
    if not bars:
        axis.spines["left"].set_visible(False)


def _saved(figure: Any, board: Board, suffix: str) -> bytes:
    """The picture with the board in words: title and description of the file."""
    sink = io.BytesIO()
    if suffix == ".png":
        about = {"Title": board.title, "Description": board.text}
        figure.savefig(sink, format="png", dpi=150, metadata=about)
        return sink.getvalue()
    figure.savefig(sink, format="svg", metadata={"Date": None})
    head, start, rest = sink.getvalue().decode().partition("<svg ")
    tag, end, body = rest.partition(">")
    words = (
        f'\n <title id="title">{escape(board.title)}</title>'
        f'\n <desc id="desc">{escape(board.text)}</desc>'
    )
    role = ' role="img" aria-labelledby="title desc"'
    return f"{head}{start}{tag}{role}{end}{words}{body}".replace(os.linesep, "\n").encode()
