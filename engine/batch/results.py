"""The result of a unit as Arrow record batches, and the faults found in it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from engine.batch.block import Found
from engine.batch.columns import Options, output_columns
from engine.batch.decode import Coded, Known, distinct
from engine.batch.extras import need
from engine.batch.faults import Fault
from engine.rulebase.rulebase import Rulebase

ROW = "__row__"
"""The number of a row in its unit; stands beside the id until the id is settled."""


@dataclass
class UnitResult:
    """What became of a unit: ``rows`` read, batches of good rows in order, faults."""

    rows: int = 0
    batches: list[Any] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


def schema_of(base: Rulebase, options: Options) -> Any:
    """The Arrow schema of a part: the output columns, and the number of the row."""
    arrow = need("pyarrow")
    text = arrow.dictionary(arrow.int32(), arrow.string())
    fields = [arrow.field(ROW, arrow.uint32()), arrow.field("id", arrow.string())]
    fields += [
        arrow.field(column.name, text if column.kind == "text" else arrow.bool_())
        for column in output_columns(base, options)[1:]
    ]
    return arrow.schema(fields)


def batch_of(
    found: Found, schema: Any, ids: Any, first: int, dropped: Any, kept: dict[str, Any]
) -> Any:
    """A record batch of the rows that were decided.

    ``ids`` is an Arrow text array (null where a row has none), ``first`` the number in its unit
    of the first row, ``dropped`` a numpy mask of the rows without a result or ``None``.
    """
    arrow, np = need("pyarrow"), need("numpy")
    index = None if dropped is None or not dropped.any() else np.flatnonzero(~dropped)
    numbers = np.arange(first, first + found.rows, dtype=np.uint32)
    arrays = [
        arrow.array(numbers if index is None else numbers[index]),
        ids if index is None else ids.take(arrow.array(index)),
    ]
    for name in schema.names[2:]:
        if name in kept:
            array = kept[name]
            if index is not None:  # only the words still used, so that bytes do not differ
                array = array.take(arrow.array(index)).dictionary_decode().dictionary_encode()
            arrays.append(array)
            continue
        column = found.columns.get(name)
        if column is None:  # a column to keep, in an input that has no columns
            arrays.append(arrow.nulls(len(arrays[0]), schema.field(name).type))
            continue
        codes = column.codes if index is None else column.codes[index]
        if isinstance(column, Known):
            arrays.append(arrow.array(codes == 1, mask=codes == 0))
        else:
            arrays.append(_text(column, codes))
    return arrow.RecordBatch.from_arrays(arrays, schema=schema)


def _text(column: Coded, codes: Any) -> Any:
    """The column with its words in the order of their first row, however they were found.

    So the bytes written do not depend on what a process had met before.
    """
    arrow, np = need("pyarrow"), need("numpy")
    numbers, used = distinct(codes.astype(np.uint64))
    words = [column.words[number] for number in used]
    indices = numbers.astype(np.int32)
    mask = None
    if None in words:
        empty = words.index(None)
        mask = indices == empty
        indices[indices > empty] -= 1
        indices[mask] = 0
        del words[empty]
    return arrow.DictionaryArray.from_arrays(
        arrow.array(indices, mask=mask), arrow.array(words, type=arrow.string())
    )
