"""The wide form: one row a scenario, a column a fact, and a few columns beside them.

Beside the facts, which are stated at the top of the scenario: ``id``, ``title``, ``start`` and
``end`` (dates), ``state`` (the one State entered), ``treaties`` (text) or ``treaties.KEY``
(yes/no) for what binds it, a column for each declaration of acceptance, and ``actor`` (the
one actor entered).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from engine.batch.block import Block, Found, decide_block
from engine.batch.cells import Cells
from engine.batch.decide import Decider
from engine.batch.decode import distinct
from engine.batch.extras import need
from engine.batch.settings import Calendar, Setting, Settings
from engine.batch.structure import TOP, Structure
from engine.batch.words import FALSE_WORDS, NOTHING, TRUE_WORDS, day_of, plain_word
from engine.model.problem import InputError, Problem, nearest
from engine.model.records import Fact
from engine.rulebase.rulebase import Rulebase
from engine.rulebase.scenarios import check_scenario
from engine.rulebase.source import Source

PLAIN = ("id", "title", "start", "end", "state", "treaties", "actor")
EPOCH = date(1970, 1, 1).toordinal()
NO_DAY = -(1 << 40)
"""Stands for a day that is not given."""


@dataclass(frozen=True)
class Header:
    """The columns of a wide table, by what they are."""

    facts: tuple[str, ...]
    treaties: tuple[str, ...]
    declarations: tuple[str, ...]
    plain: tuple[str, ...]

    @property
    def known(self) -> tuple[str, ...]:
        """Every column that is read."""
        return (
            *self.plain,
            *self.facts,
            *(f"treaties.{key}" for key in self.treaties),
            *self.declarations,
        )


def wide_names(base: Rulebase) -> list[str]:
    """Every column name that a wide table may have."""
    return [
        *PLAIN,
        *(f"treaties.{key}" for key, item in base.instruments.items() if item.parties),
        *(item.declaration for item in base.instruments.values() if item.declaration),
        *(fact.id for fact in base.facts.values() if not fact.derived),
    ]


def read_header(
    base: Rulebase, names: Sequence[str], where: str, passed_over: Iterable[str] = ()
) -> Header:
    """Sort the columns of a table. Raises ``InputError`` for each that nothing is known of."""
    known = wide_names(base)
    declared = {item.declaration for item in base.instruments.values() if item.declaration}
    over = set(passed_over)
    problems = []
    for name in dict.fromkeys(names):
        if name in over:
            continue
        if list(names).count(name) > 1:
            problems.append(Problem(where, 0, 0, f"the column {name} is there twice", "keep one"))
        elif name in base.facts and base.facts[name].derived:
            problems.append(
                Problem(
                    where,
                    0,
                    0,
                    f"{name} is worked out from dates, treaties and actors and cannot be stated",
                    "enter the treaty in a column treaties.KEY",
                )
            )
        elif name not in known:
            hint = nearest(name, known) or "`palermo batch --template` lists the columns"
            hint += f"; to carry it over: --keep {name}; to pass it over: --ignore {name}"
            problems.append(Problem(where, 0, 0, f"unknown column {name}", hint))
    if problems:
        raise InputError(problems)
    used = [name for name in dict.fromkeys(names) if name not in over]
    return Header(
        facts=tuple(name for name in used if name in base.facts),
        treaties=tuple(n.removeprefix("treaties.") for n in used if n.startswith("treaties.")),
        declarations=tuple(name for name in used if name in declared),
        plain=tuple(name for name in used if name in PLAIN),
    )


@dataclass
class WideTable:
    """A piece of a wide table, ready to be decided. ``hard`` marks rows for the plain way."""

    rows: int
    header: Header
    raw: dict[str, Any]
    cells: Cells
    hard: Any
    blocks: list[Block] = field(default_factory=list)


@dataclass
class WideReader:
    """Turns pieces of wide tables into blocks. Keeps what it learnt of States and dates."""

    decider: Decider
    settings: Settings
    _entries: dict[tuple[object, ...], tuple[str, Calendar] | None] = field(default_factory=dict)

    def read(self, columns: dict[str, Any], rows: int, header: Header, where: str) -> WideTable:
        """Lay out the columns (Arrow arrays by name). Raises ``InputError`` for a wrong type."""
        np = need("numpy")
        base = self.decider.law.base
        table = WideTable(rows, header, columns, Cells(rows, {}), np.zeros(rows, dtype=bool))
        for name in header.facts:
            array = self._fact(base.facts[name], columns[name], table, where)
            if array is not None:
                table.cells.arrays[(TOP, name)] = array
        self._blocks(table, where)
        return table

    def decide(self, table: WideTable, found: Found) -> None:
        """Decide all rows but the hard ones; rows of a rare structure become hard too."""
        for block in table.blocks:
            table.hard[decide_block(self.decider, self.settings, block, found)] = True

    # facts

    def _fact(self, fact: Fact, array: Any, table: WideTable, where: str) -> Any:
        arrow, compute, np = need("pyarrow"), need("pyarrow.compute"), need("numpy")
        types = arrow.types
        kind = array.type
        if types.is_null(kind):
            return None
        if types.is_dictionary(kind):
            array = array.dictionary_decode()
            kind = array.type
        text = types.is_string(kind) or types.is_large_string(kind) or types.is_string_view(kind)
        if fact.type == "tri":
            if types.is_boolean(kind):
                return array
            if text:
                return self._words(
                    array,
                    {**dict.fromkeys(TRUE_WORDS, True), **dict.fromkeys(FALSE_WORDS, False)},
                    arrow.bool_(),
                    table,
                )
        elif fact.type == "integer":
            if types.is_integer(kind):
                table.hard |= _flags(compute.less(array, 0))
                return array.cast(arrow.int64(), safe=False)
            if types.is_floating(kind):
                values = array.to_numpy(zero_copy_only=False)
                whole = (
                    np.isfinite(values)
                    & (values == np.floor(values))
                    & (values >= 0)
                    & (values < 2**53)
                )
                table.hard |= np.isfinite(values) & ~whole
                return arrow.array(np.where(whole, values, 0).astype(np.int64), mask=~whole)
            if text:
                known = {
                    word: number
                    for word in compute.unique(array).to_pylist()
                    if word is not None
                    and isinstance(number := plain_word(word), int)
                    and not isinstance(number, bool)
                    and number >= 0
                }
                return self._words(array, known, arrow.int64(), table)
        elif text:
            return self._words(
                array, {value: value for value in fact.values}, arrow.string(), table
            )
        expected = {"tri": "yes/no (Boolean)", "integer": "whole numbers"}.get(fact.type, "text")
        raise InputError.single(where, f"the column {fact.id} holds {kind}, expected {expected}")

    def _words(self, array: Any, known: dict[Any, Any], kind: Any, table: WideTable) -> Any:
        """Translate a text column word by word; words that say nothing known are hard."""
        arrow, np = need("pyarrow"), need("numpy")
        encoded = array.dictionary_encode()
        words = encoded.dictionary.to_pylist()
        wrong = np.array([word not in known and word not in NOTHING for word in words] + [False])
        codes = encoded.indices.fill_null(len(words)).to_numpy(zero_copy_only=False)
        table.hard |= wrong[codes]
        values = arrow.array([known.get(word) for word in words] + [None], type=kind)
        return values.take(arrow.array(codes))

    # States, treaties, dates

    def _blocks(self, table: WideTable, where: str) -> None:
        np = need("numpy")
        header, columns, rows = table.header, table.raw, table.rows
        names = [
            *(name for name in ("state", "treaties") if name in header.plain),
            *(f"treaties.{key}" for key in header.treaties),
            *header.declarations,
        ]
        entered, combinations = combined([columns[name] for name in names], rows)
        calendars: list[tuple[str, Calendar] | None] = []
        for values in combinations:
            key = (tuple(names), values)
            if key not in self._entries:
                if len(self._entries) > 65536:
                    self._entries.clear()
                self._entries[key] = self.entry(dict(zip(names, values, strict=True)), where)
            calendars.append(self._entries[key])
        wrong = np.array([calendar is None for calendar in calendars])
        table.hard |= wrong[entered]
        start = self._days(table, "start")
        end = self._days(table, "end")
        if start is not None and end is not None:
            table.hard |= (start > end) & (end != NO_DAY)
        first = numbers_of(start, entered, calendars, rows)
        last = numbers_of(end, entered, calendars, rows)
        key = entered
        for numbers in (first, last):
            key = key * 4096 + (numbers + 1)
        codes, keys = distinct(key.astype(np.uint64))
        settings: list[Setting] = []
        with_state: list[bool] = []
        for value in keys:
            rest, number_last = divmod(value, 4096)
            entry, number_first = divmod(rest, 4096)
            found = calendars[entry]
            if found is None:
                settings.append(_ELSEWHERE)
                with_state.append(False)
            else:
                settings.append(found[1].setting(((number_first - 1, number_last - 1),)))
                with_state.append(bool(found[0]))
        self._shapes(table, codes, settings, with_state)

    def _shapes(
        self, table: WideTable, codes: Any, settings: list[Setting], with_state: list[bool]
    ) -> None:
        np = need("numpy")
        state = np.array(with_state)[codes]
        actor = np.zeros(table.rows, dtype=bool)
        if "actor" in table.header.plain:
            actor = _texts(table.raw["actor"])[1]
        for states in (0, 1):
            for actors in (0, 1):
                here = (state == bool(states)) & (actor == bool(actors)) & ~table.hard
                if not here.any():
                    continue
                local, numbers = codes, range(len(settings))
                if not here.all():
                    local = np.where(here, codes, -1)
                used = [
                    settings[number] if with_state[number] == bool(states) else _ELSEWHERE
                    for number in numbers
                ]
                shape = Structure(actors, (), states, (1,))
                table.blocks.append(Block(shape, table.cells, local, used))

    def entry(self, values: dict[str, object], where: str) -> tuple[str, Calendar] | None:
        """The State that these cells enter, or ``None`` where something is wrong with them."""
        document = {"id": "row", "states": states_of(values)}
        try:
            scenario = check_scenario(
                Source(where, document), self.decider.law.base, self.decider.law.reads
            )
        except (InputError, ValueError):
            return None
        parts = [(code, repr(document["states"]), part) for code, part in scenario.states.items()]
        code = parts[0][0] if parts else ""
        if not code and any(value not in (None, "") for value in values.values()):
            return None
        return code, self.settings.calendar(parts)

    def _days(self, table: WideTable, name: str) -> Any:
        """The days of a date column as ordinals; rows whose day is unreadable become hard."""
        if name not in table.header.plain:
            return None
        days, wrong = days_of(table.raw[name])
        table.hard |= wrong
        return days


_ELSEWHERE = Setting((), ())
"""Stands for a setting of another shape; no row of the block has its number."""


def days_of(array: Any) -> tuple[Any, Any]:
    """The days of a date column as ordinals, and a mask of the rows that cannot be read."""
    arrow, np = need("pyarrow"), need("numpy")
    kind = array.type
    nowhere = np.zeros(len(array), dtype=bool)
    if arrow.types.is_null(kind):
        return np.full(len(array), NO_DAY, dtype=np.int64), nowhere
    if arrow.types.is_timestamp(kind) or arrow.types.is_date64(kind):
        array = array.cast(arrow.date32(), safe=False)
        kind = array.type
    if arrow.types.is_date32(kind):
        days = array.cast(arrow.int32()).fill_null(0).to_numpy(zero_copy_only=False)
        days = days.astype(np.int64) + EPOCH
        return np.where(_flags(array.is_valid()), days, NO_DAY), nowhere
    codes, _, words = _texts(array)
    found = []
    for word in words:
        day = day_of(str(word)) if word not in (None, "") else None
        found.append(day.toordinal() if day else NO_DAY)
    wrong = np.array(
        [day == NO_DAY and word not in (None, "") for day, word in zip(found, words, strict=True)]
    )
    return np.array(found, dtype=np.int64)[codes], wrong[codes]


def numbers_of(
    days: Any, entered: Any, calendars: Sequence[tuple[object, Calendar] | None], rows: int
) -> Any:
    """The number of the position on each row's day, by the calendar of its States."""
    np = need("numpy")
    if days is None:
        return np.full(rows, -1, dtype=np.int64)
    found = np.full(rows, -1, dtype=np.int64)
    pieces: list[tuple[int, Any]] = [(0, slice(None))]
    if len(calendars) > 1:
        small = entered.astype(np.min_scalar_type(len(calendars)))  # short numbers sort faster
        order = np.argsort(small, kind="stable")
        edges = np.searchsorted(entered[order], np.arange(len(calendars) + 1))
        pieces = [
            (number, order[edges[number] : edges[number + 1]]) for number in range(len(calendars))
        ]
    for number, index in pieces:
        calendar = calendars[number]
        if calendar is not None:
            found[index] = np.searchsorted(calendar[1].ordinals, days[index], side="right")
    return np.where(days == NO_DAY, -1, found)


