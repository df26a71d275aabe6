"""The field against the rules: every article, formula, body, limit, view and mistake is there.

``field.yaml`` says what a seminar on the subject covers. It is written independently of the
rules, so that a provision which goes missing, or a duty whose strength changes, is noticed.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from engine.inference.law import Law
from engine.model.records import Organ, Provision

FIELD: dict[str, Any] = yaml.safe_load(
    (Path(__file__).parent / "field.yaml").read_text(encoding="utf-8")
)
MISTAKES = {*FIELD["mistakes"].values(), *FIELD["remarks"].split()}


def numbers(listed: str) -> list[str]:
    """``"2-4, 8"`` as the articles it names."""
    found: list[str] = []
    for piece in str(listed).split(", "):
        first, dash, last = piece.partition("-")
        if dash and first.isdigit() and last.isdigit():
            found += [str(number) for number in range(int(first), int(last) + 1)]
        else:
            found.append(piece)
    return found


def test_every_article_has_its_provisions(law: Law) -> None:
    there = {(item.of, item.article) for item in law.base.provisions()}
    elsewhere = FIELD["elsewhere"]
    missing = [
        f"{key} {article}"
        for key, listed in FIELD["articles"].items()
        for article in numbers(listed)
        if (key, article) not in there
        and not isinstance(law.base.decided.get(elsewhere.get(f"{key} {article}", "")), Provision)
    ]
    assert not missing


@pytest.mark.parametrize("formula", FIELD["formulas"])
def test_every_formula_is_decided_by_a_provision(law: Law, formula: str) -> None:
    for name in FIELD["formulas"][formula].split():
        assert isinstance(law.base.decided.get(name), Provision), name


@pytest.mark.parametrize("rule", FIELD["precedence"])
def test_every_rule_of_precedence_is_a_theorem(law: Law, rule: str) -> None:
    assert set(FIELD["precedence"][rule].split()) <= set(law.base.theorems)


def test_every_duty_binds_as_strictly_as_its_text(law: Law) -> None:
    provisions = {item.id: item for item in law.base.provisions()}
    assert {name: provisions[name].strength for name in FIELD["strengths"]} == FIELD["strengths"]


@pytest.mark.parametrize("body", FIELD["bodies"])
def test_every_body_has_its_tools_basis_and_limits(law: Law, body: str) -> None:
    organ = law.base.decided[body]
    assert isinstance(organ, Organ)
    tools = " / ".join(organ.tools).lower()
    assert [word for word in FIELD["bodies"][body] if word.lower() not in tools] == []
    assert organ.role
    assert organ.basis
    assert organ.limits


def test_no_body_limit_doctrine_or_mistake_is_left_out_of_the_list(law: Law) -> None:
    assert {item.id for item in law.base.organs()} == set(FIELD["bodies"])
    assert {item.id for item in law.base.limits()} == set(FIELD["limits"].split())
    assert {item.id for item in law.base.mistakes()} == MISTAKES
    assert {
        item.number: f"{item.id} {item.default}" for item in law.base.doctrines.values()
    } == FIELD["doctrines"]


def test_every_numbered_mistake_is_refuted_by_a_provision(law: Law) -> None:
    by_number = {item.number: item.id for item in law.base.mistakes() if item.number}
    assert by_number == FIELD["mistakes"]
    assert not [item.id for item in law.base.mistakes() if not item.refuted_by]


def test_every_view_has_words_and_an_authority(law: Law) -> None:
    bare = [
        f"{doctrine.id}.{name}"
        for doctrine in law.base.doctrines.values()
        for name, view in doctrine.views.items()
        if not view.says or not view.authorities
    ]
    assert not bare


def test_the_court_in_the_hague_is_no_organ_of_the_united_nations(law: Law) -> None:
    organs = {item.id: item for item in law.base.organs()}
    assert not organs["icc"].un_organ
    assert organs["un.icj"].un_organ
