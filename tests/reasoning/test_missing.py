"""What is missing: every smallest set of unknown facts, and questions that lead to an answer."""

from __future__ import annotations

import json
import random
from pathlib import Path

import jsonschema
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from engine.inference import rete
from engine.inference.law import Law
from engine.model.reasons import Missing
from engine.model.scenario import Scenario
from engine.reasoning.assess import Assessment, assess
from engine.reasoning.goals import Goal, goal_literal
from engine.reasoning.missing import (
    gaps,
    missing,
    next_question,
    next_questions,
    open_goals,
    open_targets,
)
from engine.reasoning.places import Place, Statement, restated
from engine.reasoning.space import Rules, Space
from engine.rulebase.scenarios import parse_scenario, read_scenario, shipped_scenarios
from tests.reasoning.toy import LABELS, brute_force, laws, sets_of_changes
from tests.strategies import scenarios

ENGINE = "both" if rete.available() else "planes"


@given(st.data())
@settings(max_examples=150)
def test_what_would_settle_it_is_what_trying_every_answer_finds(data: st.DataObject) -> None:
    law = data.draw(laws())
    assessment = assess(data.draw(scenarios(law.base)), law, engine="planes")
    targets = open_targets(assessment)
    assume(targets)
    found = gaps(assessment, targets[:2])
    for way in found.ways:
        space = Space(assessment, Rules(only_add=True))
        goal_literal(way.goal, space)
        total = 1
        for variable in space.variables.values():
            total *= 1 + (0 if variable.held else len(variable.options))
        if total > 1_000:
            continue
        expected = {
            frozenset(item.text for item in space.statements(literals))
            for literals in brute_force(space, [way.goal], list(sets_of_changes(space)))
        }
        settled = {
            frozenset(item.text for item in found.space.statements(literals))
            for literals in way.family.spelt_out()
        }
        assert settled == expected
        assert all(found.space.owner[one].was is None for one in found.space.changes())


@given(st.data())
@settings(max_examples=60)
def test_asking_and_answering_ends(data: st.DataObject) -> None:
    """Every question is new, and when none is left nothing that can be known is open."""
    law = data.draw(laws())
    scenario = data.draw(scenarios(law.base))
    asked: set[tuple[str, str]] = set()
    unknowable: set[tuple[str, Place]] = set()
    for _ in range(60):
        assessment = assess(scenario, law, engine="planes")
        question = next_question(assessment, unknowable=unknowable)
        if question is None:
            break
        key = (question.fact, question.place)
        assert key not in asked
        asked.add(key)
        place = Place(tuple(question.place.split(".")))
        answer = data.draw(st.sampled_from([*answers(law, question.fact), "don't know"]))
        if answer == "don't know":
            unknowable.add((question.fact, place))
        else:
            scenario = restated(scenario, [Statement(question.fact, place, answer)])
    else:
        pytest.fail("the questions do not end")
    space = Space(assessment, Rules(fixed=frozenset(unknowable), only_add=True))
    for target in open_targets(assessment):
        for label in LABELS:
            if label != "undetermined":
                goal = Goal(target.of, label, target.where)
                literal = goal_literal(goal, space)
                assert not brute_force_any(space, goal, literal)


def brute_force_any(space: Space, goal: Goal, literal: int) -> bool:
    """Whether some filling in of what may still be asked reaches the goal."""
    from engine.reasoning.smallest import Search

    search = Search(space.circuit, literal, space.changes(), space.exclusive())
    return bool(search.smallest(limit=1).sets)


def answers(law: Law, name: str) -> list[object]:
    fact = law.base.facts[name]
    if fact.type == "integer":
        return [0, 2, 5]
    return list(fact.values) if fact.type == "choice" else [True, False]


def load(law: Law, text: str) -> Assessment:
    return assess(parse_scenario(text, "test", law.base, law.reads), law, engine="planes")


def shipped(law: Law, stem: str) -> Assessment:
    path = next(path for path in shipped_scenarios() if path.stem == stem)
    return assess(read_scenario(path, law.base, law.reads), law, engine="planes")


