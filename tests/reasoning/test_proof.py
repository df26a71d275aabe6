"""Reasons: sufficient, smallest, strongest, and made of nothing but the scenario."""

from __future__ import annotations

from collections.abc import Collection
from itertools import combinations

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from engine.inference.law import Law
from engine.model.scenario import Scenario
from engine.model.truth import Truth
from engine.reasoning.assess import Assessment, assess
from engine.reasoning.elements import Spot
from engine.reasoning.goals import Goal, goals_literal, reached
from engine.reasoning.misses import one_change, why_not
from engine.reasoning.places import Place, Statement, facts_at, restated
from engine.reasoning.proof import TAKEN, Grounds, Premise, Proof
from engine.reasoning.space import Space
from engine.reasoning.targets import headline_goals, item_of, read_target
from engine.reasoning.why import why
from engine.rulebase.scenarios import read_scenario, shipped_scenarios
from tests.reasoning.toy import brute_force, goals, law_of, laws
from tests.strategies import rulebases, scenarios


def value_on(
    assessment: Assessment, spot: Spot, leaves: Collection[Premise], memo: dict[Spot, Truth]
) -> Truth:
    """Plain recursion: what a node is when these leaves, and nothing else, are given."""
    if spot in memo:
        return memo[spot]
    node = assessment.law.plan.nodes[spot[0]]
    parts = [value_on(assessment, part, leaves, memo) for part in assessment.parts(*spot)]
    found = Truth.UNKNOWN
    if node.op in ("fact", "view"):
        if any(covers(assessment, leaf, spot) for leaf in leaves):
            found = assessment.truth(*spot)
    elif node.op in ("not", "unless"):
        found = parts[0].negate()
        if node.op == "unless" and any(
            leaf.basis == "not shown" and leaf.spot == spot for leaf in leaves
        ):
            found = Truth.HOLDS
    elif node.op == "count":
        found = Truth.at_least(int(node.param[0]), parts)
    elif parts:
        found = (Truth.all if node.op in ("all", "every") else Truth.any)(parts)
    memo[spot] = found
    return found


def covers(assessment: Assessment, leaf: Premise, spot: Spot) -> bool:
    """Whether a node and row read what a leaf states."""
    node = assessment.law.plan.nodes[spot[0]]
    if leaf.basis == "not shown" or node.param[0] != leaf.id:
        return False
    if leaf.basis == "view taken":
        return True
    if leaf.basis == "worked out":
        return assessment.case.row_name(node.frame, spot[1]) == leaf.place
    place = Place(tuple(leaf.place.split(".")))
    stated = assessment.case.stated(node.frame, spot[1], leaf.id)
    return (leaf.basis == "stated") == (stated is not None) and reads(assessment, spot, place)


def reads(assessment: Assessment, spot: Spot, place: Place) -> bool:
    """Whether stating the fact in that place as unknown, or the opposite, reaches the row."""
    node = assessment.law.plan.nodes[spot[0]]
    fact = str(node.param[0])
    marks: list[object] = []
    for mark in (111, 222):
        statement = Statement(fact, place, mark)
        other = assess(
            restated(assessment.scenario, [statement]), assessment.law, engine="planes"
        ).case
        marks.append(other.stated(node.frame, spot[1], fact))
    return marks == [111, 222]


def known_spots(assessment: Assessment) -> list[Spot]:
    return [
        (head, row)
        for head in assessment.law.plan.heads.values()
        for row in assessment.rows(assessment.law.plan.nodes[head].frame)
        if assessment.truth(head, row).known
    ]


@given(st.data())
@settings(max_examples=200)
def test_a_reason_is_sufficient_and_none_of_its_leaves_can_be_left_out(
    data: st.DataObject,
) -> None:
    law = law_of(data.draw(rulebases()))
    strict = data.draw(st.booleans())
    assessment = assess(data.draw(scenarios(law.base)), law, strict=strict, engine="planes")
    for spot in known_spots(assessment)[:12]:
        grounds = Grounds(assessment)
        target = grounds.literal(spot)
        leaves = grounds.strongest(target)
        chosen = [grounds.premises[one] for one in leaves]
        truth = assessment.truth(*spot)
        assert value_on(assessment, spot, chosen, {}) is truth
        for premise in chosen:
            less = [other for other in chosen if other is not premise]
            assert value_on(assessment, spot, less, {}) is Truth.UNKNOWN
        assert Proof(grounds, leaves).value(spot) is truth
        if strict:
            assert not [item for item in chosen if item.basis in ("presumed", "not shown")]


