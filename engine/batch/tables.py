"""Scenarios set in tables joined by ``id``: situation, episodes, actors, States.

``situation`` has a row a scenario, like a wide table without the column state. The others have
a row for each part, with the column that names it: ``episode``, ``actor``, ``state``. Two more
tables may hold what differs in an episode: ``charges`` (episode, actor) and ``duties``
(episode, state). Every other column is a fact, or a field of that part.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

from engine.batch.columns import Options
from engine.batch.extras import need
from engine.batch.faults import Fault
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
    """The number of scenarios in a table of situations."""
    return len(_load(path, stamp(path)))


@lru_cache(maxsize=8)
def _load(path: str, mark: tuple[int, int]) -> Any:
    """A table as a polars frame; text only, where it is CSV. Kept while it does not change."""
    polars = need("polars")
    try:
        if Path(path).suffix == ".csv":
            return polars.read_csv(path, infer_schema=False)
        return polars.read_parquet(path)
    except polars.exceptions.NoDataError:
        raise InputError.single(path, "the file is empty", "give it at least a header") from None
    except (polars.exceptions.PolarsError, OSError) as error:
        raise InputError.single(
            path, f"cannot be read as a table: {str(error).splitlines()[0]}"
        ) from None


@lru_cache(maxsize=8)
def _places(path: str, mark: tuple[int, int]) -> tuple[Any, dict[str, tuple[int, int]]]:
    """A table sorted by id (in the order of the file within one), and the rows of each id."""
    polars = need("polars")
    frame = _load(path, mark).with_columns(polars.col("id").cast(polars.String))
    frame = frame.sort("id", maintain_order=True)
    places: dict[str, tuple[int, int]] = {}
    start = 0
    counts = frame.group_by("id", maintain_order=True).len()
    for name, count in counts.iter_rows():
        places[name] = (start, start + count)
        start += count
    return frame, places


def table_documents(
    unit: Unit, base: Rulebase, options: Options
) -> Iterator[tuple[dict[str, Any] | Fault, Kept]]:
    """The documents of some rows of the table of situations, or what is wrong with each."""
    tables = {Path(path).stem: path for path in unit.files}
    situations = _load(tables["situation"], stamp(tables["situation"]))
    over = {*options.keep, *options.ignore}
    for name, path in tables.items():
        _check_columns(name, path, _load(path, stamp(path)).columns, base, over)
    known = _ids(tables["situation"], stamp(tables["situation"]))
    for name, path in tables.items():
        if name != "situation":
            orphans = sorted(set(map(str, _places(path, stamp(path))[1])) - known)
            if orphans:
                raise InputError.single(
                    path,
                    f"{orphans[0]} is the id of no situation"
                    + (f", and {len(orphans) - 1:,} more" if len(orphans) > 1 else ""),
                    nearest(orphans[0], known) or "each id must stand in the table situation",
                )
    for row in situations.slice(unit.start, unit.size).iter_rows(named=True):
        kept = {
            name: None if row[name] is None else str(row[name])
            for name in options.keep
            if name in row
        }
        try:
            yield _document(row, tables, base), kept
        except _Wrong as wrong:
            yield Fault(0, str(row["id"]), wrong.field, "", str(wrong), wrong.hint), kept
        except ValueError as error:
            yield Fault(0, str(row["id"]), "treaties", "", str(error), ""), kept


class _Wrong(ValueError):
    """Rows of two tables do not fit together."""

    def __init__(self, field: str, message: str, hint: str = "") -> None:
        self.field, self.hint = field, hint
        super().__init__(message)


@lru_cache(maxsize=2)
def _ids(path: str, mark: tuple[int, int]) -> frozenset[str]:
    polars = need("polars")
    column = _load(path, mark)["id"].cast(polars.String)
    if column.null_count() or (column == "").any():
        raise InputError.single(path, "a row has no id", "the tables are joined by it")
    if column.n_unique() != len(column):
        repeated = column.filter(column.is_duplicated())[0]
        raise InputError.single(path, f"the id {repeated} is there twice", "one row a scenario")
    return frozenset(column.to_list())


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


def _document(row: dict[str, Any], tables: dict[str, str], base: Rulebase) -> dict[str, Any]:
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
        for part in _rows(table, name, tables):
            parts = document.setdefault(place, {})
            if part[key] in (None, ""):
                raise _Wrong(place, f"a row of {table} names no {key}", f"fill its column {key}")
            if str(part[key]) in parts:
                raise _Wrong(f"{place}.{part[key]}", f"the {key} {part[key]} is there twice")
            parts[str(part[key])] = _part(part, table, base)
    for table, key in (("charges", "actor"), ("duties", "state")):
        for part in _rows(table, name, tables):
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


def _rows(table: str, name: str, tables: dict[str, str]) -> list[dict[str, Any]]:
    if table not in tables:
        return []
    frame, places = _places(tables[table], stamp(tables[table]))
    if name not in places:
        return []
    start, end = places[name]
    found: list[dict[str, Any]] = frame.slice(start, end - start).to_dicts()
    return found


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
