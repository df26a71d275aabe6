"""The Python API in bulk: tables in, tables out; any number of scenarios, one after the other.

``record_batches`` is the plain function on Arrow record batches that other engines can call:
Spark's ``mapInArrow``, Ray Data's ``map_batches`` and Dask's ``map_partitions``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any

from engine.batch.columns import Options
from engine.batch.extras import need
from engine.batch.results import UnitResult, schema_of
from engine.batch.rows import Row, row_of
from engine.batch.work import Worker
from engine.batch.writers import plain_schema, settle_ids
from engine.inference.law import Law, load_law
from engine.model.problem import InputError, Problem
from engine.model.scenario import Scenario

_ROWS = 1 << 16
_MANY = 4096


def assess_frame(table: Any, law: Law, options: Options = Options()) -> Any:  # noqa: B008
    """The results of a wide table: a polars frame for a polars frame, else an Arrow table.

    One row for each row given, in order. Yes/no columns are read where they stand. Raises
    ``InputError`` with every fault of every row.
    """
    arrow = need("pyarrow")
    polars = type(table).__module__.partition(".")[0] == "polars"
    given = table.to_arrow() if polars else table
    if isinstance(given, arrow.RecordBatch):
        given = arrow.Table.from_batches([given])
    worker = Worker(law, options)
    batches = [result for batch in given.to_batches(_ROWS) for result in _results(worker, batch)]
    made = arrow.Table.from_batches(batches, plain_schema(worker.schema))
    return need("polars").from_arrow(made) if polars else made


def _results(worker: Worker, batch: Any, first: int = 1) -> list[Any]:
    result = UnitResult()
    header = worker.header(batch.schema.names, "the table")
    columns = {name: batch.column(name) for name in batch.schema.names}
    worker.table(columns, batch.num_rows, header, "the table", result)
    if result.faults:
        raise InputError(
            Problem(f"row {first + fault.row}", 0, 0, f"{fault.field}: {fault.message}", fault.hint)
            for fault in result.faults
        )
    return [settle_ids(found, first) for found in result.batches]


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
            Problem(fault.id or f"scenario {fault.row + 1}", 0, 0, fault.message, fault.hint)
            for fault in result.faults
        )
    rows = (row for batch in result.batches for row in settle_ids(batch, 1).to_pylist())
    for number in range(len(scenarios)):
        yield ready[number] if number in ready else next(rows)


@lru_cache(maxsize=2)
def _worker(options: Options) -> Worker:
    return Worker(load_law(), options)


def record_batches(batches: Iterable[Any], options: Options = Options()) -> Iterator[Any]:  # noqa: B008
    """Arrow record batches of wide rows to Arrow record batches of results, text as plain text.

    The shipped law is loaded once a process.
    """
    arrow = need("pyarrow")
    worker = _worker(options)
    for batch in batches:
        for found in _results(worker, batch):
            fields = [
                arrow.field(field.name, arrow.string())
                if arrow.types.is_dictionary(field.type)
                else field
                for field in found.schema
            ]
            yield found.cast(arrow.schema(fields))


def result_schema(law: Law, options: Options = Options()) -> Any:  # noqa: B008
    """The Arrow schema of the results."""
    return plain_schema(schema_of(law, options))
