"""What an assessment assumed: presumptions and unshown exceptions its outcomes rest on."""

from __future__ import annotations

from dataclasses import dataclass

from engine.inference.law import Law
from engine.inference.plan import LEAVES
from engine.model.truth import Truth
from engine.reasoning.assess import Assessment


@dataclass(frozen=True)
class Assumption:
    """One assumption. ``kind``: presumption (of a fact), exception (not shown), date.

    ``of`` is the fact or provision; ``value`` what was assumed of it; ``rows`` where.
    """

    kind: str
    of: str
    value: str
    rows: tuple[str, ...]
    text: str


def assumptions(assessment: Assessment) -> list[Assumption]:
    """Every presumption and unshown exception that some outcome relies on.

    An outcome relies on one where, with presumptions off, the way to it is open.
    """
    law = assessment.law
    used: dict[tuple[str, str, str], list[str]] = {}
    todo: list[tuple[int, int]] = []
    for item in law.base.classifications.values():
        for index in range(len(item.outcomes)):
            head = law.plan.heads[f"{item.id}#{index}"]
            todo += [(head, row) for row in assessment.rows(item.per)]
    seen: set[tuple[int, int]] = set()
    while todo:
        index, row = todo.pop()
        if (index, row) in seen or not _relies(assessment, index, row):
            continue
        seen.add((index, row))
        node = law.plan.nodes[index]
        where = assessment.case.row_name(node.frame, row)
        if node.op == "fact":
            value = "true" if assessment.truth(index, row) is Truth.HOLDS else "false"
            used.setdefault(("presumption", str(node.param[0]), value), []).append(where)
        elif node.op == "unless" and not assessment.truth(*assessment.parts(index, row)[0]).known:
            operand = _named(law, node.args[0])
            used.setdefault(("exception", operand, "not shown"), []).append(where)
        if node.op not in LEAVES:
            todo += assessment.parts(index, row)
    found = [
        Assumption(kind, of, value, tuple(dict.fromkeys(rows)), _text(assessment, kind, of, value))
        for (kind, of, value), rows in used.items()
    ]
    found += [Assumption("date", "dates", "", (), note) for note in assessment.case.notes]
    order = {name: number for number, name in enumerate(law.base.facts)}
    return sorted(found, key=lambda item: (item.kind, order.get(item.of, 0), item.of))


def _relies(assessment: Assessment, index: int, row: int) -> bool:
    strict = assessment.worlds.strict_world
    now = assessment.truth(index, row)
    return now.known and now is not assessment.truth(index, row, strict)


def _named(law: Law, index: int) -> str:
    """What a condition is called: its id, or the ids of what it joins."""
    node = law.plan.nodes[index]
    if index in law.names:
        return law.names[index]
    if node.op == "fact":
        sign = {"is": "=", ">=": ">="}.get(str(node.param[1]), "=") if len(node.param) > 1 else ""
        return "".join(map(str, (node.param[0], sign, node.param[2]) if sign else node.param))
    joint = {"any": " or ", "all": " and "}.get(node.op)
    parts = [_named(law, part) for part in node.args]
    return joint.join(parts) if joint else f"{node.op}: {', '.join(parts)}"


def _text(assessment: Assessment, kind: str, of: str, value: str) -> str:
    base = assessment.law.base
    if kind == "presumption":
        return f"{base.facts[of].statement} Nobody said; taken as {value}."
    name = f"{base.decided[of].name}. " if of in base.decided else ""
    return f"{name}Not shown, so taken not to apply."
