"""A third evaluator, for tests only: recursion over the terms of the law, nothing shared with
the plan or with either evaluator."""

from __future__ import annotations

from collections.abc import Mapping

from engine.inference.grounding import Case
from engine.inference.plan import Node
from engine.model.conditions import All, Any, Count, Every, Not, Ref, Some, Term, Test, Unless, View
from engine.model.frames import Frame
from engine.model.truth import Truth
from engine.rulebase.rulebase import Rulebase

_ORDER = {
    Frame.SITUATION: (),
    Frame.EPISODE: ("e",),
    Frame.ACTOR: ("a",),
    Frame.STATE: ("s",),
    Frame.CHARGE: ("a", "e"),
    Frame.DUTY: ("s", "e"),
}


class NaiveLaw:
    def __init__(
        self, base: Rulebase, case: Case, views: Mapping[str, str], strict: bool = False
    ) -> None:
        self.base, self.case, self.views, self.strict = base, case, views, strict
        self.memo: dict[tuple[str, Frame, int], Truth] = {}

    def decide(self, name: str, row: int) -> Truth:
        frame = self.base.decided[name].per
        key = (name, frame, row)
        if key not in self.memo:
            self.memo[key] = self.term(self.base.terms[name], frame, row)
        return self.memo[key]

    def term(self, term: Term, frame: Frame, row: int) -> Truth:
        if isinstance(term, Ref) and term.id in self.base.decided:
            return self.decide(term.id, self.coarser(frame, row, self.base.decided[term.id].per))
        if isinstance(term, Ref):
            return self.fact(Node("fact", frame, (), (term.id,)), row)
        if isinstance(term, Test):
            test = ">=" if term.at_least else "="
            return self.fact(Node("fact", frame, (), (term.fact, test, term.value)), row)
        if isinstance(term, View):
            return Truth.of(self.views[term.doctrine] == term.view)
        if isinstance(term, Not):
            return self.term(term.item, frame, row).negate()
        if isinstance(term, Unless):
            value = self.term(term.item, frame, row)
            if value is Truth.UNKNOWN and not self.strict:
                return Truth.HOLDS
            return value.negate()
        if isinstance(term, Some | Every):
            rows = [
                self.term(term.item, term.frame, r) for r in self.others(frame, row, term.frame)
            ]
            if not rows:
                return Truth.UNKNOWN
            return Truth.any(rows) if isinstance(term, Some) else Truth.all(rows)
        values = [self.term(item, frame, row) for item in term.items]
        if isinstance(term, All):
            return Truth.all(values)
        if isinstance(term, Any):
            return Truth.any(values)
        assert isinstance(term, Count)
        return Truth.at_least(term.at_least, values)

    def fact(self, node: Node, row: int) -> Truth:
        value = self.case.value(node.frame, row, node)
        presumed = self.base.facts[str(node.param[0])].presumed
        if value is Truth.UNKNOWN and not self.strict and len(node.param) == 1:
            return Truth.of(presumed)
        return value

    def key(self, frame: Frame, row: int) -> dict[str, int]:
        return dict(zip(_ORDER[frame], self.case.layout.rows[frame][row], strict=True))

    def coarser(self, frame: Frame, row: int, of: Frame) -> int:
        return self.others(frame, row, of)[0]

    def others(self, frame: Frame, row: int, over: Frame) -> list[int]:
        mine = self.key(frame, row)
        found = []
        for other in range(len(self.case.layout.rows[over])):
            theirs = self.key(over, other)
            if all(mine[part] == theirs[part] for part in mine.keys() & theirs.keys()):
                found.append(other)
        return found
