"""The plan: the linked law as one ordered list of three-valued nodes.

A node belongs to one frame and is decided once per row of it. Leaves are facts and doctrine
views; every other node names earlier nodes, of its own frame or of one its rows see. Both
evaluators run this list, and explanations are read off it, so that what is shown is what was
decided.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from engine.model.conditions import (
    All,
    Any,
    Count,
    Every,
    Not,
    Ref,
    Some,
    Term,
    Test,
    Unless,
    View,
)
from engine.model.frames import Frame
from engine.rulebase.rulebase import Rulebase, outcome_id

LEAVES = ("fact", "view")


class Node(NamedTuple):
    """One gate.

    ``op``: fact, view, all, any, not, unless, count, some, every. ``args``: indices of the
    nodes it reads. ``param``: for a fact its id (and test), for a view the doctrine and view,
    for a count the number needed, for some and every the frame they range over.
    """

    op: str
    frame: Frame
    args: tuple[int, ...] = ()
    param: tuple[str | int | bool, ...] = ()


@dataclass
class Plan:
    """``nodes`` in an order in which each comes after what it reads.

    ``heads`` maps everything decided, and every outcome rule, to its node.
    """

    nodes: list[Node] = field(default_factory=list)
    heads: dict[str, int] = field(default_factory=dict)
    _facts: dict[str, set[Frame]] | None = field(default=None, repr=False, compare=False)

    @cached_property
    def one_row(self) -> frozenset[int]:
        """The nodes that read only nodes of their own frame, and so only of their own row."""
        return frozenset(
            index
            for index, node in enumerate(self.nodes)
            if node.op not in ("some", "every")
            and all(self.nodes[arg].frame is node.frame for arg in node.args)
        )

    def leaves(self, frame: Frame) -> list[int]:
        """The fact and view nodes read by rows of this frame."""
        return [
            index
            for index, node in enumerate(self.nodes)
            if node.frame is frame and node.op in LEAVES
        ]

    def facts(self) -> dict[str, set[Frame]]:
        """Each fact read, and the frames it is read in. Worked out once."""
        if self._facts is None:
            self._facts = {}
            for node in self.nodes:
                if node.op == "fact":
                    self._facts.setdefault(str(node.param[0]), set()).add(node.frame)
        return self._facts

    def names(self) -> dict[int, str]:
        """The id decided at each head node."""
        return {index: name for name, index in self.heads.items()}

    def below(self, index: int) -> Iterator[int]:
        """Every node that the value of ``index`` can depend on, itself included."""
        seen = {index}
        todo = [index]
        while todo:
            current = todo.pop()
            yield current
            for arg in self.nodes[current].args:
                if arg not in seen:
                    seen.add(arg)
                    todo.append(arg)


def compile_plan(base: Rulebase) -> Plan:
    """The plan of a linked rulebase. Deterministic: the same law gives the same plan."""
    builder = _Builder(base)
    frames = {name: record.per for name, record in base.decided.items()}
    for name, item in base.classifications.items():
        for index in range(len(item.outcomes)):
            frames[outcome_id(name, index)] = item.per
    for name in base.order:
        builder.decide(name, frames[name])
    return builder.plan


def extended(base: Rulebase, plan: Plan, conditions: Mapping[str, tuple[Term, Frame]]) -> Plan:
    """The plan with further ``conditions`` decided after all else, under names of their own."""
    builder = _Builder(base)
    builder.plan = Plan(list(plan.nodes), dict(plan.heads))
    builder.known = {node: index for index, node in enumerate(plan.nodes) if node.op in LEAVES}
    for name, (term, frame) in conditions.items():
        index = builder.build(term, frame)
        builder.plan.heads[name] = builder.add(Node("all", frame, (index,)))
    return builder.plan


class _Builder:
    def __init__(self, base: Rulebase) -> None:
        self.base = base
        self.plan = Plan()
        self.known: dict[Node, int] = {}

    def decide(self, name: str, frame: Frame) -> None:
        index = self.build(self.base.terms[name], frame)
        # A head is a node of its own, so that a test can pin it without touching its parts.
        taken = index in self.plan.heads.values() or self.plan.nodes[index].op in LEAVES
        if taken or self.plan.nodes[index].frame is not frame:
            index = self.add(Node("all", frame, (index,)))
        self.plan.heads[name] = index

    def add(self, node: Node) -> int:
        self.plan.nodes.append(node)
        return len(self.plan.nodes) - 1

    def leaf(self, node: Node) -> int:
        if node not in self.known:
            self.known[node] = self.add(node)
        return self.known[node]

    def build(self, term: Term, frame: Frame) -> int:
        if isinstance(term, Ref):
            if term.id in self.plan.heads:
                return self.plan.heads[term.id]
            return self.leaf(Node("fact", frame, (), (term.id,)))
        if isinstance(term, Test):
            test = ">=" if term.at_least else "="
            return self.leaf(Node("fact", frame, (), (term.fact, test, term.value)))
        if isinstance(term, View):
            return self.leaf(Node("view", Frame.SITUATION, (), (term.doctrine, term.view)))
        if isinstance(term, Some | Every):
            inner = self.build(term.item, term.frame)
            if self.plan.nodes[inner].frame is not term.frame:
                inner = self.add(Node("all", term.frame, (inner,)))
            op = "some" if isinstance(term, Some) else "every"
            return self.add(Node(op, frame, (inner,), (term.frame.value,)))
        if isinstance(term, Not | Unless):
            op = "not" if isinstance(term, Not) else "unless"
            return self.add(Node(op, frame, (self.build(term.item, frame),)))
        args = tuple(self.build(item, frame) for item in term.items)
        if isinstance(term, Count):
            return self.add(Node("count", frame, args, (term.at_least,)))
        assert isinstance(term, All | Any)
        return self.add(Node("all" if isinstance(term, All) else "any", frame, args))
