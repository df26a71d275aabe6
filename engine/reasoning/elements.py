"""The elements of a classification as a tree of what decided each of them.

A branch keeps only what explains its value: what holds under something that holds by one of
several ways, what fails under something that fails because of it, what is unknown under
something that is open.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from engine.model.frames import Frame
from engine.model.records import Classification, Provision
from engine.model.truth import Truth
from engine.reasoning.assess import Assessment, Group

_STRENGTH = {Truth.HOLDS: 2, Truth.UNKNOWN: 1, Truth.FAILS: 0}


@dataclass(frozen=True)
class Element:
    """A provision, a fact, or a way in which several conditions are joined.

    ``kind``: provision, fact, view, all, any, not, unless, count, some, every. ``row`` names
    the row it was decided on; ``presumed`` marks a fact that nobody stated; ``joint`` says how
    a provision joins its parts.
    """

    kind: str
    id: str
    name: str
    truth: Truth
    row: str
    cite: str = ""
    stage: str = ""
    judged: bool = False
    presumed: bool = False
    source: str = ""
    joint: str = ""
    children: tuple[Element, ...] = ()


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
        found.append(explain(assessment, assessment.law.plan.heads[name], best))
    return found


def explain(assessment: Assessment, index: int, row: int) -> Element:
    """The node's value on a row, with the parts that explain it."""
    return _collapse(_element(assessment, index, row, frozenset()))


def _element(assessment: Assessment, index: int, row: int, above: frozenset[int]) -> Element:
    law, case = assessment.law, assessment.case
    node = law.plan.nodes[index]
    truth = assessment.truth(index, row)
    where = case.row_name(node.frame, row)
    name = law.names.get(index) if index not in above else None
    if node.op == "fact":
        return _fact(assessment, index, row, truth, where)
    if node.op == "view":
        doctrine, view = str(node.param[0]), str(node.param[1])
        says = " ".join(law.base.doctrines[doctrine].views[view].says.split())
        return Element("view", f"{doctrine}={view}", says, truth, where)
    parts = [
        part for part in assessment.parts(index, row) if _explains(assessment, node.op, truth, part)
    ]
    children = tuple(_element(assessment, *part, above) for part in parts)
    record = law.base.decided.get(name or "")
    if record is not None:
        cite = law.base.citation(record) if isinstance(record, Provision) else ""
        stage = record.stage if isinstance(record, Provision) else ""
        inner = Element(node.op, "", "", truth, where, children=children)
        return Element(
            "provision", record.id, record.name, truth, where, cite, stage, children=(inner,)
        )
    word = str(node.param[0]) if node.param else ""
    return Element(node.op, word, "", truth, where, children=children)


def _fact(assessment: Assessment, index: int, row: int, truth: Truth, where: str) -> Element:
    node = assessment.law.plan.nodes[index]
    fact = assessment.law.base.facts[str(node.param[0])]
    stated = assessment.case.value(node.frame, row, node)
    name = fact.question
    if len(node.param) > 1:
        name += f" ({node.param[1]} {node.param[2]})"
    return Element(
        "fact",
        fact.id,
        name,
        truth,
        where,
        judged=fact.judged,
        presumed=truth.known and not stated.known,
        source=_source(assessment, node.frame, row, fact.id),
    )


def _source(assessment: Assessment, frame: Frame, row: int, fact: str) -> str:
    head, _, _ = fact.partition(".")
    case = assessment.case
    if head in ("bound", "signed", "accepted") and frame is Frame.DUTY:
        place = case.layout.rows[frame][row]
        status = case.status[(fact, case.states[place[0]], place[1])]
        since = f"since {status.since}" if status.since else status.kind
        return f"{since}; {status.source or status.note}"
    return ""


def _explains(assessment: Assessment, op: str, truth: Truth, part: tuple[int, int]) -> bool:
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


def _collapse(element: Element) -> Element:
    """Drop joints that join one thing, and merge a joint into the provision it spells out."""
    children: list[Element] = []
    joint = element.joint
    for child in map(_collapse, element.children):
        if child.kind not in _JOINTS:
            children.append(child)
        elif element.kind == "provision":
            children.extend(child.children)
            joint = child.kind
        elif len(child.children) == 1 or child.kind == element.kind:
            children.extend(child.children)
        else:
            children.append(child)
    return replace(element, children=tuple(children), joint=joint)


_JOINTS = ("all", "any", "some", "every")
