"""Where in a scenario file a fact can be stated, and scenarios with other things stated there.

A fact stated once holds for many rows. Whatever asks "what if this were different" changes it
where a person would: in the place whose statement the row goes by, and where nobody stated it,
in the place of the fact's own scope.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from engine.inference.grounding import Case
from engine.model.frames import Frame
from engine.model.problem import InputError, nearest
from engine.model.records import Fact, Value
from engine.model.scenario import Acceptance, EpisodePart, Facts, Scenario, Stated

TREATIES, DECLARATIONS = "treaties", "declarations"


@dataclass(frozen=True, order=True)
class Place:
    """The keys of a scenario file that lead to a map of statements.

    ``("facts",)`` is the top, ``("actors", "main", "facts")`` one actor,
    ``("episodes", "e1", "charges", "main")`` one actor in one episode, and
    ``("states", "ALAND", "treaties")`` the treaties of a State.
    """

    path: tuple[str, ...]

    @property
    def name(self) -> str:
        """How the place is named after an ``@``: as a row is, or empty for the top."""
        if len(self.path) == 1:
            return ""
        if len(self.path) == 4:
            return f"{self.path[3]}×{self.path[1]}"
        return self.path[1]

    @property
    def text(self) -> str:
        """The place as it is written in a file: ``episodes.e1.facts``."""
        return ".".join(self.path)


TOP = Place(("facts",))


def declaration_place(code: str) -> Place:
    """The treaties that one State, no party to them, accepts by declaration."""
    return Place(("states", code, DECLARATIONS))


def actor_place(name: str) -> Place:
    """The facts of one actor."""
    return Place(("actors", name, "facts"))


def state_place(code: str) -> Place:
    """The facts of one State."""
    return Place(("states", code, "facts"))


def episode_place(name: str) -> Place:
    """The facts of one episode."""
    return Place(("episodes", name, "facts"))


def treaty_place(code: str) -> Place:
    """The treaties that bind one State."""
    return Place(("states", code, TREATIES))


@dataclass(frozen=True)
class Statement:
    """A fact given a value in a place. ``None`` says that it is unknown."""

    fact: str
    place: Place
    value: Value

    @property
    def text(self) -> str:
        """The statement as it is given on the command line: ``att.widespread=true``."""
        if len(self.place.path) == 3 and self.place.path[2] == TREATIES:
            return f"{self.place.text}.{self.fact}={word(self.value)}"
        if len(self.place.path) == 3 and self.place.path[2] == DECLARATIONS:
            entry = "{}" if self.value else "{until: 0001-01-01}"
            return f"states.{self.place.path[1]}.{self.fact}={entry}"
        where = f"@{self.place.name}" if self.place.name else ""
        return f"{self.fact}{where}={word(self.value)}"


def word(value: Value) -> str:
    """A value as it is written in a scenario file."""
    if value is None:
        return "unknown"
    return str(value).lower() if isinstance(value, bool) else str(value)


def layers(case: Case, frame: Frame, number: int) -> list[Place]:
    """The places whose statements hold for a row, the most specific first."""
    scenario, row = case.scenario, case.layout.rows[frame][number]
    found: list[Place] = []
    episode = actor = state = None
    if frame in (Frame.EPISODE, Frame.CHARGE, Frame.DUTY):
        episode = case.periods[row[-1]].episode
        episode = episode if episode in scenario.episodes else None
    if frame in (Frame.ACTOR, Frame.CHARGE):
        actor = case.actors[row[0]]
    if frame in (Frame.STATE, Frame.DUTY):
        state = case.states[row[0]]
    if episode is not None and actor is not None:
        found.append(Place(("episodes", episode, "charges", actor)))
    if episode is not None and state is not None:
        found.append(Place(("episodes", episode, "duties", state)))
    if actor is not None:
        found.append(actor_place(actor))
    if state is not None:
        found.append(state_place(state))
    if episode is not None:
        found.append(episode_place(episode))
    found.append(TOP)
    return found


def home(case: Case, fact: Fact, frame: Frame, number: int) -> Place:
    """The place of the fact's own scope for a row: that of its actor, episode or State.

    The top, where the scenario enters no such part.
    """
    return own_place(layers(case, frame, number), fact)


def own_place(places: list[Place], fact: Fact) -> Place:
    """Of the places whose statements hold for a row, the one of the fact's own scope."""
    parts = fact.scope.parts
    kind = {frozenset({"actor"}): "actors", frozenset({"state"}): "states"}.get(parts, "episodes")
    if parts:
        for place in places:
            long = len(place.path) == 4
            if long == (len(parts) == 2) and place.path[0] == kind:
                return place
    return TOP


