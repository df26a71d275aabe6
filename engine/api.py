"""The Python API: everything the command line does is one call of these.

from engine.api import load_law, read_scenario, assess, make_result
law = load_law()
result = make_result(assess(read_scenario("case.yaml", law), law))
print(result.classifications["crime_against_humanity"].outcome)
"""

from __future__ import annotations

from pathlib import Path

from engine.inference.law import Law, load_law
from engine.model.problem import EvaluatorsDisagree, InputError, Problem
from engine.model.scenario import Scenario
from engine.reasoning.assess import Assessment, assess
from engine.report.document import make_result, result_json, result_schema
from engine.rulebase import scenarios

__all__ = [
    "Assessment",
    "EvaluatorsDisagree",
    "InputError",
    "Law",
    "Problem",
    "Scenario",
    "assess",
    "load_law",
    "make_result",
    "parse_scenario",
    "read_scenario",
    "result_json",
    "result_schema",
]


def read_scenario(path: Path | str, law: Law) -> Scenario:
    """The scenario of a YAML or JSON file. Raises ``InputError`` with every problem found."""
    return scenarios.read_scenario(path, law.base, law.reads)


def parse_scenario(text: str | bytes, law: Law, name: str = "scenario") -> Scenario:
    """The scenario of a text; ``name`` stands for the file in messages."""
    return scenarios.parse_scenario(text, name, law.base, law.reads)
