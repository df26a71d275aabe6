"""A condition under every assignment of values to what it reads directly, in one array.

What is proven here holds whatever the facts, for the parts are taken as independent of each
other: two conditions equal on every assignment decide every scenario alike. A quantifier is
taken over several rows of its frame, each with values of its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from engine.model.conditions import (
    All,
    Any,
    Count,
    Every,
    Not,
    Ref,
    Some,
    Term,
    Test,
    Unless,
    View,
    walk,
)
from engine.model.frames import Frame
from engine.model.records import Classification, Value
from engine.reasoning.branches import Path_, steps
from engine.reasoning.corpus import FAILS, HOLDS, UNKNOWN, Column, combined, exception
from engine.rulebase.rulebase import Rulebase

MAX_ASSIGNMENTS = 1 << 17
_Place = tuple[tuple[str, int], ...]


class TooMany(Exception):
    """There are more assignments than can be tried."""


@dataclass(frozen=True)
class Variable:
    """Something read directly, on one row; ``place`` tells the rows of a frame apart."""

    name: str
    kind: str
    place: _Place = ()


@dataclass(frozen=True)
class Assignment:
    """Values under which two answers differ, as a test would state them; and the answers.

    ``open`` names what is decided elsewhere and has to stay unknown.
    """

    given: Mapping[str, Value]
    open: tuple[str, ...]
    doctrine: Mapping[str, str]
    strict: bool
    first: int
    second: int


class Exhaustive:
    """Every assignment to what some conditions of one frame read.

    ``rows`` is how many rows each quantifier ranges over, 0 for a case without States (there is
    always an actor and an episode); ``fixed`` leaves some of what is
    read, by name, at one value (true and false for whatever is decided). Raises ``TooMany`` at
    once where the assignments are beyond ``MAX_ASSIGNMENTS``.
    """

    def __init__(
        self,
        base: Rulebase,
        frame: Frame,
        *terms: Term,
        rows: int = 1,
        fixed: Mapping[str, Value] | None = None,
    ) -> None:
        self._fixed = fixed or {}
        self.base = base
        self.frame = frame
        self.rows = rows
        self._domains: dict[Variable, list[Value]] = {}
        self._tests: dict[str, set[Value]] = {}
        for term in terms:
            for part in walk(term):
                if isinstance(part, Test):
                    self._tests.setdefault(part.fact, set()).add(part.value)
        for term in terms:
            self._collect(term, frame, ())
        assuming = any(
            isinstance(part, Unless)
            or (isinstance(part, Ref) and self._presumed(part.id) is not None)
            for term in terms
            for part in walk(term)
        )
        self.size = 2 if assuming else 1
        self._strides: dict[Variable, int] = {}
        for variable, values in self._domains.items():
            self._strides[variable] = self.size
            self.size *= len(values)
            if self.size > MAX_ASSIGNMENTS:
                raise TooMany
        self._strict = np.arange(self.size) % 2 == 1 if assuming else np.zeros(self.size, bool)

    def _presumed(self, name: str) -> bool | None:
        fact = self.base.facts.get(name)
        return fact.presumed if fact else None

    def _collect(self, term: Term, frame: Frame, place: _Place) -> None:
        if isinstance(term, Ref | Test | View):
            variable = self._variable(term, frame, place)
            domain = self._domain(term)
            if variable.name in self._fixed:
                domain = [self._fixed[variable.name]]
            self._domains.setdefault(variable, domain)
        elif isinstance(term, Some | Every):
            for below in self._below(term.frame, place):
                self._collect(term.item, term.frame, below)
        else:
            for _, part in steps(term):
                self._collect(part, frame, place)

    def _below(self, frame: Frame, place: _Place) -> list[_Place]:
        if self.rows == 0 and "state" in frame.parts:
            return []
        if self.rows < 2:  # as in a test beside a rule: one row a frame
            return [place]
        known = dict(place)
        new = [part for part in sorted(frame.parts) if part not in known]
        return [
            tuple(sorted({**known, **dict.fromkeys(new, row)}.items())) for row in range(self.rows)
        ]

    def _variable(self, term: Ref | Test | View, frame: Frame, place: _Place) -> Variable:
        if isinstance(term, View):
            return Variable(term.doctrine, "doctrine")
        if isinstance(term, Test):
            return Variable(term.fact, "fact", place)
        record = self.base.decided.get(term.id)
        if record is None:
            return Variable(term.id, "fact", place)
        seen = tuple((part, row) for part, row in place if part in record.per.parts)
        return Variable(term.id, "decided", seen)

    def _domain(self, term: Ref | Test | View) -> list[Value]:
        if isinstance(term, View):
            return list(self.base.doctrines[term.doctrine].views)
        if isinstance(term, Ref):
            return [False, None, True]
        fact = self.base.facts[term.fact]
        tested = self._tests[term.fact]
        if fact.type == "integer":
            steps_ = sorted(int(str(value)) for value in tested)
            return [steps_[0] - 1, None, *steps_]
        others = [value for value in fact.values if value not in tested][:1]
        return [None, *sorted(tested, key=str), *others]

    def _digits(self, variable: Variable) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
        values = len(self._domains[variable])
        return np.arange(self.size) // self._strides[variable] % values

    def evaluate(self, term: Term, trace: dict[Path_, list[Column]] | None = None) -> Column:
        """The value of a condition under every assignment; ``trace`` has each branch's too."""
        return self._value(term, self.frame, (), (), trace)

    def _value(
        self,
        term: Term,
        frame: Frame,
        place: _Place,
        path: Path_,
        trace: dict[Path_, list[Column]] | None,
    ) -> Column:
        if isinstance(term, Ref | Test | View):
            found = self._leaf(term, frame, place)
        elif isinstance(term, Some | Every):
            step, item = steps(term)[0]
            parts = [
                self._value(item, term.frame, below, path + step, trace)
                for below in self._below(term.frame, place)
            ]
            kind = Any(()) if isinstance(term, Some) else All(())
            found = combined(kind, parts, self.size) if parts else self._of_no_rows()
        else:
            parts = [
                self._value(item, frame, place, path + step, trace) for step, item in steps(term)
            ]
            if isinstance(term, Not):
                found = (HOLDS - parts[0]).astype(np.int8)
            elif isinstance(term, Unless):
                found = exception(parts[0], ~self._strict)
            else:
                assert isinstance(term, All | Any | Count)
                found = combined(term, parts, self.size)
        if trace is not None:
            trace.setdefault(path, []).append(found)
        return found

    def _of_no_rows(self) -> Column:
        return np.full(self.size, UNKNOWN, dtype=np.int8)

    def _leaf(self, term: Ref | Test | View, frame: Frame, place: _Place) -> Column:
        variable = self._variable(term, frame, place)
        numbers = []
        for value in self._domains[variable]:
            if value is None:
                numbers.append(UNKNOWN)
            elif isinstance(term, Ref):
                numbers.append(HOLDS if value else FAILS)
            elif isinstance(term, View):
                numbers.append(HOLDS if value == term.view else FAILS)
            elif term.at_least:
                numbers.append(HOLDS if int(value) >= int(term.value) else FAILS)
            else:
                numbers.append(HOLDS if value == term.value else FAILS)
        found = np.array(numbers, dtype=np.int8)[self._digits(variable)]
        presumed = self._presumed(term.id) if isinstance(term, Ref) else None
        if presumed is not None:
            found[(found == UNKNOWN) & ~self._strict] = HOLDS if presumed else FAILS
        return found

    def difference(self, one: Column, other: Column) -> Assignment | None:
        """The plainest assignment under which two columns differ; ``None`` if there is none.

        Plainest: presumptions on, the first answer definite, few values stated.
        """
        differ = np.flatnonzero(one != other)
        if not len(differ):
            return None
        cost = 4 * self._strict[differ] + 3 * (one[differ] == UNKNOWN)
        for variable, values in self._domains.items():
            digits = self._digits(variable)[differ]
            cost = cost + np.array([self._stated(variable, value) for value in values])[digits]
        best = int(differ[int(np.argmin(cost))])
        given: dict[str, Value] = {}
        doctrine: dict[str, str] = {}
        left_open: list[str] = []
        for variable, values in self._domains.items():
            value = values[int(self._digits(variable)[best])]
            if variable.kind == "doctrine":
                if value != self.base.doctrines[variable.name].default:
                    doctrine[variable.name] = str(value)
            elif value is not None:
                decided = variable.kind == "decided"
                given[variable.name] = ("holds" if value else "fails") if decided else value
            elif variable.kind == "decided":
                left_open.append(variable.name)
        strict = bool(self._strict[best])
        answers = int(one[best]), int(other[best])
        return Assignment(given, tuple(left_open), doctrine, strict, *answers)

    def _stated(self, variable: Variable, value: Value) -> int:
        if variable.kind == "doctrine":
            return int(value != self.base.doctrines[variable.name].default)
        return int(value is not None)


