"""The interview: only relevant questions, nothing asked twice, nothing lost."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.inference.law import Law
from engine.model.problem import InputError
from engine.model.reasons import Question
from engine.model.records import Value
from engine.model.scenario import Scenario
from engine.reasoning.interview import (
    Interview,
    Opening,
    asked_of,
    place_of,
    read_answer,
    read_day,
    read_states,
    read_treaties,
)
from engine.reasoning.missing import open_targets
from engine.reasoning.places import facts_at
from engine.report.scenario_file import scenario_yaml
from engine.rulebase.scenarios import parse_scenario, read_scenario, shipped_scenarios
from engine.rulebase.source import parse_source
from tests.reasoning.toy import laws
from tests.strategies import scenarios


def some_answer(data: st.DataObject, law: Law, question: Question) -> Value:
    fact = law.base.facts[question.fact]
    if fact.type == "integer":
        return data.draw(st.one_of(st.none(), st.integers(0, 5)))
    if fact.type == "choice":
        return data.draw(st.sampled_from([None, *fact.values]))
    return data.draw(st.sampled_from([True, False, None]))


@given(st.data())
@settings(max_examples=60)
def test_every_question_is_relevant_new_and_answered_into_the_scenario(data: st.DataObject) -> None:
    law = data.draw(laws())
    interview = Interview(law, data.draw(scenarios(law.base)))
    asked = []
    while (question := interview.next()) is not None:
        key = asked_of(question)
        assert key not in asked
        asked.append(key)
        assert interview.open()
        fact, place = key
        stated = facts_at(interview.scenario, place).get(fact)
        assert stated is None or stated.value is None
        settled = {goal.text for goal in interview.open()}
        value = some_answer(data, law, question)
        interview.answer(question, value)
        if value is None:
            assert facts_at(interview.scenario, place).get(fact) == stated
        else:
            assert facts_at(interview.scenario, place)[fact].value == value
            alone = question.settles.get(str(value).lower(), [])
            now = {goal.text for goal in interview.open()}
            for text in alone:
                of, _, where = text.partition("=")[0], "", text.partition("@")[2]
                assert f"{of}=undetermined@{where}" in settled - now


@given(st.data())
@settings(max_examples=40)
def test_back_undoes_and_change_keeps_what_came_later(data: st.DataObject) -> None:
    law = data.draw(laws())
    interview = Interview(law, data.draw(scenarios(law.base)))
    states = []
    while (question := interview.next()) is not None and len(states) < 5:
        states.append((interview.scenario, interview.unknowable, question))
        interview.answer(question, some_answer(data, law, question))
    for scenario, unknowable, question in reversed(states):
        assert interview.back() == question
        assert (interview.scenario, interview.unknowable) == (scenario, unknowable)
        assert interview.next() == question
    assert interview.back() is None


def start(law: Law) -> Interview:
    opening = Opening("T", "", date(2019, 1, 1), date(2019, 12, 31), ("ALAND",), ("boss",))
    return Interview(law, opening.scenario("t"), ("transnational_offence",))


def test_a_changed_answer_stays_changed_when_later_ones_are_taken_back(law: Law) -> None:
    interview = start(law)
    for _ in range(3):
        question = interview.next()
        assert question is not None
        interview.answer(question, True)
    first, second, third = interview.trail
    interview.change(f"{first.question.statement}=false")
    assert [turn.question for turn in interview.trail] == [second.question, third.question]
    fact, place = asked_of(first.question)
    assert facts_at(interview.scenario, place)[fact].value is False
    assert interview.back() == third.question
    assert interview.back() == second.question
    assert facts_at(interview.scenario, place)[fact].value is False


def test_an_answer_given_again_stays_when_later_ones_are_taken_back(law: Law) -> None:
    interview = start(law)
    for _ in range(3):
        question = interview.next()
        assert question is not None
        interview.answer(question, True)
    fact, place = asked_of(interview.trail[0].question)
    interview.reanswer(0, False)
    interview.back()
    interview.back()
    assert facts_at(interview.scenario, place)[fact].value is False
    assert interview.trail[0].value is False
    interview.reanswer(0, None)
    assert (fact, place) in interview.unknowable
    interview.back()
    assert fact not in facts_at(interview.scenario, place)


def test_what_is_added_stays_when_answers_are_taken_back(law: Law) -> None:
    interview = start(law)
    question = interview.next()
    assert question is not None
    interview.answer(question, True)
    interview.add("actors", "partner")
    with pytest.raises(InputError, match="partner is there already"):
        interview.add("actors", "partner")
    with pytest.raises(InputError, match="XY"):
        interview.add("states", "XY")
    interview.back()
    assert list(interview.scenario.actors) == ["boss", "partner"]
    assert list(interview.scenario.states) == ["ALAND"]


def test_whether_a_court_could_hear_a_case_is_not_asked_where_there_is_none(law: Law) -> None:
    interview = Interview(law, Opening(actors=("boss",)).scenario("t"))
    interview.change("att.multiple_acts=false")
    while (question := interview.next()) is not None:
        assert not any(target.startswith("icc") for target in question.targets)
        interview.answer(question, None)
    assert any(goal.of.startswith("icc") for goal in open_targets(interview.assessment))


def test_nobody_is_asked_again_what_treaties_bind_an_invented_state(law: Law) -> None:
    opening = Opening(
        start=date(2019, 1, 1), end=date(2019, 12, 31), states=("ALAND", "THA"), actors=("boss",)
    )
    interview = Interview(law, opening.scenario("t"), ("human_rights_violation",))
    asked = []
    while (question := interview.next()) is not None:
        asked.append(asked_of(question))
        interview.answer(question, None)
    assert len(set(asked)) == len(asked)
    assert any(place.path[-1] == "treaties" for _, place in asked)
    assert not any(place.path == ("states", "THA", "treaties") for _, place in asked)


def test_a_wrong_change_changes_nothing(law: Law) -> None:
    interview = start(law)
    before = interview.scenario
    with pytest.raises(InputError, match=r"victim\.child"):
        interview.change("victim.chil=true")
    assert interview.scenario is before


def test_an_interview_about_one_question_asks_only_what_that_turns_on(law: Law) -> None:
    interview = start(law)
    while (question := interview.next()) is not None:
        assert all(target.startswith("transnational_offence") for target in question.targets)
        interview.answer(question, question.values != ["true", "false"] or len(interview.trail) < 9)
        if len(interview.trail) > 40:
            pytest.fail("the interview does not end")
    assert not interview.open()
    text = scenario_yaml(interview.scenario, law.base)
    assert parse_scenario(text, "t", law.base, law.reads) == interview.scenario


@pytest.mark.parametrize(
    ("typed", "value"), [("y", True), ("Yes", True), ("true", True), ("n", False), ("false", False)]
)
def test_yes_and_no_are_read_however_they_are_typed(law: Law, typed: str, value: bool) -> None:
    question = start(law).next()
    assert question is not None
    assert read_answer(typed, question, law) is value


@pytest.mark.parametrize("typed", ["maybe", "yess", "1", "-", "ja", "💥", "a" * 10_000])
def test_nonsense_is_no_answer_and_says_what_would_be(law: Law, typed: str) -> None:
    question = start(law).next()
    assert question is not None
    with pytest.raises(InputError, match="y or n"):
        read_answer(typed, question, law)


def test_days_months_and_years() -> None:
    assert read_day("2019") == date(2019, 1, 1)
    assert read_day("2019", last=True) == date(2019, 12, 31)
    assert read_day("2020-02", last=True) == date(2020, 2, 29)
    assert read_day("2019-12", last=True) == date(2019, 12, 31)
    assert read_day("2019-05-06") == date(2019, 5, 6)
    assert read_day("") is None
    for wrong in ("soon", "2019-13", "2019-02-30", "0", "99999", "2019-1-1-1", "9999-12-99"):
        with pytest.raises(InputError, match="is no date"):
            read_day(wrong)


def test_states_and_treaties_by_name(law: Law) -> None:
    assert read_states("cyp, ALAND,,cyp") == ("CYP", "ALAND")
    assert read_states("Thailand, viet nam, Aland") == ("THA", "VNM", "ALAND")
    with pytest.raises(InputError, match="XY"):
        read_states("CYP, xy")
    assert read_treaties("untoc, Palermo Protocol", law) == ("untoc", "palermo")
    with pytest.raises(InputError, match="did you mean palermo"):
        read_treaties("palermmo", law)


@pytest.mark.parametrize("name", ["e1", "e.1", "charges", "facts"])
def test_a_place_survives_being_written_down(name: str) -> None:
    for path in (
        ("facts",),
        ("actors", name, "facts"),
        ("states", "ALAND", "treaties"),
        ("episodes", name, "facts"),
        ("episodes", name, "charges", "the.boss"),
    ):
        assert place_of(".".join(path)).path == path


@pytest.mark.parametrize("path", shipped_scenarios(), ids=lambda path: path.stem)
def test_a_scenario_file_reads_back_as_it_was(law: Law, path) -> None:  # type: ignore[no-untyped-def]
    scenario: Scenario = read_scenario(path, law.base, law.reads)
    for text in (scenario_yaml(scenario), scenario_yaml(scenario, law.base)):
        assert parse_scenario(text, "again", law.base, law.reads) == scenario


@given(st.data())
@settings(max_examples=40)
def test_any_scenario_file_reads_back_as_it_was(data: st.DataObject) -> None:
    law = data.draw(laws())
    scenario = data.draw(scenarios(law.base))
    again = Scenario.model_validate(parse_source(scenario_yaml(scenario), "again").value)
    assert again == scenario
