"""Tests and scenarios side by side: the arrays say what the two evaluators' planes say."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from engine.inference.law import Law
from engine.model.frames import Frame
from engine.model.records import Case, Classification
from engine.model.truth import Truth
from engine.reasoning.assess import assess
from engine.reasoning.corpus import Corpus
from engine.reasoning.lawtests import run_cases
from tests.reasoning.tested import laws_with_tests
from tests.strategies import examples, scenarios

TRUTHS = [Truth.FAILS, Truth.UNKNOWN, Truth.HOLDS]


@given(data=st.data())
@examples(80)
def test_every_rule_has_the_value_of_the_planes_in_every_test(data: st.DataObject) -> None:
    law = data.draw(laws_with_tests())
    corpus = Corpus(law)
    planes = run_cases(law.base, law.plan, [case for _, case in corpus.cases[: corpus.tests]])
    for name in law.base.order:
        true, false = planes[law.plan.heads[name]]
        for number in range(len(corpus.cases)):
            found = TRUTHS[corpus.values[name][number]]
            expected = Truth.UNKNOWN
            if true >> number & 1:
                expected = Truth.HOLDS
            elif false >> number & 1:
                expected = Truth.FAILS
            assert found is expected, (name, corpus.cases[number])


@given(data=st.data())
@examples(80)
def test_every_rule_has_the_value_of_the_assessment_on_every_row(data: st.DataObject) -> None:
    law = data.draw(laws_with_tests())
    found = data.draw(st.lists(scenarios(law.base), min_size=1, max_size=3))
    corpus = Corpus(law, found)
    first = dict.fromkeys(Frame, len(corpus.cases))
    for scenario in found:
        assessment = assess(scenario, law, engine="planes")
        for name in law.base.order:
            frame = corpus.base.frame(name)
            for row in assessment.rows(frame):
                value = TRUTHS[corpus.values[name][first[frame] + row]]
                assert value is assessment.provision(name, row), (name, row)
        for frame in Frame:
            for row in assessment.rows(frame):
                assert corpus.source(frame, first[frame] + row) == scenario.id
            first[frame] += len(assessment.rows(frame))


def test_a_second_row_is_ranged_over(law: Law) -> None:
    """A test with ``beside`` tells one row of two from both, in the bit planes, too."""
    quantified = next(
        (name, case)
        for name, record in law.base.decided.items()
        for case in record.tests
        if case.beside and case.then == "holds"
    )
    name, case = quantified
    alone = Case(name="?", given={**case.given, **case.beside}, then="fails")
    both = run_cases(law.base, law.plan, [case, alone])[law.plan.heads[name]]
    assert both[0] & 1
    assert not both[0] >> 1 & 1


def test_the_shipped_labels_are_told_apart_by_level_only_where_asked(law: Law) -> None:
    corpus = Corpus(law)
    item: Classification = next(i for i in law.base.classifications.values() if i.otherwise_level)
    plain, exact = (corpus.labels(item.id, {}, levels=levels) for levels in (False, True))
    assert len(set(plain.tolist())) < len(set(exact.tolist()))
