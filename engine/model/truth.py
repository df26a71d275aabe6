"""Three-valued truth (strong Kleene): holds, fails, unknown.

Missing is unknown, and nothing is inferred from silence. This room imports nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum


class Truth(Enum):
    """The value of a fact, a condition or a provision on one row of its frame."""

    HOLDS = "holds"
    FAILS = "fails"
    UNKNOWN = "unknown"

    @property
    def known(self) -> bool:
        """Whether the value is definite."""
        return self is not Truth.UNKNOWN

    def negate(self) -> Truth:
        """Kleene negation: unknown stays unknown."""
        return _NEGATION[self]

    @staticmethod
    def of(value: bool | None) -> Truth:
        """The truth of a stated value; ``None`` is unknown."""
        if value is None:
            return Truth.UNKNOWN
        return Truth.HOLDS if value else Truth.FAILS

    @staticmethod
    def all(values: Iterable[Truth]) -> Truth:
        """Conjunction: one failure decides, otherwise one unknown leaves it open."""
        result = Truth.HOLDS
        for value in values:
            if value is Truth.FAILS:
                return value
            if value is Truth.UNKNOWN:
                result = value
        return result

    @staticmethod
    def any(values: Iterable[Truth]) -> Truth:
        """Disjunction: one that holds decides, otherwise one unknown leaves it open."""
        result = Truth.FAILS
        for value in values:
            if value is Truth.HOLDS:
                return value
            if value is Truth.UNKNOWN:
                result = value
        return result

    @staticmethod
    def at_least(needed: int, values: Iterable[Truth]) -> Truth:
        """Whether ``needed`` or more of the values hold."""
        held = possible = 0
        for value in values:
            held += value is Truth.HOLDS
            possible += value is not Truth.FAILS
        if held >= needed:
            return Truth.HOLDS
        return Truth.FAILS if possible < needed else Truth.UNKNOWN


_NEGATION = {
    Truth.HOLDS: Truth.FAILS,
    Truth.FAILS: Truth.HOLDS,
    Truth.UNKNOWN: Truth.UNKNOWN,
}
