"""Pictures of a sweep and of a summary, as SVG or PNG."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from engine.batch.extras import need
from engine.batch.sweep import Flips
from engine.model.problem import InputError

_COLOURS = ("#2b5c8a", "#7fb3d5", "#d9a441", "#b85450", "#8a8a8a", "#5a8f69", "#a57bb8")


def draw_shares(
    shares: Mapping[str, Mapping[str, float]], path: Path, flips: Flips | None = None
) -> None:
    """A bar for each classification, cut by outcome; for a sweep also which fact flips which."""
    suffix = path.suffix.lower()
    if suffix not in (".svg", ".png"):
        raise InputError.single(str(path), "a picture is .svg or .png")
    matplotlib = need("matplotlib")
    matplotlib.use("agg")
    matplotlib.rcParams["svg.hashsalt"] = "palermo"
    matplotlib.rcParams["svg.fonttype"] = "none"
    plots = need("matplotlib.pyplot")
    facts = len(flips.varied) if flips else 0
    height = 1.4 + 0.6 * len(shares) + (1.6 + 0.42 * facts if facts else 0)
    figure, axes = plots.subplots(
        2 if flips else 1,
        1,
        figsize=(10, height),
        layout="constrained",
        squeeze=False,
        height_ratios=[len(shares), max(2, facts)] if flips else None,
    )
    _bars(axes[0][0], shares)
    if flips:
        _flips(axes[1][0], flips)
    figure.savefig(path, metadata={"Date": None} if suffix == ".svg" else None, dpi=150)
    plots.close(figure)


def _bars(axis: Any, shares: Mapping[str, Mapping[str, float]]) -> None:
    for row, parts in enumerate(shares.values()):
        left = 0.0
        for number, (label, share) in enumerate(parts.items()):
            axis.barh(
                row, share, left=left, color=_COLOURS[number % len(_COLOURS)], edgecolor="white"
            )
            if share >= 0.07:
                axis.text(
                    left + share / 2,
                    row,
                    f"{label.replace('_', ' ')}\n{share:.0%}",
                    ha="center",
                    va="center",
                    fontsize=7,
                    color="white",
                )
            left += share
    axis.set_yticks(range(len(shares)), [name.replace("_", " ") for name in shares])
    axis.invert_yaxis()
    axis.set_xlim(0, 1)
    axis.xaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
    axis.set_title("Share of scenarios by outcome", loc="left", fontsize=10)


def _flips(axis: Any, flips: Flips) -> None:
    names = list(flips.labels)
    table = [[flips.flips(name, fact) for name in names] for fact in range(len(flips.varied))]
    axis.imshow(table, cmap="Blues", vmin=0, vmax=max(0.01, max(map(max, table))), aspect="auto")
    for row, values in enumerate(table):
        for column, value in enumerate(values):
            axis.text(
                column,
                row,
                f"{value:.0%}",
                ha="center",
                va="center",
                fontsize=8,
                bbox={"facecolor": "white", "alpha": 0.7, "edgecolor": "none", "pad": 1},
            )
    axis.set_xticks(range(len(names)), [name.replace("_", " ") for name in names], fontsize=8)
    axis.set_yticks(range(len(flips.varied)), [vary.fact for vary in flips.varied], fontsize=8)
    axis.set_title("How often changing one fact alone changes the outcome", loc="left", fontsize=10)
