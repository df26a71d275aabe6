"""From planes back to columns: for each row the number of a word, and the words.

Few distinct results occur, so a column is a small list of words and a number a row.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from engine.batch.extras import need

Codes = Any
"""A numpy array of unsigned numbers, one a row."""


@dataclass
class Coded:
    """One column: ``words[codes[i]]`` is the value of row ``i``; ``None`` is no value."""

    codes: Codes
    words: list[str | None]


@dataclass
class Known:
    """A yes/no column as a number a row: 0 unknown, 1 true, 2 false."""

    codes: Codes


Decoded = Coded | Known


def bits_of(plane: Any, rows: int) -> Any:
    """A plane as one byte a row."""
    np = need("numpy")
    return np.unpackbits(plane.view(np.uint8), count=rows, bitorder="little")


def choice(
    planes: Sequence[Any], words: Sequence[str | None], otherwise: str | None, rows: int
) -> Coded:
    """The column of planes of which each row has at most one set."""
    np = need("numpy")
    codes = np.zeros(rows, dtype=np.uint8)
    for number, plane in enumerate(planes, 1):
        codes += bits_of(plane, rows) * np.uint8(number)
    return Coded(codes, [otherwise, *words])


def key_of_bits(planes: Sequence[Any], rows: int) -> Any:
    """A 64-bit number a row with bit ``i`` set where plane ``i`` is. At most 63 planes."""
    np = need("numpy")
    key = np.zeros((rows, 8), dtype=np.uint8)
    for start in range(0, len(planes), 8):
        byte = np.zeros(rows, dtype=np.uint8)
        for shift, plane in enumerate(planes[start : start + 8]):
            byte |= bits_of(plane, rows) << np.uint8(shift)
        key[:, start // 8] = byte
    return key.view(np.uint64).reshape(rows)


def distinct(keys: Any) -> tuple[Any, list[int]]:
    """Each row's number among the distinct keys, and those keys in order of appearance."""
    arrow = need("pyarrow")
    np = need("numpy")
    encoded = arrow.array(keys).dictionary_encode()
    return (
        np.asarray(encoded.indices).astype(np.int64, copy=False),
        [int(key) for key in encoded.dictionary.to_numpy(zero_copy_only=False)],
    )


def several(planes: Sequence[Any], words: Sequence[str], rows: int) -> Coded:
    """The column that lists in each row the words whose planes are set."""
    np = need("numpy")
    texts = [""]
    codes = np.zeros(rows, dtype=np.int64)
    live = [(plane, word) for plane, word in zip(planes, words, strict=True) if plane.any()]
    for start in range(0, len(live), 56):
        part = live[start : start + 56]
        now, keys = distinct(key_of_bits([plane for plane, _ in part], rows))
        named = lists([word for _, word in part], keys)
        if start == 0:
            codes, texts = now, named
            continue
        codes, pairs = distinct((codes * len(named) + now).astype(np.uint64))
        texts = [texts[pair // len(named)] + named[pair % len(named)] for pair in pairs]
    return Coded(codes, [text[:-1] for text in texts])


def lists(words: Sequence[str], keys: Sequence[int]) -> list[str]:
    """For each key the words of its bits, each with a space after it.

    Eight words at a time, so that many different keys cost little each.
    """
    tables = [
        [
            "".join(
                f"{word} " for bit, word in enumerate(words[start : start + 8]) if byte >> bit & 1
            )
            for byte in range(256)
        ]
        for start in range(0, len(words), 8)
    ]
    size = len(tables)
    return (
        [
            "".join(
                [
                    table[byte]
                    for table, byte in zip(tables, key.to_bytes(8, "little"), strict=False)
                ]
            )
            for key in keys
        ]
        if size
        else [""] * len(keys)
    )


def truths(true: Any, false: Any, rows: int) -> Known:
    """The yes/no column of two planes."""
    np = need("numpy")
    return Known(bits_of(true, rows) + np.uint8(2) * bits_of(false, rows))


def combine(columns: Sequence[Coded], join: Callable[[list[str]], str]) -> Coded:
    """The column whose value is made from the values of several, once for each combination."""
    np = need("numpy")
    codes = np.zeros(len(columns[0].codes), dtype=np.int64)
    rows: list[list[str]] = [[]]
    for column in columns:
        size = len(column.words)
        codes, pairs = distinct((codes * size + column.codes).astype(np.uint64))
        rows = [[*rows[pair // size], str(column.words[pair % size])] for pair in pairs]
    return Coded(codes, [join(row) for row in rows])
