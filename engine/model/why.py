"""The published reasons: why an outcome is what it is, and why it is not another.

``palermo schema why`` and ``palermo schema why-not`` print the JSON Schemas. Within one
``version`` keys are added, never renamed or removed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from pydantic import Field

from engine.model.reasons import REASONS_VERSION, Branch, FactChange, Piece
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


class StageElements(Piece):
    """The elements that belong to one stage of a lawyer's analysis."""

    stage: str
    elements: list[Element]


class Leaf(Piece):
    """What a reason rests on: a statement of the scenario, or something taken as given.

    ``statement`` is as it is typed (``att.widespread=true``); for an exception nobody showed,
    its name; for a view, ``DOCTRINE=VIEW``. ``basis`` tells these apart.
    """

    statement: str
    id: str
    basis: Basis
    value: str
    place: str
    question: str
    source: str = ""
    note: str = ""
    judged: bool = False


class Reason(Piece):
    """One sufficient reason: on its leaves alone the answer is what it is, on none fewer.

    No other reason for the row takes less as given, or as little and rests on fewer facts.
    ``rows`` are all the rows for which these same leaves are the reason.
    """

    row: str
    rows: list[str]
    answer: str
    level: str | None = None
    stages: list[StageElements]
    leaves: list[Leaf]


class Near(Piece):
    """How near one row comes to an answer that it does not have.

    ``missing`` holds the elements that fail or are open, nearest first; the parts of each are
    what fails in it, and where there are several routes, every route. ``met`` names the
    elements that hold. ``distance`` is that of the whole.
    """

    row: str
    answer: str
    missing: list[Element]
    met: list[str]
    distance: int


class WhyNot(Piece):
    """Why an outcome is not another one, nearest miss first.

    ``one_change`` lists every single statement that alone would give the answer asked about;
    ``stronger`` the outcome that stands before it and holds.
    """

    version: str = REASONS_VERSION
    scenario: str
    target: str
    name: str
    cite: str = ""
    wanted: str
    answer: str
    reached: bool
    stronger: str = ""
    near: list[Near]
    one_change: list[FactChange]
    contested: list[str]
    doctrine: dict[str, str]
    strict: bool
    notice: str


class Why(Piece):
    """Why the answer is what it is, as nested legal reasoning.

    ``count`` is the number of smallest reasons of the row shown first, and ``factored`` spells
    them out (asked for with ``--all``). ``other_rows`` gives the answers of rows that no reason
    is shown for. ``open`` says what keeps an open answer open.
    """

    version: str = REASONS_VERSION
    scenario: str
    target: str
    name: str
    cite: str = ""
    says: str = ""
    answer: str
    level: str | None = None
    reasons: list[Reason]
    count: int | None = None
    complete: bool = True
    factored: Branch | None = None
    leaves: dict[str, Leaf] = Field(default_factory=dict)
    other_rows: dict[str, str]
    open: WhyNot | None = None
    contested: list[str]
    sensitive_to: list[str]
    doctrine: dict[str, str]
    strict: bool
    notice: str


JUDGE = "The indicators speak for or against; none of them, and no number of them, decides."

SCHEMAS: dict[str, type[Piece]] = {"why": Why, "why-not": WhyNot}
