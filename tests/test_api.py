"""The calls of the Python API: the same answers as the commands, and errors for people."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from engine import api
from engine.inference.law import Law
from engine.rulebase.scenarios import shipped_scenarios
from tests.commands.conftest import Palermo, palermo

__all__ = ["palermo"]

CASES = {path.stem: path for path in shipped_scenarios()}
TOWERS, SEVENTEEN = CASES["the-scam-towers"], CASES["maybe-seventeen"]
UNCLE = CASES["the-kind-uncle"]


def assessed(law: Law, path: Path) -> api.Assessment:
    return api.assess(api.read_scenario(path, law), law)


@pytest.mark.parametrize(
    ("args", "call"),
    [
        (
            ("highway", UNCLE, "--to", "rome.7.policy", "--fix", "att.policy_state", "--only-add"),
            lambda case: api.highway(
                case, "rome.7.policy", fix=["att.policy_state"], only_add=True
            ),
        ),
        (
            ("highway", UNCLE, "--only", "transnational_offence", "--max-size", "4"),
            lambda case: api.highway(case, only="transnational_offence", max_size=4),
        ),
        (
            ("highway", TOWERS, "--to", "crime_against_humanity=undetermined"),
            lambda case: api.highway(case, "crime_against_humanity=undetermined"),
        ),
        (("missing", SEVENTEEN), api.missing),
        (
            ("missing", SEVENTEEN, "transnational_offence"),
            lambda case: api.missing(case, "transnational_offence"),
        ),
        (
            ("what-if", TOWERS, "att.widespread=false", "dates.start=2018-02-01"),
            lambda case: api.what_if(case, "att.widespread=false", "dates.start=2018-02-01"),
        ),
        (("doctrine", TOWERS), api.doctrine_table),
        (
            ("why", TOWERS, "crime_against_humanity"),
            lambda case: api.why(case, "crime_against_humanity"),
        ),
        (
            ("why-not", UNCLE, "crime_against_humanity"),
            lambda case: api.why_not(case, "crime_against_humanity"),
        ),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else "",
)
def test_a_call_gives_what_its_command_prints(
    law: Law,
    palermo: Palermo,
    args: tuple[str, ...],
    call: Callable[[api.Assessment], object],
) -> None:
    printed = json.loads(palermo(*args, "--format", "json").out)
    answer = call(assessed(law, Path(args[1])))
    assert json.loads(answer.model_dump_json()) == printed  # type: ignore[attr-defined]


def test_two_scenarios_are_compared_as_by_the_command(law: Law, palermo: Palermo) -> None:
    printed = json.loads(palermo("compare", UNCLE, TOWERS, "--format", "json").out)
    answer = api.compare(assessed(law, UNCLE), assessed(law, TOWERS))
    assert json.loads(answer.model_dump_json()) == printed


def test_the_questions_are_those_of_what_is_missing(law: Law) -> None:
    case = assessed(law, SEVENTEEN)
    questions = api.next_questions(case, "transnational_offence")
    assert [one.fact for one in questions] == [
        one.fact for one in api.missing(case, "transnational_offence").questions
    ]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda case: api.highway(case, "crime_against_humanty"), "did you mean crime_against"),
        (lambda case: api.highway(case, only="icc_jurisdiction"), "not one of the main questions"),
        (lambda case: api.missing(case, "nonsense"), "unknown target nonsense"),
        (lambda case: api.what_if(case, "victim.chld=true"), "did you mean victim.child?"),
        (lambda case: api.why(case, "rome.7.polic"), "did you mean rome.7.policy?"),
    ],
)
def test_a_wrong_name_is_refused_with_the_nearest(
    law: Law, call: Callable[[api.Assessment], object], message: str
) -> None:
    with pytest.raises(api.InputError) as error:
        call(assessed(law, UNCLE))
    assert message in str(error.value)
