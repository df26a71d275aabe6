"""Two scenarios: which differences in fact produce which differences in law.

The parts of the second are matched with those of the first (by name, then in order). Starting
from the first, the smallest sets of differences that give it the second's outcome are searched
as highways are; nothing but the differences may change.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from engine.inference.grounding import Case
from engine.inference.plan import Node
from engine.model.frames import Frame
from engine.model.problem import EvaluatorsDisagree, InputError, nearest
from engine.model.reasons import Branch, Choice, Compare, FactChange, Produced
from engine.model.records import Classification, Value
from engine.model.result import NOTICE
from engine.model.truth import Truth
from engine.reasoning.assess import Assessment, Group
from engine.reasoning.circuit import FALSE, TRUE, Circuit, Pair, Wiring
from engine.reasoning.difference import Spot, deciding, outcome_spots, path
from engine.reasoning.factoring import Factored, factored
from engine.reasoning.family import Family
from engine.reasoning.goals import Goal, answers, goal_literal
from engine.reasoning.places import (
    Place,
    Statement,
    declaration_place,
    in_force_at,
    layers,
    treaty_place,
    word,
)
from engine.reasoning.readers import Readers
from engine.reasoning.smallest import Search
from engine.reasoning.variants import Overrides, decide
from engine.reasoning.wording import describe, place_words

LIMIT = 2_000
"""Smallest sets of differences looked for, per difference in law."""


@dataclass
class Match:
    """The parts of the second scenario that stand for those of the first."""

    actors: dict[str, str]
    states: dict[str, str]
    episodes: dict[str, str]
    alone: list[str]

    @property
    def all(self) -> dict[str, str]:
        """Every pair, by the name in the first."""
        return {**self.actors, **self.states, **self.episodes}


def match_parts(first: Assessment, second: Assessment, chosen: Mapping[str, str]) -> Match:
    """Parts with the names ``chosen``, then with the same name, then in order.

    Raises ``InputError`` for a chosen part that does not exist.
    """
    one, two = first.scenario, second.scenario
    mine = [list(one.actors), list(one.states), list(one.episodes)]
    theirs = [list(two.actors), list(two.states), list(two.episodes)]
    for left, right in chosen.items():
        for name, kinds in ((left, mine), (right, theirs)):
            known = [part for kind in kinds for part in kind]
            if name not in known:
                hint = nearest(name, known) or "parts: " + ", ".join(known)
                raise InputError.single("--match", f"no such part: {name}", hint)
    pairs: list[dict[str, str]] = []
    alone: list[str] = []
    for names, others in zip(mine, theirs, strict=True):
        found = {}
        for name in names:
            wanted = chosen.get(name, name)
            if wanted in others:
                found[name] = wanted
                others.remove(wanted)
        rest = [name for name in names if name not in found]
        found.update(zip(rest, others, strict=False))
        alone += rest[len(others) :] + others[len(rest) :]
        pairs.append(found)
    actors, states, episodes = pairs
    return Match(actors, states, episodes, alone)


@dataclass
class Difference:
    """A fact that the second scenario has otherwise, and the leaves of the first it moves."""

    change: FactChange
    leaves: dict[tuple[int, int], Truth] = field(default_factory=dict)


class Differences:
    """Every difference in fact, as the changes of a circuit over the first scenario."""

    def __init__(self, first: Assessment, second: Assessment, match: Match) -> None:
        self.assessment = first
        self.second = second
        self.match = match
        self.readers = Readers(first.law, first.law.base.classifications)
        self.circuit = Circuit()
        self.found: dict[tuple[str, Place], Difference] = {}
        self._rows = {frame: self._counterparts(frame) for frame in Frame}
        self._collect()
        self.literals = {self.circuit.input(): item for item in self.found.values()}
        self._moved = {
            leaf: (literal, truth)
            for literal, item in self.literals.items()
            for leaf, truth in item.leaves.items()
        }
        self.wiring = Wiring(
            first.law.plan,
            first.case.layout,
            self.circuit,
            self._leaf,
            lenient=not first.worlds.strict,
        )

    def counterpart(self, frame: Frame, row: int) -> int | None:
        """The row of the second scenario that stands for a row of the first."""
        return self._rows[frame][row]

    def _counterparts(self, frame: Frame) -> list[int | None]:
        mine, theirs = self.assessment.case, self.second.case
        names = {self._key(theirs, frame, row): row for row in self.second.rows(frame)}
        rows = self.assessment.rows(frame)
        return [names.get(self._key(mine, frame, row, self.match)) for row in rows]

    def _key(
        self, case: Case, frame: Frame, row: int, match: Match | None = None
    ) -> tuple[object, ...]:
        """The names of a row's parts; those of the first scenario as the second calls them."""
        parts = case.layout.rows[frame][row]
        found: list[object] = []
        if frame in (Frame.ACTOR, Frame.CHARGE):
            actor = case.actors[parts[0]]
            found.append(match.actors.get(actor or "", actor) if match else actor)
        if frame in (Frame.STATE, Frame.DUTY):
            state = case.states[parts[0]]
            found.append(match.states.get(state, "") if match else state)
        if frame in (Frame.EPISODE, Frame.CHARGE, Frame.DUTY):
            period = case.periods[parts[-1]]
            name = period.episode
            found += [match.episodes.get(name, name) if match else name, period.part]
        return tuple(found)

    def _collect(self) -> None:
        for index, node in enumerate(self.assessment.law.plan.nodes):
            if node.op != "fact":
                continue
            for row in self.assessment.rows(node.frame):
                other = self.counterpart(node.frame, row)
                if other is None:
                    continue
                truth = self.second.truth(index, other)
                if truth is not self.assessment.truth(index, row):
                    self._add(index, row, other, truth)

    def _add(self, index: int, row: int, other: int, truth: Truth) -> None:
        node = self.assessment.law.plan.nodes[index]
        fact = self.assessment.law.base.facts[str(node.param[0])]
        statement, now = self._statement(fact.id, node, row, other)
        key = (statement.fact, statement.place)
        if key not in self.found:
            change = describe(statement, now, self.assessment.law.base, self.readers, fact.id)
            if statement.place.path[-1] in ("dates", "entered"):
                change.statement = f"{fact.id} ({place_words(statement.place)})"
            self.found[key] = Difference(change)
        self.found[key].leaves[(index, row)] = truth

    def _statement(self, name: str, node: Node, row: int, other: int) -> tuple[Statement, str]:
        """How the difference would be written into the first scenario, and what it says now."""
        case = self.assessment.case
        fact = self.assessment.law.base.facts[name]
        head, _, key = name.partition(".")
        parts = case.layout.rows[node.frame][row]
        if fact.derived:
            truth = self.second.case.value(node.frame, other, node)
            value: Value = {Truth.HOLDS: True, Truth.FAILS: False}.get(truth)
            now = case.value(node.frame, row, node).value
            if head in ("bound", "signed"):
                return Statement(key, treaty_place(case.states[parts[0]]), value), now
            if head == "accepted":
                item = self.assessment.law.base.instruments[key].declaration or key
                return Statement(item, declaration_place(case.states[parts[0]]), value), now
            kind = "dates" if head == "in_force" else "entered"
            where = case.row_name(node.frame, row)
            return Statement(name, Place(("episodes", where, kind)), value), now
        value = self.second.case.stated(node.frame, other, name)
        now = word(case.stated(node.frame, row, name))
        place = in_force_at(case, fact, node.frame, row)
        known = self.found.get((name, place))
        if known is not None and known.change.becomes != word(value):
            place = layers(case, node.frame, row)[0]  # told apart in the second scenario only
        return Statement(name, place, value), now

    def _leaf(self, index: int, row: int) -> Pair:
        now = self.assessment.truth(index, row)
        literal, then = self._moved.get((index, row), (FALSE, now))
        if then is now:
            return (TRUE if now is Truth.HOLDS else FALSE, TRUE if now is Truth.FAILS else FALSE)

        def plane(wanted: Truth) -> int:
            return -literal if now is wanted else literal if then is wanted else FALSE

        return plane(Truth.HOLDS), plane(Truth.FAILS)

    def overrides(self, sets: list[tuple[int, ...]]) -> Overrides:
        """The leaves of the first scenario in worlds that take over some differences."""
        found: Overrides = {}
        for number, literals in enumerate(sets):
            for literal in literals:
                for leaf, truth in self.literals[literal].leaves.items():
                    found.setdefault(leaf, []).append((1 << number, truth))
        return found


