"""Decides scenarios of one structure as columns. Keeps the programs it has traced."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from engine.batch import decode
from engine.batch.columns import Options
from engine.batch.decode import Coded, Decoded, Planes, Texts
from engine.batch.explain import clause
from engine.batch.extras import need
from engine.batch.program import Room
from engine.batch.structure import Section, Structure
from engine.batch.trace import Choice, Clauses, InputName, Trace, Truths, trace
from engine.inference.law import Law
from engine.inference.worlds import Worlds
from engine.model.truth import Truth

Given = Callable[[InputName], Any]
"""The words of one input plane, or ``None`` where no bit is set."""

_MAX_TRACES = 256


@dataclass
class Decider:
    """The law with the options of a run, ready to decide columns."""

    law: Law
    options: Options
    worlds: Worlds = field(init=False)
    _room: Room = field(default_factory=Room)
    _traces: dict[Structure, Trace] = field(default_factory=dict)
    _clauses: dict[tuple[str, str, int], str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.worlds = self.law.worlds(dict(self.options.doctrine), self.options.strict)

    def trace_of(self, structure: Structure, stated: frozenset[tuple[Section, str]]) -> Trace:
        """The program for a structure, traced anew when facts stand in places not seen yet."""
        found = self._traces.get(structure)
        if found is None or not stated <= found.stated:
            if len(self._traces) >= _MAX_TRACES:
                self._traces.clear()
            wider = stated | found.stated if found else stated
            found = trace(self.law, self.worlds, self.options, structure, wider)
            self._traces[structure] = found
        return found

    def knows(self, structure: Structure) -> bool:
        """Whether scenarios of this structure were traced already."""
        return structure in self._traces

    def decide(
        self,
        structure: Structure,
        stated: frozenset[tuple[Section, str]],
        given: Given,
        rows: int,
    ) -> dict[str, Decoded]:
        """The output columns, but for the id, of ``rows`` scenarios of one structure."""
        np = need("numpy")
        found = self.trace_of(structure, stated)
        inputs = {name: given(name) for name in found.program.inputs}
        outputs = found.program.run(inputs, -(-rows // 64), self._room)
        columns: dict[str, Decoded] = {}
        for column in found.columns:
            if isinstance(column, Clauses):
                columns[column.column] = self._explain(column, columns, outputs, rows)
            elif isinstance(column, Truths):
                true, false = outputs[column.true], outputs[column.false]
                columns[column.column] = Planes(true, np.bitwise_or(true, false))
            else:
                planes = [
                    (number, outputs[plane])
                    for number, plane in zip(column.numbers, column.planes, strict=True)
                ]
                columns[column.column] = (
                    decode.choice(planes, column.words, column.otherwise, rows)
                    if isinstance(column, Choice)
                    else decode.listed(planes, column.words, rows)
                )
        return columns

    def _explain(
        self, column: Clauses, columns: dict[str, Decoded], outputs: list[Any], rows: int
    ) -> Texts:
        np = need("numpy")
        parts = []
        for item, label, elements in column.items:
            found = columns[label]
            assert isinstance(found, Coded)
            planes = [outputs[plane] for element in elements for plane in element]
            size = np.uint64(len(found.words))
            key = decode.key_of_bits(planes, rows) * size + found.codes.astype(np.uint64)
            codes, keys = decode.distinct(key)
            words = [
                self._clause(item, str(found.words[number]), rest, len(elements))
                for rest, number in (divmod(key, len(found.words)) for key in keys)
            ]
            parts.append(Texts(codes, words))
        return decode.combine(parts, " ".join)

    def _clause(self, item: str, label: str, key: int, size: int) -> str:
        place = (item, label, key)
        if place not in self._clauses:
            values: list[Truth | None] = []
            for number in range(size):
                asked, holds = key >> 2 * number & 1, key >> (2 * number + 1) & 1
                values.append(_VALUE[(asked, holds)])
            self._clauses[place] = clause(self.law.base, item, label, tuple(values))
        return self._clauses[place]


_VALUE = {
    (0, 0): None,
    (0, 1): Truth.UNKNOWN,
    (1, 0): Truth.FAILS,
    (1, 1): Truth.HOLDS,
}
"""By the planes of an element: fails or holds, and holds or unknown."""
