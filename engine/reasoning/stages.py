"""The elements of a tree in the stages in which lawyers take them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace

from engine.model.element import Element
from engine.model.truth import Truth
from engine.model.why import StageElements
from engine.reasoning.readers import stage_order

Together = Callable[[str, Truth], bool]
"""Whether a node that joins its parts in a way, and has a value, rests on all parts shown."""


def in_stages(root: Element, named: Collection[str]) -> list[StageElements]:
    """A reason cut into the elements a classification names, stage by stage.

    What only adds elements up is passed through, so that a reader meets the elements
    themselves; one that is part of another stands in its own stage, and is only named in the
    other. An empty ``named`` takes the nearest provisions below the root.
    """
    names = set(named)
    found: dict[str, list[Element]] = {}
    shown: set[tuple[str, str, str]] = set()
    for stage, unit in list(_units(root, root.stage, _Pass(names, _rests_on_all), top=True)):
        for place, element in [*_taken_out(unit, names), (stage, unit)]:
            key = (element.kind, element.id, element.row)
            if element.id and (key in shown or (element.again and element is not unit)):
                continue
            shown.add(key)
            found.setdefault(element.stage or place, []).append(element)
    return [
        StageElements.model_construct(stage=stage, elements=found[stage])
        for stage in _in_order(found)
    ]


def _in_order(found: dict[str, list[Element]]) -> list[str]:
    """The stages in legal order, one that adds others up after them."""
    home = {(e.id, e.row): stage for stage, elements in found.items() for e in elements}
    waits = {
        stage: {home.get((e.id, e.row), stage) for top in elements for e in _references(top)}
        for stage, elements in found.items()
    }
    order: list[str] = []
    left = sorted(found, key=stage_order)
    while left:
        ready = [stage for stage in left if not (waits[stage] & set(left)) - {stage}]
        order.append((ready or left)[0])
        left.remove(order[-1])
    return order


def _references(element: Element) -> Iterator[Element]:
    for child in element.children:
        if child.again:
            yield child
        yield from _references(child)


def missing_elements(root: Element, named: Collection[str]) -> list[Element]:
    """What is missing, cut into the elements all of which are needed, in legal order."""
    passes = _Pass(set(named), _needs_all, through=True)
    found: dict[tuple[str, str, str, int], tuple[str, Element]] = {}
    for stage, unit in _units(root, root.stage, passes, top=True):
        key = (unit.kind, unit.id, unit.row, 0 if unit.id else id(unit))
        found.setdefault(key, (stage, unit))
    units = sorted(found.values(), key=lambda item: stage_order(item[1].stage or item[0]))
    return [unit for _, unit in units]


def _rests_on_all(joint: str, truth: Truth) -> bool:
    """In a reason: what holds by all of its parts, and what fails with each of its ways."""
    return joint in (("all", "every") if truth is Truth.HOLDS else ("any", "some"))


def _needs_all(joint: str, truth: Truth) -> bool:
    return joint in ("all", "every")


@dataclass(frozen=True)
class _Pass:
    """Which elements are passed through to their parts. ``through``: named ones too."""

    named: set[str]
    together: Together
    through: bool = False

    def __call__(self, element: Element, *, top: bool) -> bool:
        """Whether an element only adds up others, all of which its value rests on."""
        if not element.children or element.basis == "not shown":
            return False
        if element.kind in ("not", "unless"):
            return element.kind == "not" and not self.through
        joint = element.joint if element.kind == "provision" else element.kind
        whole = len(element.children) == 1 or self.together(joint, element.truth)
        if top:
            return whole or element.kind == "provision" or joint != "count"
        if element.kind != "provision":
            return whole
        if element.id in self.named and not self.through:
            return False
        return whole and any(self.names(child) for child in element.children)

    def names(self, element: Element) -> bool:
        """Whether a named element is in the tree."""
        return element.id in self.named or any(self.names(child) for child in element.children)


def _taken_out(element: Element, named: set[str]) -> Iterator[tuple[str, Element]]:
    """Named elements inside another one, taken out of it and left there by name only."""
    for number, child in enumerate(element.children):
        yield from _taken_out(child, named)
        if child.id in named and not child.again:
            element.children[number] = replace(child, again=True, children=[])
            yield child.stage, child


def _units(
    element: Element, stage: str, passes: _Pass, *, top: bool = False
) -> Iterator[tuple[str, Element]]:
    stage = element.stage or stage
    if passes(element, top=top):
        for child in element.children:
            yield from _units(child, stage, passes)
    else:
        yield stage, element
