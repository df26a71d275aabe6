"""palermo rules: list, show and lint."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from engine.commands.shared import CHECK_FAILED, complain, law_of, rules_option
from engine.model.problem import InputError, nearest
from engine.model.records import Decided, Instrument, Provision
from engine.rulebase.load import load_rules
from engine.rulebase.rulebase import Rulebase


@click.group()
def command() -> None:
    """List, show or lint the rules."""


@command.command()
@rules_option
@click.pass_context
def lint(ctx: click.Context, overlays: tuple[Path, ...]) -> None:
    """Report every offence in the rules at once. Exit code 1 when there is any."""
    try:
        base = load_rules(overlays=overlays)
    except InputError as error:
        complain(error.problems)
        ctx.exit(CHECK_FAILED)
    click.echo(
        f"clean: {len(base.instruments)} instruments, {len(base.provisions())} provisions, "
        f"{len(base.organs())} bodies, {len(base.limits())} limits, "
        f"{len(base.doctrines)} doctrines, {len(base.mistakes())} mistakes, "
        f"{len(base.theorems)} theorems, "
        f"{sum(not fact.derived for fact in base.facts.values())} facts"
    )


@command.command(name="list")
@click.argument("prefix", required=False, default="")
@rules_option
def list_rules(prefix: str, overlays: tuple[Path, ...]) -> None:
    """Every provision, body, limit, doctrine and mistake, or those whose id starts with PREFIX."""
    base = law_of(overlays).base
    for name, record in base.decided.items():
        if name.startswith(prefix):
            cite = base.citation(record) if isinstance(record, Provision) else type(record).__name__
            click.echo(f"{name:<34} {record.per.value:<10} {cite}: {record.name}")
    for name, doctrine in base.doctrines.items():
        if name.startswith(prefix):
            click.echo(f"{name:<34} doctrine   {', '.join(doctrine.views)}")
    for name, theorem in base.theorems.items():
        if name.startswith(prefix):
            click.echo(f"{name:<34} theorem    {theorem.cite}: {theorem.name}")


@command.command()
@click.argument("name", metavar="ID")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
@rules_option
def show(name: str, form: str, overlays: tuple[Path, ...]) -> None:
    """One rule: paraphrase, formula, citation, authorities, tests, source file and line."""
    base = law_of(overlays).base
    record, key = find(base, name)
    place = base.places[key]
    if form == "json":
        body = record.model_dump(mode="json", exclude_defaults=True)
        click.echo(json.dumps({**body, "file": place.file, "line": place.line}, indent=2))
        return
    click.echo(f"{name}   rules/{place.file}:{place.line}")
    for line in describe(base, record):
        click.echo(line)


def find(base: Rulebase, name: str) -> tuple[Any, str]:
    """The record of an id, of any kind, and the key of its place. Raises ``InputError``."""
    if name in base.decided:
        return base.decided[name], name
    for kind, table in (
        ("doctrine", base.doctrines),
        ("classification", base.classifications),
        ("instrument", base.instruments),
        ("theorem", base.theorems),
    ):
        if name in table:
            return table[name], f"{kind}:{name}"
    if name in base.facts and not base.facts[name].derived:
        return base.facts[name], name
    known = [*base.decided, *base.doctrines, *base.classifications, *base.instruments, *base.facts]
    known += base.theorems
    raise InputError.single("palermo rules show", f"no rule {name}", nearest(name, known))


def describe(base: Rulebase, record: Any) -> list[str]:
    """A record as plain lines."""
    lines = []
    if isinstance(record, Provision):
        lines.append(f"{base.citation(record)}: {record.name}")
    elif isinstance(record, Instrument):
        lines.append(record.name)
    skip = {"id", "cite", "name", "tests", "holds", "of", "article", "key", "replaces"}
    for field, value in record.model_dump(mode="json", exclude_defaults=True).items():
        if field not in skip:
            lines += _field(field, value)
    if isinstance(record, Decided):
        lines.append(f"decided per {record.per.value}, holds when:")
        lines += ["  " + line for line in formula(record.holds)]
        lines.append("tests:")
        lines += [
            f"  {case.name}: {case.then}  ("
            + ", ".join(f"{k}={_word(v)}" for k, v in case.given.items())
            + ")"
            for case in record.tests
        ]
        users = sorted(other for other, term in base.terms.items() if _reads(term, record.id))
        if users:
            lines.append("read by: " + ", ".join(users))
    return lines


def _field(name: str, value: Any) -> list[str]:
    if isinstance(value, str):
        return [f"{name}: {' '.join(value.split())}"]
    if isinstance(value, list):
        return [f"{name}:"] + [f"  - {json.dumps(v) if isinstance(v, dict) else v}" for v in value]
    if isinstance(value, dict):
        return [f"{name}:"] + [f"  {k}: {v}" for k, v in value.items()]
    return [f"{name}: {value}"]


def formula(raw: Any, depth: int = 0) -> list[str]:
    """A condition as indented lines, as written."""
    pad = "  " * depth
    if not isinstance(raw, dict):
        return [f"{pad}{raw}"]
    if "fact" in raw or "doctrine" in raw or "count" in raw:
        return [pad + json.dumps(raw).replace('"', "")]
    operator, body = next(iter(raw.items()))
    lines = [f"{pad}{operator}"]
    for item in body if isinstance(body, list) else [body]:
        lines += formula(item, depth + 1)
    return lines


def _word(value: object) -> str:
    return {True: "true", False: "false", None: "unknown"}.get(value, str(value))  # type: ignore[call-overload, no-any-return]


def _reads(term: Any, name: str) -> bool:
    from engine.model.conditions import Ref, walk

    return any(isinstance(part, Ref) and part.id == name for part in walk(term))
