"""Goals: the outcome that a question is about, read from what a person types.

``crime_against_humanity`` · ``crime_against_humanity=possible`` · ``human_rights_violation=
no_violation@ALAND`` · ``rome.7.policy`` · ``un.security_council=fails`` · and ``!=`` for "anything
but". A goal is checked on an assessment, and becomes a literal of a search's circuit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from engine.inference.law import Law
from engine.inference.outcomes import Labels, row_labels, strongest
from engine.inference.planes import Values
from engine.model.problem import InputError, nearest
from engine.model.records import Classification
from engine.reasoning.assess import Assessment
from engine.reasoning.circuit import FALSE, Circuit, Wiring
from engine.reasoning.places import row_word
from engine.rulebase.rulebase import outcome_id

TRUTHS = ("holds", "fails", "unknown")


class Wired(Protocol):
    """An assessment with its circuit over some changes."""

    @property
    def assessment(self) -> Assessment:
        """Where the changes start from."""

    @property
    def circuit(self) -> Circuit:
        """The circuit."""

    @property
    def wiring(self) -> Wiring:
        """The plan on the rows of the case."""


@dataclass(frozen=True)
class Goal:
    """An outcome label, or the value of something decided, over some rows.

    ``where`` is a group (an episode, a State, a charge) or a row, by name; empty for all of
    them. Over several rows a classification has the strongest label found; anything else holds
    if it holds on some row and fails if it fails on every one.
    """

    of: str
    answer: str
    where: str = ""
    other: bool = False

    @property
    def text(self) -> str:
        """The goal as it is typed."""
        where = f"@{self.where}" if self.where else ""
        return f"{self.of}{'!=' if self.other else '='}{self.answer}{where}"


def read_goal(text: str, assessment: Assessment, option: str = "target") -> Goal:
    """The goal that a person typed. Raises ``InputError`` with the nearest names."""
    head, _, where = text.partition("@")
    head, other, answer = _split(head)
    law = assessment.law
    item = law.base.classifications.get(head)
    if item is None and head not in law.base.decided:
        known = [*law.base.classifications, *law.base.decided]
        hint = nearest(head, known) or "classifications: " + ", ".join(law.base.classifications)
        raise InputError.single(option, f"unknown target {head}", hint)
    answers: Sequence[str] = item.strongest if item else TRUTHS
    answer = answer or answers[0]
    if answer not in answers:
        hint = nearest(answer, answers) or "one of " + ", ".join(answers)
        raise InputError.single(option, f"{head} is never {answer}", hint)
    goal = Goal(head, answer, row_word(where), other)
    if where and not goal_rows(goal, assessment):
        names = _names(goal, assessment)
        hint = nearest(goal.where, names) or ("one of " + ", ".join(names) if names else "none")
        raise InputError.single(option, f"{head} is not decided for {where}", hint)
    return goal


def _split(text: str) -> tuple[str, bool, str]:
    head, sign, answer = text.partition("!=")
    if sign:
        return head, True, answer
    head, _, answer = text.partition("=")
    return head, False, answer


def groups_of(item: Classification, assessment: Assessment) -> dict[str, list[int]]:
    """The rows of each episode, State or charge, as the classification is reported."""
    return {group.key: list(group.rows) for group in assessment.groups(item)}


def _names(goal: Goal, assessment: Assessment) -> list[str]:
    item = assessment.law.base.classifications.get(goal.of)
    frame = item.per if item else assessment.law.base.decided[goal.of].per
    names = [assessment.case.row_name(frame, row) for row in assessment.rows(frame)]
    return list(dict.fromkeys([*(groups_of(item, assessment) if item else ()), *names]))


def goal_rows(goal: Goal, assessment: Assessment) -> list[int]:
    """The rows a goal speaks of."""
    item = assessment.law.base.classifications.get(goal.of)
    frame = item.per if item else assessment.law.base.decided[goal.of].per
    rows = list(assessment.rows(frame))
    if not goal.where:
        return rows
    if item and goal.where in (groups := groups_of(item, assessment)):
        return groups[goal.where]
    return [row for row in rows if assessment.case.row_name(frame, row) == goal.where]


def answer_now(goal: Goal, assessment: Assessment) -> str:
    """The label or value that the assessment gives on the goal's rows; ``not_asked`` on none."""
    for answer, plane in answers(goal, assessment, assessment.values, 1).items():
        if plane & 1:
            return answer
    return "not_asked"