def compare(
    first: Assessment, second: Assessment, *, match: Mapping[str, str] | None = None
) -> Compare:
    """The differences in fact and in law, and which of the first produce which of the second.

    Both must be assessed under the same law and profile. Raises ``InputError`` for a part named
    in ``match`` that does not exist.
    """
    matched = match_parts(first, second, match or {})
    found = Differences(first, second, matched)
    law: list[Produced] = []
    same: dict[str, str] = {}
    used: set[int] = set()
    for item in first.law.base.classifications.values():
        theirs = {_renamed(group.key, {}): group for group in second.groups(item)}
        for group in first.groups(item):
            other = theirs.get(_renamed(group.key, matched.all))
            if other is None:
                continue
            if group.outcome.label == other.outcome.label:
                same[f"{item.id}@{group.key}"] = group.outcome.label
                continue
            law.append(_produced(found, item, group, other, used))
    idle = [change.change.statement for one, change in found.literals.items() if one not in used]
    return Compare(
        first=first.scenario.id,
        second=second.scenario.id,
        matched={mine: theirs for mine, theirs in matched.all.items() if mine != theirs},
        unmatched=matched.alone,
        differences={item.change.statement: item.change for item in found.found.values()},
        law=law,
        same=same,
        idle=idle,
        doctrine=dict(first.worlds.profiles[0]),
        notice=NOTICE,
    )


