"""All combinations of some facts of a scenario, decided side by side.

A combination is a number written in digits, one for each fact varied; the planes of a fact
are read off the numbers, so that nothing is stored for a combination before it is decided.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from math import prod
from typing import Any

from engine.batch.block import Found
from engine.batch.cells import packed
from engine.batch.columns import Options, key_of, labels_of
from engine.batch.decide import Decider
from engine.batch.decode import Coded
from engine.batch.extras import need
from engine.batch.results import batch_of, schema_of
from engine.batch.structure import TOP, Section, Structure
from engine.batch.trace import InputName
from engine.inference.grounding import Case, ground
from engine.inference.law import Law
from engine.inference.plan import Node
from engine.model.problem import InputError, nearest
from engine.model.records import Value
from engine.model.scenario import Facts, Scenario
from engine.model.truth import Truth

MAX_PATTERNS = 1 << 27
_BLOCK = 1 << 16


@dataclass(frozen=True)
class Vary:
    """A fact and the values it takes."""

    fact: str
    values: tuple[Value, ...]

    @property
    def words(self) -> list[str]:
        """The values as words."""
        return [word(value) for value in self.values]


@dataclass
class Flips:
    """What a sweep found: the outcome of every pattern, classification by classification.

    ``codes[name]`` has a number a pattern, ``labels[name]`` the outcomes numbered.
    """

    varied: tuple[Vary, ...]
    labels: dict[str, list[str]]
    codes: dict[str, Any] = field(default_factory=dict)

    def shares(self, name: str) -> dict[str, float]:
        """The share of patterns that have each outcome."""
        np = need("numpy")
        counts = np.bincount(self.codes[name], minlength=len(self.labels[name]))
        return {
            label: int(count) / len(self.codes[name])
            for label, count in zip(self.labels[name], counts, strict=True)
            if count
        }

    def flips(self, name: str, number: int) -> float:
        """The share of changes of one fact alone that change the outcome."""
        np = need("numpy")
        shape = [len(vary.values) for vary in self.varied]
        codes = np.moveaxis(self.codes[name].reshape(shape), number, 0)
        changed = total = 0
        for one in range(len(codes)):
            for other in range(one + 1, len(codes)):
                changed += int(np.count_nonzero(codes[one] != codes[other]))
                total += codes[one].size
        return changed / total if total else 0.0


def word(value: Value) -> str:
    """A value as it is written in a scenario."""
    if value is None:
        return "unknown"
    return str(value).lower() if isinstance(value, bool) else str(value)


def read_vary(entries: Sequence[str], law: Law, *, two_valued: bool) -> tuple[Vary, ...]:
    """``fact,fact`` or ``fact=value,value`` entries. Raises ``InputError``."""
    found: dict[str, Vary] = {}
    for entry in entries:
        name, sign, listed = entry.partition("=")
        for fact in [name] if sign else [part.strip() for part in entry.split(",") if part.strip()]:
            if fact in found:
                raise InputError.single("--vary", f"{fact} is varied twice")
            values = _values(fact, listed, law) if sign else _usual(fact, law, two_valued)
            found[fact] = Vary(fact, values)
    if not found:
        raise InputError.single("--vary", "no fact to vary", "--vary act.recruitment,victim.child")
    total = prod(len(vary.values) for vary in found.values())
    if total > MAX_PATTERNS:
        raise InputError.single(
            "--vary", f"{total:,} combinations are too many", f"the limit is {MAX_PATTERNS:,}"
        )
    return tuple(found.values())


def _usual(name: str, law: Law, two_valued: bool) -> tuple[Value, ...]:
    fact = _fact(name, law)
    if fact.type == "integer":
        raise InputError.single("--vary", f"{name} is a number", f"say which: --vary {name}=0,4")
    values: tuple[Value, ...] = tuple(fact.values) if fact.type == "choice" else (True, False)
    return values if two_valued else (*values, None)


def _values(name: str, listed: str, law: Law) -> tuple[Value, ...]:
    from engine.batch.words import plain_word
    from engine.rulebase.link import value_fault

    fact = _fact(name, law)
    values: list[Value] = []
    for text in listed.split(","):
        value = plain_word(text.strip())
        fault = value_fault(fact.type, fact.values, value)
        if fault:
            raise InputError.single("--vary", f"{name}: {fault}")
        values.append(value)  # type: ignore[arg-type]
    if len(set(map(word, values))) < len(values):
        raise InputError.single("--vary", f"{name} takes a value twice")
    return tuple(values)


def _fact(name: str, law: Law) -> Any:
    fact = law.base.facts.get(name)
    if fact is None or fact.derived:
        known = [item.id for item in law.base.facts.values() if not item.derived]
        raise InputError.single("--vary", f"no fact {name} to vary", nearest(name, known))
    return fact


class Sweep:
    """A scenario whose varied facts are the same everywhere: what it says of them is set aside."""

    def __init__(
        self, scenario: Scenario, varied: tuple[Vary, ...], law: Law, options: Options
    ) -> None:
        names = tuple(vary.fact for vary in varied)
        self.varied, self.law = varied, law
        self.options = Options(
            options.doctrine,
            options.strict,
            options.contested,
            options.provisions,
            options.explain,
            names,
        )
        self.decider = Decider(law, self.options)
        self.scenario = _without(scenario, set(names))
        self.case = ground(self.scenario, law.base, law.plan, law.status)
        self.structure = _structure(self.case)
        self.total = prod(len(vary.values) for vary in varied)
        self.schema = schema_of(law.base, self.options)
        self._stated = {
            section: {name: stated.value for name, stated in facts.items()}
            for section, facts in _sections(self.scenario)
        }
        known = {
            name
            for facts in self._stated.values()
            for name, value in facts.items()
            if value is not None
        }
        for section, facts in self._stated.items():
            for name, value in facts.items():
                if value is None and section != TOP and name in known:
                    raise InputError.single(
                        scenario.id,
                        f"{name} is stated as unknown below the top, which a sweep cannot keep",
                        "leave it out, or vary it",
                    )
        items = law.base.classifications.values()
        self.flips = Flips(varied, {key_of(item): labels_of(item) for item in items})

    def batches(self) -> Iterator[Any]:
        """The results, pattern by pattern, as record batches; fills ``flips`` on the way."""
        np, arrow = need("numpy"), need("pyarrow")
        for name in self.flips.labels:
            self.flips.codes[name] = np.zeros(self.total, dtype=np.uint8)
        stated = frozenset(
            [(section, name) for section, facts in self._stated.items() for name in facts]
            + [(TOP, vary.fact) for vary in self.varied]
        )
        for start in range(0, self.total, _BLOCK):
            rows = min(_BLOCK, self.total - start)
            digits = self._digits(start, rows)
            words = -(-rows // 64)

            def plane(name: InputName, digits: Any = digits, words: int = words) -> Any:
                return self._plane(name, digits, words)

            found = Found(rows, self.decider.decide(self.structure, stated, plane, rows))
            for name, labels in self.flips.labels.items():
                column = found.columns[name]
                assert isinstance(column, Coded)
                table = np.array([labels.index(str(w)) if w in labels else 0 for w in column.words])
                self.flips.codes[name][start : start + rows] = table[column.codes]
            kept = {
                vary.fact: arrow.DictionaryArray.from_arrays(
                    arrow.array(digits[vary.fact].astype(np.int32)), arrow.array(vary.words)
                )
                for vary in self.varied
            }
            ids = arrow.array(np.arange(start + 1, start + rows + 1)).cast(arrow.string())
            yield batch_of(found, self.schema, ids, 0, None, kept)

    def _digits(self, start: int, rows: int) -> dict[str, Any]:
        np = need("numpy")
        numbers = np.arange(start, start + rows)
        found = {}
        for vary in reversed(self.varied):
            numbers, found[vary.fact] = np.divmod(numbers, len(vary.values))
        return found

    def _plane(self, name: InputName, digits: dict[str, Any], words: int) -> Any:
        np = need("numpy")
        side, place, test = name
        assert isinstance(place, tuple)
        assert isinstance(test, tuple)
        wanted = Truth.HOLDS if side == "true" else Truth.FAILS
        if len(place) == 2:
            frame, row = place
            value = self.case.value(frame, row, Node("fact", frame, (), test))
            return np.full(words, -(value is wanted), dtype=np.int64)
        fact = str(test[0])
        if place == TOP and fact in digits:
            vary = next(vary for vary in self.varied if vary.fact == fact)
            flags = np.array([truth_of(value, test) is wanted for value in vary.values])
            return packed(flags[digits[fact]])
        value = truth_of(self._stated[place].get(fact), test)
        return np.full(words, -(value is wanted), dtype=np.int64)


def truth_of(value: Value, test: tuple[object, ...]) -> Truth:
    """The truth of a fact, or of a comparison of it, for one value."""
    if value is None:
        return Truth.UNKNOWN
    if len(test) == 1:
        return Truth.of(bool(value))
    if test[1] == ">=":
        return Truth.of(int(value) >= int(test[2]))  # type: ignore[call-overload]
    return Truth.of(value == test[2])


def _sections(scenario: Scenario) -> Iterator[tuple[Section, Facts]]:
    yield TOP, scenario.facts
    actors, states = list(scenario.actors), list(scenario.states)
    for number, actor in enumerate(scenario.actors.values()):
        yield ("actor", number, -1), actor.facts
    for number, state in enumerate(scenario.states.values()):
        yield ("state", number, -1), state.facts
    for number, episode in enumerate(scenario.episodes.values()):
        yield ("episode", number, -1), episode.facts
        for name, facts in episode.charges.items():
            yield ("charge", actors.index(name), number), facts
        for name, facts in episode.duties.items():
            yield ("duty", states.index(name), number), facts


def _structure(case: Case) -> Structure:
    scenario = case.scenario
    actors = list(scenario.actors)
    episodes = list(scenario.episodes) or ["episode"]
    parts = tuple(sum(period.episode == name for period in case.periods) for name in episodes)
    taking_part = tuple(
        tuple(actors.index(name) for name in part.actors) for part in scenario.episodes.values()
    )
    return Structure(len(actors), taking_part, len(scenario.states), parts)


def _without(scenario: Scenario, names: set[str]) -> Scenario:
    """The scenario with nothing said of some facts."""

    def rest(facts: Facts) -> Facts:
        return {name: stated for name, stated in facts.items() if name not in names}

    return scenario.model_copy(
        update={
            "facts": rest(scenario.facts),
            "actors": {
                n: p.model_copy(update={"facts": rest(p.facts)}) for n, p in scenario.actors.items()
            },
            "states": {
                n: p.model_copy(update={"facts": rest(p.facts)}) for n, p in scenario.states.items()
            },
            "episodes": {
                n: p.model_copy(
                    update={
                        "facts": rest(p.facts),
                        "charges": {a: rest(f) for a, f in p.charges.items()},
                        "duties": {s: rest(f) for s, f in p.duties.items()},
                    }
                )
                for n, p in scenario.episodes.items()
            },
        }
    )
