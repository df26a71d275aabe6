"""The Python API: everything the command line does is one call of these.

from engine.api import load_law, read_scenario, assess, make_result
law = load_law()
result = make_result(assess(read_scenario("case.yaml", law), law))
print(result.classifications["crime_against_humanity"].outcome)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from engine.inference.law import Law, load_law
from engine.model.problem import EvaluatorsDisagree, InputError, Problem
from engine.model.scenario import Scenario
from engine.reasoning.assess import Assessment, Engine, assess
from engine.report.document import make_result, result_json, result_schema
from engine.rulebase import scenarios

if TYPE_CHECKING:
    from engine.batch.columns import Column
    from engine.batch.columns import Options as BatchOptions
    from engine.batch.rows import Row
    from engine.batch.run import Summary as BatchSummary
    from engine.batch.summary import Counts
    from engine.batch.sweep import SweepResult
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
    "assess_frame",
    "assess_many",
    "batch_columns",
    "batch_options",
    "batch_template",
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
    "run_batch",
    "summary",
    "sweep",
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
    only: str | None = None,
    fix: Sequence[str] = (),
    only_add: bool = False,
    forget: bool = False,
    treaties: bool = False,
    settings: bool = False,
    apart: bool = False,
    max_size: int | None = None,
    first: int | None = None,
    every: bool = False,
    engine: Engine = "both",
) -> Highway:
    """All smallest sets of fact changes that reach every one of ``targets`` at once.

    A target is ``CLASSIFICATION[=LABEL[:LEVEL]][@PART]``, or a provision or body; ``!=`` is
    anything but. ``only``: this main question made out, and no other. ``fix``: ``FACT[=VALUE]``
    to hold. What may change besides facts: see ``engine.reasoning.space.Rules``. ``first``: so
    many sets, the cheapest, are given one by one. ``every``: every set is assessed anew, not
    enough of them to cover every change. Raises ``InputError``.
    """
    from dataclasses import replace

    from engine.reasoning.fixing import fix as hold
    from engine.reasoning.fixing import only as only_goals
    from engine.reasoning.goals import is_open
    from engine.reasoning.highway import Budget, read_goals
    from engine.reasoning.highway import highway as search
    from engine.reasoning.space import Rules

    held = hold(assessment, fix, only_add=only_add)
    goals = read_goals(targets, held.start)
    goals += only_goals(held.start, only) if only else []
    rules = Rules(
        fixed=held.facts,
        only_add=only_add,
        forget=forget or any(is_open(goal, assessment) for goal in goals),
        treaties=treaties,
        settings=settings,
        apart=apart,
    )
    budget = replace(Budget(), recheck="all" if every else "cover", listed=first)
    return search(held.start, goals, rules, most=max_size, budget=budget, engine=engine)


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


def batch_options(
    *,
    doctrine: Mapping[str, str] | None = None,
    strict: bool = False,
    contested: bool = True,
    provisions: bool = False,
    explain: bool = False,
    keep: Sequence[str] = (),
    ignore: Sequence[str] = (),
) -> BatchOptions:
    """What a batch decides and puts out: the options of ``palermo batch``."""
    from engine.batch.columns import Options

    views = tuple(sorted((doctrine or {}).items()))
    return Options(views, strict, contested, provisions, explain, tuple(keep), tuple(ignore))


def batch_columns(law: Law, options: BatchOptions | None = None) -> list[Column]:
    """The columns that a batch puts out, each with what it says."""
    from engine.batch.columns import output_columns

    return output_columns(law.base, options or batch_options())


def batch_template(law: Law) -> list[str]:
    """The columns that a wide table may have."""
    from engine.batch.wide import wide_names

    return wide_names(law.base)


def assess_many(
    scenarios: Iterable[Scenario | dict[str, Any]],
    law: Law,
    options: BatchOptions | None = None,
) -> Iterator[Row]:
    """The result row of each scenario (record or document), in order, as they are asked for.

    Raises ``InputError`` at the first few thousand among which one cannot be used.
    """
    from engine.batch.frames import assess_many as many

    return many(scenarios, law, options or batch_options())


def assess_frame(
    table: Any, law: Law, options: BatchOptions | None = None, *, faults: bool = False
) -> Any:
    """The results of a wide table: a polars frame for a polars frame, else an Arrow table.

    Raises ``InputError`` with the faults of all rows; with ``faults`` they are a column instead.
    """
    from engine.batch.frames import assess_frame as frame

    return frame(table, law, options or batch_options(), faults=faults)


def run_batch(
    inputs: str | Path | Sequence[str | Path],
    output: Path | str | BinaryIO,
    law: Law,
    options: BatchOptions | None = None,
    *,
    jobs: int = 0,
    resume: bool = False,
    restart: bool = False,
    max_errors: int | None = None,
    form: str = "",
    errors: Path | str | None = None,
    scheduler: str | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> BatchSummary:
    """``palermo batch``: every scenario of the inputs into a file or a stream of bytes.

    ``max_errors`` is the number of bad rows after which it stops and writes no output;
    ``progress`` is called with the rows and the bytes of input done. Raises ``InputError``
    where the whole cannot go on.
    """
    from engine.batch.run import Settings, run, workers_of

    names = [inputs] if isinstance(inputs, str | Path) else inputs
    target = Path(output) if isinstance(output, str | Path) else output
    settings = Settings(
        jobs,
        resume,
        restart,
        -1 if max_errors is None else max_errors,
        form,
        Path(errors) if errors else None,
    )
    with workers_of(scheduler) as work:
        return run(
            list(map(str, names)), target, law, options or batch_options(), settings, progress, work
        )


def sweep(
    scenario: Scenario,
    vary: Sequence[str],
    law: Law,
    options: BatchOptions | None = None,
    *,
    two_valued: bool = False,
    output: Path | str | None = None,
    picture: Path | str | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> SweepResult:
    """``palermo sweep``: every combination of some facts, all else as it is.

    ``vary`` has entries ``FACT[@PLACE]`` or ``FACT[@PLACE]=VALUE,VALUE``; ``output`` takes every
    pattern with its outcomes. Raises ``InputError``.
    """
    from engine.batch.panels import board_of_sweep
    from engine.batch.pictures import check_picture, draw
    from engine.batch.sweep import Sweep, read_vary, run_sweep

    if picture:
        check_picture(Path(picture))
    varied = read_vary(vary, scenario, law, two_valued=two_valued)
    chosen = options or batch_options(contested=output is not None)
    made = Sweep(scenario, varied, law, chosen)
    result = run_sweep(made, Path(output) if output else None, progress)
    if picture:
        draw(board_of_sweep(result, law.base), Path(picture))
    return result


def summary(output: Path | str, law: Law, *, picture: Path | str | None = None) -> Counts:
    """``palermo summary``: counts over the output of a batch. Raises ``InputError``."""
    from engine.batch.panels import board_of_counts
    from engine.batch.pictures import check_picture, draw
    from engine.batch.summary import count

    if picture:
        check_picture(Path(picture))
    counts = count(Path(output), law.base)
    if picture:
        draw(board_of_counts(counts, law.base), Path(picture))
    return counts
