"""The elements of an explanation: plain records, made by the thousand and published as JSON."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from engine.model.truth import Truth

Basis = Literal["", "stated", "presumed", "worked out", "not shown", "view taken", "nobody said"]


@dataclass(slots=True)
class Indicator:
    """A fact that speaks for or against a judged one. It never decides it."""

    fact: str
    question: str
    value: str


@dataclass(slots=True)
class Element:
    """A provision, a fact, a view, or a way in which several conditions are joined.

    ``kind``: provision, outcome, fact, view, all, any, not, unless, count, some, every.
    ``row``: what it was decided for. ``joint``: how a provision joins its parts. ``basis``: what
    a leaf rests on; ``value``, ``place``, ``source`` and ``note`` are those of the statement, as
    the scenario has them. ``distance``: the fewest facts that would have to be different, each
    counted where it is read, before it could hold (asked of what does not hold). ``again``: its
    parts were given where it first stood.
    """

    kind: str
    id: str
    name: str
    truth: Truth
    row: str
    cite: str = ""
    stage: str = ""
    says: str = ""
    joint: str = ""
    needed: int = 0
    basis: Basis = ""
    value: str = ""
    place: str = ""
    source: str = ""
    note: str = ""
    judged: bool = False
    speaks_for: list[Indicator] = field(default_factory=list)
    speaks_against: list[Indicator] = field(default_factory=list)
    distance: int | None = None
    again: bool = False
    children: list[Element] = field(default_factory=list)

    @property
    def presumed(self) -> bool:
        """Whether nobody stated this fact, and it was taken as presumed."""
        return self.basis == "presumed"


JUDGE = "The indicators speak for or against; none of them, and no number of them, decides."
