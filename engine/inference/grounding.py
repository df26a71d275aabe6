"""A scenario laid out in rows, with the value of every fact on every row that reads it.

An episode during which a State's position towards a treaty changes, or a treaty enters into
force, is split there: each period is a row of its own.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property

from engine.inference.layout import Layout, Row, layout_of
from engine.inference.plan import Node, Plan
from engine.model.frames import Frame
from engine.model.records import Value
from engine.model.scenario import EpisodePart, Facts, Membership, Scenario, StatePart, plain
from engine.model.truth import Truth
from engine.rulebase.rulebase import Rulebase
from engine.rulebase.treaty_status import Status, TreatyStatus

STATUS_FACTS = ("bound", "signed", "accepted")


@dataclass(frozen=True)
class Period:
    """One episode, or the part of it during which nobody's treaty position changes.

    ``start`` and ``end`` are its first and last day; ``None`` where no date was given.
    """

    episode: str
    start: date | None
    end: date | None
    part: int = 0
    parts: int = 1

    @property
    def day(self) -> date | None:
        """The day that stands for the period in questions of time."""
        return self.start or self.end

    @property
    def key(self) -> str:
        """The episode's name, with the dates when it was split."""
        return self.episode if self.parts == 1 else f"{self.episode}@{self.start}/{self.end}"


@dataclass
class Case:
    """A scenario ready to be decided. ``None`` among the actors is the unnamed one."""

    scenario: Scenario
    layout: Layout
    actors: tuple[str | None, ...]
    periods: tuple[Period, ...]
    states: tuple[str, ...]
    status: dict[tuple[str, str, int], Status] = field(default_factory=dict)
    in_force: dict[tuple[str, int], Truth] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def row_name(self, frame: Frame, number: int) -> str:
        """How a row is named in results: main × e1, ALAND × e1, e1, ALAND, situation."""
        row = self.layout.rows[frame][number]
        if frame is Frame.SITUATION:
            return "situation"
        if frame is Frame.EPISODE:
            return self.periods[row[0]].key
        if frame is Frame.ACTOR:
            return self.actors[row[0]] or "unnamed actor"
        if frame is Frame.STATE:
            return self.states[row[0]]
        first = self.states[row[0]] if frame is Frame.DUTY else self.actors[row[0]]
        return f"{first or 'unnamed actor'}×{self.periods[row[1]].key}"

    def facts(self, frame: Frame, number: int) -> dict[str, Value]:
        """The values that hold on a row: of each fact, its most specific statement."""
        return self._facts[frame][number]

    def stated(self, frame: Frame, number: int, fact: str) -> Value:
        """The value that holds on a row, or None."""
        return self._facts[frame][number].get(fact)

    def value(self, frame: Frame, number: int, node: Node) -> Truth:
        """The truth of a fact leaf on a row, before any presumption."""
        fact = str(node.param[0])
        head, _, key = fact.partition(".")
        row = self.layout.rows[frame][number]
        if head in STATUS_FACTS and frame is Frame.DUTY:
            return self.status[(fact, self.states[row[0]], row[1])].value
        if head == "in_force":
            return self.in_force[(key, row[-1])]
        if fact == "entered.actor":
            return Truth.of(self.actors[row[0]] is not None)
        return leaf_truth(self.stated(frame, number, fact), node)

    @cached_property
    def _facts(self) -> dict[Frame, list[dict[str, Value]]]:
        """For each row, the facts it inherits, coarser statements overlaid by finer ones."""
        scenario = self.scenario
        top = plain(scenario.facts)
        actors = {name: plain(part.facts) for name, part in scenario.actors.items()}
        episodes = {name: plain(part.facts) for name, part in scenario.episodes.items()}
        states = {name: plain(part.facts) for name, part in scenario.states.items()}

        def of(frame: Frame, row: Row) -> dict[str, Value]:
            found = dict(top)
            if frame in (Frame.EPISODE, Frame.CHARGE, Frame.DUTY):
                name = self.periods[row[-1]].episode
                found.update(episodes.get(name, {}))
            if frame in (Frame.STATE, Frame.DUTY):
                found.update(states.get(self.states[row[0]], {}))
            if frame in (Frame.ACTOR, Frame.CHARGE):
                found.update(actors.get(self.actors[row[0]] or "", {}))
            if frame in (Frame.CHARGE, Frame.DUTY) and name in scenario.episodes:
                part = scenario.episodes[name]
                if frame is Frame.CHARGE:
                    found.update(plain(part.charges.get(self.actors[row[0]] or "", {})))
                else:
                    found.update(plain(part.duties.get(self.states[row[0]], {})))
            return found

        return {frame: [of(frame, row) for row in rows] for frame, rows in self.layout.rows.items()}


