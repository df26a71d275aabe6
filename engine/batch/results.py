"""The result of a unit as Arrow record batches, and the faults found in it.

A batch of results holds a number or a bit for each word that a row says; the words are the
law's and stand in the schema. The writers spell them out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from engine.batch.block import Found
from engine.batch.columns import Options, lists_of, output_columns, words_of
from engine.batch.decode import (
    Coded,
    Listed,
    Planes,
    Texts,
    bytes_for,
    distinct,
    known_of,
)
from engine.batch.extras import need
from engine.batch.faults import Fault
from engine.batch.rows import Cell
from engine.inference.law import Law
from engine.inference.worlds import switches_of

ROW = "__row__"
"""The number of a row in its unit; stands beside the id until the id is settled."""

_WORDS = b"words"
"""The key in a field's metadata under which its words stand, separated by spaces."""


@dataclass
class UnitResult:
    """What became of a unit: ``rows`` read, batches of good rows in order, faults."""

    rows: int = 0
    batches: list[Any] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


def schema_of(law: Law, options: Options) -> Any:
    """The Arrow schema of a batch of results: the output columns, and the number of the row."""
    arrow = need("pyarrow")
    words, lists = words_of(law.base), lists_of(law.base, switches_of(law.plan))
    fields = [arrow.field(ROW, arrow.uint32()), arrow.field("id", arrow.string())]
    for column in output_columns(law.base, options)[1:]:
        name = column.name
        if column.kind != "text":
            fields.append(arrow.field(name, arrow.bool_()))
        elif name in options.keep or not (name in words or name in lists):
            fields.append(arrow.field(name, arrow.dictionary(arrow.int32(), arrow.string())))
        else:
            kind = (
                arrow.dictionary(
                    arrow.int8() if len(words[name]) < 128 else arrow.int16(), arrow.string()
                )
                if name in words
                else arrow.binary(bytes_for(lists[name]))
            )
            said = " ".join(words[name] if name in words else lists[name])
            fields.append(arrow.field(name, kind, metadata={_WORDS: said.encode()}))
    return arrow.schema(fields)


def batch_of(
    found: Found, schema: Any, ids: Any, first: int, dropped: Any, kept: dict[str, Any]
) -> Any:
    """A record batch of the rows that were decided.

    ``ids`` is an Arrow text array (null where a row has none), ``first`` the number in its unit
    of the first row, ``dropped`` a numpy mask of the rows without a result or ``None``.
    """
    arrow, np = need("pyarrow"), need("numpy")
    arrays = [arrow.array(np.arange(first, first + found.rows, dtype=np.uint32)), ids]
    for field_ in list(schema)[2:]:
        if field_.name in kept:
            arrays.append(kept[field_.name])
        else:
            arrays.append(_column(found, field_))
    if dropped is not None and dropped.any():
        good = arrow.array(~dropped)
        arrays = [
            _left(array.filter(good), field_) for array, field_ in zip(arrays, schema, strict=True)
        ]
    return arrow.RecordBatch.from_arrays(arrays, schema=schema)


def _left(array: Any, field_: Any) -> Any:
    """A column of which rows were dropped, with only the words still used."""
    if words_in(field_) is not None or not need("pyarrow").types.is_dictionary(array.type):
        return array
    return array.dictionary_decode().dictionary_encode()


def _column(found: Found, field_: Any) -> Any:
    """One column as the schema has it, with the rows that were decided one by one."""
    arrow, np = need("pyarrow"), need("numpy")
    kind, column = field_.type, found.columns.get(field_.name)
    cells = {row: cells.get(field_.name) for row, cells in found.plain.items()}
    words = words_in(field_)
    if column is None and not cells:
        return arrow.nulls(found.rows, kind)  # a column to keep, in an input that has no columns
    if arrow.types.is_boolean(kind):
        if isinstance(column, Planes) and not cells:
            return yes_no(column, found.rows)
        codes = (
            np.zeros(found.rows, np.uint8) if column is None else known_of(column, found.rows).codes
        )
        for row, cell in cells.items():
            codes[row] = 0 if cell is None else (1 if cell else 2)
        return arrow.array(codes == 1, mask=codes == 0)
    if arrow.types.is_fixed_size_binary(kind):
        assert words is not None
        assert column is None or isinstance(column, Listed)
        bits = np.zeros((found.rows, kind.byte_width), np.uint8) if column is None else column.bits
        for row, cell in cells.items():
            bits[row] = _bits(str(cell).split(), words, kind.byte_width)
        return arrow.FixedSizeBinaryArray.from_buffers(
            kind, found.rows, [None, arrow.py_buffer(bits)]
        )
    if words is None:
        assert column is None or isinstance(column, Texts)
        return _texts(column, cells, found.rows)
    assert column is None or isinstance(column, Coded)
    codes = np.zeros(found.rows, np.uint8) if column is None else column.codes
    for row, cell in cells.items():
        codes[row] = 0 if cell is None else words.index(str(cell)) + 1
    numbers = codes.astype(kind.index_type.to_pandas_dtype()) - 1
    return arrow.DictionaryArray.from_arrays(
        arrow.array(numbers, mask=codes == 0), arrow.array(words, type=arrow.string())
    )


def yes_no(column: Planes, rows: int) -> Any:
    """The planes of a yes/no column as an Arrow Boolean array: they stay where they are."""
    arrow = need("pyarrow")
    return arrow.BooleanArray.from_buffers(
        arrow.bool_(), rows, [arrow.py_buffer(column.known), arrow.py_buffer(column.true)]
    )


def words_in(field_: Any) -> list[str] | None:
    """The words that a column may hold, if they are the law's."""
    said = (field_.metadata or {}).get(_WORDS)
    return None if said is None else said.decode().split()


def _bits(said: Sequence[str], words: Sequence[str], size: int) -> Any:
    number = sum(1 << words.index(word) for word in said)
    return need("numpy").frombuffer(number.to_bytes(size, "little"), dtype="uint8")


def _texts(column: Texts | None, cells: dict[int, Cell], rows: int) -> Any:
    """Texts in the order of their first row, however they were found.

    So the bytes written do not depend on what a process had met before.
    """
    arrow, np = need("pyarrow"), need("numpy")
    codes = np.zeros(rows, np.int64) if column is None else column.codes
    known = {text: number for number, text in enumerate(column.words)} if column else {}
    words = list(column.words) if column else []
    for row, cell in cells.items():
        number = known.setdefault(str(cell), len(words))
        words += [str(cell)] * (number == len(words))
        codes[row] = number
    numbers, used = distinct(codes.astype(np.uint64))
    texts = [words[number] if words else "" for number in used]
    encoded = arrow.array(texts, type=arrow.string()).dictionary_encode()  # two may say the same
    return arrow.DictionaryArray.from_arrays(
        encoded.indices.take(arrow.array(numbers)), encoded.dictionary
    )
