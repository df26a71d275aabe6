"""Highways: every smallest set and nothing else, against trying everything."""

from __future__ import annotations

import json
from itertools import combinations, islice, product
from pathlib import Path

import jsonschema
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from engine.inference import rete
from engine.inference.law import Law
from engine.model.frames import Frame
from engine.model.problem import InputError
from engine.model.reasons import Branch, Highway
from engine.reasoning.assess import Assessment, assess
from engine.reasoning.factoring import factored
from engine.reasoning.fixing import fix, only
from engine.reasoning.goals import Goal, goals_literal, read_goal
from engine.reasoning.highway import Budget, first_answer, highway, read_goals
from engine.reasoning.smallest import Search
from engine.reasoning.space import Rules, Space
from engine.reasoning.variants import Rechecker, reaching
from engine.reasoning.whatif import read_changes
from engine.rulebase.scenarios import parse_scenario, read_scenario, shipped_scenarios
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


@given(st.data())
@settings(max_examples=80)
def test_what_is_published_spells_out_to_the_smallest_sets(data: st.DataObject) -> None:
    law = data.draw(laws())
    assessment = assess(data.draw(scenarios(law.base)), law, engine="planes")
    goal = data.draw(goals(assessment))
    rules = data.draw(RULES)
    answer = highway(assessment, [goal], rules, engine="planes")
    space = Space(assessment, rules)
    target = goals_literal([goal], space)
    search = Search(space.circuit, target, space.changes(), space.exclusive())
    texts = {literal: space.owner[literal].statement(literal).text for literal in space.changes()}
    expected = {
        frozenset(texts[literal] for literal in literals)
        for literals in search.smallest().spelt_out()
    }
    if answer.already:
        assert expected == {frozenset()}
        return
    assert answer.reachable == bool(expected)
    assert {frozenset(one.changes) for one in answer.answers} == expected
    assert answer.count == len(expected)
    assert [len(one.changes) for one in answer.answers] == sorted(map(len, expected))
    if answer.factored is not None:
        assert set(spelt(answer.factored)) == expected
        assert answer.factored.ways == answer.count
        assert answer.factored.sizes == [min(answer.sizes), max(answer.sizes)]
        assert first_answer(assessment, [goal], rules) is not None


def spelt(branch: Branch) -> list[frozenset[str]]:
    """Every set of statements that a branch stands for, by its definition."""
    found = [frozenset(branch.core)]
    for choice in branch.choices:
        options = [spelt(option) for option in choice.options]
        picks = [
            frozenset().union(*taken)
            for chosen in combinations(options, choice.needed)
            for taken in product(*chosen)
        ]
        found = [one | pick for one in found for pick in picks]
    return found


TARGETS = [
    "transnational_offence",
    "transnational_offence!=met",
    "human_rights_violation=violation_positive_obligation",
    "human_rights_violation=no_violation",
    "crime_against_humanity",
    "crime_against_humanity=not_met",
    "icc_jurisdiction=yes",
    "icc_admissible=no",
]


