"""The search by itself: on random circuits it finds what trying every set finds."""

from __future__ import annotations

from itertools import combinations, pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.reasoning.circuit import Circuit
from engine.reasoning.smallest import Search, twins


def value(circuit: Circuit, literal: int, made: frozenset[int]) -> bool:
    node = abs(literal)
    if node == 1:
        found = True
    elif circuit.needed[node] == 0:
        found = node in made
    else:
        held = [value(circuit, part, made) for part in circuit.parts[node]]
        needed = circuit.needed[node]
        found = all(held) if needed < 0 else sum(held) >= needed
    return found if literal > 0 else not found


@st.composite
def searches(draw: st.DrawFn) -> Search:
    circuit = Circuit()
    inputs = [circuit.input() for _ in range(draw(st.integers(1, 7)))]
    pool = [*inputs, *(-one for one in inputs)]
    for _ in range(draw(st.integers(1, 8))):
        parts = draw(st.lists(st.sampled_from(pool), min_size=1, max_size=4))
        kind = draw(st.sampled_from(["all", "all", "any", "any", "at_least"]))
        if kind == "all":
            made = circuit.all(parts)
        elif kind == "any":
            made = circuit.any(parts)
        else:
            made = circuit.at_least(draw(st.integers(1, len(parts))), parts)
        pool.append(made * draw(st.sampled_from([1, -1])))
    spare = draw(st.sampled_from([0, 0, 2])) if len(inputs) > 4 else 0
    changes, free = inputs[: len(inputs) - spare], inputs[len(inputs) - spare :]
    exclusive = [changes[:2]] if draw(st.booleans()) else []
    return Search(circuit, pool[-1], changes, exclusive, free)


def tried(search: Search) -> set[frozenset[int]]:
    """The smallest sets, by trying all of them with every setting of what is free."""

    def works(made: tuple[int, ...]) -> bool:
        if any(len(set(values) & set(made)) > 1 for values in search.exclusive):
            return False
        settings_ = (
            frozenset((*made, *extra))
            for number in range(len(search.free) + 1)
            for extra in combinations(search.free, number)
        )
        return any(value(search.circuit, search.target, one) for one in settings_)

    found: list[frozenset[int]] = []
    for number in range(len(search.changes) + 1):
        for made in combinations(search.changes, number):
            here = frozenset(made)
            if not any(smaller <= here for smaller in found) and works(made):
                found.append(here)
    return set(found)


@given(searches())
@settings(max_examples=500)
def test_all_smallest_sets_are_found_and_each_once(search: Search) -> None:
    expected = tried(search)
    family = search.smallest()
    found = list(family.spelt_out())
    assert family.complete
    assert len(found) == family.count == sum(family.sizes().values())
    assert {frozenset(one) for one in found} == expected
    assert len(set(found)) == len(found)


@given(searches())
@settings(max_examples=200)
def test_the_fewest_are_the_smallest_of_the_smallest(search: Search) -> None:
    expected = tried(search)
    fewest = min(map(len, expected), default=0)
    found = {frozenset(one) for one in search.fewest().spelt_out()}
    assert found == {one for one in expected if len(one) == fewest}


@given(searches())
@settings(max_examples=300)
def test_a_set_is_possible_exactly_when_some_set_will_do(search: Search) -> None:
    assert search.possible() is bool(tried(search))


def test_whether_a_set_is_possible_does_not_hang_on_listing_parts() -> None:
    circuit = Circuit()
    one, *row = (circuit.input() for _ in range(5))
    # What matters only as a whole, and has several smallest sets: two neighbours of four.
    other = circuit.any(circuit.all(pair) for pair in pairwise(row))
    never = circuit.all([one, -circuit.any([one, other])])
    search = Search(circuit, never, [one, *row])
    assert not search.smallest(limit=1).complete
    assert search.possible() is False
    assert search.possible(seconds=0) in (False, None)


def test_interchangeable_changes_are_one_token() -> None:
    circuit = Circuit()
    ways = [circuit.input() for _ in range(5)]
    needed = circuit.input()
    target = circuit.all([needed, circuit.any(ways)])
    search = Search(circuit, target, [*ways, needed])
    assert sorted(map(len, twins(circuit, target, {*ways, needed}))) == [1, 5]
    family = search.smallest()
    assert (len(family.sets), family.count) == (1, 5)


def test_two_of_five_interchangeable_changes() -> None:
    circuit = Circuit()
    ways = [circuit.input() for _ in range(5)]
    family = Search(circuit, circuit.at_least(2, ways), ways).smallest()
    assert (len(family.sets), family.count, family.sizes()) == (1, 10, {2: 10})


def test_parts_that_matter_only_as_a_whole_are_searched_by_themselves() -> None:
    circuit = Circuit()
    pairs = [(circuit.input(), circuit.input(), circuit.input()) for _ in range(30)]
    target = circuit.all(circuit.any([circuit.all([a, b]), c]) for a, b, c in pairs)
    family = Search(circuit, target, [one for pair in pairs for one in pair]).smallest()
    assert (len(family.sets), family.complete, family.count) == (1, True, 2**30)
    assert family.sizes()[30] == 1
    assert next(family.spelt_out()) == tuple(c for _, _, c in pairs)


@given(searches())
@settings(max_examples=200)
def test_each_change_is_in_as_many_sets_as_counted(search: Search) -> None:
    family = search.smallest()
    found = [frozenset(one) for one in family.spelt_out()]
    assert family.changes() == frozenset().union(*found)
    counted = family.containing()
    for change in family.changes():
        inside = [len(one) for one in found if change in one]
        assert counted[change] == {size: inside.count(size) for size in inside}


def test_the_limit_is_kept_and_owned_up_to() -> None:
    circuit = Circuit()
    inputs = [circuit.input() for _ in range(12)]
    edges = [(a, b) for n, a in enumerate(inputs) for b in inputs[n + 1 :] if (a * b) % 5]
    target = circuit.all(circuit.any(edge) for edge in edges)
    search = Search(circuit, target, inputs)
    whole = search.smallest()
    assert whole.complete
    assert len(whole.sets) > 3
    cut = search.smallest(limit=3)
    assert (len(cut.sets), cut.complete) == (3, False)
