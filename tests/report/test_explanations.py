"""What palermo says about every shipped scenario is what was reviewed."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.inference.law import Law
from engine.rulebase.scenarios import shipped_scenarios
from tests.snapshots import FOLDER, explanation, snapshot


@pytest.mark.parametrize("path", shipped_scenarios(), ids=lambda path: path.stem)
def test_the_explanation_is_the_reviewed_one(law: Law, path: Path) -> None:
    kept = snapshot(path)
    assert kept.exists(), "no snapshot: `make snapshots` writes it"
    assert explanation(path, law) == kept.read_text(encoding="utf-8"), "`make snapshots` renews it"


def test_no_snapshot_is_left_of_a_scenario_that_is_gone() -> None:
    kept = {path.stem for path in FOLDER.glob("*.txt")}
    assert kept == {path.stem for path in shipped_scenarios()}
