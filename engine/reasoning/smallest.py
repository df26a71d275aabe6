"""All smallest sets of changes that make a circuit true, found with clingo.

Smallest means that no part of the set does it too (subset-minimal). Clingo decides every
change to "not made" before anything else, so that each model it meets is such a set, and
records only what was made, so that it never comes back to a larger one; when it has no model
left, the list is proven complete. Changes that play the same part (five ways to do one thing)
are told apart only when the answer is spelt out, and parts of the circuit that matter only as a
whole are searched by themselves.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, pairwise
from typing import TYPE_CHECKING, Any

from engine.reasoning.circuit import FALSE, TRUE, Circuit
from engine.reasoning.family import Family, Token
from engine.reasoning.modules import modules

__all__ = ["Family", "Search", "Token", "cone", "twins"]

if TYPE_CHECKING:
    from clingo import Control


def twins(
    circuit: Circuit,
    target: int,
    changes: Collection[int],
    held: Mapping[int, bool] | None = None,
) -> list[tuple[int, ...]]:
    """Changes grouped by the part they play: read by the same nodes, in the same way.

    Swapping two of a group maps the circuit to itself, and so smallest sets to smallest sets.
    ``held`` are modules, which count as changes, with their value before they are flipped.
    """
    held = held or {}
    readers: dict[int, list[tuple[int, int]]] = {abs(target): [(0, 1 if target > 0 else -1)]}
    for node in cone(circuit, target, held):
        for part in () if node in held else circuit.parts[node]:
            readers.setdefault(abs(part), []).append((node, 1 if part > 0 else -1))
    groups: dict[tuple[tuple[int, int], ...], list[int]] = {}
    for change in sorted(changes):
        if change in readers:
            turn = -1 if held.get(change) else 1
            key = tuple(sorted((node, sign * turn) for node, sign in readers[change]))
            groups.setdefault(key, []).append(change)
    return [tuple(group) for group in groups.values()]


def cone(circuit: Circuit, target: int, held: Collection[int]) -> list[int]:
    """Every node that the target depends on, without looking into modules."""
    seen: set[int] = set()
    todo = [abs(target)]
    while todo:
        node = todo.pop()
        if node not in seen:
            seen.add(node)
            todo += [] if node in held else [abs(part) for part in circuit.parts[node]]
    seen.discard(TRUE)
    return sorted(seen)


@dataclass(frozen=True)
class Search:
    """What is searched: the sets of ``changes`` that make ``target`` true.

    ``exclusive`` lists changes of which only one can be made (two values of one fact); ``free``
    are inputs that cost nothing and are not reported. ``most`` caps the size of a set.
    """

    circuit: Circuit
    target: int
    changes: Sequence[int]
    exclusive: Sequence[Sequence[int]] = ()
    free: Sequence[int] = ()
    most: int | None = None

    def smallest(self, *, limit: int = 20_000, seconds: float = 10.0) -> Family:
        """Every subset-minimal set.

        ``limit`` counts sets before twins are told apart and modules spelt out; ``seconds`` is
        for each module.
        """
        if self.target == TRUE:
            return Family(((),))
        if self.target == FALSE:
            return Family(())
        held: dict[int, bool] = {}
        if not self.free and self.most is None:
            held = modules(self.circuit, self.target, set(self.changes), self.exclusive)
        inner = {
            node: replace(self, target=-node if now else node).smallest(
                limit=limit, seconds=seconds
            )
            for node, now in held.items()
        }
        whole = all(part.complete for part in inner.values())
        at_sight = self._at_sight(held, inner)
        if at_sight is not None:
            return Family(at_sight, whole, _used(at_sight, inner))
        groups = self._groups(held, inner)
        found = _Collector(groups, limit)
        arguments = ["--enum-mode=domRec", "--heuristic=Domain", "--models=0"]
        done = _solve(self._control(arguments, groups, held, heuristic=True), found, seconds)
        return Family(found.sets, whole and done and not found.full, _used(found.sets, inner))

    def _at_sight(
        self, held: Mapping[int, bool], inner: Mapping[int, Family]
    ) -> tuple[tuple[Token, ...], ...] | None:
        """The smallest sets where the target is one conjunction of changes and modules.

        ``None`` where it is anything else, which takes a search.
        """
        node = abs(self.target)
        parts = self.circuit.parts[node]
        members = {abs(part): part > 0 for part in parts}
        rivals = {value for values in self.exclusive for value in values}
        if (
            self.circuit.needed[node] >= 0
            or self.most is not None
            or not members.keys() <= set(self.changes) - rivals | held.keys()
        ):
            return None
        against = [one for one, wanted in members.items() if held.get(one, False) is not wanted]
        if self.target > 0:
            able = all(inner[one].sets for one in against if one in held)
            return (tuple(Token((one,)) for one in sorted(against)),) if able else ()
        if against:
            return ((),)
        able_ones = [one for one in members if one not in held or inner[one].sets]
        return ((Token(tuple(sorted(able_ones))),),) if able_ones else ()

    def fewest(self, *, limit: int = 1_000, seconds: float = 10.0) -> Family:
        """Every set with the fewest changes: cardinality-minimal, proven by optimisation."""
        if self.target == TRUE:
            return Family(((),))
        if self.target == FALSE:
            return Family(())
        at_sight = self._at_sight({}, {})
        if at_sight is not None:
            return Family(at_sight)
        groups = self._groups({}, {})
        found = _Collector(groups, limit, proven_only=True)
        arguments = ["--opt-mode=optN", "--opt-strategy=usc", "--models=0"]
        if self.free:
            arguments.append("--project=show")
        done = _solve(self._control(arguments, groups, {}, heuristic=False), found, seconds)
        return Family(found.sets, done and not found.full)

    def possible(self, *, seconds: float = 10.0) -> bool | None:
        """Whether any set will do, smallest or not; ``None`` where time ran out first.

        Asks about the target itself and looks for no list, so that nothing but time can leave
        the answer open.
        """
        if self.target in (TRUE, FALSE):
            return self.target == TRUE
        arguments = ["--models=1", "--opt-mode=ignore"]
        control = self._control(arguments, self._groups({}, {}), {}, heuristic=False)
        with control.solve(async_=True) as handle:
            if not handle.wait(seconds):
                handle.cancel()
            answer: bool | None = handle.get().satisfiable
        return answer

    def _groups(
        self, held: Mapping[int, bool], inner: Mapping[int, Family]
    ) -> list[tuple[int, ...]]:
        """Twins. A fact with several values to choose from has no twin.

        A module that nothing flips is no change.
        """
        near = set(cone(self.circuit, self.target, held))
        rivals = {
            change
            for values in self.exclusive
            if len(near.intersection(values)) > 1
            for change in values
        }
        alone = [(change,) for change in self.changes if change in rivals and change in near]
        changes = set(self.changes) - rivals | {node for node, part in inner.items() if part.sets}
        return alone + twins(self.circuit, self.target, changes, held)

    def _control(
        self,
        arguments: list[str],
        groups: list[tuple[int, ...]],
        held: Mapping[int, bool],
        *,
        heuristic: bool,
    ) -> Control:
        """The program: the circuit as rules, the changes as choices, the target demanded."""
        from clingo import Control, Function, Number
        from clingo.backend import HeuristicType

        circuit = self.circuit
        control = Control(arguments, logger=_say_nothing)
        changes = {change for group in groups for change in group}
        free = set(self.free)
        with control.backend() as backend:
            atom: dict[int, int] = {}  # of a module that holds until it is flipped, negative

            def literal(part: int) -> int:
                return atom[part] if part > 0 else -atom[-part]

            for node in cone(circuit, self.target, held):
                if node in changes:
                    made = backend.add_atom(Function("change", [Number(node)]))
                    backend.add_rule([made], [], choice=True)
                    if heuristic:
                        backend.add_heuristic(made, HeuristicType.False_, 1, 1, [])
                    atom[node] = -made if held.get(node) else made
                    continue
                atom[node] = backend.add_atom()
                if node in held:  # nothing flips it
                    atom[node] *= -1 if held[node] else 1
                    continue
                parts = circuit.parts[node]
                if circuit.needed[node] < 0:
                    backend.add_rule([atom[node]], [literal(part) for part in parts])
                elif circuit.needed[node] > 0:
                    weighted = [(literal(part), 1) for part in parts]
                    backend.add_weight_rule([atom[node]], circuit.needed[node], weighted)
                elif node in free:
                    backend.add_rule([atom[node]], [], choice=True)
            backend.add_rule([], [-literal(self.target)])
            for values in self.exclusive:
                present = [atom[value] for value in values if value in atom]
                for one, other in combinations(present, 2):
                    backend.add_rule([], [one, other])
            for group in groups:
                for earlier, later in pairwise(group):
                    backend.add_rule([], [abs(atom[later]), -abs(atom[earlier])])
            weighted = [(abs(atom[change]), 1) for change in sorted(changes)]
            if self.most is not None:
                over = backend.add_atom()
                backend.add_weight_rule([over], self.most + 1, weighted)
                backend.add_rule([], [over])
            if not heuristic:
                backend.add_minimize(0, weighted)
                if self.free:
                    backend.add_project([atom[change] for change in sorted(changes)])
        return control


def _used(sets: Iterable[tuple[Token, ...]], modules_: Mapping[int, Family]) -> dict[int, Family]:
    """The modules that some set flips."""
    used = {member for tokens in sets for token in tokens for member in token.members}
    return {node: family for node, family in modules_.items() if node in used}


class _Collector:
    """Gathers models as tokens; says when to stop."""

    def __init__(
        self, groups: Iterable[tuple[int, ...]], limit: int, *, proven_only: bool = False
    ) -> None:
        self.group = {change: group for group in groups for change in group}
        self.limit = limit
        self.proven_only = proven_only
        self.found: dict[tuple[Token, ...], None] = {}
        self.full = False

    @property
    def sets(self) -> tuple[tuple[Token, ...], ...]:
        """The sets found, in the order found."""
        return tuple(self.found)

    def __call__(self, model: Any) -> bool:
        if self.proven_only and not model.optimality_proven:
            return True
        if len(self.found) >= self.limit:
            self.full = True
            return False
        made = Counter(
            self.group[symbol.arguments[0].number] for symbol in model.symbols(atoms=True)
        )
        self.found[tuple(sorted(Token(group, count) for group, count in made.items()))] = None
        return True


def _say_nothing(code: object, message: str) -> None:
    """Clingo remarks that a heuristic has nothing to do where every change is forced."""


def _solve(control: Control, found: _Collector, seconds: float) -> bool:
    """Run to the end or the time limit; whether the search space was exhausted."""
    with control.solve(on_model=found, async_=True) as handle:
        if not handle.wait(seconds):
            handle.cancel()
        return bool(handle.get().exhausted)
