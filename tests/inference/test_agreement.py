"""Both evaluators, and a naive third one, give the same answer to everything, always."""

from __future__ import annotations

from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.inference import rete
from engine.inference.grounding import ground
from engine.inference.law import Law
from engine.inference.plan import compile_plan
from engine.inference.planes import code_of, generate, schedule
from engine.model.frames import Frame
from engine.model.scenario import Scenario
from engine.model.truth import Truth
from engine.reasoning.assess import Assessment, assess
from engine.rulebase.rulebase import Rulebase
from engine.rulebase.scenarios import read_scenario, shipped_scenarios
from engine.rulebase.treaty_status import TreatyStatus
from tests.naive_law import NaiveLaw
from tests.strategies import examples, rulebases, scenarios

ENGINE = "both" if rete.available() else "planes"


def law_of(base: Rulebase) -> Law:
    plan = compile_plan(base)
    order = schedule(plan)
    law = Law(base, plan, order, code_of(generate(plan, order)), None)  # type: ignore[arg-type]
    law.__dict__["status"] = TreatyStatus()
    return law


def values(assessment: Assessment, world: int = 0) -> dict[tuple[str, Frame, int], Truth]:
    return {
        (name, record.per, row): assessment.provision(name, row, world)
        for name, record in assessment.law.base.decided.items()
        for row in assessment.rows(record.per)
    }


def naive(assessment: Assessment, world: int = 0) -> dict[tuple[str, Frame, int], Truth]:
    profile = assessment.worlds.profiles[world]
    law = NaiveLaw(assessment.law.base, assessment.case, profile, strict=assessment.worlds.strict)
    return {
        (name, record.per, row): law.decide(name, row)
        for name, record in assessment.law.base.decided.items()
        for row in assessment.rows(record.per)
    }


@given(st.data())
@examples(150)
def test_three_evaluators_agree_on_random_law_and_random_scenarios(data: st.DataObject) -> None:
    base = data.draw(rulebases())
    law = law_of(base)
    for strict in (False, True):
        assessment = assess(data.draw(scenarios(base)), law, strict=strict, engine=ENGINE)
        for world in range(len(assessment.worlds.profiles)):
            assert values(assessment, world) == naive(assessment, world)


@given(st.data())
@examples(100)
def test_without_exceptions_a_definite_verdict_survives_every_filling_of_the_unknowns(
    data: st.DataObject,
) -> None:
    base = data.draw(rulebases(unless=False))
    law = law_of(base)
    scenario = data.draw(scenarios(base))
    before = values(assess(scenario, law, engine="planes"))
    filled = fill_unknowns(
        scenario, base, data.draw(st.lists(st.booleans(), min_size=8, max_size=8))
    )
    after = values(assess(filled, law, engine="planes"))
    for key, value in before.items():
        if value.known:
            assert after[key] is value


def fill_unknowns(scenario: Scenario, base: Rulebase, bits: list[bool]) -> Scenario:
    """The scenario with everything unknown at the top, and every unknown below, filled in."""
    counter = iter(range(10**6))

    def value(name: str) -> object:
        bit = bits[next(counter) % len(bits)]
        fact = base.facts[name]
        return (
            bit
            if fact.type == "tri"
            else (3 * bit if fact.type == "integer" else ("red", "blue")[bit])
        )

    def complete(facts: dict[str, object]) -> None:
        for name, stated in list(facts.items()):
            if stated["value"] is None:  # type: ignore[index]
                facts[name] = {"value": value(name)}

    data = scenario.model_dump(mode="python")
    for part in [
        data,
        *data["actors"].values(),
        *data["states"].values(),
        *data["episodes"].values(),
    ]:
        complete(part["facts"])
    for episode in data["episodes"].values():
        for facts in [*episode["charges"].values(), *episode["duties"].values()]:
            complete(facts)
    for name in base.facts:
        data["facts"].setdefault(name, {"value": value(name)})
    return Scenario.model_validate(data)


@given(st.data())
@examples(60)
def test_the_order_in_which_facts_are_written_changes_nothing(data: st.DataObject) -> None:
    base = data.draw(rulebases())
    law = law_of(base)
    scenario = data.draw(scenarios(base))
    facts = data.draw(st.permutations(list(scenario.facts.items())))
    shuffled = scenario.model_copy(update={"facts": dict(facts)})
    assert values(assess(scenario, law, engine=ENGINE)) == values(
        assess(shuffled, law, engine=ENGINE)
    )


@pytest.mark.parametrize("path", shipped_scenarios(), ids=lambda path: path.stem)
def test_three_evaluators_agree_on_every_shipped_scenario(law: Law, path) -> None:  # type: ignore[no-untyped-def]
    scenario = read_scenario(path, law.base, law.reads)
    for strict in (False, True):
        assessment = assess(scenario, law, strict=strict, engine=ENGINE)
        assert values(assessment) == naive(assessment)


@given(st.data())
@examples(25)
def test_three_evaluators_agree_on_the_shipped_law_and_random_scenarios(
    law: Law, data: st.DataObject
) -> None:
    scenario = data.draw(scenarios(law.base))
    assessment = assess(scenario, law, engine=ENGINE)
    assert values(assessment) == naive(assessment)


def test_the_rete_answer_alone_is_the_answer_of_both(law: Law) -> None:
    if not rete.available():
        pytest.skip(rete.why_unavailable())
    for path in shipped_scenarios()[:5]:
        scenario = read_scenario(path, law.base, law.reads)
        alone = assess(scenario, law, engine="rete")
        assert values(alone) == values(assess(scenario, law, engine="planes"))


def test_a_disagreement_is_reported_and_names_the_rows(law: Law, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    from engine.model.problem import EvaluatorsDisagree
    from engine.reasoning import assess as module

    if not rete.available():
        pytest.skip(rete.why_unavailable())
    scenario = read_scenario(shipped_scenarios()[0], law.base, law.reads)
    real = Assessment.truth

    def flipped(self: Assessment, index: int, row: int, world: int = 0) -> Truth:
        value = real(self, index, row, world)
        return value.negate() if index == law.plan.heads["palermo.3.a.act"] else value

    monkeypatch.setattr(module.Assessment, "truth", flipped)
    with pytest.raises(EvaluatorsDisagree, match=r"palermo\.3\.a\.act"):
        assess(scenario, law, engine="both")


def test_grounding_is_the_same_however_often_it_is_done(law: Law) -> None:
    scenario = read_scenario(shipped_scenarios()[0], law.base, law.reads)
    first, second = (ground(scenario, law.base, law.plan, law.status) for _ in range(2))
    assert first.layout is second.layout
    assert MappingProxyType(first.status) == MappingProxyType(second.status)
