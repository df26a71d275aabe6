"""The Python API: everything the command line does is one call of these.

from engine.api import load_law, read_scenario, assess, make_result
law = load_law()
result = make_result(assess(read_scenario("case.yaml", law), law))
print(result.classifications["crime_against_humanity"].outcome)
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from engine.inference.law import Law, load_law
from engine.model.problem import EvaluatorsDisagree, InputError, Problem
from engine.model.scenario import Scenario
from engine.reasoning.assess import Assessment, assess
from engine.report.document import make_result, result_json, result_schema
from engine.rulebase import scenarios

if TYPE_CHECKING:
    from engine.model.reasons import Compare, DoctrineTable, Highway, Missing, Question, WhatIf
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
    "compare",
    "doctrine_table",
    "highway",
    "load_law",
    "make_memo",
    "make_result",
    "missing",
    "next_questions",
    "parse_scenario",
    "prove",
    "read_scenario",
    "reference_pages",
    "result_json",
    "result_schema",
    "what_if",
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


def highway(
    assessment: Assessment,
    *targets: str,
    fix: Sequence[str] = (),
    only_add: bool = False,
    max_size: int | None = None,
) -> Highway:
    """All smallest sets of fact changes that reach every one of ``targets`` at once.

    A target is ``CLASSIFICATION[=LABEL[:LEVEL]][@PART]``, or a provision or body; ``!=`` is
    anything but. ``fix``: ``FACT[=VALUE]`` to hold. Raises ``InputError``.
    """
    from engine.reasoning.fixing import fix as hold
    from engine.reasoning.highway import highway as search
    from engine.reasoning.highway import read_goals
    from engine.reasoning.space import Rules

    held = hold(assessment, fix, only_add=only_add)
    goals = read_goals(targets, held.start)
    return search(held.start, goals, Rules(held.facts, only_add), most=max_size)


def missing(assessment: Assessment, *targets: str) -> Missing:
    """What would settle what is open, either way, and the questions worth asking, ranked.

    Without ``targets``, everything that is open. Raises ``InputError`` for an unknown one.
    """
    from engine.reasoning.missing import missing as search
    from engine.reasoning.missing import open_goals

    return search(assessment, open_goals(targets, assessment) if targets else None)


def next_questions(assessment: Assessment, *targets: str) -> list[Question]:
    """The questions worth asking, the one that decides most first."""
    from engine.reasoning.missing import next_questions as rank
    from engine.reasoning.missing import open_goals

    return rank(assessment, open_goals(targets, assessment) if targets else None)


def what_if(assessment: Assessment, *changes: str) -> WhatIf:
    """What changes with other facts (``FACT[@PART]=VALUE``, ``PATH=VALUE``), and through what.

    Raises ``InputError`` for a change that cannot be made.
    """
    from engine.reasoning.whatif import read_changes
    from engine.reasoning.whatif import what_if as answer

    return answer(assessment, read_changes(changes, assessment))


def compare(first: Assessment, second: Assessment) -> Compare:
    """Which differences in fact produce which differences in law."""
    from engine.reasoning.comparing import compare as answer

    return answer(first, second)


def doctrine_table(assessment: Assessment) -> DoctrineTable:
    """Which outcomes survive every combination of views, and who holds the others."""
    from engine.reasoning.doctrine import doctrine_table as answer

    return answer(assessment)
