"""Works on one unit: reads its rows, decides them, and keeps what is wrong with the others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from engine.batch.block import Found, decide_block
from engine.batch.columns import FILE, Options
from engine.batch.csv_text import (
    TORN,
    Uneven,
    csv_lines,
    marked,
    names_of,
    read_csv,
    rows_with,
    torn,
)
from engine.batch.decide import Decider
from engine.batch.documents import DocumentReader
from engine.batch.extras import need
from engine.batch.faults import Fault, RowSource, faults_of
from engine.batch.lines import LineReader
from engine.batch.results import UnitResult, batch_of, schema_of
from engine.batch.rows import row_of
from engine.batch.settings import Settings
from engine.batch.units import Unit, stamp
from engine.batch.wide import Header, WideReader, document_of, read_header, wide_names
from engine.inference.law import Law
from engine.model.problem import InputError, Problem
from engine.rulebase.scenarios import check_scenario
from engine.rulebase.source import read_source

BLOCK_ROWS = 1 << 17

HARD_ROWS = 1 << 13
"""Lines that are read one by one, at a time."""


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
        self.lines = LineReader(
            self.wide,
            self.documents,
            frozenset(self.options.keep),
            frozenset(self.options.ignore),
        )
        self.schema = schema_of(self.law, self.options)

    def prepare(self) -> None:
        """Load what the work needs, before processes part that share it."""
        for module in ("numpy", "pyarrow.compute", "pyarrow.parquet"):
            need(module)
        for part in ("evaluator", "status"):
            getattr(self.law, part)

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
        self, found: Found, row: int, first: int, source: RowSource, result: UnitResult
    ) -> bool:
        """Decide one row the plain way; ``False`` when something is wrong with it."""
        try:
            scenario = check_scenario(source, self.law.base, self.law.reads)
        except InputError as error:
            result.faults += faults_of(error, source, first + row, source.file)
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
                wanted = [name for name in names if name in {*header.known, *self.options.keep}]
                batches = (
                    rows_of(unit, wanted)
                    if unit.start < 0
                    else file.iter_batches(
                        BLOCK_ROWS, row_groups=[unit.start], columns=wanted, use_threads=False
                    )
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
        missing = [name for name in self.options.keep if name not in {*names, FILE}]
        if missing:
            raise InputError(Problem(where, 0, 0, f"no column {name} to keep") for name in missing)
        known = wide_names(self.law.base)
        over = {*self.options.ignore, *(name for name in self.options.keep if name not in known)}
        return read_header(self.law.base, names, where, over)

    def table(
        self,
        columns: dict[str, Any],
        rows: int,
        header: Header,
        where: str,
        result: UnitResult,
        unreadable: Mapping[int, Fault] = {},
    ) -> None:
        """Decide a piece of a wide table and add it to the result.

        ``unreadable`` has the rows of it that cannot be used, each with what is wrong.
        """
        np = need("numpy")
        first = result.rows
        result.rows += rows
        if not rows:
            return
        table = self.wide.read(columns, rows, header, where)
        found = Found(rows)
        self.wide.decide(table, found)
        dropped = np.zeros(rows, dtype=bool)
        ids = ids_of(columns.get("id"), rows)
        for row, fault in unreadable.items():
            result.faults.append(replace(fault, row=first + row))
            dropped[row], table.hard[row] = True, False
        for row in np.flatnonzero(table.hard).tolist():
            name = ids[row].as_py() or ""
            try:
                document = document_of(table, row, name or "row", self.law.base)
            except ValueError as error:
                result.faults.append(Fault(first + row, name, "", "", str(error), ""))
                dropped[row] = True
                continue
            dropped[row] = not self.plain(found, row, first, RowSource(name, document), result)
        kept = {
            name: words_of(columns[name])
            if name in columns
            else same_word(where if name == FILE else None, rows)
            for name in self.options.keep
        }
        if not dropped.all():
            result.batches.append(batch_of(found, self.schema, ids, first, dropped, kept))

    def _csv(self, unit: Unit, result: UnitResult) -> None:
        arrow = need("pyarrow")
        data = _bytes_of(unit)
        names = names_of(unit.head, unit.path)
        if not any(names):
            raise InputError.single(unit.path, "the file is empty", "`palermo batch --template`")
        for sign, word in ((";", "semicolons"), ("\t", "tabs")):
            if len(names) == 1 and sign in names[0]:
                raise InputError.single(
                    unit.path, f"its fields are separated by {word}", "save it with commas"
                )
        header = self.header(names, unit.path)
        text, mark = marked(data)
        types = dict.fromkeys(names, arrow.string())
        facts = self.law.base.facts
        said = {name: arrow.bool_() for name in header.facts if facts[name].type == "tri"}
        for name in names if mark else self.options.keep:
            said.pop(name, None)
        try:
            table, uneven = read_csv(text, {**types, **said})
        except arrow.ArrowInvalid:  # some word says neither yes nor no
            try:
                table, uneven = read_csv(text, types)
            except arrow.ArrowInvalid as error:
                raise InputError.single(
                    unit.path, f"not CSV: {str(error).splitlines()[0]}"
                ) from None
        table = table.combine_chunks()
        wanted = {*header.known, *self.options.keep}
        columns = {name: _whole(table.column(name)) for name in names if name in wanted}
        unreadable = _unreadable(data, table, mark, uneven)
        before = len(result.batches)
        self.table(columns, table.num_rows, header, unit.path, result, unreadable)
        if uneven:
            self._renumber(result, before, [one.row for one in uneven])
            for one in uneven:
                message = f"the row has {one.fields} fields"
                hint = f"the header has {len(names)}"
                result.faults.append(Fault(one.row, "", "", f"{one.fields} fields", message, hint))
            result.rows += len(uneven)
        if result.faults:
            lines = csv_lines(data, unit.line, {fault.row for fault in result.faults})
            result.faults = [
                replace(fault, line=lines.get(fault.row, 0)) for fault in result.faults
            ]

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
            result.faults[place] = replace(fault, row=fault.row + shift)

    # documents

    def _lines(self, unit: Unit, result: UnitResult) -> None:
        np = need("numpy")
        read = self.lines.read(self.lines.take(unit))
        found = Found(read.rows)
        for block in read.blocks:
            rare = decide_block(self.decider, self.documents.settings, block, found)
            read.hard[rare] = True
        dropped = read.hard.copy()
        hard = np.flatnonzero(read.hard).tolist()
        words: list[str | None] = []
        beside: list[Read] = []
        for start in range(0, len(hard), HARD_ROWS):  # so that few are held at once
            rows = hard[start : start + HARD_ROWS]
            own = {row: Read(kept={FILE: unit.path}) for row in rows}
            documents = {
                row: self._line(read.line(row), row, own[row].kept, result) for row in rows
            }
            self._each(documents, own, found, dropped, result)
            words += [id_of(document) for document in documents.values()]
            if self.options.keep:
                beside += own.values()
        ids = put_in(read.ids, read.hard, words)
        kept = {}
        for name in self.options.keep:
            column = read.kept[name].fill_null(unit.path) if name == FILE else read.kept[name]
            words = [one.kept.get(name) for one in beside]
            kept[name] = put_in(column, read.hard, words).dictionary_encode()
        result.faults.sort(key=lambda fault: fault.row)
        self._keep(found, ids, dropped, kept, result)

    def _line(self, line: bytes, row: int, kept: dict[str, str | None], result: UnitResult) -> Any:
        if not line.strip():
            return _BLANK
        try:
            value = self.lines.without(self.lines.parse(line), kept)
            return self.lines.document(value) if type(value) is dict else value
        except InputError as error:
            result.faults += faults_of(error, None, row, "")
            return _BAD
        except ValueError as error:
            result.faults.append(Fault(row, "", "", "", str(error), ""))
            return _BAD

    def _each(
        self,
        documents: Mapping[int, Any],
        beside: Mapping[int, Read],
        found: Found,
        dropped: Any,
        result: UnitResult,
    ) -> None:
        """Decide documents by row: as columns where they are usual, one by one where not.

        ``beside`` says of each what is known of it beside the document.
        """
        rows = list(documents)
        dropped[rows] = False
        for row in self.documents.decide(list(documents.values()), found, rows):
            document = documents[row]
            if document is _BAD or document is _BLANK:
                dropped[row] = True
                continue
            one = beside[row]
            name = str(document.get("id", "")) if type(document) is dict else ""
            if type(document) is dict and "id" not in document:
                document = {"id": one.name or "row", **document}
            source = RowSource(name or one.name, document, one.key_places, one.value_places)
            dropped[row] = not self.plain(found, row, 0, source, result)

    def _keep(
        self, found: Found, ids: Any, dropped: Any, kept: dict[str, Any], result: UnitResult
    ) -> None:
        """Add the rows that were decided to the result."""
        result.rows += found.rows
        if found.rows and not dropped.all():
            result.batches.append(batch_of(found, self.schema, ids, 0, dropped, kept))

    def collect(
        self, documents: Sequence[Any], result: UnitResult, read: Sequence[Read] | None = None
    ) -> None:
        """Decide the documents of a unit. ``read`` says what is known of each beside."""
        np, arrow = need("numpy"), need("pyarrow")
        found = Found(len(documents))
        dropped = np.zeros(len(documents), dtype=bool)
        beside = dict(enumerate(read or [Read()] * len(documents)))
        self._each(dict(enumerate(documents)), beside, found, dropped, result)
        ids = [
            id_of(document) or beside[row].name or None for row, document in enumerate(documents)
        ]
        kept = {
            name: arrow.array(
                [one.kept.get(name) for one in beside.values()], arrow.string()
            ).dictionary_encode()
            for name in self.options.keep
        }
        self._keep(found, arrow.array(ids, type=arrow.string()), dropped, kept, result)

    def _files(self, unit: Unit, result: UnitResult) -> None:
        documents: list[Any] = []
        read: list[Read] = []
        for row, path in enumerate(unit.files):
            name = Path(path).stem
            try:
                source = read_source(path)
                one = Read(name, source.key_places, source.value_places)
                documents.append(self.lines.without(source.value, one.kept))
            except InputError as error:
                one = Read(name)
                result.faults += faults_of(error, None, row, name)
                documents.append(_BAD)
            one.kept.setdefault(FILE, path)
            read.append(one)
        self.collect(documents, result, read)

    def _tables(self, unit: Unit, result: UnitResult) -> None:
        from engine.batch.tables import strays, table_documents

        documents: list[Any] = []
        read: list[Read] = []
        for row, (document, kept) in enumerate(table_documents(unit, self.law.base, self.options)):
            if isinstance(document, list):
                result.faults += [replace(fault, row=row) for fault in document]
                documents.append(_BAD)
            else:
                documents.append(document)
            read.append(Read(kept={FILE: unit.path, **kept}))
        for row, fault in enumerate(strays(unit), start=unit.size):
            result.faults.append(replace(fault, row=row))
        self.collect(documents, result, read)


@dataclass(frozen=True)
class Read:
    """What is known of a document beside its value: a name, the places in its file, kept cells."""

    name: str = ""
    key_places: dict[tuple[str | int, ...], tuple[int, int]] = field(default_factory=dict)
    value_places: dict[tuple[str | int, ...], tuple[int, int]] = field(default_factory=dict)
    kept: dict[str, str | None] = field(default_factory=dict)


class _Mark:
    """Stands for a row that has no document."""


_BAD, _BLANK = _Mark(), _Mark()


def id_of(document: Any) -> str | None:
    """The id that a document states; an empty one is none."""
    found = document.get("id") if type(document) is dict else None
    return found or None if type(found) is str else None


def put_in(texts: Any, mask: Any, words: Sequence[str | None]) -> Any:
    """A text column with some words put in where ``mask`` says."""
    arrow, compute = need("pyarrow"), need("pyarrow.compute")
    if not words:
        return texts
    return compute.replace_with_mask(texts, arrow.array(mask), arrow.array(words, arrow.string()))


def _unreadable(data: bytes, table: Any, mark: str, uneven: Sequence[Uneven]) -> dict[int, Fault]:
    """The rows of a piece of CSV that are not UTF-8 text, or that a quotation mark runs through."""
    np = need("numpy")
    ids = table["id"] if "id" in table.column_names else None
    found: dict[int, Fault] = {}
    for row, column in (rows_with(mark, table) if mark else {}).items():
        name = (ids[row].as_py() or "") if ids is not None else ""
        found[row] = Fault(row, name, column, "", "not UTF-8 text", "save the file as UTF-8")
    if b'"' in data and rows_with("\n", table):
        numbers = np.delete(np.arange(len(table) + len(uneven)), [one.row for one in uneven])
        for number in torn(data).keys() - {one.row for one in uneven}:
            row = int(np.searchsorted(numbers, number))
            found[row] = Fault(row, "", "", "", *TORN)
    return dict(sorted(found.items()))


def words_of(array: Any) -> Any:
    """A column that is carried over, as words."""
    arrow = need("pyarrow")
    if arrow.types.is_dictionary(array.type):
        array = array.dictionary_decode()
    return array.cast(arrow.string()).dictionary_encode()


def same_word(word: str | None, rows: int) -> Any:
    """A column that says the same in every row."""
    arrow, np = need("pyarrow"), need("numpy")
    codes = np.zeros(rows, dtype=np.int32)
    return arrow.DictionaryArray.from_arrays(codes, arrow.array([word], arrow.string()))


def _bytes_of(unit: Unit) -> bytes:
    if unit.data is not None:
        return unit.data
    with open(unit.path, "rb") as file:
        file.seek(unit.start)
        data = file.read(unit.size)
    if len(data) < unit.size:
        raise InputError.single(unit.path, "the input became shorter while it was read")
    return data


def rows_of(unit: Unit, columns: Sequence[str]) -> Iterator[Any]:
    """Some rows out of a large row group, as record batches; the pages before are skipped."""
    polars = need("polars")
    try:
        frame = (
            polars.scan_parquet(unit.path, glob=False).select(columns).slice(unit.first, unit.size)
        )
        table = frame.collect().to_arrow()
    except polars.exceptions.PolarsError as error:
        raise InputError.single(
            unit.path, f"damaged Parquet: {str(error).splitlines()[0]}"
        ) from None
    yield from table.combine_chunks().to_batches()


def _whole(column: Any) -> Any:
    arrow = need("pyarrow")
    if column.num_chunks == 1:
        return column.chunk(0)
    return arrow.concat_arrays(column.chunks) if column.num_chunks else arrow.array([], column.type)


def ids_of(array: Any, rows: int) -> Any:
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
