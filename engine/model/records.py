"""The records of ``rules/``: what each kind of file may say.

Every record is frozen. A condition is kept as written (``Condition``); the linker reads it.
Unknown keys are refused, so that a misspelt key never silently changes the law.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from engine.model.frames import Frame

Condition = Any
"""A condition as it stands in the file: an id, or a map with one operator. See the linker."""

Value = bool | int | str | None
"""A stated value: true, false, a whole number, a choice; ``None`` is unknown."""

Checked = Literal["verified", "unverified"]
Pillar = Literal["prevention", "protection", "prosecution"]
Force = Literal["binding", "treaty", "soft", "mixed", "custom"]
Strength = Literal["shall", "shall consider", "endeavour", "may"]
Outcome3 = Literal["holds", "fails", "unknown"]
Stage = Literal[
    "definition",
    "conduct",
    "means",
    "purpose",
    "scope",
    "chapeau",
    "underlying act",
    "mental element",
    "mode of liability",
    "defence",
    "immunity",
    "jurisdiction",
    "admissibility",
    "bound",
    "within jurisdiction",
    "attributable",
    "norm engaged",
    "duty failed",
    "remedy",
    "measure",
    "path",
]


def unknown_word(value: object) -> object:
    """``unknown`` in a file means that the value is not known."""
    return None if value == "unknown" else value


StatedValue = Annotated[Value, BeforeValidator(unknown_word)]


class Record(BaseModel):
    """A frozen record that refuses keys it does not know."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Factors(Record):
    """Indicators that speak for or against an evaluative fact. They never decide it."""

    speaks_for: tuple[str, ...] = ()
    speaks_against: tuple[str, ...] = ()


class Fact(Record):
    """One question that a scenario can answer. ``says`` is the statement that "true" makes.

    ``setting``: it says before whom the case is put, not what happened; what looks for other
    facts leaves it alone unless asked.
    """

    id: str
    scope: Frame
    type: Literal["tri", "integer", "choice"] = "tri"
    values: tuple[str, ...] = ()
    question: str
    says: str = ""
    is_not: str = ""
    tier: Literal["core", "extended"] = "core"
    presumed: bool | None = None
    judged: bool = False
    factors: Factors = Factors()
    informational: bool = False
    setting: bool = False
    group: str = ""
    derived: bool = False

    @property
    def statement(self) -> str:
        """What is said by stating the fact, on one line; the question where nothing is given."""
        return " ".join((self.says or self.question).split())


class FactFile(Record):
    """One group of the vocabulary."""

    group: str
    title: str
    facts: tuple[Fact, ...]


class Case(Record):
    """A test that stands beside a rule: on these facts the rule gives this answer.

    ``given`` maps facts to values, and provisions to holds, fails or unknown. There is one row
    a frame; ``beside`` adds a second one, on which these values stand instead, for ``some`` and
    ``every`` to range over. ``level`` asks for the level of an outcome as well.
    """

    name: str
    given: dict[str, StatedValue] = Field(default_factory=dict)
    beside: dict[str, StatedValue] = Field(default_factory=dict)
    then: str
    level: str = ""
    doctrine: dict[str, str] = Field(default_factory=dict)
    strict: bool = False


class Decided(Record):
    """Anything that is decided by a condition, once per row of its frame."""

    id: str
    per: Frame
    name: str
    holds: Condition
    says: str = ""
    authorities: tuple[str, ...] = ()
    contested: str | None = None
    note: str = ""
    mistakes: tuple[str, ...] = ()
    checked: Checked = "unverified"
    checked_note: str = ""
    tests: tuple[Case, ...] = ()
    replaces: bool = False


class Provision(Decided):
    """A rule of law. ``cite`` is the pinpoint within the article's instrument.

    ``finding`` is the line printed among the side findings when the provision holds.
    ``effect`` says what follows; ``strength`` how strictly a duty binds.
    """

    cite: str
    stage: Stage
    effect: str = ""
    finding: str = ""
    pillar: Pillar | None = None
    strength: Strength | None = None
    article: str = ""
    of: str = ""


class ArticleFile(Record):
    """One article: its heading and the provisions that formalise it."""

    article: str
    of: str
    title: str
    pillar: Pillar | None = None
    provisions: tuple[Provision, ...]