def differing(
    base: Rulebase, frame: Frame, first: Term, second: Term, path: Path_ = ()
) -> tuple[Assignment | None, bool]:
    """Where two conditions differ, and whether their being the same is proven.

    Tries one row a quantifier, for an assignment that a test beside the rule can state, then
    no State at all, and two rows for each quantifier there is. Where there are too many
    assignments, only those are tried on which the branch at ``path`` of the first condition
    decides.
    """

    def attempt(rows: int = 1, fixed: Mapping[str, Value] | None = None) -> Assignment | None:
        space = Exhaustive(base, frame, first, second, rows=rows, fixed=fixed)
        return space.difference(space.evaluate(first), space.evaluate(second))

    quantifiers = max(
        sum(isinstance(part, Some | Every) for part in walk(term)) for term in (first, second)
    )
    try:
        found = attempt()
        if found is not None or not quantifiers:
            return found, found is None
        return None, all(attempt(rows=rows) is None for rows in (0, 2 * quantifiers))
    except TooMany:
        pass
    for value in (HOLDS, FAILS):
        fixed: dict[str, Value] = {}
        _decide(first, path, value, fixed)
        try:
            found = attempt(fixed=fixed)
        except TooMany:
            continue
        if found is not None:
            return found, False
    return None, False


def differing_labels(
    base: Rulebase,
    item: Classification,
    rules: Sequence[Term],
    others: Sequence[Term],
    order: Sequence[int] = (),
) -> tuple[Assignment | None, bool]:
    """Where a classification gives another label with ``others`` for its outcome ``rules``.

    ``order`` is that in which the others are asked. The answers are numbers of outcomes, -1
    where none is reached. Another level is another answer.
    """
    written = range(len(rules))
    same = {(outcome.label, outcome.level): index for index, outcome in enumerate(item.outcomes)}
    same[item.otherwise, item.otherwise_level] = -1

    def attempt(rows: int) -> Assignment | None:
        space = Exhaustive(base, item.per, *rules, *others, rows=rows)
        columns = []
        for terms, asked in ((rules, written), (others, order or written)):
            labels = np.full(space.size, -1, dtype=np.int8)
            for index in reversed(asked):
                outcome = item.outcomes[index]
                held = space.evaluate(terms[index]) == HOLDS
                labels[held] = same[outcome.label, outcome.level]
            columns.append(labels)
        return space.difference(*columns)

    quantifiers = max(
        sum(isinstance(part, Some | Every) for term in terms for part in walk(term))
        for terms in (rules, others)
    )
    try:
        found = attempt(1)
        if found is None and quantifiers:
            return None, all(attempt(rows) is None for rows in (0, 2 * quantifiers))
    except TooMany:
        return None, False
    return found, found is None


