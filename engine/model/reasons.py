"""The published answers to "what would change it": typed, and stable like the result.

``palermo schema NAME`` prints the JSON Schema of each: highway, missing, what-if, compare,
doctrine. A change is named by its statement, as it is given on the command line
(``att.widespread=true``, ``part.intentional@main=false``), and described once, under ``changes``.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

REASONS_VERSION = "1"


class Piece(BaseModel):
    """A part of an answer."""

    model_config = ConfigDict(extra="forbid")


class FactChange(Piece):
    """One statement to write into the scenario file.

    ``says`` is what it says, as a sentence. ``place`` is where it stands there; ``now`` and
    ``becomes`` are values as they are written, ``now`` being ``unknown`` where nobody stated the
    fact. ``stage`` and ``provision`` are those of the rule that turns on it. ``judged``: someone
    must judge it; no count decides it.
    """

    statement: str
    fact: str
    place: str
    now: str
    becomes: str
    says: str = ""
    question: str
    stage: str = ""
    provision: str = ""
    cite: str = ""
    judged: bool = False


class Gives(Piece):
    """The provision that comes to hold (or to fail) by a change or a choice."""

    id: str
    name: str
    cite: str
    value: Literal["holds", "fails"]


class Branch(Piece):
    """Every change of ``core``, and what each of ``choices`` asks for. ``ways`` spelt out.

    ``gives`` is what sets an option apart in law from the others it stands beside.
    """

    core: list[str]
    choices: list[Choice] = Field(default_factory=list)
    ways: int = 1
    sizes: list[int] = Field(default_factory=list, description="fewest and most changes")
    gives: Gives | None = None


class Choice(Piece):
    """``needed`` of ``options``. ``gives`` is what every option gives, and nothing else does."""

    needed: int = 1
    options: list[Branch]
    gives: Gives | None = None


class Answer(Piece):
    """One smallest set of changes. ``checked`` names the evaluators that confirmed it."""

    changes: list[str]
    checked: Literal["both", "planes", "rete"]
    contested: list[str] = Field(default_factory=list)


class Blocker(Piece):
    """Something held fixed that stands in the way. ``why``: how it came to be held."""

    what: str
    why: Literal["fixed", "stated", "setting", "treaty", "date", "actor"]
    question: str = ""


class Proof(Piece):
    """What was proven, by what, and how often it was checked.

    ``complete``: the solver exhausted the space, so that there is no other smallest set and no
    smaller one; where it did not, that is so of the sets of ``up_to`` changes or fewer.
    ``planes``: sets confirmed by the plane evaluator, and from which no single
    change can be left out; ``both``: sets assessed from the beginning by both evaluators.
    """

    complete: bool
    solver: str = "clingo"
    planes: int = 0
    both: int = 0
    limit: str = ""
    up_to: int | None = None


class ElementNow(Piece):
    """An element of a classification, and what it is now on the rows asked about."""

    id: str
    name: str
    cite: str
    now: Literal["holds", "fails", "unknown"]


class Highway(Piece):
    """All smallest sets of changes that reach a target, factored and flat, cheapest first.

    ``elements`` are those of the classification aimed at; where just one of them does not hold,
    the scenario is one step from the target.
    """

    version: str = REASONS_VERSION
    scenario: str
    targets: list[str]
    now: dict[str, str]
    elements: list[ElementNow] = Field(default_factory=list)
    already: bool
    reachable: bool
    count: int
    sizes: dict[int, int]
    changes: dict[str, FactChange]
    factored: Branch | None
    answers: list[Answer]
    blocked_by: list[list[Blocker]]
    proof: Proof
    options: dict[str, Any]
    doctrine: dict[str, str]
    notice: str


class Settling(Piece):
    """How a definite outcome could come about from what is not known."""

    outcome: str
    count: int
    sizes: dict[int, int]
    factored: Branch | None
    answers: list[Answer]
    proof: Proof
    blocked_by: list[list[Blocker]] = Field(default_factory=list)


class OpenOutcome(Piece):
    """An open outcome, with every smallest set of unknown facts that would settle it."""

    target: str
    classification: str
    part: str
    outcome: str
    settled_by: list[Settling]


class Question(Piece):
    """A question to ask, and why.

    ``weight`` is its share of the smallest sets that would settle the open outcomes, each set
    dividing its share among its facts (the Deegan-Packel index), summed over the outcomes and
    scaled so that all questions add up to 1. ``settles`` lists, for each answer, the outcomes
    that it settles alone.
    """

    fact: str
    place: str
    statement: str
    question: str
    is_not: str
    values: list[str]
    judged: bool
    speaks_for: list[str]
    speaks_against: list[str]
    weight: float
    sets: int
    settles: dict[str, list[str]]
    targets: list[str]
    stage: str
    provision: str
    name: str
    cite: str
    reason: str


class Missing(Piece):
    """What is missing: the open outcomes, what would settle each, what to ask next."""

    version: str = REASONS_VERSION
    scenario: str
    open: list[OpenOutcome]
    questions: list[Question]
    changes: dict[str, FactChange]
    doctrine: dict[str, str]
    strict: bool
    notice: str


class Deciding(Piece):
    """A provision whose value changed on the way from the facts to an outcome."""

    id: str
    name: str
    cite: str
    row: str
    before: str
    after: str


class OutcomeChange(Piece):
    """An outcome that is another one now, and the provisions through which it became so."""

    classification: str
    part: str
    before: str
    after: str
    level_before: str | None = None
    level_after: str | None = None
    contested_before: list[str] = Field(default_factory=list)
    contested_after: list[str] = Field(default_factory=list)
    because: list[Deciding] = Field(default_factory=list)


class Gained(Piece):
    """What came and what went: findings, bodies, limits, mistakes, by id and name."""

    appeared: dict[str, str] = Field(default_factory=dict)
    gone: dict[str, str] = Field(default_factory=dict)


class WhatIf(Piece):
    """What other facts would change, from what to what, and because of which provisions."""

    version: str = REASONS_VERSION
    scenario: str
    changes: dict[str, FactChange]
    edits: list[str]
    outcomes: list[OutcomeChange]
    unchanged: dict[str, str]
    provisions: list[Deciding]
    findings: Gained
    bodies: Gained
    limits: Gained
    idle: list[str] = Field(description="changes that no outcome, provision or body turned on")
    checked: Literal["both", "planes", "rete"]
    doctrine: dict[str, str]
    notice: str


class Produced(Piece):
    """A difference in law, and the smallest sets of differences in fact that produce it.

    ``always``: the differences that are in every set.
    """

    classification: str
    part: str
    other_part: str
    first: str
    second: str
    produced_by: Branch | None
    count: int
    always: list[str]
    because: list[Deciding]
    complete: bool
    note: str = ""


class Compare(Piece):
    """Two scenarios: which differences in fact produce which differences in law."""

    version: str = REASONS_VERSION
    first: str
    second: str
    matched: dict[str, str] = Field(description="parts of the first taken as parts of the second")
    unmatched: list[str]
    differences: dict[str, FactChange]
    law: list[Produced]
    same: dict[str, str]
    idle: list[str] = Field(description="differences in fact that produce no difference in law")
    doctrine: dict[str, str]
    notice: str


class ViewTaken(Piece):
    """One view of one contested point, and who holds it."""

    doctrine: str
    view: str
    says: str
    authorities: list[str]
    taken: bool


class OtherOutcome(Piece):
    """An outcome under other views: in how many profiles, and the fewest views that give it."""

    outcome: str
    level: str | None
    profiles: int
    definite: bool
    views: list[list[str]] = Field(description="smallest sets of DOCTRINE=VIEW")


class Survival(Piece):
    """One outcome under every combination of views."""

    classification: str
    part: str
    outcome: str
    level: str | None
    survives: bool
    profiles: int
    contested: list[str]
    sensitive_to: list[str]
    others: list[OtherOutcome]


class DoctrineTable(Piece):
    """Which outcomes survive every combination of views, and on whose view the others turn.

    ``complete`` is false where there are too many combinations, and only the headline and
    every single departure from it were tried.
    """

    version: str = REASONS_VERSION
    scenario: str
    profiles: int
    complete: bool
    outcomes: list[Survival]
    views: dict[str, list[ViewTaken]]
    questions: dict[str, str]
    idle: list[str] = Field(description="contested points on which nothing turns here")
    doctrine: dict[str, str]
    strict: bool
    notice: str


Branch.model_rebuild()

SCHEMAS: dict[str, type[Piece]] = {
    "highway": Highway,
    "missing": Missing,
    "what-if": WhatIf,
    "compare": Compare,
    "doctrine": DoctrineTable,
}
