"""Why: the strongest sufficient reason for a value, proven smallest.

A reason is a set of leaves: statements of the scenario, facts worked out from dates and
treaties, and what is taken as given (presumptions, exceptions that nobody showed, views of
contested points). On the leaves of a reason alone, and nothing else known or assumed, the
value is what it is; without any one of them it is not. The strongest takes least as given, and
then rests on the fewest facts.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from engine.inference.plan import Node
from engine.model.element import Basis
from engine.model.truth import Truth
from engine.reasoning.assess import Assessment
from engine.reasoning.circuit import FALSE, TRUE, Circuit, Pair, Wiring
from engine.reasoning.elements import Spot
from engine.reasoning.places import in_force_at
from engine.reasoning.smallest import Family, Search

TAKEN: tuple[Basis, ...] = ("presumed", "not shown", "view taken")
"""Leaves that are taken as given. A reason with fewer of them is stronger."""


@dataclass(frozen=True)
class Premise:
    """A leaf of a proof. ``spot`` is a node and row that read it.

    ``id`` is a fact, a doctrine, or for an exception nobody showed what that exception is.
    ``place`` is the place of the statement; for what is worked out, the row.
    """

    id: str
    basis: Basis
    place: str
    spot: Spot


class Grounds:
    """Every way in which the known values of one assessment follow from its leaves."""

    def __init__(self, assessment: Assessment) -> None:
        self.assessment = assessment
        self.circuit = Circuit()
        self.premises: dict[int, Premise] = {}
        self._inputs: dict[tuple[str, Basis, str], int] = {}
        self._strongest: dict[int, tuple[int, ...]] = {}
        self.wiring = _Derivations(self)

    def literal(self, spot: Spot) -> int:
        """Whether the value that a node has on a row is derived."""
        true, false = self.wiring.pair(*spot)
        truth = self.assessment.truth(*spot)
        return {Truth.HOLDS: true, Truth.FAILS: false, Truth.UNKNOWN: FALSE}[truth]

    def input(self, premise: Premise) -> int:
        """The literal of a leaf; one for all the rows that go by the same statement."""
        key = (premise.id, premise.basis, premise.place)
        if key not in self._inputs:
            self._inputs[key] = self.circuit.input()
            self.premises[self._inputs[key]] = premise
        return self._inputs[key]

    def leaf(self, index: int, row: int) -> Pair:
        """The literals of a fact or view: its own leaf, in the plane of its value."""
        truth = self.assessment.truth(index, row)
        if not truth.known:
            return FALSE, FALSE
        own = self.input(self._premise(index, row))
        return (own, FALSE) if truth is Truth.HOLDS else (FALSE, own)

    def _premise(self, index: int, row: int) -> Premise:
        law, case = self.assessment.law, self.assessment.case
        node = law.plan.nodes[index]
        if node.op == "view":
            return Premise(str(node.param[0]), "view taken", "", (index, row))
        fact = law.base.facts[str(node.param[0])]
        if fact.derived:
            frame, about = node.frame, row
            if frame.sees(fact.scope):  # an actor is entered once, whatever the episode
                frame, about = fact.scope, case.layout.related(frame, row, fact.scope)[0]
            return Premise(fact.id, "worked out", case.row_name(frame, about), (index, row))
        place = in_force_at(case, fact, node.frame, row).text
        known = case.stated(node.frame, row, fact.id) is not None
        return Premise(fact.id, "stated" if known else "presumed", place, (index, row))

    def assumed(self, index: int, row: int, operand: Spot) -> int:
        """The literal of an exception that nobody showed, or false where one was looked at."""
        if self.assessment.truth(*operand).known or self.assessment.worlds.strict:
            return FALSE
        law = self.assessment.law
        where = self.assessment.case.row_name(law.plan.nodes[index].frame, row)
        name = exception_name(self.assessment, operand[0])
        return self.input(Premise(name, "not shown", f"{where} #{index}", (index, row)))

    @cached_property
    def _weights(self) -> dict[str, int]:
        return {name: number for number, name in enumerate(self.assessment.law.base.facts)}

    def taken(self) -> list[int]:
        """The leaves that are taken as given."""
        return [one for one, item in self.premises.items() if item.basis in TAKEN]

    def order(self, literal: int) -> tuple[int, str]:
        """The leaves as the vocabulary lists them."""
        premise = self.premises[literal]
        return self._weights.get(premise.id, len(self._weights)), premise.id

    def weakness(self, literals: Sequence[int]) -> tuple[int, int, int, list[tuple[int, str]]]:
        """What makes one reason weaker than another: taken as given, facts, judgements."""
        facts = self.assessment.law.base.facts
        chosen = [self.premises[one] for one in literals]
        judged = sum(item.id in facts and facts[item.id].judged for item in chosen)
        taken = sum(item.basis in TAKEN for item in chosen)
        return taken, len(chosen), judged, sorted(map(self.order, literals))

    def all_reasons(self, target: int, *, limit: int = 2_000, seconds: float = 5.0) -> Family:
        """Every smallest set of leaves on which a target follows."""
        search = Search(self.circuit, target, list(self.premises))
        return search.smallest(limit=limit, seconds=seconds)

    def strongest(self, target: int) -> tuple[int, ...]:
        """The strongest smallest set of leaves, proven so; some smallest set failing that."""
        if target not in self._strongest:
            self._strongest[target] = self._find_strongest(target)
        return self._strongest[target]

    def _find_strongest(self, target: int) -> tuple[int, ...]:
        if target in (TRUE, FALSE):
            return ()
        taken = set(self.taken())
        facts = [one for one in self.premises if one not in taken]
        best: list[tuple[int, ...]] = []
        if target in self.derived(facts):
            best = _best(Search(self.circuit, target, facts))
        else:
            fewest = Search(self.circuit, target, sorted(taken), free=facts).fewest(limit=_TIES)
            for given in _some(fewest):
                best += _best(Search(self.circuit, target, [*given, *facts]))
        if not best:
            best = [self.reduced(target, list(self.premises))]
        return min(best, key=self.weakness)

    def reduced(self, target: int, literals: Sequence[int]) -> tuple[int, ...]:
        """A subset-minimal part of a set of leaves that still gives the target."""
        kept = sorted(literals, key=lambda one: (self.premises[one].basis in TAKEN, one))
        for one in reversed(list(kept)):
            less = [other for other in kept if other != one]
            if target in self.derived(less):
                kept = less
        return tuple(kept)

    def derived(self, leaves: Iterable[int]) -> set[int]:
        """Every literal that is true when these leaves, and no others, are given."""
        given, circuit = set(leaves), self.circuit
        found: set[int] = {TRUE}
        for node in range(2, len(circuit.parts)):
            needed = circuit.needed[node]
            if needed == 0:
                holds = node in given
            else:
                true = sum(part in found for part in circuit.parts[node])
                holds = true >= (len(circuit.parts[node]) if needed < 0 else needed)
            found.add(node if holds else -node)
        return found


_TIES = 60
"""How many equally strong reasons are compared to choose the one to show."""


def _best(search: Search) -> list[tuple[int, ...]]:
    return _some(search.fewest(limit=_TIES))


def _some(family: Family) -> list[tuple[int, ...]]:
    found = []
    for literals in family.spelt_out():
        found.append(literals)
        if len(found) >= _TIES:
            break
    return found


class _Derivations(Wiring):
    """The plan as derivations: an exception that nobody showed is a leaf of its own."""

    def __init__(self, grounds: Grounds) -> None:
        assessment = grounds.assessment
        self.grounds = grounds
        super().__init__(
            assessment.law.plan,
            assessment.case.layout,
            grounds.circuit,
            grounds.leaf,
            lenient=False,
        )

    def _decide(self, key: Spot, reads: Sequence[Spot]) -> Pair:
        true, false = super()._decide(key, reads)
        node: Node = self.plan.nodes[key[0]]
        if node.op == "unless" and true == FALSE:
            true = self.grounds.assumed(*key, reads[0])
        return true, false


class Proof:
    """One set of leaves, and what follows from it: chooses the parts that a reason shows."""

    def __init__(self, grounds: Grounds, leaves: Sequence[int]) -> None:
        self.grounds = grounds
        self.leaves = tuple(leaves)
        self._true = grounds.derived(leaves)

    def value(self, spot: Spot) -> Truth:
        """What a node is on a row when only the leaves are given."""
        true, false = self.grounds.wiring.pair(*spot)
        if true in self._true:
            return Truth.HOLDS
        return Truth.FAILS if false in self._true else Truth.UNKNOWN

    def parts(self, spot: Spot) -> list[Spot]:
        """The parts of a node from which, on the leaves, its value follows: no more of them
        than it takes."""
        assessment = self.grounds.assessment
        node, truth = assessment.law.plan.nodes[spot[0]], assessment.truth(*spot)
        parts = assessment.parts(*spot)
        if node.op in ("not", "unless"):
            return parts
        same = [part for part in parts if self.value(part) is truth]
        if node.op == "count":
            needed = int(node.param[0])
            return same[: needed if truth is Truth.HOLDS else len(parts) - needed + 1]
        if (truth is Truth.HOLDS) == (node.op in ("all", "every")):
            return same
        return same[:1]


def ways(assessment: Assessment, spot: Spot) -> list[Spot]:
    """Every part of a node that by itself or with others gives its value: for ``--all``."""
    node, truth = assessment.law.plan.nodes[spot[0]], assessment.truth(*spot)
    parts = assessment.parts(*spot)
    if node.op in ("not", "unless"):
        return parts
    return [part for part in parts if assessment.truth(*part) is truth]


def exception_name(assessment: Assessment, index: int) -> str:
    """What an exception is called: its id, or the ids that it is made of."""
    law = assessment.law
    if index in law.names:
        return law.names[index]
    node = law.plan.nodes[index]
    if node.op in ("fact", "view"):
        sign = "" if len(node.param) == 1 else ">=" if node.param[1] == ">=" else "="
        return f"{node.param[0]}{sign}{node.param[-1] if sign else ''}"
    word = {"all": " and ", "not": "not "}.get(node.op, " or ")
    names = [exception_name(assessment, arg) for arg in node.args]
    return word + names[0] if node.op == "not" else word.join(names)
