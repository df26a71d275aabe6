"""What the options of a search's answer amount to in law: which provision each brings about.

"One of these eleven" is read more easily as murder, enslavement, imprisonment. Every option is
decided once, in one evaluation, beside the cheapest of everything else that is needed; what then
holds (or fails) by this option and not by the others is what it gives.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from engine.inference.planes import Values
from engine.model.reasons import Branch, Choice, ElementNow, Gives
from engine.model.records import Provision
from engine.model.truth import Truth
from engine.reasoning.assess import Assessment
from engine.reasoning.goals import Goal, goal_rows
from engine.reasoning.readers import Readers, stage_order
from engine.reasoning.space import Space
from engine.reasoning.variants import variants

_WORLDS = 2_000
"""No more options than this are told apart."""


@dataclass
class _Asked:
    """A choice, the world that lacks it, and the worlds of each of its options.

    An option has a world for the cheapest way of taking it, first, and for every way further in.
    ``above`` are the choices that it stands below.
    """

    choice: Choice
    without: int
    options: list[list[int]]
    above: tuple[Choice, ...] = ()


@dataclass
class _Plan:
    """The worlds to decide, as the statements made in each."""

    worlds: list[tuple[str, ...]] = field(default_factory=list)
    asked: list[_Asked] = field(default_factory=list)

    def walk(
        self, branch: Branch, outside: Sequence[str], above: tuple[Choice, ...] = ()
    ) -> list[int]:
        """Ask about every choice of a branch; ``outside`` is made whatever is chosen.

        The worlds in which some option further in is taken.
        """
        met: list[int] = []
        for choice in branch.choices:
            if choice.needed != 1 or len(self.worlds) > _WORLDS:
                continue
            rest = [*outside, *branch.core]
            for other in branch.choices:
                rest += _first(other) if other is not choice else []
            asked = _Asked(choice, self._add(rest), [], above)
            self.asked.append(asked)
            for option in choice.options:
                first = self._add([*rest, *cheapest(option)])
                asked.options.append([first, *self.walk(option, rest, (*above, choice))])
            met += [world for worlds in asked.options for world in worlds]
        return met

    def _add(self, statements: Sequence[str]) -> int:
        self.worlds.append(tuple(dict.fromkeys(statements)))
        return len(self.worlds) - 1


def cheapest(branch: Branch) -> list[str]:
    """The changes of one of the smallest sets that a branch stands for."""
    return [*branch.core, *(name for choice in branch.choices for name in _first(choice))]


def _first(choice: Choice) -> list[str]:
    return [name for option in choice.options[: choice.needed] for name in cheapest(option)]


def name_gains(branch: Branch, space: Space, literals: Mapping[str, int], readers: Readers) -> None:
    """Fill in ``gives`` throughout a branch. ``literals`` are the changes by their statements."""
    plan = _Plan()
    plan.walk(branch, [])
    if not plan.asked:
        return
    worlds = [[literals[name] for name in statements] for statements in plan.worlds]
    found = _Provisions(space.assessment, variants(space, worlds), len(worlds), readers)
    for asked in plan.asked:
        asked.choice.gives = found.common(asked)
        if len(asked.options) > 1:
            for number, option in enumerate(asked.choice.options):
                option.gives = found.own(asked, number)


class _Provisions:
    """The value, in every world, of each provision between the facts and the goals."""

    def __init__(
        self, assessment: Assessment, values: Values, count: int, readers: Readers
    ) -> None:
        self.law = assessment.law
        self.steps: dict[str, int] = {}
        self.planes: dict[str, tuple[int, int]] = {}
        full = (1 << count) - 1
        for record in self.law.base.provisions():
            head = self.law.plan.heads[record.id]
            if head not in readers.steps:
                continue
            holds, fails = 0, full
            for row in assessment.rows(record.per):
                true, false = self.law.evaluator.get(values, row, head)
                holds, fails = holds | true, fails & false
            self.planes[record.id] = (holds, fails & ~holds)
            self.steps[record.id] = readers.steps[head]

    def _value(self, name: str, world: int) -> Truth:
        holds, fails = self.planes[name]
        return Truth.of(bool(holds >> world & 1)) if (holds | fails) >> world & 1 else Truth.UNKNOWN

    def common(self, asked: _Asked) -> Gives | None:
        """What every option gives and the absence of all does not: nearest to the facts."""
        found = []
        for name in self.planes:
            given = {self._value(name, world) for worlds in asked.options for world in worlds}
            if len(given) == 1 and not given & {Truth.UNKNOWN, self._value(name, asked.without)}:
                found.append((-self.steps[name], self._order(name), name))
        gives = self._gives(min(found)[-1], asked.options[0][0]) if found else None
        return None if gives in [choice.gives for choice in asked.above] else gives

    def own(self, asked: _Asked, number: int) -> Gives | None:
        """What an option gives and not every other one does: nearest to the goal."""
        world, found = asked.options[number][0], []
        for name in self.planes:
            value = self._value(name, world)
            if value in (Truth.UNKNOWN, self._value(name, asked.without)):
                continue
            if any(self._value(name, other) is not value for other in asked.options[number]):
                continue
            alike = sum(self._value(name, other[0]) is value for other in asked.options)
            if alike < len(asked.options):
                found.append((self.steps[name], alike, self._order(name), name))
        return self._gives(min(found)[-1], world) if found else None

    def _order(self, name: str) -> tuple[int, str]:
        record = self.law.base.decided[name]
        return stage_order(record.stage if isinstance(record, Provision) else ""), name

    def _gives(self, name: str, world: int) -> Gives:
        record = self.law.base.decided[name]
        cite = self.law.base.citation(record) if isinstance(record, Provision) else ""
        value: Literal["holds", "fails"] = "fails"
        if self._value(name, world) is Truth.HOLDS:
            value = "holds"
        return Gives(id=name, name=record.name, cite=cite, value=value)


def elements_now(space: Space, goal: Goal, answer: Sequence[int]) -> list[ElementNow]:
    """The elements that the goal asks for, on the row nearest to it, as they are now.

    Those that hold once the changes of ``answer`` are made.
    """
    assessment = space.assessment
    law, layout = assessment.law, assessment.case.layout
    item = law.base.classifications.get(goal.of)
    if item is None or goal.other or goal.answer != item.strongest[0]:
        return []
    values = variants(space, [(), answer])
    best: list[ElementNow] = []
    for row in goal_rows(goal, assessment):
        found = []
        for name in item.elements:
            record = law.base.decided[name]
            planes = [
                law.evaluator.get(values, other, law.plan.heads[name])
                for other in layout.related(item.per, row, record.per)
            ]
            if any(true & 2 for true, _ in planes):
                now = Truth.UNKNOWN
                if any(true & 1 for true, _ in planes):
                    now = Truth.HOLDS
                elif all(false & 1 for _, false in planes):
                    now = Truth.FAILS
                cite = law.base.citation(record) if isinstance(record, Provision) else ""
                found.append(ElementNow(id=name, name=record.name, cite=cite, now=now.value))
        if len(found) > len(best):
            best = found
    return best
