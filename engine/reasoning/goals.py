"""Goals: the outcome that a question is about, read from what a person types.

``crime_against_humanity`` · ``crime_against_humanity=possible`` · ``human_rights_violation=
no_violation@ALAND`` · ``rome.7.policy`` · ``un.security_council=fails`` · and ``!=`` for "anything
but"; ``=possible:individual`` asks for a level as well. A goal is checked on an assessment, and
becomes a literal of a search's circuit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from engine.inference.law import Law
from engine.inference.outcomes import Labels, label_levels, row_labels, strongest
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
    if it holds on some row and fails if it fails on every one. ``level`` is that of a label.
    """

    of: str
    answer: str
    where: str = ""
    other: bool = False
    level: str = ""

    @property
    def answer_text(self) -> str:
        """The answer with the level, if one is asked for."""
        return f"{self.answer}:{self.level}" if self.level else self.answer

    @property
    def text(self) -> str:
        """The goal as it is typed."""
        where = f"@{self.where}" if self.where else ""
        return f"{self.of}{'!=' if self.other else '='}{self.answer_text}{where}"


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
    answer, _, level = answer.partition(":")
    answer = answer or answers[0]
    if answer not in answers:
        hint = nearest(answer, answers) or "one of " + ", ".join(answers)
        raise InputError.single(option, f"{head} is never {answer}", hint)
    if level and level not in (known_levels := levels_of(item, answer) if item else ()):
        hint = nearest(level, known_levels) or "levels: " + (", ".join(known_levels) or "none")
        raise InputError.single(option, f"{head} is never {answer}:{level}", hint)
    goal = Goal(head, answer, row_word(where), other, level)
    if where and not goal_rows(goal, assessment):
        names = _names(goal, assessment)
        hint = nearest(goal.where, names) or ("one of " + ", ".join(names) if names else "none")
        raise InputError.single(option, f"{head} is not decided for {where}", hint)
    return goal


def levels_of(item: Classification, label: str) -> tuple[str, ...]:
    """The levels at which a label is reached, the most personal first."""
    return tuple(level for level in label_levels(item, label) if level)


def _split(text: str) -> tuple[str, bool, str]:
    head, sign, answer = text.partition("!=")
    if sign:
        return head, True, answer
    head, _, answer = text.partition("=")
    return head, False, answer


def is_open(goal: Goal, assessment: Assessment) -> bool:
    """Whether the goal is that a classification be undetermined."""
    item = assessment.law.base.classifications.get(goal.of)
    return item is not None and goal.answer == item.open and not goal.other


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


def answer_now(goal: Goal, assessment: Assessment, *, levels: bool = False) -> str:
    """The label or value that the assessment gives on the goal's rows; ``not_asked`` on none.

    ``levels``: where the goal asks for a level, ``LABEL:LEVEL``.
    """
    for answer, plane in answers(goal, assessment, assessment.values, 1, levels=levels).items():
        if plane & 1:
            return answer
    return "not_asked"


def reached(goal: Goal, assessment: Assessment) -> bool:
    """Whether the goal is reached in the headline of an assessment."""
    return bool(reaching_worlds(goal, assessment, assessment.values, 1))


def reaching_worlds(goal: Goal, assessment: Assessment, values: Values, full: int) -> int:
    """The worlds of ``values`` in which the goal is reached; none where it is asked of nobody."""
    if not goal_rows(goal, assessment):
        return 0
    plane = answers(goal, assessment, values, full, levels=True).get(goal.answer_text, 0)
    return full & (~plane if goal.other else plane)


def answers(
    goal: Goal, assessment: Assessment, values: Values, full: int, *, levels: bool = False
) -> dict[str, int]:
    """Each answer with the worlds of ``values`` in which the goal's rows have it.

    ``levels``: where the goal asks for a level, each answer is ``LABEL:LEVEL``.
    """
    rows, law = goal_rows(goal, assessment), assessment.law
    item = law.base.classifications.get(goal.of)
    if not rows:
        return {}
    if item is not None:
        found: list[Labels] = [row_labels(item, law.evaluator, values, row, full) for row in rows]
        combined: dict[str, int] = {}
        for (label, level), plane in strongest(item, found, full).items():
            name = f"{label}:{level}" if levels and goal.level else label
            combined[name] = combined.get(name, 0) | plane
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
    """The label, at the level asked for, on some row, and no stronger one on any."""
    circuit = space.circuit
    stronger = [(label, "") for label in item.strongest[: item.strongest.index(goal.answer)]]
    if goal.level:
        levels = levels_of(item, goal.answer)
        stronger += [(goal.answer, level) for level in levels[: levels.index(goal.level)]]
    found = [row_label(item, goal.answer, row, space.wiring, goal.level) for row in rows]
    above = [
        -row_label(item, label, row, space.wiring, level)
        for label, level in stronger
        for row in rows
    ]
    return circuit.all([circuit.any(found), *above])


def row_label(item: Classification, label: str, row: int, wiring: Wiring, level: str = "") -> int:
    """The first outcome that holds on a row has this label, and this level if one is given."""
    circuit, ways = wiring.circuit, []
    before: list[int] = []
    for number, outcome in enumerate(item.outcomes):
        true, _ = wiring.pair(wiring.plan.heads[outcome_id(item.id, number)], row)
        if outcome.label == label and (not level or outcome.level == level):
            ways.append(circuit.all([true, *before]))
        else:
            before.append(-true)
    if item.otherwise == label and (not level or item.otherwise_level == level):
        ways.append(circuit.all(before))
    return circuit.any(ways)


def everyday_goals(law: Law) -> list[Classification]:
    """The classifications that answer a headline question, in order."""
    return [item for item in law.base.classifications.values() if not item.section]
