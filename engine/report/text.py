"""The assessment for a reader at a terminal: outcome cards, elements, what stays open."""

from __future__ import annotations

from rich.columns import Columns
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text
from rich.tree import Tree

from engine.model.element import Element
from engine.model.records import Classification
from engine.model.result import Result
from engine.model.truth import Truth
from engine.reasoning.assess import Assessment
from engine.reasoning.elements import element_tree
from engine.reasoning.misses import nearest_miss
from engine.report.words import access_words, line_of, near_words, pillar_words
from engine.rulebase.scenarios import state_name

SIGN = {Truth.HOLDS: "✓", Truth.FAILS: "✗", Truth.UNKNOWN: "?"}
STYLE = {Truth.HOLDS: "bold blue", Truth.FAILS: "bold", Truth.UNKNOWN: "bold yellow"}
_OPEN = {"undetermined", "available"}
_CLEAR = {"not_met", "no_violation", "no", "not_asked"}


def label_words(label: str) -> str:
    """An outcome label as words."""
    return label.replace("_", " ")


def label_style(label: str) -> str:
    """The colour of an outcome: blue made out, yellow open, plain not made out."""
    if label in _OPEN:
        return "bold yellow"
    return "bold" if label in _CLEAR else "bold blue"


def print_assessment(
    console: Console, assessment: Assessment, result: Result, *, full: bool = False
) -> None:
    """Print one assessment: cards, elements, who can act, what is missing and contested.

    Elements are spelt out as far as they decide the outcome; with ``full`` everything is, to
    the end.
    """
    print_outcomes(console, assessment, result)
    for item in assessment.law.base.classifications.values():
        if not item.section:
            _print_classification(console, assessment, item, full=full)
    _print_findings(console, result)
    _print_pillars(console, result, full=full)
    _print_instruments(console, result)
    _print_bodies(console, result, full=full)
    _print_limits(console, result, full=full)
    _print_missing(console, result, full=full)
    _print_assumptions(console, result, full=full)
    _print_contested(console, result, full=full)
    console.print()
    if not full:
        console.print(Text("Everything, spelt out: --full. The reasons: palermo why.", style="dim"))
    console.print(Text(result.notice, style="dim italic"))


def print_outcomes(console: Console, assessment: Assessment, result: Result) -> None:
    """Print what a scenario is about and the card of each outcome."""
    scenario = assessment.scenario
    console.print()
    console.print(Text(scenario.title or scenario.id, style="bold"))
    if scenario.citation:
        console.print(Text(scenario.citation, style="dim"))
    if scenario.narrative:
        console.print(Padding(Text(" ".join(scenario.narrative.split())), (1, 2)))
    console.print(_cards(console, assessment, result))


def _heading(console: Console, text: str) -> None:
    console.print()
    console.rule(Text(text, style="bold"), align="left", style="dim")


def _cards(console: Console, assessment: Assessment, result: Result) -> RenderableType:
    cards = []
    for item in assessment.law.base.classifications.values():
        if item.section:
            continue
        outcome = result.classifications[item.id]
        lines: list[RenderableType] = [
            Text(label_words(outcome.outcome).upper(), style=label_style(outcome.outcome))
        ]
        if outcome.level:
            lines.append(Text(f"level: {outcome.level}", style="dim"))
        if outcome.contested:
            lines.append(Text("contested: " + ", ".join(outcome.contested), style="magenta"))
        for code, part in outcome.states.items():
            line = Text(f"{state_name(code)}: ")
            line.append(label_words(part.outcome), style=label_style(part.outcome))
            lines.append(line)
        if outcome.says:
            lines.append(Text(outcome.says))
        near = None if item.by == "states" else nearest_miss(assessment, item)
        if near and outcome.outcome != item.strongest[0]:
            words = near_words([line_of(e) for e in near.missing], label_words(item.strongest[0]))
            lines.append(Text(words[0].upper() + words[1:], style="bold"))
        cards.append(Panel(Group(*lines), title=item.name, title_align="left"))
    icc = Text()
    icc.append("jurisdiction ")
    icc.append(label_words(result.icc.jurisdiction), style=label_style(result.icc.jurisdiction))
    icc.append("\nadmissible ")
    icc.append(label_words(result.icc.admissible), style=label_style(result.icc.admissible))
    cards.append(Panel(icc, title="ICC (a separate question)", title_align="left"))
    if console.width < 100:
        return Group(*cards)
    for card in cards:
        card.width = (console.width - 4) // 2
    return Columns(cards, equal=True, expand=False)


