"""What an option amounts to in law: checked by assessing the scenario with that option taken."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from engine.inference.law import Law
from engine.model.reasons import Branch, Choice
from engine.model.truth import Truth
from engine.reasoning.assess import Assessment, assess
from engine.reasoning.highway import Budget, highway, read_goals
from engine.reasoning.variants import Rechecker
from engine.reasoning.whatif import read_changes
from engine.rulebase.scenarios import read_scenario, shipped_scenarios

PLAIN = Budget(recheck="none")


def one_way(branch: Branch) -> list[str]:
    """One of the sets a branch stands for: the first option of every choice."""
    return [*branch.core, *(name for choice in branch.choices for name in first(choice))]


def first(choice: Choice) -> list[str]:
    return [name for option in choice.options[: choice.needed] for name in one_way(option)]


def every_way(branch: Branch) -> Iterator[list[str]]:
    """Enough of the sets of a branch to take every option in it, each beside the first ones."""
    yield one_way(branch)
    for number, choice in enumerate(branch.choices):
        rest = list(branch.core)
        for other, beside in enumerate(branch.choices):
            rest += first(beside) if other != number else []
        for option in choice.options if choice.needed == 1 else ():
            for way in every_way(option):
                yield rest + way


def choices(branch: Branch, outside: list[str]) -> Iterator[tuple[Choice, list[str]]]:
    """Every choice of one option, with the changes made besides."""
    for number, choice in enumerate(branch.choices):
        if choice.needed != 1:
            continue
        rest = [*outside, *branch.core]
        for other, beside in enumerate(branch.choices):
            rest += first(beside) if other != number else []
        yield choice, rest
        for option in choice.options:
            yield from choices(option, rest)


@pytest.mark.parametrize(
    ("name", "target"),
    [
        ("the-kind-uncle", "crime_against_humanity"),
        ("everywhere-but-nobodys-plan", "crime_against_humanity"),
        ("shrimp-with-a-logo", "human_rights_violation"),
        ("the-scam-towers", "crime_against_humanity!=possible"),
        ("maybe-seventeen", "transnational_offence=not_met"),
    ],
)
def test_an_option_gives_what_it_says_and_the_others_do_not_all(
    law: Law, name: str, target: str
) -> None:
    path = next(path for path in shipped_scenarios() if path.stem == name)
    before = assess(read_scenario(path, law.base, law.reads), law, engine="planes")
    answer = highway(before, read_goals([target], before), budget=PLAIN, engine="planes")
    assert answer.factored is not None
    checker = Rechecker(before, "planes")

    def value(provision: str, changes: list[str]) -> Truth:
        after = checker.assess(read_changes(changes, before).statements)
        return anywhere(after, provision)

    named = 0
    for choice, rest in choices(answer.factored, []):
        ways = [[rest + way for way in every_way(option)] for option in choice.options]
        if choice.gives is not None:
            wanted = Truth.of(choice.gives.value == "holds")
            assert all(value(choice.gives.id, way) is wanted for some in ways for way in some)
            assert value(choice.gives.id, rest) is not wanted
        for option, some in zip(choice.options, ways, strict=True):
            if option.gives is None:
                continue
            named += 1
            wanted = Truth.of(option.gives.value == "holds")
            assert all(value(option.gives.id, way) is wanted for way in some)
            assert value(option.gives.id, rest) is not wanted
            assert any(value(option.gives.id, other[0]) is not wanted for other in ways)
    assert named


def anywhere(assessment: Assessment, provision: str) -> Truth:
    """Whether a provision holds on some row, or fails on every one."""
    record = assessment.law.base.decided[provision]
    found = [assessment.provision(provision, row) for row in assessment.rows(record.per)]
    if Truth.HOLDS in found:
        return Truth.HOLDS
    return Truth.FAILS if set(found) == {Truth.FAILS} else Truth.UNKNOWN
