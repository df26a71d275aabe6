"""Parts of a circuit that only matter as a whole.

A node is a module if nothing outside reads anything below it: all that its changes can do is to
flip it. Then a smallest set either leaves it alone or holds a smallest set that flips it, and
the two searches are separate. That is exact, whatever the circuit, and turns a product of
hundreds of sets into a handful of small searches.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from engine.reasoning.circuit import TRUE, Circuit


def unchanged(circuit: Circuit, order: Sequence[int]) -> dict[int, bool]:
    """The value of each node of ``order`` when no change is made."""
    values = {TRUE: True}
    for node in order:
        needed = circuit.needed[node]
        if needed == 0:
            values[node] = False
            continue
        held = [values[abs(part)] is (part > 0) for part in circuit.parts[node]]
        values[node] = all(held) if needed < 0 else sum(held) >= needed
    return values


def modules(
    circuit: Circuit, root: int, changes: Collection[int], exclusive: Sequence[Sequence[int]]
) -> dict[int, bool]:
    """The topmost modules below ``root`` with two changes or more, and their value now.

    Changes of which only one can be made lie in one module or in none.
    """
    order = circuit.cone([root])
    above = _dominators(circuit, root, order)
    for values in exclusive:
        present = [value for value in values if value in above]
        for value in present:
            above[value] = _common(present, above)
    bit = {node: 1 << number for number, node in enumerate(order) if node in changes}
    below: dict[int, int] = {}
    for node in order:
        mask = bit.get(node, 0)
        for part in circuit.parts[node]:
            mask |= below.get(abs(part), 0)
        below[node] = mask
    owned: dict[int, int] = {}
    for change, mask in bit.items():
        node = above[change]
        while node:
            owned[node] = owned.get(node, 0) | mask
            node = above.get(node, 0)
    found: dict[int, bool] = {}
    now = unchanged(circuit, order)
    todo, seen = [abs(root)], {abs(root)}
    while todo:
        node = todo.pop()
        whole = below[node].bit_count() > 1 and owned.get(node, 0) == below[node]
        if whole and node != abs(root):
            found[node] = now[node]
            continue
        for part in circuit.parts[node]:
            if abs(part) not in seen and abs(part) != TRUE:
                seen.add(abs(part))
                todo.append(abs(part))
    return found


def _dominators(circuit: Circuit, root: int, order: Sequence[int]) -> dict[int, int]:
    """For each node, the nearest node through which every way from the root to it leads.

    Nothing (0) for the root. A node's parts have smaller numbers than the node itself.
    """
    above = {abs(root): 0}
    for node in reversed(order):
        for part in circuit.parts[node]:
            below = abs(part)
            if below == TRUE:
                continue
            above[below] = node if below not in above else _meet(above[below], node, above)
    return above


def _meet(one: int, other: int, above: Mapping[int, int]) -> int:
    """The nearest node that dominates both, or is one of them."""
    chain = set()
    while one:
        chain.add(one)
        one = above[one]
    while other not in chain:
        other = above[other]
    return other


def _common(changes: Sequence[int], above: Mapping[int, int]) -> int:
    """The nearest node that dominates all of some changes."""
    found = above[changes[0]]
    for change in changes[1:]:
        found = _meet(found, above[change], above)
    return found
