"""Runs the tests that stand beside the rules, all in one evaluation."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from engine.inference.grounding import leaf_truth
from engine.inference.plan import LEAVES, Node, Plan
from engine.inference.single import Pair, run_single
from engine.model.records import Case, Value
from engine.model.truth import Truth
from engine.rulebase.rulebase import Rulebase, outcome_id


@dataclass(frozen=True)
class LawTest:
    """One test: the record it tests, its text, and the answer found."""

    of: str
    case: Case
    found: str

    @property
    def passed(self) -> bool:
        """Whether the law gave the answer the test expects."""
        return self.found == self.expected

    @property
    def expected(self) -> str:
        """The answer that the test expects, with the level where it asks for one."""
        return worded(self.case.then, self.case.level)


def law_cases(base: Rulebase) -> Iterator[tuple[str, Case]]:
    """Every test of the law, with the id of the record it stands beside."""
    for name, record in base.decided.items():
        for case in record.tests:
            yield name, case
    for name, item in base.classifications.items():
        for case in item.tests:
            yield name, case


def run_law_tests(base: Rulebase, plan: Plan) -> list[LawTest]:
    """Every test with the answer found."""
    cases = list(law_cases(base))
    values = run_cases(base, plan, [case for _, case in cases])
    return [
        LawTest(name, case, answer(base, plan, values, name, world, level=bool(case.level)))
        for world, (name, case) in enumerate(cases)
    ]


def run_cases(base: Rulebase, plan: Plan, cases: list[Case]) -> list[Pair]:
    """The planes of every node, one world a case; the second rows of cases come after all."""
    second = [world for world, case in enumerate(cases) if case.beside]
    pairs = [(world, len(cases) + number) for number, world in enumerate(second)]
    rows = cases + [second_row(cases[world]) for world in second]
    leaves, pins, lenient = case_planes(base, plan, rows)
    return run_single(plan, leaves, pins, lenient, pairs)


def second_row(case: Case) -> Case:
    """What stands on the second row of a case: its ``beside`` over its ``given``."""
    return case.model_copy(update={"given": {**case.given, **case.beside}})


def case_planes(
    base: Rulebase, plan: Plan, cases: list[Case]
) -> tuple[dict[int, Pair], dict[int, tuple[int, int, int]], int]:
    """The leaf planes, the pinned provisions, and the worlds that may assume."""
    full = (1 << len(cases)) - 1
    lenient = full & ~sum(1 << world for world, case in enumerate(cases) if case.strict)
    said: dict[tuple[str, str], list[tuple[int, Value]]] = {}
    for world, case in enumerate(cases):
        for name, value in case.given.items():
            if value is not None:  # said to be unknown is as good as not said
                said.setdefault(("fact", name), []).append((world, value))
        for name, view in case.doctrine.items():
            said.setdefault(("view", name), []).append((world, view))
    leaves: dict[int, Pair] = {}
    for index, node in enumerate(plan.nodes):
        if node.op not in LEAVES:
            continue
        name = str(node.param[0])
        planes = {Truth.HOLDS: 0, Truth.FAILS: 0, Truth.UNKNOWN: 0}
        rest = full
        for world, value in said.get((node.op, name), ()):
            planes[_leaf(node, value)] |= 1 << world
            rest &= ~(1 << world)
        if node.op == "view":
            planes[Truth.of(base.doctrines[name].default == node.param[1])] |= rest
        elif len(node.param) == 1:
            planes[Truth.of(base.facts[name].presumed)] |= rest & lenient
        leaves[index] = (planes[Truth.HOLDS], planes[Truth.FAILS])
    pins: dict[int, tuple[int, int, int]] = {}
    for world, case in enumerate(cases):
        for name, stated in case.given.items():
            if name in plan.heads:
                where, true, false = pins.get(plan.heads[name], (0, 0, 0))
                bit = 1 << world
                pins[plan.heads[name]] = (
                    where | bit,
                    true | (bit if stated == "holds" else 0),
                    false | (bit if stated == "fails" else 0),
                )
    return leaves, pins, lenient


def _leaf(node: Node, value: Value) -> Truth:
    """What a leaf is where a case states a value for its fact, or takes a view."""
    return Truth.of(value == node.param[1]) if node.op == "view" else leaf_truth(value, node)


def answer(
    base: Rulebase,
    plan: Plan,
    values: list[Pair],
    name: str,
    world: int,
    *,
    level: bool = False,
) -> str:
    """What the law says of ``name`` in one world: a truth value, or an outcome label."""
    item = base.classifications.get(name)
    if item is None:
        true, false = values[plan.heads[name]]
        if true >> world & 1:
            return "holds"
        return "fails" if false >> world & 1 else "unknown"
    for index, outcome in enumerate(item.outcomes):
        if values[plan.heads[outcome_id(name, index)]][0] >> world & 1:
            return worded(outcome.label, outcome.level if level else None)
    return worded(item.otherwise, item.otherwise_level if level else None)


def worded(label: str, level: str | None) -> str:
    """An answer, with its level where there is one."""
    return f"{label}, level {level}" if level else label
