"""Coverage and mutants of the law, for a reader at a terminal and as JSON."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from engine.model.problem import nearest
from engine.reasoning.coverage import Branch, Coverage
from engine.reasoning.mutation import Fated, Mutation
from engine.rulebase.rulebase import Rulebase

MARKS = ("holds", "fails", "unknown", "decisive")
SHOWN = 40
"""Gaps or survivors that are printed; the rest are counted, and all are in the JSON."""


def rule_name(base: Rulebase, name: str) -> str:
    """An id as a person knows it: of an outcome rule, the classification and its label."""
    of, _, number = name.partition("#")
    if not number:
        return name
    outcome = base.classifications[of].outcomes[int(number)]
    return f"{of}: {outcome.label}" + (f" ({outcome.level})" if outcome.level else "")


def hint_for(base: Rulebase, prefix: str) -> str:
    """What to say when no rule starts with ``prefix``."""
    return nearest(prefix, base.order) or "give the beginning of an id, as in `palermo rules list`"


def print_coverage(
    console: Console, base: Rulebase, coverage: Coverage, *, every: bool = False
) -> None:
    """The shares, then the gaps; with ``every``, each branch of each rule with its marks."""
    if every:
        console.print(Text("h holds · f fails · u unknown · d decisive\n", style="dim"))
        for rule in coverage.rules():
            _print_rule(console, base, coverage, rule)
    table = Table(box=None, padding=(0, 3, 0, 0), header_style="bold")
    table.add_column("some test or scenario makes it")
    table.add_column("rules", justify="right")
    table.add_column("branches", justify="right")
    for mark in MARKS:
        met = [coverage.share(mark, rules=rules) for rules in (True, False)]
        whole = mark in ("holds", "fails")
        style = "" if not whole else "green" if met[1][0] == met[1][1] else "bold red"
        cells = [f"{part} of {total}" for part, total in met]
        table.add_row(_WORDS[mark], *cells, style=style)
    console.print(table)
    console.print(
        Text(
            f"by {coverage.tests:,} tests beside the rules and {coverage.scenarios:,} scenarios; "
            "what no values of a branch's parts can give is not counted",
            style="dim",
        )
    )
    gaps = coverage.gaps()
    for branch in gaps[:SHOWN]:
        text = f"never {' and never '.join(branch.lacks)}: {branch.words}"
        console.print(
            _line(*coverage.lines.of(branch.of, branch.path), base, branch.of, text), soft_wrap=True
        )
    idle = [branch for branch in coverage.idle() if not branch.lacks]
    for branch in idle[:SHOWN]:
        text = f"never decisive: {branch.words}"
        console.print(
            _line(*coverage.lines.of(branch.of, branch.path), base, branch.of, text), soft_wrap=True
        )
    _more(console, max(len(gaps) - SHOWN, 0) + max(len(idle) - SHOWN, 0))


_WORDS = {
    "holds": "hold",
    "fails": "fail",
    "unknown": "stay unknown",
    "decisive": "decide its rule",
}


def _print_rule(console: Console, base: Rulebase, coverage: Coverage, rule: Branch) -> None:
    file, line = coverage.lines.of(rule.of)
    head = Text(rule_name(base, rule.of), style="bold")
    head.append(f"  {file}:{line}", style="dim")
    console.print(head)
    for branch in coverage.branches:
        if branch.of == rule.of:
            console.print(_branch_line(branch), no_wrap=True, overflow="ellipsis")
    console.print()


def _branch_line(branch: Branch) -> Text:
    text = Text("  ")
    for mark in MARKS:
        if mark in branch.never:
            text.append("n/a ", style="dim")
        elif branch.decisive if mark == "decisive" else mark in branch.met:
            text.append(f"{mark[0]}   ", style="green")
        else:
            text.append("–   ", style="bold red" if mark in branch.lacks else "yellow")
    depth = sum(isinstance(step, int) or step in ("not", "unless") for step in branch.path)
    operator = branch.words.partition(": ")[0]
    known = operator.split(" ")[0] in ("all", "any", "not", "unless", "some", "every")
    return text.append("  " * depth + (operator if known else branch.words))


def print_mutation(console: Console, base: Rulebase, mutation: Mutation, seconds: float) -> None:
    """How many mutants died, and each survivor with a test that would kill it."""
    counts, behind = mutation.counts(), mutation.counts(behind=True)
    killed, all_ = counts["killed"], counts.total()
    line = f"mutants: {killed:,} of {all_:,} killed by a test beside the rules"
    if counts["equivalent"]:
        line += f", {counts['equivalent']:,} proven to be the same law"
    line += f", {counts['survives']:,} survive ({seconds:.1f} s)"
    console.print(Text(line, style="bold red" if counts["survives"] else "green"))
    if behind.total():
        console.print(
            f"behind the classifications: {behind['survives']:,} of {behind.total():,} survive"
        )
    kinds = mutation.kinds()
    console.print(
        Text(", ".join(f"{kind} {number:,}" for kind, number in kinds.items()), style="dim")
    )
    found = mutation.survivors()
    for item in found[:SHOWN]:
        place = _line(item.file, item.line, base, item.mutant.of, item.mutant.words)
        console.print(place, soft_wrap=True)
        if item.suggested:
            console.print(Text(f"    test: {item.suggested}", style="dim"), soft_wrap=True)
    _more(console, len(found) - SHOWN)


def _line(file: str, line: int, base: Rulebase, name: str, text: str) -> Text:
    found = Text(f"{file}:{line}: ", style="cyan")
    return found.append(f"{rule_name(base, name)}: {text}", style="default")


def _more(console: Console, number: int) -> None:
    if number > 0:
        console.print(Text(f"and {number:,} more; --format json lists all", style="dim"))


def coverage_json(coverage: Coverage) -> dict[str, Any]:
    """The coverage as plain data: the shares, and every branch with what met each answer."""
    return {
        "tests": coverage.tests,
        "scenarios": coverage.scenarios,
        "rules": {mark: _share(coverage.share(mark, rules=True)) for mark in MARKS},
        "branches": {mark: _share(coverage.share(mark)) for mark in MARKS},
        "gaps": len(coverage.gaps()),
        "all": [_branch_json(coverage, branch) for branch in coverage.branches],
    }


def _share(share: tuple[int, int]) -> dict[str, int]:
    return {"met": share[0], "of": share[1]}


def _branch_json(coverage: Coverage, branch: Branch) -> dict[str, Any]:
    file, line = coverage.lines.of(branch.of, branch.path)
    return {
        "rule": branch.of,
        "branch": list(branch.path),
        "words": branch.words,
        "file": file,
        "line": line,
        "met": branch.met,
        "decisive": branch.decisive or None,
        "never": list(branch.never),
        "lacks": list(branch.lacks),
    }


def mutation_json(mutation: Mutation, seconds: float) -> dict[str, Any]:
    """The fates of all mutants in numbers, and every one that was not killed."""
    return {
        "mutants": mutation.counts().total(),
        "fates": dict(mutation.counts()),
        "behind_the_classifications": dict(mutation.counts(behind=True)),
        "kinds": mutation.kinds(),
        "seconds": round(seconds, 2),
        "survivors": [_fated_json(item) for item in mutation.survivors()],
        "equivalent": [_fated_json(item) for item in mutation.fated if item.fate == "equivalent"],
    }


def _fated_json(item: Fated) -> dict[str, Any]:
    return {
        "rule": item.mutant.of,
        "branch": list(item.mutant.path),
        "kind": item.mutant.kind,
        "mutation": item.mutant.words,
        "file": item.file,
        "line": item.line,
        "behind_a_classification": item.behind,
        "suggested_test": item.suggested,
    }
