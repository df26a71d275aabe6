"""Bad input: a clear error on standard error, exit code 2, never a traceback."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.commands.conftest import Palermo

GOOD = """
id: good
facts: {att.multiple_acts: false}
states: {ALAND: {}}
actors: {main: {}}
episodes: {e1: {facts: {act.harbouring: true}}}
"""

CASES = {
    "not YAML": ("id: [x\n", "bad.yaml:2:1: not YAML"),
    "empty": ("", "the file is empty"),
    "a list": ("- a\n- b\n", "a scenario is a map of keys"),
    "unknown key": ("id: x\nfact: {}\n", "bad.yaml:2:1: unknown key fact (did you mean facts?)"),
    "unknown fact": (
        "id: x\nfacts:\n  att.widespred: true\n",
        "bad.yaml:3:3: unknown fact att.widespred (did you mean att.widespread?)",
    ),
    "not a truth value": (
        "id: x\nfacts:\n  att.widespread: maybe\n",
        "bad.yaml:3:19: att.widespread: found 'maybe', expected true, false or unknown",
    ),
    "no is a word": (
        "id: x\nfacts: {att.widespread: no}\n",
        "found 'no', expected true, false or unknown",
    ),
    "not a choice": (
        "id: x\nfacts: {pers.ground: religius}\n",
        "did you mean religious?",
    ),
    "not a number": (
        "id: x\nfacts: {serious.max_penalty_years: four}\n",
        "found 'four', expected a whole number",
    ),
    "State fact under an episode": (
        "id: x\nepisodes:\n  e1:\n    facts:\n      state.refoulement: true\n",
        "bad.yaml:5:7: state.refoulement is about the state, not the episode"
        " (state it under a State)",
    ),
    "episode fact under a State": (
        "id: x\nstates:\n  ALAND:\n    facts:\n      act.receipt: true\n",
        "act.receipt is about the episode, not the state",
    ),
    "situation fact under an episode": (
        "id: x\nepisodes:\n  e1:\n    facts:\n      att.widespread: true\n",
        "att.widespread is decided for the situation as a whole"
        " (state it at the top, under facts:)",
    ),
    "contradictory restatement": (
        "id: x\nfacts:\n  att.widespread: true\nepisodes:\n  e1:\n    facts:\n"
        "      att.widespread: false\n",
        "bad.yaml:7:7: att.widespread contradicts what line 3 states for the whole situation",
    ),
    "two sides of one charge": (
        "id: x\nactors: {a: {facts: {mens.knowledge_attack: true}}}\n"
        "episodes: {e1: {facts: {mens.knowledge_attack: false}}}\n",
        "mens.knowledge_attack contradicts what is stated for a",
    ),
    "stated twice": (
        "id: x\nfacts:\n  att.widespread: true\n  att.widespread: false\n",
        "bad.yaml:4:3: att.widespread is given twice (first on line 3; keep one)",
    ),
    "no such State": ("id: x\nstates: {CYR: {}}\n", "CYR is not the ISO alpha-3 code of a State"),
    "two-letter State": ("id: x\nstates: {CY: {}}\n", "did you mean CYP (Cyprus)?"),
    "unknown treaty": (
        "id: x\nstates: {ALAND: {treaties: {palerno: true}}}\n",
        "unknown treaty palerno (did you mean palermo?)",
    ),
    "dates reversed": (
        "id: x\ndates:\n  start: 2020-01-01\n  end: 2019-01-01\n",
        "bad.yaml:4:8: dates: the end, 2019-01-01, is before the start, 2020-01-01",
    ),
    "no such day": ("id: x\ndates: {start: 2020-02-30}\n", "dates.start"),
    "episode outside": (
        "id: x\ndates: {start: 2020-01-01, end: 2020-12-31}\nepisodes: {e1: {start: 2019-01-01}}\n",
        "episode e1 starts on 2019-01-01, before the scenario does",
    ),
    "unknown actor in an episode": (
        "id: x\nactors: {uncle: {}}\nepisodes: {e1: {actors: [uncl]}}\n",
        "names no known actor: uncl (did you mean uncle?)",
    ),
    "unknown actor charged": (
        "id: x\nactors: {uncle: {}}\nepisodes: {e1: {charges: {aunt: {}}}}\n",
        "episode e1 charges an unknown actor: aunt",
    ),
    "a derived fact": (
        "id: x\nstates: {ALAND: {facts: {bound.palermo: true}}}\n",
        "bound.palermo is worked out from dates, treaties and actors and cannot be stated",
    ),
}


@pytest.mark.parametrize(("text", "says"), CASES.values(), ids=CASES.keys())
def test_bad_scenario(palermo: Palermo, tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text(text, encoding="utf-8")
    ran = palermo("assess", path)
    assert ran.code == 2
    assert says in ran.err
    assert ran.out == ""


def test_every_fault_of_a_file_is_reported_at_once(palermo: Palermo, tmp_path: Path) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text("id: x\nfacts: {a.b: true, c.d: true}\nstates: {XXZ: {}}\n", encoding="utf-8")
    assert palermo("assess", path).err.count("error:") == 3


def test_a_missing_file_a_folder_and_a_huge_file(palermo: Palermo, tmp_path: Path) -> None:
    big = tmp_path / "big.yaml"
    with big.open("wb") as file:
        file.truncate(100 * 1024 * 1024)
    for path, says in (
        (tmp_path / "nowhere.yaml", "no such file"),
        (tmp_path, "this is a folder"),
        (big, "is too large"),
    ):
        ran = palermo("assess", path)
        assert (ran.code, says in ran.err) == (2, True)


def test_good_files_are_assessed_beside_bad_ones(palermo: Palermo, tmp_path: Path) -> None:
    (tmp_path / "good.yaml").write_text(GOOD, encoding="utf-8")
    (tmp_path / "bad.yaml").write_text("facts: {nothing.known: true}\n", encoding="utf-8")
    files = [tmp_path / name for name in ("good.yaml", "bad.yaml", "good.yaml")]
    ran = palermo("assess", *files, "--format", "json", "--engine", "planes")
    assert ran.code == 2
    assert "bad.yaml" in ran.err
    found = [json.loads(line)["scenario"]["id"] for line in ran.out.splitlines()]
    assert found == ["good", "good"]


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (["asses"], "did you mean assess?"),
        (["assess"], "name a scenario file"),
        (["assess", "-f", "act.recruitmen"], "did you mean act.recruitment?"),
        (["assess", "-f", "act.receipt=perhaps"], "expected true, false or unknown"),
        (["assess", "-f", "act.receipt=true", "-f", "act.receipt=false"], "stated twice"),
        (["assess", "-f", "act.receipt", "--doctrine", "slavery=x"], "unknown doctrine slavery"),
        (
            ["assess", "-f", "act.receipt", "--doctrine", "slavery_test=power_exercised"],
            "did you mean powers_exercised?",
        ),
        (["assess", "-f", "act.receipt", "--doctrine", "slavery_test"], "expected ID=VALUE"),
        (["assess", "-f", "act.receipt", "--state", "XXQ"], "not the ISO alpha-3 code"),
        (["assess", "-f", "act.receipt", "--rules", "/nonexistent"], "no such rule folder"),
        (["facts", "acts"], "did you mean act?"),
        (["rules", "show", "palermo.3.x"], "no rule palermo.3.x"),
        (["treaties", "status", "ZZZ"], "not the ISO alpha-3 code"),
        (["treaties", "status", "CYP", "--on", "yesterday"], "expected a date YYYY-MM-DD"),
        (["schema", "everything"], "is not one of"),
    ],
)
def test_bad_arguments(palermo: Palermo, args: list[str], says: str) -> None:
    ran = palermo(*args)
    assert ran.code == 2
    assert says in ran.err


def test_a_skeleton_never_overwrites(palermo: Palermo, tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("mine", encoding="utf-8")
    assert palermo("new", path).code == 2
    assert path.read_text(encoding="utf-8") == "mine"


def test_bad_rules_never_half_load(palermo: Palermo, tmp_path: Path) -> None:
    (tmp_path / "limits").mkdir()
    (tmp_path / "limits" / "x.yaml").write_text(
        "id: limit.x\nname: X\nper: episode\nholds: no.id\n"
    )
    ran = palermo("assess", "-f", "act.receipt", "--rules", tmp_path)
    assert ran.code == 2
    assert "unknown id no.id" in ran.err
    assert palermo("rules", "lint", "--rules", tmp_path).code == 1
