"""Highways: every smallest set and nothing else, against trying everything."""

from __future__ import annotations

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from engine.inference import rete
from engine.model.reasons import Branch
from engine.reasoning.assess import assess
from engine.reasoning.goals import goals_literal
from engine.reasoning.highway import Budget, first_answer, highway
from engine.reasoning.smallest import Search
from engine.reasoning.space import Space
from tests.reasoning.toy import RULES, brute_force, goals, laws, sets_of_changes
from tests.strategies import scenarios

ENGINE = "both" if rete.available() else "planes"
TRIED = 3_000
"""The most sets of changes that brute force tries for one example."""


@given(st.data())
@settings(max_examples=250)
def test_the_smallest_sets_are_those_found_by_trying_every_set(data: st.DataObject) -> None:
    law = data.draw(laws())
    scenario = data.draw(scenarios(law.base))
    assessment = assess(scenario, law, strict=data.draw(st.booleans()), engine="planes")
    wanted = data.draw(st.lists(goals(assessment), min_size=1, max_size=2))
    space = Space(assessment, data.draw(RULES))
    target = goals_literal(wanted, space)
    total = 1
    for variable in space.variables.values():
        total *= 1 + (0 if variable.held else len(variable.options))
    assume(total <= TRIED)
    expected = brute_force(space, wanted, list(sets_of_changes(space)))
    search = Search(space.circuit, target, space.changes(), space.exclusive())
    found = search.smallest()
    assert found.complete
    assert {frozenset(literals) for literals in found.spelt_out()} == expected
    fewest = min(map(len, expected), default=0)
    assert {frozenset(literals) for literals in search.fewest().spelt_out()} == {
        literals for literals in expected if len(literals) == fewest
    }
    capped = Search(space.circuit, target, space.changes(), space.exclusive(), most=2)
    assert {frozenset(literals) for literals in capped.smallest().spelt_out()} == {
        literals for literals in expected if len(literals) <= 2
    }
