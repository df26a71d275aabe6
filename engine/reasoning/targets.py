"""What a person asks about: an outcome or a provision by name, and where it is decided."""

from __future__ import annotations

from engine.model.problem import InputError
from engine.model.records import Classification, Decided, Provision
from engine.model.truth import Truth
from engine.reasoning.assess import Assessment
from engine.reasoning.elements import Spot
from engine.reasoning.goals import Goal, answer_now, goal_rows, read_goal
from engine.rulebase.rulebase import outcome_id


def read_target(text: str, assessment: Assessment, option: str = "TARGET") -> tuple[Goal, bool]:
    """The goal that a person typed, and whether they named an answer with it.

    Without an answer it is the one that stands first: the strongest outcome, or that it holds.
    A classification that is reported under a section may be named by it. Raises ``InputError``
    with the nearest names.
    """
    base = assessment.law.base
    head, at, where = text.partition("@")
    name, sign, answer = head.partition("=")
    if "!" in name:
        raise InputError.single(option, f"found {text}", "ask about TARGET or TARGET=ANSWER")
    for item in base.classifications.values():
        if item.section and name == item.section:
            name = item.id
    if name in base.facts:
        raise InputError.single(
            option,
            f"{name} is a fact, and facts are stated, not decided",
            "ask about a provision, a classification or a body",
        )
    return read_goal(name + sign + answer + at + where, assessment, option), bool(answer)


def headline_goals(assessment: Assessment) -> list[Goal]:
    """Each classification and each of its parts, with the answer that it has now."""
    found = []
    for item in assessment.law.base.classifications.values():
        found += [
            Goal(item.id, group.outcome.label, group.key) for group in assessment.groups(item)
        ]
    return found


def item_of(goal: Goal, assessment: Assessment) -> Classification | None:
    """The classification that a goal is about, if it is about one."""
    return assessment.law.base.classifications.get(goal.of)


def record_of(goal: Goal, assessment: Assessment) -> Classification | Decided:
    """What a goal is about."""
    base = assessment.law.base
    return item_of(goal, assessment) or base.decided[goal.of]


def cite_of(goal: Goal, assessment: Assessment) -> str:
    """The citation of the provision that a goal is about, if it is about one."""
    record = record_of(goal, assessment)
    return assessment.law.base.citation(record) if isinstance(record, Provision) else ""


def row_name(goal: Goal, assessment: Assessment, row: int) -> str:
    """The name of one of the goal's rows."""
    return assessment.case.row_name(record_of(goal, assessment).per, row)


def row_answer(goal: Goal, assessment: Assessment, row: int) -> str:
    """The label or value of one row."""
    item = item_of(goal, assessment)
    if item is not None:
        return assessment.row_outcome(item, row).label
    return assessment.provision(goal.of, row).value


def row_answers(goal: Goal, assessment: Assessment) -> dict[int, str]:
    """The label or value of every row that the goal speaks of."""
    return {row: row_answer(goal, assessment, row) for row in goal_rows(goal, assessment)}


def now(goal: Goal, assessment: Assessment) -> Goal:
    """The same question with the answer that it has now."""
    return Goal(goal.of, answer_now(goal, assessment), goal.where)


def is_strongest(goal: Goal, assessment: Assessment) -> bool:
    """Whether one row with this answer is enough for the goal's rows to have it."""
    item = item_of(goal, assessment)
    return goal.answer == (item.strongest[0] if item else "holds")


def rule_spots(goal: Goal, assessment: Assessment, row: int) -> list[Spot]:
    """The outcome rules that would give a row the goal's label, or its provision's head."""
    heads = assessment.law.plan.heads
    item = item_of(goal, assessment)
    if item is None:
        return [(heads[goal.of], row)]
    return [
        (heads[outcome_id(item.id, number)], row)
        for number, outcome in enumerate(item.outcomes)
        if outcome.label == goal.answer and goal.level in ("", outcome.level)
    ]


def deciding_spots(goal: Goal, assessment: Assessment, row: int) -> list[Spot]:
    """The nodes each of which, with its value now, gives a row the goal's answer.

    Of a classification: the outcome rules with this label that hold, no rule with another label
    that stands before them holding; for the strongest label, those that also give the level.
    Empty where the answer is that nothing is shown.
    """
    item = item_of(goal, assessment)
    if item is None:
        return [(assessment.law.plan.heads[goal.of], row)] if goal.answer != "unknown" else []
    level = assessment.row_outcome(item, row).level
    levels = [level] if is_strongest(goal, assessment) else [o.level for o in item.outcomes]
    found: list[Spot] = []
    for number, outcome in enumerate(item.outcomes):
        spot = (assessment.law.plan.heads[outcome_id(item.id, number)], row)
        if assessment.truth(*spot) is not Truth.HOLDS:
            continue
        if outcome.label != goal.answer:
            break
        if outcome.level in levels:
            found.append(spot)
    return found


def contested_by(goal: Goal, assessment: Assessment) -> tuple[list[str], list[str]]:
    """The doctrines on which a goal's outcome depends: contested by, sensitive to."""
    item = item_of(goal, assessment)
    if item is None:
        record = assessment.law.base.decided[goal.of]
        return ([record.contested] if record.contested else []), []
    outcome = assessment.outcome(item)
    for group in assessment.groups(item):
        if group.key == goal.where:
            outcome = group.outcome
    rows = goal_rows(goal, assessment)
    if goal.where and len(rows) == 1:
        outcome = assessment.row_outcome(item, rows[0])
    if outcome is None:
        return [], []
    return list(outcome.contested), list(outcome.sensitive_to)
