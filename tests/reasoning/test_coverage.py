"""Coverage against the plain way: a rule of its own for every branch, and every branch pinned."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.inference.law import Law
from engine.inference.plan import compile_plan
from engine.model.conditions import Every, Ref, Some, Term, walk
from engine.model.frames import Frame
from engine.model.records import Case, Fact, Provision
from engine.reasoning.branches import Path_, branches, put
from engine.reasoning.coverage import Branch, cover
from engine.reasoning.lawtests import law_cases, run_cases
from engine.rulebase.rulebase import Rulebase
from tests.reasoning.tested import laws_with_tests
from tests.strategies import examples

ANSWERS = ("holds", "fails", "unknown")
PIN = "pin.it"


def asked(base: Rulebase, name: str, of: str, case: Case) -> bool:
    """Whether a test of ``of`` puts ``name`` to the test: reached from it, pinned nowhere."""
    if name in case.given:
        return False
    if name == of or name.startswith(f"{of}#"):
        return True
    return any(
        isinstance(part, Ref) and part.id == name and asked(base, other, of, case)
        for other, term in base.terms.items()
        for part in walk(term)
    )


def values(base: Rulebase, name: str, cases: list[Case]) -> list[str]:
    """The answer to ``name`` in each test, by the bit planes."""
    plan = compile_plan(base)
    true, false = run_cases(base, plan, cases)[plan.heads[name]]
    return [
        "holds" if true >> n & 1 else "fails" if false >> n & 1 else "unknown"
        for n in range(len(cases))
    ]


def with_rule(base: Rulebase, term: Term, frame: Frame) -> Rulebase:
    """The law with one more rule, ``probe``."""
    rule = Provision(id="probe", per=frame, name="?", cite="?", stage="conduct", holds="?")
    return replace(
        base,
        decided={**base.decided, "probe": rule},
        terms={**base.terms, "probe": term},
        order=[*base.order, "probe"],
    )


def frame_of(base: Rulebase, branch: Branch) -> Frame:
    record = base.decided.get(branch.of)
    frame = record.per if record else base.classifications[branch.of.partition("#")[0]].per
    term = base.terms[branch.of]
    for path, part in branches(term):
        if isinstance(part, Some | Every) and branch.path[: len(path) + 1] == (
            *path,
            "some" if isinstance(part, Some) else "every",
        ):
            frame = part.frame
    return frame


def single_rows(law: Law) -> Law:
    """The same law without second rows, for which the plain way has no name."""
    base = law.base
    for table in (base.decided, base.classifications):
        for name, record in list(table.items()):
            tests = tuple(case.model_copy(update={"beside": {}}) for case in record.tests)
            table[name] = record.model_copy(update={"tests": tests})  # type: ignore[assignment]
    return law


@given(data=st.data())
@examples(25)
def test_what_is_met_and_what_decides(data: st.DataObject) -> None:
    law = single_rows(data.draw(laws_with_tests()))
    base = law.base
    named = list(law_cases(base))
    found = cover(law, ()).branches
    assert {(b.of, b.path) for b in found} == {
        (name, path) for name, term in base.terms.items() for path, _ in branches(term)
    }
    pinned = replace(
        base, facts={**base.facts, PIN: Fact(id=PIN, scope=Frame.SITUATION, question="?")}
    )
    for branch in data.draw(st.lists(st.sampled_from(found), min_size=1, max_size=6)):
        term = base.terms[branch.of]
        part = dict(branches(term))[branch.path]
        cases = [case for of, case in named if asked(base, branch.of, of, case)]
        probe = with_rule(base, part, frame_of(base, branch))
        answers = values(probe, "probe", cases)
        assert set(branch.met) == set(answers)
        for never in branch.never:
            assert never not in answers
        now = values(base, branch.of, cases)
        decided = False
        for value in (True, False, None):
            other = replace(
                pinned, terms={**base.terms, branch.of: put(term, branch.path, Ref(PIN))}
            )
            given_too = [c.model_copy(update={"given": {**c.given, PIN: value}}) for c in cases]
            decided |= values(other, branch.of, given_too) != now
        assert bool(branch.decisive) is decided


@pytest.mark.parametrize(
    ("drop", "path", "lacks"),
    [
        ("No ascent", ("any", 0), ("fails",)),
        ("Ascent", ("any", 0), ("holds",)),
        (None, ("any", 0), ()),
    ],
)
def test_a_missing_test_shows_as_a_gap(
    drop: str | None, path: Path_, lacks: tuple[str, ...]
) -> None:
    from engine.model.conditions import Any
    from tests.reasoning.toy import law_of

    tests = (
        Case(name="Ascent", given={"up": True}, then="holds"),
        Case(name="Descent", given={"down": True}, then="holds"),
        Case(name="No ascent", given={"up": False, "down": False}, then="fails"),
    )
    base = Rulebase(
        facts={n: Fact(id=n, scope=Frame.SITUATION, question="?") for n in ("up", "down")},
        decided={
            "climb": Provision(
                id="climb",
                per=Frame.SITUATION,
                name="?",
                cite="?",
                stage="conduct",
                holds={"any": ["up", "down"]},
                tests=tuple(test for test in tests if test.name != drop),
            )
        },
        terms={"climb": Any((Ref("up"), Ref("down")))},
        order=["climb"],
    )
    found = {branch.path: branch for branch in cover(law_of(base), ()).branches}
    assert found[path].lacks == lacks
    assert ANSWERS[0] in found[()].met
