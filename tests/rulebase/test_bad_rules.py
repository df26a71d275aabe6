"""One bad rule file per error: `tests/bad_rules/*.yaml`, laid over a small sound rule folder.

The first comment line of each file is the path it stands at; the second, what must be said.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.model.problem import InputError
from engine.rulebase.load import load_rules, shipped_rules

SOUND = {
    "facts/act.yaml": """
group: act
title: Acts
facts:
  - {id: act.one, scope: episode, question: One?}
  - {id: act.kind, scope: situation, type: choice, values: [red, blue], question: Which?}
  - {id: act.count, scope: situation, type: integer, question: How many?}
""",
    "instruments/toy/instrument.yaml": """
key: toy
name: A toy treaty
short: Toy
kind: treaty
force: treaty
parties: true
in_force: 2000-01-01
""",
    "instruments/toy/article_01.yaml": """
article: "1"
of: toy
title: An article
provisions:
  - id: toy.1
    cite: "1"
    name: First
    stage: conduct
    per: episode
    holds:
      any:
        - act.one
        - {fact: act.kind, is: red}
        - {fact: act.count, at_least: 2}
""",
    "doctrines/school.yaml": """
id: school
question: Which school?
default: one
views:
  one: {says: One.}
  two: {says: Two.}
""",
}
BAD = sorted((Path(__file__).parent.parent / "bad_rules").glob("*.yaml"))


def folder(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root


def test_the_sound_folder_is_sound(tmp_path: Path) -> None:
    base = load_rules(folder(tmp_path, SOUND))
    assert list(base.decided) == ["toy.1"]


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_each_fault_is_named_with_file_and_line(path: Path, tmp_path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    place, says = (line.removeprefix("# ") for line in text.splitlines()[:2])
    root = folder(tmp_path, {**SOUND, place: text})
    with pytest.raises(InputError) as caught:
        load_rules(root)
    found = [str(problem) for problem in caught.value.problems if problem.file == place]
    assert any(says in line for line in found), found
    assert all(problem.line > 0 for problem in caught.value.problems if problem.file == place)


def test_all_faults_of_all_files_are_reported_at_once(tmp_path: Path) -> None:
    bad = {
        f"limits/{number}.yaml": f"id: limit.{number}\nname: L\nper: episode\nholds: act.two\n"
        for number in range(5)
    }
    with pytest.raises(InputError) as caught:
        load_rules(folder(tmp_path, {**SOUND, **bad}))
    assert len({problem.file for problem in caught.value.problems}) == 5


def test_an_overlay_must_say_that_it_replaces(tmp_path: Path) -> None:
    root = folder(tmp_path / "base", SOUND)
    same = SOUND["instruments/toy/article_01.yaml"]
    over = folder(tmp_path / "over", {"instruments/toy/article_01.yaml": same})
    with pytest.raises(InputError, match="replaces: true"):
        load_rules(root, [over])
    said = same.replace("per: episode", "per: episode\n    replaces: true").replace("First", "New")
    folder(over, {"instruments/toy/article_01.yaml": said})
    assert load_rules(root, [over]).decided["toy.1"].name == "New"


def test_an_overlay_that_replaces_nothing_is_refused(tmp_path: Path) -> None:
    root = folder(tmp_path / "base", SOUND)
    text = "id: limit.x\nname: L\nper: episode\nholds: act.one\nreplaces: true\n"
    over = folder(tmp_path / "over", {"limits/x.yaml": text})
    with pytest.raises(InputError, match="replaces nothing"):
        load_rules(root, [over])


def test_a_folder_that_does_not_exist_or_is_empty(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such rule folder"):
        load_rules(tmp_path / "nowhere")
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match=r"no \.yaml files"):
        load_rules(tmp_path / "empty")


def test_what_an_unread_file_would_have_defined_is_not_reported_as_unknown(tmp_path: Path) -> None:
    broken = SOUND["facts/act.yaml"].replace("facts:", "facts:\n  - {id: act.new}")
    with pytest.raises(InputError) as caught:
        load_rules(folder(tmp_path, {**SOUND, "facts/act.yaml": broken}))
    assert {problem.file for problem in caught.value.problems} == {"facts/act.yaml"}


def test_a_fault_of_its_own_is_reported_beside_an_unread_file(tmp_path: Path) -> None:
    bad = {
        "limits/one.yaml": "id: limit.one\nname: L\nper: episode\nholds: {all: []}\n",
        "limits/two.yaml": "id: limit.two\nname: L\nper: episode\nholds: act.one\nodd: 1\n",
    }
    with pytest.raises(InputError) as caught:
        load_rules(folder(tmp_path, {**SOUND, **bad}))
    assert {problem.file for problem in caught.value.problems} == set(bad)


SHIPPED = (
    "mistakes/border-needed.yaml",
    "limits/limit.resources.yaml",
    "organs/icc.yaml",
    "doctrines/slavery_test.yaml",
    "theorems/border-alone.yaml",
    "facts/act.yaml",
    "instruments/palermo/instrument.yaml",
    "instruments/palermo/article_04.yaml",
    "classifications/transnational_offence.yaml",
)


@pytest.mark.parametrize("name", SHIPPED)
def test_no_shipped_record_is_redefined_in_silence(name: str, tmp_path: Path) -> None:
    text = (shipped_rules() / name).read_text(encoding="utf-8")
    over = folder(tmp_path / "over", {name: text})
    with pytest.raises(InputError) as caught:
        load_rules(shipped_rules(), [over])
    assert all(problem.file == f"over/{name}" for problem in caught.value.problems)
    assert all(problem.line for problem in caught.value.problems)
