"""A scenario: the fact pattern that a person writes, as typed records.

Facts stated at the top hold for every row below until restated there. ``None`` is unknown.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from engine.model.records import StatedValue, Value

Label = str | list[str] | dict[str, Any]


class Part(BaseModel):
    """A frozen part of a scenario that refuses keys it does not know."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Stated(Part):
    """A fact's value with where it comes from. In a file, a bare value is enough."""

    value: StatedValue
    source: str = ""
    note: str = ""


def _stated(raw: object) -> object:
    return raw if isinstance(raw, dict | Stated) else {"value": raw}


Facts = dict[str, Annotated[Stated, BeforeValidator(_stated)]]


class Span(Part):
    """The first and last day of some conduct; either may be open."""

    start: date | None = None
    end: date | None = None


class Membership(Part):
    """When a treaty bound a State: from ``in_force`` up to, not including, ``until``."""

    in_force: date | None = None
    until: date | None = None
    reservations: str | list[str] = ""


class Acceptance(Part):
    """The days for which a State that is not a party accepted a treaty by declaration."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    start: date | None = Field(default=None, alias="from")
    until: date | None = None


def _membership(raw: object) -> object:
    return None if raw == "unknown" else raw


class StatePart(BaseModel):
    """One State. Keys beside these are declarations that the law knows (rome_12_3)."""

    model_config = ConfigDict(extra="allow", frozen=True)
    __pydantic_extra__: dict[str, Acceptance]

    name: str = ""
    roles: list[str] = Field(default_factory=list)
    treaties: dict[str, Annotated[bool | Membership | None, BeforeValidator(_membership)]] = Field(
        default_factory=dict
    )
    facts: Facts = Field(default_factory=dict)
    note: str = ""

    @property
    def declarations(self) -> Mapping[str, Acceptance]:
        """The declarations entered, by the name of their field."""
        return self.__pydantic_extra__ or {}


class ActorPart(Part):
    """One actor: a person, a company, an official."""

    name: str = ""
    kind: str = ""
    nationality: str | list[str] = ""
    facts: Facts = Field(default_factory=dict)
    note: str = ""


class EpisodePart(Part):
    """One episode, with what differs for one actor (charges) or one State (duties) in it.

    ``actors`` names those who took part; left out, all did.
    """

    title: str = ""
    narrative: str = ""
    places: list[str] = Field(default_factory=list)
    start: date | None = None
    end: date | None = None
    actors: list[str] = Field(default_factory=list)
    facts: Facts = Field(default_factory=dict)
    charges: dict[str, Facts] = Field(default_factory=dict)
    duties: dict[str, Facts] = Field(default_factory=dict)
    note: str = ""


class Holding(Part):
    """What a court or body decided on one question."""

    finding: str
    note: str | None = None


class Expect(Part):
    """What the scenario's author expects: makes the scenario a test. A list means any of."""

    transnational_offence: Label | None = None
    human_rights_violation: dict[str, str | list[str]] | None = None
    crime_against_humanity: Label | None = None
    icc: dict[str, str | list[str]] | None = None
    war_crime: str | list[str] | None = None
    bodies: list[str] | None = None
    reasons: list[str] = Field(default_factory=list)
    notes: list[str] = Field(default_factory=list)


class Scenario(Part):
    """A whole fact pattern."""

    id: str
    title: str = ""
    kind: Literal["case", "hypothetical", "exercise"] = "hypothetical"
    narrative: str = ""
    dates: Span = Span()
    facts: Facts = Field(default_factory=dict)
    states: dict[str, StatePart] = Field(default_factory=dict)
    actors: dict[str, ActorPart] = Field(default_factory=dict)
    episodes: dict[str, EpisodePart] = Field(default_factory=dict)
    findings: list[Any] | dict[str, Any] = Field(default_factory=list)
    expect: Expect | None = None
    expect_fails: str = ""
    traps: list[str] = Field(default_factory=list)
    citation: str | None = None
    forum: str | None = None
    year: int | None = None
    conduct_period: str | None = None
    holding: dict[str, Holding] = Field(default_factory=dict)
    not_decided: list[str] = Field(default_factory=list)
    pinpoints: str | None = None
    confidence: str | None = None
    checked: str | None = None
    authorities: list[str] = Field(default_factory=list)
    note: str = ""


def plain(facts: Facts) -> dict[str, Value]:
    """The bare values of stated facts."""
    return {name: stated.value for name, stated in facts.items()}
