"""Which provision turns on a fact: the nearest one above it on the way to a goal."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import get_args

from engine.inference.law import Law
from engine.model.records import Provision, Stage
from engine.rulebase.rulebase import outcome_id

STAGES: tuple[str, ...] = get_args(Stage)
"""The stages in which lawyers take the elements, in order."""


class Readers:
    """The provisions between facts and some goals of one law."""

    def __init__(self, law: Law, goals: Iterable[str]) -> None:
        self.law = law
        heads: list[int] = []
        for name in goals:
            item = law.base.classifications.get(name)
            names = [name]
            if item is not None:
                names = [outcome_id(name, number) for number in range(len(item.outcomes))]
            heads += [law.plan.heads[one] for one in names]
        self.steps = _steps(law, heads)
        self.cone = self.steps.keys()

    @cached_property
    def _above(self) -> dict[int, list[int]]:
        found: dict[int, list[int]] = {}
        for index in sorted(self.cone):
            for arg in self.law.plan.nodes[index].args:
                found.setdefault(arg, []).append(index)
        return found

    @cached_property
    def _leaves(self) -> dict[str, list[int]]:
        found: dict[str, list[int]] = {}
        for index in sorted(self.cone):
            node = self.law.plan.nodes[index]
            if node.op == "fact":
                found.setdefault(str(node.param[0]), []).append(index)
        return found

    def nearest(self, fact: str) -> Provision | None:
        """The provision that reads the fact most directly, on the way to a goal."""
        level = list(self._leaves.get(fact, ()))
        seen = set(level)
        while level:
            records = [self.law.base.decided.get(self.law.names.get(n, "")) for n in level]
            provisions = [record for record in records if isinstance(record, Provision)]
            if provisions:
                return min(provisions, key=self._rank)
            level = [n for index in level for n in self._above.get(index, ())]
            level = [n for n in dict.fromkeys(level) if n not in seen]
            seen.update(level)
        return None

    def _rank(self, item: Provision) -> tuple[int, int]:
        """Nearest to the goal first, then by stage."""
        return self.steps[self.law.plan.heads[item.id]], stage_order(item.stage)


def _steps(law: Law, heads: Iterable[int]) -> dict[int, int]:
    """How many steps below the nearest goal each node stands."""
    found = dict.fromkeys(heads, 0)
    todo = list(found)
    for index in todo:
        for arg in law.plan.nodes[index].args:
            if arg not in found:
                found[arg] = found[index] + 1
                todo.append(arg)
    return found


def stage_order(stage: str) -> int:
    """The place of a stage in the order in which lawyers take them; no stage comes last."""
    return STAGES.index(stage) if stage in STAGES else len(STAGES)
