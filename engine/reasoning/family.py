"""Families of sets, written once where they differ only in ways that do not matter.

A token stands for ``needed`` of some members. A member is a change, or a module: a part of the
circuit that is flipped by any set of a family of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import combinations
from typing import NamedTuple

Sizes = dict[int, int]
"""How many sets there are of each size."""


class Token(NamedTuple):
    """``needed`` of ``members``, no matter which. A single change is one of one."""

    members: tuple[int, ...]
    needed: int = 1


@dataclass(frozen=True)
class Family:
    """Every smallest set, as lists of tokens; ``modules`` has the sets that flip a module.

    ``complete`` is false where the search was cut short by its limits; the sets found are
    smallest sets all the same, and all there are of ``up_to`` changes or fewer.
    """

    sets: tuple[tuple[Token, ...], ...]
    complete: bool = True
    modules: Mapping[int, Family] = field(default_factory=dict)
    up_to: int | None = None

    @property
    def count(self) -> int:
        """How many sets there are, spelt out."""
        return sum(self.sizes().values())

    def sizes(self) -> Sizes:
        """How many sets there are of each size, smallest size first."""
        return dict(sorted(self._sizes.items()))

    @cached_property
    def _sizes(self) -> Sizes:
        found: Sizes = {}
        for sizes in self._set_sizes:
            _add(found, sizes)
        return found

    @cached_property
    def _set_sizes(self) -> list[Sizes]:
        """The sizes of each list of tokens, spelt out."""
        return [_product([self.token_sizes(token) for token in tokens]) for tokens in self.sets]

    def token_sizes(self, token: Token) -> Sizes:
        """How many ways there are to meet a token, by the number of changes they make."""
        if len(token.members) == 1 and token.members[0] not in self.modules:
            return {1: 1}
        return _chosen([self.member_sizes(member) for member in token.members], token.needed)

    def member_sizes(self, member: int) -> Sizes:
        """The same for one member: a change is made in one way, by one change."""
        return self.modules[member]._sizes if member in self.modules else {1: 1}

    def containing(self) -> dict[int, Sizes]:
        """For each change, how many sets of each size it is in."""
        found: dict[int, Sizes] = {}
        for tokens, whole in zip(self.sets, self._set_sizes, strict=True):
            if self.modules.keys().isdisjoint(m for token in tokens for m in token.members):
                ((size, count),) = whole.items()  # each change counts one: all of one size
                for token in tokens:
                    share = count * token.needed // len(token.members)
                    for member in token.members:
                        sizes = found.setdefault(member, {})
                        sizes[size] = sizes.get(size, 0) + share
                continue
            parts = [self.token_sizes(token) for token in tokens]
            for token, others in zip(tokens, _all_but_one(parts), strict=True):
                for change, ways in self._token_containing(token).items():
                    _add(found.setdefault(change, {}), _product([others, ways]))
        return found

    def _token_containing(self, token: Token) -> dict[int, Sizes]:
        found: dict[int, Sizes] = {}
        sizes = [self.member_sizes(member) for member in token.members]
        for number, member in enumerate(token.members):
            rest = _chosen(sizes[:number] + sizes[number + 1 :], token.needed - 1)
            inner = self.modules[member].containing() if member in self.modules else None
            for change, ways in ({member: {1: 1}} if inner is None else inner).items():
                found[change] = _product([rest, ways])
        return found

    def changes(self) -> set[int]:
        """Every change that is in some set."""
        found: set[int] = set()
        for tokens in self.sets:
            for token in tokens:
                for member in token.members:
                    inner = self.modules.get(member)
                    found |= {member} if inner is None else inner.changes()
        return found

    def spelt_out(self) -> Iterator[tuple[int, ...]]:
        """The sets one by one, as the changes made, the smallest first."""
        for size in self.sizes():
            for literals in self.of_size(size):
                yield tuple(sorted(literals))

    def of_size(self, size: int) -> Iterator[tuple[int, ...]]:
        """The sets that make so many changes."""
        for tokens, sizes in zip(self.sets, self._set_sizes, strict=True):
            if size not in sizes:
                continue
            if all(len(t.members) == 1 and t.members[0] not in self.modules for t in tokens):
                yield tuple(token.members[0] for token in tokens)
                continue
            parts = [(self.token_sizes(t), self._token_of(t)) for t in tokens]
            yield from _together(parts, size)

    def _token_of(self, token: Token) -> Callable[[int], Iterator[tuple[int, ...]]]:
        def found(size: int) -> Iterator[tuple[int, ...]]:
            for members in combinations(token.members, token.needed):
                parts = [(self.member_sizes(m), self._member_of(m)) for m in members]
                yield from _together(parts, size)

        return found

    def _member_of(self, member: int) -> Callable[[int], Iterator[tuple[int, ...]]]:
        if member in self.modules:
            return self.modules[member].of_size
        return lambda size: iter([(member,)] if size == 1 else [])


_Part = tuple[Sizes, Callable[[int], Iterator[tuple[int, ...]]]]


def _together(parts: Sequence[_Part], size: int) -> Iterator[tuple[int, ...]]:
    """One way of each part, that together make ``size`` changes."""
    if not parts:
        if size == 0:
            yield ()
        return
    (sizes, ways), rest = parts[0], parts[1:]
    possible = _product([other for other, _ in rest])
    for here in sorted(sizes):
        if size - here in possible:
            others = list(_together(rest, size - here))
            for way in ways(here):
                for other in others:
                    yield way + other


def _add(total: Sizes, more: Sizes) -> None:
    for size, count in more.items():
        total[size] = total.get(size, 0) + count


def _product(parts: Sequence[Sizes]) -> Sizes:
    """One way of each part: sizes add up, counts multiply."""
    found: Sizes = {0: 1}
    for part in parts:
        if len(part) == 1 and len(found) == 1:
            ((size, count),), ((more, times),) = found.items(), part.items()
            found = {size + more: count * times}
            continue
        longer: Sizes = {}
        for size, count in found.items():
            for more, times in part.items():
                longer[size + more] = longer.get(size + more, 0) + count * times
        found = longer
    return found


def _all_but_one(parts: Sequence[Sizes]) -> list[Sizes]:
    """The product of all other parts, for each part."""
    before: list[Sizes] = [{0: 1}]
    after: list[Sizes] = [{0: 1}]
    for part in parts:
        before.append(_product([before[-1], part]))
    for part in reversed(parts):
        after.append(_product([after[-1], part]))
    after.reverse()
    return [_product([before[n], after[n + 1]]) for n in range(len(parts))]


def _chosen(parts: Sequence[Sizes], needed: int) -> Sizes:
    """``needed`` of the parts, whichever."""
    if needed == 1:
        found: Sizes = {}
        for part in parts:
            _add(found, part)
        return found
    ladder: list[Sizes] = [{0: 1}] + [{} for _ in range(needed)]
    for part in parts:
        for step in range(needed, 0, -1):
            _add(ladder[step], _product([ladder[step - 1], part]))
    return ladder[needed]
