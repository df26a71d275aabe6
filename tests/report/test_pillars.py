"""Duties of States by the three pillars, and citations beside limits and mistakes."""

from __future__ import annotations

import pytest

from engine.inference.law import Law
from engine.model.result import Result
from engine.reasoning.assess import assess
from engine.report.document import make_result
from engine.report.words import pillar_words
from engine.rulebase.scenarios import read_scenario, shipped_scenarios

PATHS = {path.stem: path for path in shipped_scenarios()}


@pytest.fixture(scope="module")
def grower(law: Law) -> Result:
    scenario = read_scenario(PATHS["the-grower"], law.base, law.reads)
    return make_result(assess(scenario, law, engine="planes"))


def test_a_duty_that_only_says_try_is_not_shown_rather_than_not_met(grower: Result) -> None:
    duties = dict(pillar_words(grower))
    assert duties["Protection, not shown (soft duty)"] == [
        "Physical safety (Palermo Protocol, art. 6(5); endeavour)"
    ]
    assert any("Known risk and no protection" in item for item in duties["Protection, not met"])
    assert any(
        item == "Confiscation of proceeds (UNTOC, art. 12(1)-(5); shall)"
        for item in duties["Prosecution, in play"]
    )


def test_the_pillars_come_in_one_order(grower: Result) -> None:
    leads = [lead.partition(",")[0] for lead, _ in pillar_words(grower)]
    assert list(dict.fromkeys(leads)) == ["Prevention", "Protection", "Prosecution"]


def test_a_mistake_cites_what_refutes_it(grower: Result) -> None:
    cites = {item.id: item.cites for item in grower.mistakes}
    assert "Rome Statute, art. 31(1)(d)" in cites["victims-are-immune"]
    assert all(cites.values())


def test_a_limit_names_its_authorities(grower: Result) -> None:
    assert grower.limits
    assert all(item.authorities for item in grower.limits)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("palermo.3.a.act", "Palermo Protocol, art. 3(a)"),
        ("palermo.3.a", "Palermo Protocol, arts 3(a), 5(1)"),
        ("rome.7.1.g4", "Rome Statute, art. 7(1)(g), 7(2)(f)"),
        ("arsiwa.31", "Articles on State Responsibility, art. 31 (with 34-37)"),
        ("achr.62", "ACHR, arts 61-62"),
        ("genocide.2", "Genocide Convention, art. II"),
    ],
)
def test_several_articles_are_cited_as_several(law: Law, name: str, words: str) -> None:
    provision = next(item for item in law.base.provisions() if item.id == name)
    assert law.base.citation(provision) == words