def reached(goal: Goal, assessment: Assessment) -> bool:
    """Whether the goal is reached in the headline of an assessment."""
    now = answer_now(goal, assessment)
    return now != "not_asked" and (now == goal.answer) is not goal.other


def answers(goal: Goal, assessment: Assessment, values: Values, full: int) -> dict[str, int]:
    """Each answer with the worlds of ``values`` in which the goal's rows have it."""
    rows, law = goal_rows(goal, assessment), assessment.law
    item = law.base.classifications.get(goal.of)
    if not rows:
        return {}
    if item is not None:
        found: list[Labels] = [row_labels(item, law.evaluator, values, row, full) for row in rows]
        combined: dict[str, int] = {}
        for (label, _), plane in strongest(item, found, full).items():
            combined[label] = combined.get(label, 0) | plane
        return combined
    holds, fails = 0, full
    for row in rows:
        true, false = law.evaluator.get(values, row, law.plan.heads[goal.of])
        holds, fails = holds | true, fails & false
    holds, fails = holds & full, fails & full
    return {"holds": holds, "fails": fails, "unknown": full & ~holds & ~fails}


def goal_literal(goal: Goal, space: Wired) -> int:
    """The goal as a literal of the space's circuit; false where it is asked of nobody."""
    rows = goal_rows(goal, space.assessment)
    if not rows:
        return FALSE
    item = space.assessment.law.base.classifications.get(goal.of)
    literal = _label(item, goal, rows, space) if item else _truth(goal, rows, space)
    return -literal if goal.other else literal


def goals_literal(goals: Sequence[Goal], space: Wired) -> int:
    """All of the goals at once."""
    return space.circuit.all([goal_literal(goal, space) for goal in goals])


def _truth(goal: Goal, rows: Sequence[int], space: Wired) -> int:
    head = space.assessment.law.plan.heads[goal.of]
    pairs = [space.wiring.pair(head, row) for row in rows]
    holds = space.circuit.any([true for true, _ in pairs])
    fails = space.circuit.all([false for _, false in pairs])
    if goal.answer == "unknown":
        return space.circuit.all([-holds, -fails])
    return holds if goal.answer == "holds" else fails


def _label(item: Classification, goal: Goal, rows: Sequence[int], space: Wired) -> int:
    """The label on some row, and no stronger label on any."""
    circuit = space.circuit
    stronger = item.strongest[: item.strongest.index(goal.answer)]
    found = [row_label(item, goal.answer, row, space.wiring) for row in rows]
    above = [-row_label(item, label, row, space.wiring) for label in stronger for row in rows]
    return circuit.all([circuit.any(found), *above])


def row_label(item: Classification, label: str, row: int, wiring: Wiring) -> int:
    """The first outcome that holds on a row is this label."""
    circuit, ways = wiring.circuit, []
    before: list[int] = []
    for number, outcome in enumerate(item.outcomes):
        true, _ = wiring.pair(wiring.plan.heads[outcome_id(item.id, number)], row)
        if outcome.label == label:
            ways.append(circuit.all([true, *before]))
        else:
            before.append(-true)
    if item.otherwise == label:
        ways.append(circuit.all(before))
    return circuit.any(ways)


def everyday_goals(law: Law) -> list[Classification]:
    """The classifications that answer a headline question, in order."""
    return [item for item in law.base.classifications.values() if not item.section]
