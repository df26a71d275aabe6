"""Columns of stated values as planes: an Arrow Boolean array is two planes already."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from engine.batch.extras import need
from engine.batch.settings import FALSE, TRUE, Setting, Settings
from engine.batch.structure import Section
from engine.batch.trace import InputName, Test

Pair = tuple[Any, Any]
"""Two planes: where known true, and where known false."""


def words_of(buffer: Any, offset: int, rows: int) -> Any:
    """The bits of an Arrow bitmap as 64-bit words, without copying where it can be done.

    ``offset`` counts bits. Bits after the last row are whatever they are.
    """
    np = need("numpy")
    size = -(-rows // 64) * 8
    if offset % 8 == 0:
        data = np.frombuffer(buffer, dtype=np.uint8)[offset // 8 :]
        if len(data) >= size:
            part = data[:size]
            if part.ctypes.data % 8 == 0:
                return part.view(np.int64)
            return part.copy().view(np.int64)
    else:
        data = np.frombuffer(buffer, dtype=np.uint8)
        loose = np.unpackbits(data, bitorder="little")[offset : offset + rows]
        data = np.packbits(loose, bitorder="little")
    padded = np.zeros(size, dtype=np.uint8)
    padded[: min(size, len(data))] = data[:size]
    return padded.view(np.int64)


def packed(flags: Any) -> Any:
    """A numpy array of yes and no as 64-bit words."""
    np = need("numpy")
    data = np.packbits(flags, bitorder="little")
    size = -(-len(flags) // 64) * 8
    if len(data) == size:
        return data.view(np.int64)
    padded = np.zeros(size, dtype=np.uint8)
    padded[: len(data)] = data
    return padded.view(np.int64)


def pair_of(array: Any, test: Test) -> Pair:
    """The planes of a fact, or of a comparison of it, from an Arrow array of its values."""
    arrow, compute, np = need("pyarrow"), need("pyarrow.compute"), need("numpy")
    if len(test) > 1:
        compare = compute.greater_equal if test[1] == ">=" else compute.equal
        array = compare(array, arrow.scalar(test[2], type=_plain(array.type)))
    valid, values = array.buffers()
    if valid is None:
        true = words_of(values, array.offset, len(array))
        return true, np.invert(true)
    known = words_of(valid, array.offset, len(array))
    true = np.bitwise_and(words_of(values, array.offset, len(array)), known)
    return true, np.bitwise_xor(true, known)


def _plain(kind: Any) -> Any:
    arrow = need("pyarrow")
    return kind.value_type if arrow.types.is_dictionary(kind) else kind


@dataclass
class Cells:
    """What a block of scenarios states: an Arrow array for each section and fact."""

    rows: int
    arrays: dict[tuple[Section, str], Any]
    _pairs: dict[tuple[Section, Test], Pair] = field(default_factory=dict)
    _given: set[tuple[Section, Test]] = field(default_factory=set)

    @property
    def stated(self) -> frozenset[tuple[Section, str]]:
        """Where something is stated in some row."""
        found = {key for key, array in self.arrays.items() if array.null_count < len(array)}
        return frozenset(found | {(section, str(test[0])) for section, test in self._given})

    def give(self, name: tuple[Section, Test], pair: Pair) -> None:
        """Give the planes of a fact directly."""
        self._given.add(name)
        self._pairs[name] = pair

    def plane(self, name: InputName) -> Any:
        """One plane of a fact in a section, or ``None`` where it is nowhere stated."""
        side, section, test = name
        assert isinstance(test, tuple)
        assert isinstance(section, tuple)
        pair = self._pairs.get((section, test))
        if pair is None:
            array = self.arrays.get((section, str(test[0])))
            if array is None:
                return None
            pair = pair_of(array, test)
            self._pairs[(section, test)] = pair
        return pair[side == "false"]


@dataclass
class Positions:
    """The setting of each row: ``settings[codes[i]]``. All settings have the same periods."""

    codes: Any
    settings: list[Setting]
    _planes: dict[bytes, Pair] = field(default_factory=dict)

    @cached_property
    def truths(self) -> list[Any]:
        """For each period, the truth of every fact (down) in every setting (across)."""
        np = need("numpy")
        return [
            np.frombuffer(b"".join(rows), dtype=np.uint8).reshape(len(rows), -1).T.copy()
            for rows in zip(*(setting.truths for setting in self.settings), strict=True)
        ]

    def plane(self, name: InputName, where: Settings, layout_rows: Any) -> Any:
        """One plane of a fact that follows from dates and treaties."""
        side, place, test = name
        assert isinstance(place, tuple)
        frame, row = place
        assert isinstance(test, tuple)
        parts = layout_rows[frame][row]
        state, period = (parts[0], parts[-1]) if len(parts) == 2 else (0, parts[-1])
        truths = self.truths[period][where.column(str(test[0]), state)]
        key = truths.tobytes()
        pair = self._planes.get(key)
        if pair is None:
            if (truths == truths[0]).all():
                words = -(-len(self.codes) // 64)
                pair = _constant(truths[0] == TRUE, words), _constant(truths[0] == FALSE, words)
            else:
                found = truths[self.codes]
                pair = packed(found == TRUE), packed(found == FALSE)
            self._planes[key] = pair
        return pair[side == "false"]


def _constant(value: bool, words: int) -> Any:
    np = need("numpy")
    return np.full(words, -int(value), dtype=np.int64)