def states_of(values: dict[str, Any]) -> dict[str, Any]:
    """The ``states`` of the scenario that the cells of a row write. Raises ``ValueError``."""
    code = values.get("state")
    if code in (None, ""):
        return {}
    treaties: dict[str, object] = {}
    if values.get("treaties"):
        treaties = treaties_of(str(values["treaties"]))
    state: dict[str, Any] = {}
    for name, value in values.items():
        if name in ("state", "treaties") or value in (None, ""):
            continue
        if name.startswith("treaties."):
            treaties[name.removeprefix("treaties.")] = (
                plain_word(value) if isinstance(value, str) else value
            )
        else:
            state[name] = span_of(str(value), "from")
    if treaties:
        state["treaties"] = treaties
    return {str(code): state}


def treaties_of(text: str) -> dict[str, object]:
    """``crc; iccpr=false; rome=2002-07-01/2017-10-27`` as the treaties of a State.

    A key alone means bound throughout; ``=false`` no party, ``=unknown`` open, and two days
    with a slash in force from the first up to, not including, the second; either may be empty.
    """
    found: dict[str, object] = {}
    for entry in text.replace(",", ";").split(";"):
        key, sign, value = (part.strip() for part in entry.partition("="))
        if not key:
            continue
        if key in found:
            raise ValueError(f"{key} is given twice")
        found[key] = (
            True
            if not sign
            else (span_of(value, "in_force") if "/" in value else plain_word(value))
        )
    return found


