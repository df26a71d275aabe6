"""Scenario documents, grouped by structure and laid out as columns.

What is accepted here is accepted by ``engine.rulebase.scenarios.check_scenario`` too; whatever
is out of the ordinary is left to the plain way, which checks it in full and says what is wrong.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from engine.batch.block import FEW, Block, Found, decide_block
from engine.batch.cells import Cells
from engine.batch.decide import Decider
from engine.batch.extras import need
from engine.batch.settings import Calendar, Days, Setting, Settings
from engine.batch.structure import FRAME_OF, TOP, Section, Structure
from engine.batch.words import day_of
from engine.model.frames import Frame
from engine.model.problem import InputError
from engine.model.scenario import StatePart
from engine.rulebase.scenarios import check_scenario
from engine.rulebase.source import Source

_TOP = frozenset(
    ("id", "title", "narrative", "kind", "note", "dates", "facts", "states", "actors", "episodes")
)
_ACTOR = frozenset(("name", "kind", "nationality", "facts", "note"))
_EPISODE = frozenset(
    ("title", "narrative", "places", "start", "end", "actors", "facts", "charges", "duties", "note")
)
_KINDS = ("case", "hypothetical", "exercise")
_NOTHING: dict[str, Any] = {}

State = tuple[str, str, StatePart]
"""A State's code, what is entered of it apart from facts as text, and its record."""


class Unusual(Exception):
    """The document is left to the plain way."""


@dataclass
class Group:
    """Documents of one shape: the cells stated, row by row, and the setting of each row."""

    shape: Structure
    rows: list[int] = field(default_factory=list)
    stated: dict[tuple[Section, str], tuple[list[int], list[object]]] = field(default_factory=dict)
    codes: list[int] = field(default_factory=list)
    settings: dict[Setting, int] = field(default_factory=dict)


