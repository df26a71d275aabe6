"""Reads a scenario file and checks it against the vocabulary. Reports every fault at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from importlib import resources
from pathlib import Path

from engine.model.frames import Frame
from engine.model.problem import InputError, Problem, nearest
from engine.model.records import Fact
from engine.model.scenario import Facts, Scenario
from engine.rulebase.link import value_fault
from engine.rulebase.rulebase import Rulebase
from engine.rulebase.source import Source, parse_source, read_source
from engine.rulebase.validate import validate

_Path = tuple[str | int, ...]
Reads = Mapping[str, set[Frame]]


def shipped_scenarios() -> list[Path]:
    """Every scenario file that ships with palermo, in order of folder and name."""
    return sorted(Path(str(resources.files("scenarios"))).rglob("*.yaml"))


def read_scenario(path: Path | str, base: Rulebase, reads: Reads) -> Scenario:
    """The scenario of one YAML or JSON file. Raises ``InputError`` with every problem."""
    return check_scenario(read_source(path), base, reads)


def parse_scenario(text: str | bytes, name: str, base: Rulebase, reads: Reads) -> Scenario:
    """The scenario of a text. ``name`` stands for the file in messages."""
    return check_scenario(parse_source(text, name), base, reads)


def check_scenario(source: Source, base: Rulebase, reads: Reads) -> Scenario:
    """The scenario of a parsed document, checked against the vocabulary.

    ``reads`` tells in which frames each fact is read (``Plan.facts``); a fact may be restated
    only where that makes a difference.
    """
    if not isinstance(source.value, dict):
        raise InputError(
            [source.problem((), "a scenario is a map of keys", "`palermo new` writes a skeleton")]
        )
    value = source.value
    if "id" not in value:
        value = {"id": Path(source.file).stem or "scenario", **value}
    problems: list[Problem] = []
    scenario = validate(Scenario, source, value, (), problems)
    if scenario is None:
        raise InputError(problems)
    checker = _Checker(source, scenario, base, reads)
    checker.check()
    if checker.problems:
        raise InputError(checker.problems)
    return scenario


class _Checker:
    def __init__(self, source: Source, scenario: Scenario, base: Rulebase, reads: Reads) -> None:
        self.source = source
        self.scenario = scenario
        self.base = base
        self.reads = reads
        self.problems: list[Problem] = []

    def say(self, path: _Path, message: str, hint: str = "", *, key: bool = False) -> None:
        self.problems.append(self.source.problem(path, message, hint, of_key=key))

    def nearest(self, word: str, known: Iterable[str]) -> str:
        """A hint for a misspelt word; none where a great deal is wrong already."""
        if len(self.problems) >= self.source.hinted:
            return ""
        return _nearest(word, tuple(known))

    def check(self) -> None:
        scenario = self.scenario
        self.check_dates((), "dates", scenario.dates.start, scenario.dates.end)
        self.check_facts(scenario.facts, Frame.SITUATION, ("facts",), {})
        top = scenario.facts
        for code, state in scenario.states.items():
            path: _Path = ("states", code)
            fault, hint = state_fault(code)
            if fault:
                self.say(path, fault, hint, key=True)
            self.check_treaties(code, path)
            self.check_facts(state.facts, Frame.STATE, (*path, "facts"), top)
        for name, actor in scenario.actors.items():
            self.check_facts(actor.facts, Frame.ACTOR, ("actors", name, "facts"), top)
        for name in scenario.episodes:
            self.check_episode(name, top)

    def check_episode(self, name: str, top: Facts) -> None:
        scenario = self.scenario
        episode = scenario.episodes[name]
        path: _Path = ("episodes", name)
        self.check_dates(path, f"episode {name}", episode.start, episode.end)
        self.check_within(path, name)
        self.check_facts(episode.facts, Frame.EPISODE, (*path, "facts"), top)
        for index, actor in enumerate(episode.actors):
            if actor not in scenario.actors:
                hint = self.nearest(actor, scenario.actors) or "actors are entered under `actors:`"
                self.say(
                    (*path, "actors", index), f"episode {name} names no known actor: {actor}", hint
                )
        for actor, facts in episode.charges.items():
            at: _Path = (*path, "charges", actor)
            if actor not in scenario.actors:
                hint = self.nearest(actor, scenario.actors) or "actors are entered under `actors:`"
                self.say(at, f"episode {name} charges an unknown actor: {actor}", hint, key=True)
            elif episode.actors and actor not in episode.actors:
                self.say(at, f"{actor} is charged but is not among the actors of {name}", key=True)
            self.check_facts(facts, Frame.CHARGE, at, top)
        for code, facts in episode.duties.items():
            at = (*path, "duties", code)
            if code not in scenario.states:
                hint = self.nearest(code, scenario.states) or "States are entered under `states:`"
                self.say(at, f"episode {name} names an unknown State: {code}", hint, key=True)
            self.check_facts(facts, Frame.DUTY, at, top)
        self.check_two_sides(name)

    def check_two_sides(self, name: str) -> None:
        """A fact restated differently for the episode and for the actor or State in it."""
        episode = self.scenario.episodes[name]
        sides = [("actors", who, part.facts) for who, part in self.scenario.actors.items()]
        sides += [("states", code, part.facts) for code, part in self.scenario.states.items()]
        for kind, who, facts in sides:
            finest = episode.charges if kind == "actors" else episode.duties
            for fact in facts.keys() & episode.facts.keys():
                if facts[fact].value != episode.facts[fact].value and fact not in finest.get(
                    who, {}
                ):
                    word = "charges" if kind == "actors" else "duties"
                    self.say(
                        ("episodes", name, "facts", fact),
                        f"{fact} contradicts what is stated for {who}",
                        f"say which holds under episodes.{name}.{word}.{who}",
                        key=True,
                    )

    def check_dates(self, path: _Path, what: str, start: object, end: object) -> None:
        if start and end and start > end:  # type: ignore[operator]
            where = (*path, "dates", "end") if not path else (*path, "end")
            self.say(where, f"{what}: the end, {end}, is before the start, {start}", "swap them")

    def check_within(self, path: _Path, name: str) -> None:
        episode, whole = self.scenario.episodes[name], self.scenario.dates
        if whole.start and episode.start and episode.start < whole.start:
            self.say(
                (*path, "start"),
                f"episode {name} starts on {episode.start}, before the scenario does",
                f"the scenario starts on {whole.start}",
            )
        if whole.end and episode.end and episode.end > whole.end:
            self.say(
                (*path, "end"),
                f"episode {name} ends on {episode.end}, after the scenario does",
                f"the scenario ends on {whole.end}",
            )

    def check_treaties(self, code: str, path: _Path) -> None:
        state = self.scenario.states[code]
        parties = [key for key, item in self.base.instruments.items() if item.parties]
        for key, entry in state.treaties.items():
            at: _Path = (*path, "treaties", key)
            if key not in parties:
                self.say(at, f"unknown treaty {key}", self.nearest(key, parties), key=True)
            if entry and not isinstance(entry, bool) and entry.in_force and entry.until:
                if entry.in_force >= entry.until:
                    self.say(
                        (*at, "until"), f"{key} ends on {entry.until}, before it is in force", ""
                    )
        known = [item.declaration for item in self.base.instruments.values() if item.declaration]
        for key, span in state.declarations.items():
            if key not in known:
                options = [*type(state).model_fields, *known]
                self.say((*path, key), f"unknown key {key}", self.nearest(key, options), key=True)
            elif span.start and span.until and span.start >= span.until:
                self.say((*path, key, "until"), f"{key} ends on {span.until}, before it starts")

    def check_facts(self, facts: Facts, frame: Frame, path: _Path, top: Facts) -> None:
        for name, stated in facts.items():
            at = (*path, name)
            fact = self.base.facts.get(name)
            if fact is None or fact.derived:
                self.say(at, *self.unknown(name, fact), key=True)
                continue
            wrong = value_fault(fact.type, fact.values, stated.value)
            if wrong:
                self.say(at, f"{name}: {wrong}")
            if frame is not Frame.SITUATION:
                self.check_frame(fact, frame, at, top)

    def unknown(self, name: str, fact: Fact | None) -> tuple[str, str]:
        if fact is not None:
            return (
                f"{name} is worked out from dates, treaties and actors and cannot be stated",
                "enter the treaty under states.CODE.treaties",
            )
        known = (item.id for item in self.base.facts.values() if not item.derived)
        hint = self.nearest(name, known) or "`palermo facts` lists them"
        return f"unknown fact {name}", hint

    def check_frame(self, fact: Fact, frame: Frame, at: _Path, top: Facts) -> None:
        home = {
            Frame.SITUATION: "at the top, under facts:",
            Frame.EPISODE: "under an episode",
            Frame.ACTOR: "under an actor",
            Frame.STATE: "under a State",
        }.get(fact.scope, "elsewhere")
        if not frame.sees(fact.scope):
            self.say(
                at,
                f"{fact.id} is about the {fact.scope}, not the {frame}",
                f"state it {home}",
                key=True,
            )
            return
        if frame is fact.scope or any(reader.sees(frame) for reader in self.reads.get(fact.id, ())):
            return
        value = self.value_at(at)
        if fact.id not in top:
            self.say(
                at,
                f"{fact.id} is decided for the {fact.scope} as a whole",
                f"state it {home}",
                key=True,
            )
        elif top[fact.id].value != value:
            line = self.source.place(("facts", fact.id), of_key=True)[0]
            self.say(
                at,
                f"{fact.id} contradicts what line {line} states for the whole {fact.scope}",
                "it cannot differ here: keep one",
                key=True,
            )

    def value_at(self, path: _Path) -> object:
        value: object = self.source.value
        for part in path:
            value = value[part]  # type: ignore[index]
        if isinstance(value, dict):
            value = value.get("value")
        return None if value == "unknown" else value


@lru_cache(maxsize=4096)
def _nearest(word: str, known: tuple[str, ...]) -> str:
    """The same words are misspelt in many scenarios."""
    return nearest(word, known)


@lru_cache(maxsize=512)
def state_fault(code: str) -> tuple[str, str]:
    """What is wrong with a State's code, and a hint; two empty strings when nothing is.

    Real States have ISO 3166-1 alpha-3 codes; invented ones any longer name.
    """
    import pycountry

    if len(code) > 3 and code.replace("_", "").replace("-", "").isalnum():
        return "", ""
    if len(code) == 3 and (
        code in _OTHER_CODES
        or pycountry.countries.get(alpha_3=code)
        or pycountry.historic_countries.get(alpha_3=code)
    ):
        return "", ""
    same = pycountry.countries.get(alpha_2=code.upper()) if len(code) == 2 else None
    known = [country.alpha_3 for country in pycountry.countries]
    hint = f"did you mean {same.alpha_3} ({same.name})?" if same else nearest(code.upper(), known)
    return (
        f"{code} is not the ISO alpha-3 code of a State",
        hint or "an invented State has a name of four letters or more",
    )


_OTHER_CODES = ("EUE",)


@lru_cache(maxsize=512)
def state_name(code: str) -> str:
    """The short name of a real State, or the code itself for an invented one."""
    import pycountry

    if len(code) != 3:
        return code.replace("_", " ").title()
    found = pycountry.countries.get(alpha_3=code) or pycountry.historic_countries.get(alpha_3=code)
    if found is None:
        return "European Union" if code == "EUE" else code
    return str(getattr(found, "common_name", found.name))