def leaf_truth(stated: Value, node: Node) -> Truth:
    """What a stated value makes of a fact leaf, which may test a choice or a number."""
    if stated is None:
        return Truth.UNKNOWN
    if len(node.param) == 1:
        return Truth.of(bool(stated))
    if node.param[1] == ">=":
        return Truth.of(int(stated) >= int(node.param[2]))
    return Truth.of(stated == node.param[2])


_NO_EPISODE = EpisodePart()


def ground(scenario: Scenario, base: Rulebase, plan: Plan, status: TreatyStatus) -> Case:
    """Lay a scenario out in rows and work out who was bound by what on each of them."""
    states = tuple(scenario.states)
    actors: tuple[str | None, ...] = tuple(scenario.actors) or (None,)
    wanted = [name for name in plan.facts() if name in base.facts and base.facts[name].derived]
    notes: list[str] = []
    periods = tuple(
        period
        for name in (scenario.episodes or {"episode": _NO_EPISODE})
        for period in _periods(scenario, name, states, wanted, base, status, notes)
    )
    charges = _charges(scenario, actors, periods)
    layout = layout_of(len(actors), len(periods), len(states), charges)
    case = Case(scenario, layout, actors, periods, states, notes=notes)
    for name in wanted:
        head, _, key = name.partition(".")
        for number, period in enumerate(periods):
            if head == "in_force":
                case.in_force[(key, number)] = in_force_on(base, key, period.day)
            elif head in STATUS_FACTS:
                for code in states:
                    state = scenario.states[code]
                    found = _timeless(state, code, head, key, status)
                    if found is None:
                        found = state_status(state, code, name, base, status, period.day)
                    case.status[(name, code, number)] = found
    return case


def _timeless(
    state: StatePart, code: str, head: str, key: str, status: TreatyStatus
) -> Status | None:
    """The State's position towards a treaty where it is the same on every day; else None."""
    if head == "accepted":
        return None if code in status.states or state.declarations else _NOT_ACCEPTED
    if key in state.treaties:
        entry = state.treaties[key]
        if isinstance(entry, Membership):
            return None
        return (_SAID if head == "bound" else _SAID_OF_SIGNING)[entry]
    return None if code in status.states else _NOT_SAID


_NOT_ACCEPTED = Status(Truth.FAILS, "not accepted", note="the scenario enters no declaration")
_NOT_SAID = Status(Truth.UNKNOWN, "unknown", note="the scenario does not say")
_LEFT_OPEN = Status(Truth.UNKNOWN, "unknown", note="the scenario leaves it open")
_SAID = {
    True: Status(Truth.HOLDS, "party", confidence="scenario", source="the scenario"),
    False: Status(Truth.FAILS, "not a party", confidence="scenario", source="the scenario"),
    None: _LEFT_OPEN,
}
_SAID_OF_SIGNING = {
    True: Status(Truth.FAILS, "party"),
    False: Status(Truth.FAILS, "not a party"),
    None: _LEFT_OPEN,
}


def _charges(
    scenario: Scenario, actors: tuple[str | None, ...], periods: tuple[Period, ...]
) -> tuple[Row, ...] | None:
    if not any(part.actors for part in scenario.episodes.values()):
        return None
    rows = []
    for a, actor in enumerate(actors):
        for p, period in enumerate(periods):
            taking_part = scenario.episodes[period.episode].actors
            if not taking_part or actor in taking_part:
                rows.append((a, p))
    return tuple(rows)


def in_force_on(base: Rulebase, key: str, day: date | None) -> Truth:
    """Whether an instrument as such was in force on a day, whoever was bound by it."""
    first = base.instruments[key].in_force
    if day is None or first is None:
        return Truth.UNKNOWN
    return Truth.of(day >= first)


def state_status(
    state: StatePart,
    code: str,
    fact: str,
    base: Rulebase,
    status: TreatyStatus,
    day: date | None,
) -> Status:
    """The answer to ``bound.KEY``, ``signed.KEY`` or ``accepted.KEY`` for a State on a day.

    What the scenario says wins; then the shipped data, for real States; otherwise unknown.
    """
    head, _, key = fact.partition(".")
    if head == "accepted":
        return _accepted(state, code, key, base, status, day)
    if key in state.treaties:
        bound = _entered(state.treaties[key], day)
    elif code in status.states:
        bound = status.on(key, code, day)
    else:
        bound = _NOT_SAID
    if head == "bound":
        return bound
    if bound.kind == "unknown" or not bound.value.known:
        return Status(Truth.UNKNOWN, bound.kind, note=bound.note)
    return Status(Truth.of(bound.kind == "signatory"), bound.kind, bound.since)