def span_of(text: str, first: str) -> object:
    """``2002-07-01/2017-10-27`` as two dates, the first under the given name."""
    start, slash, end = (part.strip() for part in text.partition("/"))
    if not slash:
        return text
    return {key: day for key, day in ((first, start), ("until", end)) if day}


def document_of(table: WideTable, row: int, name: str, base: Rulebase) -> dict[str, Any]:
    """The scenario document that a row of a wide table writes. Raises ``ValueError``."""
    values = {column: _cell(table.raw[column], row) for column in table.header.known}
    document: dict[str, Any] = {"id": name}
    if values.get("title"):
        document["title"] = values["title"]
    dates = {key: values[key] for key in ("start", "end") if values.get(key) not in (None, "")}
    if dates:
        document["dates"] = {key: str(value) for key, value in dates.items()}
    facts = {}
    for column in table.header.facts:
        value = values[column]
        if isinstance(value, str):
            value = (
                plain_word(value)
                if base.facts[column].type != "choice" or value in NOTHING
                else value
            )
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if value is not None and value == value:
            facts[column] = value
    document["facts"] = facts
    states = states_of(
        {
            column: value
            for column, value in values.items()
            if column in ("state", "treaties")
            or column.startswith("treaties.")
            or column in table.header.declarations
        }
    )
    if states:
        document["states"] = states
    elif any(
        values.get(column) not in (None, "")
        for column in table.header.known
        if column.startswith("treaties") or column in table.header.declarations
    ):
        raise ValueError("a treaty is entered, but no State; name it in the column state")
    if values.get("actor"):
        document["actors"] = {str(values["actor"]): {}}
    return document


