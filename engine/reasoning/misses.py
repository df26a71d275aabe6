"""Why not: what fails or is open on the way to an answer, nearest miss first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from engine.inference.plan import LEAVES
from engine.model.element import Element
from engine.model.reasons import FactChange
from engine.model.records import Classification
from engine.model.result import NOTICE
from engine.model.truth import Truth
from engine.model.why import Near, WhyNot
from engine.reasoning.assess import Assessment
from engine.reasoning.elements import Spot, explain
from engine.reasoning.goals import Goal, answer_now, goal_literal, goal_rows, reached
from engine.reasoning.space import Space
from engine.reasoning.stages import missing_elements
from engine.reasoning.targets import (
    cite_of,
    contested_by,
    item_of,
    record_of,
    row_answer,
    row_name,
    rule_spots,
)
from engine.reasoning.variants import reaching
from engine.reasoning.wording import Wording
from engine.rulebase.rulebase import outcome_id

_ROWS = 3
"""How many rows are spelt out, the nearest ones."""


def why_not(assessment: Assessment, goal: Goal) -> WhyNot:
    """What stands between a scenario and an answer it does not have, row by row."""
    record = record_of(goal, assessment)
    item = item_of(goal, assessment)
    answer, is_reached = answer_now(goal, assessment), reached(goal, assessment)
    misses = Misses(assessment)
    near = [] if is_reached else _near(assessment, goal, misses)
    stronger = ""
    if item is not None and answer in item.strongest:
        if item.strongest.index(answer) < item.strongest.index(goal.answer):
            stronger = answer
    return WhyNot(
        scenario=assessment.scenario.id,
        target=f"{goal.of}@{goal.where}" if goal.where else goal.of,
        name=record.name,
        cite=cite_of(goal, assessment),
        wanted=goal.answer,
        answer=answer,
        reached=is_reached,
        stronger=stronger,
        near=near,
        one_change=[] if is_reached else one_change(assessment, goal, misses),
        contested=contested_by(goal, assessment)[0],
        doctrine=dict(assessment.worlds.profiles[0]),
        strict=assessment.worlds.strict,
        notice=NOTICE,
    )


def nearest_miss(assessment: Assessment, item: Classification) -> Near | None:
    """What its nearest row lacks for a classification's strongest outcome, if it lacks any."""
    near = _near(assessment, Goal(item.id, item.strongest[0]), Misses(assessment), 1)
    return near[0] if near else None


def one_change(
    assessment: Assessment, goal: Goal, misses: Misses | None = None
) -> list[FactChange]:
    """Every single statement that alone would give the answer: all tried in one evaluation."""
    space = Space(assessment)
    leaves = _lacking(assessment, goal, misses or Misses(assessment))
    if leaves is None:
        goal_literal(goal, space)
    else:
        for spot in leaves:
            space.wiring.leaf(*spot)  # makes known what could be stated instead
    literals = space.changes()
    if not literals:
        return []
    worlds = reaching(space, [goal], [[literal] for literal in literals])
    found = [literal for world, literal in enumerate(literals) if worlds >> world & 1]
    wording = Wording(space, [goal.of]) if found else None
    return [wording.change(one) for one in sorted(found, key=wording.order)] if wording else []


def _lacking(assessment: Assessment, goal: Goal, misses: Misses) -> list[Spot] | None:
    """The leaves of which one must be different for a goal to be reached.

    ``None`` where that is not so simple: something that holds now would have to fail.
    """
    item = item_of(goal, assessment)
    if goal.answer == "unknown" or goal.other:
        return None
    wanted = Truth.FAILS if goal.answer == "fails" else Truth.HOLDS
    for row in goal_rows(goal, assessment):
        spots = rule_spots(goal, assessment, row)
        if not spots or (item is not None and not _only_open(item, assessment, row)):
            return None
        for spot in spots:
            misses.distance(spot, wanted)
    return misses.lacking()


def _only_open(item: Classification, assessment: Assessment, row: int) -> bool:
    """Whether no outcome rule holds on a row, so that any that comes to hold is its label."""
    heads = assessment.law.plan.heads
    return not any(
        assessment.truth(heads[outcome_id(item.id, number)], row) is Truth.HOLDS
        for number in range(len(item.outcomes))
    )


