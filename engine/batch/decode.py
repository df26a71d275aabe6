"""From planes back to columns: for each row a number, or a bit a word; words are the law's.

Few distinct words occur and they are known beforehand, so that the columns of any two blocks
are coded alike. Only an explanation has words of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from engine.batch.extras import need

Array = Any
"""A numpy array."""


@dataclass
class Coded:
    """One of several words: ``words[codes[i]]`` is the value of row ``i``; ``None`` is none."""

    codes: Array
    words: tuple[str | None, ...]


@dataclass
class Listed:
    """Any of several words: in row ``i`` those whose bit is set in the bytes ``bits[i]``."""

    bits: Array
    words: tuple[str, ...]


@dataclass
class Planes:
    """A yes/no column as planes: where it is true, and where that is known."""

    true: Array
    known: Array


@dataclass
class Known:
    """A yes/no column as a number a row: 0 unknown, 1 true, 2 false."""

    codes: Array


@dataclass
class Texts:
    """A column with words of its own: ``words[codes[i]]`` is the value of row ``i``."""

    codes: Array
    words: list[str]


Decoded = Coded | Listed | Planes | Known | Texts


def bits_of(plane: Array, rows: int) -> Array:
    """A plane as one byte a row."""
    np = need("numpy")
    return np.unpackbits(plane.view(np.uint8), count=rows, bitorder="little")


def choice(
    planes: Sequence[tuple[int, Array]], words: Sequence[str | None], otherwise: int, rows: int
) -> Coded:
    """The column of planes of which each row has at most one set, each with its word's number.

    A row in which none is set has the word numbered ``otherwise``.
    """
    np = need("numpy")
    kind = np.min_scalar_type(len(words))
    codes = np.full(rows, otherwise, dtype=kind)
    for number, plane in planes:
        codes += bits_of(plane, rows) * kind.type((number - otherwise) % (1 << 8 * kind.itemsize))
    return Coded(codes, tuple(words))


def listed(planes: Sequence[tuple[int, Array]], words: Sequence[str], rows: int) -> Listed:
    """The column that lists in each row the words, given by number, whose planes are set."""
    np = need("numpy")
    bits = np.zeros((rows, bytes_for(words)), dtype=np.uint8)
    for place in range(bits.shape[1]):
        byte = np.zeros(rows, dtype=np.uint8)
        for number, plane in planes:
            if number // 8 == place:
                byte |= bits_of(plane, rows) << np.uint8(number % 8)
        bits[:, place] = byte
    return Listed(bits, tuple(words))


def bytes_for(words: Sequence[str]) -> int:
    """The bytes that a row of a listing of these words takes."""
    return max(1, -(-len(words) // 8))


def key_of_bits(planes: Sequence[Array], rows: int) -> Array:
    """A 64-bit number a row with bit ``i`` set where plane ``i`` is. At most 64 planes."""
    np = need("numpy")
    bits = np.zeros((rows, 8), dtype=np.uint8)
    found = listed(list(enumerate(planes)), [""] * len(planes), rows).bits
    bits[:, : found.shape[1]] = found
    return bits.view(np.uint64).reshape(rows)


def distinct(keys: Array) -> tuple[Array, list[int]]:
    """Each row's number among the distinct keys, and those keys in order of appearance."""
    arrow, np = need("pyarrow"), need("numpy")
    encoded = arrow.array(keys).dictionary_encode()
    return (
        np.asarray(encoded.indices).astype(np.int64, copy=False),
        encoded.dictionary.to_numpy(zero_copy_only=False).tolist(),
    )


def texts_of(bits: Array, words: Sequence[str]) -> Any:
    """A listing as an Arrow array of texts, the words of a row separated by spaces.

    Eight words at a time, whatever is set: no row costs more for being unlike the others.
    """
    arrow, compute, np = need("pyarrow"), need("pyarrow.compute"), need("numpy")
    pieces = []
    for place in range(bits.shape[1]):
        group = words[8 * place : 8 * place + 8]
        table = [
            "".join(f"{word} " for bit, word in enumerate(group) if byte >> bit & 1)
            for byte in range(1 << len(group))
        ]
        pieces.append(
            arrow.array(table, arrow.string()).take(
                arrow.array(np.ascontiguousarray(bits[:, place]))
            )
        )
    return compute.ascii_rtrim_whitespace(compute.binary_join_element_wise(*pieces, ""))


def mixed(before: Decoded, column: Decoded, index: Array, rows: int) -> Decoded:
    """The column before, with the rows of ``index`` taken from the other."""
    if isinstance(before, Coded) and isinstance(column, Coded):
        before.codes[index] = column.codes[index]
        return before
    if isinstance(before, Listed) and isinstance(column, Listed):
        before.bits[index] = column.bits[index]
        return before
    if isinstance(before, Texts) and isinstance(column, Texts):
        before.codes[index] = column.codes[index] + len(before.words)
        return Texts(before.codes, before.words + column.words)
    known, other = known_of(before, rows), known_of(column, rows)
    known.codes[index] = other.codes[index]
    return known


def spread(column: Decoded, index: Array, rows: int) -> Decoded:
    """A column of all rows that has, in the rows of ``index``, those of the column."""
    np = need("numpy")

    def over(values: Array) -> Array:
        whole = np.zeros((rows, *values.shape[1:]), dtype=values.dtype)
        whole[index] = values
        return whole

    if isinstance(column, Listed):
        return Listed(over(column.bits), column.words)
    if isinstance(column, Planes | Known):
        return Known(over(known_of(column, len(index)).codes))
    return replace(column, codes=over(column.codes))


def known_of(column: Decoded, rows: int) -> Known:
    """A yes/no column as a number a row."""
    np = need("numpy")
    if isinstance(column, Planes):
        known, true = bits_of(column.known, rows), bits_of(column.true, rows)
        return Known(known * np.uint8(2) - true)
    assert isinstance(column, Known)
    return column


def combine(columns: Sequence[Texts], join: Callable[[list[str]], str]) -> Texts:
    """The column whose value is made from the values of several, once for each combination."""
    np = need("numpy")
    codes = np.zeros(len(columns[0].codes), dtype=np.int64)
    rows: list[list[str]] = [[]]
    for column in columns:
        size = len(column.words)
        codes, pairs = distinct((codes * size + column.codes).astype(np.uint64))
        rows = [[*rows[pair // size], column.words[pair % size]] for pair in pairs]
    return Texts(codes, [join(row) for row in rows])
