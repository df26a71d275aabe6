"""Hypothesis strategies: random rule bases, random scenarios."""

from __future__ import annotations

import os
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st

from engine.model.frames import Frame
from engine.model.records import Doctrine, Fact, Provision, View
from engine.model.scenario import Scenario
from engine.rulebase.link import link
from engine.rulebase.rulebase import Rulebase
from engine.rulebase.source import Source


def examples(count: int) -> settings:
    """So many examples; `make fuzz` runs many times as many, at random."""
    times = int(os.environ.get("PALERMO_FUZZ", "1"))
    return settings(max_examples=count * times, derandomize=times == 1)


BASIC = (Frame.SITUATION, Frame.EPISODE, Frame.ACTOR, Frame.STATE)
TRI = st.sampled_from([True, False, "unknown"])


@st.composite
def conditions(draw: st.DrawFn, frame: Frame, ids: dict[str, Frame], depth: int = 3) -> Any:
    visible = [name for name, scope in ids.items() if frame.sees(scope)]
    kinds = ["ref", "ref", "test", "number", "view"]
    if depth:
        kinds += ["all", "any", "not", "unless", "count", "some", "every"]
    kind = draw(st.sampled_from(kinds))
    if kind == "ref":
        return draw(st.sampled_from(visible))
    if kind == "test":
        return {"fact": "kind.of", "is": draw(st.sampled_from(["red", "blue"]))}
    if kind == "number":
        return {"fact": "how.many", "at_least": draw(st.integers(1, 3))}
    if kind == "view":
        return {"doctrine": "school", "is": draw(st.sampled_from(["one", "two"]))}
    if kind in ("not", "unless"):
        return {kind: draw(conditions(frame, ids, depth - 1))}
    if kind in ("some", "every"):
        over = draw(st.sampled_from([f for f in Frame if not frame.sees(f)] or [None]))
        if over is None:
            return draw(st.sampled_from(visible))
        return {kind: {over.value: draw(conditions(over, ids, depth - 1))}}
    size = draw(st.integers(1, 5))
    items = [draw(conditions(frame, ids, depth - 1)) for _ in range(size)]
    if kind == "count":
        return {"count": {"at_least": draw(st.integers(1, size)), "of": items}}
    return {kind: items}


@st.composite
def rulebases(draw: st.DrawFn, *, unless: bool = True) -> Rulebase:
    base = Rulebase()
    ids: dict[str, Frame] = {}
    for frame in BASIC:
        for number in range(3):
            name = f"{frame.value}.{number}"
            presumed = draw(st.sampled_from([None, None, True, False])) if unless else None
            base.facts[name] = Fact(id=name, scope=frame, question="?", presumed=presumed)
            ids[name] = frame
    base.facts["kind.of"] = Fact(
        id="kind.of", scope=Frame.SITUATION, type="choice", values=("red", "blue"), question="?"
    )
    base.facts["how.many"] = Fact(
        id="how.many", scope=Frame.SITUATION, type="integer", question="?"
    )
    view = View(says="?")
    base.doctrines["school"] = Doctrine(
        id="school", question="?", default="one", views={"one": view, "two": view}
    )
    for number in range(draw(st.integers(1, 8))):
        frame = draw(st.sampled_from(list(Frame)))
        name = f"rule.{number}"
        raw = draw(conditions(frame, ids))
        if not unless:
            raw = without_unless(raw)
        base.decided[name] = Provision(
            id=name, per=frame, name=name, cite="?", stage="conduct", holds=raw
        )
        ids[name] = frame
    source = Source("toy", {})
    faults = link(
        base, dict.fromkeys([*base.facts, *base.decided, "doctrine:school"], (source, ()))
    )
    allowed = ("no rule reads", "repeat", "opposite", "shadowed")
    assert not [f for f in faults if not any(word in f.message for word in allowed)], faults
    return base


def without_unless(raw: Any) -> Any:
    if isinstance(raw, list):
        return [without_unless(item) for item in raw]
    if isinstance(raw, dict):
        return {("not" if k == "unless" else k): without_unless(v) for k, v in raw.items()}
    return raw


@st.composite
def scenarios(draw: st.DrawFn, base: Rulebase) -> Scenario:
    """A scenario with up to two actors, three episodes and two States, facts anywhere."""

    def some_facts(*frames: Frame) -> dict[str, Any]:
        names = [f.id for f in base.facts.values() if f.scope in frames and not f.derived]
        chosen = draw(st.lists(st.sampled_from(names), unique=True, max_size=12)) if names else []
        found: dict[str, Any] = {}
        for name in chosen:
            fact = base.facts[name]
            if fact.type == "tri":
                found[name] = draw(TRI)
            elif fact.type == "integer":
                found[name] = draw(st.integers(0, 5))
            else:
                found[name] = draw(st.sampled_from([*fact.values, "unknown"]))
        return found

    actors = [f"a{n}" for n in range(draw(st.integers(0, 2)))]
    states = [f"LAND{n}" for n in range(draw(st.integers(0, 2)))]
    episodes = {}
    for number in range(draw(st.integers(0, 3))):
        taking_part = draw(st.lists(st.sampled_from(actors), unique=True)) if actors else []
        charged = taking_part or actors
        episodes[f"e{number}"] = {
            "facts": some_facts(Frame.EPISODE),
            "actors": taking_part,
            "charges": {a: some_facts(Frame.EPISODE, Frame.ACTOR) for a in charged},
            "duties": {s: some_facts(Frame.EPISODE, Frame.STATE) for s in states},
        }
    return Scenario.model_validate(
        {
            "id": "random",
            "dates": {"start": "2018-01-01", "end": "2018-12-31"},
            "facts": some_facts(*BASIC),
            "actors": {a: {"facts": some_facts(Frame.ACTOR)} for a in actors},
            "states": {s: {"facts": some_facts(Frame.STATE)} for s in states},
            "episodes": episodes,
        }
    )