class Instrument(Record):
    """A treaty, resolution, draft article set or other source that provisions cite.

    ``parties`` is true where States become parties: each then has the facts ``bound.KEY``
    (duty) and ``signed.KEY`` (duty), worked out from the dates. Every instrument with an
    ``unit`` stands before a pinpoint ("art.", "para.", or nothing). Every instrument with an
    ``in_force`` date has ``in_force.KEY`` (episode). ``declaration`` names the field of a
    scenario's State by which a non-party accepts it for some days (fact ``accepted.KEY``).
    """

    key: str
    name: str
    short: str
    kind: Literal["treaty", "resolution", "soft law", "custom", "statute", "case law", "policy"]
    force: Force
    unit: str = "art."
    parties: bool = False
    adopted: date | None = None
    in_force: date | None = None
    declaration: str | None = None
    as_of: str = ""
    about: str = ""
    authorities: tuple[str, ...] = ()
    checked: Checked = "unverified"
    replaces: bool = False


class Organ(Decided):
    """A body that the facts engage: why, with what tools, on what basis, within what limits.

    ``access`` names provisions (per duty) under which people can bring a case to it against a
    State; on each State it is open, closed, or, where something is not known, may be open.
    """

    short: str
    un_organ: bool
    role: str
    tools: tuple[str, ...]
    basis: tuple[str, ...]
    force: Force
    limits: tuple[str, ...]
    access: tuple[str, ...] = ()


class Limit(Decided):
    """A limit or critique. It fires on facts and never changes a classification."""


class Mistake(Decided):
    """A common student mistake: the facts that invite it, and what refutes it.

    ``name`` states the mistake, ``says`` the correction; ``refuted_by`` names provisions.
    """

    refuted_by: tuple[str, ...]
    number: int | None = None


class View(Record):
    """One view of a contested point, and who holds it."""

    says: str
    authorities: tuple[str, ...] = ()


class Doctrine(Record):
    """A contested point of law. A ``switch`` changes conditions; a ``note`` is recorded."""

    id: str
    question: str
    kind: Literal["switch", "note"] = "switch"
    default: str
    views: dict[str, View]
    note: str = ""
    number: int | None = None
    checked: Checked = "unverified"
    checked_note: str = ""
    replaces: bool = False


class Theorem(Record):
    """A statement about every fact pattern, proven from the rules or refuted by a scenario.

    On every row of ``per`` where ``given`` holds (on every row, if left out): ``always`` holds,
    ``never`` does not, the conditions of ``same`` have one and the same value, and the row's
    label is one of ``always_outcome`` and none of ``never_outcome``. ``unchanged`` lists what
    stays as it is ``whatever`` else is different: facts, rules or folders, by id, by a pattern
    with ``*``, or as ``limits/``. ``doctrine: any`` is every combination of views; otherwise the
    default profile with the views given.
    """

    id: str
    name: str
    cite: str
    says: str
    per: Frame
    given: Condition | None = None
    always: Condition | None = None
    never: Condition | None = None
    same: tuple[Condition, ...] = ()
    always_outcome: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    never_outcome: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    unchanged: tuple[str, ...] = ()
    whatever: tuple[str, ...] = ()
    doctrine: Literal["any"] | dict[str, str] = Field(default_factory=dict)
    presumptions: Literal["both", "on", "off"] = "both"
    authorities: tuple[str, ...] = ()
    note: str = ""
    mistakes: tuple[str, ...] = ()
    checked: Checked = "unverified"
    checked_note: str = ""
    replaces: bool = False


class OutcomeRule(Record):
    """One outcome label, and the condition under which it is reached."""

    label: str
    when: Condition
    level: str | None = None
    says: str = ""


class Classification(Record):
    """How provisions add up to an outcome.

    Per row of ``per`` the first outcome whose condition holds is the label, and otherwise
    ``otherwise``. ``strongest`` lists every label, strongest first: over several rows the
    strongest label found is the outcome. ``by`` names the part the rows are grouped under in
    the result. ``open`` is the label that is not definite. ``highway``: the reference shows the
    smallest ways that lead to it, and how far each shipped scenario is.
    """

    id: str
    number: int = 0
    name: str
    question: str
    addressee: str
    per: Frame
    by: Literal["episodes", "states", "charges", "situation"]
    highway: bool = False
    outcomes: tuple[OutcomeRule, ...]
    otherwise: str
    otherwise_level: str | None = None
    strongest: tuple[str, ...]
    open: str = "undetermined"
    section: str = Field(default="", pattern=r"^([a-z_]+\.[a-z_]+)?$")
    elements: tuple[str, ...] = ()
    says: dict[str, str] = Field(default_factory=dict)
    tests: tuple[Case, ...] = ()
    replaces: bool = False

    @property
    def levels(self) -> tuple[str, ...]:
        """The levels at which a label can be reached, each once."""
        found = [outcome.level for outcome in self.outcomes] + [self.otherwise_level]
        return tuple(dict.fromkeys(level for level in found if level))


class ClassificationFile(Record):
    """A classification, and the provisions that exist only to add it up."""

    classification: Classification | None = None
    title: str = ""
    provisions: tuple[Provision, ...] = ()
