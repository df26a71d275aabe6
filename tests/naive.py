"""A plan decided by plain recursion, for tests only: slow, obvious, sharing nothing with either
evaluator but the plan, the layout's rows and the word for a truth."""

from __future__ import annotations

from collections.abc import Mapping

from engine.inference.layout import Layout
from engine.inference.plan import Plan
from engine.model.frames import Frame
from engine.model.truth import Truth

Place = tuple[Frame, int, int]

_PARTS = {
    Frame.SITUATION: (),
    Frame.EPISODE: ("episode",),
    Frame.ACTOR: ("actor",),
    Frame.STATE: ("state",),
    Frame.CHARGE: ("actor", "episode"),
    Frame.DUTY: ("state", "episode"),
}


def naive_values(
    plan: Plan, layout: Layout, leaf_truth: Mapping[Place, Truth], lenient: bool
) -> dict[Place, Truth]:
    """The truth of every node on every row of its frame. A leaf not given is unknown."""
    known: dict[Place, Truth] = {}

    def agreeing(frame: Frame, row: int, over: Frame) -> list[int]:
        mine = dict(zip(_PARTS[frame], layout.rows[frame][row], strict=True))
        found = []
        for number, other in enumerate(layout.rows[over]):
            theirs = dict(zip(_PARTS[over], other, strict=True))
            if all(mine[part] == theirs[part] for part in mine.keys() & theirs.keys()):
                found.append(number)
        return found

    def value(index: int, frame: Frame, row: int) -> Truth:
        """The value of a node as a row of some frame sees it."""
        own = plan.nodes[index].frame
        (there,) = [row] if own is frame else agreeing(frame, row, own)
        place = (own, there, index)
        if place not in known:
            known[place] = decide(index, own, there)
        return known[place]

    def decide(index: int, frame: Frame, row: int) -> Truth:
        op, _, args, param = plan.nodes[index]
        if op in ("fact", "view"):
            return leaf_truth.get((frame, row, index), Truth.UNKNOWN)
        if op in ("some", "every"):
            over = Frame(str(param[0]))
            found = {value(args[0], over, other) for other in agreeing(frame, row, over)}
            first, second = Truth.HOLDS, Truth.FAILS
            if op == "every":
                first, second = second, first
            if first in found:
                return first
            return second if found == {second} else Truth.UNKNOWN
        parts = [value(arg, frame, row) for arg in args]
        if op == "unless" and parts == [Truth.UNKNOWN]:
            return Truth.HOLDS if lenient else Truth.UNKNOWN
        if op in ("not", "unless"):
            swap = {Truth.HOLDS: Truth.FAILS, Truth.FAILS: Truth.HOLDS}
            return swap.get(parts[0], Truth.UNKNOWN)
        needed = {"all": len(parts), "any": 1}.get(op) or int(param[0])
        if parts.count(Truth.HOLDS) >= needed:
            return Truth.HOLDS
        if len(parts) - parts.count(Truth.FAILS) < needed:
            return Truth.FAILS
        return Truth.UNKNOWN

    return {
        (node.frame, row, index): value(index, node.frame, row)
        for index, node in enumerate(plan.nodes)
        for row in range(len(layout.rows[node.frame]))
    }
