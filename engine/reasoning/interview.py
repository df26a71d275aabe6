"""An interview: what is asked next, what was answered, back and change. No input or output.

Every answer is written into the scenario at once, so that stopping at any moment leaves a
scenario that says exactly what was answered.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date

from engine.inference.law import Law
from engine.model.problem import InputError, nearest
from engine.model.reasons import Question
from engine.model.records import Value
from engine.model.scenario import EpisodePart, Scenario
from engine.reasoning.assess import Assessment, assess
from engine.reasoning.goals import Goal
from engine.reasoning.missing import Asked, next_questions, open_targets
from engine.reasoning.places import DECLARATIONS, TREATIES, Place, Statement, restated
from engine.reasoning.readers import stage_order
from engine.reasoning.whatif import changed, read_changes
from engine.rulebase.link import value_fault
from engine.rulebase.scenarios import check_scenario, state_fault
from engine.rulebase.source import Source

Ranking = Callable[[Assessment, Sequence[Goal] | None, Collection[Asked]], list[Question]]
"""The questions worth asking, best first, leaving out what nobody knows."""


def as_lawyers_ask(
    assessment: Assessment, targets: Sequence[Goal] | None, unknowable: Collection[Asked]
) -> list[Question]:
    """One classification after the other, and in each the stages in their order.

    Of the questions that decide about as much as any, the one of the earliest stage comes
    first. Whether a treaty binds an invented State is asked; of a real one the data say so.
    """
    known = assessment.law.status.states
    goals = open_targets(assessment) if targets is None else targets
    for name in dict.fromkeys(goal.of for goal in goals):
        part = [goal for goal in goals if goal.of == name]
        ranked = next_questions(assessment, part, unknowable=unknowable, treaties=True)
        found = [question for question in ranked if _treaty_state(question) not in known]
        if found:
            enough = _ABOUT_AS_MUCH * max(question.weight for question in found)
            found.sort(key=lambda one: (one.weight < enough, _asking_order(one.stage)))
            return found
    return []


def _treaty_state(question: Question) -> str:
    """The State whose treaties a question is about; empty for any other question."""
    path = place_of(question.place).path
    return path[1] if path[-1] in (TREATIES, DECLARATIONS) else ""


def _asking_order(stage: str) -> float:
    """As the stages are taken, but what only completes a definition after its elements."""
    return stage_order("purpose") + 0.5 if stage == "definition" else stage_order(stage)


_ABOUT_AS_MUCH = 0.5
"""The share of the most deciding question's weight from which the order of stages counts."""


@dataclass(frozen=True)
class Answered:
    """One turn: what was asked, the answer (``None``: don't know), and how things stood before."""

    question: Question
    value: Value
    before: Scenario
    unknowable: frozenset[Asked]


