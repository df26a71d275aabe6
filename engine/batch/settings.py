"""Who was bound by what, when: worked out once for all scenarios in the same position.

Two scenarios with the same States and treaties are in the same setting when their dates fall
between the same days of change; a setting fixes how episodes are split and the truth of every
fact that follows from dates and treaties. Equal to ``engine.inference.grounding.ground``,
which does it scenario by scenario.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

from engine.inference.grounding import (
    STATUS_FACTS,
    change_days,
    in_force_on,
    state_status,
)
from engine.inference.law import Law
from engine.model.scenario import StatePart
from engine.model.truth import Truth

UNKNOWN, TRUE, FALSE = 0, 1, 2
_CODE = {Truth.UNKNOWN: UNKNOWN, Truth.HOLDS: TRUE, Truth.FAILS: FALSE}

Days = tuple[date | None, date | None]
"""First and last day; either may be missing."""


@dataclass(frozen=True)
class Setting:
    """How many periods each episode has, and each period's row of truth codes.

    ``truths[period]`` runs over the in-force facts, then State by State over the status facts,
    in the order of ``Settings.wanted``.
    """

    parts: tuple[int, ...]
    truths: tuple[bytes, ...]


class Settings:
    """The settings of scenarios under one law."""

    def __init__(self, law: Law) -> None:
        self.law = law
        derived = [
            name
            for name in law.plan.facts()
            if name in law.base.facts and law.base.facts[name].derived
        ]
        self.in_force = [name for name in derived if name.startswith("in_force.")]
        self.status = [name for name in derived if name.partition(".")[0] in STATUS_FACTS]
        self._calendars: dict[tuple[tuple[str, str], ...], Calendar] = {}

    def column(self, fact: str, state: int) -> int:
        """Where a fact's truth stands in a row of truths."""
        if fact.startswith("in_force."):
            return self.in_force.index(fact)
        return len(self.in_force) + state * len(self.status) + self.status.index(fact)

    def calendar(self, states: Sequence[tuple[str, str, StatePart]]) -> Calendar:
        """The days of change for these States: (code, what is entered of it as text, record)."""
        key = tuple((code, text) for code, text, _ in states)
        found = self._calendars.get(key)
        if found is None:
            if len(self._calendars) > 4096:
                self._calendars.clear()
            found = Calendar(self, {code: part for code, _, part in states})
            self._calendars[key] = found
        return found


class Calendar:
    """The days on which the position of some States, or of some treaty, may change.

    ``days`` counts from the first: on a day before ``days[0]`` the position is number 0.
    """

    def __init__(self, settings: Settings, states: Mapping[str, StatePart]) -> None:
        self.settings, self.states = settings, states
        self._positions: dict[int, bytes] = {}
        self._settings: dict[tuple[tuple[int, int], ...], Setting] = {}

    @cached_property
    def cuts(self) -> frozenset[date]:
        """The days on which an episode is split if the position changes."""
        law = self.settings.law
        found = set()
        for fact in self.settings.in_force:
            first = law.base.instruments[fact.partition(".")[2]].in_force
            if first:
                found.add(first)
        for code, part in self.states.items():
            for fact in self.settings.status:
                head, _, key = fact.partition(".")
                found.update(change_days(part, code, head, key, law.base, law.status))
        return frozenset(found)

    @cached_property
    def days(self) -> list[date]:
        """The cuts, and the days after which the data on a treaty end."""
        ends = {
            reach.as_of + timedelta(days=1) for reach in self.settings.law.status.coverage.values()
        }
        return sorted(self.cuts | ends)

    @cached_property
    def ordinals(self) -> list[int]:
        """The days as ordinals."""
        return [day.toordinal() for day in self.days]

    def number(self, day: date | None) -> int:
        """The number of the position on a day; -1 without one."""
        return -1 if day is None else bisect_right(self.days, day)

    def position(self, number: int) -> bytes:
        """The truth code of every derived fact: in force, then State by State."""
        if number not in self._positions:
            if number == -1:
                day = None
            else:
                day = self.days[number - 1] if number else date.min
            law = self.settings.law
            truths = [
                in_force_on(law.base, fact.partition(".")[2], day)
                for fact in self.settings.in_force
            ]
            truths += [
                state_status(part, code, fact, law.base, law.status, day).value
                for code, part in self.states.items()
                for fact in self.settings.status
            ]
            self._positions[number] = bytes(_CODE[truth] for truth in truths)
        return self._positions[number]

    def setting(self, episodes: tuple[tuple[int, int], ...]) -> Setting:
        """The setting of episodes given by the numbers of their first and last day's position."""
        found = self._settings.get(episodes)
        if found is None:
            parts, truths = [], []
            for first, last in episodes:
                rows = self._periods(first, last)
                parts.append(len(rows))
                truths += rows
            found = Setting(tuple(parts), tuple(truths))
            if len(self._settings) > 65536:
                self._settings.clear()
            self._settings[episodes] = found
        return found

    def _periods(self, first: int, last: int) -> list[bytes]:
        if first == -1 or last == -1:  # with one date or none there is nothing to split
            return [self.position(max(first, last))]
        rows = [self.position(first)]
        before = rows[0]
        for number in range(first + 1, last + 1):
            if self.days[number - 1] not in self.cuts:
                continue
            now = self.position(number)
            if now != before:
                rows.append(now)
            before = now
        return rows
