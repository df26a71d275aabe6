"""What was decided, as a tree of elements: provisions, the facts under them, how they join.

A tree is drawn by choosing, at every node, the parts that explain its value. ``element_tree``
takes every part that explains it; ``engine.reasoning.proof`` takes the parts of one smallest
reason; ``engine.reasoning.misses`` those that stand in the way of another answer.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

from engine.inference.plan import Node
from engine.model.element import Basis, Element, Indicator
from engine.model.frames import Frame
from engine.model.records import Classification, Fact, Provision
from engine.model.truth import Truth
from engine.reasoning.assess import Assessment, Group
from engine.reasoning.places import facts_at, in_force_at, word

Spot = tuple[int, int]
"""A node of the plan on one row of its frame."""

Chooser = Callable[[Spot], Sequence[Spot]]
"""The parts of a node by which its value is explained, in the order to show them."""

_STRENGTH = {Truth.HOLDS: 2, Truth.UNKNOWN: 1, Truth.FAILS: 0}
_JOINTS = ("all", "any", "some", "every")


def element_tree(assessment: Assessment, item: Classification, group: Group) -> list[Element]:
    """The elements of one group's outcome, in the order of the classification."""
    found = []
    for name in item.elements:
        record = assessment.law.base.decided[name]
        rows = {
            other
            for row in group.rows
            for other in assessment.case.layout.related(item.per, row, record.per)
        }
        if not rows:
            continue
        best = max(sorted(rows), key=lambda row: _STRENGTH[assessment.provision(name, row)])
        found.append(explain(assessment, (assessment.law.plan.heads[name], best)))
    return found


def explain(
    assessment: Assessment,
    spot: Spot,
    choose: Chooser | None = None,
    distance: Callable[[Spot], int] | None = None,
    *,
    once: bool = False,
) -> Element:
    """The node's value on a row, with the parts that explain it.

    ``choose`` picks those parts (by default all that bear on the value); ``distance`` fills in
    how far each is from holding. With ``once`` the parts of a provision are given only where it
    stands first.
    """
    drawing = _Drawing(assessment, choose or _bearing(assessment), distance, once)
    return _collapse(drawing.element(spot))


def _bearing(assessment: Assessment) -> Chooser:
    """Every part that bears on a value: of what fails because of them, only what fails."""

    def choose(spot: Spot) -> list[Spot]:
        op, truth = assessment.law.plan.nodes[spot[0]].op, assessment.truth(*spot)
        return [part for part in assessment.parts(*spot) if _explains(assessment, op, truth, part)]

    return choose


def _explains(assessment: Assessment, op: str, truth: Truth, part: Spot) -> bool:
    value = assessment.truth(*part)
    if op in ("not", "unless"):
        return True
    if op == "count":
        return value is truth or truth is Truth.UNKNOWN
    joined_all = op in ("all", "every")
    if truth is Truth.UNKNOWN:
        return value is Truth.UNKNOWN
    if (truth is Truth.HOLDS) == joined_all:
        return True
    return value is truth


class _Drawing:
    """One tree being drawn."""

    def __init__(
        self,
        assessment: Assessment,
        choose: Chooser,
        distance: Callable[[Spot], int] | None,
        once: bool,
    ) -> None:
        self.assessment = assessment
        self.choose = choose
        self.distance = distance
        self.once = once
        self.seen: set[Spot] = set()

    def element(self, spot: Spot, *, shallow: bool = False) -> Element:
        """The element of a node. ``shallow``: only named, since its value is not relied on."""
        law = self.assessment.law
        index, row = spot
        node = law.plan.nodes[index]
        truth = self.assessment.truth(index, row)
        where = self.assessment.case.row_name(node.frame, row)
        if node.op == "fact":
            found = fact_element(self.assessment, index, row)
        elif node.op == "view":
            found = self._view(node, truth, where)
        else:
            found = self._joint(spot, node, truth, where, shallow)
        if self.distance is not None and found.basis != "not shown":
            found.distance = self.distance(spot)
        return found

    def _view(self, node: Node, truth: Truth, where: str) -> Element:
        doctrine, view = str(node.param[0]), str(node.param[1])
        says = " ".join(self.assessment.law.base.doctrines[doctrine].views[view].says.split())
        taken = self.assessment.worlds.profiles[0].get(doctrine, "")
        return Element(
            kind="view",
            id=f"{doctrine}={view}",
            name=says,
            truth=truth,
            row=where,
            basis="view taken",
            value=taken,
        )

    def _joint(self, spot: Spot, node: Node, truth: Truth, where: str, shallow: bool) -> Element:
        law = self.assessment.law
        word = str(node.param[0]) if node.op in ("some", "every") else ""
        joint = Element(kind=node.op, id=word, name="", truth=truth, row=where)
        if node.op == "count":
            joint.needed = int(node.param[0])
        record = law.base.decided.get(law.names.get(spot[0], ""))
        named = record is not None
        again = self.once and named and spot in self.seen
        if named and not shallow:
            self.seen.add(spot)
        if not (named and (shallow or again)):
            joint.children = self._children(spot, node, truth, joint, shallow)
        if record is None:
            return joint
        found = Element(
            kind="provision",
            id=record.id,
            name=record.name,
            truth=truth,
            row=where,
            says=" ".join(record.says.split()),
            again=again and not shallow,
            children=[joint] if joint.children or joint.basis else [],
        )
        if isinstance(record, Provision):
            found.cite, found.stage = law.base.citation(record), record.stage
        return found

    def _children(
        self, spot: Spot, node: Node, truth: Truth, joint: Element, shallow: bool
    ) -> list[Element]:
        if node.op == "unless" and truth is Truth.HOLDS:
            operand = self.assessment.parts(*spot)[0]
            if not self.assessment.truth(*operand).known:
                joint.basis = "not shown"
                return [self.element(operand, shallow=True)]
        parts = self.assessment.parts(*spot) if shallow else self.choose(spot)
        return [self.element(part, shallow=shallow) for part in parts]


