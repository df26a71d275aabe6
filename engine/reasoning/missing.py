"""What is missing: what would settle an open outcome, either way, and what to ask next.

The smallest sets of unknown facts are the highways that only add. A question is worth the share
of those sets that turn on it; the one worth most is the next to ask.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import islice

from engine.model.problem import EvaluatorsDisagree
from engine.model.reasons import Answer, Missing, OpenOutcome, Proof, Question, Settling
from engine.model.records import Provision, Value
from engine.model.result import NOTICE
from engine.reasoning.assess import Assessment, Engine
from engine.reasoning.family import Family
from engine.reasoning.goals import (
    TRUTHS,
    Goal,
    answer_now,
    goal_literal,
    reached,
    reaching_worlds,
    read_goal,
)
from engine.reasoning.highway import Budget, blockers, cheapest, every_smallest
from engine.reasoning.places import Place, word
from engine.reasoning.readers import Readers, stage_order
from engine.reasoning.smallest import Search
from engine.reasoning.space import Rules, Space, Variable
from engine.reasoning.variants import Rechecker, variants
from engine.reasoning.wording import Wording
from engine.rulebase.rulebase import Rulebase

Asked = tuple[str, Place]
"""A fact in a place that was asked about, and to which nobody knows the answer."""

SEARCH = Budget(sets=500, seconds=2.0, spelt=200)
"""How far a search for one outcome goes by default."""

ASKING = Budget(sets=300, seconds=1.0, spelt=100)
"""Enough of a search to tell which question is worth most."""


@dataclass
class Way:
    """One open outcome, one definite answer to it, and the smallest sets that give it."""

    target: Goal
    goal: Goal
    family: Family


@dataclass
class Gaps:
    """Every way in which what is open could be settled, over one space of unknown facts."""

    space: Space
    ways: list[Way] = field(default_factory=list)

    @cached_property
    def released(self) -> Space:
        """The same space with what is held let go, to see what stands in the way."""
        return Space(self.space.assessment, replace(self.space.rules, release=True))


def open_targets(assessment: Assessment) -> list[Goal]:
    """The outcomes that are open, part by part, in the order of the classifications."""
    return [
        Goal(item.id, item.open, group.key)
        for item in assessment.law.base.classifications.values()
        for group in assessment.groups(item)
        if group.outcome.label == item.open
    ]


def open_goals(texts: Sequence[str], assessment: Assessment) -> list[Goal]:
    """What a person asks about, as open outcomes; what is settled is left out.

    ``CLASSIFICATION[@PART]`` or the id of a provision or body. Raises ``InputError``.
    """
    found: list[Goal] = []
    for text in texts:
        goal = read_goal(text, assessment)
        item = assessment.law.base.classifications.get(goal.of)
        if item is None:
            found.append(Goal(goal.of, "unknown", goal.where))
        elif goal.where:
            found.append(Goal(goal.of, item.open, goal.where))
        else:
            keys = [group.key for group in assessment.groups(item)]
            found += [Goal(item.id, item.open, key) for key in keys]
    return [goal for goal in dict.fromkeys(found) if reached(goal, assessment)]


def gaps(
    assessment: Assessment,
    targets: Sequence[Goal] | None = None,
    *,
    unknowable: Collection[Asked] = (),
    treaties: bool = False,
    budget: Budget = SEARCH,
) -> Gaps:
    """The smallest sets of unknown facts that settle each target, for each definite answer.

    ``unknowable`` facts stay unknown. Every set is confirmed by the plane evaluator; raises
    ``EvaluatorsDisagree`` for one that is not.
    """
    rules = Rules(fixed=frozenset(unknowable), only_add=True, treaties=treaties)
    found = Gaps(Space(assessment, rules))
    space = found.space
    for target in open_targets(assessment) if targets is None else targets:
        item = assessment.law.base.classifications.get(target.of)
        names: Sequence[str] = item.strongest if item else TRUTHS
        still = item.open if item else "unknown"
        for name in names:
            if name == still:
                continue
            goal = Goal(target.of, name, target.where)
            literal = goal_literal(goal, space)
            search = Search(space.circuit, literal, space.changes(), space.exclusive())
            family = every_smallest(search, budget)
            found.ways.append(Way(target, goal, family))
    _confirm(found, budget)
    return found


def _confirm(found: Gaps, budget: Budget) -> None:
    """One plane evaluation of every set found, spelt out as far as the budget goes."""
    worlds: list[tuple[int, ...]] = []
    spans = []
    for way in found.ways:
        spelt = list(islice(way.family.spelt_out(), budget.spelt))
        spans.append((len(worlds), spelt))
        worlds += spelt
    if not worlds:
        return
    full = (1 << len(worlds)) - 1
    values = variants(found.space, worlds)
    for way, (start, spelt) in zip(found.ways, spans, strict=True):
        plane = reaching_worlds(way.goal, found.space.assessment, values, full)
        for number, literals in enumerate(spelt, start=start):
            if not plane >> number & 1:
                text = ", ".join(item.text for item in found.space.statements(literals))
                raise EvaluatorsDisagree([f"{text} does not reach {way.goal.text}"])


def missing(
    assessment: Assessment,
    targets: Sequence[Goal] | None = None,
    *,
    unknowable: Collection[Asked] = (),
    treaties: bool = False,
    budget: Budget = SEARCH,
    engine: Engine = "both",
) -> Missing:
    """What is open, what would settle it either way, and the questions worth asking, ranked.

    With ``targets`` only these outcomes are looked at. The cheapest set of each answer is
    assessed from the beginning with ``engine`` unless the budget says not to re-check.
    """
    found = gaps(assessment, targets, unknowable=unknowable, treaties=treaties, budget=budget)
    wording = Wording(found.space, {way.target.of for way in found.ways})
    checker = Rechecker(assessment, engine) if budget.recheck != "none" else None
    parts: dict[Goal, list[Settling]] = {}
    for way in found.ways:
        parts.setdefault(way.target, []).append(_settling(way, found, wording, checker, budget))
    used = {one for way in found.ways for one in way.family.changes()}
    return Missing(
        scenario=assessment.scenario.id,
        open=[
            OpenOutcome(
                target=target.text,
                classification=target.of,
                part=target.where,
                outcome=answer_now(target, assessment),
                settled_by=settled,
            )
            for target, settled in parts.items()
        ],
        questions=_questions(found, wording),
        changes=wording.changes(used),
        doctrine=dict(assessment.worlds.profiles[0]),
        strict=assessment.worlds.strict,
        notice=NOTICE,
    )


def _settling(
    way: Way, found: Gaps, wording: Wording, checker: Rechecker | None, budget: Budget
) -> Settling:
    spelt = list(islice(cheapest(way.family, found.space, wording), budget.spelt))
    both = 0
    if spelt and checker is not None:
        after = checker.assess(found.space.statements(spelt[0]))
        if not reached(way.goal, after):
            raise EvaluatorsDisagree([f"assessed anew, {way.goal.text} is not reached"])
        both = int(after.engine == "both")
    blocked = []
    if not way.family.sets and way.family.complete:
        blocked = blockers(found.released, [way.goal], budget)
    return Settling(
        outcome=way.goal.answer,
        count=way.family.count,
        sizes=way.family.sizes(),
        factored=wording.branch(way.family),
        answers=[
            Answer(
                changes=wording.statements(literals),
                checked="both" if both and not number else "planes",
            )
            for number, literals in enumerate(spelt)
        ],
        proof=Proof(
            complete=way.family.complete,
            planes=len(spelt),
            both=both,
            limit="" if way.family.complete else f"stopped at {budget.sets} sets",
            up_to=way.family.up_to,
        ),
        blocked_by=blocked,
    )


def next_questions(
    assessment: Assessment,
    targets: Sequence[Goal] | None = None,
    *,
    unknowable: Collection[Asked] = (),
    treaties: bool = False,
    budget: Budget = ASKING,
) -> list[Question]:
    """The questions worth asking, the one that decides most first; empty if nothing is open.

    Those on which a headline question turns come before those of its sections (whether a
    court could hear the case is asked once it is known that there is one).

    ``unknowable`` are those already asked to which the answer was "don't know".
    """
    found = gaps(assessment, targets, unknowable=unknowable, treaties=treaties, budget=budget)
    return _questions(found, Wording(found.space, {way.target.of for way in found.ways}))


def next_question(
    assessment: Assessment,
    targets: Sequence[Goal] | None = None,
    *,
    unknowable: Collection[Asked] = (),
    budget: Budget = ASKING,
) -> Question | None:
    """The question that decides most, or ``None`` where no answer could settle anything."""
    found = next_questions(assessment, targets, unknowable=unknowable, budget=budget)
    return found[0] if found else None


@dataclass
class _Weight:
    """What a question is worth, and why."""

    weight: float = 0.0
    sets: int = 0
    settles: dict[str, dict[str, None]] = field(default_factory=dict)
    targets: dict[Goal, None] = field(default_factory=dict)


def _questions(found: Gaps, wording: Wording) -> list[Question]:
    weights = _weigh(found)
    total = sum(item.weight for item in weights.values()) or 1.0
    readers: dict[str, Readers] = {}
    space = found.space
    rows = []
    for key, item in weights.items():
        variable = space.variables[key]
        first = next(iter(item.targets))
        if first.of not in readers:
            readers[first.of] = Readers(space.assessment.law, [first.of])
        names = space.facts_of(variable)
        provision = readers[first.of].nearest(names[0]) if names else None
        rows.append(_question(space, variable, item, item.weight / total, provision))
    order = {name: number for number, name in enumerate(space.base.facts)}
    rows.sort(
        key=lambda one: (
            not any(_headline(found, target) for target in one.targets),
            -round(one.weight, 9),
            stage_order(one.stage),
            order.get(one.fact, len(order)),
            one.statement,
        )
    )
    return rows


def _headline(found: Gaps, target: str) -> bool:
    """Whether a target is one of the main questions, and not a section of one."""
    item = found.space.base.classifications.get(target.partition("=")[0])
    return item is None or not item.section


def _weigh(found: Gaps) -> dict[tuple[str, Place], _Weight]:
    """The Deegan-Packel index of every unknown fact, summed over the open outcomes.

    Every smallest set counts the same and divides its share equally among its facts.
    """
    weights: dict[tuple[str, Place], _Weight] = {}
    answered: dict[Goal, int] = {}
    for way in found.ways:
        answered[way.target] = answered.get(way.target, 0) + bool(way.family.sets)
    for way in found.ways:
        share = 1.0 / max(1, way.family.count) / max(1, answered[way.target])
        for literal, sizes in way.family.containing().items():
            variable = found.space.owner[literal]
            item = weights.setdefault((variable.fact, variable.place), _Weight())
            item.weight += share * sum(count / number for number, count in sizes.items())
            item.sets += sum(sizes.values())
            item.targets[way.target] = None
            if 1 in sizes:
                answer = word(variable.options[literal])
                item.settles.setdefault(answer, {})[way.goal.text] = None
    return weights


def _question(
    space: Space, variable: Variable, item: _Weight, weight: float, provision: Provision | None
) -> Question:
    base = space.base
    names = space.facts_of(variable)
    fact = base.facts[names[0] if names else variable.fact]
    values: list[Value] = [True, False]
    if fact.type == "choice":
        values = list(fact.values)
    cite = base.citation(provision) if provision else ""
    where = f"@{variable.place.name}" if variable.place.name else ""
    return Question(
        fact=fact.id,
        place=variable.place.text,
        statement=variable.fact + where,
        question=" ".join(fact.question.split()),
        is_not=" ".join(fact.is_not.split()),
        values=["a whole number"] if fact.type == "integer" else [word(one) for one in values],
        judged=fact.judged,
        speaks_for=list(fact.factors.speaks_for),
        speaks_against=list(fact.factors.speaks_against),
        weight=round(weight, 6),
        sets=item.sets,
        settles={value: list(goals) for value, goals in item.settles.items()},
        targets=[goal.text for goal in item.targets],
        stage=provision.stage if provision else "",
        provision=provision.id if provision else "",
        name=provision.name if provision else "",
        cite=cite,
        reason=_reason(space, item, provision, cite),
    )


def _reason(space: Space, item: _Weight, provision: Provision | None, cite: str) -> str:
    """Why the question is asked, in a sentence or two."""
    base = space.base
    names = {goal.of: base.classifications.get(goal.of) for goal in item.targets}
    asked = [record.name if record else name for name, record in names.items()]
    text = f"Still open: {', '.join(asked)}."
    if provision is not None:
        text += f" {provision.name} turns on it ({cite})."
    settled = []
    for value, goals in item.settles.items():
        words = ", ".join(_goal_words(goal, base) for goal in goals)
        settled.append(f"{_ANSWERS.get(value, value)} alone settles it: {words}")
    return text + (f" The answer {'; '.join(settled)}." if settled else "")


_ANSWERS = {"true": "yes", "false": "no"}


def _goal_words(text: str, base: Rulebase) -> str:
    """An outcome as a sentence would name it."""
    target, _, where = text.partition("@")
    of, _, label = target.partition("=")
    item = base.classifications.get(of)
    named = f"{item.name if item else of} {label.replace('_', ' ')}"
    return f"{named} ({where})" if where else named
