"""Every test beside a rule and every scenario, side by side, decided in one evaluation.

A value is a number: 0 fails, 1 unknown, 2 holds, so that Kleene's ``all`` and ``any`` are the
minimum and the maximum. For each frame one array holds a value for each test, then for the
second row of each test that has one, then for each row of each scenario. Only the headline
profile is decided here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any as Anything

import numpy as np
from numpy.typing import NDArray

from engine.inference.grounding import Case as Grounded
from engine.inference.grounding import ground, leaf_truth
from engine.inference.law import Law
from engine.inference.layout import Layout, layout_of
from engine.inference.plan import Node
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
from engine.model.records import Case
from engine.model.scenario import Scenario
from engine.model.truth import Truth
from engine.reasoning.branches import Path_, steps
from engine.reasoning.lawtests import law_cases, second_row
from engine.rulebase.rulebase import Rulebase, outcome_id

FAILS, UNKNOWN, HOLDS = 0, 1, 2
Column = NDArray[np.int8]
_NUMBER = {Truth.FAILS: FAILS, Truth.UNKNOWN: UNKNOWN, Truth.HOLDS: HOLDS}
_ONE_ROW = layout_of(1, 1, 1)


@dataclass(frozen=True)
class Leaf:
    """A fact, a test of a fact or a doctrine view, as rows of one frame read it."""

    frame: Frame
    term: Ref | Test | View


@dataclass(frozen=True)
class Assumed:
    """What is otherwise in a mutant of the data: a presumption, or the default of a doctrine."""

    presumed: tuple[tuple[str, bool | None], ...] = ()
    default: tuple[tuple[str, str], ...] = ()


class Corpus:
    """The tests and scenarios of one law, laid out in rows and decided."""

    def __init__(self, law: Law, scenarios: Sequence[Scenario] = ()) -> None:
        self.base: Rulebase = law.base
        self.cases: list[tuple[str, Case]] = list(law_cases(law.base))
        self.tests = len(self.cases)
        self._second: dict[int, int] = {}
        for number, (of, case) in enumerate(list(self.cases)):
            if case.beside:
                self._second[number] = len(self.cases)
                self._second[len(self.cases)] = number
                self.cases.append((of, second_row(case)))
        self.scenarios = list(scenarios)
        self._grounded: list[Grounded] = [
            ground(scenario, law.base, law.plan, law.status) for scenario in scenarios
        ]
        self._layouts: list[Layout] = [case.layout for case in self._grounded]
        tests = len(self.cases)
        self._starts: dict[Frame, list[int]] = {}
        self.sizes: dict[Frame, int] = {}
        for frame in Frame:
            total, starts = tests, []
            for layout in self._layouts:
                starts.append(total)
                total += len(layout.rows[frame])
            self._starts[frame], self.sizes[frame] = starts, total
        strict = np.array([case.strict for _, case in self.cases], dtype=bool)
        self.lenient: dict[Frame, NDArray[np.bool_]] = {}
        for frame in Frame:
            self.lenient[frame] = np.ones(self.sizes[frame], dtype=bool)
            self.lenient[frame][:tests] = ~strict
        self._seen_from: dict[tuple[Frame, Frame], NDArray[np.intp]] = {}
        self._ranges: dict[tuple[Frame, Frame], tuple[Anything, Anything, Anything]] = {}
        self._leaves: dict[Leaf, Column] = {}
        self._mentions: dict[str, list[int]] = {}
        for number, (_, case) in enumerate(self.cases):
            for name in case.given:
                self._mentions.setdefault(name, []).append(number)
        self.values: dict[str, Column] = {}
        for name in self.base.order:
            self.values[name] = self.pinned(name, self.evaluate(self.base.terms[name], name))

    # What is decided, and who reads it

    @cached_property
    def readers(self) -> dict[str, list[str]]:
        """For each id, what is decided from it directly."""
        found: dict[str, list[str]] = {}
        for name in self.base.order:
            for part in set(walk(self.base.terms[name])):
                for key in _reads(part):
                    found.setdefault(key, []).append(name)
        return found

    @cached_property
    def position(self) -> dict[str, int]:
        """The place of each id in the order of deciding."""
        return {name: number for number, name in enumerate(self.base.order)}

    @cached_property
    def asked(self) -> dict[str, NDArray[np.bool_]]:
        """For each id, the rows that put it to the test.

        Every row of a scenario does. A test does when its own rule rests on the id and
        nothing on the way, nor the id itself, is pinned by the test.
        """
        tests = len(self.cases)
        found = {name: np.zeros(tests, dtype=bool) for name in self.base.order}
        for number, (of, _) in enumerate(self.cases):
            for name in self.decided_under(of):
                found[name][number] = True
        for name in reversed(self.base.order):
            for number in self._mentions.get(name, ()):
                found[name][number] = False
            for part in set(walk(self.base.terms[name])):
                if isinstance(part, Ref) and part.id in found:
                    found[part.id] |= found[name]
        return {
            name: np.append(rows, np.ones(self.sizes[self.base.frame(name)] - tests, dtype=bool))
            for name, rows in found.items()
        }

    def decided_under(self, of: str) -> list[str]:
        """The ids decided for a record: itself, or the outcome rules of a classification."""
        item = self.base.classifications.get(of)
        if item is None:
            return [of]
        return [outcome_id(of, index) for index in range(len(item.outcomes))]

    def source(self, frame: Frame, row: int) -> str:
        """Which test or scenario a row belongs to, in words."""
        if row < len(self.cases):
            of, case = self.cases[row]
            return f"{of}: {case.name}"
        return self.scenarios[self.scenario_of(frame, row)].id

    def scenario_of(self, frame: Frame, row: int) -> int:
        """The number of the scenario that a row belongs to."""
        starts = np.array(self._starts[frame])
        return int(np.searchsorted(starts, row, side="right")) - 1

    def scenario_numbers(self, frame: Frame) -> NDArray[np.intp]:
        """For each scenario row of a frame, the number of its scenario."""
        counts = [len(layout.rows[frame]) for layout in self._layouts]
        return np.repeat(np.arange(len(counts)), counts)

    # Deciding

    def evaluate(
        self,
        term: Term,
        head: str | Frame,
        values: Mapping[str, Column] | None = None,
        *,
        assumed: Assumed | None = None,
        trace: dict[Path_, Column] | None = None,
        forced: tuple[Path_, int] | None = None,
        path: Path_ = (),
    ) -> Column:
        """The value of a condition on every row of the frame of ``head``, before pins.

        ``values`` stands before what the law itself decides. ``trace`` collects the value of
        every branch by path, on the rows of the branch's own frame; ``forced`` sets one branch.
        """
        frame = head if isinstance(head, Frame) else self.base.frame(head)
        if forced is not None and forced[0] == path:
            return np.full(self.sizes[frame], forced[1], dtype=np.int8)

        def part(step: Path_, item: Term, within: Frame = frame) -> Column:
            return self.evaluate(
                item,
                within,
                values,
                assumed=assumed,
                trace=trace,
                forced=forced,
                path=path + step,
            )

        if isinstance(term, Ref) and term.id in self.base.decided:
            found = (values or {}).get(term.id)
            if found is None:
                found = self.values[term.id]
            own = self.base.decided[term.id].per
            if own is not frame:
                found = found[self.seen_from(frame, own)]
        elif isinstance(term, Ref | Test | View):
            found = self.leaf(frame, term, assumed)
        elif isinstance(term, Some | Every):
            inner = part(*steps(term)[0], term.frame)
            found = self.over(frame, term.frame, inner, some=isinstance(term, Some))
        elif isinstance(term, Not):
            found = (HOLDS - part(*steps(term)[0])).astype(np.int8)
        elif isinstance(term, Unless):
            found = exception(part(*steps(term)[0]), self.lenient[frame])
        else:
            parts = [part(step, item) for step, item in steps(term)]
            found = combined(term, parts, self.sizes[frame])
        if trace is not None:
            trace[path] = found
        return found

    def pinned(self, name: str, found: Column) -> Column:
        """A column with the values that tests give to ``name`` put in."""
        if name not in self._mentions:
            return found
        found = found.copy()
        for number in self._mentions[name]:
            stated = self.cases[number][1].given[name]
            found[number] = {"holds": HOLDS, "fails": FAILS}.get(str(stated), UNKNOWN)
        return found

    def spread(
        self,
        changed: dict[str, Column],
        *,
        start: Iterable[str] = (),
        assumed: Assumed | None = None,
    ) -> dict[str, Column]:
        """Everything that is decided otherwise when ``changed`` is, with its new values.

        ``start`` names what has to be decided anew besides. Stops where nothing changes.
        """
        found = dict(changed)
        waiting = set(start)
        for name in changed:
            waiting.update(self.readers.get(name, ()))
        while waiting:
            name = min(waiting, key=self.position.__getitem__)
            waiting.discard(name)
            if name in changed:
                continue
            new = self.evaluate(self.base.terms[name], name, found, assumed=assumed)
            new = self.pinned(name, new)
            if not np.array_equal(new, self.values[name]):
                found[name] = new
                waiting.update(self.readers.get(name, ()))
        return found

    def labels(
        self,
        of: str,
        values: Mapping[str, Column],
        *,
        levels: bool = True,
        order: Sequence[int] = (),
    ) -> NDArray[np.int8]:
        """For each row of a classification the number of the label reached.

        ``otherwise`` is 0; the same label is the same number, with ``levels`` only at the same
        level. ``order`` is that in which the outcome rules are asked, by default as written.
        """
        item = self.base.classifications[of]
        reached = [(item.otherwise, item.otherwise_level)]
        reached += [(outcome.label, outcome.level) for outcome in item.outcomes]
        keys = [key if levels else key[:1] for key in reached]
        found = np.zeros(self.sizes[item.per], dtype=np.int8)
        for index in reversed(order or range(len(item.outcomes))):
            name = outcome_id(of, index)
            column = values.get(name)
            held = (self.values[name] if column is None else column) == HOLDS
            found[held] = keys.index(keys[index + 1])
        return found

    # Rows

    def seen_from(self, frame: Frame, other: Frame) -> NDArray[np.intp]:
        """For each row of ``frame``, the row of the coarser frame ``other`` that it is part of."""
        if (frame, other) not in self._seen_from:
            found = list(range(len(self.cases)))
            for layout, start in zip(self._layouts, self._starts[other], strict=True):
                for row in range(len(layout.rows[frame])):
                    found.append(start + layout.related(frame, row, other)[0])
            self._seen_from[frame, other] = np.array(found, dtype=np.intp)
        return self._seen_from[frame, other]

    def over(self, frame: Frame, other: Frame, inner: Column, *, some: bool) -> Column:
        """A quantifier: ``inner`` over the rows of ``other`` related to each row of ``frame``."""
        if (frame, other) not in self._ranges:
            number = len(self.cases)
            filled = list(range(number))
            rows: list[int] = []
            starts: list[int] = []
            for row in filled:
                starts.append(len(rows))
                rows += sorted({row, self._second.get(row, row)})
            for layout, start in zip(self._layouts, self._starts[other], strict=True):
                for row in range(len(layout.rows[frame])):
                    related = layout.related(frame, row, other)
                    if related:
                        filled.append(number)
                        starts.append(len(rows))
                        rows += [start + one for one in related]
                    number += 1
            self._ranges[frame, other] = tuple(
                np.array(item, dtype=np.intp) for item in (rows, starts, filled)
            )  # type: ignore[assignment]
        rows_, starts_, filled_ = self._ranges[frame, other]
        found = np.full(self.sizes[frame], UNKNOWN, dtype=np.int8)
        if len(filled_):
            ladder = np.maximum if some else np.minimum
            found[filled_] = ladder.reduceat(inner[rows_], starts_)
        return found

    # Leaves

    def leaf(self, frame: Frame, term: Ref | Test | View, assumed: Assumed | None = None) -> Column:
        """The value of a fact or view on every row of a frame."""
        if assumed is not None:
            name = term.doctrine if isinstance(term, View) else str(getattr(term, "id", ""))
            if name in dict(assumed.presumed) or name in dict(assumed.default):
                return self._read(frame, term, assumed)
        key = Leaf(frame, term)
        if key not in self._leaves:
            self._leaves[key] = self._read(frame, term, Assumed())
        return self._leaves[key]

    def _read(self, frame: Frame, term: Ref | Test | View, assumed: Assumed) -> Column:
        found = np.full(self.sizes[frame], UNKNOWN, dtype=np.int8)
        if isinstance(term, View):
            default = dict(assumed.default).get(
                term.doctrine, self.base.doctrines[term.doctrine].default
            )
            found[:] = HOLDS if default == term.view else FAILS
            for number, (_, case) in enumerate(self.cases):
                if term.doctrine in case.doctrine:
                    taken = case.doctrine[term.doctrine] == term.view
                    found[number] = HOLDS if taken else FAILS
            return found
        name, node = _node(frame, term)
        fact = self.base.facts[name]
        if len(node.param) == 1:
            presumed = dict(assumed.presumed).get(name, fact.presumed)
            found[self.lenient[frame]] = _NUMBER[Truth.of(presumed)]
        for number in self._mentions.get(name, ()):
            value = self.cases[number][1].given[name]
            if value is not None:
                found[number] = _NUMBER[leaf_truth(value, node)]
        row = len(self.cases)
        for laid in self._grounded:
            for number in range(len(laid.layout.rows[frame])):
                if fact.derived:
                    found[row] = _NUMBER[laid.value(frame, number, node)]
                else:
                    value = laid.stated(frame, number, name)
                    if value is not None:
                        found[row] = _NUMBER[leaf_truth(value, node)]
                row += 1
        return found


def exception(part: Column, lenient: NDArray[np.bool_]) -> Column:
    """``unless``: the opposite, and true where the exception is unknown and may be assumed."""
    found = HOLDS - part
    found[(part == UNKNOWN) & lenient] = HOLDS
    return found.astype(np.int8)


def combined(term: All | Any | Count, parts: Sequence[Column], size: int) -> Column:
    """``all``, ``any`` or ``count`` of its parts. Of no parts at all, ``all`` holds."""
    if not parts:
        return np.full(size, HOLDS if isinstance(term, All) else FAILS, dtype=np.int8)
    if isinstance(term, Count):
        stacked = np.stack(parts)
        held = (stacked == HOLDS).sum(axis=0)
        possible = (stacked != FAILS).sum(axis=0)
        found = np.where(held >= term.at_least, HOLDS, UNKNOWN)
        found[possible < term.at_least] = FAILS
        return found.astype(np.int8)
    ladder = np.minimum if isinstance(term, All) else np.maximum
    total = parts[0]
    for part in parts[1:]:
        total = ladder(total, part)
    return total


def _node(frame: Frame, term: Ref | Test) -> tuple[str, Node]:
    """A fact leaf as the plan writes it."""
    if isinstance(term, Ref):
        return term.id, Node("fact", frame, (), (term.id,))
    sign = ">=" if term.at_least else "="
    return term.fact, Node("fact", frame, (), (term.fact, sign, term.value))


def _reads(term: Term) -> tuple[str, ...]:
    """What a leaf names, a doctrine with its mark, so that no id is taken for another."""
    if isinstance(term, Ref):
        return (term.id,)
    if isinstance(term, Test):
        return (term.fact,)
    return (f"doctrine:{term.doctrine}",) if isinstance(term, View) else ()
