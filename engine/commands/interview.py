"""palermo interview: asks what matters, and writes the scenario."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

import click

from engine.commands.shared import law_of, rules_option
from engine.model.problem import InputError, nearest
from engine.reasoning.assess import assess
from engine.rulebase.rulebase import Rulebase
from engine.rulebase.scenarios import read_scenario


@click.command()
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.option(
    "--save",
    "target",
    type=click.Path(path_type=Path),
    help="Write the scenario here (default: FILE if it is new, else a new file beside it).",
)
@click.option(
    "--about",
    multiple=True,
    metavar="CLASSIFICATION",
    help="Ask only what this question turns on (crime_against_humanity); may be repeated.",
)
@click.option("--force", is_flag=True, help="Overwrite the file named by --save.")
@rules_option
def command(
    file: Path | None,
    target: Path | None,
    about: tuple[str, ...],
    force: bool,
    overlays: tuple[Path, ...],
) -> None:
    """Ask what matters, one question at a time, from nothing or from the scenario in FILE.

    The question that decides most comes first. "?" is don't know, "why" says why it is asked,
    "back" takes an answer back, "change FACT=VALUE" changes one, "done" stops. Every answer is
    saved at once. Ends with the assessment.
    """
    from rich.console import Console

    from engine.reasoning.interview import Interview
    from engine.report.dialogue import Dialogue, Ended
    from engine.report.document import make_result
    from engine.report.scenario_file import scenario_yaml
    from engine.report.text import print_outcomes

    law = law_of(overlays)
    wanted = _classifications(about, law.base)
    known = file is not None and file.exists()
    path = _path(file, target, known=known, force=force)
    console = Console()

    def save(scenario: object) -> None:
        _write(path, scenario_yaml(scenario, law.base))  # type: ignore[arg-type]

    dialogue = Dialogue(console, law, _ask, save)
    interview: Interview | None = None
    try:
        if known and file is not None:
            scenario = read_scenario(file, law.base, law.reads)
        else:
            scenario = dialogue.opening(path.stem)
        save(scenario)
        interview = Interview(law, scenario, wanted)
        dialogue.questions(interview)
    except Ended:
        _say_ended(path, 0 if interview is None else len(interview.trail))
        return
    assessment = assess(interview.scenario, law)
    print_outcomes(console, assessment, make_result(assessment))
    click.echo(f"written: {path}")
    click.echo(f"the elements: palermo assess {path}; the reasons: palermo why {path}")
    click.echo(f"what is missing: palermo missing {path}")
    click.echo(f"a memorandum: palermo report {path} --to memo.html")


def _ask(prompt: str) -> str:
    """One line of input. Line editing where the terminal has it."""
    with suppress(ImportError):
        import readline  # noqa: F401
    return input(prompt)


def _say_ended(path: Path, answers: int) -> None:
    click.echo()
    if path.exists():
        click.echo(f"stopped after {answers} answers; nothing is lost: {path}")
        click.echo(f"go on with `palermo interview {path}`, or `palermo assess {path}`")
    else:
        click.echo("stopped before anything was answered; nothing is written")


def _classifications(about: tuple[str, ...], base: Rulebase) -> tuple[str, ...]:
    found = []
    for name in about:
        named = [
            item.id for item in base.classifications.values() if name in (item.id, item.section)
        ]
        if not named:
            hint = nearest(name, base.classifications) or ", ".join(base.classifications)
            raise InputError.single("--about", f"unknown classification {name}", hint)
        found += named
    return tuple(found)


def _path(file: Path | None, target: Path | None, *, known: bool, force: bool) -> Path:
    """Where the scenario is written: never over something the person did not name for it."""
    folder = (target or file or Path()).parent
    if not folder.is_dir():
        raise InputError.single(str(target or file), "there is no such folder", str(folder))
    if target is not None:
        if target.exists() and target != file and not force:
            raise InputError.single(str(target), "exists already", "--force overwrites it")
        return target
    if file is not None and not known:
        return file
    stem = f"{file.stem}-answered" if file is not None else "interview"
    folder = file.parent if file is not None else Path()
    path, number = folder / f"{stem}.yaml", 2
    while path.exists():
        path, number = folder / f"{stem}-{number}.yaml", number + 1
    return path


def _write(path: Path, text: str) -> None:
    """Write a file so that it is at every moment either the old one or the new one."""
    part = path.with_name(f".{path.name}.part")
    try:
        part.write_text(text, encoding="utf-8")
        os.replace(part, path)
    except OSError as error:
        raise InputError.single(str(path), f"cannot be written: {error.strerror}") from None
