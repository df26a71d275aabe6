"""palermo facts: the vocabulary."""

from __future__ import annotations

from pathlib import Path

import click

from engine.commands.shared import law_of, rules_option
from engine.model.problem import InputError, nearest


@click.command()
@click.argument("group", required=False)
@rules_option
def command(group: str | None, overlays: tuple[Path, ...]) -> None:
    """List the facts a scenario can state: all groups, or one GROUP with its questions.

    GROUP may also be the id of one fact.
    """
    from rich.console import Console
    from rich.padding import Padding
    from rich.text import Text

    base = law_of(overlays).base
    console = Console()
    stated = [fact for fact in base.facts.values() if not fact.derived]
    if group is None:
        for key, title in base.groups.items():
            count = sum(fact.group == key for fact in stated)
            console.print(Text(f"{key:<18}{count:>4}  {title}"))
        console.print(Text(f"{len(stated)} facts. `palermo facts GROUP` shows their questions."))
        return
    chosen = [fact for fact in stated if group in (fact.group, fact.id)]
    if not chosen:
        known = [*base.groups, *(fact.id for fact in stated)]
        raise InputError.single("palermo facts", f"no group or fact {group}", nearest(group, known))
    for fact in chosen:
        line = Text(fact.id, style="bold")
        line.append(f"  per {fact.scope.value}", style="dim")
        if fact.type == "integer":
            line.append("  a whole number", style="dim")
        if fact.values:
            line.append("  one of " + ", ".join(fact.values), style="dim")
        if fact.presumed is not None:
            line.append(f"  taken as {str(fact.presumed).lower()} when not stated", style="magenta")
        if fact.judged:
            line.append("  someone must judge", style="magenta")
        console.print(line)
        console.print(Padding(Text(fact.question), (0, 4)))
        if fact.says:
            console.print(Padding(Text(f"true says: {fact.statement}", style="dim"), (0, 4)))
        if fact.is_not:
            console.print(Padding(Text(fact.is_not, style="dim"), (0, 4)))