def facts_at(scenario: Scenario, place: Place) -> Facts:
    """What is stated in a place. Empty where the scenario has no such place."""
    path = place.path
    if path == TOP.path:
        return scenario.facts
    if path[0] == "actors":
        return scenario.actors[path[1]].facts if path[1] in scenario.actors else {}
    if path[0] == "states":
        return scenario.states[path[1]].facts if path[1] in scenario.states else {}
    episode = scenario.episodes.get(path[1], EpisodePart())
    if len(path) == 3:
        return episode.facts
    table = episode.charges if path[2] == "charges" else episode.duties
    return table.get(path[3], {})


def in_force_at(case: Case, fact: Fact, frame: Frame, number: int, *, apart: bool = False) -> Place:
    """The place whose statement of a fact a row goes by, or would if it were stated.

    With ``apart`` a statement made for all actors, episodes or States at once is looked at
    actor by actor, episode by episode, State by State.
    """
    own = home(case, fact, frame, number)
    for place in layers(case, frame, number):
        if fact.id in facts_at(case.scenario, place):
            return place
        if apart and place == own:
            return own
    return own


def restated(scenario: Scenario, statements: Iterable[Statement]) -> Scenario:
    """The scenario with other statements in some places; all else stays as it was."""
    for item in statements:
        scenario = _with(scenario, item)
    return scenario


def _with(scenario: Scenario, item: Statement) -> Scenario:
    path, stated = item.place.path, Stated(value=item.value)
    if item.place == TOP:
        return scenario.model_copy(update={"facts": {**scenario.facts, item.fact: stated}})
    table = {**getattr(scenario, path[0])}
    part = table[path[1]]
    if path[2] == "facts":
        table[path[1]] = part.model_copy(update={"facts": {**part.facts, item.fact: stated}})
    elif path[2] == TREATIES:
        known = {**part.treaties, item.fact: item.value}
        table[path[1]] = part.model_copy(update={TREATIES: known})
    elif path[2] == DECLARATIONS:
        entry = Acceptance() if item.value else Acceptance.model_validate(_NEVER)
        table[path[1]] = part.model_copy(update={item.fact: entry})
    else:
        rows = {**getattr(part, path[2])}
        rows[path[3]] = {**rows.get(path[3], {}), item.fact: stated}
        table[path[1]] = part.model_copy(update={path[2]: rows})
    return scenario.model_copy(update={path[0]: table})


_NEVER = {"until": "0001-01-01"}
"""An acceptance that ended before any day that a scenario can name."""


def named_places(case: Case, fact: Fact, readers: Collection[Frame]) -> dict[str, Place]:
    """Every place in which a fact may be stated, by the name that follows the ``@``.

    ``readers`` are the frames in which rules read the fact: it can differ no more finely.
    """
    found = {"": TOP}
    for frame in Frame:
        if frame is Frame.SITUATION or not frame.sees(fact.scope):
            continue
        if frame is not fact.scope and not any(reader.sees(frame) for reader in readers):
            continue
        for number in range(len(case.layout.rows[frame])):
            place = layers(case, frame, number)[0]
            found.setdefault(place.name, place)
    return found


def find_place(case: Case, fact: Fact, readers: Collection[Frame], name: str, option: str) -> Place:
    """The place that a person names. Raises ``InputError`` with the places there are."""
    known = named_places(case, fact, readers)
    wanted = row_word(name)
    if wanted not in known:
        options = [key for key in known if key]
        hint = nearest(wanted, options) or (
            "places: " + ", ".join(options) if options else "it is stated at the top: leave out @"
        )
        raise InputError.single(option, f"{fact.id} cannot be stated for {name}", hint)
    return known[wanted]


def row_word(name: str) -> str:
    """A row's name as a person may type it: ``main+e1`` and ``main*e1`` for ``main×e1``."""
    return name.replace("+", "×").replace("*", "×")
