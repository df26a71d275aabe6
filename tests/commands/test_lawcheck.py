"""palermo check --coverage and --mutate: a moot's rule with weak tests is found out."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.commands.conftest import Palermo

INSTRUMENT = """
key: moot
name: Convention of Aland on labour
short: Aland Convention
kind: treaty
force: binding
"""
ARTICLE = """
article: "1"
of: moot
title: Forced labour
provisions:
  - id: moot.1
    cite: "1"
    name: Forced labour
    stage: definition
    per: episode
    holds:
      all:
        - any:
            - labour.work_exacted
            - servitude
        - some: {charge: part.intentional}
    says: Work taken from someone on purpose.
    tests:
      - {name: Work, given: {labour.work_exacted: true, part.intentional: true}, then: holds}
      - {name: No work, given: {labour.work_exacted: false, servitude: fails}, then: fails}
"""
MISSING = """
      - {name: Servitude, given: {servitude: holds, part.intentional: true}, then: holds}
      - {name: By mistake, given: {part.intentional: false}, then: fails}
      - name: One of two did it on purpose
        given: {labour.work_exacted: true, part.intentional: true}
        beside: {part.intentional: false}
        then: holds
"""


@pytest.fixture
def moot(tmp_path: Path) -> Path:
    folder = tmp_path / "moot" / "instruments" / "moot"
    folder.mkdir(parents=True)
    (folder / "instrument.yaml").write_text(INSTRUMENT)
    (folder / "article_01.yaml").write_text(ARTICLE)
    return tmp_path / "moot"


def test_a_weak_test_lets_mutants_live(palermo: Palermo, moot: Path) -> None:
    ran = palermo("check", "--rules", moot, "--mutate", "moot")
    assert ran.code == 1
    lines = ran.out.splitlines()
    place = "moot/instruments/moot/article_01.yaml:15: moot.1: servitude dropped from any"
    assert place in lines
    assert "    test: given: {servitude: holds, part.intentional: true}, then: holds" in lines
    article = moot / "instruments" / "moot" / "article_01.yaml"
    article.write_text(ARTICLE.rstrip() + MISSING)
    ran = palermo("check", "--rules", moot, "--mutate", "moot")
    assert ran.code == 0, ran.out
    assert "0 survive" in ran.out


def test_a_branch_that_never_fails_is_a_gap(palermo: Palermo, moot: Path) -> None:
    ran = palermo("check", "--rules", moot, "--coverage", "moot", "--format", "json")
    assert ran.code == 1
    found = json.loads(ran.out)
    gaps = [(branch["line"], branch["words"]) for branch in found["all"] if branch["lacks"]]
    assert gaps == [(16, "some charge: part.intentional"), (16, "part.intentional")]
    assert found["rules"]["holds"] == {"met": 1, "of": 1}


def test_the_branches_of_a_rule_are_shown(palermo: Palermo) -> None:
    ran = palermo("check", "--coverage", "palermo.3.c")
    assert ran.code == 0
    assert "h   f   u   d   " in ran.out


@pytest.mark.parametrize("option", ["--coverage", "--mutate"])
def test_a_prefix_that_no_rule_has(palermo: Palermo, option: str) -> None:
    ran = palermo("check", option, "palremo.3.a")
    assert ran.code == 2
    assert f"error: {option}: no rule starts with palremo.3.a" in ran.err
    assert "did you mean palermo.3.a" in ran.err


def test_nothing_is_measured_while_a_test_fails(palermo: Palermo, moot: Path) -> None:
    article = moot / "instruments" / "moot" / "article_01.yaml"
    article.write_text(ARTICLE.replace("then: holds", "then: unknown"))
    ran = palermo("check", "--rules", moot, "--mutate", "moot")
    assert ran.code == 1
    assert "tests beside the rules that fail: 1" in ran.err


def test_json_is_one_document(palermo: Palermo) -> None:
    ran = palermo("check", "--coverage", "moot", "--mutate", "x", "--format", "json")
    assert ran.code == 2