def _renamed(key: str, names: Mapping[str, str]) -> str:
    """A group's key as the other scenario calls it."""
    return "×".join(names.get(part, part) for part in key.split("×"))


def _produced(
    found: Differences, item: Classification, group: Group, other: Group, used: set[int]
) -> Produced:
    goal = Goal(item.id, other.outcome.label, group.key)
    search = Search(found.circuit, goal_literal(goal, found), list(found.literals))
    family = search.smallest(limit=LIMIT, seconds=2.0)
    sets = list(family.spelt_out())
    note, because = "", []
    if sets:
        values = decide(found.assessment, len(sets), found.overrides(sets))
        reached = answers(goal, found.assessment, values, (1 << len(sets)) - 1)
        if reached.get(goal.answer, 0) != (1 << len(sets)) - 1:
            raise EvaluatorsDisagree([f"the differences found do not give {goal.text}"])
        assessment = found.assessment

        def then(index: int, row: int) -> Truth:
            true, false = assessment.law.evaluator.get(values, row, index)
            if true & 1:
                return Truth.HOLDS
            return Truth.FAILS if false & 1 else Truth.UNKNOWN

        start = outcome_spots(assessment, item, group.rows)
        spots = path(assessment, _differing(assessment, then), start)
        because = deciding(assessment, assessment.truth, then, spots)
    else:
        note = (
            "the facts that both scenarios can state do not make this difference: it lies in how "
            "many actors, episodes, periods or States there are"
        )
    used.update(literal for literals in sets for literal in literals)
    always = set.intersection(*map(set, sets)) if sets else set()
    return Produced(
        classification=item.id,
        part=group.key,
        other_part=other.key,
        first=group.outcome.label,
        second=other.outcome.label,
        produced_by=_branch(found, family),
        count=len(sets),
        always=[found.literals[one].change.statement for one in sorted(always)],
        because=because,
        complete=family.complete,
        note=note,
    )


def _differing(assessment: Assessment, then: Callable[[int, int], Truth]) -> set[Spot]:
    """Every node and row with another value in the world of ``then``."""
    return {
        (index, row)
        for index, node in enumerate(assessment.law.plan.nodes)
        for row in assessment.rows(node.frame)
        if assessment.truth(index, row) is not then(index, row)
    }


def _branch(found: Differences, family: Family) -> Branch | None:
    tree = factored(frozenset(literals) for literals in family.spelt_out())
    return None if tree is None else _written(found, tree)


def _written(found: Differences, tree: Factored[int]) -> Branch:
    core = [found.literals[one].change.statement for one in tree.core]
    choices = [
        Choice(options=[_written(found, option) for option in options]) for options in tree.choices
    ]
    low = len(core) + sum(min(o.sizes[0] for o in choice.options) for choice in choices)
    high = len(core) + sum(max(o.sizes[1] for o in choice.options) for choice in choices)
    return Branch(core=core, choices=choices, ways=tree.count, sizes=[low, high])
