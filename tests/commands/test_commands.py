"""What each command does on good input."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from engine.inference import rete
from engine.inference.law import Law
from engine.report.schema import scenario_schema
from engine.rulebase.scenarios import shipped_scenarios
from engine.rulebase.source import read_source
from tests.commands.conftest import Palermo

ROOT = Path(__file__).parent.parent.parent
CASES = [
    ROOT / "scenarios/cases/rantsev.yaml",
    ROOT / "scenarios/cases/taha-aj.yaml",
    ROOT / "scenarios/hypotheticals/the-kind-uncle.yaml",
]


def assessed(palermo: Palermo, *args: object) -> dict[str, Any]:
    ran = palermo("assess", *args, "--format", "json")
    assert ran.code == 0, ran.err
    found: dict[str, Any] = json.loads(ran.out)
    return found


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_the_result_follows_its_published_schema(palermo: Palermo, path: Path) -> None:
    schema = json.loads(palermo("schema", "result").out)
    jsonschema.validate(assessed(palermo, path), schema)


@pytest.fixture(scope="module")
def editor(law: Law) -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(scenario_schema(law.base))


@pytest.mark.parametrize("path", shipped_scenarios(), ids=lambda path: path.stem)
def test_every_shipped_scenario_follows_the_schema_for_editors(
    editor: jsonschema.Draft202012Validator, path: Path
) -> None:
    editor.validate(read_source(path).value)


def test_the_schema_for_editors_refuses_an_unknown_fact(palermo: Palermo) -> None:
    schema = json.loads(palermo("schema", "scenario").out)
    jsonschema.validate({"id": "x", "facts": {"att.widespread": True}}, schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"id": "x", "facts": {"att.widespred": True}}, schema)


def test_the_contract_holds_for_a_whole_case(palermo: Palermo) -> None:
    result = assessed(palermo, CASES[0])
    offence = result["classifications"]["transnational_offence"]
    assert offence["outcome"] == offence["episodes"]["e1"]["outcome"] == "undetermined"
    states = result["classifications"]["human_rights_violation"]["states"]
    assert {code: part["outcome"] for code, part in states.items()} == {
        "CYP": "violation_positive_obligation",
        "RUS": "violation_positive_obligation",
    }
    assert result["classifications"]["crime_against_humanity"]["level"] == "situation"
    assert result["icc"]["jurisdiction"] == "no"
    assert result["provisions"]["episode:e1"]["palermo.3.a.act"] == "holds"
    assert result["provisions"]["duty:CYP×e1"]["hr.po.operational"] == "holds"
    assert {"sr_trafficking", "echr.court"} <= {
        b["id"].removeprefix("un.") for b in result["bodies"]
    }
    assert result["receipt"]["engine"] == ("both" if rete.available() else "planes")


def test_one_case_asks_no_more_than_it_must(palermo: Palermo) -> None:
    result = assessed(palermo, CASES[0])
    missing = {item["fact"] for item in result["missing"]}
    assert {"purpose.exploitation_intended", "ocg.three_or_more"} <= missing
    assert "att.widespread" not in missing  # one act is no attack, whatever its scale


def test_presumptions_relied_on_are_listed_and_strict_has_none(palermo: Palermo) -> None:
    lenient = assessed(palermo, CASES[2])
    assert "attr.organ" in {item["of"] for item in lenient["assumptions"]}
    strict = assessed(palermo, CASES[2], "--strict")
    assert not [item for item in strict["assumptions"] if item["kind"] != "date"]
    assert strict["classifications"]["human_rights_violation"]["outcome"] == "undetermined"


def test_a_view_changes_the_headline_and_the_other_view_is_still_shown(palermo: Palermo) -> None:
    path = ROOT / "scenarios/hypotheticals/the-scam-towers.yaml"
    majority = assessed(palermo, path)["classifications"]["crime_against_humanity"]
    dissent = assessed(palermo, path, "--doctrine", "organization_test=kaul_statelike")
    assert majority["outcome"] == "possible"
    assert "organization_test" in majority["contested"]
    headline = dissent["classifications"]["crime_against_humanity"]
    assert headline["outcome"] == "not_met"
    assert "organization_test" in headline["contested"]
    assert dissent["receipt"]["doctrine"]["organization_test"] == "kaul_statelike"


def test_an_episode_across_a_withdrawal_is_reported_by_period(palermo: Palermo) -> None:
    icc = assessed(palermo, ROOT / "scenarios/hypotheticals/after-the-exit.yaml")["icc"]
    assert icc["jurisdiction"] == "available"
    assert {name: part["jurisdiction"] for name, part in icc["parts"].items()} == {
        "main×mines@2017-01-01/2019-03-16": "available",
        "main×mines@2019-03-17/2021-12-31": "no",
    }


def test_facts_without_a_file(palermo: Palermo) -> None:
    result = assessed(
        palermo,
        *("-f", "act.recruitment", "-f", "victim.child=true", "-f", "part.intentional"),
        *("-f", "purpose.exploitation_intended", "-f", "purpose.prostitution_of_others"),
        *("-f", "tn.more_than_one_state=false", "-f", "ocg.three_or_more=no"),
    )
    assert result["classifications"]["transnational_offence"]["outcome"] == "trafficking_only"


def test_facts_without_a_file_can_enter_a_state(palermo: Palermo) -> None:
    ran = palermo("assess", "-f", "state.refoulement", "--engine", "planes")
    assert "no State is entered" in ran.err
    facts = ["-f", "state.refoulement", "-f", "state.jurisdiction_territory"]
    result = assessed(palermo, *facts, "--state", "ALAND")
    assert list(result["classifications"]["human_rights_violation"]["states"]) == ["ALAND"]


def test_the_text_has_cards_elements_and_what_is_open(palermo: Palermo) -> None:
    ran = palermo("assess", *CASES)
    assert ran.code == 0
    for words in (
        "VIOLATION POSITIVE OBLIGATION",
        "Palermo Protocol, art. 3(c)",
        "Who was bound by what",
        "Not known, and it matters",
        "Assumed, because nobody showed otherwise",
        "no legal advice",
    ):
        assert words in ran.out


@pytest.mark.skipif(not rete.available(), reason="no rule engine here")
@pytest.mark.parametrize("engine", ["rete", "planes"])
def test_each_engine_alone_gives_the_outcomes_of_both(palermo: Palermo, engine: str) -> None:
    def outcomes(*args: object) -> object:
        result = assessed(palermo, CASES[1], *args)
        found = {k: v["outcome"] for k, v in result["classifications"].items()}
        return found, result["icc"]["jurisdiction"], result["provisions"], result["assumptions"]

    assert outcomes("--engine", engine) == outcomes()


def test_overlaid_rules_take_part(palermo: Palermo, tmp_path: Path) -> None:
    place = tmp_path / "rules" / "instruments" / "moot" / "article_1.yaml"
    place.parent.mkdir(parents=True)
    (place.parent / "instrument.yaml").write_text(
        "key: moot\nname: Moot Convention\nshort: Moot\n"
        "kind: treaty\nforce: treaty\nparties: true\n"
    )
    place.write_text(
        'article: "1"\nof: moot\ntitle: T\nprovisions:\n  - id: moot.1\n    cite: "1"\n'
        "    name: Moot duty\n    stage: bound\n    per: duty\n    holds: bound.moot\n"
        "    finding: The Moot Convention applies\n"
    )
    case = tmp_path / "case.yaml"
    case.write_text("id: x\nstates: {ALAND: {treaties: {moot: true}}}\n")
    result = assessed(palermo, case, "--rules", tmp_path / "rules")
    assert [item["id"] for item in result["side_findings"]] == ["moot.1"]


def test_facts_command(palermo: Palermo) -> None:
    assert "229 facts" in palermo("facts").out
    group = palermo("facts", "victim").out
    assert "victim.child" in group
    assert "Was the victim under 18 at the time of the act?" in group
    assert "act.receipt" not in group


def test_rules_commands(palermo: Palermo) -> None:
    assert palermo("rules", "lint").out.startswith("clean: ")
    assert "palermo.3.a.means" in palermo("rules", "list", "palermo.3").out
    shown = palermo("rules", "show", "palermo.3.a").out
    for words in (
        "Palermo Protocol, arts 3(a), 5(1)",
        "instruments/palermo/article_03.yaml:",
        "tests:",
    ):
        assert words in shown
    data = json.loads(palermo("rules", "show", "palermo.3.a", "--format", "json").out)
    assert data["id"] == "palermo.3.a"
    for name in ("organization_test", "transnational_offence", "palermo", "act.receipt", "un.iom"):
        assert palermo("rules", "show", name).code == 0


def test_treaties_command(palermo: Palermo) -> None:
    ran = palermo("treaties", "status", "phl", "--on", "2019-03-17")
    assert ran.code == 0
    line = next(line for line in ran.out.splitlines() if line.startswith("Rome Statute"))
    assert "withdrawn" in line
    assert "2019-03-17" in line


def test_a_new_scenario_loads_and_asks_everything(palermo: Palermo, tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    assert palermo("new", path, "--all").code == 0
    result = assessed(palermo, path)
    assert result["scenario"]["id"] == "mine"
    assert result["classifications"]["transnational_offence"]["outcome"] == "undetermined"


def test_check_and_doctor(palermo: Palermo, tmp_path: Path) -> None:
    assert palermo("check", *CASES).code == 0
    wrong = (
        CASES[2].read_text().replace("transnational_offence: met", "transnational_offence: not_met")
    )
    path = tmp_path / "wrong.yaml"
    path.write_text(wrong)
    ran = palermo("check", path)
    assert ran.code == 1
    assert "differs: expected not_met, found met" in ran.out
    path.write_text(wrong + "expect_fails: to show how that reads\n")
    assert palermo("check", path).code == 0
    path.write_text(CASES[2].read_text() + "expect_fails: no reason\n")
    assert "was expected to differ and agrees" in palermo("check", path).out
    assert "evaluator planes: works" in palermo("doctor").out


def test_json_scenarios_are_read_too(palermo: Palermo, law: Law, tmp_path: Path) -> None:
    path = tmp_path / "case.json"
    path.write_text(json.dumps(read_source(CASES[2]).value))
    one, two = assessed(palermo, path), assessed(palermo, CASES[2])
    assert one["classifications"] == two["classifications"]