def _entered(entry: bool | Membership | None, day: date | None) -> Status:
    source = "the scenario"
    if entry is None or isinstance(entry, bool):
        return _SAID[entry]
    if entry.in_force is None and entry.until is None:
        return Status(Truth.HOLDS, "party", confidence="scenario", source=source)
    if day is None:
        return Status(Truth.UNKNOWN, "unknown", note="no date was given for the conduct")
    since, until = entry.in_force, entry.until
    if until and day >= until:
        return Status(Truth.FAILS, "withdrawn", until, None, "scenario", source)
    if since and day < since:
        return Status(Truth.FAILS, "not a party", None, since, "scenario", source)
    return Status(Truth.HOLDS, "party", since, until, "scenario", source)


def _accepted(
    state: StatePart,
    code: str,
    key: str,
    base: Rulebase,
    status: TreatyStatus,
    day: date | None,
) -> Status:
    entry = state.declarations.get(base.instruments[key].declaration or "")
    if entry is not None:
        if day is None:
            return Status(Truth.UNKNOWN, "unknown", note="no date was given for the conduct")
        inside = (entry.start is None or day >= entry.start) and (
            entry.until is None or day < entry.until
        )
        kind = "accepted" if inside else "not accepted"
        return Status(Truth.of(inside), kind, entry.start, entry.until, "scenario", "the scenario")
    if code in status.states:
        return status.accepted(key, code, day)
    return _NOT_ACCEPTED


def _periods(
    scenario: Scenario,
    name: str,
    states: Iterable[str],
    wanted: list[str],
    base: Rulebase,
    status: TreatyStatus,
    notes: list[str],
) -> list[Period]:
    part = scenario.episodes.get(name, _NO_EPISODE)
    start = part.start or scenario.dates.start
    end = part.end or scenario.dates.end
    if start is None or end is None:
        given = start or end
        if given is not None:
            word = "end" if end is None else "start"
            notes.append(f"{name}: no {word} date was given, so only {given} is tested")
        return [Period(name, given, given)]
    days = {start}
    for fact in wanted:
        head, _, key = fact.partition(".")
        if head == "in_force" and base.instruments[key].in_force:
            days.add(base.instruments[key].in_force)  # type: ignore[arg-type]
        if head in STATUS_FACTS:
            for code in states:
                days.update(change_days(scenario.states[code], code, head, key, base, status))
    cuts = sorted(day for day in days if start <= day <= end)

    def position(day: date) -> tuple[Truth, ...]:
        found = []
        for fact in wanted:
            head, _, key = fact.partition(".")
            if head == "in_force":
                found.append(in_force_on(base, key, day))
            elif head in STATUS_FACTS:
                found += [
                    state_status(scenario.states[code], code, fact, base, status, day).value
                    for code in states
                ]
        return tuple(found)

    kept: list[date] = []
    last: tuple[Truth, ...] | None = None
    for day in cuts:
        now = position(day) if len(cuts) > 1 else None
        if not kept or now != last:
            kept.append(day)
        last = now
    ends = [day - timedelta(days=1) for day in kept[1:]] + [end]
    return [
        Period(name, first, final, number, len(kept))
        for number, (first, final) in enumerate(zip(kept, ends, strict=True))
    ]


def change_days(
    state: StatePart, code: str, head: str, key: str, base: Rulebase, status: TreatyStatus
) -> list[date]:
    """The days on which a State's answer to ``bound``, ``signed`` or ``accepted`` may change."""
    if head == "accepted":
        entry = state.declarations.get(base.instruments[key].declaration or "")
        if entry is not None:
            return [day for day in (entry.start, entry.until) if day]
    elif key in state.treaties:
        member = state.treaties[key]
        if isinstance(member, Membership):
            return [day for day in (member.in_force, member.until) if day]
        return []
    return status.changes(key, code) if code in status.states else []


def inherited(case: Case, frame: Frame, number: int) -> Facts:
    """The stated facts of a row with their sources, most specific statement first."""
    scenario, row = case.scenario, case.layout.rows[frame][number]
    layers: list[Facts] = [scenario.facts]
    episode = None
    if frame in (Frame.EPISODE, Frame.CHARGE, Frame.DUTY):
        episode = scenario.episodes.get(case.periods[row[-1]].episode, _NO_EPISODE)
        layers.append(episode.facts)
    if frame in (Frame.ACTOR, Frame.CHARGE):
        name = case.actors[row[0]] or ""
        layers.append(scenario.actors[name].facts if name in scenario.actors else {})
        layers.append(episode.charges.get(name, {}) if episode else {})
    if frame in (Frame.STATE, Frame.DUTY):
        layers.append(scenario.states[case.states[row[0]]].facts)
        layers.append(episode.duties.get(case.states[row[0]], {}) if episode else {})
    merged: Facts = {}
    for layer in layers:
        merged.update(layer)
    return merged
