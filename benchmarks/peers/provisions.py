"""The rules that every engine is given, taken from the shipped law's plan, and the rows.

The provisions of the Palermo Protocol, of its parent Convention and of the Rome Statute that
are plain three-valued logic over yes/no facts: all, any, not. What only palermo has (frames,
dates and treaties, presumptions, exceptions, views) is left out, so that every peer can say the
same. A row states each fact as true, as false, or not at all.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.inference.law import Law
from engine.inference.plan import Node, Plan
from engine.model.frames import Frame

INSTRUMENTS = ("palermo", "untoc", "rome")
UNKNOWN, TRUE, FALSE = 0, 1, 2
Codes = np.ndarray
"""A row a row, a column a fact or a provision: 0 unknown, 1 true, 2 false."""


@dataclass(frozen=True)
class Rules:
    """``facts`` and ``heads`` number their nodes in the plan; gates come after what they read."""

    plan: Plan
    facts: dict[str, int]
    heads: dict[str, int]

    @property
    def gates(self) -> list[tuple[int, Node]]:
        return [(n, node) for n, node in enumerate(self.plan.nodes) if node.op != "fact"]


def rules_of(law: Law) -> Rules:
    """The rules, as a plan of their own with a single frame."""
    chosen = {
        record.id: law.plan.heads[record.id]
        for record in law.base.provisions()
        if record.id.partition(".")[0] in INSTRUMENTS and _plain(law, law.plan.heads[record.id])
    }
    used = sorted({index for head in chosen.values() for index in law.plan.below(head)})
    place: dict[int, int] = {}
    facts: dict[str, int] = {}
    plan = Plan()
    for index in used:
        node = law.plan.nodes[index]
        if node.op == "fact" and node.param[0] in facts:  # read in two frames: here there is one
            place[index] = facts[str(node.param[0])]
            continue
        place[index] = len(plan.nodes)
        if node.op == "fact":
            facts[str(node.param[0])] = place[index]
        args = tuple(place[arg] for arg in node.args)
        plan.nodes.append(Node(node.op, Frame.SITUATION, args, node.param))
    plan.heads = {name: place[index] for name, index in chosen.items()}
    return Rules(plan, facts, plan.heads)


def _plain(law: Law, head: int) -> bool:
    for index in law.plan.below(head):
        node = law.plan.nodes[index]
        if node.op == "fact":
            fact = law.base.facts[str(node.param[0])]
            if len(node.param) > 1 or fact.type != "tri" or fact.derived:
                return False
            if fact.presumed is not None:
                return False
        elif node.op not in ("all", "any", "not"):
            return False
    return True


def rows_of(rules: Rules, rows: int) -> Codes:
    """Random rows: two facts of three known, two of three of these true."""
    rng = np.random.default_rng(20001115)
    known = rng.random((rows, len(rules.facts)), dtype=np.float32) < 2 / 3
    true = rng.random((rows, len(rules.facts)), dtype=np.float32) < 2 / 3
    return np.where(known, np.where(true, TRUE, FALSE), UNKNOWN).astype(np.uint8)


def answers_by_definition(rules: Rules, codes: Codes) -> Codes:
    """What strong Kleene logic says, written down once more and apart from every engine.

    False, unknown and true as 0, 1 and 2: ``all`` is the least, ``any`` the greatest.
    """
    order = np.array([1, 2, 0], dtype=np.uint8)  # code to order
    values = {node: order[codes[:, n]] for n, node in enumerate(rules.facts.values())}
    for index, node in rules.gates:
        parts = [values[arg] for arg in node.args]
        if node.op == "not":
            values[index] = 2 - parts[0]
        else:
            join = np.minimum if node.op == "all" else np.maximum
            values[index] = join.reduce(parts)
    back = np.array([FALSE, UNKNOWN, TRUE], dtype=np.uint8)  # order to code
    return np.stack([back[values[index]] for index in rules.heads.values()], axis=1)
