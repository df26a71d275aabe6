"""A scenario as the text of a scenario file, which reads back as the same scenario."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml

from engine.model.scenario import Scenario
from engine.rulebase.rulebase import Rulebase

_HEAD = """\
# A scenario for palermo. What it does not say is unknown, and never guessed.
# Values: true, false, unknown, a number or a choice; or {value: true, source: "...", note: "..."}
"""


def scenario_yaml(scenario: Scenario, base: Rulebase | None = None) -> str:
    """The YAML text of a scenario. With the law, each fact stands under its question."""
    data = scenario.model_dump(mode="python", exclude_defaults=True, by_alias=True)
    document = {"id": scenario.id, **_plain(data)}
    text = yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=96)
    return _HEAD + (_with_questions(text, base) if base else text)


def _plain(value: Any) -> Any:
    """Statements that say nothing but a value as that value; ``null`` as unknown."""
    if isinstance(value, Mapping):
        if "value" in value and set(value) <= {"value", "source", "note"}:
            return _stated(value)
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value


def _stated(value: Mapping[str, Any]) -> Any:
    bare = "unknown" if value["value"] is None else value["value"]
    return bare if len(value) == 1 else {**value, "value": bare}


def _with_questions(text: str, base: Rulebase) -> str:
    lines = []
    for line in text.splitlines():
        name = line.strip().partition(":")[0]
        fact = base.facts.get(name)
        if fact is not None:
            pad = line[: len(line) - len(line.lstrip())]
            lines.append(f"{pad}# {' '.join(fact.question.split())}")
        lines.append(line)
    return "\n".join(lines) + "\n"