@given(st.data())
@settings(max_examples=150)
def test_no_reason_assumes_less_or_is_shorter(data: st.DataObject) -> None:
    law = law_of(data.draw(rulebases()))
    assessment = assess(data.draw(scenarios(law.base)), law, engine="planes")
    spots = known_spots(assessment)
    assume(spots)
    spot = data.draw(st.sampled_from(spots))
    grounds = Grounds(assessment)
    target = grounds.literal(spot)
    leaves = list(grounds.premises)
    assume(len(leaves) <= 9)
    enough = [
        chosen
        for number in range(len(leaves) + 1)
        for chosen in combinations(leaves, number)
        if value_on(assessment, spot, [grounds.premises[one] for one in chosen], {}).known
    ]

    def strength(chosen: Collection[int]) -> tuple[int, int]:
        taken = sum(grounds.premises[one].basis in TAKEN for one in chosen)
        return taken, len(chosen)

    assert strength(grounds.strongest(target)) == min(map(strength, enough))
    smallest = {
        frozenset(chosen)
        for chosen in enough
        if not any(set(other) < set(chosen) for other in enough)
    }
    found = grounds.all_reasons(target)
    assert found.complete
    assert {frozenset(chosen) for chosen in found.spelt_out()} == smallest


@given(st.data())
@settings(max_examples=100)
def test_the_scenario_of_a_reasons_statements_alone_is_decided_the_same(
    data: st.DataObject,
) -> None:
    law = law_of(data.draw(rulebases(unless=False)))
    scenario = data.draw(scenarios(law.base))
    assessment = assess(scenario, law, engine="planes")
    for spot in known_spots(assessment)[:6]:
        grounds = Grounds(assessment)
        leaves = [grounds.premises[one] for one in grounds.strongest(grounds.literal(spot))]
        assert {leaf.basis for leaf in leaves} <= {"stated", "view taken"}
        kept = {(leaf.id, leaf.place) for leaf in leaves if leaf.basis == "stated"}
        alone = assess(only(scenario, kept), law, engine="planes")
        assert alone.truth(*spot) is assessment.truth(*spot)
        for leaf in sorted(kept):
            less = assess(only(scenario, kept - {leaf}), law, engine="planes")
            assert less.truth(*spot) is Truth.UNKNOWN


def only(scenario: Scenario, kept: Collection[tuple[str, str]]) -> Scenario:
    """The scenario with every statement unknown but those kept."""
    unknown = [
        Statement(fact, place, None)
        for place in all_places(scenario)
        for fact in facts_at(scenario, place)
        if (fact, place.text) not in kept
    ]
    return restated(scenario, unknown)


def all_places(scenario: Scenario) -> list[Place]:
    found = [Place(("facts",))]
    found += [Place(("actors", name, "facts")) for name in scenario.actors]
    found += [Place(("states", name, "facts")) for name in scenario.states]
    for name, part in scenario.episodes.items():
        found.append(Place(("episodes", name, "facts")))
        found += [Place(("episodes", name, "charges", who)) for who in part.charges]
        found += [Place(("episodes", name, "duties", who)) for who in part.duties]
    return found


@given(st.data())
@settings(max_examples=100)
def test_every_single_change_that_would_do_is_listed_and_no_other(data: st.DataObject) -> None:
    law = data.draw(laws())
    assessment = assess(data.draw(scenarios(law.base)), law, engine="planes")
    goal = data.draw(goals(assessment))
    assume(not reached(goal, assessment))
    space = Space(assessment)
    goals_literal([goal], space)
    expected = brute_force(space, [goal], [(literal,) for literal in space.changes()])
    spelt = {space.owner[one].statement(one).text for (one,) in expected}
    assert {change.statement for change in one_change(assessment, goal)} == spelt


