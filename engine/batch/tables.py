"""Scenarios set in tables joined by ``id``: situation, episodes, actors, States.

``situation`` has a row a scenario, like a wide table without the column state. The others have
a row for each part, with the column that names it: ``episode``, ``actor``, ``state``. Two more
tables may hold what differs in an episode: ``charges`` (episode, actor) and ``duties``
(episode, state). Every other column is a fact, or a field of that part.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from engine.batch.columns import Options
from engine.batch.faults import Fault
from engine.batch.table_set import TableSet, joined, read_table
from engine.batch.units import Unit, stamp
from engine.batch.wide import span_of, treaties_of
from engine.batch.words import NOTHING, plain_word
from engine.model.problem import InputError, Problem, nearest
from engine.rulebase.rulebase import Rulebase

_KEYS = {
    "situation": ("id",),
    "episodes": ("id", "episode"),
    "actors": ("id", "actor"),
    "states": ("id", "state"),
    "charges": ("id", "episode", "actor"),
    "duties": ("id", "episode", "state"),
}
_FIELDS = {
    "situation": ("title", "narrative", "kind", "note", "start", "end"),
    "episodes": ("title", "narrative", "note", "start", "end", "places", "actors"),
    "actors": ("name", "kind", "nationality", "note"),
    "states": ("name", "note", "roles", "treaties"),
    "charges": (),
    "duties": (),
}
_LISTS = ("places", "actors", "roles")


Kept = dict[str, "str | None"]
"""The cells of a row that are carried over."""


def count_rows(path: str) -> int:
    """The number of scenarios in a table of situations, those that cannot be used among them."""
    return read_table(path, stamp(path)).rows


def table_documents(
    unit: Unit, base: Rulebase, options: Options
) -> Iterator[tuple[dict[str, Any] | list[Fault], Kept]]:
    """The documents of some rows of the table of situations, or what is wrong with each."""
    over = {*options.keep, *options.ignore}
    for path in unit.files:
        columns = read_table(path, stamp(path)).columns
        _check_columns(Path(path).stem, path, columns, base, over)
    tables = joined(unit.files)
    for number, row in tables.situations(unit.start, unit.size):
        faults = tables.faults(number, row)
        kept: Kept = {}
        if row is None:
            yield faults, kept
            continue
        kept = {
            name: None if row[name] is None else str(row[name])
            for name in options.keep
            if name in row
        }
        if faults:
            yield faults, kept
            continue
        try:
            yield _document(row, tables, base), kept
        except _Wrong as wrong:
            yield [Fault(0, str(row["id"]), wrong.field, "", str(wrong), wrong.hint)], kept
        except ValueError as error:
            yield [Fault(0, str(row["id"]), "treaties", "", str(error), "")], kept


def strays(unit: Unit) -> list[Fault]:
    """Rows of the other tables that belong to no situation: this unit's share of them."""
    tables = joined(unit.files)
    count, rows = len(tables.strays), max(1, tables.table("situation").rows)
    end = unit.start + max(1, unit.size)
    return list(tables.strays[unit.start * count // rows : end * count // rows])


class _Wrong(ValueError):
    """Rows of two tables do not fit together."""

    def __init__(self, field: str, message: str, hint: str = "") -> None:
        self.field, self.hint = field, hint
        super().__init__(message)


def _check_columns(table: str, path: str, names: list[str], base: Rulebase, over: set[str]) -> None:
    facts = [fact.id for fact in base.facts.values() if not fact.derived]
    known = [*_KEYS[table], *_FIELDS[table], *facts]
    if table == "states":
        known += [f"treaties.{key}" for key, item in base.instruments.items() if item.parties]
        known += [item.declaration for item in base.instruments.values() if item.declaration]
    problems = [
        Problem(path, 0, 0, f"the column {key} is missing")
        for key in _KEYS[table]
        if key not in names
    ]
    problems += [
        Problem(path, 0, 0, f"unknown column {name}", nearest(name, known))
        for name in names
        if name not in known and name not in over
    ]
    if problems:
        raise InputError(problems)


def _document(row: dict[str, Any], tables: TableSet, base: Rulebase) -> dict[str, Any]:
    name = str(row["id"])
    document = _part(row, "situation", base)
    dates = {key: document.pop(key) for key in ("start", "end") if key in document}
    document = {"id": name, **document}
    if dates:
        document["dates"] = dates
    for table, key, place in (
        ("actors", "actor", "actors"),
        ("states", "state", "states"),
        ("episodes", "episode", "episodes"),
    ):
        for part in tables.rows_of(table, name):
            parts = document.setdefault(place, {})
            if part[key] in (None, ""):
                raise _Wrong(place, f"a row of {table} names no {key}", f"fill its column {key}")
            if str(part[key]) in parts:
                raise _Wrong(f"{place}.{part[key]}", f"the {key} {part[key]} is there twice")
            parts[str(part[key])] = _part(part, table, base)
    for table, key in (("charges", "actor"), ("duties", "state")):
        for part in tables.rows_of(table, name):
            episodes = document.get("episodes", {})
            episode = episodes.get(str(part["episode"]))
            if episode is None:
                raise _Wrong(
                    table,
                    f"{part['episode']} is no episode of this scenario",
                    nearest(str(part["episode"]), episodes),
                )
            episode.setdefault(table, {})[str(part[key])] = _part(part, table, base)["facts"]
    return document


def _part(row: dict[str, Any], table: str, base: Rulebase) -> dict[str, Any]:
    """The fields and facts that a row states; an empty cell states nothing."""
    found: dict[str, Any] = {"facts": {}}
    declarations = {item.declaration for item in base.instruments.values()}
    for name, value in row.items():
        if name in _KEYS[table] or value is None or value == "":
            continue
        if name in base.facts:
            if isinstance(value, str) and (base.facts[name].type != "choice" or value in NOTHING):
                value = plain_word(value)
            found["facts"][name] = value
        elif name in _LISTS:
            found[name] = [word.strip() for word in str(value).split(";") if word.strip()]
        elif name == "treaties":
            found.setdefault("treaties", {}).update(treaties_of(str(value)))
        elif name.startswith("treaties."):
            stated = plain_word(value) if isinstance(value, str) else value
            found.setdefault("treaties", {})[name.removeprefix("treaties.")] = stated
        elif name in _FIELDS[table]:
            found[name] = str(value)
        elif table == "states" and name in declarations:
            found[name] = span_of(str(value), "from")
    return found
