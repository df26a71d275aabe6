"""The published result of an assessment. Stable and versioned: scripts rely on it.

``palermo schema result`` prints the JSON Schema of ``Result``. Within one ``version`` keys are
added, never renamed or removed.
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

RESULT_VERSION = "1"
TruthWord = Literal["holds", "fails", "unknown"]


class Piece(BaseModel):
    """A part of the result."""

    model_config = ConfigDict(extra="forbid")


class PartOutcome(Piece):
    """The outcome for one episode, State or charge.

    ``contested`` names the doctrines of which another view gives a different definite
    outcome; ``sensitive_to`` those of which another view leaves the outcome open.
    ``parts`` has the outcome of each row where there are several, by row name.
    """

    outcome: str
    level: str | None = None
    contested: list[str] = Field(default_factory=list)
    sensitive_to: list[str] = Field(default_factory=list)
    parts: dict[str, str] = Field(default_factory=dict)


class ClassificationOutcome(Piece):
    """The answer to one of the three questions, over everything and part by part."""

    outcome: str
    level: str | None = None
    says: str = ""
    contested: list[str] = Field(default_factory=list)
    sensitive_to: list[str] = Field(default_factory=list)
    episodes: dict[str, PartOutcome] = Field(default_factory=dict)
    states: dict[str, PartOutcome] = Field(default_factory=dict)
    charges: dict[str, PartOutcome] = Field(default_factory=dict)


class Icc(Piece):
    """Whether the Court could hear the case, and whether it should: never the elements."""

    jurisdiction: str
    admissible: str
    contested: list[str] = Field(default_factory=list)
    sensitive_to: list[str] = Field(default_factory=list)
    charges: dict[str, dict[str, str]] = Field(default_factory=dict)
    parts: dict[str, dict[str, str]] = Field(default_factory=dict)


class Finding(Piece):
    """Something beside the classifications that the facts show."""

    id: str
    finding: str
    cite: str
    rows: list[str]


class Access(Piece):
    """Whether people can bring a case to a body against one State, and under what provision."""

    state: str
    provision: str
    name: str
    cite: str
    status: Literal["open", "may be open", "closed"]


class Body(Piece):
    """A body or organ engaged on these facts."""

    id: str
    name: str
    un_organ: bool
    why: str
    role: str
    tools: list[str]
    basis: list[str]
    force: str
    limits: list[str]
    access: list[Access] = Field(default_factory=list)


class InstrumentStatus(Piece):
    """Whether an instrument bound a State during one episode or period of it."""

    state: str
    instrument: str
    name: str
    episode: str
    status: Literal["bound", "not bound", "unknown"]
    kind: str
    since: str | None = None
    until: str | None = None
    confidence: str = ""
    source: str = ""
    note: str = ""
    as_of: str = ""


class PillarMeasure(Piece):
    """A provision of one of the three pillars that the facts bring into play.

    ``failed``: it is a duty that a State has not met, or is not shown to have met.
    """

    id: str
    name: str
    cite: str
    strength: str | None
    rows: list[str]
    failed: bool = False


class LimitNote(Piece):
    """A limit or critique that the facts call up."""

    id: str
    name: str
    says: str
    rows: list[str]
    authorities: list[str] = Field(default_factory=list)


class MistakeNote(Piece):
    """A common mistake that these facts invite, and what refutes it.

    ``cites`` has the pinpoints of ``refuted_by``, and the authorities beside them.
    """

    id: str
    name: str
    says: str
    refuted_by: list[str]
    cites: list[str] = Field(default_factory=list)


class Missing(Piece):
    """An unknown fact on which an open outcome turns."""

    classification: str
    fact: str
    rows: list[str]
    question: str
    judged: bool = False


class AssumptionNote(Piece):
    """Something assumed because nobody showed the contrary."""

    kind: str
    of: str
    value: str
    rows: list[str]
    text: str


class ContestedPoint(Piece):
    """A doctrine on which some outcome depends, with its views and who holds them."""

    id: str
    question: str
    taken: str
    views: dict[str, str]
    authorities: dict[str, list[str]]


class Receipt(Piece):
    """What produced the result: versions, and hashes of the rules and data used."""

    product: str
    version: str
    result_version: str
    rules: str
    data: str
    scenario: str
    engine: str
    python: str
    doctrine: dict[str, str]
    strict: bool


class ScenarioNote(Piece):
    """The scenario assessed."""

    id: str
    title: str
    kind: str


class Result(Piece):
    """One scenario assessed. Classifies hypotheticals; gives no legal advice."""

    scenario: ScenarioNote
    classifications: dict[str, ClassificationOutcome]
    icc: Icc
    side_findings: list[Finding]
    provisions: dict[str, dict[str, TruthWord]]
    bodies: list[Body]
    instruments: list[InstrumentStatus]
    pillars: dict[str, list[PillarMeasure]]
    limits: list[LimitNote]
    mistakes: list[MistakeNote]
    missing: list[Missing]
    assumptions: list[AssumptionNote]
    contested: list[ContestedPoint]
    notice: str
    receipt: Receipt


NOTICE = (
    "Classifies hypotheticals for study and research. It is no legal advice, and it convicts "
    "nobody."
)
