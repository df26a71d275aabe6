"""A block of scenarios laid out as columns, and its result."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from engine.batch.cells import Cells, Positions
from engine.batch.decide import Decider
from engine.batch.decode import Decoded, mixed, spread
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
    """Result columns under way, and the rows that were decided one by one."""

    rows: int
    columns: dict[str, Decoded] = field(default_factory=dict)
    plain: dict[int, Row] = field(default_factory=dict)

    def put(self, index: Any, columns: Mapping[str, Decoded]) -> None:
        """Write columns that hold the rows of ``index``; ``None`` stands for all rows."""
        if index is None:
            self.choose(None, columns)
        else:
            self.choose(
                index,
                {name: spread(column, index, self.rows) for name, column in columns.items()},
            )

    def choose(self, index: Any, columns: Mapping[str, Decoded]) -> None:
        """Write the rows of ``index`` of columns that hold all rows."""
        for name, column in columns.items():
            before = self.columns.get(name)
            if index is None or before is None:
                self.columns[name] = column
            else:
                self.columns[name] = mixed(before, column, index, self.rows)

    def put_row(self, index: int, row: Row) -> None:
        """Write one row."""
        self.plain[index] = row


FEW = 16
"""Rows of a structure not met before that are cheaper to decide one by one than to trace."""

SPARE = 6
"""Rows are decided by one program up to twice as many periods as episodes, and so many more."""


def decide_block(decider: Decider, settings: Settings, block: Block, found: Found) -> Any:
    """Decide the rows whose setting is known, and write the columns found.

    The numbers of rows that are too few of their structure are returned: the plain way is
    shorter for them.
    """
    np = need("numpy")
    rows = block.cells.rows
    counts = np.bincount(block.codes + 1, minlength=len(block.settings) + 1)[1:].tolist()
    left = []
    for parts, numbers in by_structure(block.settings, counts).items():
        shape = block.shape
        structure = Structure(shape.actors, shape.taking_part, shape.states, parts)
        place = np.full(len(block.settings) + 1, -1, dtype=np.int64)
        place[numbers] = np.arange(len(numbers))
        local = place[block.codes]
        size = sum(counts[number] for number in numbers)
        index = None if size == rows else np.flatnonzero(local >= 0)
        if size < FEW and not decider.knows(structure):
            left.append(np.arange(rows) if index is None else index)
            continue
        positions = Positions(local, [filled(block.settings[n], parts) for n in numbers])
        layout_rows = structure.layout.rows

        def plane(name: InputName, here: Positions = positions, where: Any = layout_rows) -> Any:
            place = name[1]
            if isinstance(place, tuple) and len(place) == 2:
                return here.plane(name, settings, where)
            return block.cells.plane(name)

        found.choose(index, decider.decide(structure, block.cells.stated, plane, rows))
    return np.concatenate(left) if left else np.zeros(0, dtype=np.int64)


def by_structure(
    settings: Sequence[Setting], counts: Sequence[int]
) -> dict[tuple[int, ...], list[int]]:
    """The settings that occur, by the periods of the program that decides them.

    A period decided twice changes no answer. So rows with fewer periods are filled up to those
    with more, and decided with them, as long as these are not many.
    """
    used = sorted(
        (number for number, count in enumerate(counts) if count),
        key=lambda number: sum(settings[number].parts),
    )
    most: tuple[int, ...] = ()
    together: list[int] = []
    found: dict[tuple[int, ...], list[int]] = {}
    for number in used:
        parts = settings[number].parts
        wider = tuple(map(max, most, parts)) if most else parts
        if sum(wider) <= 2 * len(parts) + SPARE:
            most = wider
            together.append(number)
        else:
            found.setdefault(parts, []).append(number)
    if together:
        found.setdefault(most, []).extend(together)
    return found


def filled(setting: Setting, parts: tuple[int, ...]) -> Setting:
    """The setting with the last period of each episode repeated up to so many periods."""
    if setting.parts == parts:
        return setting
    truths: list[bytes] = []
    rest = list(setting.truths)
    for own, wanted in zip(setting.parts, parts, strict=True):
        truths += rest[:own] + rest[own - 1 : own] * (wanted - own)
        del rest[:own]
    return Setting(parts, tuple(truths))
