"""What a reader sees first: the outcome, and how far it is from another one."""

from __future__ import annotations

from io import StringIO

import pytest
from rich.console import Console

from engine.inference.law import Law
from engine.reasoning.assess import assess
from engine.report.document import make_result
from engine.report.text import print_assessment
from engine.rulebase.scenarios import read_scenario, shipped_scenarios

PATHS = {path.stem: path for path in shipped_scenarios()}


def printed(name: str, law: Law, *, full: bool = False) -> str:
    scenario = read_scenario(PATHS[name], law.base, law.reads)
    assessment = assess(scenario, law, engine="planes")
    out = StringIO()
    console = Console(file=out, width=400, color_system=None, legacy_windows=False)
    print_assessment(console, assessment, make_result(assessment), full=full)
    return out.getvalue()


def test_the_card_says_how_many_steps_it_is_from_the_highway(law: Law) -> None:
    text = printed("everywhere-but-nobodys-plan", law)
    assert "2 steps from possible: Policy" in text
    assert "steps from" not in printed("the-toll-of-the-desert", law)


@pytest.mark.parametrize("name", ["rantsev", "the-toll-of-the-desert", "the-kind-uncle"])
def test_full_says_all_that_the_short_form_says_and_more(law: Law, name: str) -> None:
    short, full = printed(name, law), printed(name, law, full=True)
    assert "Who can act" in short
    assert "cannot:" in short
    assert "basis:" not in short
    assert "basis:" in full
    assert len(full.splitlines()) > len(short.splitlines())
    lines = {line.strip(" │├└─") for line in full.splitlines()}
    elements = [line.strip(" │├└─") for line in short.splitlines()]
    gone = [e for e in elements if e.startswith(("✓", "✗", "?")) and e not in lines]
    assert [line for line in gone if "  → " not in line] == []
