"""The rule-engine evaluator: the plan by forward chaining, with a record of what fired.

durable_rules does the matching. For each sheet of rules and each row the driver opens a
session, asserts what is known, asserts in turn what the rules derive, and closes it. What rules
cannot say (``unless``, ``some``, ``every``) the driver decides between sheets.

The package does not import on Python 3.13; ``available`` says whether this evaluator works.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from random import Random
from threading import Lock

from engine.inference.layout import Layout
from engine.inference.plan import LEAVES, Plan
from engine.inference.rete_rules import Literal, Sheet, compile_rules
from engine.inference.rete_session import Matcher, RuleEngineError, why_unavailable
from engine.model.frames import Frame
from engine.model.truth import Truth

__all__ = [
    "Judgement",
    "Place",
    "Reasoning",
    "ReteEvaluator",
    "RuleEngineError",
    "available",
    "why_unavailable",
]

Place = tuple[Frame, int, int]
"""A frame, the number of a row of it, and a node of the plan."""

Judgement = tuple[Frame, int, int, Truth]
"""A node on a row, and what it was found to be there."""

_Relations = dict[tuple[Frame, int, Frame], tuple[int, ...]]


def available() -> bool:
    """Whether the rule engine can run here."""
    return not why_unavailable()


@dataclass(frozen=True)
class Session:
    """What is kept of a closed session: for each literal derived, the first rule that did."""

    sheet: Sheet
    row: int
    first: Mapping[Literal, int]


@dataclass
class Reasoning:
    """One world decided: ``truth`` of every node on every row, and how it came about.

    ``sessions`` are those that derived something; ``driven`` has what the driver decided.
    """

    plan: Plan
    layout: Layout
    truth: Mapping[Place, Truth]
    sessions: Sequence[Session]
    driven: Mapping[Judgement, tuple[Judgement, ...]]

    @cached_property
    def firings(self) -> Mapping[Judgement, tuple[Judgement, ...]]:
        """For each gate decided, the premises of the first rule, in plan order, that decided it.

        A premise that is unknown marks an assumption: an exception that nobody showed.
        """
        found = dict(self.driven)
        for session in self.sessions:
            for literal in session.first:
                node = session.sheet.atoms[literal // 2]
                if node is not None:
                    judgement = (session.sheet.frame, session.row, node, _truth(literal % 2 == 0))
                    found[judgement] = tuple(dict.fromkeys(self._premises(session, literal)))
        return found

    def _premises(self, session: Session, literal: Literal) -> list[Judgement]:
        sheet = session.sheet
        found: list[Judgement] = []
        for premise in sheet.rules[session.first[literal]].premises:
            node = sheet.atoms[premise // 2]
            if node is None:  # a link of a wide gate: its own premises stand for it
                found += self._premises(session, premise)
                continue
            frame, row = self.plan.nodes[node].frame, session.row
            if frame is not sheet.frame:
                row = self.layout.related(sheet.frame, row, frame)[0]
            found.append((frame, row, node, _truth(premise % 2 == 0)))
        return found


class ReteEvaluator:
    """A plan as rulesets, ready to decide worlds of any layout one at a time.

    A ruleset is compiled when first needed. Threads may share an evaluator: they take turns.
    """

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.steps = compile_rules(plan)
        self._matchers: dict[int, Matcher] = {}
        self._relations: dict[Layout, _Relations] = {}
        self._lock = Lock()

    def run(
        self,
        layout: Layout,
        leaves: Mapping[Place, Truth],
        *,
        lenient: bool,
        shuffle: int | None = None,
    ) -> Reasoning:
        """Decide one world from its ``leaves``; a leaf not given is unknown.

        ``lenient``: an ``unless`` whose exception stays unknown holds; otherwise it is unknown.
        ``shuffle`` seeds another order of asserting, which must change nothing.
        """
        with self._lock:
            if len(self._relations) > 256:
                self._relations.clear()
            relations = self._relations.setdefault(layout, {})
            run = _Run(self.plan, layout, relations, lenient)
            run.read(leaves)
            order = None if shuffle is None else Random(shuffle)
            for number, step in enumerate(self.steps):
                if isinstance(step, Sheet):
                    for row in range(len(layout.rows[step.frame])):
                        given = run.given(step, row)
                        if given:
                            run.learn(step, row, self._matcher(number, step).derive(given, order))
                else:
                    for node in step.nodes:
                        run.drive(node)
            return Reasoning(self.plan, layout, run.truth(), run.sessions, run.driven)

    def _matcher(self, number: int, sheet: Sheet) -> Matcher:
        if number not in self._matchers:
            self._matchers[number] = Matcher(sheet)
        return self._matchers[number]


class _Run:
    """What is known so far in one world: of each row, the nodes that hold and that fail."""

    def __init__(self, plan: Plan, layout: Layout, relations: _Relations, lenient: bool) -> None:
        self.plan, self.layout, self.lenient = plan, layout, lenient
        self.relations = relations
        self.known: dict[Frame, list[dict[int, bool]]] = {
            frame: [{} for _ in rows] for frame, rows in layout.rows.items()
        }
        self.sessions: list[Session] = []
        self.driven: dict[Judgement, tuple[Judgement, ...]] = {}

    def read(self, leaves: Mapping[Place, Truth]) -> None:
        """Take over the known leaves."""
        for index, node in enumerate(self.plan.nodes):
            if node.op in LEAVES:
                for row, known in enumerate(self.known[node.frame]):
                    value = leaves.get((node.frame, row, index), Truth.UNKNOWN)
                    if value is not Truth.UNKNOWN:
                        known[index] = value is Truth.HOLDS

    def related(self, frame: Frame, row: int, over: Frame) -> tuple[int, ...]:
        """The rows of another frame that this row sees or ranges over; itself in its own."""
        if over is frame:
            return (row,)
        key = (frame, row, over)
        if key not in self.relations:
            self.relations[key] = self.layout.related(*key)
        return self.relations[key]

    def given(self, sheet: Sheet, row: int) -> list[Literal]:
        """The literals that a sheet reads and that are known on a row."""
        nodes, read = self.plan.nodes, sheet.read
        rows = {sheet.frame: self.known[sheet.frame][row]}
        found: list[Literal] = []
        for number, node in enumerate(sheet.atoms[: sheet.inputs]):
            assert node is not None
            frame = nodes[node].frame
            if frame not in rows:
                rows[frame] = self.known[frame][self.related(sheet.frame, row, frame)[0]]
            value = rows[frame].get(node)
            if value is not None:
                literal = 2 * number + (not value)
                if literal in read:
                    found.append(literal)
        return found

    def learn(self, sheet: Sheet, row: int, first: dict[Literal, int]) -> None:
        """Take over what a session derived."""
        known = self.known[sheet.frame][row]
        for literal in first:
            node = sheet.atoms[literal // 2]
            if node is None:
                continue
            if literal ^ 1 in first:
                raise RuleEngineError(f"gate {node} was found both to hold and to fail")
            known[node] = literal % 2 == 0
        if first:
            self.sessions.append(Session(sheet, row, first))

    def drive(self, index: int) -> None:
        """Decide an ``unless``, ``some`` or ``every`` on every row of its frame."""
        node = self.plan.nodes[index]
        (arg,) = node.args
        over = self.plan.nodes[arg].frame
        for row, known in enumerate(self.known[node.frame]):
            parts = [
                (other, self.known[over][other].get(arg))
                for other in self.related(node.frame, row, over)
            ]
            if node.op == "unless":
                value, premises = self._unless(parts)
            else:
                value, premises = _quantify(node.op == "some", parts)
            if value is not None:
                known[index] = value
                self.driven[(node.frame, row, index, _truth(value))] = tuple(
                    (over, other, arg, _truth(part)) for other, part in premises
                )

    def _unless(self, parts: list[_Part]) -> tuple[bool | None, list[_Part]]:
        ((_, value),) = parts
        if value is None:
            return (True if self.lenient else None), parts
        return not value, parts

    def truth(self) -> dict[Place, Truth]:
        """The value of every node on every row of its frame."""
        found: dict[Place, Truth] = {}
        for index, node in enumerate(self.plan.nodes):
            frame = node.frame
            for row, known in enumerate(self.known[frame]):
                found[(frame, row, index)] = _TRUTH[known.get(index)]
        return found


_Part = tuple[int, bool | None]
"""A row, and the value there of the node that a gate of the driver's reads."""

_TRUTH = {None: Truth.UNKNOWN, True: Truth.HOLDS, False: Truth.FAILS}


def _truth(value: bool | None) -> Truth:
    return _TRUTH[value]


def _quantify(decisive: bool, parts: list[_Part]) -> tuple[bool | None, list[_Part]]:
    """One row with the decisive value settles it, otherwise all rows with the other one.

    Over no rows at all nothing is known.
    """
    for part in parts:
        if part[1] is decisive:
            return decisive, [part]
    if parts and all(value is not None for _, value in parts):
        return not decisive, parts
    return None, []
