"""Random small law with random tests beside its rules, and the plain way to run them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from engine.inference.law import Law
from engine.inference.plan import compile_plan
from engine.model.records import Case
from engine.reasoning.lawtests import answer, law_cases, run_cases
from engine.rulebase.rulebase import Rulebase
from tests.reasoning.toy import laws

TRI = st.sampled_from([True, False, None])
ANSWER = st.sampled_from(["holds", "fails", None])


@st.composite
def cases(draw: st.DrawFn, base: Rulebase, *, expect: str = "holds") -> Case:
    """A test that states some facts, pins some provisions, and may have a second row."""

    def stated() -> dict[str, Any]:
        facts = draw(st.lists(st.sampled_from(sorted(base.facts)), unique=True, max_size=8))
        found: dict[str, Any] = {}
        for name in facts:
            fact = base.facts[name]
            if fact.type == "choice":
                found[name] = draw(st.sampled_from([*fact.values, None]))
            elif fact.type == "integer":
                found[name] = draw(st.integers(0, 4))
            else:
                found[name] = draw(TRI)
        for name in draw(st.lists(st.sampled_from(sorted(base.decided)), unique=True, max_size=2)):
            found[name] = draw(ANSWER)
        return found

    return Case(
        name="?",
        given=stated(),
        beside=stated() if draw(st.booleans()) else {},
        then=expect,
        doctrine=draw(st.sampled_from([{}, {"school": "one"}, {"school": "two"}])),
        strict=draw(st.booleans()),
    )


@st.composite
def laws_with_tests(draw: st.DrawFn) -> Law:
    """A random law, up to two tests beside each rule and up to three of its classification."""
    law = draw(laws())
    base = law.base
    for name, record in list(base.decided.items()):
        tests = tuple(draw(st.lists(cases(base), max_size=2)))
        base.decided[name] = record.model_copy(update={"tests": tests})
    for name, item in list(base.classifications.items()):
        tests = tuple(draw(st.lists(cases(base, expect=item.otherwise), max_size=3)))
        base.classifications[name] = item.model_copy(update={"tests": tests})
    return law


def answers(base: Rulebase) -> list[str]:
    """What each test beside a rule finds, by the bit planes of the plan of ``base``."""
    plan = compile_plan(base)
    named = list(law_cases(base))
    values = run_cases(base, plan, [case for _, case in named])
    return [
        answer(base, plan, values, of, world, level=bool(case.level))
        for world, (of, case) in enumerate(named)
    ]


def reading(base: Rulebase, name: str, term: Any) -> Rulebase:
    """The same law, with another condition for ``name``."""
    return replace(base, terms={**base.terms, name: term})
