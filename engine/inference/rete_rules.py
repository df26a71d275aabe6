"""The plan as production rules over signed literals, for ``engine.inference.rete``.

A node that holds on a row is the literal ``12+``, one that fails ``12-``; unknown is neither.
Each gate becomes rules that derive the one and rules that derive the other, so that rules only
ever add and their order cannot matter. What cannot be said without looking at what is absent
(``unless``) or at other rows (``some``, ``every``) is left to the driver.

The limits keep clear of those of durable_rules 2.0.28, in which a rule of many patterns loses
derivations, a 513th literal hangs the compiler, and a 257th rule on one literal is refused.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby

from engine.inference.plan import LEAVES, Node, Plan
from engine.model.frames import Frame
from engine.model.problem import InputError

MAX_PATTERNS = 3
MAX_LITERALS = 480
MAX_RULES_ON_A_LITERAL = 200

SHEET_LITERALS = 96
"""How far a sheet of several gates grows. A session costs by the size of its sheet, and a sheet
on which nothing is known is never opened: many small ones beat a few large ones."""

DRIVEN = ("unless", "some", "every")

Literal = int
"""Within a sheet: twice the number of an atom, plus one where the atom fails."""

_Signed = tuple[int, bool]
"""Across sheets: a node and whether it fails; below zero, a link in the chain of a wide gate."""
_Draft = tuple[tuple[_Signed, ...], _Signed]


@dataclass(frozen=True)
class Rule:
    """From one to three literals to another."""

    premises: tuple[Literal, ...]
    conclusion: Literal


@dataclass(frozen=True)
class Sheet:
    """One small ruleset: some gates of one frame, and what they read.

    ``atoms`` has the plan's node for each atom, ``None`` for a link. The first ``inputs`` of
    them are decided elsewhere and asserted; the rules derive the others.
    """

    frame: Frame
    atoms: tuple[int | None, ...]
    inputs: int
    rules: tuple[Rule, ...]

    @cached_property
    def read(self) -> frozenset[Literal]:
        """The literals that some rule reads. No other may be asserted."""
        return frozenset(premise for rule in self.rules for premise in rule.premises)


@dataclass(frozen=True)
class Driven:
    """Gates that the driver decides, in this order."""

    nodes: tuple[int, ...]


Step = Sheet | Driven


def compile_rules(plan: Plan) -> tuple[Step, ...]:
    """The steps that decide every gate of the plan, each after all that it reads.

    Raises ``InputError`` for a gate that is too wide.
    """
    kinds = [_kind(node) for node in plan.nodes]
    levels: list[int] = []
    for index, node in enumerate(plan.nodes):
        below = [levels[arg] + (kinds[arg] != kinds[index]) for arg in node.args if kinds[arg]]
        levels.append(max(below, default=0))
    gates = [index for index, kind in enumerate(kinds) if kind]
    gates.sort(key=lambda index: (levels[index], kinds[index], index))
    steps: list[Step] = []
    for (_, kind), group in groupby(gates, key=lambda index: (levels[index], kinds[index])):
        if kind == "driven":
            steps.append(Driven(tuple(group)))
        else:
            steps.extend(_sheets(plan, Frame(kind), group))
    return tuple(steps)


def _kind(node: Node) -> str:
    """Who decides a node: nobody (a leaf), the driver, or the rules of its frame."""
    if node.op in LEAVES:
        return ""
    return "driven" if node.op in DRIVEN else node.frame.value


def _sheets(plan: Plan, frame: Frame, gates: Iterable[int]) -> Iterator[Sheet]:
    """Cut gates of one frame, in the order of the plan, into sheets that keep every limit."""
    drafts: list[_Draft] = []
    literals: set[_Signed] = set()
    reads: Counter[_Signed] = Counter()
    for gate in gates:
        _check_reach(gate, plan.nodes[gate])
        new = _Gate(gate, plan.nodes[gate]).drafts
        named = {literal for premises, conclusion in new for literal in (*premises, conclusion)}
        read = Counter(premise for premises, _ in new for premise in premises)
        if len(named) > MAX_LITERALS or max(read.values()) > MAX_RULES_ON_A_LITERAL:
            raise _too_wide(plan, gate)
        crowded = any(reads[item] + n > MAX_RULES_ON_A_LITERAL for item, n in read.items())
        if drafts and (crowded or len(literals | named) > SHEET_LITERALS):
            yield _sheet(frame, drafts)
            drafts, literals, reads = [], set(), Counter()
        drafts.extend(new)
        literals |= named
        reads.update(read)
    if drafts:
        yield _sheet(frame, drafts)


def _check_reach(index: int, node: Node) -> None:
    """Refuse a gate without parts and a count that its parts cannot reach: the linker does."""
    needed = int(node.param[0]) if node.op == "count" else 1
    if not 1 <= needed <= len(node.args):
        raise ValueError(f"gate {index}: {node.op} needs {needed} of {len(node.args)} parts")


def _too_wide(plan: Plan, gate: int) -> InputError:
    node = plan.nodes[gate]
    above = (name for name, head in plan.heads.items() if gate in plan.below(head))
    return InputError.single(
        next(above, f"gate {gate}"),
        f"{node.op} of {len(node.args)} is too wide for the rule engine",
        "split it into several provisions, or decide with `--engine planes`",
    )


def _sheet(frame: Frame, drafts: Sequence[_Draft]) -> Sheet:
    derived = dict.fromkeys(conclusion[0] for _, conclusion in drafts)
    inputs = dict.fromkeys(
        atom for premises, _ in drafts for atom, _ in premises if atom not in derived
    )
    atoms = [*inputs, *derived]
    numbers = {atom: number for number, atom in enumerate(atoms)}
    rules = tuple(
        Rule(
            tuple(2 * numbers[atom] + fails for atom, fails in premises),
            2 * numbers[conclusion[0]] + conclusion[1],
        )
        for premises, conclusion in drafts
    )
    return Sheet(frame, tuple(None if a < 0 else a for a in atoms), len(inputs), rules)


class _Gate:
    """The rules of one gate, ``drafts``: those for *holds*, then the dual ones for *fails*."""

    def __init__(self, index: int, node: Node) -> None:
        self.drafts: list[_Draft] = []
        self.index = index
        self.links = 0
        total = len(node.args)
        needed = {"any": 1, "not": 1, "all": total}.get(node.op) or int(node.param[0])
        inverted = node.op == "not"
        for fails, k in ((False, needed), (True, total - needed + 1)):
            parts = [(arg, fails != inverted) for arg in node.args]
            self.at_least(k, parts, (index, fails))

    def at_least(self, k: int, parts: list[_Signed], conclusion: _Signed) -> None:
        """Rules that derive the conclusion from any ``k`` of the parts."""
        if k == 1:
            for part in dict.fromkeys(parts):
                self.drafts.append(((part,), conclusion))
        elif k == len(parts):
            self.every(list(dict.fromkeys(parts)), conclusion)
        else:
            self.sums(k, *self.halves(parts, k, k), conclusion)

    def every(self, parts: list[_Signed], conclusion: _Signed) -> None:
        """One rule for all of the parts, or a tree of rules none of which is wide."""
        while len(parts) > MAX_PATTERNS:
            narrower: list[_Signed] = []
            for start in range(0, len(parts), MAX_PATTERNS):
                group = parts[start : start + MAX_PATTERNS]
                if len(group) == 1:
                    narrower += group
                else:
                    narrower.append(self.link(conclusion))
                    self.drafts.append((tuple(group), narrower[-1]))
            parts = narrower
        self.drafts.append((tuple(parts), conclusion))

    def counts(self, parts: list[_Signed], low: int, high: int) -> dict[int, _Signed]:
        """For each number from ``low`` to ``high``, a literal: so many of the parts, or more."""
        if len(parts) == 1:
            return {1: parts[0]}
        left, right = self.halves(parts, low, high)
        found = {}
        for k in range(max(low, 1), min(high, len(parts)) + 1):
            found[k] = self.link(parts[0])
            self.sums(k, left, right, found[k])
        return found

    def halves(
        self, parts: list[_Signed], low: int, high: int
    ) -> tuple[dict[int, _Signed], dict[int, _Signed]]:
        """The counts of both halves that matter to a count of the whole in that range."""
        left, right = parts[: len(parts) // 2], parts[len(parts) // 2 :]
        return (
            self.counts(left, low - len(right), high),
            self.counts(right, low - len(left), high),
        )

    def sums(
        self, k: int, left: dict[int, _Signed], right: dict[int, _Signed], conclusion: _Signed
    ) -> None:
        """Rules that derive the conclusion where both halves together count ``k``."""
        for a in range(k + 1):
            both = [half[n] for half, n in ((left, a), (right, k - a)) if n in half]
            if len(both) == (a > 0) + (k - a > 0):
                self.drafts.append((tuple(dict.fromkeys(both)), conclusion))

    def link(self, sign: _Signed) -> _Signed:
        """A new literal of the gate's own. Its sign is for the reader only."""
        self.links += 1
        return (-(self.index << 16) - self.links, sign[1])
