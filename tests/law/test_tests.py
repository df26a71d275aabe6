"""The tests of the law are good enough: every branch holds, fails and decides; no mutant lives."""

from __future__ import annotations

import pytest

from engine.inference.law import Law
from engine.reasoning.coverage import Coverage, cover
from engine.reasoning.mutation import mutate
from engine.rulebase.scenarios import read_scenario, shipped_scenarios


@pytest.fixture(scope="module")
def coverage(law: Law) -> Coverage:
    return cover(law, [read_scenario(path, law.base, law.reads) for path in shipped_scenarios()])


def test_every_branch_holds_in_some_test_and_fails_in_another(coverage: Coverage) -> None:
    gaps = [
        "{}:{}: {}: never {}: {}".format(
            *coverage.lines.of(gap.of, gap.path), gap.of, " and never ".join(gap.lacks), gap.words
        )
        for gap in coverage.gaps()
    ]
    assert not gaps, "\n".join(gaps)


def test_every_branch_is_decisive_in_some_test(coverage: Coverage) -> None:
    idle = [
        "{}:{}: {}: {}".format(*coverage.lines.of(idle.of, idle.path), idle.of, idle.words)
        for idle in coverage.idle()
    ]
    assert not idle, "\n".join(idle)


def test_no_mutant_of_the_law_survives(law: Law) -> None:
    found = mutate(law)
    living = [
        f"{item.file}:{item.line}: {item.mutant.of}: {item.mutant.words}\n  {item.suggested}"
        for item in found.survivors()
    ]
    assert not living, "\n".join(living)
    assert found.counts()["killed"] > 35_000
