"""Bodies that hear people: open, closed or perhaps open, State by State."""

from __future__ import annotations

import json
from typing import Any

import pytest

from engine.inference.law import Law
from engine.model.result import Body
from engine.reasoning.assess import assess
from engine.report.document import make_result
from engine.report.words import access_words
from engine.rulebase.scenarios import parse_scenario

SCENARIO: dict[str, Any] = {
    "id": "two-states",
    "title": "One woman, two States",
    "kind": "hypothetical",
    "dates": {"start": "2015-01-01", "end": "2015-06-01"},
    "facts": {"victim.woman_or_girl": True, "sex.coercive_circumstances": True},
    "states": {
        "Astoria": {
            "treaties": {"iccpr": True, "iccpr_op1": True, "achr": True},
            "facts": {"state.jurisdiction_territory": True},
        },
        "Borduria": {
            "treaties": {"iccpr": True, "iccpr_op1": False, "achr": True, "achr_62": True},
            "facts": {"state.jurisdiction_territory": True},
        },
    },
    "episodes": {"e1": {}},
}


@pytest.fixture(scope="module")
def bodies(law: Law) -> dict[str, Body]:
    scenario = parse_scenario(json.dumps(SCENARIO), "two-states.json", law.base, law.reads)
    result = make_result(assess(scenario, law, engine="planes"))
    return {body.id: body for body in result.bodies}


def status(body: Body) -> dict[tuple[str, str], str]:
    return {(item.provision, item.state): item.status for item in body.access}


def test_a_committee_is_open_only_for_a_state_that_accepted_the_procedure(
    bodies: dict[str, Body],
) -> None:
    assert status(bodies["un.hr_committee"]) == {
        ("iccpr_op1.1", "Astoria"): "open",
        ("iccpr_op1.1", "Borduria"): "closed",
    }


def test_a_court_may_be_open_where_its_acceptance_is_not_known(bodies: dict[str, Body]) -> None:
    assert status(bodies["achr.court"]) == {
        ("achr.44", "Astoria"): "open",
        ("achr.44", "Borduria"): "open",
        ("achr.62", "Astoria"): "may be open",
        ("achr.62", "Borduria"): "open",
    }


def test_the_words_name_the_states_and_the_provision(bodies: dict[str, Body]) -> None:
    assert access_words(bodies["achr.court"].access) == [
        (
            "Petition to the Inter-American Commission: open for Astoria and Borduria",
            "ACHR, arts 44, 46(1)",
        ),
        (
            "Case before the Inter-American Court: open for Borduria; may be open for Astoria",
            "ACHR, arts 61-62",
        ),
    ]


def test_a_body_that_hears_nobody_has_no_access(bodies: dict[str, Body]) -> None:
    assert bodies["un.ohchr"].access == []
