"""The Python API in bulk: tables in, tables out; any number of scenarios, one after the other.

``record_batches`` is the plain function on Arrow record batches that other engines can call:
Spark's ``mapInArrow``, Ray Data's ``map_batches`` and Dask's ``map_partitions``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

from engine.batch.columns import Options
from engine.batch.extras import need
from engine.batch.results import UnitResult, schema_of
from engine.batch.rows import Row, row_of
from engine.batch.work import Worker, ids_of
from engine.batch.writers import plain_schema, settle_ids
from engine.inference.law import Law, load_law
from engine.model.problem import InputError, Problem
from engine.model.scenario import Scenario

_ROWS = 1 << 16
_MANY = 4096
_SHOWN = 100
FAULT = "fault"


def assess_frame(
    table: Any,
    law: Law,
    options: Options = Options(),  # noqa: B008
    *,
    faults: bool = False,
) -> Any:
    """The results of a wide table: a polars frame for a polars frame, else an Arrow table.

    One row for each row given, in order. Yes/no columns are read where they stand. Raises
    ``InputError`` with the faults of all rows; with ``faults`` nothing is raised, a bad row has
    no results, and the text column ``fault`` says what is wrong with it.
    """
    arrow = need("pyarrow")
    polars = type(table).__module__.partition(".")[0] == "polars"
    given = table.to_arrow() if polars else table
    if isinstance(given, arrow.RecordBatch):
        given = arrow.Table.from_batches([given])
    worker = Worker(law, options)
    batches = list(_frames(worker, given.to_batches(_ROWS), faults))
    made = arrow.Table.from_batches(batches, result_schema(law, options, faults=faults))
    return need("polars").from_arrow(made) if polars else made


def _frames(worker: Worker, batches: Iterable[Any], faults: bool) -> Iterator[Any]:
    """The results of batches of wide rows. Raises ``InputError`` at the end, for all rows."""
    first = 1
    problems: list[Problem] = []
    for batch in batches:
        result = UnitResult()
        header = worker.header(batch.schema.names, "the table")
        columns = {name: batch.column(name) for name in batch.schema.names}
        worker.table(columns, batch.num_rows, header, "the table", result)
        if faults:
            yield _with_faults(worker, result, ids_of(columns.get("id"), batch.num_rows), first)
        else:
            problems += [
                Problem(
                    f"row {first + fault.row}",
                    0,
                    0,
                    f"{fault.field}: {fault.message}" if fault.field else fault.message,
                    fault.hint,
                )
                for fault in result.faults[: _SHOWN - len(problems)]
            ]
            if not problems:
                for found in result.batches:
                    yield settle_ids(found, first)
        first += batch.num_rows
    if problems:
        raise InputError(problems)


def _with_faults(worker: Worker, result: UnitResult, ids: Any, first: int) -> Any:
    """The results with a row for each row read: empty but for the fault, where one is bad."""
    arrow, compute, np = need("pyarrow"), need("pyarrow.compute"), need("numpy")
    said: dict[int, list[str]] = {}
    for fault in result.faults:
        field = f"{fault.field}: " if fault.field else ""
        said.setdefault(fault.row, []).append(f"{field}{fault.message}")
    schema = plain_schema(worker.schema)
    settled = [settle_ids(found, first) for found in result.batches]
    place = np.full(result.rows, -1, dtype=np.int64)
    start = 0
    for found in result.batches:
        place[np.asarray(found.column(0))] = np.arange(start, start + found.num_rows)
        start += found.num_rows
    table = arrow.Table.from_batches(settled, schema)
    whole = table.take(arrow.array(place, mask=place < 0)).combine_chunks()
    numbers = arrow.array(np.arange(first, first + result.rows)).cast(arrow.string())
    faults = arrow.array(
        ["; ".join(said[row]) if row in said else None for row in range(result.rows)],
        arrow.string(),
    )
    columns = [compute.coalesce(ids, numbers), *whole.columns[1:], faults]
    return arrow.Table.from_arrays(
        columns, schema=schema.append(arrow.field(FAULT, arrow.string()))
    ).to_batches(result.rows or None)[0]


def assess_many(
    scenarios: Iterable[Scenario | dict[str, Any]],
    law: Law,
    options: Options = Options(),  # noqa: B008
) -> Iterator[Row]:
    """The result row of each scenario (record or document), in order, a few thousand at a time.

    Raises ``InputError`` at the first scenario that cannot be used.
    """
    worker = Worker(law, options)
    waiting: list[Scenario | dict[str, Any]] = []
    for scenario in scenarios:
        waiting.append(scenario)
        if len(waiting) == _MANY:
            yield from _many(worker, waiting)
            waiting = []
    yield from _many(worker, waiting)


def _many(worker: Worker, scenarios: list[Scenario | dict[str, Any]]) -> Iterator[Row]:
    result = UnitResult()
    ready: dict[int, Row] = {}
    documents: list[Any] = []
    for number, scenario in enumerate(scenarios):
        if isinstance(scenario, Scenario):
            ready[number] = row_of(scenario, worker.law, worker.options)
        else:
            documents.append(scenario)
    worker.collect(documents, result)
    if result.faults:
        raise InputError(
            Problem(
                fault.id or f"scenario {fault.row + 1}",
                0,
                0,
                f"{fault.field}: {fault.message}" if fault.field else fault.message,
                fault.hint,
            )
            for fault in result.faults
        )
    rows = (row for batch in result.batches for row in settle_ids(batch, 1).to_pylist())
    for number in range(len(scenarios)):
        yield ready[number] if number in ready else next(rows)


@lru_cache(maxsize=2)
def _worker(options: Options, rules: tuple[str, ...]) -> Worker:
    return Worker(load_law(overlays=tuple(map(Path, rules))), options)


def record_batches(
    batches: Iterable[Any],
    options: Options = Options(),  # noqa: B008
    *,
    rules: tuple[str, ...] = (),
    faults: bool = False,
) -> Iterator[Any]:
    """Arrow record batches of wide rows to Arrow record batches of results, text as plain text.

    The law, with the folders of ``rules`` laid over it, is loaded once a process. A bad row
    raises ``InputError``; with ``faults`` it has no results but a text in the column ``fault``.
    Rows without an id are numbered through.
    """
    worker = _worker(options, rules)
    for found in _frames(worker, batches, faults):
        yield found.cast(_plain_text(found.schema))


def result_schema(
    law: Law,
    options: Options = Options(),  # noqa: B008
    *,
    faults: bool = False,
    plain: bool = False,
) -> Any:
    """The Arrow schema of the results; with ``plain`` that of ``record_batches``."""
    arrow = need("pyarrow")
    schema = plain_schema(schema_of(law, options))
    if faults:
        schema = schema.append(arrow.field(FAULT, arrow.string()))
    return _plain_text(schema) if plain else schema


def _plain_text(schema: Any) -> Any:
    arrow = need("pyarrow")
    return arrow.schema(
        [
            arrow.field(field.name, arrow.string())
            if arrow.types.is_dictionary(field.type)
            else field
            for field in schema
        ]
    )