def fact_element(assessment: Assessment, index: int, row: int) -> Element:
    """A fact as a row reads it, with where its value comes from."""
    node = assessment.law.plan.nodes[index]
    case, truth = assessment.case, assessment.truth(index, row)
    fact = assessment.law.base.facts[str(node.param[0])]
    name = fact.statement
    if len(node.param) > 1:
        name += f" ({'at least' if node.param[1] == '>=' else 'is'} {node.param[2]})"
    found = Element(
        kind="fact",
        id=fact.id,
        name=name,
        truth=truth,
        row=case.row_name(node.frame, row),
        judged=fact.judged,
    )
    if fact.derived:
        found.basis = "worked out"
        found.value = truth.value if not truth.known else word(truth is Truth.HOLDS)
        found.source = _worked_out(assessment, node.frame, row, fact.id)
    else:
        _state(assessment, found, fact, node.frame, row)
    if fact.judged:
        found.speaks_for = indicators(assessment, node.frame, row, fact, "for")
        found.speaks_against = indicators(assessment, node.frame, row, fact, "against")
    return found


def _state(assessment: Assessment, found: Element, fact: Fact, frame: Frame, row: int) -> None:
    """Fill in the statement that a row goes by, or what was taken in its stead."""
    place = in_force_at(assessment.case, fact, frame, row)
    found.place = place.text
    stated = facts_at(assessment.scenario, place).get(fact.id)
    if stated is not None and stated.value is not None:
        found.basis, found.value = "stated", word(stated.value)
    elif found.truth.known:
        found.basis, found.value = "presumed", word(found.truth is Truth.HOLDS)
    else:
        found.basis, found.value = "nobody said", "unknown"
    if stated is not None:
        found.source, found.note = stated.source, stated.note


def _worked_out(assessment: Assessment, frame: Frame, row: int, fact: str) -> str:
    """From what a derived fact follows, in words."""
    head, _, key = fact.partition(".")
    case = assessment.case
    place = case.layout.rows[frame][row]
    if head in ("bound", "signed", "accepted") and frame is Frame.DUTY:
        status = case.status[(fact, case.states[place[0]], place[1])]
        since = f"since {status.since}" if status.since else status.kind
        return f"{since}; {status.source or status.note}"
    if head == "in_force":
        return f"in force since {assessment.law.base.instruments[key].in_force}"
    return "the actors that the scenario names"


def indicators(
    assessment: Assessment,
    frame: Frame,
    row: int,
    fact: Fact,
    side: Literal["for", "against"],
) -> list[Indicator]:
    """What speaks for or against a judged fact, with the value that each has here."""
    base = assessment.law.base
    names = fact.factors.speaks_for if side == "for" else fact.factors.speaks_against
    return [
        Indicator(
            fact=name,
            question=" ".join(base.facts[name].question.split()),
            value=_seen_from(assessment, frame, row, base.facts[name]),
        )
        for name in names
    ]


def _seen_from(assessment: Assessment, frame: Frame, row: int, fact: Fact) -> str:
    """The value of a fact on the rows related to a row; several values are all named."""
    case = assessment.case
    over = frame if frame.sees(fact.scope) else fact.scope
    rows = (row,) if over is frame else case.layout.related(frame, row, over)
    found: dict[str, list[str]] = {}
    for other in rows:
        value = word(case.stated(over, other, fact.id))
        found.setdefault(value, []).append(case.row_name(over, other))
    if len(found) == 1:
        return next(iter(found))
    return ", ".join(f"{value} ({' '.join(names)})" for value, names in found.items()) or "unknown"


def _collapse(element: Element) -> Element:
    """Drop joints that join one thing, and merge a joint into the provision it spells out."""
    children: list[Element] = []
    for child in element.children:
        _collapse(child)
        if child.kind not in _JOINTS:
            children.append(child)
        elif element.kind == "provision":
            children.extend(child.children)
            element.joint = child.kind
        elif len(child.children) == 1 or child.kind == element.kind:
            children.extend(child.children)
        else:
            children.append(child)
    element.children = children
    return element


def basis_words(element: Element) -> str:
    """What a leaf rests on, as a reader reads it."""
    words: dict[Basis, str] = {
        "stated": "",
        "presumed": "assumed: nobody said otherwise",
        "worked out": "worked out",
        "not shown": "assumed: nobody showed it",
        "view taken": "the view taken here",
        "nobody said": "nobody said",
        "": "",
    }
    return words[element.basis]
