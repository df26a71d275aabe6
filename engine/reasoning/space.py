"""What may be different: the changes open to a search, and the circuit they feed.

A change is a statement that a person could write into the scenario file, in the place whose
statement the rows go by now. What follows from dates and treaties is held as it is, unless
asked for; so is what the caller fixes.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from engine.inference.plan import Node
from engine.model.frames import Frame
from engine.model.records import Fact, Value
from engine.model.scenario import Facts
from engine.model.truth import Truth
from engine.reasoning.assess import Assessment
from engine.reasoning.circuit import FALSE, TRUE, Circuit, Pair, Wiring
from engine.reasoning.places import (
    DECLARATIONS,
    TREATIES,
    Place,
    Statement,
    declaration_place,
    facts_at,
    layers,
    own_place,
    treaty_place,
)
from engine.rulebase.rulebase import Rulebase

Held = Literal["", "fixed", "stated", "setting", "treaty", "date", "actor"]


@dataclass(frozen=True)
class Rules:
    """What a search may change.

    ``fixed``: facts held as they are, everywhere (place ``None``) or in one place.
    ``only_add``: what the scenario states stays. ``forget``: a stated fact may also become
    unknown. ``treaties``: who is bound by what may change. ``settings``: before whom the case is
    put may change. ``apart``: what is stated for all
    rows at once may change for each by itself. ``release``: what is held may change too; used
    to find what stands in the way.
    """

    fixed: frozenset[tuple[str, Place | None]] = frozenset()
    only_add: bool = False
    forget: bool = False
    treaties: bool = False
    settings: bool = False
    apart: bool = False
    release: bool = False


@dataclass
class Variable:
    """A fact in a place, what it says now, and the literals of what else it could say.

    ``held`` says why it may not change: by order of the caller, because it is stated and only
    additions are allowed, because it is no fact of the case but before whom it is put, or
    because it follows from treaties, dates or the actors entered.
    """

    fact: str
    place: Place
    was: Value
    held: Held
    options: dict[int, Value] = field(default_factory=dict)

    def statement(self, literal: int) -> Statement:
        """What would be written into the scenario file."""
        return Statement(self.fact, self.place, self.options[literal])


class Space:
    """Every variable that the targets asked about depend on, made as they are met."""

    def __init__(self, assessment: Assessment, rules: Rules | None = None) -> None:
        self.assessment = assessment
        self.rules = rules or Rules()
        self.circuit = Circuit()
        self.variables: dict[tuple[str, Place], Variable] = {}
        self.owner: dict[int, Variable] = {}
        self._memo: dict[tuple[str, Frame, int], Place] = {}
        self._pairs: dict[tuple[int, Place], Pair] = {}
        self._layers: dict[tuple[Frame, int], list[tuple[Place, Facts]]] = {}
        self.wiring = Wiring(
            assessment.law.plan,
            assessment.case.layout,
            self.circuit,
            self._leaf,
            lenient=not assessment.worlds.strict,
        )

    @property
    def base(self) -> Rulebase:
        """The law."""
        return self.assessment.law.base

    def changes(self) -> list[int]:
        """The literals of every change that is allowed."""
        return [one for one, variable in self.owner.items() if not variable.held]

    def releases(self) -> list[int]:
        """The literals of every change that is held, where the rules ask for them."""
        return [one for one, variable in self.owner.items() if variable.held]

    def exclusive(self) -> list[list[int]]:
        """Changes of which only one can be made."""
        return [list(item.options) for item in self.variables.values() if len(item.options) > 1]

    def statements(self, literals: Iterable[int]) -> list[Statement]:
        """What a set of changes writes into the scenario file."""
        return [self.owner[literal].statement(literal) for literal in literals]

    def facts_of(self, variable: Variable) -> list[str]:
        """The facts that a variable decides: itself, or whether a State is bound or signed."""
        kind = variable.place.path[-1]
        if kind == TREATIES:
            heads = (f"bound.{variable.fact}", f"signed.{variable.fact}")
            return [name for name in heads if name in self.base.facts]
        if kind == DECLARATIONS:
            keys = self.base.instruments.items()
            return [f"accepted.{key}" for key, item in keys if item.declaration == variable.fact]
        return [variable.fact]

    def governs(self, variable: Variable, fact: Fact, frame: Frame, row: int) -> bool:
        """Whether a row goes by what is stated in the variable's place."""
        if fact.derived:
            return self._derived_place(fact, frame, row)[1] == variable.place
        return self._place(fact, frame, row) == variable.place

    @cached_property
    def _thresholds(self) -> dict[str, list[int]]:
        """The numbers at which some rule tests each number fact."""
        found: dict[str, set[int]] = {}
        for node in self.assessment.law.plan.nodes:
            if node.op == "fact" and len(node.param) == 3 and node.param[1] == ">=":
                found.setdefault(str(node.param[0]), set()).add(int(node.param[2]))
        return {name: sorted(numbers) for name, numbers in found.items()}

    @cached_property
    def _tested(self) -> dict[str, set[Value]]:
        """The values for which some rule tests each choice fact."""
        found: dict[str, set[Value]] = {}
        for node in self.assessment.law.plan.nodes:
            if node.op == "fact" and len(node.param) == 3 and node.param[1] == "=":
                found.setdefault(str(node.param[0]), set()).add(node.param[2])
        return found

    def _leaf(self, index: int, row: int) -> Pair:
        """The literals of a fact or view on a row."""
        node = self.assessment.law.plan.nodes[index]
        now = self.assessment.truth(index, row)
        if node.op == "view":
            return _constant(now)
        fact = self.base.facts[str(node.param[0])]
        variable = self._variable(fact, node.frame, row)
        if not variable.options:
            return _constant(now)
        if fact.derived:
            return self._pair(fact, node, row, variable, now)
        key = (index, variable.place)  # every row that goes by one place is as the others
        if key not in self._pairs:
            self._pairs[key] = self._pair(fact, node, row, variable, now)
        return self._pairs[key]

    def _pair(self, fact: Fact, node: Node, row: int, variable: Variable, now: Truth) -> Pair:
        holds: list[int] = []
        fails: list[int] = []
        opens: list[int] = []
        for literal, value in variable.options.items():
            truth = self.truth_of(fact, node, row, value)
            known = holds if truth is Truth.HOLDS else fails
            (known if truth is not Truth.UNKNOWN else opens).append(literal)
        any_of = self.circuit.any
        return (
            -any_of(fails + opens) if now is Truth.HOLDS else any_of(holds),
            -any_of(holds + opens) if now is Truth.FAILS else any_of(fails),
        )

    def truth_of(self, fact: Fact, node: Node, row: int, value: Value) -> Truth:
        """The truth of a leaf if the variable said ``value``."""
        if fact.derived:
            head = fact.id.partition(".")[0]
            if head == "accepted":
                place = self.assessment.case.layout.rows[node.frame][row]
                dated = self.assessment.case.periods[place[1]].day is not None
                return Truth.of(bool(value)) if dated else Truth.UNKNOWN
            return Truth.of(bool(value) and head != "signed")
        if value is None:
            lenient = not self.assessment.worlds.strict and len(node.param) == 1
            return Truth.of(fact.presumed) if lenient else Truth.UNKNOWN
        if len(node.param) == 1:
            return Truth.of(bool(value))
        if node.param[1] == ">=":
            return Truth.of(int(value) >= int(node.param[2]))
        return Truth.of(value == node.param[2])

    def _variable(self, fact: Fact, frame: Frame, row: int) -> Variable:
        if fact.derived:
            return self._derived(fact, frame, row)
        place = self._place(fact, frame, row)
        key = (fact.id, place)
        if key not in self.variables:
            was = self.assessment.case.stated(frame, row, fact.id)
            held = self._held(key, was)
            variable = self.variables[key] = Variable(fact.id, place, was, held)
            if not variable.held or self.rules.release:
                self._offer(variable, self._values(fact, was))
        return self.variables[key]

    def _place(self, fact: Fact, frame: Frame, row: int) -> Place:
        """The place whose statement the row goes by; see ``in_force_at``."""
        key = (fact.id, frame, row)
        if key not in self._memo:
            at = (frame, row)
            if at not in self._layers:
                case = self.assessment.case
                places = layers(case, frame, row)
                self._layers[at] = [(place, facts_at(case.scenario, place)) for place in places]
            found = own = own_place([place for place, _ in self._layers[at]], fact)
            for place, facts in self._layers[at]:
                if fact.id in facts or (self.rules.apart and place == own):
                    found = place
                    break
            self._memo[key] = found
        return self._memo[key]

    def _held(self, key: tuple[str, Place], was: Value) -> Held:
        if key in self.rules.fixed or (key[0], None) in self.rules.fixed:
            return "fixed"
        if self.base.facts[key[0]].setting and not self.rules.settings:
            return "setting"
        return "stated" if self.rules.only_add and was is not None else ""

    def _values(self, fact: Fact, was: Value) -> list[Value]:
        """What the fact could say instead, leaving out what would make no difference."""
        found: list[Value]
        if fact.type == "tri":
            found = [True, False]
        elif fact.type == "integer":
            steps = self._thresholds.get(fact.id, [])
            found = [*(step - 1 for step in steps[:1] if step > 0), *steps]
            found = [value for value in found if _step(steps, value) != _step(steps, was)]
        else:
            tested = self._tested.get(fact.id, set())
            others = [value for value in fact.values if value not in tested]
            found = [value for value in fact.values if value in tested]
            found += [] if was in others else others[:1]
        if self.rules.forget and was is not None:
            found.append(None)
        presumed = fact.presumed if fact.type == "tri" else None
        if not self.assessment.worlds.strict and presumed is not None:
            found = [value for value in found if value is not None]  # unknown is as presumed
            if was is None:
                found.remove(presumed)
        return [value for value in found if value != was]

    def _offer(self, variable: Variable, values: Iterable[Value]) -> None:
        for value in values:
            literal = self.circuit.input()
            variable.options[literal] = value
            self.owner[literal] = variable

    def _derived(self, fact: Fact, frame: Frame, row: int) -> Variable:
        """What follows from treaties, dates and actors: held unless the rules let it go."""
        name, place, held = self._derived_place(fact, frame, row)
        if held == "treaty" and self.rules.treaties:
            held = ""
        if (name, place) not in self.variables:
            dated = place.path[-1] in (TREATIES, DECLARATIONS)
            was = self._status_now(fact, frame, row) if dated else None
            if (name, place) in self.rules.fixed:
                held = "fixed"
            found = self.variables[(name, place)] = Variable(name, place, was, held)
            if not held or self.rules.release:
                values = [True] if held == "actor" else [True, False]
                self._offer(found, [value for value in values if value is not was])
        return self.variables[(name, place)]

    def _derived_place(self, fact: Fact, frame: Frame, row: int) -> tuple[str, Place, Held]:
        """What would have to be written differently, where, and why it is held."""
        case = self.assessment.case
        head, _, key = fact.id.partition(".")
        parts = case.layout.rows[frame][row]
        if head == "accepted":
            name = self.base.instruments[key].declaration or ""
            return name, declaration_place(case.states[parts[0]]), "treaty"
        if head in ("bound", "signed"):
            return key, treaty_place(case.states[parts[0]]), "treaty"
        if head == "in_force":
            return fact.id, Place(("episodes", case.periods[parts[-1]].key, "dates")), "date"
        return fact.id, Place(("actors", "", "entered")), "actor"

    def _status_now(self, fact: Fact, frame: Frame, row: int) -> Value:
        """Whether a State is bound throughout; ``None`` where that is open or changes."""
        case = self.assessment.case
        code = case.states[case.layout.rows[frame][row][0]]
        head, _, key = fact.id.partition(".")
        name = fact.id if head == "accepted" else f"bound.{key}"
        found = {
            status.value if status.kind != "signatory" else Truth.UNKNOWN
            for (other, state, _), status in case.status.items()
            if other == name and state == code
        }
        if len(found) != 1:
            return None
        return {Truth.HOLDS: True, Truth.FAILS: False}.get(found.pop())


def _constant(truth: Truth) -> Pair:
    return {
        Truth.HOLDS: (TRUE, FALSE),
        Truth.FAILS: (FALSE, TRUE),
        Truth.UNKNOWN: (FALSE, FALSE),
    }[truth]


def _step(steps: list[int], value: Value) -> int:
    """How many thresholds a number reaches; -1 when it is unknown."""
    return -1 if value is None else sum(int(value) >= step for step in steps)
