"""palermo assess: classify scenarios, element by element."""

from __future__ import annotations

from pathlib import Path

import click

from engine.commands.shared import (
    BAD_INPUT,
    DEFECT,
    complain,
    doctrine_option,
    law_of,
    pairs_of,
    report_defect,
    rules_option,
)
from engine.inference.law import Law
from engine.model.problem import EvaluatorsDisagree, InputError, Problem
from engine.model.scenario import Scenario
from engine.reasoning.assess import Assessment, Engine, assess
from engine.rulebase.scenarios import check_scenario, read_scenario
from engine.rulebase.source import Source


@click.command()
@click.argument("files", nargs=-1, type=click.Path(path_type=Path), metavar="FILE...")
@click.option("-f", "--fact", "facts", multiple=True, metavar="ID[=VALUE]", help="State a fact.")
@click.option("--state", "states", multiple=True, metavar="CODE", help="Enter a State (with -f).")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
@click.option("--strict", is_flag=True, help="Presume nothing: what was not said is unknown.")
@click.option("--full", is_flag=True, help="Spell every element out to its facts.")
@click.option("--engine", type=click.Choice(["both", "rete", "planes"]), default="both")
@doctrine_option
@rules_option
@click.pass_context
def command(
    ctx: click.Context,
    files: tuple[Path, ...],
    facts: tuple[str, ...],
    states: tuple[str, ...],
    form: str,
    strict: bool,
    full: bool,
    engine: Engine,
    doctrines: tuple[str, ...],
    overlays: tuple[Path, ...],
) -> None:
    """Assess the scenarios in FILEs, or the facts given with -f.

    Several files with --format json give one JSON object a line. A file that cannot be used is
    reported and the others are still assessed; the exit code is then 2.
    """
    if not files and not facts:
        raise click.UsageError("name a scenario file, or state facts with -f")
    if files and (facts or states):
        raise click.UsageError("-f and --state are for assessing without a file")
    law = law_of(overlays)
    chosen = pairs_of("--doctrine", doctrines)
    law.worlds(chosen, strict)
    failed = 0
    for file in files or (None,):
        try:
            scenario = _from_facts(law, facts, states) if file is None else _read(law, file)
            assessment = assess(scenario, law, doctrine=chosen, strict=strict, engine=engine)
        except InputError as error:
            complain(error.problems)
            failed = failed or BAD_INPUT
            continue
        except EvaluatorsDisagree as error:
            report_defect(error, str(file or "-f"))
            failed = DEFECT
            continue
        _show(assessment, form, several=len(files) > 1, full=full)
    if failed:
        ctx.exit(failed)


def _read(law: Law, file: Path) -> Scenario:
    return read_scenario(file, law.base, law.reads)


def _from_facts(law: Law, facts: tuple[str, ...], states: tuple[str, ...]) -> Scenario:
    """A scenario that states the facts of the command line at its top."""
    stated: dict[str, object] = {}
    problems = []
    for entry in facts:
        name, sign, text = entry.partition("=")
        value = _value(text) if sign else True
        if stated.get(name, value) != value:
            problems.append(Problem("-f", 0, 0, f"{name} is stated twice, differently"))
        stated[name] = value
    if problems:
        raise InputError(problems)
    document = {
        "id": "command-line",
        "title": "Facts from the command line",
        "facts": stated,
        "states": {code: {} for code in states},
    }
    scenario = check_scenario(Source("-f", document), law.base, law.reads)
    frames = {law.base.facts[name].scope.value for name in stated}
    if not states and frames & {"state", "duty"}:
        click.echo(
            "note: no State is entered, so questions about States are not asked "
            "(enter one with --state)",
            err=True,
        )
    return scenario


def _value(text: str) -> object:
    words = {"true": True, "yes": True, "false": False, "no": False, "unknown": None}
    if text.lower() in words:
        return words[text.lower()]
    return int(text) if text.lstrip("-").isdigit() and len(text) < 19 else text


def _show(assessment: Assessment, form: str, *, several: bool, full: bool) -> None:
    from engine.report.document import make_result, result_json

    result = make_result(assessment)
    if form == "json":
        click.echo(result_json(result, indent=None if several else 2))
        return
    from rich.console import Console

    from engine.report.text import print_assessment

    print_assessment(Console(), assessment, result, full=full)