@pytest.mark.parametrize("path", shipped_scenarios()[::4], ids=lambda path: path.stem)
def test_on_shipped_scenarios_every_answer_reaches_and_no_part_of_it_does(
    law: Law, path: Path
) -> None:
    assessment = assess(read_scenario(path, law.base, law.reads), law, engine="planes")
    for text in TARGETS:
        goal = read_goal(text, assessment)
        space = Space(assessment)
        target = goals_literal([goal], space)
        search = Search(space.circuit, target, space.changes(), space.exclusive())
        family = search.smallest()
        assert family.complete
        for literals in islice(family.spelt_out(), 0, None, max(1, family.count // 5)):
            least = 0 if len(literals) <= 10 else len(literals) - 2
            parts = [
                part
                for number in range(least, len(literals))
                for part in combinations(literals, number)
            ]
            found = reaching(space, [goal], [literals, *parts])
            assert found == 1, (text, space.statements(literals))


@pytest.mark.parametrize("target", TARGETS)
def test_answers_are_assessed_anew_by_both_evaluators(law: Law, target: str) -> None:
    path = next(path for path in shipped_scenarios() if path.stem == "the-kind-uncle")
    assessment = assess(read_scenario(path, law.base, law.reads), law, engine="planes")
    answer = highway(assessment, [read_goal(target, assessment)], engine=ENGINE)
    if answer.already or not answer.reachable:
        assert not answer.answers
        return
    seen = [one.changes for one in answer.answers if one.checked == ENGINE]
    assert {change for changes in seen for change in changes} == answer.changes.keys()


def load(law: Law, text: str) -> Assessment:
    return assess(parse_scenario(text, "test", law.base, law.reads), law, engine="planes")


def uncle(law: Law) -> Assessment:
    path = next(path for path in shipped_scenarios() if path.stem == "the-kind-uncle")
    return assess(read_scenario(path, law.base, law.reads), law, engine="planes")


def test_what_is_fixed_stays_and_stands_in_the_way(law: Law) -> None:
    goals_ = [read_goal("rome.7.policy", uncle(law))]
    held = fix(uncle(law), ["att.policy_state=false", "att.policy_org"])
    answer = highway(held.start, goals_, Rules(fixed=held.facts), engine="planes")
    assert not answer.reachable
    assert answer.proof.complete
    assert {item.what for row in answer.blocked_by for item in row} == {
        "att.policy_state=true",
        "att.policy_org=true",
    }
    assert {item.why for row in answer.blocked_by for item in row} == {"fixed"}


def test_only_additions_leave_what_is_stated_alone(law: Law) -> None:
    before = uncle(law)
    answer = highway(
        before, [read_goal("rome.7.policy", before)], Rules(only_add=True), engine="planes"
    )
    assert all(change.now == "unknown" for change in answer.changes.values())


@pytest.mark.parametrize(
    ("fixes", "only_add", "message"),
    [
        (["att.policy_org=true", "att.policy_org=false"], False, "fixed as true and as false"),
        (["att.policy_org=true"], True, "contradicts the scenario"),
        (["att.polcy_org"], False, "did you mean att.policy_org?"),
        (["victim.child=7"], False, "expected true, false or unknown"),
        (["part.intentional@nobody"], False, "cannot be stated for nobody"),
        (["bound.echr"], False, "worked out from dates"),
    ],
)
def test_contradictory_or_unknown_fixes_are_refused(
    law: Law, fixes: list[str], only_add: bool, message: str
) -> None:
    with pytest.raises(InputError) as error:
        fix(uncle(law), fixes, only_add=only_add)
    assert message in str(error.value)


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("crime_against_humanty", "did you mean crime_against_humanity?"),
        ("crime_against_humanity=posible", "did you mean possible?"),
        ("crime_against_humanity=possible:individul", "did you mean individual?"),
        ("transnational_offence=met:individual", "levels: none"),
        ("crime_against_humanity@e7", "is not decided for e7"),
        ("rome.7.policy=met", "one of holds, fails, unknown"),
    ],
)
def test_an_unknown_target_names_the_nearest(law: Law, target: str, message: str) -> None:
    with pytest.raises(InputError) as error:
        read_goal(target, uncle(law))
    assert message in str(error.value)


def test_a_question_asked_of_nobody_cannot_be_reached(law: Law) -> None:
    before = load(law, "id: x\nfacts: {victim.child: true}\n")
    answer = highway(before, [Goal("human_rights_violation", "violation_direct")], engine="planes")
    assert (answer.reachable, answer.blocked_by) == (False, [])
    assert list(answer.now.values()) == ["not_asked"]


