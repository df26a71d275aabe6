"""Every published answer about every shipped scenario follows the schema that is published."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from engine.commands.schema import SCHEMAS
from engine.inference.law import Law
from engine.model.reasons import Piece
from engine.reasoning.assess import Assessment, assess
from engine.reasoning.comparing import compare
from engine.reasoning.doctrine import doctrine_table
from engine.reasoning.highway import Budget, highway, read_goals
from engine.reasoning.misses import why_not
from engine.reasoning.missing import ASKING, missing
from engine.reasoning.targets import headline_goals
from engine.reasoning.whatif import read_changes, what_if
from engine.reasoning.why import why
from engine.rulebase.scenarios import read_scenario, shipped_scenarios

QUICK = Budget(sets=100, seconds=1.0, spelt=50, recheck="none")
SHIPPED = shipped_scenarios()


@cache
def validator(name: str) -> Any:
    return jsonschema.Draft202012Validator(SCHEMAS[name].model_json_schema())


def check(name: str, answer: Piece) -> None:
    document = json.loads(answer.model_dump_json())
    validator(name).validate(document)
    assert SCHEMAS[name].model_validate(document).model_dump_json() == answer.model_dump_json()


def assessed(law: Law, path: Path) -> Assessment:
    return assess(read_scenario(path, law.base, law.reads), law, engine="planes")


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_what_is_published_about_a_scenario_follows_its_schema(law: Law, path: Path) -> None:
    case = assessed(law, path)
    check("missing", missing(case, budget=replace(ASKING, recheck="none"), engine="planes"))
    check("doctrine", doctrine_table(case))
    change = read_changes(["att.widespread=true", "victim.child=unknown"], case)
    check("what-if", what_if(case, change, engine="planes"))
    for target in ("crime_against_humanity", "transnational_offence=not_met"):
        goals = read_goals([target], case)
        check("highway", highway(case, goals, budget=QUICK, engine="planes"))


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_every_reason_follows_its_schema(law: Law, path: Path) -> None:
    case = assessed(law, path)
    for goal in headline_goals(case):
        check("why", why(case, replace(goal, answer="")))
        strongest = law.base.classifications[goal.of].strongest[0]
        check("why-not", why_not(case, replace(goal, answer=strongest)))


@pytest.mark.parametrize("number", range(0, len(SHIPPED) - 1, 3))
def test_comparisons_follow_their_schema(law: Law, number: int) -> None:
    first, second = SHIPPED[number : number + 2]
    check("compare", compare(assessed(law, first), assessed(law, second)))
