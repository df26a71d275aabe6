"""The published reasons: why an outcome is what it is, and why it is not another.

``palermo schema why`` and ``palermo schema why-not`` print the JSON Schemas. Within one
``version`` keys are added, never renamed or removed.
"""

from __future__ import annotations

from pydantic import Field

from engine.model.element import Basis, Element
from engine.model.reasons import REASONS_VERSION, Branch, FactChange, Piece


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


SCHEMAS: dict[str, type[Piece]] = {"why": Why, "why-not": WhyNot}
