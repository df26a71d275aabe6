"""Doctrine: what is said of every combination is what each combination, taken alone, gives."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.inference.law import Law
from engine.model.frames import Frame
from engine.model.reasons import DoctrineTable
from engine.model.records import Classification, Doctrine, Fact, View
from engine.model.scenario import Scenario
from engine.reasoning.assess import Assessment, assess
from engine.reasoning.doctrine import doctrine_table, smallest_views
from engine.rulebase.link import link
from engine.rulebase.rulebase import Rulebase
from engine.rulebase.scenarios import read_scenario, shipped_scenarios
from engine.rulebase.source import Source
from tests.reasoning.toy import law_of, laws
from tests.strategies import scenarios


def labels(assessment: Assessment) -> dict[tuple[str, str], tuple[str, str | None]]:
    return {
        (item.id, group.key): (group.outcome.label, group.outcome.level)
        for item in assessment.law.base.classifications.values()
        for group in assessment.groups(item)
    }


@given(st.data())
@settings(max_examples=80)
def test_each_combination_alone_gives_what_the_table_counts(data: st.DataObject) -> None:
    law = data.draw(laws())
    scenario = data.draw(scenarios(law.base))
    strict = data.draw(st.booleans())
    table = doctrine_table(assess(scenario, law, strict=strict, engine="planes"))
    alone = [
        labels(assess(scenario, law, doctrine={"school": view}, strict=strict, engine="planes"))
        for view in law.base.doctrines["school"].views
    ]
    switches = "school" in table.doctrine
    for one in table.outcomes:
        found = [profile[(one.classification, one.part)] for profile in alone]
        assert found[0] == (one.outcome, one.level)
        assert one.survives == (len(set(found)) == 1)
        if switches:
            assert one.profiles == found.count(found[0])
        for other in one.others:
            assert found.count((other.outcome, other.level)) == other.profiles
            assert other.views == [["school=two"]]


@pytest.mark.parametrize("path", shipped_scenarios()[::5], ids=lambda path: path.stem)
def test_on_shipped_scenarios_the_views_named_make_the_difference(law: Law, path: Path) -> None:
    scenario = read_scenario(path, law.base, law.reads)
    assessment = assess(scenario, law, engine="planes")
    table = doctrine_table(assessment)
    assert table.complete
    assert table.profiles == len(assessment.worlds.profiles)
    for one in table.outcomes:
        assert one.profiles + sum(other.profiles for other in one.others) == table.profiles
        for other in one.others:
            for views in other.views:
                chosen = dict(view.split("=") for view in views)
                key = (one.classification, one.part)
                there = labels(assess(scenario, law, doctrine=chosen, engine="planes"))[key]
                assert there == (other.outcome, other.level)
                for name in chosen:
                    less = {key: view for key, view in chosen.items() if key != name}
                    here = labels(assess(scenario, law, doctrine=less, engine="planes"))[key]
                    assert here != (other.outcome, other.level)


@pytest.mark.parametrize("path", shipped_scenarios(), ids=lambda path: path.stem)
def test_what_the_result_calls_contested_is_in_the_table(law: Law, path: Path) -> None:
    assessment = assess(read_scenario(path, law.base, law.reads), law, engine="planes")
    for one in doctrine_table(assessment).outcomes:
        definite = [views for other in one.others if other.definite for views in other.views]
        if one.survives:
            assert not one.contested
            assert not one.sensitive_to
        if one.contested:
            named = {view.partition("=")[0] for views in definite for view in views}
            assert set(one.contested) <= named
        labels_ = {other.outcome for other in one.others if other.definite} - {one.outcome}
        assert bool(one.contested) == bool(labels_)


def test_the_headline_can_be_another_profile(law: Law) -> None:
    path = next(path for path in shipped_scenarios() if path.stem == "the-scam-towers")
    scenario = read_scenario(path, law.base, law.reads)
    chosen = {"organization_test": "kaul_statelike"}
    table = doctrine_table(assess(scenario, law, doctrine=chosen, engine="planes"))
    crime = next(o for o in table.outcomes if o.classification == "crime_against_humanity")
    assert crime.outcome == "not_met"
    possible = next(other for other in crime.others if other.outcome == "possible")
    assert possible.views == [["organization_test=majority_means"]]
    holders = {view.view: view for view in table.views["organization_test"]}
    assert any("Kaul" in name for name in holders["kaul_statelike"].authorities)
    assert holders["kaul_statelike"].taken
    jsonschema.validate(json.loads(table.model_dump_json()), DoctrineTable.model_json_schema())


def test_the_smallest_views_are_those_found_by_trying_all(law: Law) -> None:
    worlds = law.worlds({}, strict=False)
    head = worlds.profiles[0]
    wanted = [world for world in range(len(worlds.profiles)) if world % 7 == 3 or world % 11 == 5]
    plane = sum(1 << world for world in wanted)
    departures = [
        frozenset(view for view in worlds.profiles[world].items() if head[view[0]] != view[1])
        for world in wanted
    ]
    expected = {one for one in departures if not any(other < one for other in departures)}
    assert {frozenset(views) for views in smallest_views(worlds, plane)} == expected


def test_more_combinations_than_can_be_decided_are_owned_up_to() -> None:
    """Twenty switches of two views: only the headline and each departure from it are tried."""
    view = View(says="?")
    base = Rulebase()
    base.facts["it.was"] = Fact(id="it.was", scope=Frame.SITUATION, question="?")
    for number in range(20):
        name = f"point.{number}"
        base.doctrines[name] = Doctrine(
            id=name, question="?", default="yes", views={"yes": view, "no": view}
        )
    base.classifications["question"] = Classification.model_validate(
        {
            "id": "question",
            "name": "Question",
            "question": "?",
            "addressee": "?",
            "per": "situation",
            "by": "situation",
            "outcomes": [
                {
                    "label": "met",
                    "when": {
                        "all": [
                            "it.was",
                            *({"doctrine": f"point.{n}", "is": "yes"} for n in range(20)),
                        ]
                    },
                }
            ],
            "otherwise": "undetermined",
            "strongest": ["met", "undetermined"],
        }
    )
    source = Source("toy", {})
    where = dict.fromkeys([*base.facts, "classification:question"], (source, ()))
    where.update({f"doctrine:{name}": (source, ()) for name in base.doctrines})
    assert not link(base, where)
    scenario = Scenario.model_validate({"id": "x", "facts": {"it.was": True}})
    table = doctrine_table(assess(scenario, law_of(base), engine="planes"))
    assert (table.complete, table.profiles) == (False, 21)
    (one,) = table.outcomes
    assert sorted(map(tuple, one.others[0].views)) == sorted(
        (f"point.{number}=no",) for number in range(20)
    )
