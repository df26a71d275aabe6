"""The plan on the rows of one case, as a circuit over the changes that are allowed.

Each node of each row becomes two literals, known true and known false, exactly as the plane
evaluator has two planes; what no allowed change can move becomes a constant and drops out.
A literal is a whole number, its negative the opposite.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from operator import neg

from engine.inference.layout import Layout
from engine.inference.plan import Plan
from engine.model.frames import Frame

Pair = tuple[int, int]
"""The literals of known true and known false."""

TRUE, FALSE = 1, -1


class Circuit:
    """Conjunctions, thresholds and free inputs, each built once. Node 1 is the constant true."""

    def __init__(self) -> None:
        self.parts: list[tuple[int, ...]] = [(), ()]
        self.needed: list[int] = [0, 0]
        """0 for an input, -1 for a conjunction, K for "K or more of the parts"."""
        self._known: dict[tuple[int, tuple[int, ...]], int] = {}

    def input(self) -> int:
        """A new free literal."""
        self.parts.append(())
        self.needed.append(0)
        return len(self.parts) - 1

    def _node(self, needed: int, parts: tuple[int, ...]) -> int:
        key = (needed, parts)
        found = self._known.get(key)
        if found is None:
            self.parts.append(parts)
            self.needed.append(needed)
            found = self._known[key] = len(self.parts) - 1
        return found

    def all(self, literals: Iterable[int]) -> int:
        """The conjunction."""
        parts = set(literals)
        if FALSE in parts:
            return FALSE
        parts.discard(TRUE)
        if len(parts) < 2:
            return parts.pop() if parts else TRUE
        if not parts.isdisjoint(map(neg, parts)):
            return FALSE
        return self._node(-1, tuple(sorted(parts)))

    def any(self, literals: Iterable[int]) -> int:
        """The disjunction."""
        return -self.all(map(neg, literals))

    def at_least(self, needed: int, literals: Iterable[int]) -> int:
        """Whether ``needed`` or more of the literals hold, each counted as often as given."""
        parts = sorted(part for part in literals if part != FALSE)
        needed -= sum(part == TRUE for part in parts)
        parts = [part for part in parts if part != TRUE]
        if needed <= 0:
            return TRUE
        if needed > len(parts):
            return FALSE
        if needed == 1:
            return self.any(parts)
        if needed == len(parts):
            return self.all(parts)
        return self._node(needed, tuple(parts))

    def cone(self, literals: Iterable[int]) -> list[int]:
        """Every node the literals depend on, each after its parts."""
        seen: set[int] = set()
        todo = [abs(literal) for literal in literals]
        while todo:
            node = todo.pop()
            if node not in seen:
                seen.add(node)
                todo += [abs(part) for part in self.parts[node]]
        seen.discard(TRUE)
        return sorted(seen)


class Wiring:
    """The circuit of a plan on the rows of a layout, built on demand.

    ``leaf(index, row)`` gives the literals of a fact or view; ``lenient`` says whether an
    exception that nobody showed is assumed absent.
    """

    def __init__(
        self,
        plan: Plan,
        layout: Layout,
        circuit: Circuit,
        leaf: Callable[[int, int], Pair],
        *,
        lenient: bool,
    ) -> None:
        self.plan = plan
        self.layout = layout
        self.circuit = circuit
        self.leaf = leaf
        self.lenient = lenient
        self.pairs: dict[tuple[int, int], Pair] = {}
        self._related: dict[tuple[Frame, int, Frame], tuple[int, ...]] = {}

    def related(self, frame: Frame, row: int, over: Frame) -> tuple[int, ...]:
        """The rows of ``over`` related to a row, looked up once."""
        key = (frame, row, over)
        if key not in self._related:
            self._related[key] = self.layout.related(frame, row, over)
        return self._related[key]

    def reads(self, index: int, row: int) -> list[tuple[int, int]]:
        """The nodes that a node reads, each with the row of its own frame."""
        nodes = self.plan.nodes
        node = nodes[index]
        if index in self.plan.one_row:
            return [(arg, row) for arg in node.args]
        found: list[tuple[int, int]] = []
        for arg in node.args:
            frame = nodes[arg].frame
            if node.op in ("some", "every"):
                found += [(arg, other) for other in self.related(node.frame, row, frame)]
            elif frame is node.frame:
                found.append((arg, row))
            else:
                found.append((arg, self.related(node.frame, row, frame)[0]))
        return found

    def pair(self, index: int, row: int) -> Pair:
        """The literals of a node on a row."""
        start = (index, row)
        if start not in self.pairs:
            waiting = {start}
            todo = [start]
            reads: dict[tuple[int, int], list[tuple[int, int]]] = {}
            while todo:
                key = todo.pop()
                parts = reads[key] = self.reads(*key)
                for part in parts:
                    if part not in self.pairs and part not in waiting:
                        waiting.add(part)
                        todo.append(part)
            for key in sorted(waiting):  # a plan lists every node after what it reads
                self.pairs[key] = self._decide(key, reads[key])
        return self.pairs[start]

    def _decide(self, key: tuple[int, int], reads: Sequence[tuple[int, int]]) -> Pair:
        index, row = key
        node = self.plan.nodes[index]
        circuit, op = self.circuit, node.op
        if op in ("fact", "view"):
            return self.leaf(index, row)
        pairs = [self.pairs[part] for part in reads]
        if op == "not":
            return pairs[0][1], pairs[0][0]
        if op == "unless":
            shown, absent = pairs[0]
            return (-shown if self.lenient else absent), shown
        if op == "count":
            needed = int(node.param[0])
            return (
                circuit.at_least(needed, [true for true, _ in pairs]),
                circuit.at_least(len(pairs) - needed + 1, [false for _, false in pairs]),
            )
        if not pairs:  # a quantifier over no rows
            return FALSE, FALSE
        if op in ("all", "every"):
            return circuit.all([t for t, _ in pairs]), circuit.any([f for _, f in pairs])
        return circuit.any([t for t, _ in pairs]), circuit.all([f for _, f in pairs])
