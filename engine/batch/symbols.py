"""Bitwise expressions over planes, each kept once and simplified as it is made.

The plane evaluator runs on anything with ``& | ~``. Run on symbols instead of numbers it
leaves behind the expression of every node, and of these only what some answer needs is ever
computed. The integers 0 and -1 stand for the planes with no bit and with every bit set.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Union

INPUT, AND, OR, NOT, VIEW = range(5)
_MANY = 1 << 32

Term = Union["Symbol", int]
"""A symbol, or 0 or -1."""


class Graph:
    """All expressions of one trace. Parts always have lower numbers than what reads them.

    ``support[i]`` marks the doctrine switches that expression ``i`` depends on: the mask of
    the bits that their choices take in a profile number.
    """

    def __init__(self) -> None:
        self.kind: list[int] = []
        self.left: list[int] = []
        self.right: list[int] = []
        self.support: list[int] = []
        self.symbols: list[Symbol] = []
        self._known: dict[int, Symbol] = {}
        self._opposite: dict[int, int] = {}
        self._restricted: dict[tuple[int, int], Term] = {}

    def _add(self, kind: int, left: int, right: int, support: int) -> Symbol:
        symbol = Symbol(self, len(self.kind))
        self.kind.append(kind)
        self.left.append(left)
        self.right.append(right)
        self.support.append(support)
        self.symbols.append(symbol)
        return symbol

    def input(self) -> Symbol:
        """A plane that is given from outside."""
        return self._add(INPUT, 0, 0, 0)

    def view(self, mask: int, choice: int) -> Symbol:
        """A plane set in the profiles whose bits under ``mask`` are ``choice``."""
        return self._add(VIEW, mask, choice, mask)

    def join(self, kind: int, one: Symbol, other: Symbol) -> Term:
        """The conjunction or disjunction of two symbols."""
        a, b = one.index, other.index
        if a == b:
            return one
        if self._opposite.get(a) == b:
            return 0 if kind == AND else -1
        if a > b:
            a, b = b, a
        key = (kind * _MANY + a) * _MANY + b
        found = self._known.get(key)
        if found is None:
            found = self._add(kind, a, b, self.support[a] | self.support[b])
            self._known[key] = found
        return found

    def negate(self, one: Symbol) -> Symbol:
        """The complement of a symbol."""
        opposite = self._opposite.get(one.index)
        if opposite is not None:
            return self.symbols[opposite]
        made = self._add(NOT, one.index, one.index, self.support[one.index])
        self._opposite[one.index] = made.index
        self._opposite[made.index] = one.index
        return made

    def restrict(self, term: Term, profile: int) -> Term:
        """The expression in one doctrine profile, every view decided.

        Shared by all profiles that agree on the switches the expression depends on.
        """
        if isinstance(term, int):
            return term
        known = self._restricted
        todo = [term.index]
        while todo:
            index = todo[-1]
            mask = self.support[index]
            key = (index, profile & mask)
            if not mask or key in known:
                todo.pop()
                continue
            kind = self.kind[index]
            if kind == VIEW:
                known[key] = -1 if profile & self.left[index] == self.right[index] else 0
                todo.pop()
                continue
            parts = (self.left[index], self.right[index])
            waiting = [
                part
                for part in parts
                if self.support[part] and (part, profile & self.support[part]) not in known
            ]
            if waiting:
                todo.extend(waiting)
                continue
            left, right = (
                known[(part, profile & self.support[part])]
                if self.support[part]
                else self.symbols[part]
                for part in parts
            )
            if kind == NOT:
                known[key] = ~left
            else:
                known[key] = left & right if kind == AND else left | right
            todo.pop()
        mask = self.support[term.index]
        return known[(term.index, profile & mask)] if mask else term

    def needed(self, terms: Iterable[Term]) -> list[int]:
        """Every expression that some of the terms read, parts first."""
        wanted = {term.index for term in terms if isinstance(term, Symbol)}
        for index in range(max(wanted, default=-1), -1, -1):
            if index in wanted and self.kind[index] in (AND, OR, NOT):
                wanted.add(self.left[index])
                wanted.add(self.right[index])
        return sorted(wanted)


class Symbol:
    """One expression. Combines with other symbols, and with 0 and -1."""

    __slots__ = ("graph", "index")

    def __init__(self, graph: Graph, index: int) -> None:
        self.graph = graph
        self.index = index

    def __and__(self, other: Term) -> Term:
        if isinstance(other, int):
            return self if other else 0
        return self.graph.join(AND, self, other)

    def __or__(self, other: Term) -> Term:
        if isinstance(other, int):
            return -1 if other else self
        return self.graph.join(OR, self, other)

    __rand__ = __and__
    __ror__ = __or__

    def __invert__(self) -> Term:
        return self.graph.negate(self)
