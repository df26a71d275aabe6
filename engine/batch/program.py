"""A straight-line program over planes: the expressions that the answers need, and no others.

Registers are reused as soon as nothing reads them any more, so that the planes of a block of
rows stay in the processor's cache.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from engine.batch.extras import need
from engine.batch.symbols import AND, INPUT, NOT, Graph, Symbol, Term

Words = Any
"""A numpy array of 64-bit words; bit ``i`` of the row ``64 * w + i`` is in word ``w``."""


class Program:
    """Computes ``outputs`` from the planes of ``inputs``.

    ``inputs`` maps the name of each plane that is read to its symbol.
    """

    def __init__(self, graph: Graph, inputs: Mapping[Any, Symbol], outputs: Sequence[Term]) -> None:
        needed = graph.needed(outputs)
        last = dict.fromkeys(needed, -1)
        for index in needed:
            if graph.kind[index] != INPUT:
                last[graph.left[index]] = index
                last[graph.right[index]] = index
        for term in outputs:
            if isinstance(term, Symbol):
                last[term.index] = len(graph.kind)
        free: list[int] = []
        place: dict[int, int] = {}
        self.registers = 0
        self._steps: list[tuple[str, int, int, int]] = []
        for index in needed:
            kind, left, right = graph.kind[index], graph.left[index], graph.right[index]
            if kind == INPUT:
                place[index] = self._new()
                continue
            a, b = place[left], place[right]
            for part in {left, right}:
                if last[part] == index:
                    free.append(place[part])
            place[index] = free.pop() if free else self._new()
            name = "invert" if kind == NOT else ("and" if kind == AND else "or")
            self._steps.append((name, a, b, place[index]))
        self.inputs = {
            name: place[symbol.index] for name, symbol in inputs.items() if symbol.index in place
        }
        self.outputs = [place[term.index] if isinstance(term, Symbol) else term for term in outputs]
        self._constant = [not isinstance(term, Symbol) for term in outputs]
        self._bound: dict[int, tuple[list[Any], Any]] = {}

    def _new(self) -> int:
        self.registers += 1
        return self.registers - 1

    @property
    def size(self) -> int:
        """The number of bitwise operations a block takes."""
        return len(self._steps)

    def bind(self, words: int) -> tuple[list[Any], Any]:
        """The steps and registers for blocks of so many words, kept for the next block."""
        if words not in self._bound:
            np = need("numpy")
            registers = np.zeros((max(self.registers, 1), words), dtype=np.int64)
            ones = np.full(words, -1, dtype=np.int64)
            of = {"and": np.bitwise_and, "or": np.bitwise_or}
            steps = [
                (np.bitwise_xor, registers[a], ones, registers[out])
                if name == "invert"
                else (of[name], registers[a], registers[b], registers[out])
                for name, a, b, out in self._steps
            ]
            if len(self._bound) > 2:
                self._bound.clear()
            self._bound[words] = (steps, registers)
        return self._bound[words]

    def run(self, planes: Mapping[Any, Words], words: int) -> list[Words]:
        """The output planes. An input that ``planes`` does not name has no bit set.

        The planes returned are overwritten by the next run.
        """
        np = need("numpy")
        steps, registers = self.bind(words)
        for name, register in self.inputs.items():
            plane = planes.get(name)
            if plane is None:
                registers[register] = 0
            else:
                registers[register, : len(plane)] = plane
                registers[register, len(plane) :] = 0
        for operation, one, other, out in steps:
            operation(one, other, out)
        found = []
        for register, constant in zip(self.outputs, self._constant, strict=True):
            if constant:
                found.append(np.full(words, register, dtype=np.int64))
            else:
                found.append(registers[register])
        return found
