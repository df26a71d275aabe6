"""The linked law: every record of a rule folder, by id, in an order that can be decided."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache

from engine.model.conditions import Term
from engine.model.frames import Frame
from engine.model.records import (
    Classification,
    Decided,
    Doctrine,
    Fact,
    Instrument,
    Limit,
    Mistake,
    Organ,
    Provision,
    Theorem,
)


@dataclass(frozen=True)
class Place:
    """Where a record stands: a file of the rule folder, and a line counted from 1."""

    file: str
    line: int


@dataclass
class Rulebase:
    """All records by id. ``order`` lists what is decided, each after what it rests on.

    ``terms`` holds the condition of everything decided; outcome rules stand under
    ``CLASSIFICATION#INDEX``. ``claims`` holds the conditions of theorems, which decide nothing,
    under ``THEOREM#KEY``. ``digest`` identifies the content of every file read.
    """

    facts: dict[str, Fact] = field(default_factory=dict)
    groups: dict[str, str] = field(default_factory=dict)
    instruments: dict[str, Instrument] = field(default_factory=dict)
    articles: dict[str, str] = field(default_factory=dict)
    decided: dict[str, Decided] = field(default_factory=dict)
    doctrines: dict[str, Doctrine] = field(default_factory=dict)
    classifications: dict[str, Classification] = field(default_factory=dict)
    theorems: dict[str, Theorem] = field(default_factory=dict)
    places: dict[str, Place] = field(default_factory=dict)
    terms: dict[str, Term] = field(default_factory=dict)
    claims: dict[str, Term] = field(default_factory=dict)
    order: list[str] = field(default_factory=list)
    digest: str = ""

    def provisions(self) -> list[Provision]:
        """Every provision, in file order."""
        return [item for item in self.decided.values() if isinstance(item, Provision)]

    def organs(self) -> list[Organ]:
        """Every body, in file order."""
        return [item for item in self.decided.values() if isinstance(item, Organ)]

    def limits(self) -> list[Limit]:
        """Every limit, in file order."""
        return [item for item in self.decided.values() if isinstance(item, Limit)]

    def mistakes(self) -> list[Mistake]:
        """Every mistake, in file order."""
        return [item for item in self.decided.values() if isinstance(item, Mistake)]

    def frame(self, name: str) -> Frame:
        """The frame in which a record, or an outcome rule of a classification, is decided."""
        record = self.decided.get(name)
        return record.per if record else self.classifications[name.partition("#")[0]].per

    def citation(self, provision: Provision) -> str:
        """The full pinpoint: the instrument's short name and the place in it."""
        instrument = self.instruments.get(provision.of)
        if instrument is None:
            return provision.cite
        unit = _several(provision.cite) if instrument.unit == "art." else instrument.unit
        return f"{instrument.short}, {unit} {provision.cite}".replace(",  ", ", ")


_NESTED = re.compile(r"\([^()]*\)")
_ARTICLE = re.compile(r"\b(?:\d+|[IVX]+)\b")


@lru_cache(maxsize=4096)
def _several(cite: str) -> str:
    """``arts`` where a pinpoint names more than one article, and ``art.`` where it names one."""
    bare = _NESTED.sub("", cite)
    return "arts" if "art" not in bare and len(set(_ARTICLE.findall(bare))) > 1 else "art."


def outcome_id(classification: str, index: int) -> str:
    """The id under which an outcome's condition is decided."""
    return f"{classification}#{index}"