def _cell(array: Any, row: int) -> Any:
    return array[row].as_py()


def _flags(array: Any) -> Any:
    """An Arrow Boolean array as numpy, null as no."""
    return array.fill_null(False).to_numpy(zero_copy_only=False)


def _texts(array: Any) -> tuple[Any, Any, list[Any]]:
    """Codes a row, whether there is something, and the distinct values (the last is null)."""
    np = need("numpy")
    arrow = need("pyarrow")
    if not arrow.types.is_dictionary(array.type):
        array = array.dictionary_encode()
    words = [*array.dictionary.to_pylist(), None]
    codes = array.indices.fill_null(len(words) - 1).to_numpy(zero_copy_only=False).astype(np.int64)
    something = np.array([word not in (None, "") for word in words])
    return codes, something[codes], words


def combined(arrays: Sequence[Any], rows: int) -> tuple[Any, list[tuple[object, ...]]]:
    """The distinct combinations of some columns: codes a row, and the values of each."""
    np = need("numpy")
    codes = np.zeros(rows, dtype=np.int64)
    combinations: list[tuple[object, ...]] = [()]
    for array in arrays:
        own, _, words = _texts(array)
        codes, pairs = distinct((codes * len(words) + own).astype(np.uint64))
        combinations = [
            (*combinations[pair // len(words)], words[pair % len(words)]) for pair in pairs
        ]
    return codes, combinations
