"""The shipped law: it links, its own tests pass, its scenarios come out as expected."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.inference.law import Law
from engine.model.problem import InputError
from engine.reasoning.assess import assess
from engine.reasoning.expectations import compare
from engine.reasoning.lawtests import run_law_tests
from engine.rulebase.load import load_rules
from engine.rulebase.scenarios import read_scenario, shipped_scenarios


def test_the_law_has_no_offence() -> None:
    try:
        load_rules()
    except InputError as error:
        pytest.fail("\n".join(str(problem) for problem in error.problems))


def test_every_test_beside_a_rule_passes(law: Law) -> None:
    failed = [
        f"{test.of}: {test.case.name}: expected {test.case.then}, found {test.found}"
        for test in run_law_tests(law.base, law.plan)
        if not test.passed
    ]
    assert not failed, "\n".join(failed)


def test_every_fact_says_what_stating_it_means(law: Law) -> None:
    silent = [fact.id for fact in law.base.facts.values() if not fact.says]
    asking = [fact.id for fact in law.base.facts.values() if fact.says.rstrip().endswith("?")]
    assert not silent
    assert not asking


def test_every_provision_has_a_test_where_it_holds_and_one_where_it_fails(law: Law) -> None:
    bare = [
        f"{law.base.places[name].file}:{law.base.places[name].line}: {name} lacks a test: {answer}"
        for name, record in law.base.decided.items()
        for answer in ("holds", "fails")
        if answer not in {case.then for case in record.tests}
    ]
    assert not bare, "\n".join(bare)


def test_every_outcome_label_has_a_test(law: Law) -> None:
    for name, item in law.base.classifications.items():
        assert set(item.strongest) == {case.then for case in item.tests}, name


def test_no_classification_and_no_provision_of_law_rests_on_a_limit_or_a_mistake(law: Law) -> None:
    banned = {law.plan.heads[item.id] for item in [*law.base.limits(), *law.base.mistakes()]}
    roots = [law.plan.heads[item.id] for item in law.base.provisions()]
    roots += [index for name, index in law.plan.heads.items() if "#" in name]
    for root in roots:
        assert not banned & set(law.plan.below(root))


def test_there_are_67_scenarios_of_two_kinds() -> None:
    kinds = [path.parent.name for path in shipped_scenarios()]
    assert (kinds.count("cases"), kinds.count("hypotheticals")) == (39, 28)


@pytest.mark.parametrize("path", shipped_scenarios(), ids=lambda path: path.stem)
def test_scenario_comes_out_as_expected(law: Law, path: Path) -> None:
    scenario = read_scenario(path, law.base, law.reads)
    assert scenario.expect is not None
    differs = [
        f"{item.about}: expected {item.expected}, found {item.found}"
        for item in compare(assess(scenario, law, engine="planes"))
        if not item.agrees
    ]
    if scenario.expect_fails:
        assert differs, f"was expected to differ: {scenario.expect_fails}"
        pytest.xfail(f"{scenario.expect_fails}: {differs}")
    assert not differs, "\n".join(differs)
