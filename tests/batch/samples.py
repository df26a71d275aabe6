"""Random scenarios of the shipped law, written in every form of input."""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import Any

from engine.inference.law import Law
from engine.model.frames import Frame
from engine.model.records import Fact

STATES = ["SLE", "GRC", "USA", "PHL", "LBY", "ALAND", "BORUNIA"]
TREATIES = ["crc", "iccpr", "palermo", "untoc", "rome", "echr", "cat"]


def stated(law: Law) -> list[Fact]:
    return [fact for fact in law.base.facts.values() if not fact.derived]


def value_of(rng: random.Random, fact: Fact) -> Any:
    if fact.type == "tri":
        return rng.random() < 0.65
    return rng.randint(0, 9) if fact.type == "integer" else rng.choice(fact.values)


def some_facts(rng: random.Random, facts: list[Fact], share: float) -> dict[str, Any]:
    return {fact.id: value_of(rng, fact) for fact in facts if rng.random() < share}


def some_dates(rng: random.Random) -> dict[str, str]:
    start = date(1992, 1, 1) + timedelta(rng.randint(0, 11_500))
    end = start + timedelta(rng.choice([0, 40, 400, 4000]))
    dates = {"start": str(start), "end": str(end)}
    return {key: day for key, day in dates.items() if rng.random() < 0.8}


def some_treaties(rng: random.Random) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key in TREATIES:
        if rng.random() < 0.3:
            found[key] = rng.choice(
                [True, False, "unknown", {"in_force": "2003-05-01"}, {"until": "2010-02-03"}]
            )
    return found


def wide_row(rng: random.Random, law: Law, number: int) -> dict[str, Any]:
    """A flat row: facts, and the columns beside them; what is not known is left out."""
    row: dict[str, Any] = {"id": f"row-{number}"}
    row |= some_facts(rng, stated(law), rng.choice([0.05, 0.2, 0.5, 0.9]))
    row |= some_dates(rng)
    if rng.random() < 0.7:
        row["state"] = rng.choice(STATES)
        for key in TREATIES:
            if rng.random() < 0.3:
                row[f"treaties.{key}"] = rng.random() < 0.5
        if rng.random() < 0.3:
            row["treaties"] = "crpd; opsc=false; cedaw=1990-01-01/2005-06-07"
        if rng.random() < 0.2:
            row["rome_12_3"] = "2002-07-01/2014-01-01"
    if rng.random() < 0.5:
        row["actor"] = "boss"
    return row


def document_of_row(row: dict[str, Any], law: Law) -> dict[str, Any]:
    """What a flat row says, written as a scenario document by hand."""
    facts = {key: value for key, value in row.items() if key in law.base.facts}
    document: dict[str, Any] = {"id": row["id"], "facts": facts}
    dates = {key: row[key] for key in ("start", "end") if key in row}
    if dates:
        document["dates"] = dates
    if "state" in row:
        treaties = {
            key.removeprefix("treaties."): value
            for key, value in row.items()
            if key.startswith("treaties.")
        }
        if "treaties" in row:
            treaties |= {
                "crpd": True,
                "opsc": False,
                "cedaw": {"in_force": "1990-01-01", "until": "2005-06-07"},
            }
        state: dict[str, Any] = {"treaties": treaties}
        if "rome_12_3" in row:
            state["rome_12_3"] = {"from": "2002-07-01", "until": "2014-01-01"}
        document["states"] = {row["state"]: state}
    if "actor" in row:
        document["actors"] = {row["actor"]: {}}
    return document


def document(rng: random.Random, law: Law, number: int, shape: int | None = None) -> dict[str, Any]:
    """A scenario document with facts anywhere they may stand. Equal ``shape``: equal names."""
    own = random.Random(shape) if shape is not None else rng
    actors = ["a", "b", "c"][: own.choice([0, 1, 1, 2])]
    states = own.sample(STATES, own.choice([0, 1, 1, 2]))
    episodes = ["e1", "e2"][: own.choice([0, 1, 1, 2])]
    taking_part = {name: own.choice([[], actors[:1]]) for name in episodes}
    by = {frame: [fact for fact in stated(law) if fact.scope is frame] for frame in Frame}
    share = rng.choice([0.05, 0.3, 0.7])

    def charge_facts() -> dict[str, Any]:
        facts = [*by[Frame.ACTOR], *by[Frame.EPISODE], *by[Frame.SITUATION]]
        readable = [f for f in facts if any(r.sees(Frame.CHARGE) for r in law.reads.get(f.id, ()))]
        return some_facts(rng, readable, 0.05)

    top = some_facts(rng, by[Frame.SITUATION], share)
    if rng.random() < 0.5:
        top |= some_facts(rng, [*by[Frame.EPISODE], *by[Frame.STATE]], share / 2)
    made: dict[str, Any] = {"id": f"doc-{number}", "title": 'A "title": with a colon', "facts": top}
    made["dates"] = {} if rng.random() < 0.2 else {"start": "2000-01-01", "end": "2012-12-31"}
    made["actors"] = {
        name: {"kind": "person", "facts": some_facts(rng, by[Frame.ACTOR], share)}
        for name in actors
    }
    made["states"] = {
        name: {"treaties": some_treaties(rng), "facts": some_facts(rng, by[Frame.STATE], share)}
        for name in states
    }
    made["episodes"] = {
        name: {
            "facts": some_facts(rng, by[Frame.EPISODE], share),
            "actors": taking_part[name],
            "charges": {actor: charge_facts() for actor in taking_part[name] or actors},
        }
        for name in episodes
    }
    if rng.random() < 0.3:
        for part in [*made["actors"].values(), *made["episodes"].values()]:
            for fact in list(part["facts"])[:1]:
                part["facts"][fact] = rng.choice([None, "unknown", {"value": True, "note": "n"}])
    if episodes and rng.random() < 0.4:
        made["episodes"]["e1"]["start"] = f"200{rng.randint(0, 9)}-03-01"
    return made
