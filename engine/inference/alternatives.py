"""What each element of a classification does for its outcome: stands in for others, or bars it."""

from __future__ import annotations

from engine.model.conditions import Any, Not, Ref, Unless, children, walk
from engine.model.records import Classification
from engine.rulebase.rulebase import Rulebase, outcome_id


def alternatives(base: Rulebase, item: Classification) -> dict[str, tuple[str, ...]]:
    """For each element, itself and those of which one is enough, wherever the law says so.

    An element decides nothing while another one does in its place: a child needs no means.
    """
    found = {name: {name} for name in item.elements}
    todo = [outcome_id(item.id, number) for number in range(len(item.outcomes))]
    seen: set[str] = set()
    while todo:
        name = todo.pop()
        if name in seen or name not in base.terms:
            continue
        seen.add(name)
        for term in walk(base.terms[name]):
            if isinstance(term, Ref):
                todo.append(term.id)
            elif isinstance(term, Any):
                beside = {i.id for i in term.items if isinstance(i, Ref)} & found.keys()
                for element in beside:
                    found[element] |= beside
    return {name: tuple(sorted(others)) for name, others in found.items()}


def bars(base: Rulebase, item: Classification) -> frozenset[str]:
    """The elements that stand in the way of the strongest outcome when they hold."""
    strongest = item.strongest[0]
    todo = [
        (base.terms[outcome_id(item.id, number)], True)
        for number, outcome in enumerate(item.outcomes)
        if outcome.label == strongest
    ]
    signs: dict[str, set[bool]] = {}
    while todo:
        term, sign = todo.pop()
        if isinstance(term, Ref):
            if sign in signs.setdefault(term.id, set()):
                continue
            signs[term.id].add(sign)
            if term.id in base.terms:
                todo.append((base.terms[term.id], sign))
        below = not sign if isinstance(term, Not | Unless) else sign
        todo += [(child, below) for child in children(term)]
    return frozenset(name for name in item.elements if signs.get(name) == {False})
