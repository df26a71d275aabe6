"""The page of the narrow highway: how a classification is reached, and how far scenarios are.

It starts from the shipped scenario that is farthest away, so that the whole way is shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engine.inference.law import Law
from engine.model.reasons import Highway
from engine.model.records import Classification
from engine.model.scenario import Scenario
from engine.reasoning.assess import Assessment, assess
from engine.reasoning.highway import highway, read_goals
from engine.reasoning.misses import nearest_miss
from engine.report.words import SIGN


@dataclass(frozen=True)
class Distance:
    """How far one scenario is: its outcome, and the sign of each element that it lacks, by id."""

    scenario: Scenario
    label: str
    level: str
    missing: dict[str, str]


@dataclass(frozen=True)
class HighwayPage:
    """Where the way starts, the way itself, and the distances, nearest first.

    ``elements`` names those that some scenario lacks, by id.
    """

    item: Classification
    start: Scenario
    answer: Highway
    elements: dict[str, str]
    distances: list[Distance]


def highway_page(law: Law, item: Classification, scenarios: Sequence[Scenario]) -> HighwayPage:
    """Measure every scenario, and find all smallest ways from the farthest one."""
    distances = [_distance(assess(scenario, law, engine="planes"), item) for scenario in scenarios]
    distances.sort(key=lambda one: (len(one.missing), one.scenario.id))
    farthest = len(distances[-1].missing)
    start = next(one.scenario for one in distances if len(one.missing) == farthest)
    assessment = assess(start, law, engine="planes")
    answer = highway(assessment, read_goals([item.id], assessment), engine="planes")
    lacking = {name for one in distances for name in one.missing}
    elements = {name: law.base.decided[name].name for name in item.elements if name in lacking}
    return HighwayPage(item, start, answer, elements, distances)


def _distance(assessment: Assessment, item: Classification) -> Distance:
    outcome = assessment.outcome(item)
    label = outcome.label if outcome else item.otherwise
    near = nearest_miss(assessment, item) if label != item.strongest[0] else None
    missing = {one.id: SIGN[one.truth] for one in near.missing} if near else {}
    return Distance(assessment.scenario, label, (outcome.level or "") if outcome else "", missing)
