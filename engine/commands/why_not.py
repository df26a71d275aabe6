"""palermo why-not: what stands between a scenario and an outcome, nearest miss first."""

from __future__ import annotations

from pathlib import Path

import click

from engine.commands.shared import doctrine_option, law_of, pairs_of, rules_option
from engine.reasoning.assess import assess
from engine.rulebase.scenarios import read_scenario


@click.command("why-not")
@click.argument("file", type=click.Path(path_type=Path))
@click.argument("target")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
@click.option("--strict", is_flag=True, help="Presume nothing: what was not said is unknown.")
@doctrine_option
@rules_option
def command(
    file: Path,
    target: str,
    form: str,
    strict: bool,
    doctrines: tuple[str, ...],
    overlays: tuple[Path, ...],
) -> None:
    """Why TARGET is not another outcome in FILE: what fails or is open, nearest miss first.

    TARGET is a classification, a provision or a body, by id, with =OUTCOME for one of its
    outcomes (the strongest, if left out) and @ROW for one episode, State or charge:
    crime_against_humanity, human_rights_violation=violation_direct@CYP, rome.7.policy.
    """
    from rich.console import Console

    from engine.reasoning.misses import why_not
    from engine.reasoning.targets import read_target
    from engine.report.why_text import print_why_not

    law = law_of(overlays)
    chosen = pairs_of("--doctrine", doctrines)
    scenario = read_scenario(file, law.base, law.reads)
    assessment = assess(scenario, law, doctrine=chosen, strict=strict, engine="planes")
    answer = why_not(assessment, read_target(target, assessment)[0])
    if form == "json":
        click.echo(answer.model_dump_json(indent=2, warnings=False))
        return
    print_why_not(Console(), answer)
