"""Works on one unit: reads its rows, decides them, and keeps what is wrong with the others."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from engine.batch.block import Block, Found, decide_block
from engine.batch.columns import Options
from engine.batch.decide import Decider
from engine.batch.documents import DocumentReader
from engine.batch.extras import need
from engine.batch.faults import Fault, RowSource, faults_of
from engine.batch.lines import LineReader
from engine.batch.nested import NestedReader
from engine.batch.results import UnitResult, batch_of, schema_of
from engine.batch.rows import row_of
from engine.batch.settings import Settings
from engine.batch.units import Unit, stamp
from engine.batch.wide import Header, WideReader, document_of, read_header
from engine.inference.law import Law
from engine.model.problem import InputError, Problem
from engine.rulebase.scenarios import check_scenario
from engine.rulebase.source import read_source

BLOCK_ROWS = 1 << 16


@dataclass
class Worker:
    """The law and what was learnt so far: one a process."""

    law: Law
    options: Options
    decider: Decider = field(init=False)
    wide: WideReader = field(init=False)
    documents: DocumentReader = field(init=False)
    lines: LineReader = field(init=False)
    schema: Any = field(init=False)

    def __post_init__(self) -> None:
        self.decider = Decider(self.law, self.options)
        settings = Settings(self.law)
        self.wide = WideReader(self.decider, settings)
        self.documents = DocumentReader(self.decider, settings)
        self.lines = LineReader(self.wide, NestedReader(self.documents))
        self.schema = schema_of(self.law.base, self.options)

    def work(self, unit: Unit) -> UnitResult:
        """The result of a unit. Raises ``InputError`` where the input as a whole is unusable."""
        if unit.stamp != (0, 0) and stamp(unit.path) != unit.stamp:
            raise InputError.single(
                unit.path, "the input changed while it was read", "start again with --restart"
            )
        result = UnitResult()
        try:
            {
                "parquet": self._parquet,
                "csv": self._csv,
                "lines": self._lines,
                "files": self._files,
                "tables": self._tables,
            }[unit.kind](unit, result)
        except OSError as error:
            raise InputError.single(
                error.filename or unit.path, f"cannot be read: {error.strerror or error}"
            ) from None
        return result

    # one row after the other

    def plain(
        self, found: Found, row: int, first: int, document: Any, name: str, result: UnitResult
    ) -> bool:
        """Decide one row the plain way; ``False`` when something is wrong with it."""
        source = RowSource(name, document)
        try:
            scenario = check_scenario(source, self.law.base, self.law.reads)
        except InputError as error:
            result.faults += faults_of(error, source, first + row, name)
            return False
        found.put_row(row, row_of(scenario, self.law, self.options))
        return True

    # wide tables

    def _parquet(self, unit: Unit, result: UnitResult) -> None:
        parquet, arrow = need("pyarrow.parquet"), need("pyarrow")
        try:
            with parquet.ParquetFile(unit.path) as file:
                names = file.schema_arrow.names
                header = self.header(names, unit.path)
                wanted = [*header.known, *self.options.keep]
                batches = file.iter_batches(
                    BLOCK_ROWS, row_groups=[unit.start], columns=wanted, use_threads=False
                )
                for batch in batches:
                    columns = {name: batch.column(name) for name in wanted}
                    self.table(columns, batch.num_rows, header, unit.path, result)
        except arrow.ArrowInvalid as error:
            raise InputError.single(
                unit.path, f"damaged Parquet: {str(error).splitlines()[0]}"
            ) from None

    def header(self, names: Sequence[str], where: str) -> Header:
        """The columns of a wide table sorted by what they are. Raises ``InputError``."""
        missing = [name for name in self.options.keep if name not in names]
        if missing:
            raise InputError(Problem(where, 0, 0, f"no column {name} to keep") for name in missing)
        over = {*self.options.ignore, *self.options.keep}
        return read_header(self.law.base, names, where, over)

    def table(
        self, columns: dict[str, Any], rows: int, header: Header, where: str, result: UnitResult
    ) -> None:
        """Decide a piece of a wide table and add it to the result."""
        np, arrow = need("numpy"), need("pyarrow")
        first = result.rows
        result.rows += rows
        if not rows:
            return
        table = self.wide.read(columns, rows, header, where)
        found = Found(rows)
        self.wide.decide(table, found)
        dropped = np.zeros(rows, dtype=bool)
        ids = _ids(columns.get("id"), rows)
        for row in np.flatnonzero(table.hard).tolist():
            name = ids[row].as_py() or ""
            try:
                document = document_of(table, row, name or "row", self.law.base)
            except ValueError as error:
                result.faults.append(Fault(first + row, name, "", "", str(error), ""))
                dropped[row] = True
                continue
            dropped[row] = not self.plain(found, row, first, document, name, result)
        kept = {}
        for name in self.options.keep:
            text = columns[name].cast(arrow.string())
            kept[name] = text.dictionary_encode()
        if not dropped.all():
            result.batches.append(batch_of(found, self.schema, ids, first, dropped, kept))

    def _csv(self, unit: Unit, result: UnitResult) -> None:
        arrow, reader = need("pyarrow"), need("pyarrow.csv")
        data = _bytes_of(unit)
        try:
            names = next(csv.reader(io.StringIO(unit.head.decode("utf-8-sig"))), [])
        except UnicodeDecodeError:
            raise InputError.single(unit.path, "not UTF-8 text", "save the file as UTF-8") from None
        names = [name.strip() for name in names]
        if not any(names):
            raise InputError.single(unit.path, "the file is empty", "`palermo batch --template`")
        header = self.header(names, unit.path)
        uneven: list[tuple[int, int]] = []

        def skip(row: Any) -> str:
            uneven.append((row.number, row.actual_columns))
            return "skip"

        try:
            table = reader.read_csv(
                arrow.py_buffer(data),
                read_options=reader.ReadOptions(
                    column_names=names, use_threads=False, block_size=1 << 28
                ),
                parse_options=reader.ParseOptions(
                    newlines_in_values=True, invalid_row_handler=skip
                ),
                convert_options=reader.ConvertOptions(
                    column_types=dict.fromkeys(names, arrow.string()),
                    strings_can_be_null=True,
                    null_values=[""],
                    quoted_strings_can_be_null=True,
                ),
            )
        except arrow.ArrowInvalid as error:
            raise InputError.single(unit.path, f"not CSV: {str(error).splitlines()[0]}") from None
        table = table.combine_chunks()
        columns = {name: _whole(table.column(name)) for name in [*header.known, *self.options.keep]}
        before = len(result.batches)
        self.table(columns, table.num_rows, header, unit.path, result)
        if uneven:
            self._renumber(result, before, [number - 1 for number, _ in uneven])
            for number, actual in uneven:
                result.faults.append(
                    Fault(
                        number - 1,
                        "",
                        "",
                        f"{actual} fields",
                        f"the row has {actual} fields",
                        f"the header has {len(names)}",
                    )
                )
            result.rows += len(uneven)

    def _renumber(self, result: UnitResult, before: int, skipped: Sequence[int]) -> None:
        """Number the rows as they stand in the file, where rows were left out before them."""
        np, arrow = need("numpy"), need("pyarrow")
        gaps = np.array(skipped) - np.arange(len(skipped))
        for place in range(before, len(result.batches)):
            batch = result.batches[place]
            numbers = np.asarray(batch.column(0)).astype(np.int64)
            numbers += np.searchsorted(gaps, numbers, side="right")
            result.batches[place] = batch.set_column(
                0, batch.schema.field(0), arrow.array(numbers.astype(np.uint32))
            )
        for place, fault in enumerate(result.faults):
            shift = int(np.searchsorted(gaps, fault.row, side="right"))
            result.faults[place] = Fault(
                fault.row + shift, fault.id, fault.field, fault.found, fault.message, fault.hint
            )

    # documents

    def _lines(self, unit: Unit, result: UnitResult) -> None:
        data = unit.data if unit.data is not None else _bytes_of(unit)
        if unit.start == 0 and data.startswith(b"\xef\xbb\xbf"):
            data = data[3:]
        read = self.lines.read(data, unit.path)
        if read is not None:
            self.table(*read, unit.path, result)
            return
        block = self.lines.read_documents(data)
        if block is not None:
            self._block(*block, data, unit, result)
            return
        lines = data.split(b"\n")
        if lines and not lines[-1]:
            lines.pop()
        documents: list[Any] = []
        for row, line in enumerate(lines):
            documents.append(self._line(line, row, unit, result))
        self.lines.learn(documents)
        self.collect(documents, result)

    def _block(
        self, block: Block, ids: Any, hard: Any, data: bytes, unit: Unit, result: UnitResult
    ) -> None:
        """Decide a block of documents; the hard rows among them are read again, one by one."""
        np = need("numpy")
        rows = block.cells.rows
        found = Found(rows)
        hard[decide_block(self.decider, self.documents.settings, block, found)] = True
        dropped = hard.copy()
        if hard.any():
            lines = data.split(b"\n")
            for row in np.flatnonzero(hard).tolist():
                document = self._line(lines[row], row, unit, result)
                if type(document) is dict:
                    name = str(document.get("id", ""))
                    document = {"id": name or "row", **document}
                    dropped[row] = not self.plain(found, row, 0, document, name, result)
        result.rows += rows
        if not dropped.all():
            result.batches.append(batch_of(found, self.schema, ids, 0, dropped, {}))

    def _line(self, line: bytes, row: int, unit: Unit, result: UnitResult) -> Any:
        if not line.strip():
            return _BLANK
        try:
            value = self.lines.parse(line)
            return self.lines.document(value) if type(value) is dict else value
        except InputError as error:
            result.faults += faults_of(error, None, row, "")
            return _BAD
        except ValueError as error:
            result.faults.append(Fault(row, "", "", "", str(error), ""))
            return _BAD

    def collect(
        self, documents: Sequence[Any], result: UnitResult, names: Sequence[str] | None = None
    ) -> None:
        """Decide documents: as columns where they are usual, one by one where not."""
        np, arrow = need("numpy"), need("pyarrow")
        rows = len(documents)
        first = result.rows
        found = Found(rows)
        dropped = np.zeros(rows, dtype=bool)
        for row in self.documents.decide(documents, found):
            document = documents[row]
            if document is _BAD or document is _BLANK:
                dropped[row] = True
                continue
            name = str(document.get("id", "")) if type(document) is dict else ""
            if names and not name:
                name = names[row]
            if type(document) is dict and "id" not in document:
                document = {"id": name or "row", **document}
            dropped[row] = not self.plain(found, row, first, document, name, result)
        ids = arrow.array(
            [
                document.get("id")
                if type(document) is dict and type(document.get("id")) is str
                else (names[row] if names else None)
                for row, document in enumerate(documents)
            ],
            type=arrow.string(),
        )
        result.rows += rows
        if rows and not dropped.all():
            result.batches.append(batch_of(found, self.schema, ids, first, dropped, {}))

    def _files(self, unit: Unit, result: UnitResult) -> None:
        documents: list[Any] = []
        names = [Path(path).stem for path in unit.files]
        for row, path in enumerate(unit.files):
            try:
                documents.append(read_source(path).value)
            except InputError as error:
                for problem in error.problems:
                    where = f"{path}:{problem.line}" if problem.line else path
                    result.faults.append(
                        Fault(row, names[row], where, "", problem.message, problem.hint)
                    )
                documents.append(_BAD)
        self.collect(documents, result, names)

    def _tables(self, unit: Unit, result: UnitResult) -> None:
        from engine.batch.tables import table_documents

        documents: list[Any] = []
        for row, document in enumerate(table_documents(unit, self.law.base)):
            if isinstance(document, ValueError):
                result.faults.append(Fault(row, "", "", "", str(document), ""))
                documents.append(_BAD)
            else:
                documents.append(document)
        self.collect(documents, result)


class _Mark:
    """Stands for a row that has no document."""


_BAD, _BLANK = _Mark(), _Mark()


def _bytes_of(unit: Unit) -> bytes:
    with open(unit.path, "rb") as file:
        file.seek(unit.start)
        data = file.read(unit.size)
    if len(data) < unit.size:
        raise InputError.single(unit.path, "the input became shorter while it was read")
    return data


def _whole(column: Any) -> Any:
    arrow = need("pyarrow")
    if column.num_chunks == 1:
        return column.chunk(0)
    return arrow.concat_arrays(column.chunks) if column.num_chunks else arrow.array([], column.type)


def _ids(array: Any, rows: int) -> Any:
    """The ids as text; null where there is none."""
    arrow, compute = need("pyarrow"), need("pyarrow.compute")
    if array is None:
        return arrow.nulls(rows, arrow.string())
    if arrow.types.is_dictionary(array.type):
        array = array.dictionary_decode()
    if array.type != arrow.string():
        array = array.cast(arrow.string())
    empty = compute.equal(array, "")
    if compute.any(empty).as_py():
        array = compute.if_else(empty, None, array)
    return array
