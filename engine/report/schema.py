"""The JSON Schema of a scenario, with the vocabulary, for editors that complete and check."""

from __future__ import annotations

from typing import Any

from engine.model.records import Fact
from engine.model.scenario import Scenario
from engine.rulebase.rulebase import Rulebase


def scenario_schema(base: Rulebase) -> dict[str, Any]:
    """The schema of a scenario file, with every fact and its question."""
    schema = Scenario.model_json_schema(by_alias=True)
    facts = {fact.id: _fact_schema(fact) for fact in base.facts.values() if not fact.derived}
    schema["$defs"]["FactMap"] = {
        "type": "object",
        "properties": facts,
        "additionalProperties": False,
    }
    reference = {"$ref": "#/$defs/FactMap"}
    schema["properties"]["facts"] = reference
    for name in ("StatePart", "ActorPart", "EpisodePart"):
        schema["$defs"][name]["properties"]["facts"] = reference
    episode = schema["$defs"]["EpisodePart"]["properties"]
    for name in ("charges", "duties"):
        episode[name] = {"type": "object", "additionalProperties": reference}
    treaties = [key for key, item in base.instruments.items() if item.parties]
    state = schema["$defs"]["StatePart"]["properties"]
    member = {"anyOf": [{"type": "boolean"}, {"const": "unknown"}, {"$ref": "#/$defs/Membership"}]}
    state["treaties"] = {
        "type": "object",
        "properties": dict.fromkeys(treaties, member),
        "additionalProperties": False,
    }
    for item in base.instruments.values():
        if item.declaration:
            state[item.declaration] = {"$ref": "#/$defs/Acceptance"}
    schema["required"] = []
    return schema


def _fact_schema(fact: Fact) -> dict[str, Any]:
    value: dict[str, Any]
    if fact.type == "tri":
        value = {"enum": [True, False, "unknown"]}
    elif fact.type == "integer":
        value = {"anyOf": [{"type": "integer", "minimum": 0}, {"const": "unknown"}]}
    else:
        value = {"enum": [*fact.values, "unknown"]}
    full = {
        "type": "object",
        "properties": {
            "value": value,
            "source": {"type": "string"},
            "note": {"type": "string"},
        },
        "required": ["value"],
        "additionalProperties": False,
    }
    text = fact.question + (f" Not this: {fact.is_not}" if fact.is_not else "")
    return {"description": text, "anyOf": [value, full]}