def test_an_answer_that_settles_alone_is_said_to_and_does(law: Law) -> None:
    before = shipped(law, "maybe-seventeen")
    first = next_questions(before, open_goals(["transnational_offence"], before))[0]
    assert first.fact == "victim.child"
    assert first.settles == {
        "true": ["transnational_offence=met@e1"],
        "false": ["transnational_offence=not_met@e1"],
    }
    for value, label in ((True, "met"), (False, "not_met")):
        place = Place(tuple(first.place.split(".")))
        scenario = restated(before.scenario, [Statement(first.fact, place, value)])
        after = assess(scenario, law, engine="planes")
        item = law.base.classifications["transnational_offence"]
        assert after.outcome(item).label == label


@pytest.mark.parametrize("path", shipped_scenarios()[::6], ids=lambda path: path.stem)
def test_what_is_said_to_settle_alone_does(law: Law, path: Path) -> None:
    before = assess(read_scenario(path, law.base, law.reads), law, engine="planes")
    for question in next_questions(before)[:6]:
        place = Place(tuple(question.place.split(".")))
        for value, texts in question.settles.items():
            known = {"true": True, "false": False}.get(value, value)
            if law.base.facts[question.fact].type == "integer":
                known = int(value)
            scenario = restated(before.scenario, [Statement(question.fact, place, known)])
            after = assess(scenario, law, engine="planes")
            for text in texts:
                head, _, where = text.partition("@")
                name, _, label = head.partition("=")
                groups = {g.key: g for g in after.groups(law.base.classifications[name])}
                assert groups[where].outcome.label == label


def test_questions_of_the_main_classifications_come_first(law: Law) -> None:
    before = load(law, "id: x\nfacts: {}\nstates: {ALAND: {}}\n")
    questions = next_questions(before)
    sections = {item.id for item in law.base.classifications.values() if item.section}
    late = [
        all(target.partition("=")[0] in sections for target in question.targets)
        for question in questions
    ]
    assert late == sorted(late)
    assert sum(question.weight for question in questions) == pytest.approx(1, abs=1e-3)


def test_nothing_is_asked_that_nothing_turns_on(law: Law) -> None:
    before = shipped(law, "the-kind-uncle")
    assert open_goals(["transnational_offence"], before) == []
    assert next_questions(before, []) == []


def test_the_answer_fits_its_schema_and_is_checked_by_both(law: Law) -> None:
    before = shipped(law, "maybe-seventeen")
    answer = missing(before, open_goals(["transnational_offence"], before), engine=ENGINE)
    jsonschema.validate(json.loads(answer.model_dump_json()), Missing.model_json_schema())
    assert all(s.answers[0].checked == ENGINE for o in answer.open for s in o.settled_by if s.count)


def test_an_outcome_that_no_answer_gives_names_what_stands_in_the_way(law: Law) -> None:
    before = shipped(law, "maybe-seventeen")
    answer = missing(before, open_goals(["transnational_offence"], before), engine="planes")
    settled = {item.outcome: item for item in answer.open[0].settled_by}
    assert settled["trafficking_only"].count == 0
    assert settled["trafficking_only"].blocked_by


def test_a_whole_interview_by_chance_settles_the_main_questions(law: Law) -> None:
    chance = random.Random(7)
    scenario = parse_scenario("id: x\nfacts: {}\n", "test", law.base, law.reads)
    for _ in range(250):
        assessment = assess(scenario, law, engine="planes")
        targets = [t for t in open_targets(assessment) if not _section(law, t)]
        question = next_question(assessment, targets) if targets else None
        if question is None:
            break
        scenario = _answered(law, scenario, question.fact, question.place, chance)
    assert targets == []


def _section(law: Law, target: Goal) -> str:
    return law.base.classifications[target.of].section


def _answered(
    law: Law, scenario: Scenario, fact: str, place: str, chance: random.Random
) -> Scenario:
    value = chance.choice(answers(law, fact))
    return restated(scenario, [Statement(fact, Place(tuple(place.split("."))), value)])
