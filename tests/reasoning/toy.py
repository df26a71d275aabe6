"""Random small law with a classification, and the slow, plain way to answer about it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations, product

from hypothesis import strategies as st

from engine.inference.law import Law
from engine.inference.plan import compile_plan
from engine.inference.planes import code_of, generate, schedule
from engine.model.frames import Frame
from engine.model.records import Classification
from engine.reasoning.assess import Assessment, assess
from engine.reasoning.goals import Goal, levels_of, reached
from engine.reasoning.places import Statement, restated
from engine.reasoning.space import Rules, Space
from engine.rulebase.link import link
from engine.rulebase.rulebase import Rulebase
from engine.rulebase.source import Source
from engine.rulebase.treaty_status import TreatyStatus
from tests.strategies import conditions, rulebases

LABELS = ("made_out", "weaker", "undetermined", "not_made_out")


def law_of(base: Rulebase) -> Law:
    plan = compile_plan(base)
    order = schedule(plan)
    law = Law(base, plan, order, code_of(generate(plan, order)), None)  # type: ignore[arg-type]
    law.__dict__["status"] = TreatyStatus()
    return law


@st.composite
def rules(draw: st.DrawFn, frame: Frame, ids: dict[str, Frame]) -> object:
    """Elements that must all be there, each of which can be met in several ways."""
    parts = [
        [draw(conditions(frame, ids, draw(st.integers(0, 2)))) for _ in range(number)]
        for number in draw(st.lists(st.integers(1, 3), min_size=1, max_size=4))
    ]
    outer = draw(st.sampled_from(["all", "all", "all", "any"]))
    inner = "any" if outer == "all" else "all"
    return {outer: [{inner: part} if len(part) > 1 else part[0] for part in parts]}


@st.composite
def laws(draw: st.DrawFn) -> Law:
    """A random rule base with one classification of four labels."""
    base = draw(rulebases())
    ids = {name: record.per for name, record in base.decided.items()}
    ids.update({f.id: f.scope for f in base.facts.values() if f.type == "tri"})
    frame = draw(st.sampled_from([Frame.SITUATION, Frame.EPISODE, Frame.CHARGE, Frame.STATE]))
    labels = [*LABELS[:2], draw(st.sampled_from(LABELS[:2])), LABELS[3]]
    whens = [draw(rules(frame, ids)) for _ in labels]
    level = st.sampled_from([None, "person", "crowd"])
    by = {Frame.EPISODE: "episodes", Frame.CHARGE: "charges", Frame.STATE: "states"}
    base.classifications["question"] = Classification.model_validate(
        {
            "id": "question",
            "name": "Question",
            "question": "?",
            "addressee": "?",
            "per": frame,
            "by": by.get(frame, "situation"),
            "outcomes": [
                {"label": label, "when": when, "level": draw(level)}
                for label, when in zip(labels, whens, strict=True)
            ],
            "otherwise": "undetermined",
            "strongest": list(LABELS),
        }
    )
    source = Source("toy", {})
    names = [*base.facts, *base.decided, "doctrine:school", "classification:question"]
    base.terms.clear()
    base.order.clear()
    faults = link(base, dict.fromkeys(names, (source, ())))
    allowed = ("no rule reads", "repeat", "opposite", "shadowed")
    assert not [f for f in faults if not any(word in f.message for word in allowed)], faults
    return law_of(base)


def option_table(space: Space) -> dict[int, Statement]:
    return {literal: space.owner[literal].statement(literal) for literal in space.changes()}


def sets_of_changes(space: Space) -> Iterator[tuple[int, ...]]:
    """Every consistent set of allowed changes, small ones first."""
    variables = [list(v.options) for v in space.variables.values() if v.options and not v.held]
    for number in range(len(variables) + 1):
        for chosen in combinations(variables, number):
            yield from product(*chosen)


def brute_force(
    space: Space, goals: Sequence[Goal], sets: Sequence[tuple[int, ...]]
) -> set[frozenset[int]]:
    """The smallest of the sets after which a full assessment reaches the goals."""
    found: list[frozenset[int]] = []
    for literals in sets:
        here = frozenset(literals)
        if not any(smaller <= here for smaller in found) and reaches(space, goals, literals):
            found.append(here)
    return set(found)


def reaches(space: Space, goals: Sequence[Goal], literals: Sequence[int]) -> bool:
    before = space.assessment
    scenario = restated(before.scenario, space.statements(literals))
    after = assess(scenario, before.law, strict=before.worlds.strict, engine="planes")
    return all(reached(goal, after) for goal in goals)


def goals(assessment: Assessment) -> st.SearchStrategy[Goal]:
    base = assessment.law.base
    item = base.classifications["question"]
    keys = ["", *(group.key for group in assessment.groups(item))]
    rows = [assessment.case.row_name(item.per, row) for row in assessment.rows(item.per)]
    aims = [(label, level) for label in LABELS for level in ("", *levels_of(item, label))]
    outcome = st.builds(
        lambda aim, where, other: Goal("question", aim[0], where, other, aim[1]),
        st.sampled_from(aims),
        st.sampled_from([*keys, *rows]),
        st.booleans(),
    )
    value = st.builds(
        Goal,
        st.sampled_from(list(base.decided)),
        st.sampled_from(["holds", "fails", "unknown"]),
        st.just(""),
        st.booleans(),
    )
    return st.one_of(outcome, value)


RULES = st.builds(
    Rules,
    only_add=st.booleans(),
    forget=st.booleans(),
    settings=st.booleans(),
    apart=st.booleans(),
)