def _print_classification(
    console: Console, assessment: Assessment, item: Classification, *, full: bool
) -> None:
    _heading(console, item.name)
    groups = assessment.groups(item)
    if not groups:
        console.print(
            Padding(Text("Not asked: the scenario enters no State.", style="dim"), (0, 2))
        )
    shown: dict[object, str] = {}
    for group in groups:
        who = state_name(group.key) if item.by == "states" else group.key
        title = Text()
        title.append(f"{who}: ", style="bold")
        title.append(label_words(group.outcome.label), style=label_style(group.outcome.label))
        if group.outcome.contested:
            title.append("  contested: " + ", ".join(group.outcome.contested), style="magenta")
        if group.outcome.sensitive_to:
            title.append("  sensitive to: " + ", ".join(group.outcome.sensitive_to), style="dim")
        elements = element_tree(assessment, item, group)
        key = (group.outcome.label, tuple(map(_likeness, elements)))
        if not full and shown.setdefault(key, who) != who:
            title.append(f"  (for the same reasons as {shown[key]})", style="dim")
            console.print(Padding(title, (0, 0, 1, 2)))
            continue
        tree = Tree(title, guide_style="dim")
        stage = ""
        seen: set[tuple[str, str]] = set()
        for element in elements:
            if element.stage and element.stage != stage:
                stage = element.stage
                branch = tree.add(Text(stage, style="italic dim"))
            depth = _FULL if full else _depth(element.truth, group.outcome.label, item)
            _add(branch if stage else tree, element, seen, depth)
        console.print(Padding(tree, (0, 0, 1, 2)))


def _likeness(element: Element) -> tuple[object, ...]:
    """What an element says, whatever row it is said of."""
    return (
        element.kind,
        element.id,
        element.name,
        element.truth,
        tuple(map(_likeness, element.children)),
    )


_JOINT = {
    "any": "one of",
    "all": "all of",
    "not": "not",
    "unless": "unless",
    "some": "in some",
    "every": "in every",
    "count": "at least",
}


_SHOWN = 3
_FULL = 12


def _depth(truth: Truth, label: str, item: Classification) -> int:
    """How far to spell an element out: only what decides the outcome is.

    What is unknown decides while the outcome is open, what fails where it is not made out, and
    what holds everywhere else.
    """
    if label == item.open:
        return 2 if truth is Truth.UNKNOWN else 0
    if label in _CLEAR:
        return 2 if truth is Truth.FAILS else 0
    return 1 if truth is Truth.HOLDS else 0


def _add(tree: Tree, element: Element, seen: set[tuple[str, str]], depth: int) -> None:
    """Add an element and what explains it; what was spelt out before is not spelt out again."""
    if element.kind in ("not", "unless") and len(element.children) == 1:
        inner = element.children[0]
        if inner.kind in ("fact", "provision"):
            word = "not: " if element.kind == "not" else "exception not shown: "
            _add_line(tree, inner, sign=element.truth, word=word)
            return
    branch = _add_line(tree, element, sign=element.truth)
    key = (element.id, element.row)
    if element.kind == "provision" and depth:
        if key in seen:
            return
        seen.add(key)
    children = element.children
    several_ways = element.joint in ("any", "some") or element.kind in ("any", "some")
    if several_ways and element.truth is Truth.HOLDS and len(children) > _SHOWN:
        children = children[:_SHOWN]
    if not depth:
        return
    for child in children:
        joint = child.kind in _JOINT  # a joint is no step deeper: it says how its parts combine
        _add(branch, child, seen, depth if joint else depth - 1)
    more = len(element.children) - len(children)
    if more:
        branch.add(Text(f"and {more} other way{'s' if more > 1 else ''}", style="dim"))


def _add_line(tree: Tree, element: Element, *, sign: Truth, word: str = "") -> Tree:
    line = Text()
    line.append(f"{SIGN[sign]} ", style=STYLE[sign])
    line.append(word, style="dim")
    if element.kind == "provision":
        line.append(element.name, style="yellow" if sign is Truth.UNKNOWN else "")
        if element.cite:
            line.append(f"  {element.cite}", style="cyan")
    elif element.kind == "fact":
        line.append(element.id, style="yellow" if sign is Truth.UNKNOWN else "")
        line.append(f"  {element.name}", style="dim")
        if element.presumed:
            line.append("  (assumed)", style="magenta")
        if element.judged:
            line.append("  (someone must judge)", style="dim magenta")
        if element.source:
            line.append(f"  [{element.source}]", style="dim")
    elif element.kind == "view":
        line.append(f"only on the view {element.id.partition('=')[2]}", style="dim")
    else:
        line.append(_JOINT[element.kind], style="dim")
        if element.id:
            line.append(f" {element.id}", style="dim")
    return tree.add(line)


def _print_findings(console: Console, result: Result) -> None:
    if result.side_findings:
        _heading(console, "Also shown by these facts")
        for item in result.side_findings:
            line = Text(f"• {item.finding}")
            line.append(f"  {item.cite}", style="cyan")
            line.append("  " + ", ".join(item.rows), style="dim")
            console.print(Padding(line, (0, 2)))


def _print_instruments(console: Console, result: Result) -> None:
    if not result.instruments:
        return
    _heading(console, "Who was bound by what")
    table = Table(box=None, pad_edge=False, padding=(0, 2))
    table.add_column("State")
    table.add_column("bound by")
    table.add_column("not bound by")
    table.add_column("not known", style="dim")
    keys = dict.fromkeys((item.state, item.episode) for item in result.instruments)
    shown: dict[str, tuple[str, ...]] = {}
    for state, episode in keys:
        rows = [i for i in result.instruments if i.state == state and i.episode == episode]
        cells = tuple(
            ", ".join(_instrument_words(item) for item in rows if item.status == status)
            for status in ("bound", "not bound", "unknown")
        )
        if shown.get(state) == cells:
            continue
        shown[state] = cells
        several = len({e for s, e in keys if s == state}) > 1
        table.add_row(state_name(state) + (f" ({episode})" if several else ""), *cells)
    console.print(Padding(table, (0, 2)))