def _decide(term: Term, path: Path_, value: int, fixed: dict[str, Value]) -> None:
    """Fix what stands beside ``path``, so that the branch there decides; give it ``value``."""
    if not path:
        _give(term, value, fixed)
    for step, part in steps(term):
        if path and path[: len(step)] == step:
            _decide(part, path[len(step) :], value, fixed)
            continue
        if path and isinstance(term, All | Any):
            _give(part, HOLDS if isinstance(term, All) else FAILS, fixed)
    if path and isinstance(term, Count):
        rest = [part for step, part in steps(term) if path[: len(step)] != step]
        for number, part in enumerate(rest):
            _give(part, HOLDS if number < term.at_least - 1 else FAILS, fixed)


def _give(term: Term, value: int, fixed: dict[str, Value]) -> None:
    """Fix what a condition reads so that it has a value, as far as it is plain how."""
    if isinstance(term, Ref):
        fixed.setdefault(term.id, value == HOLDS)
    elif isinstance(term, Test) and value == HOLDS:
        fixed.setdefault(term.fact, term.value)
    elif isinstance(term, View) and value == HOLDS:
        fixed.setdefault(term.doctrine, term.view)
    elif isinstance(term, Not | Unless):
        _give(term.item, HOLDS - value, fixed)
    elif isinstance(term, Count):
        for number, part in enumerate(term.items):
            _give(part, value if number < term.at_least or value == FAILS else FAILS, fixed)
    elif isinstance(term, Any) and value == HOLDS:
        _give(term.items[0], value, fixed)
        for part in term.items[1:]:
            _give(part, FAILS, fixed)
    elif isinstance(term, All) and value == FAILS:
        _give(term.items[0], value, fixed)
    else:
        for _, part in steps(term):
            _give(part, value, fixed)
