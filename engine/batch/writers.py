"""Writers of the output: Parquet, CSV or JSON lines, batch by batch, in the order of the input."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from engine.batch.decode import texts_of
from engine.batch.extras import need
from engine.batch.results import ROW, words_in
from engine.model.problem import InputError, nearest

FORMATS = {
    ".parquet": "parquet",
    ".pq": "parquet",
    ".csv": "csv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
}

_FEW_BYTES = 2
"""The bytes of a listing of which each list is spelt once, as it is likely to occur again."""


def format_of(path: Path) -> str:
    """The format that an output's suffix stands for. Raises ``InputError``."""
    found = FORMATS.get(path.suffix.lower())
    if found is None:
        hint = nearest(path.suffix.lower(), FORMATS) or "known: .parquet, .csv, .jsonl"
        raise InputError.single(
            str(path), f"no output format is known by {path.suffix or 'no suffix'}", hint
        )
    return found


class Writer(Protocol):
    """Takes finished batches."""

    def write(self, batch: Any) -> None:
        """Append a batch of the part schema whose ids are settled."""

    def close(self) -> None:
        """Complete the output."""

    def abandon(self) -> None:
        """Leave the output as it is: nothing more is written to it."""


def settle_ids(batch: Any, first: int) -> Any:
    """A batch of results as it is put out: lists as text, and no row numbers.

    A scenario without an id is named by its number; ``first`` is that of the unit's first row.
    """
    arrow, compute = need("pyarrow"), need("pyarrow.compute")
    ids = batch.column(1)
    if ids.null_count:
        numbers = compute.add(
            batch.column(0).cast(arrow.uint64()), arrow.scalar(first, arrow.uint64())
        )
        ids = compute.coalesce(ids, numbers.cast(arrow.string()))
    columns = [
        _spelt(array, words_in(field)) if arrow.types.is_fixed_size_binary(array.type) else array
        for array, field in zip(batch.columns[2:], list(batch.schema)[2:], strict=True)
    ]
    return arrow.RecordBatch.from_arrays([ids, *columns], schema=plain_schema(batch.schema))


def _spelt(array: Any, words: Sequence[str] | None) -> Any:
    """A listing as text; of few words, each list that occurs once."""
    arrow, np = need("pyarrow"), need("numpy")
    size = array.type.byte_width
    data = np.frombuffer(array.buffers()[1], dtype=np.uint8)
    bits = data[array.offset * size : (array.offset + len(array)) * size]
    if size > _FEW_BYTES:
        return texts_of(bits.reshape(len(array), size), words or ())
    encoded = arrow.array(bits.view(f"u{size}")).dictionary_encode()
    lists = encoded.dictionary.to_numpy().view(np.uint8).reshape(-1, size)
    return arrow.DictionaryArray.from_arrays(encoded.indices, texts_of(lists, words or ()))


def plain_schema(schema: Any) -> Any:
    """The schema of the output: that of the results without the row number, lists as text."""
    arrow = need("pyarrow")
    coded = arrow.dictionary(arrow.int32(), arrow.string())
    fields = []
    for field in schema:
        kind = field.type
        if arrow.types.is_fixed_size_binary(kind):
            kind = coded if kind.byte_width <= _FEW_BYTES else arrow.string()
        if field.name != ROW:
            fields.append(arrow.field(field.name, kind))
    return arrow.schema(fields)


class ParquetWriter:
    """Parquet with one row group a batch; words are stored once a group."""

    def __init__(self, file: BinaryIO, schema: Any) -> None:
        parquet = need("pyarrow.parquet")
        need("pyarrow")
        plain = plain_schema(schema)
        self._writer = parquet.ParquetWriter(
            file,
            plain,
            compression="zstd",
            compression_level=1,
            use_dictionary=[name for name in plain.names if name != "id"],
            write_statistics=["id"],
            store_schema=False,
        )

    def write(self, batch: Any) -> None:
        """Append a batch."""
        self._writer.write_batch(batch)

    def close(self) -> None:
        """Write the footer."""
        self._writer.close()

    def abandon(self) -> None:
        """Keep the library from writing a footer when it tidies up."""
        self._writer.is_open = False


class TextWriter:
    """CSV with a header, or one JSON object a line."""

    def __init__(self, file: BinaryIO, schema: Any, form: str) -> None:
        self._file, self._form = file, form
        self._schema = plain_schema(schema)
        if form == "csv":
            need("polars")
            frame = need("polars").from_arrow(self._schema.empty_table())
            file.write(frame.write_csv().encode())

    def write(self, batch: Any) -> None:
        """Append a batch."""
        polars = need("polars")
        frame = polars.from_arrow(need("pyarrow").Table.from_batches([batch]))
        texts = [
            name
            for name, kind in frame.schema.items()
            if kind not in (polars.Boolean, polars.String)
        ]
        frame = frame.with_columns(polars.col(texts).cast(polars.String))
        if self._form == "csv":
            self._file.write(frame.write_csv(include_header=False).encode())
        else:
            self._file.write(frame.write_ndjson().encode())

    def close(self) -> None:
        """Nothing is left to do."""

    def abandon(self) -> None:
        """Nothing is left to do."""


def writer_of(file: BinaryIO, schema: Any, form: str) -> Writer:
    """A writer of this format."""
    return ParquetWriter(file, schema) if form == "parquet" else TextWriter(file, schema, form)
