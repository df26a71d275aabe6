"""Every fact pattern of one shape at once, as free inputs of a circuit.

A fact pattern says of each fact, on each row that reads it, that it is true, false or not
known (or a value, or a number on either side of each threshold), on what day each episode
happened, and for each State which treaties bind it. With ``apart`` a fact may be stated
differently wherever a scenario can restate it; otherwise it is stated once for each part of the
scenario that it is about. A pattern can be written out as a scenario file.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import yaml

from engine.inference.grounding import leaf_truth
from engine.inference.layout import Layout, layout_of
from engine.inference.plan import Node, Plan
from engine.model.frames import Frame
from engine.model.records import Fact
from engine.model.truth import Truth
from engine.reasoning.circuit import FALSE, TRUE, Circuit, Pair, Wiring
from engine.rulebase.rulebase import Rulebase

ACTORS, EPISODES, STATES = ("first", "second"), ("e1", "e2"), ("STATE_ONE", "STATE_TWO")
SIGNED = "signed"
"""The entry of a State that has signed a treaty and is not bound by it."""
_SOME_DAY = date(2020, 1, 1)


@dataclass(frozen=True)
class Shape:
    """So many actors, episodes and States; all actors took part in all episodes."""

    actors: int = 1
    episodes: int = 1
    states: int = 1

    @property
    def layout(self) -> Layout:
        """The rows."""
        return layout_of(self.actors, self.episodes, self.states)

    @property
    def text(self) -> str:
        """The shape in words."""
        parts = [(self.actors, "actor"), (self.episodes, "episode"), (self.states, "State")]
        return ", ".join(f"{number} {word}{'' if number == 1 else 's'}" for number, word in parts)


@dataclass(frozen=True)
class Key:
    """What a free input is about. ``side`` tells two patterns apart where they may differ."""

    what: str
    name: str
    frame: Frame
    row: int
    side: int = 0


@dataclass
class Variable:
    """A question of the pattern; each literal of ``options`` is one answer, none is silence."""

    key: Key
    options: dict[int, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Answer:
    """One answer that a pattern gives."""

    key: Key
    value: Any


class Patterns:
    """The circuit of a plan over every fact pattern of a shape.

    ``views`` fixes the view of every doctrine; a doctrine left out is free. ``strict`` switches
    presumptions off. ``signatures``: a State may also have signed a treaty only, which no
    scenario of an invented State can say.
    """

    def __init__(
        self,
        base: Rulebase,
        plan: Plan,
        shape: Shape,
        *,
        views: Mapping[str, str],
        strict: bool,
        apart: bool = False,
        signatures: bool = False,
    ) -> None:
        self.base = base
        self.plan = plan
        self.shape = shape
        self.views = views
        self.strict = strict
        self.apart = apart
        self.signatures = signatures
        self.circuit = Circuit()
        self.variables: dict[Key, Variable] = {}
        self.owner: dict[int, Variable] = {}
        self._numbers, self._days = _thresholds(plan), _days(base, plan)

    def wiring(self, side: int = 0, differing: Collection[str] = ()) -> Wiring:
        """The plan over one pattern. Sides share every fact that is not ``differing``."""

        def leaf(index: int, row: int) -> Pair:
            return self._leaf(self.plan.nodes[index], row, side, differing)

        return Wiring(self.plan, self.shape.layout, self.circuit, leaf, lenient=not self.strict)

    def exclusive(self) -> list[list[int]]:
        """Answers of which only one can be given."""
        return [list(one.options) for one in self.variables.values() if len(one.options) > 1]

    def answers(self, literals: Iterable[int]) -> list[Answer]:
        """What the literals say, in the order in which they were met."""
        chosen = set(literals)
        return [
            Answer(one.key, value)
            for one in self.variables.values()
            for literal, value in one.options.items()
            if literal in chosen
        ]

    def _variable(self, key: Key, values: Iterable[Any]) -> Variable:
        if key not in self.variables:
            found = self.variables[key] = Variable(key)
            for value in values:
                literal = self.circuit.input()
                found.options[literal] = value
                self.owner[literal] = found
        return self.variables[key]

    def _leaf(self, node: Node, row: int, side: int, differing: Collection[str]) -> Pair:
        name = str(node.param[0])
        if node.op == "view":
            return self._view(name, str(node.param[1]))
        fact = self.base.facts[name]
        side = side if name in differing else 0
        if fact.derived:
            return self._derived(name, node.frame, row, side)
        frame, number = node.frame, row
        if not self.apart:
            number = self.shape.layout.related(node.frame, row, fact.scope)[0]
            frame = fact.scope
        presumed = None if self.strict or fact.type != "tri" else fact.presumed
        key = Key("fact", name, frame, number, side)
        variable = self._variable(key, self._values(fact, presumed))
        truths = {one: leaf_truth(value, node) for one, value in variable.options.items()}
        return self._pair(truths, Truth.of(presumed))

    def _pair(self, truths: Mapping[int, Truth], silent: Truth) -> Pair:
        """The literals of a leaf: what each answer makes of it, and what silence does."""

        def literal(wanted: Truth) -> int:
            if silent is wanted:
                return -self.circuit.any(one for one, truth in truths.items() if truth != wanted)
            return self.circuit.any(one for one, truth in truths.items() if truth is wanted)

        return literal(Truth.HOLDS), literal(Truth.FAILS)

    def _values(self, fact: Fact, presumed: bool | None) -> list[Any]:
        if fact.type == "tri":
            return [value for value in (True, False) if value is not presumed]
        if fact.type == "choice":
            return list(fact.values)
        steps = self._numbers.get(fact.id, [])
        return [*(step - 1 for step in steps[:1] if step > 0), *steps]

    def _view(self, doctrine: str, view: str) -> Pair:
        default = self.base.doctrines[doctrine].default
        if doctrine in self.views:
            held = self.views[doctrine] == view
            return (TRUE, FALSE) if held else (FALSE, TRUE)
        others = [name for name in self.base.doctrines[doctrine].views if name != default]
        key = Key("view", doctrine, Frame.SITUATION, 0)
        options = self._variable(key, others).options
        true = (
            -self.circuit.any(options)
            if view == default
            else next(one for one, name in options.items() if name == view)
        )
        return true, -true

    def _derived(self, name: str, frame: Frame, row: int, side: int) -> Pair:
        """What follows from actors, days and treaties: from those, not stated by itself."""
        head, _, key = name.partition(".")
        parts = self.shape.layout.rows[frame][row]
        if head == "in_force":
            day = self._day(parts[-1], side)
            first = self.base.instruments[key].in_force
            truths = {one: Truth.of(value >= first) for one, value in day.options.items()}
            return self._pair(truths, Truth.UNKNOWN)
        if head == "bound" or head == SIGNED:
            entries = [True, False]
            if self.signatures and f"{SIGNED}.{key}" in self._read:
                entries.append(SIGNED)  # type: ignore[arg-type]
            found = self._variable(Key("treaty", key, Frame.STATE, parts[0], side), entries)
            wanted = True if head == "bound" else SIGNED
            truths = {one: Truth.of(value == wanted) for one, value in found.options.items()}
            return self._pair(truths, Truth.UNKNOWN)
        if head == "accepted":
            field_name = self.base.instruments[key].declaration or ""
            found = self._variable(
                Key("declaration", field_name, Frame.STATE, parts[0], side), [True, False]
            )
            accepted, never = found.options
            dated = self.circuit.any(self._day(parts[1], side).options)
            silent = self.circuit.all([-accepted, -never])
            true = self.circuit.all([accepted, dated])
            return true, self.circuit.any([silent, self.circuit.all([never, dated])])
        if self.shape.actors > 1:  # several actors are told apart by their names
            return TRUE, FALSE
        found = self._variable(Key("entered", "", Frame.ACTOR, parts[0], side), [True])
        true = next(iter(found.options))
        return true, -true

    def _day(self, episode: int, side: int) -> Variable:
        return self._variable(Key("day", "", Frame.EPISODE, episode, side), self._days)

    @property
    def _read(self) -> dict[str, set[Frame]]:
        return self.plan.facts()

    def chosen_views(self, answers: Iterable[Answer]) -> dict[str, str]:
        """The views that differ from the default: those fixed, and those the pattern takes."""
        free = {one.key.name: str(one.value) for one in answers if one.key.what == "view"}
        fixed = {
            name: view
            for name, view in self.views.items()
            if view != self.base.doctrines[name].default
        }
        return {**fixed, **free}

    def scenario_text(self, answers: Iterable[Answer], side: int, head: Mapping[str, Any]) -> str:
        """A pattern as the YAML of a scenario; ``head`` stands at its beginning.

        Raises ``ValueError`` for a pattern that no scenario file can say.
        """
        given = [one for one in answers if self._on_side(one.key, side)]
        said = {one.key: one.value for one in given}
        entered = self.shape.actors > 1 or any(key.what == "entered" for key in said)
        if self.apart and all(key.what != "entered" for key in self.variables):
            entered = True  # no rule asks, and only what has a name can be spoken of by itself
        body: dict[str, Any] = {"facts": {}, "states": {}, "actors": {}, "episodes": {}}
        for number in range(self.shape.actors if entered else 0):
            body["actors"][ACTORS[number]] = {"facts": {}}
        for number in range(self.shape.episodes):
            body["episodes"][EPISODES[number]] = {"facts": {}, "charges": {}, "duties": {}}
        for number in range(self.shape.states):
            body["states"][STATES[number]] = {"treaties": {}, "facts": {}}
        for one in sorted(given, key=lambda one: one.key.name):
            self._write_setting(one, body)
        for name in dict.fromkeys(key.name for key in self.variables if key.what == "fact"):
            self._write_fact(name, side, said, body)
        return yaml.safe_dump({**head, **_trimmed(body)}, sort_keys=False, allow_unicode=True)

    def _on_side(self, key: Key, side: int) -> bool:
        """Whether a key is about the pattern of this side: its own, or shared by both."""
        other = Key(key.what, key.name, key.frame, key.row, 1 - key.side)
        return key.side == side or (key.side == 0 and other not in self.variables)

    def _write_setting(self, one: Answer, body: dict[str, Any]) -> None:
        key = one.key
        if key.what == "treaty":
            if one.value == SIGNED:
                raise ValueError("an invented State cannot have signed only")
            body["states"][STATES[key.row]]["treaties"][key.name] = one.value
        elif key.what == "declaration":
            entry = {} if one.value else {"until": "0001-01-01"}
            body["states"][STATES[key.row]][key.name] = entry
        elif key.what == "day":
            body["episodes"][EPISODES[key.row]].update(start=one.value, end=one.value)

    def _write_fact(
        self,
        name: str,
        side: int,
        said: Mapping[Key, Any],
        body: dict[str, Any],
    ) -> None:
        """State a fact: once, where all rows agree; else row by row, silence said aloud."""
        keys = [
            key
            for key in self.variables
            if key.what == "fact" and key.name == name and self._on_side(key, side)
        ]
        values = {key: said.get(key) for key in keys}
        if len(set(map(repr, values.values()))) == 1:
            value = next(iter(values.values()))
            if value is not None:
                body["facts"][name] = value
            return
        for key, value in values.items():
            place = self._place(key, body)
            if value is not None or self.apart:
                place[name] = "unknown" if value is None else value

    def _place(self, key: Key, body: dict[str, Any]) -> dict[str, Any]:
        """The map of a scenario file in which a fact is stated for one row."""
        parts = self.shape.layout.rows[key.frame][key.row]
        frame = key.frame
        place: dict[str, Any]
        if frame is Frame.SITUATION:
            place = body["facts"]
        elif frame is Frame.EPISODE:
            place = body["episodes"][EPISODES[parts[0]]]["facts"]
        elif frame is Frame.STATE:
            place = body["states"][STATES[parts[0]]]["facts"]
        elif frame is Frame.DUTY:
            rows = body["episodes"][EPISODES[parts[1]]]["duties"]
            place = rows.setdefault(STATES[parts[0]], {})
        elif not body["actors"]:
            raise ValueError("nothing can be stated of one row of an actor without a name")
        elif frame is Frame.ACTOR:
            place = body["actors"][ACTORS[parts[0]]]["facts"]
        else:
            rows = body["episodes"][EPISODES[parts[1]]]["charges"]
            place = rows.setdefault(ACTORS[parts[0]], {})
        return place


def _trimmed(body: dict[str, Any]) -> dict[str, Any]:
    """Without the empty maps inside each part; a part itself is kept, since it is a row."""
    found: dict[str, Any] = {}
    for group, parts in body.items():
        if group == "facts":
            found[group] = parts
        else:
            found[group] = {
                name: {key: value for key, value in part.items() if value != {} or _said(key)}
                for name, part in parts.items()
            }
    return {group: parts for group, parts in found.items() if parts}


def _said(key: str) -> bool:
    """Whether an empty map under this key says something: a declaration without limits does."""
    return key not in ("facts", "charges", "duties", "treaties")


def _thresholds(plan: Plan) -> dict[str, list[int]]:
    """The numbers at which some rule tests each number fact."""
    found: dict[str, set[int]] = {}
    for node in plan.nodes:
        if node.op == "fact" and len(node.param) == 3 and node.param[1] == ">=":
            found.setdefault(str(node.param[0]), set()).add(int(node.param[2]))
    return {name: sorted(numbers) for name, numbers in found.items()}


def _days(base: Rulebase, plan: Plan) -> list[Any]:
    """A day in each stretch of time between the entries into force that some rule reads."""
    firsts = sorted(
        day
        for name in plan.facts()
        if name.startswith("in_force.")
        and (day := base.instruments[name.partition(".")[2]].in_force) is not None
    )
    if not firsts:
        return [_SOME_DAY]
    return list(dict.fromkeys([firsts[0] - timedelta(days=1), *firsts]))