def _near(assessment: Assessment, goal: Goal, misses: Misses, most: int = _ROWS) -> list[Near]:
    """The goal's rows that lack the answer, nearest first."""
    wanted = Truth.FAILS if goal.answer == "fails" else Truth.HOLDS
    item = item_of(goal, assessment)
    ranked: list[tuple[int, int, Spot]] = []
    for row in goal_rows(goal, assessment):
        spots = [
            spot
            for spot in rule_spots(goal, assessment, row)
            if assessment.truth(*spot) is not wanted
        ]
        if spots:
            spot = min(spots, key=lambda one: misses.distance(one, wanted))
            ranked.append((misses.distance(spot, wanted), row, spot))
    found = []
    for distance, row, spot in sorted(ranked)[:most]:
        tree = misses.tree(spot, wanted)
        missing = missing_elements(tree, item.elements if item else ())
        missing.sort(key=lambda element: element.distance or 0)
        found.append(
            Near.model_construct(
                row=row_name(goal, assessment, row),
                answer=row_answer(goal, assessment, row),
                missing=missing,
                met=_met(assessment, item.elements if item else (), goal, row),
                distance=distance,
            )
        )
    return found


def _met(assessment: Assessment, names: Sequence[str], goal: Goal, row: int) -> list[str]:
    """The names of a classification's elements that hold for a row."""
    law, layout = assessment.law, assessment.case.layout
    frame = record_of(goal, assessment).per
    found = []
    for name in names:
        record = law.base.decided[name]
        related = layout.related(frame, row, record.per)
        if any(assessment.provision(name, other) is Truth.HOLDS for other in related):
            found.append(record.name)
    return found


@dataclass
class Misses:
    """How far nodes are from values that they do not have, and by which parts."""

    assessment: Assessment
    _known: dict[tuple[Spot, Truth], int] = field(default_factory=dict)
    _wanted: dict[Spot, Truth] = field(default_factory=dict)

    def distance(self, spot: Spot, wanted: Truth) -> int:
        """The fewest leaves that would have to be different, each counted where it is read."""
        key = (spot, wanted)
        if key not in self._known:
            self._known[key] = self._measure(spot, wanted)
        return self._known[key]

    def _measure(self, spot: Spot, wanted: Truth) -> int:
        assessment = self.assessment
        node = assessment.law.plan.nodes[spot[0]]
        if self._has(spot, wanted):
            return 0
        if node.op in LEAVES:
            return 1
        parts = assessment.parts(*spot)
        if not parts:  # a quantifier over nobody: no fact can change it
            return _FAR
        costs = sorted(self.distance(part, self._below(spot, wanted)) for part in parts)
        needed = self._needed(spot, wanted, len(parts))
        return min(_FAR, sum(costs[:needed]))

    def lacking(self) -> list[Spot]:
        """The facts met so far, on the rows they were met on, that lack the value wanted."""
        nodes = self.assessment.law.plan.nodes
        return [
            spot
            for (spot, _), distance in self._known.items()
            if distance and nodes[spot[0]].op == "fact"
        ]

    def _has(self, spot: Spot, wanted: Truth) -> bool:
        return self.assessment.truth(*spot) is wanted

    def _below(self, spot: Spot, wanted: Truth) -> Truth:
        """What the parts of a node must be for it to have the wanted value."""
        op = self.assessment.law.plan.nodes[spot[0]].op
        return wanted.negate() if op in ("not", "unless") else wanted

    def _needed(self, spot: Spot, wanted: Truth, parts: int) -> int:
        """How many of a node's parts must have that value."""
        node = self.assessment.law.plan.nodes[spot[0]]
        if node.op == "count":
            needed = int(node.param[0])
            return needed if wanted is Truth.HOLDS else parts - needed + 1
        together = (node.op in ("all", "every")) == (wanted is Truth.HOLDS)
        return parts if together or node.op in ("not", "unless") else 1

    def tree(self, spot: Spot, wanted: Truth) -> Element:
        """What stands in the way, part by part; of several routes, every one, nearest first."""
        self._wanted = {spot: wanted}
        return explain(
            self.assessment,
            spot,
            self._parts,
            lambda one: self.distance(one, self._wanted.get(one, Truth.HOLDS)),
            once=True,
        )

    def _parts(self, spot: Spot) -> list[Spot]:
        below = self._below(spot, self._wanted[spot])
        parts = self.assessment.parts(*spot)
        lacking = [part for part in parts if not self._has(part, below)]
        for part in lacking:
            self._wanted.setdefault(part, below)
        return sorted(lacking, key=lambda part: self.distance(part, below))


_FAR = 10_000
"""The distance of what no fact can change."""
