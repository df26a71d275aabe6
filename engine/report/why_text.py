"""Reasons at a terminal: why, and why not, stage by stage."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.padding import Padding
from rich.text import Text
from rich.tree import Tree

from engine.model.reasons import Branch
from engine.model.truth import Truth
from engine.model.why import Near, Reason, Why, WhyNot
from engine.report.words import (
    SIGN,
    Line,
    judge_words,
    judged_below,
    label_words,
    line_of,
    near_words,
    rests_on,
)

STYLE = {Truth.HOLDS: "bold blue", Truth.FAILS: "bold red", Truth.UNKNOWN: "bold yellow"}
_ROUTES = 4
_DEPTH = 7


def print_why(console: Console, answer: Why) -> None:
    """Print why an answer is what it is."""
    console.print()
    console.print(_title("Why", answer.name, answer.target, answer.answer, answer.level))
    _print_about(console, answer.cite, answer.says, answer.contested, answer.sensitive_to)
    for reason in answer.reasons:
        _print_reason(console, reason, several=len(answer.reasons) > 1)
    if answer.count is not None and answer.factored is not None:
        _print_all(console, answer)
    if answer.other_rows:
        words = ", ".join(f"{row} {label_words(what)}" for row, what in answer.other_rows.items())
        console.print(Padding(Text(f"Other rows: {words}", style="dim"), (0, 2)))
    if answer.open is not None:
        print_why_not(console, answer.open, within=True)
    else:
        hint = "" if answer.count is not None else "  Every reason: --all."
        console.print(Padding(Text(answer.notice + hint, style="dim italic"), (0, 2)))


def print_why_not(console: Console, answer: WhyNot, *, within: bool = False) -> None:
    """Print what stands between a scenario and an answer, nearest miss first."""
    if not within:
        console.print()
        console.print(_title("Why not", answer.name, answer.target, answer.answer, None))
        _print_about(console, answer.cite, "", answer.contested, [])
    wanted = label_words(answer.wanted)
    if answer.reached:
        words = f"It is {wanted}: `palermo why` says why."
        console.print(Padding(Text(words), (0, 2)))
        return
    if answer.stronger:
        words = f"A stronger answer stands before {wanted}: {label_words(answer.stronger)}."
        console.print(Padding(Text(words), (0, 2)))
    for number, near in enumerate(answer.near):
        _print_near(console, near, wanted, named=len(answer.near) > 1, full=number == 0)
    _print_one_change(console, answer, wanted)
    console.print(Padding(Text(answer.notice, style="dim italic"), (0, 2)))


def _title(question: str, name: str, target: str, answer: str, level: str | None) -> Text:
    line = Text(f"{question}: {name}", style="bold")
    line.append(f"  {target}", style="dim not bold")
    line.append("  is ", style="not bold")
    line.append(label_words(answer).upper(), style="bold blue")
    if level:
        line.append(f" (level: {level})", style="dim not bold")
    return line


def _print_about(
    console: Console, cite: str, says: str, contested: Sequence[str], sensitive: Sequence[str]
) -> None:
    for words, style in (
        (cite, "cyan"),
        (says, ""),
        ("contested: " + ", ".join(contested) if contested else "", "magenta"),
        ("sensitive to: " + ", ".join(sensitive) if sensitive else "", "dim"),
    ):
        if words:
            console.print(Padding(Text(words, style=style), (0, 2)))


def _print_reason(console: Console, reason: Reason, *, several: bool) -> None:
    console.print()
    if several or len(reason.rows) > 1:
        console.print(Padding(Text(", ".join(reason.rows), style="bold"), (0, 2)))
    judged: dict[str, None] = {}
    for stage in reason.stages:
        tree = Tree(Text(stage.stage or "also", style="italic"), guide_style="dim")
        lines = [line_of(element) for element in stage.elements]
        for line in lines:
            _add(tree, line, 0)
        judged.update(dict.fromkeys(judged_below(lines)))
        console.print(Padding(tree, (0, 2)))
    if judged:
        console.print(Padding(Text(judge_words(list(judged)), style="magenta"), (1, 2, 0, 2)))
    words = Text("Rests on ", style="dim")
    words.append(rests_on(reason.leaves), style="dim")
    taken = [leaf for leaf in reason.leaves if leaf.basis not in ("stated", "worked out")]
    if taken:
        words.append(": " + "; ".join(leaf.statement for leaf in taken), style="magenta")
    console.print(Padding(words, (1, 2)))


def _add(tree: Tree, line: Line, depth: int, *, closed: bool = False) -> None:
    """Add a line and what is below it. ``closed``: only how much is below it."""
    text = _text(line)
    branch = tree.add(text)
    if line.below and (closed or depth >= _DEPTH):
        number = _leaves(line)
        text.append(f"  … {number} fact{'s' if number > 1 else ''}", style="dim not bold")
        return
    for note in line.notes:
        branch.add(Text(note, style="dim italic"))
    many = line.ways and len(line.below) > _ROUTES + 1
    shown = line.below[:_ROUTES] if many else line.below
    for place, below in enumerate(shown):
        # Of several open ways the nearest is spelt out; a way that fails always says why.
        another = line.ways and place > 0 and below.truth is Truth.UNKNOWN
        _add(branch, below, depth + 1, closed=another)
    rest = line.below[len(shown) :]
    if rest:
        names = ", ".join(item.label or item.lead for item in rest[:6])
        more = f" and {len(rest) - 6} more" if len(rest) > 6 else ""
        branch.add(Text(f"and {len(rest)} further: {names}{more}", style="dim"))


def _leaves(line: Line) -> int:
    return sum(map(_leaves, line.below)) if line.below else 1


def _text(line: Line) -> Text:
    text = Text(f"{SIGN[line.truth]} ", style=STYLE[line.truth])
    if line.lead:
        text.append(f"{line.lead}{':' if line.text else ''} ", style="dim not bold")
    if line.kind == "fact":
        text.append(line.label, style="not bold")
        text.append(f" = {line.value}", style="bold" if line.value != "unknown" else "yellow")
        text.append(f"  {line.text}", style="dim not bold")
        style = "not bold magenta" if line.basis.startswith("assumed") else "dim not bold"
        text.append(f"  [{line.basis}]", style=style)
        if line.judged:
            text.append("  (someone must judge)", style="not bold magenta")
        return text
    text.append(line.text, style="not bold")
    if line.cite:
        text.append(f"  {line.cite}", style="not bold cyan")
    if line.kind == "view":
        text.append(f"  {line.label} [{line.basis}]", style="not bold magenta")
    if line.where:
        text.append(f"  {line.where}", style="dim not bold")
    if line.again:
        text.append("  (as above)", style="dim not bold")
    return text


def _print_near(console: Console, near: Near, wanted: str, *, named: bool, full: bool) -> None:
    title = Text()
    if named:
        title.append(f"{near.row}: ", style="bold")
        title.append(f"{label_words(near.answer)}, ")
    lines = [line_of(element) for element in near.missing]
    title.append(near_words(lines, wanted))
    console.print()
    console.print(Padding(title, (0, 2)))
    if near.met:
        met = Text("Made out: " + "; ".join(near.met), style="dim")
        console.print(Padding(met, (0, 2)))
    if full:
        tree = Tree(Text("Missing, nearest first", style="italic"), guide_style="dim")
        for line in lines:
            _add(tree, line, 0)
        console.print(Padding(tree, (0, 2)))
        judged = judged_below(lines)
        if judged:
            console.print(Padding(Text(judge_words(judged), style="magenta"), (1, 2, 0, 2)))


def _print_one_change(console: Console, answer: WhyNot, wanted: str) -> None:
    console.print()
    if not answer.one_change:
        words = f"No single fact would make it {wanted}; `palermo highway` finds what would."
        console.print(Padding(Text(words), (0, 2)))
        return
    number = len(answer.one_change)
    head = (
        "One fact alone would do:" if number == 1 else f"Any one of these {number} alone would do:"
    )
    console.print(Padding(Text(head), (0, 2)))
    for change in answer.one_change[:12]:
        line = Text(f"• {change.statement}", style="bold")
        line.append(f"  now {change.now}  {change.says}", style="dim not bold")
        if change.cite:
            line.append(f"  {change.cite}", style="cyan not bold")
        console.print(Padding(line, (0, 4)))
    if number > 12:
        console.print(Padding(Text(f"and {number - 12} more (--format json)", style="dim"), (0, 4)))


def _print_all(console: Console, answer: Why) -> None:
    found = "at least " if not answer.complete else ""
    words = f"{found}{answer.count} smallest reasons"
    if answer.count == 1:
        words = "This is the only smallest reason."
        console.print(Padding(Text(words, style="bold"), (0, 2)))
        return
    tree = Tree(Text(f"{words}: each takes all of these", style="bold"), guide_style="dim")
    if answer.factored is not None:
        _add_branch(tree, answer.factored)
    console.print(Padding(tree, (0, 2)))


def _add_branch(tree: Tree, branch: Branch) -> None:
    for statement in branch.core:
        tree.add(Text(statement))
    for choice in branch.choices:
        below = tree.add(Text("and one of", style="italic"))
        for option in choice.options:
            if len(option.core) == 1 and not option.choices:
                below.add(Text(option.core[0]))
            else:
                _add_branch(below.add(Text("all of", style="italic dim")), option)
