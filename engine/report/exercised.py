"""Which scenarios exercise which rules: on which of them each rule holds, and fails."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from engine.inference.law import Law
from engine.model.scenario import Scenario
from engine.model.truth import Truth
from engine.reasoning.assess import assess


@dataclass(frozen=True)
class Outcomes:
    """A scenario and its outcome in each classification that was asked."""

    scenario: Scenario
    labels: dict[str, str]


@dataclass
class Exercised:
    """Scenario ids by rule: those in which it ``holds`` on some row, or ``fails`` on some."""

    outcomes: list[Outcomes] = field(default_factory=list)
    holds: dict[str, list[str]] = field(default_factory=dict)
    fails: dict[str, list[str]] = field(default_factory=dict)


def exercise(law: Law, scenarios: Sequence[Scenario]) -> Exercised:
    """Assess every scenario on the default views and note what each rule came to."""
    found = Exercised()
    for scenario in scenarios:
        assessment = assess(scenario, law, engine="planes")
        labels: dict[str, str] = {}
        for name, item in law.base.classifications.items():
            outcome = assessment.outcome(item)
            if outcome is not None:
                labels[name] = outcome.label
        found.outcomes.append(Outcomes(scenario, labels))
        for name, record in law.base.decided.items():
            values = {assessment.provision(name, row) for row in assessment.rows(record.per)}
            if Truth.HOLDS in values:
                found.holds.setdefault(name, []).append(scenario.id)
            if Truth.FAILS in values:
                found.fails.setdefault(name, []).append(scenario.id)
    return found
