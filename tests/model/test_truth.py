from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.model.truth import Truth

T, F, U = Truth.HOLDS, Truth.FAILS, Truth.UNKNOWN
values = st.lists(st.sampled_from(list(Truth)), max_size=6)


@pytest.mark.parametrize(
    ("left", "right", "both", "either"),
    [
        (T, T, T, T),
        (T, F, F, T),
        (T, U, U, T),
        (F, F, F, F),
        (F, U, F, U),
        (U, U, U, U),
    ],
)
def test_kleene_tables(left: Truth, right: Truth, both: Truth, either: Truth) -> None:
    assert Truth.all([left, right]) is Truth.all([right, left]) is both
    assert Truth.any([left, right]) is Truth.any([right, left]) is either


def test_negation_keeps_unknown() -> None:
    assert [value.negate() for value in (T, F, U)] == [F, T, U]


def test_missing_is_unknown() -> None:
    assert [Truth.of(value) for value in (True, False, None)] == [T, F, U]


@given(values)
def test_de_morgan(found: list[Truth]) -> None:
    assert Truth.all(found).negate() is Truth.any([value.negate() for value in found])


@given(values, st.integers(1, 6))
def test_a_count_is_what_every_filling_of_the_unknowns_agrees_on(
    found: list[Truth], needed: int
) -> None:
    unknown = [index for index, value in enumerate(found) if value is U]
    answers = set()
    for filling in product((T, F), repeat=len(unknown)):
        filled = list(found)
        for index, value in zip(unknown, filling, strict=True):
            filled[index] = value
        answers.add(sum(value is T for value in filled) >= needed)
    expected = U if len(answers) == 2 else Truth.of(answers.pop())
    assert Truth.at_least(needed, found) is expected
