"""Mutants of the law: each changes one rule, or one datum, in one place.

What a drafter gets wrong: a condition left out or turned round, all for any, a threshold beside
the true one, an exception that must be disproved or an element that is taken for shown, a
neighbour named in place of the fact or provision meant, outcomes read in another order.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from engine.model.conditions import (
    All,
    Any,
    Count,
    Every,
    Not,
    Ref,
    Some,
    Term,
    Test,
    Unless,
    View,
    walk,
)
from engine.model.frames import Frame
from engine.reasoning.branches import Path_, branches, frame_at, put, steps, words
from engine.reasoning.corpus import Assumed
from engine.rulebase.rulebase import Rulebase, outcome_id

NOTHING = All(())
"""A condition that asks for nothing, in place of an exception dropped."""


@dataclass(frozen=True)
class Mutant:
    """One change: of a condition (``term`` in place of that of ``of``), or of the data.

    ``of`` is what is decided by the condition, the classification whose outcomes are read in
    another ``order``, or the fact or doctrine changed.
    """

    of: str
    path: Path_
    kind: str
    words: str
    term: Term | None = None
    assumed: Assumed | None = None
    order: tuple[int, ...] = ()


def mutants(base: Rulebase, names: Iterable[str] | None = None) -> Iterator[Mutant]:
    """Every mutant of the conditions of ``names`` (by default all)."""
    near = _Neighbours(base)
    for name in names if names is not None else base.order:
        whole = base.terms[name]
        for path, term in branches(whole):
            for kind, text, new, below in _changes(base, term):
                yield Mutant(name, path + below, kind, text, put(whole, path, new))
            if isinstance(term, Ref):
                for other in near.of(name, whole, path, term):
                    text = f"{term.id} read as {other}"
                    yield Mutant(name, path, "reference", text, put(whole, path, Ref(other)))


def order_mutants(base: Rulebase) -> Iterator[Mutant]:
    """Mutants of the order in which outcomes are read: two neighbours change places."""
    for name, item in base.classifications.items():
        for index in range(len(item.outcomes) - 1):
            one, other = item.outcomes[index], item.outcomes[index + 1]
            if (one.label, one.level) == (other.label, other.level):
                continue
            order = list(range(len(item.outcomes)))
            order[index : index + 2] = [index + 1, index]
            text = f"{other.label} asked before {one.label}"
            yield Mutant(outcome_id(name, index), (), "order", text, order=tuple(order))


class _Neighbours:
    """What a drafter could name by mistake: the other ids of the same file, if in sight.

    Of what is worked out from dates and treaties, the same question about another treaty.
    """

    def __init__(self, base: Rulebase) -> None:
        self.base = base
        self.position = {name: number for number, name in enumerate(base.order)}
        self.groups: dict[str, list[str]] = {}
        for name, fact in base.facts.items():
            if fact.type == "tri":
                self.groups.setdefault(self._group(name), []).append(name)
        for name in base.decided:
            self.groups.setdefault(self._group(name), []).append(name)

    def _group(self, name: str) -> str:
        fact = self.base.facts.get(name)
        if fact is not None and fact.derived:
            return name.partition(".")[0]
        place = self.base.places.get(name)
        return place.file if place else ""

    def of(self, name: str, term: Term, path: Path_, ref: Ref) -> Iterator[str]:
        """The ids that ``name`` could have named at ``path``, and does not name beside it."""
        own = self.base.frame(name)
        frame = frame_at(term, path, own)
        beside = {item.id for item in _siblings(term, path) if isinstance(item, Ref)}
        for other in self.groups[self._group(ref.id)]:
            if other == ref.id or other in beside or not frame.sees(self._frame(other)):
                continue
            if other in self.base.facts or self.position[other] < self.position[name]:
                yield other

    def _frame(self, name: str) -> Frame:
        fact = self.base.facts.get(name)
        return fact.scope if fact else self.base.decided[name].per


def _siblings(term: Term, path: Path_) -> list[Term]:
    """The parts that stand beside the part at ``path``, and the part itself."""
    for step, part in steps(term):
        if path[: len(step)] == step:
            rest = path[len(step) :]
            return _siblings(part, rest) if rest else [item for _, item in steps(term)]
    return []


def data_mutants(base: Rulebase) -> Iterator[Mutant]:
    """Mutants of presumptions and of the default views of doctrines."""
    read = {key.id for term in base.terms.values() for key in walk(term) if isinstance(key, Ref)}
    for fact in base.facts.values():
        if fact.presumed is None or fact.id not in read:
            continue
        flipped = str(not fact.presumed).lower()
        for value, text in ((not fact.presumed, f"presumed {flipped}"), (None, "not presumed")):
            yield Mutant(fact.id, (), "presumption", text, assumed=Assumed(((fact.id, value),)))
    switched = {
        t.doctrine for term in base.terms.values() for t in walk(term) if isinstance(t, View)
    }
    for name in sorted(switched):
        for view in base.doctrines[name].views:
            if view != base.doctrines[name].default:
                yield Mutant(
                    name,
                    (),
                    "doctrine",
                    f"default view {view}",
                    assumed=Assumed((), ((name, view),)),
                )


def _changes(base: Rulebase, term: Term) -> Iterator[tuple[str, str, Term, Path_]]:
    """Each way to change one node: kind, words, what stands there instead, the step to a part."""
    if isinstance(term, All | Any | Count) and len(term.items) > 1:
        for index, (step, item) in enumerate(steps(term)):
            if isinstance(term, All) and isinstance(item, Unless):
                continue  # dropped as an exception, below
            rest = (*term.items[:index], *term.items[index + 1 :])
            if isinstance(term, Count):
                if term.at_least > len(rest):
                    continue
                new: Term = Count(term.at_least, rest)
            else:
                new = rest[0] if len(rest) == 1 else type(term)(rest)
            yield "drop", f"{words(item)} dropped from {_operator(term)}", new, step
    for kind, text, new in _swaps(base, term):
        yield kind, text, new, ()


def _swaps(base: Rulebase, term: Term) -> Iterator[tuple[str, str, Term]]:
    """Each way to read one node as another, its parts being the same."""
    here = words(term)
    if isinstance(term, All | Any) and len(term.items) > 1:
        swapped = Any(term.items) if isinstance(term, All) else All(term.items)
        yield "all/any", f"{_operator(term)} read as {_operator(swapped)}: {here}", swapped
    if isinstance(term, Some | Every):
        other = Every if isinstance(term, Some) else Some
        new = other(term.frame, term.item)
        yield "some/every", f"{here} read as {words(new)}", new
    if isinstance(term, Unless):
        yield "exception", f"{here}: must be disproved, not only unshown", Not(term.item)
        yield "exception", f"{here} dropped", NOTHING
    if isinstance(term, Test) and term.at_least:
        for value in (int(term.value) - 1, int(term.value) + 1):
            yield "threshold", f"{here}: {value}", Test(term.fact, value, at_least=True)
    if isinstance(term, Test) and not term.at_least:
        for other_value in base.facts[term.fact].values:
            if other_value != term.value:
                yield "choice", f"{here}: {other_value}", Test(term.fact, other_value)
    if isinstance(term, Count):
        for needed in (term.at_least - 1, term.at_least + 1):
            if 1 <= needed <= len(term.items):
                yield "threshold", f"{here}: {needed}", Count(needed, term.items)
    if isinstance(term, View):
        for view in base.doctrines[term.doctrine].views:
            if view != term.view:
                yield "doctrine", f"{here}: {view}", View(term.doctrine, view)
    if isinstance(term, Not):
        yield "negate", f"{here}: the not dropped", term.item
        yield "silence", f"{here}: unless shown, not only when disproved", Unless(term.item)
    elif not isinstance(term, Unless):
        yield "negate", f"{here} negated", Not(term)


def _operator(term: Term) -> str:
    return "count" if isinstance(term, Count) else "all" if isinstance(term, All) else "any"