def test_what_keeps_it_from_being_only_a_transnational_offence(law: Law) -> None:
    path = next(path for path in shipped_scenarios() if path.stem == "the-scam-towers")
    before = assess(read_scenario(path, law.base, law.reads), law, engine="planes")
    answer = highway(before, only(before, "transnational_offence"), engine="planes")
    assert answer.reachable
    checker = Rechecker(before, "planes")
    for one in answer.answers[:5]:
        changes = read_changes(one.changes, before)
        after = checker.assess(changes.statements)
        items = law.base.classifications
        assert after.outcome(items["transnational_offence"]).label == "met"
        assert after.outcome(items["crime_against_humanity"]).label == "not_met"
        assert after.outcome(items["human_rights_violation"]).label in (
            "no_violation",
            "abuse_by_private_actor_only",
        )


def test_treaties_change_only_when_asked_and_then_in_the_file(law: Law) -> None:
    before = load(
        law,
        "id: x\nstates: {ALAND: {treaties: {palermo: false}}}\n"
        "dates: {start: 2018-01-01, end: 2018-12-31}\n",
    )
    goal = read_goal("palermo.5.1", before) if "palermo.5.1" in law.base.decided else None
    names = [
        name
        for name, record in law.base.decided.items()
        if record.per is Frame.DUTY and "bound.palermo" in str(record.holds)
    ]
    goal = goal if goal and goal.of in names else read_goal(names[0], before)
    held = highway(before, [goal], engine="planes")
    assert not held.reachable
    assert any(item.why == "treaty" for row in held.blocked_by for item in row)
    free = highway(before, [goal], Rules(treaties=True), engine=ENGINE)
    assert "states.ALAND.treaties.palermo=true" in free.changes


def test_the_answer_fits_its_schema(law: Law) -> None:
    before = uncle(law)
    answer = highway(before, [read_goal("crime_against_humanity", before)], engine="planes")
    jsonschema.validate(json.loads(answer.model_dump_json()), Highway.model_json_schema())


def test_a_search_cut_short_has_every_set_up_to_a_size(law: Law) -> None:
    before = uncle(law)
    goal = read_goal("crime_against_humanity", before)
    whole = highway(before, [goal], engine="planes")
    cut = highway(before, [goal], budget=Budget(sets=50), engine="planes")
    assert whole.proof.complete
    assert not cut.proof.complete
    assert cut.proof.up_to is not None
    assert min(whole.sizes) <= cut.proof.up_to < max(whole.sizes)
    kept = {size: count for size, count in whole.sizes.items() if size <= cut.proof.up_to}
    assert cut.sizes == kept
    short = [frozenset(one.changes) for one in whole.answers if len(one.changes) <= max(kept)]
    assert {frozenset(one.changes) for one in cut.answers} == set(short)


CORE = {
    "att.multiple_acts=true",
    "att.widespread=true",
    "att.civilian_population=true",
    "att.policy_state=true",
    "att.policy_active=true",
    "nexus.part_of_attack=true",
    "mens.knowledge_attack=true",
    "mens.intent_conduct=true",
}


@pytest.mark.parametrize(
    ("more", "acts", "gives"),
    [
        ("", {"own.powers_found"}, "rome.7.1.c"),
        ("rome.7.1.g2", {"own.powers_found", "sex.acts_caused"}, ""),
        (
            "",
            {"sex.acts_caused", "sex.coercive_circumstances", "sex.advantage"},
            "rome.7.1.g3",
        ),
        (
            "",
            {"pers.severe_deprivation", "pers.group_targeted", "pers.ground", "pers.connected_act"},
            "rome.7.1.h",
        ),
        ("", {"harm.great_suffering"}, "rome.7.1.k"),
        ("", {"harm.imprisoned_gravely"}, "rome.7.1.e"),
        ("", {"harm.severe_pain_custody"}, "rome.7.1.f"),
        ("", {"harm.death"}, "rome.7.1.a"),
        ("", {"harm.displaced_coercively", "harm.lawfully_present"}, "rome.7.1.d"),
    ],
)
def test_the_ways_from_trafficking_to_a_crime_against_humanity(
    law: Law, more: str, acts: set[str], gives: str
) -> None:
    before = uncle(law)
    targets = ["crime_against_humanity", more] if more else ["crime_against_humanity"]
    answer = highway(before, read_goals(targets, before), engine="planes")
    found = [set(one.changes) - CORE for one in answer.answers if set(one.changes) >= CORE]
    assert acts in [{change.partition("@")[0].partition("=")[0] for change in one} for one in found]
    assert answer.factored is not None
    assert not gives or gives in amounts_to(answer.factored)