def _instrument_words(item: object) -> str:
    kind = getattr(item, "kind", "")
    words = str(getattr(item, "name", ""))
    if kind in ("signatory", "withdrawn"):
        words += f" ({kind})"
    if getattr(item, "confidence", "") in ("medium", "low"):
        words += f" [{getattr(item, 'confidence', '')} confidence]"
    return words


def _print_bodies(console: Console, result: Result, *, full: bool) -> None:
    if not result.bodies:
        return
    _heading(console, "Who can act")
    for body in result.bodies:
        line = Text()
        line.append(body.name, style="bold")
        line.append(f"  {body.role}", style="")
        kind = body.force if body.un_organ else f"{body.force}; not a UN organ"
        line.append(f"  {kind}", style="dim")
        tree = Tree(line, guide_style="dim")
        tree.add(Text("why: " + body.why, style="dim"))
        tree.add(Text("can: " + "; ".join(body.tools)))
        if full:
            tree.add(Text("basis: " + "; ".join(body.basis), style="cyan"))
        tree.add(Text("cannot: " + "; ".join(body.limits)))
        for words, cite in access_words(body.access):
            tree.add(Text.assemble("cases: " + words, "  ", (cite, "cyan")))
        console.print(Padding(tree, (0, 2)))


def _print_pillars(console: Console, result: Result, *, full: bool) -> None:
    duties = pillar_words(result)
    if not duties:
        return
    _heading(console, "Duties of States, by the three pillars")
    for lead, found in duties:
        line = Text()
        line.append(f"{lead}: ", style="bold")
        line.append("; ".join(found if full else found[:_DUTIES]))
        if len(found) > _DUTIES and not full:
            line.append(f"; and {len(found) - _DUTIES} more", style="dim")
        console.print(Padding(line, (0, 2)))


_DUTIES = 4


def _print_limits(console: Console, result: Result, *, full: bool) -> None:
    if result.limits:
        _heading(console, "Limits")
        for limit in result.limits:
            line = Text("• ")
            line.append(f"{limit.name}: ", style="bold")
            line.append(" ".join(limit.says.split()))
            if full:
                line.append("  " + "; ".join(limit.authorities), style="cyan")
            console.print(Padding(line, (0, 2)))
    if result.mistakes:
        _heading(console, "Easy to get wrong here")
        for mistake in result.mistakes:
            line = Text(f"• “{mistake.name}” ")
            line.append(" ".join(mistake.says.split()), style="dim")
            line.append("  " + "; ".join(mistake.cites), style="cyan")
            console.print(Padding(line, (0, 2)))


_ASKED = 6


def _print_missing(console: Console, result: Result, *, full: bool) -> None:
    if not result.missing:
        return
    _heading(console, "Not known, and it matters")
    by_fact: dict[str, list[str]] = {}
    for item in result.missing:
        by_fact.setdefault(f"{item.fact}  {item.question}", []).append(item.classification)
    shown = list(by_fact.items())
    for words, where in shown if full else shown[:_ASKED]:
        line = Text(f"? {words}")
        line.append("  → " + ", ".join(dict.fromkeys(where)), style="dim")
        console.print(Padding(line, (0, 2)))
    more = len(shown) - _ASKED
    if more > 0 and not full:
        words = f"and {more} more; palermo missing ranks them and says what each would settle"
        console.print(Padding(Text(words, style="dim"), (0, 2)))


def _print_assumptions(console: Console, result: Result, *, full: bool) -> None:
    if not result.assumptions:
        return
    _heading(console, "Assumed, because nobody showed otherwise (--strict assumes nothing)")
    if full:
        for note in result.assumptions:
            line = Text(f"• {note.of}: ")
            line.append(note.text, style="dim")
            console.print(Padding(line, (0, 2)))
        return
    by_value: dict[str, list[str]] = {}
    for note in result.assumptions:
        by_value.setdefault(note.value or note.text, []).append(note.of)
    for value, names in by_value.items():
        line = Text(f"• {value}: ")
        line.append(", ".join(dict.fromkeys(names)), style="dim")
        console.print(Padding(line, (0, 2)))


def _print_contested(console: Console, result: Result, *, full: bool) -> None:
    if not result.contested:
        return
    _heading(console, "Contested")
    for point in result.contested:
        line = Text("• ")
        line.append(point.question, style="magenta")
        for view, says in point.views.items():
            line.append(f"\n    {view}{' (taken here)' if view == point.taken else ''}: {says}", "")
            if full and point.authorities.get(view):
                line.append("  " + "; ".join(point.authorities[view]), style="cyan")
        console.print(Padding(line, (0, 2)))
