"""What the caller of a search fixes, and what "only this" asks for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engine.model.problem import InputError, nearest
from engine.reasoning.assess import Assessment, assess
from engine.reasoning.goals import Goal, answer_now, goal_rows
from engine.reasoning.places import Place, Statement, facts_at, restated, word
from engine.reasoning.whatif import read_places, read_statement


@dataclass(frozen=True)
class Fixed:
    """Where a search starts, and what it leaves alone."""

    start: Assessment
    facts: frozenset[tuple[str, Place | None]]


def fix(assessment: Assessment, texts: Sequence[str], *, only_add: bool = False) -> Fixed:
    """Hold facts as they are (``FACT``, ``FACT@PLACE``) or as given (``FACT=VALUE``).

    Raises ``InputError`` where two of them, or one of them and what the scenario states when
    only additions are allowed, contradict each other.
    """
    option = "--fix"
    held: set[tuple[str, Place | None]] = set()
    given: dict[tuple[str, Place], Statement] = {}
    for text in texts:
        name, sign, value = text.partition("=")
        if not sign:
            fact, places = read_places(name, assessment, option)
            held |= {(fact.id, place) for place in places} if "@" in name else {(fact.id, None)}
            continue
        for item in read_statement(name, value, assessment, option):
            key = (item.fact, item.place)
            if given.setdefault(key, item) != item:
                message = f"{item.fact} is fixed as {word(given[key].value)} and as {value}"
                raise InputError.single(option, message, "keep one of them")
            held.add(key)
    if only_add:
        _check_additions(assessment, list(given.values()))
    if given:
        assessment = assess(
            restated(assessment.scenario, given.values()),
            assessment.law,
            doctrine=assessment.chosen,
            strict=assessment.worlds.strict,
            engine="planes",
        )
    return Fixed(assessment, frozenset(held))


def _check_additions(assessment: Assessment, given: Sequence[Statement]) -> None:
    for item in given:
        stated = facts_at(assessment.scenario, item.place).get(item.fact)
        if stated is not None and stated.value is not None and stated.value != item.value:
            raise InputError.single(
                "--fix",
                f"{item.text} contradicts the scenario, which states {word(stated.value)}",
                "leave out --only-add, or the fixed value",
            )


def only(assessment: Assessment, name: str) -> list[Goal]:
    """The goals of "only this": made out, and none of the other main questions.

    A question is not made out where its outcome is weaker than the open one. Raises
    ``InputError`` for what is not a main question.
    """
    main = [item for item in assessment.law.base.classifications.values() if not item.section]
    known = {item.id: item for item in main}
    if name not in known:
        hint = nearest(name, known) or "one of " + ", ".join(known)
        raise InputError.single("--only", f"{name} is not one of the main questions", hint)
    goals = []
    for item in main:
        whole = Goal(item.id, item.strongest[0])
        if not goal_rows(whole, assessment):
            continue
        strong = item.strongest[: item.strongest.index(item.open)]
        if item.id == name:
            now = answer_now(whole, assessment)
            goals.append(Goal(item.id, now if now in strong else item.strongest[0]))
        else:
            goals += [Goal(item.id, label, other=True) for label in (*strong, item.open)]
    return goals
