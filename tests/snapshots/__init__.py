"""The explanation of every shipped scenario, kept as text: why, and what keeps open what is open.

``make snapshots`` (``python -m tests.snapshots``) rewrites them; the difference is then reviewed
like any other change of what palermo says.
"""

from __future__ import annotations

from io import StringIO
from pathlib import Path

from rich.console import Console

from engine.inference.law import Law
from engine.reasoning.assess import assess
from engine.reasoning.goals import Goal
from engine.reasoning.targets import headline_goals
from engine.reasoning.why import why
from engine.report.why_text import print_why
from engine.rulebase.scenarios import read_scenario

FOLDER = Path(__file__).parent


def snapshot(path: Path) -> Path:
    """Where the explanation of a scenario is kept."""
    return FOLDER / f"{path.stem}.txt"


def explanation(path: Path, law: Law) -> str:
    """Why each outcome of a scenario is what it is."""
    assessment = assess(read_scenario(path, law.base, law.reads), law, engine="planes")
    out = StringIO()
    console = Console(file=out, width=100, color_system=None, legacy_windows=False)
    for goal in headline_goals(assessment):
        print_why(console, why(assessment, Goal(goal.of, "", goal.where)))
    lines = [line.rstrip() for line in out.getvalue().splitlines()]
    return "\n".join(lines).strip() + "\n"
