"""Why an answer is what it is: reasons for the rows that have it, in stages."""

from __future__ import annotations

from collections.abc import Sequence

from engine.model.element import Element
from engine.model.reasons import Branch, Choice
from engine.model.result import NOTICE
from engine.model.why import Leaf, Reason, Why
from engine.reasoning.assess import Assessment
from engine.reasoning.elements import Spot, explain, fact_element
from engine.reasoning.factoring import Factored, factored
from engine.reasoning.goals import Goal
from engine.reasoning.misses import why_not
from engine.reasoning.proof import Grounds, Proof, ways
from engine.reasoning.smallest import Family
from engine.reasoning.stages import in_stages
from engine.reasoning.targets import (
    cite_of,
    contested_by,
    deciding_spots,
    is_strongest,
    item_of,
    now,
    record_of,
    row_answers,
    row_name,
)


def why(assessment: Assessment, goal: Goal, *, every: bool = False) -> Why:
    """The strongest reason for the answer that the goal's rows have now.

    Where one row is enough for the answer, the row with the strongest reason is shown;
    otherwise all rows are, since the answer rests on each. ``every``: all rows, with every way
    in which each value comes about, and the number of smallest reasons. Where the answer is
    that nothing is shown, ``open`` says what keeps it open.
    """
    asked, goal = goal, now(goal, assessment)
    grounds = Grounds(assessment)
    answers = row_answers(goal, assessment)
    rows = [row for row, answer in answers.items() if answer == goal.answer]
    proofs = {row: _proof(grounds, goal, row) for row in rows}
    found = {row: proof for row, proof in proofs.items() if proof is not None}
    chosen = sorted(found, key=lambda row: grounds.weakness(found[row][1].leaves))
    if is_strongest(goal, assessment) and not every:
        chosen = chosen[:1]
    reasons = _reasons(grounds, goal, [(row, *found[row]) for row in chosen], every)
    shown = {name for reason in reasons for name in reason.rows}
    contested, sensitive = contested_by(goal, assessment)
    record, item = record_of(goal, assessment), item_of(goal, assessment)
    says = item.says.get(goal.answer, "") if item else getattr(record, "says", "")
    answer = Why(
        scenario=assessment.scenario.id,
        target=f"{goal.of}@{goal.where}" if goal.where else goal.of,
        name=record.name,
        cite=cite_of(goal, assessment),
        says=" ".join(says.split()),
        answer=goal.answer,
        level=reasons[0].level if reasons else None,
        reasons=reasons,
        other_rows={
            name: label
            for row, label in answers.items()
            if (name := row_name(goal, assessment, row)) not in shown
            and (reasons or label != goal.answer)
        },
        contested=contested,
        sensitive_to=sensitive,
        doctrine=dict(assessment.worlds.profiles[0]),
        strict=assessment.worlds.strict,
        notice=NOTICE,
    )
    if not reasons or asked.answer not in (goal.answer, ""):
        answer.open = why_not(assessment, _wanted(asked, goal, assessment))
    elif every:
        _add_every_reason(answer, grounds, goal, chosen[0])
    return answer


def _wanted(asked: Goal, goal: Goal, assessment: Assessment) -> Goal:
    """The answer whose absence is to be explained: the one asked for, else the strongest."""
    if asked.answer and asked.answer != goal.answer:
        return asked
    item = item_of(goal, assessment)
    return Goal(goal.of, item.strongest[0] if item else "holds", goal.where)


def _proof(grounds: Grounds, goal: Goal, row: int) -> tuple[Spot, Proof] | None:
    """The node that decides a row, and its strongest proof."""
    spots = deciding_spots(goal, grounds.assessment, row)
    if not spots:
        return None
    target = grounds.circuit.any([grounds.literal(spot) for spot in spots])
    proof = Proof(grounds, grounds.strongest(target))
    return next(spot for spot in spots if proof.value(spot).known), proof


