"""A family of sets as a common core and independent choices, so that a person can read it.

448 sets of a dozen changes each are mostly one answer: "these seven, and one of these two,
and one of these four". The family is written as a tree that spells out to exactly its sets:
what is in every set stands in front; what can be chosen independently becomes a choice of its
own; and a choice whose options share nothing is taken apart again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations, product
from math import prod
from typing import Generic, TypeVar

T = TypeVar("T", bound=Hashable)


@dataclass(frozen=True)
class Factored(Generic[T]):
    """Everything in ``core``, and one option of each of ``choices``."""

    core: tuple[T, ...]
    choices: tuple[tuple[Factored[T], ...], ...] = ()

    @cached_property
    def count(self) -> int:
        """How many sets this spells out to."""
        return prod(sum(option.count for option in options) for options in self.choices)

    def sets(self) -> Iterator[frozenset[T]]:
        """The sets this stands for."""
        spelt = [[s for option in options for s in option.sets()] for options in self.choices]
        for chosen in product(*spelt):
            yield frozenset(self.core).union(*chosen)


def factored(family: Iterable[frozenset[T]]) -> Factored[T] | None:
    """The family as a core and choices; ``None`` for an empty family."""
    sets = list(dict.fromkeys(family))
    if not sets:
        return None
    elements = sorted(frozenset[T]().union(*sets), key=repr)
    number = {element: place for place, element in enumerate(elements)}
    tree = _factor([frozenset(map(number.__getitem__, item)) for item in sets])
    return _named(tree, elements)


def _named(tree: Factored[int], elements: Sequence[T]) -> Factored[T]:
    """A tree over places in a list as one over what stands there."""
    return Factored(
        tuple(elements[place] for place in tree.core),
        tuple(tuple(_named(option, elements) for option in options) for options in tree.choices),
    )


def _factor(sets: list[frozenset[int]]) -> Factored[int]:
    core = frozenset.intersection(*sets)
    rest = [item - core for item in sets]
    choices = []
    if len(sets) > 1:
        for block in _blocks(rest):
            parts = list(dict.fromkeys(item & block for item in rest))
            choices.append(tuple(_options(parts)))
    return Factored(tuple(sorted(core)), tuple(choices))


def _options(sets: list[frozenset[int]]) -> list[Factored[int]]:
    """One choice as a list of options, those that share an element taken together."""
    groups = _connected(sets)
    if len(groups) == 1 and len(sets) > 1:
        groups = _split(sets)
    if len(groups) == 1:
        return [Factored(tuple(sorted(item))) for item in sets]
    return [_factor(group) for group in groups]


def _split(sets: list[frozenset[int]]) -> list[list[frozenset[int]]]:
    """Sets with and without the element that most of them share, if some do not."""
    counts = Counter(element for item in sets for element in item)
    shared = [element for element, count in counts.items() if 1 < count < len(sets)]
    if not shared:
        return [sets]
    pivot = max(shared, key=lambda element: (counts[element], -element))
    return [
        [item for item in sets if pivot in item],
        [item for item in sets if pivot not in item],
    ]


def _connected(sets: list[frozenset[int]]) -> list[list[frozenset[int]]]:
    """The sets in groups of which no two share an element."""
    owner: dict[int, int] = {}
    parent = list(range(len(sets)))

    def root(number: int) -> int:
        while parent[number] != number:
            parent[number] = parent[parent[number]]
            number = parent[number]
        return number

    for number, item in enumerate(sets):
        for element in item:
            parent[root(number)] = root(owner.setdefault(element, number))
    groups: dict[int, list[frozenset[int]]] = {}
    for number, item in enumerate(sets):
        groups.setdefault(root(number), []).append(item)
    return list(groups.values())


def _blocks(sets: list[frozenset[int]]) -> list[frozenset[int]]:
    """The finest split of the elements of which the family is the product found.

    Elements that do not occur independently belong together. Where independence in pairs does
    not make a product, blocks are joined until they do; the whole is always one.
    """
    total = len(sets)
    rows: dict[int, bytearray] = {}
    for number, item in enumerate(sets):
        for element in item:
            row = rows.setdefault(element, bytearray(total // 8 + 1))
            row[number >> 3] |= 1 << (number & 7)
    elements = sorted(rows)
    column = {element: int.from_bytes(row, "little") for element, row in rows.items()}
    blocks = [[element] for element in elements]
    joined = {element: number for number, element in enumerate(elements)}

    def join(one: int, other: int) -> None:
        if one == other:
            return
        for element in blocks[other]:
            joined[element] = one
        blocks[one] += blocks[other]
        blocks[other] = []

    for one, other in combinations(elements, 2):
        together = (column[one] & column[other]).bit_count()
        alone = column[one].bit_count() * column[other].bit_count()
        if joined[one] != joined[other] and together * total != alone:
            join(joined[one], joined[other])
    found = [frozenset(block) for block in blocks if block]
    while len(found) > 1 and prod(_variety(sets, block) for block in found) != total:
        first, second = min(
            combinations(found, 2),
            key=lambda pair: (
                _variety(sets, pair[0] | pair[1])
                / (_variety(sets, pair[0]) * _variety(sets, pair[1])),
                len(pair[0] | pair[1]),
            ),
        )
        found = [block for block in found if block not in (first, second)]
        found.append(first | second)
    return found


def _variety(sets: list[frozenset[int]], block: frozenset[int]) -> int:
    """In how many ways the sets meet a block."""
    return len({item & block for item in sets})
