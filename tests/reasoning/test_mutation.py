"""A mutant is killed exactly when some test gives another answer under the mutated law."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from engine.inference.law import Law
from engine.model.conditions import All, Any, Not, Ref, Term, Unless, View, walk
from engine.model.frames import Frame
from engine.model.records import Case, Fact
from engine.reasoning.assess import assess
from engine.reasoning.branches import at, branches, put, steps
from engine.reasoning.exhaustive import differing
from engine.reasoning.lawtests import run_cases
from engine.reasoning.mutants import NOTHING, Mutant, data_mutants, mutants, order_mutants
from engine.reasoning.mutation import Killer
from engine.rulebase.rulebase import Rulebase
from tests.reasoning.tested import answers, laws_with_tests, reading
from tests.reasoning.toy import law_of
from tests.strategies import examples, scenarios

ALWAYS = Any((View("school", "one"), View("school", "two")))
"""Holds under every profile. The plan has no gate for the condition that asks for nothing."""


def without_nothing(term: Term) -> Term:
    for path, part in branches(term):
        if part == NOTHING:
            return put(term, path, ALWAYS)
    return term


def reordered(base: Rulebase, of: str, order: tuple[int, ...]) -> Rulebase:
    """The law with the outcome rules of a classification written in another order."""
    item = base.classifications[of]
    outcomes = tuple(item.outcomes[index] for index in order)
    moved = {f"{of}#{place}": base.terms[f"{of}#{index}"] for place, index in enumerate(order)}
    other = item.model_copy(update={"outcomes": outcomes})
    first = [name for name in base.order if name not in moved]
    return replace(
        base,
        order=[*first, *moved],
        classifications={**base.classifications, of: other},
        terms={**base.terms, **moved},
    )


def mutated(base: Rulebase, mutant: Mutant) -> Rulebase:
    """The law as a mutant reads it."""
    if mutant.term is not None:
        return reading(base, mutant.of, without_nothing(mutant.term))
    if mutant.order:
        return reordered(base, mutant.of.partition("#")[0], mutant.order)
    assert mutant.assumed is not None
    facts, doctrines = dict(base.facts), dict(base.doctrines)
    for name, value in mutant.assumed.presumed:
        facts[name] = facts[name].model_copy(update={"presumed": value})
    for name, view in mutant.assumed.default:
        doctrines[name] = doctrines[name].model_copy(update={"default": view})
    return replace(base, facts=facts, doctrines=doctrines)


@given(data=st.data(), far=st.booleans())
@examples(60)
def test_killed_means_that_a_test_finds_another_answer(data: st.DataObject, far: bool) -> None:
    law = data.draw(laws_with_tests())
    if far:  # only the tests of rules that rest on another can tell of a change to that one
        for name, record in list(law.base.decided.items()):
            if any(Ref(name) in walk(term) for term in law.base.terms.values()):
                law.base.decided[name] = record.model_copy(update={"tests": ()})
    before = answers(law.base)
    killer = Killer(law)
    data_too = list(data_mutants(law.base))
    every = [*mutants(law.base), *data_too]
    chosen = data.draw(st.lists(st.sampled_from(every), min_size=1, max_size=4))
    for mutant in [*chosen, *data_too[:2], *order_mutants(law.base)]:
        after = answers(mutated(law.base, mutant))
        assert (killer.fate(mutant).fate == "killed") == (before != after), mutant


@given(data=st.data())
@examples(30)
def test_what_is_proven_equivalent_decides_every_scenario_alike(data: st.DataObject) -> None:
    law = data.draw(laws_with_tests())
    killer = Killer(law)
    rules = [*mutants(law.base), *order_mutants(law.base)]
    plain = [mutant for mutant in rules if mutant.kind != "reference"]  # these are so many
    either = st.one_of(st.sampled_from(plain), st.sampled_from(rules))
    chosen = data.draw(st.lists(either, min_size=1, max_size=12, unique=True))
    same = [item for item in map(killer.fate, chosen) if item.fate == "equivalent"]
    scenario = data.draw(scenarios(law.base))
    expected = assess(scenario, law, engine="planes")
    for item in same:
        other = law_of(mutated(law.base, item.mutant))
        found = assess(scenario, other, engine="planes")
        if "#" in item.mutant.of:
            for name, question in law.base.classifications.items():
                same = found.outcome(other.base.classifications[name])
                assert same == expected.outcome(question), item.mutant
            continue
        for name in law.base.decided:
            for row in expected.rows(law.base.decided[name].per):
                assert found.provision(name, row) is expected.provision(name, row), item.mutant


@given(data=st.data())
@examples(30)
def test_a_suggested_test_tells_a_survivor_from_the_law(data: st.DataObject) -> None:
    law = data.draw(laws_with_tests())
    rules = [m for m in mutants(law.base) if m.term is not None and "#" not in m.of]
    assume(rules)
    for mutant in data.draw(st.lists(st.sampled_from(rules), min_size=1, max_size=4)):
        assert mutant.term is not None
        frame = law.base.decided[mutant.of].per
        found, same = differing(
            law.base, frame, law.base.terms[mutant.of], mutant.term, mutant.path
        )
        assert not (found and same)
        if found is None:
            continue
        case = Case(
            name="?",
            given={**dict.fromkeys(found.open), **found.given},
            then="holds",
            doctrine=dict(found.doctrine),
            strict=found.strict,
        )
        other = law_of(mutated(law.base, mutant))
        values = [
            run_cases(one.base, one.plan, [case])[one.plan.heads[mutant.of]] for one in (law, other)
        ]
        assert values[0] != values[1], (mutant, case)


def test_each_kind_of_change_is_made(law: Law) -> None:
    base = law.base
    every = (*mutants(base), *order_mutants(base), *data_mutants(base))
    kinds = {mutant.kind for mutant in every}
    assert kinds == {
        "drop",
        "all/any",
        "negate",
        "threshold",
        "choice",
        "exception",
        "silence",
        "reference",
        "order",
        "some/every",
        "presumption",
        "doctrine",
    }


def _facts(*names: str) -> Rulebase:
    facts = {name: Fact(id=name, scope=Frame.SITUATION, question="?") for name in names}
    return Rulebase(facts=facts)


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        (Any((Ref("a"), All((Ref("a"), Ref("b"))))), Ref("a"), True),
        (Not(Any((Ref("a"), Ref("b")))), All((Not(Ref("a")), Not(Ref("b")))), True),
        # Kleene: unknown is no third value that either side excludes.
        (Any((Ref("a"), Not(Ref("a")))), All(()), False),
        (Unless(Ref("a")), Not(Ref("a")), False),
        (All((Ref("a"), Unless(Ref("a")))), Ref("b"), False),
    ],
)
def test_equivalence_over_every_assignment(first: Term, second: Term, same: bool) -> None:
    found, proven = differing(_facts("a", "b"), Frame.SITUATION, first, second)
    assert proven is same
    assert (found is None) is same


def test_a_wide_rule_gets_a_suggestion_where_not_every_assignment_can_be_tried() -> None:
    names = [f"f{number}" for number in range(20)]
    first = Any((*(Ref(name) for name in names), All((Ref("x"), Ref("y")))))
    second = Any((*(Ref(name) for name in names), Ref("x")))
    found, proven = differing(
        _facts(*names, "x", "y"), Frame.SITUATION, first, second, ("any", 20, "all", 1)
    )
    assert not proven
    assert found is not None
    assert found.given["x"] is True
    assert found.given.get("y") is not True
    assert not any(found.given.get(name) for name in names)


@given(data=st.data())
@examples(30)
def test_a_branch_is_found_and_replaced_by_its_path(data: st.DataObject) -> None:
    law = data.draw(laws_with_tests())
    for term in law.base.terms.values():
        for path, part in branches(term):
            assert at(term, path) == part
            assert put(term, path, part) == term
            changed = put(term, path, Ref("elsewhere"))
            assert dict(branches(changed))[path] == Ref("elsewhere")
            for step, _ in steps(part):
                assert path + step in dict(branches(term))


def test_a_path_that_leads_nowhere_is_refused() -> None:
    with pytest.raises(KeyError):
        put(All((Ref("a"),)), ("any", 0), Ref("b"))
    with pytest.raises(KeyError):
        at(All((Ref("a"),)), ("any", 0))