@dataclass
class Interview:
    """The state of an interview. ``about`` limits it to some classifications."""

    law: Law
    scenario: Scenario
    about: tuple[str, ...] = ()
    rank: Ranking = as_lawyers_ask
    trail: list[Answered] = field(default_factory=list)
    unknowable: frozenset[Asked] = frozenset()
    _ranked: tuple[Scenario, frozenset[Asked], list[Question]] | None = None

    @property
    def assessment(self) -> Assessment:
        """The scenario as it stands, decided by the plane evaluator."""
        return assess(self.scenario, self.law, engine="planes")

    def open(self) -> list[Goal]:
        """The outcomes still open."""
        return self._targets(self.assessment)

    def _targets(self, assessment: Assessment) -> list[Goal]:
        return [
            goal
            for goal in open_targets(assessment)
            if (not self.about and _alive(goal, assessment)) or goal.of in self.about
        ]

    def questions(self) -> list[Question]:
        """What is worth asking now, the question that decides most first."""
        if (
            self._ranked is None
            or self._ranked[0] is not self.scenario
            or self._ranked[1] != self.unknowable
        ):
            assessment = self.assessment
            found = self.rank(assessment, self._targets(assessment), self.unknowable)
            self._ranked = (self.scenario, self.unknowable, found)
        return self._ranked[2]

    def next(self) -> Question | None:
        """The next question; ``None`` when no answer could settle anything more."""
        found = self.questions()
        return found[0] if found else None

    def answer(self, question: Question, value: Value) -> None:
        """Record an answer. ``None`` is "don't know": not asked again, and left unknown."""
        turn = Answered(question, value, self.scenario, self.unknowable)
        if value is None:
            self.unknowable |= {asked_of(question)}
        else:
            fact, place = asked_of(question)
            self.scenario = restated(self.scenario, [Statement(fact, place, value)])
        self.trail.append(turn)

    def back(self) -> Question | None:
        """Take the last answer back; the question it was given to, or ``None`` at the start."""
        if not self.trail:
            return None
        turn = self.trail.pop()
        self.scenario, self.unknowable = turn.before, turn.unknowable
        return turn.question

    def change(self, text: str) -> None:
        """Change an answer or anything else that a what-if can: ``FACT=VALUE``, ``FACT@PLACE=...``.

        Raises ``InputError``; then nothing is changed. Later answers stay as they are.
        """
        changes = read_changes([text], self.assessment, "change")
        self.scenario = changed(self.scenario, changes, self.law, "change")
        moved = {(item.fact, item.place) for item in changes.statements}
        self.unknowable -= moved
        kept = [turn for turn in self.trail if asked_of(turn.question) not in moved]
        self.trail = []
        for number, turn in enumerate(kept):
            later = [item for item in kept[number:] if item.value is not None]
            places = [asked_of(item.question) for item in later]
            undone = [Statement(fact, place, None) for fact, place in places]
            self.trail.append(replace(turn, before=restated(self.scenario, undone)))

    def reanswer(self, number: int, value: Value) -> None:
        """Give another answer to a question of the trail; later answers stay as they are."""
        question = self.trail[number].question
        self.trail[number] = replace(self.trail[number], value=value)
        fact, place = asked_of(question)
        self.unknowable -= {(fact, place)}
        if value is None:
            self.unknowable |= {(fact, place)}
        self.scenario = restated(self.scenario, [Statement(fact, place, value)])
        later = [
            replace(turn, before=restated(turn.before, [Statement(fact, place, value)]))
            for turn in self.trail[number + 1 :]
        ]
        self.trail = [*self.trail[: number + 1], *later]

    def add(self, kind: str, name: str, part: Mapping[str, object] | None = None) -> None:
        """Enter another actor, State or episode, now and in everything that ``back`` goes to.

        Raises ``InputError``; then nothing is changed.
        """
        added = _with_part(self.scenario, kind, name, part or {}, self.law)
        earlier = [
            replace(turn, before=_with_part(turn.before, kind, name, part or {}, self.law))
            for turn in self.trail
        ]
        self.scenario, self.trail = added, earlier


def _with_part(
    scenario: Scenario, kind: str, name: str, part: Mapping[str, object], law: Law
) -> Scenario:
    document = scenario.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    parts = document.setdefault(kind, {})
    if name in parts:
        raise InputError.single("add", f"{name} is there already")
    parts[name] = dict(part)
    return check_scenario(Source("add", document), law.base, law.reads)


def _alive(goal: Goal, assessment: Assessment) -> bool:
    """Whether a question of a section is still worth asking: not once the main one is settled.

    Whether a court could hear a charge matters only while there may be something to hear.
    """
    items = assessment.law.base.classifications
    item = items[goal.of]
    mains = [other for other in items.values() if not other.section and other.by == item.by]
    if not item.section or not mains:
        return True
    return any(
        group.key == goal.where
        and main.strongest.index(group.outcome.label) <= main.strongest.index(main.open)
        for main in mains
        for group in assessment.groups(main)
    )


def asked_of(question: Question) -> Asked:
    """The fact and the place that a question is about, as a statement names them."""
    place = place_of(question.place)
    name = question.statement.partition("@")[0] if place.path[-1] == TREATIES else question.fact
    return name, place


def place_of(text: str) -> Place:
    """The place of a dotted path. The names of actors, episodes and States may hold dots."""
    parts = text.split(".")
    if len(parts) <= 2 or parts[0] != "episodes":
        middle = ".".join(parts[1:-1])
        return Place((parts[0], middle, parts[-1]) if len(parts) > 1 else (parts[0],))
    for word in ("charges", "duties"):
        if word in parts[2:-1]:
            cut = parts.index(word, 2)
            return Place((parts[0], ".".join(parts[1:cut]), word, ".".join(parts[cut + 1 :])))
    return Place((parts[0], ".".join(parts[1:-1]), parts[-1]))


