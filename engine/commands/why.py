"""palermo why: the reasons for an outcome, as nested legal reasoning."""

from __future__ import annotations

from pathlib import Path

import click

from engine.commands.shared import doctrine_option, law_of, pairs_of, rules_option
from engine.reasoning.assess import assess
from engine.rulebase.scenarios import read_scenario


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.argument("target", required=False)
@click.option("--all", "every", is_flag=True, help="Every reason, not only the strongest.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
@click.option("--strict", is_flag=True, help="Presume nothing: what was not said is unknown.")
@doctrine_option
@rules_option
def command(
    file: Path,
    target: str | None,
    every: bool,
    form: str,
    strict: bool,
    doctrines: tuple[str, ...],
    overlays: tuple[Path, ...],
) -> None:
    """Why TARGET is what it is in FILE: one sufficient reason, the strongest.

    TARGET is a classification, a provision or a body, by id; TARGET@ROW asks about one episode,
    State or charge (crime_against_humanity@main×e1, human_rights_violation@CYP). Left out: every
    classification, part by part.
    """
    from rich.console import Console

    from engine.reasoning.goals import Goal
    from engine.reasoning.targets import headline_goals, read_target
    from engine.reasoning.why import why
    from engine.report.why_text import print_why

    law = law_of(overlays)
    chosen = pairs_of("--doctrine", doctrines)
    scenario = read_scenario(file, law.base, law.reads)
    assessment = assess(scenario, law, doctrine=chosen, strict=strict, engine="planes")
    if target is None:
        goals = headline_goals(assessment)
    else:
        goal, named = read_target(target, assessment)
        goals = [goal if named else Goal(goal.of, "", goal.where)]
    answers = [why(assessment, goal, every=every) for goal in goals]
    if form == "json":
        for answer in answers:
            indent = 2 if len(answers) == 1 else None
            click.echo(answer.model_dump_json(indent=indent, warnings=False))
        return
    console = Console()
    for answer in answers:
        print_why(console, answer)