def _reasons(
    grounds: Grounds, goal: Goal, found: Sequence[tuple[int, Spot, Proof]], every: bool
) -> list[Reason]:
    """One reason for each set of leaves, with all the rows that it is the reason for."""
    assessment = grounds.assessment
    item = item_of(goal, assessment)
    reasons: dict[frozenset[int], Reason] = {}
    for row, spot, proof in found:
        name, key = row_name(goal, assessment, row), frozenset(proof.leaves)
        if key in reasons:
            reasons[key].rows.append(name)
            continue
        choose = (lambda part: ways(assessment, part)) if every else proof.parts
        tree = explain(assessment, spot, choose, once=True)
        reasons[key] = Reason.model_construct(
            row=name,
            rows=[name],
            answer=goal.answer,
            level=assessment.row_outcome(item, row).level if item else None,
            stages=in_stages(tree, item.elements if item else ()),
            leaves=[leaf_of(grounds, one) for one in sorted(proof.leaves, key=grounds.order)],
        )
    return list(reasons.values())


def leaf_of(grounds: Grounds, literal: int) -> Leaf:
    """A leaf of a proof as it is published."""
    assessment, premise = grounds.assessment, grounds.premises[literal]
    base = assessment.law.base
    if premise.basis == "view taken":
        view = assessment.worlds.profiles[0][premise.id]
        doctrine = base.doctrines[premise.id]
        return Leaf.model_construct(
            statement=f"{premise.id}={view}",
            id=premise.id,
            basis=premise.basis,
            value=view,
            place="",
            question=" ".join(doctrine.question.split()),
        )
    if premise.basis == "not shown":
        record = base.decided.get(premise.id)
        return Leaf.model_construct(
            statement=f"not shown: {premise.id}",
            id=premise.id,
            basis=premise.basis,
            value="not shown",
            place=premise.place.partition(" #")[0],
            question=record.name if record else premise.id,
        )
    element: Element = fact_element(assessment, *premise.spot)
    where = "" if premise.basis != "worked out" else f"@{premise.place}"
    return Leaf.model_construct(
        statement=f"{premise.id}{where or _at(premise.place)}={element.value}",
        id=premise.id,
        basis=premise.basis,
        value=element.value,
        place=premise.place,
        question=" ".join(base.facts[premise.id].question.split()),
        source=element.source,
        note=element.note,
        judged=element.judged,
    )


def _at(place: str) -> str:
    """The part of a statement that says where it is made."""
    parts = place.split(".")
    if len(parts) == 1:
        return ""
    return f"@{parts[3]}×{parts[1]}" if len(parts) == 4 else f"@{parts[1]}"


def _add_every_reason(answer: Why, grounds: Grounds, goal: Goal, row: int) -> None:
    """Count and spell out every smallest reason of the row shown first."""
    spots = deciding_spots(goal, grounds.assessment, row)
    target = grounds.circuit.any([grounds.literal(spot) for spot in spots])
    family = grounds.all_reasons(target)
    answer.count, answer.complete = family.count, family.complete
    used = family.changes()
    names = {one: leaf_of(grounds, one) for one in sorted(used, key=grounds.order)}
    answer.leaves = {leaf.statement: leaf for leaf in names.values()}
    answer.factored = _branch(family, {one: leaf.statement for one, leaf in names.items()})


def _branch(family: Family, names: dict[int, str]) -> Branch | None:
    tree = factored(frozenset(names[one] for one in literals) for literals in family.spelt_out())
    return None if tree is None else _spelt(tree)


def _spelt(tree: Factored[str]) -> Branch:
    choices = [Choice(options=[_spelt(option) for option in options]) for options in tree.choices]
    low = len(tree.core) + sum(min(o.sizes[0] for o in choice.options) for choice in choices)
    high = len(tree.core) + sum(max(o.sizes[1] for o in choice.options) for choice in choices)
    return Branch(core=list(tree.core), choices=choices, ways=tree.count, sizes=[low, high])
