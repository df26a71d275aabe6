"""The Python API: everything the command line does is one call of these.

from engine.api import load_law, read_scenario, assess, make_result
law = load_law()
result = make_result(assess(read_scenario("case.yaml", law), law))
print(result.classifications["crime_against_humanity"].outcome)
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from engine.inference.law import Law, load_law
from engine.model.problem import EvaluatorsDisagree, InputError, Problem
from engine.model.scenario import Scenario
from engine.reasoning.assess import Assessment, assess
from engine.report.document import make_result, result_json, result_schema
from engine.rulebase import scenarios

if TYPE_CHECKING:
    from engine.model.why import Why, WhyNot
    from engine.reasoning.theorems import Verdict
    from engine.report.memo import Memo

__all__ = [
    "Assessment",
    "EvaluatorsDisagree",
    "InputError",
    "Law",
    "Problem",
    "Scenario",
    "assess",
    "load_law",
    "make_memo",
    "make_result",
    "parse_scenario",
    "prove",
    "read_scenario",
    "reference_pages",
    "result_json",
    "result_schema",
    "why",
    "why_not",
]


def read_scenario(path: Path | str, law: Law) -> Scenario:
    """The scenario of a YAML or JSON file. Raises ``InputError`` with every problem found."""
    return scenarios.read_scenario(path, law.base, law.reads)


def parse_scenario(text: str | bytes, law: Law, name: str = "scenario") -> Scenario:
    """The scenario of a text; ``name`` stands for the file in messages."""
    return scenarios.parse_scenario(text, name, law.base, law.reads)


def why(assessment: Assessment, target: str, *, every: bool = False) -> Why:
    """Why ``target`` is what it is: a classification, provision or body, with ``@ROW``.

    ``every``: all smallest reasons. Raises ``InputError`` for an unknown target.
    """
    from engine.reasoning.goals import Goal
    from engine.reasoning.targets import read_target
    from engine.reasoning.why import why as explain

    goal, named = read_target(target, assessment)
    return explain(assessment, goal if named else Goal(goal.of, "", goal.where), every=every)


def why_not(assessment: Assessment, target: str) -> WhyNot:
    """What stands between a scenario and ``TARGET[=ANSWER][@ROW]``, nearest miss first.

    Raises ``InputError`` for an unknown target.
    """
    from engine.reasoning.misses import why_not as explain
    from engine.reasoning.targets import read_target

    return explain(assessment, read_target(target, assessment)[0])


def make_memo(assessment: Assessment) -> Memo:
    """The legal memorandum of an assessment; ``engine.report`` has a writer for each format."""
    from engine.report.memo import make_memo as make

    return make(assessment)


def prove(law: Law, *theorems: str) -> list[Verdict]:
    """The verdict on each theorem of the law, or on those named, over every fact pattern.

    Raises ``InputError`` for a theorem that does not exist.
    """
    from engine.model.problem import nearest
    from engine.reasoning.theorems import Prover

    for name in theorems:
        if name not in law.base.theorems:
            hint = nearest(name, law.base.theorems)
            raise InputError.single("prove", f"unknown theorem {name}", hint)
    return list(Prover(law).prove_all(theorems))


def reference_pages(law: Law) -> dict[str, str]:
    """The reference as Markdown pages by path, from the law and the shipped scenarios."""
    from engine.report.reference import reference_pages as build

    paths = scenarios.shipped_scenarios()
    return build(law, [read_scenario(path, law) for path in paths])