def read_answer(text: str, question: Question, law: Law) -> Value:
    """The value that a person typed as an answer. Raises ``InputError`` with what would be one."""
    fact = law.base.facts[question.fact]
    typed = text.strip().lower()
    value: object = {"y": True, "yes": True, "true": True, "n": False, "no": False}.get(
        typed, typed
    )
    if typed == "false":
        value = False
    if fact.type == "integer" and typed.isdigit() and len(typed) < 19:
        value = int(typed)
    if fact.type == "choice":
        value = typed
        if typed.isdigit() and 1 <= int(typed) <= len(fact.values):
            value = fact.values[int(typed) - 1]
    wrong = value_fault(fact.type, fact.values, value)
    if not wrong:
        return value  # type: ignore[return-value]
    expected = {
        "tri": "y or n, or ? if you do not know",
        "integer": "a whole number, or ? if you do not know",
        "choice": nearest(typed, fact.values) or "one of " + ", ".join(fact.values),
    }
    raise InputError.single("answer", f"{text.strip()!r} is no answer", expected[fact.type])


@dataclass(frozen=True)
class Opening:
    """What an interview from nothing asks first: who, where, when.

    ``episodes`` holds, where there are several, each with its days and who took part.
    """

    title: str = ""
    narrative: str = ""
    start: date | None = None
    end: date | None = None
    states: tuple[str, ...] = ()
    actors: tuple[str, ...] = ()
    treaties: tuple[tuple[str, tuple[str, ...]], ...] = ()
    episodes: tuple[tuple[str, EpisodePart], ...] = (("e1", EpisodePart()),)

    def scenario(self, name: str) -> Scenario:
        """A scenario with these parts and no facts."""
        document: dict[str, object] = {
            "id": name,
            "title": self.title,
            "narrative": self.narrative,
            "dates": {"start": self.start, "end": self.end},
            "actors": {actor: {} for actor in self.actors},
            "episodes": dict(self.episodes),
            "states": {
                code: {"treaties": dict.fromkeys(dict(self.treaties).get(code, ()), True)}
                for code in self.states
            },
        }
        return Scenario.model_validate(document)


def read_day(text: str, *, last: bool = False) -> date | None:
    """A day, a month or a year, as its first or ``last`` day. Raises ``InputError``."""
    typed = text.strip()
    if not typed:
        return None
    parts = typed.split("-")
    try:
        numbers = [int(part) for part in parts]
        if len(numbers) == 1:
            return date(numbers[0], 12, 31) if last else date(numbers[0], 1, 1)
        if len(numbers) == 2:
            year, month = numbers
            if not last:
                return date(year, month, 1)
            return date.fromordinal(date(year + month // 12, month % 12 + 1, 1).toordinal() - 1)
        return date.fromisoformat(typed)
    except ValueError:
        hint = "write YYYY-MM-DD, YYYY-MM or YYYY, or nothing"
        raise InputError.single("answer", f"{typed!r} is no date", hint) from None


def read_states(text: str) -> tuple[str, ...]:
    """States by code or name, separated by commas, as codes. Raises ``InputError``.

    What is no State's name is the name of an invented one.
    """
    found = tuple(dict.fromkeys(map(_state_code, read_names(text))))
    for code in found:
        fault, hint = state_fault(code)
        if fault:
            raise InputError.single("answer", fault, hint)
    return found


def _state_code(typed: str) -> str:
    import pycountry

    if len(typed) > 3:
        with suppress(LookupError):
            return str(pycountry.countries.lookup(typed).alpha_3)
    return typed.upper()


def read_names(text: str) -> tuple[str, ...]:
    """Names separated by commas."""
    return tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))


def read_treaties(text: str, law: Law) -> tuple[str, ...]:
    """Treaties by key or short name, separated by commas. Raises ``InputError``."""
    known = {key: key for key, item in law.base.instruments.items() if item.parties}
    known.update({law.base.instruments[key].short.lower(): key for key in list(known)})
    found = []
    for part in read_names(text):
        if part.lower() not in known:
            hint = nearest(part.lower(), known) or "keys: " + ", ".join(sorted(set(known.values())))
            raise InputError.single("answer", f"unknown treaty {part}", hint)
        found.append(known[part.lower()])
    return tuple(dict.fromkeys(found))
