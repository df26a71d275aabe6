"""Who is bound by what, since when, on what evidence. Reads ``rules/treaty_status/``.

A State is bound on day D when some consent is in force for it by D and no withdrawal has
taken effect since. Acts of low confidence count for no more than unknown. A data set ends on
its as-of date: a State not listed by then may have joined since.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from pathlib import Path

from engine.model.truth import Truth
from engine.rulebase.source import read_source

CONSENT = ("ratification", "accession", "acceptance", "approval", "succession")


@dataclass(frozen=True)
class Act:
    """One act of a State towards a treaty. ``effect`` is the first day it counts for."""

    action: str
    done: date | None
    effect: date | None
    confidence: str
    source: str
    note: str


@dataclass(frozen=True)
class Status:
    """Whether a State is bound on a day, since when, and on what evidence.

    ``kind``: party, signatory, withdrawn, not a party, accepted, unknown.
    """

    value: Truth
    kind: str
    since: date | None = None
    until: date | None = None
    confidence: str = ""
    source: str = ""
    note: str = ""


@dataclass(frozen=True)
class Coverage:
    """How far the data on one treaty reach. ``complete``: a State not listed is no party."""

    as_of: date
    complete: bool
    note: str = ""


_REMEMBERED = 50_000
"""Answers kept: a scenario asks the same of each State several times, a what-if asks it again."""


@dataclass
class TreatyStatus:
    """The acts of every State, by treaty and State, and the reach of the data per treaty."""

    acts: dict[tuple[str, str], list[Act]] = field(default_factory=dict)
    coverage: dict[str, Coverage] = field(default_factory=dict)
    states: frozenset[str] = frozenset()
    _known: dict[tuple[str, str, date | None], Status] = field(default_factory=dict, repr=False)

    def on(self, treaty: str, state: str, day: date | None) -> Status:
        """Whether the treaty binds the State on ``day``; without a day, on every day."""
        key = (treaty, state, day)
        if key not in self._known:
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            self._known[key] = self._on(treaty, state, day)
        return self._known[key]

    def _on(self, treaty: str, state: str, day: date | None) -> Status:
        reach = self.coverage.get(treaty)
        if reach is None:
            return Status(Truth.UNKNOWN, "unknown", note="no status data for this treaty")
        acts = self.acts.get((treaty, state), [])
        consents = [act for act in acts if act.action in CONSENT and act.effect]
        if day is None:
            return self._undated(consents)
        start = max((act for act in consents if act.effect <= day), key=_effect, default=None)  # type: ignore[operator]
        ends = [act for act in acts if act.action == "withdrawal" and act.effect]
        ended = max((act for act in ends if act.effect <= day), key=_effect, default=None)  # type: ignore[operator]
        if start and (ended is None or ended.effect < start.effect):  # type: ignore[operator]
            later = min((a.effect for a in ends if a.effect > day), default=None)  # type: ignore[operator, type-var]
            value = Truth.UNKNOWN if start.confidence == "low" else Truth.HOLDS
            first = _first_of_run(consents, ends, start)
            return Status(
                value, "party", first.effect, later, start.confidence, start.source, start.note
            )
        if ended:
            return Status(
                Truth.FAILS,
                "withdrawn",
                ended.effect,
                None,
                ended.confidence,
                ended.source,
                ended.note,
            )
        signed = self.signed(treaty, state, day)
        coming = min((act for act in consents), key=_effect, default=None)
        kind = "signatory" if signed else "not a party"
        until = coming.effect if coming else None
        if coming is None and (day > reach.as_of or (not reach.complete and not signed)):
            note = f"not listed by {reach.as_of}" + ("" if reach.complete else "; list incomplete")
            return Status(Truth.UNKNOWN, "unknown", note=note)
        origin = coming or signed
        return Status(
            Truth.FAILS,
            kind,
            signed.done if signed else None,
            until,
            origin.confidence if origin else "list",
            origin.source if origin else f"not listed as of {reach.as_of}",
            origin.note if origin else "",
        )

    def _undated(self, consents: list[Act]) -> Status:
        note = "no date was given for the conduct"
        return (
            Status(Truth.UNKNOWN, "unknown", note=note)
            if consents
            else Status(Truth.UNKNOWN, "not a party", note=note)
        )

    def signed(self, treaty: str, state: str, day: date) -> Act | None:
        """The signature in force on ``day``, not withdrawn since."""
        acts = self.acts.get((treaty, state), [])
        undone = any(
            act.action == "signature_withdrawn" and act.done and act.done <= day for act in acts
        )
        found = [a for a in acts if a.action == "signature" and a.done and a.done <= day]
        return None if undone or not found else found[-1]

    def accepted(self, treaty: str, state: str, day: date | None) -> Status:
        """Whether a declaration of acceptance covers ``day``."""
        if day is None:
            return Status(Truth.UNKNOWN, "unknown", note="no date was given for the conduct")
        acts = [
            act
            for act in self.acts.get((treaty, state), [])
            if act.action.startswith("declaration") and act.effect and act.effect <= day
        ]
        if not acts:
            return Status(Truth.FAILS, "not accepted")
        best = min(acts, key=lambda act: (act.confidence == "low", -act.effect.toordinal()))  # type: ignore[union-attr]
        value = Truth.UNKNOWN if best.confidence == "low" else Truth.HOLDS
        return Status(value, "accepted", best.effect, None, best.confidence, best.source, best.note)

    def changes(self, treaty: str, state: str) -> list[date]:
        """The days on which the State's position towards the treaty changes."""
        reach = self.coverage.get(treaty)
        days = {act.effect for act in self.acts.get((treaty, state), []) if act.effect}
        days |= {
            act.done
            for act in self.acts.get((treaty, state), [])
            if act.action.startswith("signature") and act.done
        }
        return sorted(day for day in days if reach is not None)


def _effect(act: Act) -> date:
    assert act.effect is not None
    return act.effect


def _first_of_run(consents: list[Act], ends: list[Act], last: Act) -> Act:
    """The consent that began the unbroken membership which ``last`` belongs to."""
    ended = max((e.effect for e in ends if e.effect <= last.effect), default=None)  # type: ignore[operator, type-var]
    run = [act for act in consents if ended is None or act.effect >= ended]  # type: ignore[operator]
    return min(run, key=_effect, default=last)


@lru_cache(maxsize=4)
def load_treaty_status(folder: Path) -> TreatyStatus:
    """The data of one ``treaty_status`` folder: ``treaty_status.csv`` and ``coverage.yaml``."""
    acts: dict[tuple[str, str], list[Act]] = {}
    with (folder / "treaty_status.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            done = _day(row["date"])
            effect = _day(row["entry_into_force"])
            if effect is None and row["action"] in CONSENT:
                effect = done
            act = Act(row["action"], done, effect, row["confidence"], row["source"], row["note"])
            acts.setdefault((row["treaty"], row["state"]), []).append(act)
    reach = read_source(folder / "coverage.yaml").value["treaties"]
    coverage = {
        key: Coverage(date.fromisoformat(item["as_of"]), item["complete"], item.get("note", ""))
        for key, item in reach.items()
    }
    return TreatyStatus(acts, coverage, frozenset(state for _, state in acts))


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None
