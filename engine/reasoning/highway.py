"""The narrow highway: the smallest sets of changes from where a scenario is to an outcome."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Literal

from engine.model.problem import EvaluatorsDisagree
from engine.model.reasons import Answer, Blocker, Highway, Proof
from engine.model.result import NOTICE
from engine.reasoning.assess import Assessment, Engine
from engine.reasoning.circuit import FALSE
from engine.reasoning.family import Family
from engine.reasoning.gains import elements_now, name_gains
from engine.reasoning.goals import (
    Goal,
    answer_now,
    goal_literal,
    goal_rows,
    goals_literal,
    levels_of,
    reached,
    read_goal,
)
from engine.reasoning.smallest import Search
from engine.reasoning.space import Rules, Space
from engine.reasoning.variants import Rechecker, reaching
from engine.reasoning.wording import Wording, place_words


@dataclass(frozen=True)
class Budget:
    """How far a search goes, and how much of what it finds is spelt out and re-checked.

    ``sets`` caps the sets found, twins counted once; ``seconds`` the time of each search;
    ``spelt`` the sets written out one by one, of which ``listed`` are given back. ``recheck``:
    assess ``all`` of those written out from the beginning, or enough to ``cover`` every change
    in some set, or ``none``.
    """

    sets: int = 3_000
    seconds: float = 3.0
    spelt: int = 1_000
    listed: int | None = None
    recheck: Literal["cover", "all", "none"] = "cover"


def read_goals(texts: Sequence[str], assessment: Assessment, option: str = "target") -> list[Goal]:
    """The goals that a person typed.

    A classification without an outcome means its strongest one, at the most personal level that
    anything could reach here. Raises ``InputError``.
    """
    goals = [read_goal(text, assessment, option) for text in texts]
    items = assessment.law.base.classifications
    return [
        goal if "=" in text or goal.of not in items else _most_personal(goal, assessment)
        for goal, text in zip(goals, texts, strict=True)
    ]


def _most_personal(goal: Goal, assessment: Assessment) -> Goal:
    levels = levels_of(assessment.law.base.classifications[goal.of], goal.answer)
    space = Space(assessment)
    for level in levels if len(levels) > 1 else ():
        aimed = replace(goal, level=level)
        if goal_literal(aimed, space) != FALSE:
            return aimed
    return goal


def highway(
    assessment: Assessment,
    goals: Sequence[Goal],
    rules: Rules | None = None,
    *,
    most: int | None = None,
    budget: Budget | None = None,
    engine: Engine = "both",
) -> Highway:
    """Every smallest set of changes that reaches all of the goals at once.

    ``most`` caps the size of a set. Raises ``EvaluatorsDisagree`` if an evaluator does not
    confirm what the solver found.
    """
    rules, budget = rules or Rules(), budget or Budget()
    space = Space(assessment, rules)
    target = goals_literal(goals, space)
    search = Search(space.circuit, target, space.changes(), space.exclusive(), most=most)
    family = every_smallest(search, budget)
    already = all(reached(goal, assessment) for goal in goals)
    literals = {item.text: one for one in space.changes() for item in space.statements([one])}
    wording = Wording(space, [goal.of for goal in goals])
    spelt = list(islice(cheapest(family, space, wording), budget.spelt))
    planes = confirm(space, goals, spelt) if not already else 0
    checked = _rechecked(space, goals, spelt, budget, engine) if not already else {}
    blocked: list[list[Blocker]] = []
    beyond = _beyond(search) if not family.sets else None
    if not family.sets and family.complete and beyond is None:
        blocked = blockers(Space(assessment, replace(rules, release=True)), goals, budget)
    branch = None if already else wording.branch(family)
    if branch is not None:
        name_gains(branch, space, literals, wording.readers)
    return Highway(
        scenario=assessment.scenario.id,
        targets=[goal.text for goal in goals],
        now={goal.text: answer_now(goal, assessment, levels=True) for goal in goals},
        elements=elements_now(space, goals[0], spelt[0]) if len(goals) == 1 and spelt else [],
        already=already,
        reachable=bool(family.sets),
        count=0 if already else family.count,
        sizes={} if already else family.sizes(),
        changes=wording.changes(family.changes()),
        factored=branch,
        answers=[
            Answer(
                changes=wording.statements(literals),
                checked=checked[literals].engine if literals in checked else "planes",
                contested=_contested(checked.get(literals), goals),
            )
            for literals in spelt[: budget.listed]
            if literals
        ],
        blocked_by=blocked,
        proof=_proof(family, budget, planes, checked, _cap(most, beyond)),
        options=_options(rules, most),
        doctrine=dict(assessment.worlds.profiles[0]),
        notice=NOTICE,
    )


def every_smallest(search: Search, budget: Budget) -> Family:
    """All smallest sets; where the budget cuts that short, all up to some size.

    Nobody reads thousands of sets of fifty changes: it is the short ones that must all be there.
    """
    family = search.smallest(limit=budget.sets, seconds=budget.seconds)
    if family.complete:
        return family
    shortest = search.fewest(limit=budget.sets, seconds=budget.seconds)
    if not shortest.complete or not shortest.sets:
        return family
    fewest = min(shortest.sizes())
    found = replace(shortest, complete=False, up_to=fewest)
    for more in _FURTHER:
        if search.most is not None and fewest + more > search.most:
            break
        capped = replace(search, most=fewest + more)
        longer = capped.smallest(limit=budget.sets, seconds=budget.seconds / len(_FURTHER))
        if not longer.complete:
            break
        found = replace(longer, complete=False, up_to=fewest + more)
    return found


def _beyond(search: Search) -> int | None:
    """The fewest changes that are enough, where only the cap on their number stands in the way."""
    if search.most is None:
        return None
    return min(replace(search, most=None).fewest(limit=1).sizes(), default=None)


def _cap(most: int | None, beyond: int | None) -> str:
    """What a cap on the number of changes left out."""
    if most is None:
        return ""
    text = f"sets of more than {most} changes were not looked for"
    return f"{text}; the fewest changes that reach it are {beyond}" if beyond else text


_FURTHER = (1, 2, 3, 4, 6, 8)
"""How many changes more than the fewest are tried, one after the other, where all are too many."""


def first_answer(
    assessment: Assessment, goals: Sequence[Goal], rules: Rules | None = None
) -> list[str] | None:
    """One set with the fewest changes, without looking for the others; ``None`` if there is none.

    Confirmed by the plane evaluator.
    """
    space = Space(assessment, rules)
    target = goals_literal(goals, space)
    search = Search(space.circuit, target, space.changes(), space.exclusive())
    family = search.fewest(limit=1)
    for literals in family.spelt_out():
        confirm(space, goals, [literals])
        return Wording(space, [goal.of for goal in goals]).statements(literals)
    return None


def cheapest(family: Family, space: Space, wording: Wording) -> Iterator[tuple[int, ...]]:
    """The sets one by one: fewest changes first, then those that contradict less of the file."""

    def cost(literals: tuple[int, ...]) -> tuple[int, int, list[tuple[int, int, str]]]:
        contradicted = sum(space.owner[one].was is not None for one in literals)
        return len(literals), contradicted, sorted(map(wording.order, literals))

    if family.count > _SORTED:
        yield from family.spelt_out()
    else:
        yield from sorted(family.spelt_out(), key=cost)


_SORTED = 500
"""More sets than this are ordered by size alone."""


def confirm(space: Space, goals: Sequence[Goal], sets: Sequence[tuple[int, ...]]) -> int:
    """Decide every set with the plane evaluator, and every set less one change.

    Returns how many sets were confirmed. Raises ``EvaluatorsDisagree`` for one that does not
    reach the goals, or reaches them with a change to spare.
    """
    if not sets:
        return 0
    less = [
        (number, literals[:spare] + literals[spare + 1 :])
        for number, literals in enumerate(sets)
        for spare in range(len(literals))
    ]
    worlds = [*sets, *(literals for _, literals in less)]
    found = reaching(space, goals, worlds)
    wrong = [
        f"the changes {_spell(space, literals)} do not reach {_targets(goals)}"
        for world, literals in enumerate(sets)
        if not found >> world & 1
    ]
    wrong += [
        f"{_targets(goals)} is reached by {_spell(space, literals)}, a part of what was found"
        for world, (_, literals) in enumerate(less, start=len(sets))
        if found >> world & 1
    ]
    if wrong:
        raise EvaluatorsDisagree(wrong)
    return len(sets)


def _spell(space: Space, literals: Sequence[int]) -> str:
    return ", ".join(item.text for item in space.statements(literals)) or "(none)"


def _targets(goals: Sequence[Goal]) -> str:
    return " and ".join(goal.text for goal in goals)


def _rechecked(
    space: Space,
    goals: Sequence[Goal],
    spelt: Sequence[tuple[int, ...]],
    budget: Budget,
    engine: Engine,
) -> dict[tuple[int, ...], Assessment]:
    """The sets assessed from the beginning. Raises ``EvaluatorsDisagree``."""
    if budget.recheck == "none":
        return {}
    chosen = list(spelt) if budget.recheck == "all" else cover(spelt)
    found: dict[tuple[int, ...], Assessment] = {}
    checker = Rechecker(space.assessment, engine)
    for literals in chosen:
        after = checker.assess(space.statements(literals))
        missed = [goal.text for goal in goals if not reached(goal, after)]
        if missed:
            what = f"{_spell(space, literals)}: assessed anew, {', '.join(missed)} is not reached"
            raise EvaluatorsDisagree([what])
        found[literals] = after
    return found


def cover(sets: Sequence[tuple[int, ...]]) -> list[tuple[int, ...]]:
    """Some of the sets, the first among them, in which every change occurs that occurs at all."""
    seen: set[int] = set()
    chosen: list[tuple[int, ...]] = []
    for literals in sets:
        if not chosen or not seen.issuperset(literals):
            chosen.append(literals)
            seen.update(literals)
    return chosen


def _contested(after: Assessment | None, goals: Sequence[Goal]) -> list[str]:
    """The doctrines on which the outcomes reached depend."""
    if after is None:
        return []
    found: dict[str, None] = {}
    for goal in goals:
        item = after.law.base.classifications.get(goal.of)
        if item is None:
            continue
        outcomes = [group.outcome for group in after.groups(item) if group.key == goal.where]
        whole = after.outcome(item)
        for outcome in outcomes or ([whole] if whole else []):
            found.update(dict.fromkeys(outcome.contested))
    return list(found)


def blockers(space: Space, goals: Sequence[Goal], budget: Budget) -> list[list[Blocker]]:
    """What is held fixed and stands in the way: the smallest sets of things to let go.

    ``space`` is one in which what is held may be released. Empty where nothing would help.
    """
    if any(not goal_rows(goal, space.assessment) for goal in goals):
        return []
    target = goals_literal(goals, space)
    if target == FALSE:
        return []
    search = Search(
        space.circuit, target, space.releases(), space.exclusive(), free=space.changes()
    )
    family = search.smallest(limit=200, seconds=budget.seconds)
    found: dict[tuple[str, ...], list[Blocker]] = {}
    for literals in sorted(family.spelt_out(), key=len)[:50]:
        row = [_blocker(space, one) for one in literals]
        found.setdefault(tuple(sorted(item.what for item in row)), row)
    return list(found.values())


def _blocker(space: Space, literal: int) -> Blocker:
    variable = space.owner[literal]
    names = space.facts_of(variable)
    fact = space.base.facts.get(names[0]) if names else None
    statement = variable.statement(literal)
    if variable.held in ("date", "actor"):
        what = f"{variable.fact} ({place_words(variable.place)})"
    else:
        what = statement.text
    why = variable.held or "fixed"
    return Blocker(what=what, why=why, question=" ".join(fact.question.split()) if fact else "")


def _proof(
    family: Family,
    budget: Budget,
    planes: int,
    checked: dict[tuple[int, ...], Assessment],
    cap: str,
) -> Proof:
    limit = cap
    if not family.complete:
        limit = (
            f"the search for all was stopped at {budget.sets} sets or {budget.seconds:g} seconds"
        )
    both = sum(after.engine == "both" for after in checked.values())
    return Proof(
        complete=family.complete, planes=planes, both=both, limit=limit, up_to=family.up_to
    )


def _options(rules: Rules, most: int | None) -> dict[str, object]:
    held = sorted(
        fact + (f"@{place.name}" if place and place.name else "") for fact, place in rules.fixed
    )
    return {
        "fix": held,
        "only_add": rules.only_add,
        "forget": rules.forget,
        "treaties": rules.treaties,
        "settings": rules.settings,
        "apart": rules.apart,
        "max_size": most,
    }
