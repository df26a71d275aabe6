"""palermo why and why-not: targets, answers as JSON, and what is said to a wrong name."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from engine.rulebase.scenarios import shipped_scenarios
from tests.commands.conftest import Palermo

CASES = {path.stem: path for path in shipped_scenarios()}
RANTSEV, TOWERS = CASES["rantsev"], CASES["the-scam-towers"]


def schema(palermo: Palermo, name: str) -> dict[str, object]:
    found: dict[str, object] = json.loads(palermo("schema", name).out)
    return found


@pytest.mark.parametrize("path", list(CASES.values())[::4], ids=lambda path: path.stem)
def test_json_answers_follow_the_schema(palermo: Palermo, path: Path) -> None:
    lines = palermo("why", path, "--format", "json").out.splitlines()
    assert len(lines) > 3
    for line in lines:
        jsonschema.validate(json.loads(line), schema(palermo, "why"))
    answer = palermo("why-not", path, "crime_against_humanity", "--format", "json")
    jsonschema.validate(json.loads(answer.out), schema(palermo, "why-not"))


def test_why_takes_classifications_rows_provisions_and_bodies(palermo: Palermo) -> None:
    for target in (
        "human_rights_violation@CYP",
        "human_rights_violation@CYP×e1",
        "human_rights_violation@CYP+e1",
        "icc.jurisdiction",
        "palermo.3.a.act",
        "palermo.3.a.act@e1",
    ):
        assert palermo("why", RANTSEV, target).code == 0, target
    ran = palermo("why", TOWERS, "un.unodc")
    assert ran.code == 0
    assert "United Nations Office on Drugs and Crime" in ran.out


def test_stages_stand_in_the_order_in_which_lawyers_take_them(palermo: Palermo) -> None:
    out = palermo("why", TOWERS, "crime_against_humanity").out
    places = [
        out.index(f"\n  {stage}") for stage in ("chapeau", "underlying act", "mental element")
    ]
    assert places == sorted(places)
    out = palermo("why", RANTSEV, "human_rights_violation@CYP").out
    places = [
        out.index(f"\n  {stage}") for stage in ("bound", "within jurisdiction", "duty failed")
    ]
    assert places == sorted(places)


def test_the_nearest_miss_is_named_first(palermo: Palermo) -> None:
    out = palermo("why-not", CASES["everywhere-but-nobodys-plan"], "crime_against_humanity").out
    assert "steps from possible: Policy" in out
    out = palermo("why-not", RANTSEV, "human_rights_violation=violation_direct@CYP").out
    assert "one step from violation direct" in out
    assert "attr.organ@CYP=true" in out


def test_all_lists_every_smallest_reason_as_a_core_and_choices(palermo: Palermo) -> None:
    answer = json.loads(
        palermo("why", TOWERS, "transnational_offence@e1", "--all", "--format", "json").out
    )
    assert answer["count"] == answer["factored"]["ways"] > 1
    strongest = {leaf["statement"] for leaf in answer["reasons"][0]["leaves"]}
    assert set(answer["factored"]["core"]) <= strongest


@pytest.mark.parametrize(
    ("target", "hint"),
    [
        ("crime_against_humanty", "did you mean crime_against_humanity"),
        ("un.unodk", "did you mean un.unodc"),
        ("human_rights_violation@CY", "did you mean CYP"),
        ("human_rights_violation=violation_dirct", "did you mean violation_direct"),
        ("victim.child", "is a fact"),
    ],
)
def test_a_wrong_target_gets_the_nearest_name(palermo: Palermo, target: str, hint: str) -> None:
    for command in ("why", "why-not"):
        ran = palermo(command, RANTSEV, target)
        assert ran.code == 2
        assert hint in ran.err
