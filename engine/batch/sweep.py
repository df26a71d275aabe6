"""All combinations of some facts of a scenario, decided side by side.

A combination is a number written in digits, one for each fact varied; the planes of a fact
are read off the numbers, so that nothing is stored for a combination before it is decided.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from math import prod
from pathlib import Path
from typing import Any

from engine.batch.block import Found
from engine.batch.cells import packed
from engine.batch.columns import Options, key_of, labels_of
from engine.batch.decide import Decider
from engine.batch.decode import Coded, distinct
from engine.batch.extras import need
from engine.batch.results import batch_of, schema_of
from engine.batch.run import Progress, write_batches
from engine.batch.structure import TOP, Section, Structure
from engine.batch.trace import InputName
from engine.inference.grounding import Case, ground
from engine.inference.law import Law
from engine.inference.plan import Node
from engine.model.problem import InputError, nearest
from engine.model.records import Value
from engine.model.scenario import Facts, Scenario
from engine.model.truth import Truth
from engine.reasoning.places import Place, find_place

MAX_PATTERNS = 1 << 28
_BLOCK = 1 << 16
_OPTION = "--vary"


@dataclass(frozen=True)
class Vary:
    """A fact and the values it takes: everywhere, or in one place of the scenario."""

    fact: str
    values: tuple[Value, ...]
    place: Place | None = None

    @property
    def name(self) -> str:
        """The fact as it was asked for: ``victim.child``, ``state.discriminated@ALAND``."""
        return f"{self.fact}@{self.place.name}" if self.place and self.place.name else self.fact

    @property
    def words(self) -> list[str]:
        """The values as words."""
        return [word(value) for value in self.values]


@dataclass
class Flips:
    """The outcomes of every pattern of a sweep: a byte or two a pattern.

    ``codes`` numbers the combinations of outcomes that occur, ``kinds`` has them: for each
    classification the number of its label among ``labels``.
    """

    varied: tuple[Vary, ...]
    labels: dict[str, list[str]]
    codes: Any = None
    kinds: dict[tuple[int, ...], int] = field(default_factory=dict)

    def put(self, start: int, outcomes: Sequence[Any]) -> None:
        """Note the outcomes of the patterns from ``start`` on, classification by classification."""
        np = need("numpy")
        key = np.zeros(len(outcomes[0]), dtype=np.int64)
        for numbers, labels in zip(outcomes, self.labels.values(), strict=True):
            key = key * len(labels) + numbers
        codes, keys = distinct(key.astype(np.uint64))
        known = []
        for value in keys:
            kind: list[int] = []
            for labels in reversed(self.labels.values()):
                value, number = divmod(value, len(labels))
                kind.insert(0, number)
            known.append(self.kinds.setdefault(tuple(kind), len(self.kinds)))
        if len(self.kinds) > 256 and self.codes.dtype == np.uint8:
            self.codes = self.codes.astype(np.uint16)
        self.codes[start : start + len(codes)] = np.array(known)[codes]

    def shares(self, name: str) -> dict[str, float]:
        """The share of patterns that have each outcome."""
        np = need("numpy")
        counts = np.zeros(len(self.kinds), dtype=np.int64)
        for start in range(0, len(self.codes), _BLOCK):  # counting needs eight bytes a pattern
            counts += np.bincount(self.codes[start : start + _BLOCK], minlength=len(counts))
        place = list(self.labels).index(name)
        found = dict.fromkeys(self.labels[name], 0)
        for kind, number in self.kinds.items():
            found[self.labels[name][kind[place]]] += int(counts[number])
        return {label: count / len(self.codes) for label, count in found.items() if count}

    def flips(self, name: str, number: int) -> float:
        """The share of changes of one fact alone that change the outcome."""
        np = need("numpy")
        place = list(self.labels).index(name)
        outcome = np.array([kind[place] for kind in self.kinds], dtype=np.uint8)
        sizes = [len(vary.values) for vary in self.varied]
        shape = (prod(sizes[:number]), sizes[number], prod(sizes[number + 1 :]))
        codes = self.codes.reshape(shape)
        changed = total = 0
        step = max(1, _BLOCK // shape[2])
        for start in range(0, shape[0], step):
            piece = outcome[codes[start : start + step]]
            for one in range(shape[1]):
                for other in range(one + 1, shape[1]):
                    changed += int(np.count_nonzero(piece[:, one] != piece[:, other]))
                    total += piece[:, one].size
        return changed / total if total else 0.0


@dataclass(frozen=True)
class SweepResult:
    """What a sweep found.

    ``shares`` is the share of patterns with each outcome, ``flips`` how often changing a fact
    alone changes the outcome; both classification by classification.
    """

    scenario: str
    patterns: int
    varied: dict[str, list[str]]
    shares: dict[str, dict[str, float]]
    flips: dict[str, dict[str, float]]


def word(value: Value) -> str:
    """A value as it is written in a scenario."""
    if value is None:
        return "unknown"
    return str(value).lower() if isinstance(value, bool) else str(value)


def read_vary(
    entries: Sequence[str], scenario: Scenario, law: Law, *, two_valued: bool
) -> tuple[Vary, ...]:
    """``FACT,FACT`` or ``FACT=VALUE,VALUE`` entries. Raises ``InputError``.

    A fact may be followed by ``@PLACE``: one State, actor or episode of the scenario.
    """
    found: dict[str, Vary] = {}
    case = ground(scenario, law.base, law.plan, law.status)
    for entry in entries:
        head, sign, listed = entry.partition("=")
        names = [head] if sign else [part for part in entry.split(",") if part.strip()]
        for name in map(str.strip, names):
            fact, at, where = name.partition("@")
            values = _values(fact, listed, law) if sign else _usual(fact, law, two_valued)
            place = None
            if at:
                record = law.base.facts[fact]
                place = find_place(case, record, law.reads.get(fact, ()), where, _OPTION)
            made = Vary(fact, values, place)
            if made.name in found:
                raise InputError.single(_OPTION, f"{made.name} is varied twice")
            found[made.name] = made
    if not found:
        raise InputError.single(_OPTION, "no fact to vary", "--vary act.recruitment,victim.child")
    total = prod(len(vary.values) for vary in found.values())
    if total > MAX_PATTERNS:
        raise InputError.single(
            _OPTION,
            f"{total:,} combinations are too many",
            f"the limit is {MAX_PATTERNS:,}; --two-valued leaves out unknown",
        )
    return tuple(found.values())


def _usual(name: str, law: Law, two_valued: bool) -> tuple[Value, ...]:
    fact = _fact(name, law)
    if fact.type == "integer":
        raise InputError.single(_OPTION, f"{name} is a number", f"say which: --vary {name}=0,4")
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
            raise InputError.single(_OPTION, f"{name}: {fault}")
        values.append(value)  # type: ignore[arg-type]
    if len(set(map(word, values))) < len(values):
        raise InputError.single(_OPTION, f"{name} takes a value twice")
    return tuple(values)


def _fact(name: str, law: Law) -> Any:
    fact = law.base.facts.get(name)
    if fact is None or fact.derived:
        known = [item.id for item in law.base.facts.values() if not item.derived]
        raise InputError.single(_OPTION, f"no fact {name} to vary", nearest(name, known))
    return fact


class Sweep:
    """A scenario with facts varied; what it says of them, where they are varied, is set aside.

    A fact varied without a place is the same everywhere.
    """

    def __init__(
        self, scenario: Scenario, varied: tuple[Vary, ...], law: Law, options: Options
    ) -> None:
        self.varied, self.law = varied, law
        self.options = replace(options, keep=tuple(vary.name for vary in varied))
        self.decider = Decider(law, self.options)
        self.scenario = _set_aside(scenario, varied)
        self.case = ground(self.scenario, law.base, law.plan, law.status)
        self.structure = _structure(self.case)
        self.total = prod(len(vary.values) for vary in varied)
        self.schema = schema_of(law, self.options)
        self._stated = {
            section: {name: stated.value for name, stated in facts.items()}
            for section, facts in _sections(self.scenario)
        }
        self._varied = {(_section(self.scenario, vary.place), vary.fact): vary for vary in varied}
        self._check_unknown()
        items = law.base.classifications.values()
        self.flips = Flips(varied, {key_of(item): labels_of(item) for item in items})

    def _check_unknown(self) -> None:
        """Refuse an unknown below the top of what is known elsewhere: planes cannot say it."""
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
                        self.scenario.id,
                        f"{name} is stated as unknown below the top, which a sweep cannot keep",
                        "leave it out, or vary it",
                    )
        places = Counter(vary.fact for vary in self.varied)
        for (section, fact), vary in self._varied.items():
            elsewhere = fact in known or places[fact] > 1
            if section != TOP and None in vary.values and elsewhere:
                raise InputError.single(
                    _OPTION,
                    f"{vary.name} cannot be unknown where {fact} is known elsewhere",
                    f"--vary {vary.name}=true,false",
                )

    def blocks(self) -> Iterator[tuple[Found, dict[str, Any], int]]:
        """The results, block by block, with the digits and the first number; fills ``flips``."""
        np = need("numpy")
        self.flips.codes = np.zeros(self.total, dtype=np.uint8)
        stated = frozenset(
            [(section, name) for section, facts in self._stated.items() for name in facts]
            + list(self._varied)
        )
        for start in range(0, self.total, _BLOCK):
            rows = min(_BLOCK, self.total - start)
            digits = self._digits(start, rows)
            words = -(-rows // 64)

            def plane(name: InputName, digits: Any = digits, words: int = words) -> Any:
                return self._plane(name, digits, words)

            found = Found(rows, self.decider.decide(self.structure, stated, plane, rows))
            outcomes = []
            for name, labels in self.flips.labels.items():
                column = found.columns[name]
                assert isinstance(column, Coded)
                table = np.array([labels.index(str(w)) if w in labels else 0 for w in column.words])
                outcomes.append(table[column.codes])
            self.flips.put(start, outcomes)
            yield found, digits, start

    def batches(self) -> Iterator[Any]:
        """The results, pattern by pattern, as record batches; fills ``flips`` on the way."""
        np, arrow = need("numpy"), need("pyarrow")
        for found, digits, start in self.blocks():
            kept = {
                vary.name: arrow.DictionaryArray.from_arrays(
                    arrow.array(digits[vary.name].astype(np.int32)), arrow.array(vary.words)
                )
                for vary in self.varied
            }
            numbers = np.arange(start + 1, start + found.rows + 1)
            ids = arrow.array(numbers).cast(arrow.string())
            yield batch_of(found, self.schema, ids, 0, None, kept)

    def result(self) -> SweepResult:
        """The shares and flips, once every pattern was decided."""
        names = list(self.flips.labels)
        return SweepResult(
            self.scenario.title or self.scenario.id,
            self.total,
            {vary.name: vary.words for vary in self.varied},
            {name: self.flips.shares(name) for name in names},
            {
                name: {
                    vary.name: self.flips.flips(name, number)
                    for number, vary in enumerate(self.varied)
                }
                for name in names
            },
        )

    def _digits(self, start: int, rows: int) -> dict[str, Any]:
        np = need("numpy")
        numbers = np.arange(start, start + rows)
        found = {}
        for vary in reversed(self.varied):
            numbers, found[vary.name] = np.divmod(numbers, len(vary.values))
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
        vary = self._varied.get((place, fact))
        if vary is not None:
            flags = np.array([truth_of(value, test) is wanted for value in vary.values])
            return packed(flags[digits[vary.name]])
        value = truth_of(self._stated[place].get(fact), test)
        return np.full(words, -(value is wanted), dtype=np.int64)


def run_sweep(
    sweep: Sweep, output: Path | None = None, progress: Progress | None = None
) -> SweepResult:
    """Decide every pattern, and write them all where an output is named, block by block."""
    total = 0

    def told(batches: Iterator[Any]) -> Iterator[Any]:
        nonlocal total
        for batch in batches:
            total += batch.rows if isinstance(batch, Found) else batch.num_rows
            if progress:
                progress(total, total)
            yield batch

    if output is None:
        for _ in told(found for found, _, _ in sweep.blocks()):
            pass
    else:
        write_batches(told(sweep.batches()), sweep.schema, output)
    return sweep.result()


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


def _section(scenario: Scenario, place: Place | None) -> Section:
    """The section that a place is."""
    if place is None or place.path == ("facts",):
        return TOP
    actors, states = list(scenario.actors), list(scenario.states)
    kind, name, *rest = place.path
    if kind == "actors":
        return ("actor", actors.index(name), -1)
    if kind == "states":
        return ("state", states.index(name), -1)
    episode = list(scenario.episodes).index(name)
    if len(rest) == 1:
        return ("episode", episode, -1)
    if rest[0] == "charges":
        return ("charge", actors.index(rest[1]), episode)
    return ("duty", states.index(rest[1]), episode)


def _set_aside(scenario: Scenario, varied: Sequence[Vary]) -> Scenario:
    """The scenario with nothing said of the facts varied, where they are varied."""
    made = scenario.model_copy(deep=True)
    for section, facts in _sections(made):
        for vary in varied:
            if vary.place is None or _section(made, vary.place) == section:
                facts.pop(vary.fact, None)
    return made
