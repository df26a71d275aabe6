"""A straight-line program over planes: the expressions that the answers need, and no others.

A plane that is given is read where it stands. Registers are reused as soon as nothing reads
them any more, so that the planes of a block of rows stay in the processor's cache.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from engine.batch.extras import need
from engine.batch.symbols import AND, INPUT, NOT, Graph, Symbol, Term

Words = Any
"""A numpy array of 64-bit words; bit ``i`` of the row ``64 * w + i`` is in word ``w``."""

_ZEROS, _ONES = 0, 1
"""The places of the planes with no bit set, and with every bit set."""


class Room:
    """Memory for registers, shared by all programs of a process."""

    def __init__(self) -> None:
        self._words = need("numpy").empty(0, dtype="int64")

    def rows(self, number: int, words: int) -> Words:
        """So many registers of so many words, holding whatever they held before."""
        if len(self._words) < number * words:
            self._words = need("numpy").empty(number * words, dtype="int64")
        return self._words[: number * words].reshape(number, words)


class Program:
    """Computes ``outputs`` from the planes of ``inputs``.

    ``inputs`` maps the name of each plane that is read to its symbol. The outputs numbered in
    ``kept`` are the caller's to keep; the others are overwritten by the next run.
    """

    def __init__(
        self,
        graph: Graph,
        inputs: Mapping[Any, Symbol],
        outputs: Sequence[Term],
        kept: Collection[int] = (),
    ) -> None:
        needed = graph.needed(outputs)
        last = dict.fromkeys(needed, -1)
        for index in needed:
            if graph.kind[index] != INPUT:
                last[graph.left[index]] = index
                last[graph.right[index]] = index
        for term in outputs:
            if isinstance(term, Symbol):
                last[term.index] = len(graph.kind)
        keep = (outputs[number] for number in kept)
        given = {term.index for term in keep if isinstance(term, Symbol)}
        read = [index for index in needed if graph.kind[index] == INPUT]
        made = [index for index in needed if index in given and graph.kind[index] != INPUT]
        place = {index: number for number, index in enumerate((*read, *made), 2)}
        self.scratch = 2 + len(place)
        """The first place that is reused."""
        self.kept = range(2 + len(read), self.scratch)
        """The places of the planes that are the caller's to keep."""
        self.places = self.scratch
        free: list[int] = []
        self._steps: list[tuple[Any, int, int, int]] = []
        np = need("numpy")
        for index in needed:
            kind, left, right = graph.kind[index], graph.left[index], graph.right[index]
            if kind == INPUT:
                continue
            a, b = place[left], place[right]
            for part in {left, right}:
                if last[part] == index and place[part] >= self.scratch:
                    free.append(place[part])
            if index not in place:
                if not free:
                    free.append(self.places)
                    self.places += 1
                place[index] = free.pop()
            if kind == NOT:
                self._steps.append((np.bitwise_xor, a, _ONES, place[index]))
            else:
                operation = np.bitwise_and if kind == AND else np.bitwise_or
                self._steps.append((operation, a, b, place[index]))
        self.inputs = {
            name: place[symbol.index] for name, symbol in inputs.items() if symbol.index in place
        }
        self._outputs = [
            place[term.index] if isinstance(term, Symbol) else (_ONES if term else _ZEROS)
            for term in outputs
        ]

    @property
    def size(self) -> int:
        """The number of bitwise operations a block takes."""
        return len(self._steps)

    def run(self, planes: Mapping[Any, Words | None], words: int, room: Room) -> list[Words]:
        """The output planes. An input that ``planes`` does not name has no bit set."""
        np = need("numpy")
        at: list[Any] = [None] * self.places
        at[_ZEROS] = np.zeros(words, dtype=np.int64)
        at[_ONES] = np.full(words, -1, dtype=np.int64)
        for name, place in self.inputs.items():
            plane = planes.get(name)
            at[place] = at[_ZEROS] if plane is None else plane
        at[self.kept.start : self.kept.stop] = np.empty((len(self.kept), words), dtype=np.int64)
        at[self.scratch :] = room.rows(self.places - self.scratch, words)
        for operation, one, other, out in self._steps:
            operation(at[one], at[other], at[out])
        return [at[place] for place in self._outputs]
