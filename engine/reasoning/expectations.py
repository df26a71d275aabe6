"""Compares an assessment with what its scenario's author expects."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from engine.model.records import Classification
from engine.model.scenario import Label
from engine.reasoning.assess import Assessment, Outcome


@dataclass(frozen=True)
class Comparison:
    """One expectation: what it is about, what was expected and what was found."""

    about: str
    expected: str
    found: str
    agrees: bool


def compare(assessment: Assessment) -> list[Comparison]:
    """Every expectation of the scenario, classification by classification."""
    expect = assessment.scenario.expect
    if expect is None:
        return []
    found: list[Comparison] = []
    base = assessment.law.base
    for item in base.classifications.values():
        wanted: object
        if item.section:
            head, _, key = item.section.rpartition(".")
            wanted = (getattr(expect, head, None) or {}).get(key)
        else:
            wanted = getattr(expect, item.id, None)
        if wanted is None:
            continue
        if item.by == "states" and isinstance(wanted, dict):
            found += _parts(assessment, item, wanted)
        else:
            found += _label(assessment, item, wanted)
    if expect.war_crime is not None:
        found += _war_crime(assessment, _any_of(expect.war_crime))
    if expect.bodies is not None:
        found += _bodies(assessment, expect.bodies)
    return found


def _any_of(wanted: object) -> list[str]:
    return [str(word) for word in wanted] if isinstance(wanted, list) else [str(wanted)]


def _one(about: str, wanted: object, found: str) -> Comparison:
    options = _any_of(wanted)
    return Comparison(about, " or ".join(options), found, found in options)


def _label(assessment: Assessment, item: Classification, wanted: Label) -> Iterator[Comparison]:
    outcome = assessment.outcome(item) or Outcome("not_asked", None)
    if not isinstance(wanted, dict):
        yield _one(item.id, wanted, outcome.label)
        return
    if "outcome" in wanted:
        yield _one(item.id, wanted["outcome"], outcome.label)
    if "level" in wanted:
        yield _one(f"{item.id}.level", wanted["level"], str(outcome.level))
    if "contested" in wanted:
        contested = "true" if outcome.contested else "false"
        yield _one(f"{item.id}.contested", str(bool(wanted["contested"])).lower(), contested)
    for key in ("episodes", "states", "charges"):
        yield from _parts(assessment, item, wanted.get(key) or {})


def _parts(
    assessment: Assessment, item: Classification, wanted: dict[str, object]
) -> list[Comparison]:
    groups = {group.key: group.outcome.label for group in assessment.groups(item)}
    return [
        _one(f"{item.id}.{key}", labels, groups.get(key, "no such part"))
        for key, labels in wanted.items()
    ]


def _war_crime(assessment: Assessment, wanted: list[str]) -> Iterator[Comparison]:
    held = [
        item.id
        for item in assessment.law.base.provisions()
        if item.finding and assessment.held(item.id)
    ]
    names = {name.rpartition(".")[2] for name in held if name.startswith("war.")}
    agrees = any(word in names for word in wanted)
    yield Comparison("war_crime", " or ".join(wanted), ", ".join(sorted(names)) or "none", agrees)


def _bodies(assessment: Assessment, wanted: list[str]) -> Iterator[Comparison]:
    engaged = {
        item.id.removeprefix("un.")
        for item in assessment.law.base.organs()
        if assessment.held(item.id)
    }
    if not wanted:
        yield Comparison("bodies", "none", ", ".join(sorted(engaged)) or "none", not engaged)
    for body in wanted:
        found = body if body in engaged else "not engaged"
        yield Comparison(f"bodies.{body}", body, found, body in engaged)