@dataclass
class DocumentReader:
    """Lays documents out. Keeps what it learnt of States."""

    decider: Decider
    settings: Settings
    _states: dict[tuple[str, str], StatePart | None] = field(default_factory=dict)
    allowed: dict[str, frozenset[str]] = field(default_factory=dict)
    _days: dict[str, date | None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        base, reads = self.decider.law.base, self.decider.law.reads
        for kind, frame in FRAME_OF.items():
            self.allowed[kind] = frozenset(
                fact.id
                for fact in base.facts.values()
                if not fact.derived
                and (
                    frame is Frame.SITUATION
                    or _may_state(fact.scope, frame, reads.get(fact.id, ()))
                )
            )

    def decide(
        self, documents: Sequence[Any], found: Found, rows: Sequence[int] | None = None
    ) -> list[int]:
        """Decide what can be decided as columns; the rows of the others are returned.

        ``rows`` has the row of each document; they are all the rows when it is left out.
        """
        groups: dict[Structure, Group] = {}
        left = []
        for row, document in zip(rows or range(len(documents)), documents, strict=True):
            try:
                self.lay_out(document, row, groups)
            except Unusual:
                left.append(row)
        for group in groups.values():
            left += self._decide(group, found)
        return left

    def _decide(self, group: Group, found: Found) -> list[int]:
        if len(group.rows) < FEW:
            return group.rows
        arrow, np = need("pyarrow"), need("numpy")
        facts = self.decider.law.base.facts
        kinds = {"tri": arrow.bool_(), "integer": arrow.int64(), "choice": arrow.string()}
        size = len(group.rows)
        arrays = {}
        for (section, fact), (rows, values) in group.stated.items():
            column: list[object] = [None] * size
            for row, value in zip(rows, values, strict=True):
                column[row] = value
            arrays[(section, fact)] = arrow.array(column, type=kinds[facts[fact].type])
        block = Block(
            group.shape,
            Cells(size, arrays),
            np.array(group.codes, dtype=np.int64),
            list(group.settings),
        )
        part = Found(size)
        rare = decide_block(self.decider, self.settings, block, part)
        if part.columns:
            index = None if size == found.rows else np.array(group.rows)
            found.put(index, part.columns)
        return [group.rows[row] for row in rare]

    def lay_out(self, document: Any, row: int, groups: dict[Structure, Group]) -> None:
        """Put a document into the group of its structure. Raises ``Unusual``."""
        if type(document) is not dict or not _TOP.issuperset(document):
            raise Unusual
        _check_texts(document, ("id", "title", "narrative", "note"))
        if document.get("kind", "case") not in _KINDS:
            raise Unusual
        stated: list[tuple[Section, str, object]] = []
        top = self._facts(document.get("facts", _NOTHING), TOP, _NOTHING, stated)
        dates = _map(document.get("dates", _NOTHING), ("start", "end"))
        whole = self._span(dates)
        actors = _map(document.get("actors", _NOTHING))
        states = _map(document.get("states", _NOTHING))
        episodes = _map(document.get("episodes", _NOTHING))
        sides: list[dict[str, Any]] = []
        for number, part in enumerate(actors.values()):
            if not _ACTOR.issuperset(_map(part)):
                raise Unusual
            _check_texts(part, ("name", "kind", "note"))
            if not _is_texts(part.get("nationality", "")):
                raise Unusual
            sides.append(
                self._facts(part.get("facts", _NOTHING), ("actor", number, -1), top, stated)
            )
        entries: list[State] = []
        for number, (code, part) in enumerate(states.items()):
            entries.append(self._state(code, part))
            sides.append(
                self._facts(part.get("facts", _NOTHING), ("state", number, -1), top, stated)
            )
        spans = []
        taking_part = []
        for number, part in enumerate(episodes.values()):
            spans.append(
                self._episode(part, number, whole, list(actors), list(states), top, sides, stated)
            )
            taking_part.append(tuple(list(actors).index(name) for name in part.get("actors", ())))
        setting = self._setting(entries, spans or [whole])
        shape = Structure(
            len(actors), tuple(taking_part), len(states), (1,) * max(1, len(episodes))
        )
        group = groups.get(shape)
        if group is None:
            group = groups[shape] = Group(shape)
        local = len(group.rows)
        group.rows.append(row)
        group.codes.append(group.settings.setdefault(setting, len(group.settings)))
        for section, fact, value in stated:
            cell = group.stated.get((section, fact))
            if cell is None:
                cell = group.stated[(section, fact)] = ([], [])
            cell[0].append(local)
            cell[1].append(value)

    def calendar(self, document: dict[str, Any]) -> Calendar:
        """The calendar of a document's States; its facts and days play no part."""
        if document.get("kind", "case") not in _KINDS:
            raise Unusual
        entries = [self._state(code, part) for code, part in document.get("states", {}).items()]
        return self.settings.calendar(entries)

    def _setting(self, entries: list[State], spans: list[Days]) -> Setting:
        calendar = self.settings.calendar(entries)
        return calendar.setting(
            tuple((calendar.number(first), calendar.number(last)) for first, last in spans)
        )

    def _days_of(self, part: dict[str, Any], whole: Days) -> Days:
        """The days of an episode, within those of the whole."""
        start, end = self._span(part)
        if (start and whole[0] and start < whole[0]) or (end and whole[1] and end > whole[1]):
            raise Unusual
        return start or whole[0], end or whole[1]

    def _episode(
        self,
        part: Any,
        number: int,
        whole: Days,
        actors: list[str],
        states: list[str],
        top: dict[str, Any],
        sides: list[dict[str, Any]],
        stated: list[tuple[Section, str, object]],
    ) -> Days:
        if not _EPISODE.issuperset(_map(part)):
            raise Unusual
        _check_texts(part, ("title", "narrative", "note"))
        days = self._days_of(part, whole)
        own = self._facts(part.get("facts", _NOTHING), ("episode", number, -1), top, stated)
        if own and any(not side.keys().isdisjoint(own) for side in sides):
            raise Unusual  # perhaps a contradiction
        for key in ("places", "actors"):
            if type(part.get(key, [])) is not list or not _is_texts(part.get(key, [])):
                raise Unusual
        taking_part = part.get("actors", ())
        if len(set(taking_part)) != len(taking_part) or not set(taking_part) <= set(actors):
            raise Unusual
        for key, kind, names in (("charges", "charge", actors), ("duties", "duty", states)):
            for name, facts in _map(part.get(key, _NOTHING)).items():
                if name not in names or (
                    kind == "charge" and taking_part and name not in taking_part
                ):
                    raise Unusual
                place: Section = (kind, names.index(name), number)
                # An unknown here would hide what the actor, State or episode states.
                self._facts(facts, place, _EVERYTHING, stated)
        return days

    def _facts(
        self,
        facts: Any,
        section: Section,
        top: Any,
        stated: list[tuple[Section, str, object]],
    ) -> dict[str, Any]:
        """Note the facts of one section. An unknown that hides what the top states is unusual."""
        if not facts:
            if facts == {}:
                return _NOTHING
            raise Unusual
        if type(facts) is not dict or not self.allowed[section[0]].issuperset(facts):
            raise Unusual
        base = self.decider.law.base.facts
        for name, value in facts.items():
            if type(value) is dict:
                if not value.keys() <= {"value", "source", "note"} or "value" not in value:
                    raise Unusual
                _check_texts(value, ("source", "note"))
                value = value["value"]
            if value is None or value == "unknown":
                if name in top:
                    raise Unusual
                continue
            kind = type(value)
            fact = base[name]
            if fact.type == "tri":
                fits = kind is bool
            elif fact.type == "integer":
                fits = kind is int and 0 <= value < 1 << 62
            else:
                fits = kind is str and value in fact.values
            if not fits:
                raise Unusual
            stated.append((section, name, value))
        return facts

    def _span(self, part: dict[str, Any]) -> Days:
        start, end = self._day(part.get("start")), self._day(part.get("end"))
        if start and end and start > end:
            raise Unusual
        return start, end

    def _day(self, text: Any) -> date | None:
        if text is None:
            return None
        if type(text) is not str:
            raise Unusual
        if text not in self._days:
            if len(self._days) > 100_000:
                self._days.clear()
            self._days[text] = day_of(text)
        day = self._days[text]
        if day is None:
            raise Unusual
        return day

    def _state(self, code: str, part: Any) -> State:
        return self.state(code, {key: value for key, value in _map(part).items() if key != "facts"})

    def state(self, code: str, entered: dict[str, Any]) -> State:
        """The record of a State entered so. Raises ``Unusual`` where something is wrong."""
        text = repr(entered)
        key = (code, text)
        if key not in self._states:
            if len(self._states) > 65536:
                self._states.clear()
            document = {"id": "x", "states": {code: entered}}
            law = self.decider.law
            try:
                scenario = check_scenario(Source("x", document), law.base, law.reads)
                self._states[key] = scenario.states[code]
            except InputError:
                self._states[key] = None
        record = self._states[key]
        if record is None:
            raise Unusual
        return code, text, record


class _Everything:
    def __contains__(self, name: object) -> bool:
        return True


_EVERYTHING = _Everything()


def _may_state(scope: Frame, frame: Frame, readers: Iterable[Frame]) -> bool:
    """Whether a fact may be stated in a frame below the top; see ``check_scenario``."""
    return frame.sees(scope) and (frame is scope or any(reader.sees(frame) for reader in readers))


def _map(value: Any, keys: tuple[str, ...] | None = None) -> dict[str, Any]:
    if type(value) is not dict or (keys is not None and not value.keys() <= set(keys)):
        raise Unusual
    return value


def _check_texts(part: dict[str, Any], keys: tuple[str, ...]) -> None:
    for key in keys:
        if key in part and type(part[key]) is not str:
            raise Unusual


def _is_texts(value: Any) -> bool:
    if type(value) is list:
        return all(type(item) is str for item in value)
    return type(value) is str
