"""What if, and comparing: what is said to change is what changes."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from engine.inference import rete
from engine.inference.law import Law
from engine.model.problem import InputError
from engine.model.reasons import Branch, Compare, WhatIf
from engine.model.scenario import Scenario
from engine.reasoning.assess import Assessment, assess
from engine.reasoning.comparing import compare
from engine.reasoning.goals import Goal, reached
from engine.reasoning.places import TOP, Statement
from engine.reasoning.variants import Rechecker
from engine.reasoning.whatif import Changes, changed, read_changes, what_if
from engine.rulebase.scenarios import parse_scenario, read_scenario, shipped_scenarios
from tests.reasoning.toy import laws
from tests.strategies import scenarios

ENGINE = "both" if rete.available() else "planes"


def load(law: Law, text: str) -> Assessment:
    return assess(parse_scenario(text, "test", law.base, law.reads), law, engine="planes")


def shipped(law: Law, stem: str) -> Assessment:
    path = next(path for path in shipped_scenarios() if path.stem == stem)
    return assess(read_scenario(path, law.base, law.reads), law, engine="planes")


def labels(assessment: Assessment) -> dict[str, str]:
    return {
        f"{item.id}@{group.key}": group.outcome.label
        for item in assessment.law.base.classifications.values()
        for group in assessment.groups(item)
    }


def truths(assessment: Assessment) -> dict[tuple[str, str], str]:
    return {
        (record.id, assessment.case.row_name(record.per, row)): assessment.provision(
            record.id, row
        ).value
        for record in assessment.law.base.provisions()
        for row in assessment.rows(record.per)
    }


@given(st.data())
@settings(max_examples=120)
def test_what_is_said_to_change_is_what_an_assessment_finds_changed(data: st.DataObject) -> None:
    law = data.draw(laws())
    before = assess(data.draw(scenarios(law.base)), law, engine="planes")
    names = [fact.id for fact in law.base.facts.values() if fact.type == "tri"]
    chosen = data.draw(st.lists(st.sampled_from(names), min_size=1, max_size=3, unique=True))
    texts = [
        f"{name}={data.draw(st.sampled_from(['true', 'false', 'unknown']))}" for name in chosen
    ]
    changes = read_changes(texts, before)
    answer = what_if(before, changes, engine="planes")
    after = assess(changed(before.scenario, changes, law), law, engine="planes")
    old, new = labels(before), labels(after)
    said = {f"{one.classification}@{one.part}": (one.before, one.after) for one in answer.outcomes}
    assert {key: pair for key, pair in said.items() if pair[0] != pair[1]} == {
        key: (old[key], new[key]) for key in old if old[key] != new[key]
    }
    assert answer.unchanged.items() <= new.items()
    assert said.keys() | answer.unchanged.keys() == new.keys()
    first, second = truths(before), truths(after)
    assert {(one.id, one.row): (one.before, one.after) for one in answer.provisions} == {
        key: (first[key], second[key]) for key in first if first[key] != second[key]
    }
    for one in answer.outcomes:
        assert all(item.before != item.after for item in one.because)
    if not answer.outcomes and not answer.provisions and len(changes.statements) == 1:
        assert answer.idle == [item.text for item in changes.statements]


def test_a_fact_is_changed_wherever_it_counts_or_only_where_named(law: Law) -> None:
    before = load(
        law,
        "id: x\nfacts: {part.intentional: true}\nactors: {anna: {}, ben: {}}\n"
        "episodes: {e1: {}, e2: {charges: {ben: {part.intentional: false}}}}\n",
    )
    assert {
        item.place.text for item in read_changes(["part.intentional=false"], before).statements
    } == {
        "facts",
        "episodes.e2.charges.ben",
    }
    named = read_changes(["part.intentional@anna=false", "part.intentional@ben+e2=true"], before)
    assert [item.place.text for item in named.statements] == [
        "actors.anna.facts",
        "episodes.e2.charges.ben",
    ]


def test_dates_and_treaties_are_changed_by_their_path(law: Law) -> None:
    before = shipped(law, "rantsev")
    changes = read_changes(["states.CYP.treaties.echr=false", "dates.start=2000-12-01"], before)
    scenario = changed(before.scenario, changes, law)
    assert scenario.states["CYP"].treaties["echr"] is False
    assert str(scenario.dates.start) == "2000-12-01"
    answer = what_if(before, changes, engine=ENGINE)
    assert any(item.after == "fails" for item in answer.provisions)


def test_the_reason_leads_from_the_fact_to_the_outcome(law: Law) -> None:
    before = shipped(law, "the-kind-uncle")
    answer = what_if(before, read_changes(["victim.child=false"], before), engine=ENGINE)
    change = next(one for one in answer.outcomes if one.classification == "transnational_offence")
    assert (change.before, change.after) == ("met", "not_met")
    assert change.because[0].id == "palermo.3.d"
    assert "palermo.4" in [item.id for item in change.because]
    assert answer.bodies.gone
    assert answer.checked == ENGINE


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        (["victim.chld=true"], "did you mean victim.child?"),
        (["victim.child"], "expected FACT=VALUE"),
        (["victim.child=7"], "expected true, false or unknown"),
        (["victim.child@main=true"], "cannot be stated for main"),
        (["victim.child=true", "victim.child=false"], "as true and as false"),
        (["bound.echr=true"], "cannot be stated"),
        (
            ["states.NOWHERE.treaties.echr=true"],
            "no such part of states: NOWHERE (states: BORLAND)",
        ),
        (["states.BORLAND.treaties.ehcr=true"], "did you mean echr?"),
        (["dates.start=2050-01-01"], "is before the start"),
        (["dates.start={"], "not YAML"),
        (["episodes.e1.title.deep=1"], "episodes.e1.title: found a map, expected text"),
        (["dates.start.day=1"], "dates.start has no parts"),
    ],
)
def test_bad_changes_are_refused_in_words(law: Law, texts: list[str], message: str) -> None:
    before = shipped(law, "the-kind-uncle")
    with pytest.raises(InputError) as error:
        what_if(before, read_changes(texts, before), engine="planes")
    assert message in str(error.value)


def test_the_answers_fit_their_schemas(law: Law) -> None:
    one, two = shipped(law, "the-kind-uncle"), shipped(law, "the-scam-towers")
    answer = what_if(one, read_changes(["victim.child=false"], one), engine="planes")
    jsonschema.validate(json.loads(answer.model_dump_json()), WhatIf.model_json_schema())
    jsonschema.validate(
        json.loads(compare(one, two).model_dump_json()), Compare.model_json_schema()
    )


@pytest.mark.parametrize("path", shipped_scenarios()[::5], ids=lambda path: path.stem)
def test_a_scenario_does_not_differ_from_itself(law: Law, path: Path) -> None:
    scenario = read_scenario(path, law.base, law.reads)
    answer = compare(assess(scenario, law, engine="planes"), assess(scenario, law, engine="planes"))
    assert (answer.law, answer.differences, answer.unmatched) == ([], {}, [])


@given(st.data())
@settings(max_examples=100)
def test_the_differences_found_produce_the_other_outcome_and_no_fewer_do(
    data: st.DataObject,
) -> None:
    law = data.draw(laws())
    first = data.draw(scenarios(law.base))
    facts = [fact for fact in law.base.facts.values() if fact.type == "tri"]
    chosen = data.draw(st.lists(st.sampled_from(facts), min_size=1, max_size=6, unique_by=id))
    texts = {fact.id: data.draw(st.booleans()) for fact in chosen}
    second = everywhere(first, texts)
    one, two = assess(first, law, engine="planes"), assess(second, law, engine="planes")
    answer = compare(one, two)
    assert labels(one) == {
        **labels(two),
        **{f"{p.classification}@{p.part}": p.first for p in answer.law},
    }
    checker = Rechecker(one, "planes")
    for item in answer.law:
        assert item.produced_by is not None
        goal = Goal(item.classification, item.second, item.part)
        for wanted in spelt(item.produced_by)[:20]:
            assume(all("." in name for name in wanted))
            statements = read_changes(sorted(wanted), one).statements
            assert reached(goal, checker.assess(statements))
            for spare in statements:
                rest = [other for other in statements if other != spare]
                assert not reached(goal, checker.assess(rest))


def everywhere(scenario: Scenario, values: dict[str, bool]) -> Scenario:
    """The scenario with facts restated at the top and in no other place."""
    data = scenario.model_dump(mode="python")
    parts = [data, *data["actors"].values(), *data["states"].values(), *data["episodes"].values()]
    tables = [part["facts"] for part in parts]
    for episode in data["episodes"].values():
        tables += [*episode["charges"].values(), *episode["duties"].values()]
    for name, value in values.items():
        for table in tables:
            if name in table:
                table[name] = {"value": value}
        data["facts"][name] = {"value": value}
    return Scenario.model_validate(data)


def spelt(branch: Branch) -> list[set[str]]:
    found = [set(branch.core)]
    for choice in branch.choices:
        found = [one | pick for one in found for option in choice.options for pick in spelt(option)]
    return found


def test_parts_are_matched_by_name_then_in_order_or_as_told(law: Law) -> None:
    one = load(law, "id: x\nstates: {ALAND: {}, BORLAND: {}}\nactors: {anna: {}}\n")
    two = load(law, "id: y\nstates: {BORLAND: {}, CORLAND: {}, DORLAND: {}}\nactors: {carl: {}}\n")
    answer = compare(one, two)
    assert answer.matched == {"anna": "carl", "ALAND": "CORLAND"}
    assert answer.unmatched == ["DORLAND"]
    told = compare(one, two, match={"ALAND": "DORLAND"})
    assert told.matched["ALAND"] == "DORLAND"
    with pytest.raises(InputError, match="did you mean ALAND"):
        compare(one, two, match={"ALND": "DORLAND"})


def test_what_lies_in_the_number_of_parts_is_said_to(law: Law) -> None:
    one = shipped(law, "the-kind-uncle")
    changes = Changes((Statement("victim.child", TOP, True),))
    assert compare(one, assess(changed(one.scenario, changes, law), law, engine="planes")).law == []


def test_treaty_status_can_be_the_difference(law: Law) -> None:
    one = shipped(law, "rantsev")
    changes = read_changes([f"states.CYP.treaties.{key}=false" for key in ("echr", "iccpr")], one)
    two = assess(changed(one.scenario, changes, law), law, engine="planes")
    answer = compare(one, two)
    assert {"states.CYP.treaties.echr=false", "states.CYP.treaties.iccpr=false"} <= set(
        answer.differences
    )
