"""A block of scenarios laid out as columns, and its result."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.batch.cells import Cells, Positions, chosen
from engine.batch.decide import Decider
from engine.batch.decode import Coded, Decoded, Known
from engine.batch.extras import need
from engine.batch.rows import Row
from engine.batch.settings import Setting, Settings
from engine.batch.structure import Structure
from engine.batch.trace import InputName


@dataclass
class Block:
    """Scenarios with the same actors, States and episodes entered.

    ``codes[i]`` numbers the setting of row ``i``; a row whose code is -1 is left to the plain
    way. ``shape`` has the structure but for the periods, which follow from the setting.
    """

    shape: Structure
    cells: Cells
    codes: Any
    settings: list[Setting]


@dataclass
class Found:
    """Result columns under way: for every row a number, and the words of the numbers."""

    rows: int
    columns: dict[str, Decoded] = field(default_factory=dict)
    _words: dict[str, dict[str | None, int]] = field(default_factory=dict)

    def put(self, index: Any, columns: Mapping[str, Decoded]) -> None:
        """Write the columns of some rows; ``index`` is ``None`` for all of them."""
        np = need("numpy")
        for name, column in columns.items():
            if index is None:
                self.columns[name] = column
                continue
            if isinstance(column, Known):
                whole = self.columns.get(name)
                if whole is None:
                    whole = self.columns[name] = Known(np.zeros(self.rows, dtype=np.uint8))
                whole.codes[index] = column.codes
                continue
            whole = self._coded(name)
            known = self._words[name]
            for word in column.words:
                known.setdefault(word, len(known))
            table = np.array([known[word] for word in column.words], dtype=np.int64)
            whole.codes[index] = table[column.codes]
            whole.words = list(known)

    def put_row(self, index: int, row: Row) -> None:
        """Write one row."""
        np = need("numpy")
        for name, cell in row.items():
            if name == "id":
                continue
            if name.startswith("provision."):
                whole = self.columns.get(name)
                if whole is None:
                    whole = self.columns[name] = Known(np.zeros(self.rows, dtype=np.uint8))
                whole.codes[index] = 0 if cell is None else (1 if cell else 2)
            else:
                coded = self._coded(name)
                known = self._words[name]
                coded.codes[index] = known.setdefault(
                    None if cell is None else str(cell), len(known)
                )
                coded.words = list(known)

    def _coded(self, name: str) -> Coded:
        np = need("numpy")
        found = self.columns.get(name)
        if found is None:
            found = self.columns[name] = Coded(np.zeros(self.rows, dtype=np.int64), [])
            self._words[name] = {}
        elif name not in self._words:
            assert isinstance(found, Coded)
            self._words[name] = {word: number for number, word in enumerate(found.words)}
            found.codes = found.codes.astype(np.int64)
        assert isinstance(found, Coded)
        return found


FEW = 16
"""Rows of a structure not met before that are cheaper to decide one by one than to trace."""


def decide_block(decider: Decider, settings: Settings, block: Block, found: Found) -> Any:
    """Decide the rows whose setting is known, and write the columns found.

    The numbers of rows that are too few of their structure are returned: the plain way is
    shorter for them.
    """
    np = need("numpy")
    rows = block.cells.rows
    by_parts: dict[tuple[int, ...], list[int]] = {}
    for number, setting in enumerate(block.settings):
        by_parts.setdefault(setting.parts, []).append(number)
    left = []
    for parts, numbers in by_parts.items():
        shape = block.shape
        structure = Structure(shape.actors, shape.taking_part, shape.states, parts)
        place = np.full(len(block.settings) + 1, -1, dtype=np.int64)
        place[numbers] = np.arange(len(numbers))
        local = place[block.codes]
        index = np.flatnonzero(local >= 0)
        if not len(index):
            continue
        if len(index) < FEW and not decider.knows(structure):
            left.append(index)
            continue
        every = None if len(index) == rows else index
        known = [block.settings[number] for number in numbers]
        _decide(decider, settings, block, structure, every, local[index], known, found)
    return np.concatenate(left) if left else np.zeros(0, dtype=np.int64)


def _decide(
    decider: Decider,
    settings: Settings,
    block: Block,
    structure: Structure,
    index: Any,
    codes: Any,
    known: list[Setting],
    found: Found,
) -> None:
    positions = Positions(codes, known)
    layout_rows = structure.layout.rows

    def plane(name: InputName) -> Any:
        place = name[1]
        if isinstance(place, tuple) and len(place) == 2:
            return positions.plane(name, settings, layout_rows)
        words = block.cells.plane(name)
        return words if words is None or index is None else chosen(words, index)

    columns = decider.decide(structure, block.cells.stated, plane, len(codes))
    found.put(index, columns)
