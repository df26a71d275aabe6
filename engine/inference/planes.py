"""The plane evaluator: the plan as bitwise code over two planes, known true and known false.

A plane is a Python integer, or a numpy array of unsigned words; each bit is one world (a
variant of the facts, a doctrine profile, a scenario of the same shape). A bit set in neither
plane is unknown. One evaluation decides every world at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from types import CodeType
from typing import Any

from engine.inference.layout import PARTS, Layout
from engine.inference.plan import LEAVES, Node, Plan
from engine.model.frames import Frame

Plane = Any
"""An ``int`` or an array of unsigned integers: anything with ``& | ~``."""

Values = dict[Frame, list[list[Plane]]]
"""``values[frame][row]`` holds two planes a node: true at 2*slot, false at 2*slot + 1."""

_Place = tuple[int | None, int | None, int | None]
_Step = tuple[Callable[..., None], Frame, int, _Place, tuple[tuple[Frame, tuple[int, ...]], ...]]

_VARIABLE = {
    Frame.SITUATION: "S",
    Frame.EPISODE: "E",
    Frame.ACTOR: "A",
    Frame.STATE: "T",
    Frame.CHARGE: "C",
    Frame.DUTY: "D",
}


@dataclass(frozen=True)
class Schedule:
    """Where each node's planes stand (``slots``), and the blocks that fill them in order.

    A block is a run of nodes of one frame; it is run for every row of the frame before the
    next block starts.
    """

    slots: tuple[int, ...]
    sizes: dict[Frame, int]
    blocks: tuple[tuple[Frame, tuple[int, ...]], ...]


def schedule(plan: Plan) -> Schedule:
    """Number the nodes of each frame and cut the plan into as few blocks as order allows."""
    slots: list[int] = []
    sizes = dict.fromkeys(Frame, 0)
    for node in plan.nodes:
        slots.append(sizes[node.frame])
        sizes[node.frame] += 1
    done = {index for index, node in enumerate(plan.nodes) if node.op in LEAVES}
    waiting = [index for index in range(len(plan.nodes)) if index not in done]
    blocks: list[tuple[Frame, tuple[int, ...]]] = []
    while waiting:
        best: list[int] = []
        for frame in Frame:
            ready: list[int] = []
            seen = set(done)
            for index in waiting:
                node = plan.nodes[index]
                if node.frame is frame and all(arg in seen for arg in node.args):
                    ready.append(index)
                    seen.add(index)
            if len(ready) > len(best):
                best = ready
        blocks.append((plan.nodes[best[0]].frame, tuple(best)))
        done.update(best)
        waiting = [index for index in waiting if index not in done]
    return Schedule(tuple(slots), sizes, tuple(blocks))


def generate(plan: Plan, order: Schedule) -> str:
    """Python source of one function a block: ``block_N(V, S, E, A, T, R, L)``.

    ``V`` is the row's own list of planes, ``S E A T`` those of the situation, episode, actor
    and State it belongs to, ``R`` the related rows of each quantifier's frame, and ``L`` the
    worlds in which an exception nobody showed is assumed absent.
    """
    lines: list[str] = []
    for number, (frame, nodes) in enumerate(order.blocks):
        lines.append(f"def block_{number}(V, S, E, A, T, R, L):")
        local: set[int] = set()

        def name(index: int, plane: int, frame: Frame = frame, local: set[int] = local) -> str:
            if index in local:
                return f"{'tf'[plane]}{index}"
            node = plan.nodes[index]
            owner = "V" if node.frame is frame else _VARIABLE[node.frame]
            return f"{owner}[{2 * order.slots[index] + plane}]"

        reads: dict[int, int] = {}
        for index in nodes:
            for arg in plan.nodes[index].args:
                reads[arg] = reads.get(arg, 0) + 1
        for index in nodes:
            node = plan.nodes[index]
            for arg in node.args:
                if arg not in local and reads[arg] > 1 and node.op not in ("some", "every"):
                    lines.append(f"  t{arg} = {name(arg, 0)}; f{arg} = {name(arg, 1)}")
                    local.add(arg)
            lines.extend(_node_lines(index, node, order, name))
            slot = 2 * order.slots[index]
            lines.append(f"  V[{slot}] = t{index}; V[{slot + 1}] = f{index}")
            local.add(index)
    return "\n".join(lines) + "\n"


def _node_lines(
    index: int, node: Node, order: Schedule, name: Callable[[int, int], str]
) -> list[str]:
    t, f = f"t{index}", f"f{index}"
    if node.op in ("all", "any"):
        strong, weak = (" & ", " | ") if node.op == "all" else (" | ", " & ")
        trues = strong.join(name(arg, 0) for arg in node.args)
        falses = weak.join(name(arg, 1) for arg in node.args)
        return [f"  {t} = {trues}", f"  {f} = {falses}"]
    if node.op == "not":
        return [f"  {t} = {name(node.args[0], 1)}; {f} = {name(node.args[0], 0)}"]
    if node.op == "unless":
        arg = node.args[0]
        return [f"  {t} = {name(arg, 1)} | (L & ~{name(arg, 0)}); {f} = {name(arg, 0)}"]
    if node.op == "count":
        return _count_lines(index, node, name)
    slot = 2 * order.slots[node.args[0]]
    strong, weak = ("|", "&") if node.op == "some" else ("&", "|")
    return [
        f"  rows = R[{str(node.param[0])!r}]",
        f"  {t} = {f} = 0",
        "  if rows:",
        f"    {t} = rows[0][{slot}]; {f} = rows[0][{slot + 1}]",
        "    for X in rows[1:]:",
        f"      {t} = {t} {strong} X[{slot}]; {f} = {f} {weak} X[{slot + 1}]",
    ]


def _count_lines(index: int, node: Node, name: Callable[[int, int], str]) -> list[str]:
    """At least K of N, as the monotone ladder c[k] = c[k] | (x & c[k-1])."""
    needed, total = int(node.param[0]), len(node.args)
    lines = []
    for plane, k in ((0, needed), (1, total - needed + 1)):
        rung = [f"{'cd'[plane]}{index}_{step}" for step in range(k + 1)]
        live: set[int] = set()
        for arg in node.args:
            value = name(arg, plane)
            for step in range(k, 0, -1):
                below = value if step == 1 else f"({value} & {rung[step - 1]})"
                if step > 1 and step - 1 not in live:
                    continue
                lines.append(
                    f"  {rung[step]} = {rung[step]} | {below}"
                    if step in live
                    else f"  {rung[step]} = {below}"
                )
                live.add(step)
        lines.append(f"  {'tf'[plane]}{index} = {rung[k]}")
    return lines


def code_of(source: str) -> CodeType:
    """The generated source, compiled."""
    return compile(source, "<palermo plan>", "exec")


class PlaneEvaluator:
    """A compiled plan, ready to decide any number of worlds of any layout."""

    def __init__(self, plan: Plan, order: Schedule | None = None, code: CodeType | None = None):
        self.plan = plan
        self.order = order or schedule(plan)
        namespace: dict[str, Any] = {}
        exec(code or code_of(generate(plan, self.order)), namespace)
        self._blocks = [
            (frame, namespace[f"block_{number}"], self._ranges(nodes))
            for number, (frame, nodes) in enumerate(self.order.blocks)
        ]
        self._programs: dict[Layout, list[_Step]] = {}

    def _ranges(self, nodes: Iterable[int]) -> tuple[Frame, ...]:
        found = {
            Frame(str(self.plan.nodes[index].param[0]))
            for index in nodes
            if self.plan.nodes[index].op in ("some", "every")
        }
        return tuple(sorted(found))

    def _program(self, layout: Layout) -> list[_Step]:
        """Every block call for this layout, in order, with the numbers of the rows it reads."""
        if layout not in self._programs:
            if len(self._programs) > 256:
                self._programs.clear()
            steps = []
            for frame, block, ranges in self._blocks:
                for number, row in enumerate(layout.rows[frame]):
                    key = dict(zip(PARTS[frame], row, strict=True))
                    related = tuple((over, layout.related(frame, number, over)) for over in ranges)
                    place = (key.get("episode"), key.get("actor"), key.get("state"))
                    steps.append((block, frame, number, place, related))
            self._programs[layout] = steps
        return self._programs[layout]

    def blank(self, layout: Layout) -> Values:
        """Room for every plane of every row, all unknown."""
        return {
            frame: [[0] * (2 * self.order.sizes[frame]) for _ in rows]
            for frame, rows in layout.rows.items()
        }

    def put(self, values: Values, row: int, index: int, true: Plane, false: Plane) -> None:
        """Set the planes of one leaf on one row."""
        node = self.plan.nodes[index]
        slot = 2 * self.order.slots[index]
        values[node.frame][row][slot] = true
        values[node.frame][row][slot + 1] = false

    def get(self, values: Values, row: int, index: int) -> tuple[Plane, Plane]:
        """The planes of one node on one row."""
        slot = 2 * self.order.slots[index]
        cells = values[self.plan.nodes[index].frame][row]
        return cells[slot], cells[slot + 1]

    def run(self, layout: Layout, values: Values, lenient: Plane) -> Values:
        """Fill in every node. ``lenient`` marks the worlds where ``unless`` may assume."""
        situation = values[Frame.SITUATION][0]
        episodes, actors = values[Frame.EPISODE], values[Frame.ACTOR]
        states = values[Frame.STATE]
        for block, frame, number, (episode, actor, state), related in self._program(layout):
            block(
                values[frame][number],
                situation,
                None if episode is None else episodes[episode],
                None if actor is None else actors[actor],
                None if state is None else states[state],
                {over: [values[over][other] for other in rows] for over, rows in related},
                lenient,
            )
        return values
