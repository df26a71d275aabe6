"""The plan on one row a frame, with any node pinned: the evaluator behind tests of the law.

Each bit of a plane is one test, so that all of them run in one pass, and a mutated plan can be
run without generating code for it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from engine.inference.plan import LEAVES, Node, Plan

Pair = tuple[int, int]
"""Two planes: the worlds known true, and the worlds known false."""


def run_single(
    plan: Plan,
    leaves: Mapping[int, Pair],
    pins: Mapping[int, tuple[int, int, int]],
    lenient: int,
    second: Sequence[tuple[int, int]] = (),
) -> list[Pair]:
    """The planes of every node. ``pins[node]`` is (pinned worlds, true, false) for a node.

    ``second`` pairs worlds that are two rows of one test: quantifiers range over both.
    """
    values: list[Pair] = []
    for index, node in enumerate(plan.nodes):
        pair = leaves.get(index, (0, 0)) if node.op in LEAVES else gate(node, values, lenient)
        if second and node.op in ("some", "every"):
            pair = _both_rows(pair, second, some=node.op == "some")
        if index in pins:
            where, true, false = pins[index]
            pair = (pair[0] & ~where | true, pair[1] & ~where | false)
        values.append(pair)
    return values


def _both_rows(pair: Pair, second: Sequence[tuple[int, int]], *, some: bool) -> Pair:
    """A quantified part over the two rows of each test that has two."""
    planes = list(pair)
    for first, other in second:
        both = 1 << first | 1 << other
        for plane, either in ((0, some), (1, not some)):
            found = planes[plane] & both
            if found == both or not found:
                continue
            planes[plane] = planes[plane] | both if either else planes[plane] & ~both
    return planes[0], planes[1]


def gate(node: Node, values: list[Pair], lenient: int) -> Pair:
    """The planes of one gate whose parts are already decided."""
    op, args = node.op, node.args
    if op in ("not", "unless"):
        true, false = values[args[0]]
        return (false if op == "not" else false | (lenient & ~true), true)
    if op == "count":
        return _count(int(node.param[0]), [values[arg] for arg in args])
    true, false = values[args[0]]
    for arg in args[1:]:
        other = values[arg]
        if op == "all":
            true, false = true & other[0], false | other[1]
        else:
            true, false = true | other[0], false & other[1]
    return true, false


def _count(needed: int, parts: list[Pair]) -> Pair:
    held = [-1] + [0] * needed
    short = [-1] + [0] * (len(parts) - needed + 1)
    for true, false in parts:
        for ladder, plane in ((held, true), (short, false)):
            for step in range(len(ladder) - 1, 0, -1):
                ladder[step] |= plane & ladder[step - 1]
    return held[-1], short[-1]