def amounts_to(branch: Branch) -> set[str]:
    """What the options of a branch amount to in law."""
    found = {branch.gives.id} if branch.gives else set()
    for choice in branch.choices:
        found |= {choice.gives.id} if choice.gives else set()
        for option in choice.options:
            found |= amounts_to(option)
    return found


def test_without_a_label_the_target_is_personal_where_somebody_is_named(law: Law) -> None:
    before = uncle(law)
    assert [goal.text for goal in read_goals(["crime_against_humanity"], before)] == [
        "crime_against_humanity=possible:individual"
    ]
    nobody = load(law, "id: x\nfacts: {att.widespread: true}\n")
    assert read_goals(["crime_against_humanity"], nobody)[0].level == "situation"
    assert read_goals(["crime_against_humanity=possible"], before)[0].level == ""
    assert read_goals(["transnational_offence"], before)[0].level == ""
    answer = highway(before, read_goals(["crime_against_humanity=possible"], before))
    assert not any(name.startswith("mens.") for name in answer.changes)


def test_one_step_from_it_names_the_element(law: Law) -> None:
    before = uncle(law)
    goals_ = read_goals(["crime_against_humanity"], before)
    first = highway(before, goals_, engine="planes").answers[0].changes
    all_but_policy = [name for name in first if not name.startswith("att.policy")]
    near = Rechecker(before, "planes").assess(read_changes(all_but_policy, before).statements)
    answer = highway(near, goals_, engine="planes")
    assert [item.id for item in answer.elements if item.now != "holds"] == ["cah.policy"]
    assert {item.id for item in answer.elements} == set(
        law.base.classifications["crime_against_humanity"].elements
    )


def test_before_whom_the_case_is_put_changes_only_when_asked(law: Law) -> None:
    before = uncle(law)
    goals_ = [read_goal("cah.policy", before)]
    held = highway(before, goals_, engine="planes")
    assert "forum.type" not in {change.fact for change in held.changes.values()}
    free = highway(before, goals_, Rules(settings=True), engine="planes")
    assert "forum.type" in {change.fact for change in free.changes.values()}
    fixed = fix(before, ["att.policy_state", "att.policy_org"])
    stuck = highway(fixed.start, goals_, Rules(fixed=fixed.facts), engine="planes")
    assert {item.why for row in stuck.blocked_by for item in row} == {"fixed", "setting"}


FAMILIES = st.lists(
    st.frozensets(st.integers(0, 8), min_size=1, max_size=4), min_size=1, max_size=12, unique=True
)


@given(FAMILIES)
def test_a_family_factored_spells_out_to_itself(family: list[frozenset[int]]) -> None:
    tree = factored(family)
    assert tree is not None
    sets = list(tree.sets())
    assert len(sets) == tree.count == len(set(sets))
    assert set(sets) == set(family)


@given(st.lists(st.integers(1, 4), min_size=1, max_size=4), st.integers(0, 3))
def test_a_product_is_found_out(sizes: list[int], core: int) -> None:
    choices = [[f"{number}.{option}" for option in range(n)] for number, n in enumerate(sizes)]
    always = {f"core.{number}" for number in range(core)}
    tree = factored(frozenset({*always, *chosen}) for chosen in product(*choices))
    assert tree is not None
    assert sorted(len(options) for options in tree.choices) == sorted(n for n in sizes if n > 1)
    assert len(tree.core) == core + sizes.count(1)
