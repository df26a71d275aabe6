"""palermo highway, missing, what-if, compare, doctrine: what they print and how they end."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from tests.commands.conftest import Palermo

HERE = Path(__file__).parent.parent.parent / "scenarios" / "hypotheticals"
UNCLE, TOWERS = HERE / "the-kind-uncle.yaml", HERE / "the-scam-towers.yaml"
SEVENTEEN = HERE / "maybe-seventeen.yaml"


def test_a_highway_is_printed_as_a_core_and_choices(palermo: Palermo) -> None:
    ran = palermo("highway", UNCLE, "--to", "crime_against_humanity", "--by-stage")
    assert ran.code == 0
    assert "Every way makes these changes" in ran.out
    assert "and one of these 2" in ran.out
    assert "att.widespread=true" in ran.out
    assert "Proven: no other smallest set, and none smaller" in ran.out
    assert "chapeau" in ran.out


def test_what_is_out_of_reach_ends_with_1_and_names_what_is_in_the_way(palermo: Palermo) -> None:
    ran = palermo("highway", UNCLE, "--to", "rome.7.policy", "--only-add")
    assert ran.code == 1
    assert "No change of the facts that may change reaches it" in ran.out
    assert "att.policy_state=true" in ran.out
    assert "--only-add" in ran.out


def test_every_answer_in_full(palermo: Palermo) -> None:
    ran = palermo("highway", TOWERS, "--to", "crime_against_humanity!=possible", "--all")
    assert ran.code == 0
    assert "1. (1) " in ran.out


def test_the_cheapest_sets_one_by_one(palermo: Palermo) -> None:
    ran = palermo("highway", UNCLE, "--to", "crime_against_humanity", "--first", "3")
    assert "The first 3 of " in ran.out
    assert "3. (9) " in ran.out
    assert "4. (" not in ran.out
    args = ("--to", "crime_against_humanity", "--first", "3", "--format", "json")
    answer = json.loads(palermo("highway", UNCLE, *args).out)
    assert len(answer["answers"]) == 3
    assert answer["count"] == answer["proof"]["planes"] > 100


@pytest.mark.parametrize(
    "args",
    [
        ("highway", UNCLE, "--to", "crime_against_humanity", "--max-size", "9"),
        ("missing", SEVENTEEN),
        ("what-if", UNCLE, "victim.child=false"),
        ("compare", UNCLE, TOWERS),
        ("doctrine", TOWERS),
    ],
    ids=lambda args: args[0],
)
def test_json_fits_the_schema_that_is_published(palermo: Palermo, args: tuple[str, ...]) -> None:
    schema = palermo("schema", args[0])
    ran = palermo(*args, "--format", "json")
    assert (schema.code, ran.code) == (0, 0)
    jsonschema.validate(json.loads(ran.out), json.loads(schema.out))


def test_what_is_missing_and_the_next_question(palermo: Palermo) -> None:
    ran = palermo("missing", SEVENTEEN, "transnational_offence")
    assert ran.code == 0
    assert "What to ask next" in ran.out
    assert "1. Was the victim under 18" in ran.out
    settled = palermo("missing", UNCLE, "transnational_offence")
    assert "Nothing is open" in settled.out


def test_what_if_says_from_what_to_what_and_why(palermo: Palermo) -> None:
    ran = palermo("what-if", UNCLE, "victim.child=false")
    assert ran.code == 0
    assert "met → not met" in ran.out
    assert "Palermo Protocol, art. 3(c)" in ran.out


def test_too_few_changes_says_how_many_it_takes(palermo: Palermo) -> None:
    ran = palermo("highway", UNCLE, "--to", "crime_against_humanity", "--max-size", "3")
    assert ran.code == 1
    assert "Not with 3 changes or fewer" in ran.out
    assert "the fewest changes that reach it are 9" in " ".join(ran.out.split())
    assert "stands in the way" not in ran.out


def test_options_are_named_by_what_they_amount_to(palermo: Palermo) -> None:
    out = palermo("highway", UNCLE, "--to", "crime_against_humanity").out
    for words in ("steps from the highway", "→ ✓ Murder", "→ ✓ Enslavement", "✓ Persecution"):
        assert words in out
    assert "forum.type" not in out
    freed = palermo("highway", UNCLE, "--to", "cah.policy", "--settings").out
    assert "forum.type=hybrid" in freed


def test_doctrine_says_who_holds_what(palermo: Palermo) -> None:
    ran = palermo("doctrine", TOWERS)
    assert "organization_test=kaul_statelike" in ran.out
    assert "Dissenting opinion of Judge Kaul" in ran.out


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (("highway", UNCLE), "say where to go"),
        (
            ("highway", UNCLE, "--to", "crime_against_humanty"),
            "did you mean crime_against_humanity",
        ),
        (("highway", UNCLE, "--only", "icc_jurisdiction"), "is not one of the main questions"),
        (
            ("highway", UNCLE, "--to", "rome.7.policy", "--fix", "a.b"),
            "unknown fact a.b",
        ),
        (("missing", UNCLE, "nonsense"), "unknown target nonsense"),
        (("what-if", UNCLE, "victim.chld=false"), "did you mean victim.child?"),
        (("compare", UNCLE, "nowhere.yaml"), "no such file"),
        (("doctrine", "nowhere.yaml"), "no such file"),
        (("draw", UNCLE, "crime_against_humanity", "--to", "a.png"), "expected a picture"),
        (("interview", "/nowhere/x.yaml"), "there is no such folder"),
        (("compare", UNCLE, TOWERS, "--match", "BORLAN=ALAND"), "did you mean BORLAND?"),
    ],
)
def test_bad_input_is_refused_with_a_hint(
    palermo: Palermo, args: tuple[str, ...], message: str
) -> None:
    ran = palermo(*args)
    assert ran.code == 2
    assert message in ran.err