@given(st.data())
@settings(max_examples=100)
def test_what_is_missing_is_not_there_and_nearest_comes_first(data: st.DataObject) -> None:
    law = data.draw(laws())
    assessment = assess(data.draw(scenarios(law.base)), law, engine="planes")
    item = law.base.classifications["question"]
    goal = Goal("question", data.draw(st.sampled_from(item.strongest)))
    found = why_not(assessment, goal)
    assert found.reached is reached(goal, assessment)
    assert [near.distance for near in found.near] == sorted(n.distance for n in found.near)
    for near in found.near:
        costs = [element.distance for element in near.missing]
        assert costs == sorted(costs)
        assert all(cost for cost in costs)
    for change in found.one_change:
        after = restated(assessment.scenario, [statement_of(change.statement, change.place)])
        assert reached(goal, assess(after, law, engine="planes"))


def statement_of(text: str, place: str) -> Statement:
    name, _, value = text.partition("=")
    words = {"true": True, "false": False, "unknown": None}
    typed = int(value) if value.isdigit() else words.get(value, value)
    return Statement(name.partition("@")[0], Place(tuple(place.split("."))), typed)


@pytest.mark.parametrize("path", shipped_scenarios(), ids=lambda path: path.stem)
def test_reasons_of_shipped_scenarios_are_made_of_what_they_state(law: Law, path) -> None:  # type: ignore[no-untyped-def]
    scenario = read_scenario(path, law.base, law.reads)
    assessment = assess(scenario, law, engine="planes")
    for goal in headline_goals(assessment):
        answer = why(assessment, goal)
        item = item_of(goal, assessment)
        assert item is not None
        assert answer.answer == goal.answer
        assert bool(answer.reasons) != (answer.open is not None)
        for reason in answer.reasons:
            assert reason.leaves
            for leaf in reason.leaves:
                check_leaf(scenario, law, leaf)
        if answer.open is not None:
            assert answer.answer in (item.open, item.otherwise)
            assert answer.open.near or answer.open.stronger


def check_leaf(scenario: Scenario, law: Law, leaf) -> None:  # type: ignore[no-untyped-def]
    if leaf.basis == "stated":
        stated = facts_at(scenario, Place(tuple(leaf.place.split("."))))[leaf.id]
        assert str(stated.value).lower() == leaf.value.lower()
        assert (leaf.source, leaf.note) == (stated.source, stated.note)
    elif leaf.basis == "presumed":
        assert law.base.facts[leaf.id].presumed is (leaf.value == "true")
    elif leaf.basis == "worked out":
        assert law.base.facts[leaf.id].derived
    elif leaf.basis == "view taken":
        assert leaf.value in law.base.doctrines[leaf.id].views
    else:
        assert leaf.basis == "not shown"


@pytest.mark.parametrize("path", shipped_scenarios()[::6], ids=lambda path: path.stem)
def test_reasons_of_shipped_scenarios_hold_on_their_leaves_alone(law: Law, path) -> None:  # type: ignore[no-untyped-def]
    assessment = assess(read_scenario(path, law.base, law.reads), law, engine="planes")
    for item in law.base.classifications.values():
        for row in assessment.rows(item.per):
            for number in range(len(item.outcomes)):
                spot = (law.plan.heads[f"{item.id}#{number}"], row)
                if assessment.truth(*spot) is not Truth.HOLDS:
                    continue
                grounds = Grounds(assessment)
                leaves = grounds.strongest(grounds.literal(spot))
                target = grounds.literal(spot)
                assert target in grounds.derived(leaves)
                for one in leaves:
                    assert target not in grounds.derived(set(leaves) - {one})


def test_a_target_is_named_as_the_result_names_it(law: Law) -> None:
    scenario = read_scenario(shipped_scenarios()[0], law.base, law.reads)
    assessment = assess(scenario, law, engine="planes")
    for item in law.base.classifications.values():
        name = item.section or item.id
        goal, named = read_target(name, assessment)
        assert (goal.of, goal.answer, named) == (item.id, item.strongest[0], False)
