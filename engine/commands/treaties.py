"""palermo treaties: who is bound by what."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from engine.commands.shared import law_of, rules_option
from engine.model.problem import InputError
from engine.rulebase.scenarios import state_fault, state_name


@click.group()
def command() -> None:
    """Who is bound by what, since when, on what evidence."""


@command.command()
@click.argument("state")
@click.option("--on", "day", metavar="YYYY-MM-DD", help="The day asked about (default: today).")
@rules_option
def status(state: str, day: str | None, overlays: tuple[Path, ...]) -> None:
    """Every treaty of STATE (an ISO alpha-3 code) on a day, with the evidence."""
    from rich.console import Console
    from rich.table import Table

    code = state.upper()
    law = law_of(overlays)
    fault, hint = state_fault(code)
    if fault or code not in law.status.states:
        raise InputError.single("treaties", fault or f"no treaty data for {code}", hint)
    try:
        when = date.fromisoformat(day) if day else date.today()
    except ValueError:
        raise InputError.single("--on", f"found {day}, expected a date YYYY-MM-DD") from None
    table = Table(title=f"{state_name(code)} on {when}", box=None, pad_edge=False, padding=(0, 2))
    for column in ("treaty", "status", "since", "until", "confidence", "data to", "source"):
        table.add_column(column)
    for key, item in law.base.instruments.items():
        if not item.parties:
            continue
        found = law.status.on(key, code, when)
        reach = law.status.coverage.get(key)
        table.add_row(
            item.short,
            found.kind,
            str(found.since or ""),
            str(found.until or ""),
            found.confidence,
            str(reach.as_of) if reach else "no data",
            found.note or found.source,
        )
        if item.declaration:
            accepted = law.status.accepted(key, code, when)
            if accepted.kind == "accepted":
                table.add_row(
                    f"  {item.declaration}",
                    "accepted" if accepted.value.known else "unclear",
                    str(accepted.since or ""),
                    "",
                    accepted.confidence,
                    "",
                    accepted.note,
                )
    Console().print(table)
