"""Rows, inheritance of facts, and episodes split where a State's treaty position changes."""

from __future__ import annotations

from typing import Any

import pytest

from engine.inference.grounding import Case, ground
from engine.inference.law import Law
from engine.inference.plan import Node
from engine.model.frames import Frame
from engine.model.scenario import Scenario
from engine.model.truth import Truth


def case_of(law: Law, **document: Any) -> Case:
    scenario = Scenario.model_validate({"id": "x", **document})
    return ground(scenario, law.base, law.plan, law.status)


def value(case: Case, frame: Frame, row: int, fact: str) -> Truth:
    return case.value(frame, row, Node("fact", frame, (), (fact,)))


def test_nothing_entered_is_one_unnamed_actor_one_episode_and_no_state(law: Law) -> None:
    case = case_of(law)
    assert {frame: len(rows) for frame, rows in case.layout.rows.items()} == {
        Frame.SITUATION: 1,
        Frame.EPISODE: 1,
        Frame.ACTOR: 1,
        Frame.STATE: 0,
        Frame.CHARGE: 1,
        Frame.DUTY: 0,
    }
    assert value(case, Frame.ACTOR, 0, "entered.actor") is Truth.FAILS


def test_a_fact_holds_below_its_statement_until_restated(law: Law) -> None:
    case = case_of(
        law,
        facts={"part.intentional": True, "act.receipt": True},
        actors={"a": {}, "b": {"facts": {"part.intentional": False}}},
        episodes={
            "e1": {"facts": {"act.receipt": False}},
            "e2": {"charges": {"b": {"part.intentional": "unknown"}}},
        },
    )
    charges = {
        case.row_name(Frame.CHARGE, row): (
            value(case, Frame.CHARGE, row, "part.intentional"),
            value(case, Frame.CHARGE, row, "act.receipt"),
        )
        for row in range(4)
    }
    assert charges == {
        "a×e1": (Truth.HOLDS, Truth.FAILS),
        "a×e2": (Truth.HOLDS, Truth.HOLDS),
        "b×e1": (Truth.FAILS, Truth.FAILS),
        "b×e2": (Truth.UNKNOWN, Truth.HOLDS),
    }


def test_only_those_who_took_part_are_charged(law: Law) -> None:
    case = case_of(law, actors={"a": {}, "b": {}}, episodes={"e1": {"actors": ["a"]}, "e2": {}})
    names = [case.row_name(Frame.CHARGE, row) for row in range(len(case.layout.rows[Frame.CHARGE]))]
    assert names == ["a×e1", "a×e2", "b×e2"]


def spans(case: Case) -> list[tuple[str, str]]:
    return [(str(period.start), str(period.end)) for period in case.periods]


def test_an_episode_is_split_on_the_day_a_withdrawal_takes_effect(law: Law) -> None:
    case = case_of(
        law,
        dates={"start": "2017-01-01", "end": "2021-12-31"},
        states={"ALAND": {"treaties": {"rome": {"in_force": "2003-01-01", "until": "2019-03-17"}}}},
    )
    assert spans(case) == [("2017-01-01", "2019-03-16"), ("2019-03-17", "2021-12-31")]
    bound = [value(case, Frame.DUTY, row, "bound.rome") for row in range(2)]
    assert bound == [Truth.HOLDS, Truth.FAILS]


@pytest.mark.parametrize(
    ("day", "bound"),
    [
        ("2002-12-31", Truth.FAILS),
        ("2003-01-01", Truth.HOLDS),
        ("2019-03-16", Truth.HOLDS),
        ("2019-03-17", Truth.FAILS),
    ],
)
def test_a_treaty_binds_from_its_first_day_up_to_its_end(law: Law, day: str, bound: Truth) -> None:
    case = case_of(
        law,
        dates={"start": day, "end": day},
        states={"ALAND": {"treaties": {"rome": {"in_force": "2003-01-01", "until": "2019-03-17"}}}},
    )
    assert value(case, Frame.DUTY, 0, "bound.rome") is bound


def test_a_change_that_changes_nothing_does_not_split(law: Law) -> None:
    case = case_of(
        law,
        dates={"start": "2017-01-01", "end": "2021-12-31"},
        states={"ALAND": {"treaties": {"rome": {"in_force": "2003-01-01"}}}},
    )
    assert len(case.periods) == 1


def test_an_episode_across_1_july_2002_is_split(law: Law) -> None:
    case = case_of(law, dates={"start": "2002-01-01", "end": "2002-12-31"})
    assert ("2002-01-01", "2002-06-30") in spans(case)
    last = len(case.periods) - 1
    assert value(case, Frame.EPISODE, 0, "in_force.rome") is Truth.FAILS
    assert value(case, Frame.EPISODE, last, "in_force.rome") is Truth.HOLDS


def test_what_the_scenario_says_wins_over_the_data(law: Law) -> None:
    dates = {"start": "2020-01-01", "end": "2020-12-31"}
    looked_up = case_of(law, dates=dates, states={"CYP": {}})
    said = case_of(
        law, dates=dates, states={"CYP": {"treaties": {"iccpr": False, "echr": "unknown"}}}
    )
    assert value(looked_up, Frame.DUTY, 0, "bound.iccpr") is Truth.HOLDS
    assert value(said, Frame.DUTY, 0, "bound.iccpr") is Truth.FAILS
    assert value(said, Frame.DUTY, 0, "bound.echr") is Truth.UNKNOWN


def test_an_invented_state_is_bound_by_nothing_unless_said(law: Law) -> None:
    case = case_of(law, states={"ALAND": {"treaties": {"iccpr": True}}})
    assert value(case, Frame.DUTY, 0, "bound.iccpr") is Truth.HOLDS
    assert value(case, Frame.DUTY, 0, "bound.cedaw") is Truth.UNKNOWN


def test_a_declaration_covers_its_days_only(law: Law) -> None:
    case = case_of(
        law,
        dates={"start": "2017-06-01", "end": "2018-06-01"},
        states={"ALAND": {"treaties": {"rome": False}, "rome_12_3": {"from": "2018-01-01"}}},
    )
    assert spans(case) == [("2017-06-01", "2017-12-31"), ("2018-01-01", "2018-06-01")]
    accepted = [value(case, Frame.DUTY, row, "accepted.rome") for row in range(2)]
    assert accepted == [Truth.FAILS, Truth.HOLDS]


def test_half_a_date_is_noted(law: Law) -> None:
    case = case_of(law, dates={"end": "2023-12-31"})
    assert case.notes == ["episode: no start date was given, so only 2023-12-31 is tested"]


def test_a_duty_can_be_stated_for_one_episode(law: Law) -> None:
    case = case_of(
        law,
        states={"ALAND": {"facts": {"state.cooperated": True}}},
        episodes={"e1": {"duties": {"ALAND": {"state.cooperated": False}}}, "e2": {}},
    )
    found = [value(case, Frame.DUTY, row, "state.cooperated") for row in range(2)]
    assert found == [Truth.FAILS, Truth.HOLDS]
