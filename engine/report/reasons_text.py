"""Highways, gaps, what-ifs, comparisons and doctrine for a reader at a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from rich.console import Console
from rich.padding import Padding
from rich.text import Text
from rich.tree import Tree

from engine.model.reasons import (
    Branch,
    Choice,
    Compare,
    Deciding,
    DoctrineTable,
    ElementNow,
    FactChange,
    Gained,
    Gives,
    Highway,
    Missing,
    OutcomeChange,
    Produced,
    Proof,
    Question,
    Settling,
    Survival,
    WhatIf,
)
from engine.reasoning.readers import stage_order
from engine.report.words import label_words

_SHOWN = 12
"""Options of one choice that are printed; the rest are counted."""

_SIGN = {"holds": "✓", "fails": "✗", "unknown": "?"}
_STYLE = {"holds": "bold blue", "fails": "bold red", "unknown": "bold yellow"}


def _heading(console: Console, text: str) -> None:
    console.print()
    console.rule(Text(text, style="bold"), align="left", style="dim")


def _indented(console: Console, text: Text, by: int = 2) -> None:
    console.print(Padding(text, (0, 0, 0, by), expand=False))


def _notice(console: Console, text: str) -> None:
    console.print()
    console.print(Text(text, style="dim italic"))


def _plural(number: int, one: str, many: str = "") -> str:
    return f"{number} {one if number == 1 else many or one + 's'}"


def change_line(change: FactChange, gives: Gives | None = None) -> Text:
    """A change: what to write, what stands there now, what it says, and what turns on it.

    ``gives`` is what it amounts to, where that is more than the rule that reads it.
    """
    line = Text(change.statement, style="bold")
    if change.now != "unknown":
        line.append(f"  now {change.now}", style="yellow")
    if change.says:
        line.append(f"  {change.says}", style="dim")
    if gives is not None:
        line.append_text(_given(gives, before="  → "))
    elif change.cite:
        line.append(f"  {change.cite}", style="dim cyan")
    if change.judged:
        line.append("  someone must judge", style="magenta dim")
    return line


def _given(gives: Gives, before: str = "") -> Text:
    """What a choice or option amounts to: the provision and its citation."""
    line = Text(f"{before}{_SIGN[gives.value]} {gives.name}", style=_STYLE[gives.value])
    if gives.cite:
        line.append(f"  {gives.cite}", style="dim cyan")
    return line


def _sizes(branch: Branch) -> str:
    low, high = branch.sizes
    return _plural(low, "change") if low == high else f"{low} to {high} changes"


class _Tree:
    """Branches as a tree: what is needed, then what can be chosen."""

    def __init__(
        self, changes: Mapping[str, FactChange], *, by_stage: bool = False, every: bool = False
    ) -> None:
        self.changes = changes
        self.by_stage = by_stage
        self.every = every

    def fill(self, tree: Tree, branch: Branch) -> None:
        """Add everything a branch asks for."""
        if self.by_stage:
            self._by_stage(tree, branch.core)
        else:
            for name in branch.core:
                tree.add(self._line(name))
        for number, choice in enumerate(branch.choices):
            self._choose(tree, choice, first=not number and not branch.core)

    def _by_stage(self, tree: Tree, core: Sequence[str]) -> None:
        stages: dict[str, list[str]] = {}
        for name in core:
            stages.setdefault(self.changes[name].stage, []).append(name)
        for stage in sorted(stages, key=stage_order):
            below = tree.add(Text(stage or "other", style="italic dim"))
            for name in stages[stage]:
                below.add(self._line(name))

    def _line(self, name: str, gives: Gives | None = None) -> Text:
        change = self.changes.get(name)
        return change_line(change, gives) if change else Text(name, style="bold")

    def _choose(self, tree: Tree, choice: Choice, *, first: bool) -> None:
        number = "one" if choice.needed == 1 else str(choice.needed)
        ways = sum(option.ways for option in choice.options)
        words = f"{'' if first else 'and '}{number} of these {len(choice.options)}"
        if choice.needed == 1 and ways > len(choice.options):
            words += f" ({ways} ways)"
        line = Text(words, style="italic")
        if choice.gives is not None:
            line.append_text(_given(choice.gives, before=", giving "))
        below = tree.add(line)
        shown = choice.options if self.every else choice.options[:_SHOWN]
        alike: dict[object, list[Branch]] = {}
        for place, option in enumerate(shown):
            key = (option.gives.id, option.gives.value) if option.gives else place
            alike.setdefault(key, []).append(option)
        for options in alike.values():
            gives = options[0].gives
            if gives is None or len(options) == 1:
                self._option(below, options[0], gives)
                continue
            together = below.add(_given(gives, before="→ "))
            for option in options:
                self._option(together, option)
        if len(shown) < len(choice.options):
            more = len(choice.options) - len(shown)
            below.add(Text(f"… and {more} more (--all)", style="dim"))

    def _option(self, tree: Tree, option: Branch, gives: Gives | None = None) -> None:
        if len(option.core) == 1 and not option.choices:
            tree.add(self._line(option.core[0], gives))
            return
        line = Text(f"together, {_sizes(option)}", style="dim")
        if gives is not None:
            line.append_text(_given(gives, before="  → "))
        self.fill(tree.add(line), option)


def _proof(proof: Proof) -> str:
    words = [f"Not exhausted ({proof.limit}): there may be more"]
    if proof.complete:
        words = ["Proven: no other smallest set, and none smaller"]
    elif proof.up_to is not None:
        words = [
            f"Proven: no other smallest set of up to {_plural(proof.up_to, 'change')}. "
            f"Longer ones are too many to list ({proof.limit})"
        ]
    if proof.planes:
        words.append(f"{_plural(proof.planes, 'set')} confirmed by the plane evaluator")
    if proof.both:
        words.append(f"{proof.both} assessed anew by both evaluators")
    if proof.complete and proof.limit:
        words.append(proof.limit)
    return "; ".join(words) + "."


def _spread(sizes: Mapping[int, int]) -> str:
    return ", ".join(f"{count} of {size}" for size, count in sizes.items())


def print_highway(
    console: Console,
    answer: Highway,
    *,
    by_stage: bool = False,
    every: bool = False,
    flat: bool = False,
) -> None:
    """Print the way to a target: the core, the choices, the shortest, the proof.

    ``every``: every option of every choice. ``flat``: also the sets, one by one.
    """
    console.print()
    for target in answer.targets:
        line = Text(target, style="bold")
        line.append(f"   now {label_words(answer.now[target])}", style="dim")
        console.print(line)
    _print_elements(console, answer.elements)
    console.print()
    if answer.already:
        console.print(Text("It is so already: nothing has to change."))
    elif not answer.reachable:
        _print_blocked(console, answer)
    elif answer.factored is not None:
        _print_ways(console, answer, answer.factored, by_stage=by_stage, every=every, flat=flat)
    _notice(console, answer.notice)


def _print_elements(console: Console, elements: Sequence[ElementNow]) -> None:
    """How far the scenario is on the way, element by element."""
    lacking = [element for element in elements if element.now != "holds"]
    if not lacking:
        return
    made_out = [element.name for element in elements if element.now == "holds"]
    steps = "One step" if len(lacking) == 1 else f"{len(lacking)} steps"
    line = Text(f"{steps} from the highway: ", style="bold")
    line.append("; ".join(element.name for element in lacking), style="bold yellow")
    console.print(line)
    if made_out:
        console.print(Text(f"Made out: {'; '.join(made_out)}", style="dim"))


def _print_blocked(console: Console, answer: Highway) -> None:
    most = answer.options.get("max_size")
    if answer.proof.complete and most is not None and not answer.blocked_by:
        line = Text(f"Not with {_plural(int(str(most)), 'change')} or fewer. ", style="bold")
        line.append(f"{answer.proof.limit[0].upper()}{answer.proof.limit[1:]}.", style="not bold")
        console.print(line)
        return
    if answer.proof.complete:
        console.print(Text("No change of the facts that may change reaches it.", style="bold"))
    else:
        console.print(Text("Nothing was found before the search was stopped.", style="bold"))
        console.print(Text(_proof(answer.proof), style="dim"))
    if any(now == "not_asked" for now in answer.now.values()):
        console.print(Text("The question is asked of nobody here: enter the part it is about."))
    elif not answer.blocked_by:
        console.print(Text("Nothing that is held fixed stands in the way: no facts give it."))
    else:
        tree = Tree(Text("What stands in the way (letting go of one of these lines would help):"))
        for row in answer.blocked_by[:_SHOWN]:
            line = Text(" and ".join(item.what for item in row), style="bold")
            line.append("  " + ", ".join(dict.fromkeys(_HELD[item.why] for item in row)), "dim")
            for question in dict.fromkeys(item.question for item in row if item.question):
                line.append(f"  {question}", "dim")
            tree.add(line)
        if len(answer.blocked_by) > _SHOWN:
            tree.add(Text(f"… and {len(answer.blocked_by) - _SHOWN} more", style="dim"))
        console.print(tree)


_HELD = {
    "fixed": "fixed by --fix",
    "stated": "stated in the scenario, and --only-add lets nothing stated change",
    "setting": "before whom the case is put is held; --settings lets it change",
    "treaty": "treaty status is held; --treaties lets it change",
    "date": "follows from the dates",
    "actor": "follows from the actors entered",
}


def _print_ways(
    console: Console,
    answer: Highway,
    branch: Branch,
    *,
    by_stage: bool,
    every: bool,
    flat: bool,
) -> None:
    low, high = min(answer.sizes), max(answer.sizes)
    size = _plural(low, "change") if low == high else f"{low} to {high} changes"
    ways = _plural(answer.count, "smallest way", "smallest ways")
    if answer.proof.up_to is not None:
        ways += f" of up to {_plural(answer.proof.up_to, 'change')}"
    console.print(Text(f"{ways}, {size} each. ", style="bold"))
    if low != high:
        console.print(Text(f"By size: {_spread(answer.sizes)}.", style="dim"))
    if branch.core:
        title = "Every way makes these changes" if answer.count > 1 else "The changes"
        if len(branch.core) == 1:
            title = "Every way makes this change" if answer.count > 1 else "The change"
    else:
        title = "No change is common to all ways"
    tree = Tree(Text(title, style="bold blue"), guide_style="dim")
    _Tree(answer.changes, by_stage=by_stage, every=every).fill(tree, branch)
    console.print(tree)
    if answer.count > 1 and answer.answers:
        first = answer.answers[0]
        console.print()
        line = Text(f"The shortest ({_plural(len(first.changes), 'change')}): ", style="bold blue")
        line.append(", ".join(first.changes))
        console.print(line)
    _print_contested(console, answer)
    if flat:
        _print_flat(console, answer)
    console.print()
    console.print(Text(_proof(answer.proof), style="dim"))


def _print_contested(console: Console, answer: Highway) -> None:
    points = list(dict.fromkeys(name for one in answer.answers for name in one.contested))
    if points:
        words = "Reached that way, the outcome is contested: " + ", ".join(points)
        console.print(Text(words, style="magenta"))


def _print_flat(console: Console, answer: Highway) -> None:
    count = len(answer.answers)
    title = "All" if count == answer.count else f"The first {count} of"
    _heading(console, f"{title} {answer.count}, the cheapest first")
    for number, one in enumerate(answer.answers, start=1):
        console.print(Text(f"{number}. ({len(one.changes)}) " + ", ".join(one.changes)))
    if len(answer.answers) < answer.count:
        more = answer.count - len(answer.answers)
        console.print(Text(f"… and {more} more, none of them smaller", style="dim"))


def print_missing(console: Console, answer: Missing, *, questions: int, every: bool) -> None:
    """Print what is open, what would settle it, and what to ask next."""
    console.print()
    if not answer.open:
        console.print(Text("Nothing is open: every outcome is settled.", style="bold"))
    for part in answer.open:
        title = Text(label_words(part.classification), style="bold")
        title.append(f"  {part.part}", style="")
        title.append(f"  {label_words(part.outcome)}", style="bold yellow")
        tree = Tree(title, guide_style="dim")
        for settled in part.settled_by:
            _add_settling(tree, settled, answer.changes, every=every)
        console.print(tree)
        console.print()
    if answer.questions:
        _heading(console, "What to ask next")
        for number, question in enumerate(answer.questions[:questions], start=1):
            _print_question(console, number, question)
        rest = len(answer.questions) - questions
        if rest > 0:
            console.print(Text(f"  and {rest} more that could matter (--questions N)", "dim"))
    _notice(console, answer.notice)


def _add_settling(
    tree: Tree, settled: Settling, changes: Mapping[str, FactChange], *, every: bool
) -> None:
    line = Text(label_words(settled.outcome), style="bold blue")
    if not settled.count:
        line.append("  no answer to what is unknown gives this", style="dim")
        below = tree.add(line)
        for row in settled.blocked_by[:1]:
            below.add(Text("in the way: " + ", ".join(item.what for item in row), style="dim"))
        return
    low, high = min(settled.sizes), max(settled.sizes)
    size = _plural(low, "fact") if low == high else f"{low} to {high} facts"
    line.append(f"  {_plural(settled.count, 'way')}, {size} each", style="dim")
    if settled.proof.up_to is not None:
        most = _plural(settled.proof.up_to, "fact")
        line.append(f"  (all there are of up to {most}; longer ones are too many)", style="yellow")
    elif not settled.proof.complete:
        line.append(f"  ({settled.proof.limit}; there are more)", style="yellow")
    below = tree.add(line)
    if settled.factored is not None:
        _Tree(changes, every=every).fill(below, settled.factored)


def _print_question(console: Console, number: int, question: Question) -> None:
    line = Text(f"{number}. ", style="bold")
    line.append(question.question, style="bold")
    line.append(f"  {question.statement}", style="dim")
    if question.judged:
        line.append("  someone must judge", style="magenta dim")
    _indented(console, line)
    _indented(console, Text(question.reason, style="dim"), 5)
    if question.is_not:
        _indented(console, Text(f"Not this: {question.is_not}", style="dim"), 5)


def print_what_if(console: Console, answer: WhatIf, *, every: bool = False) -> None:
    """Print what other facts change, from what to what, and through which provisions."""
    console.print()
    tree = Tree(Text("If", style="bold"), guide_style="dim")
    for change in answer.changes.values():
        tree.add(change_line(change))
    for edit in answer.edits:
        tree.add(Text(edit, style="bold"))
    console.print(tree)
    if not answer.outcomes:
        console.print(Text("No outcome changes.", style="bold"))
    for outcome in answer.outcomes:
        console.print()
        console.print(_outcome_tree(outcome))
    for title, found in (
        ("Also shown by these facts", answer.findings),
        ("Who can act", answer.bodies),
        ("Limits", answer.limits),
    ):
        _print_gained(console, title, found)
    through = {item.id for outcome in answer.outcomes for item in outcome.because}
    others = [item for item in answer.provisions if item.id not in through]
    if others:
        _heading(console, "Provisions that change without changing an outcome")
        lines = _deciding(others)
        shown = lines if every else lines[:_SHOWN]
        for line in shown:
            _indented(console, line)
        if len(shown) < len(lines):
            more = f"… and {len(lines) - len(shown)} more (--all)"
            _indented(console, Text(more, style="dim"))
    for name in answer.idle:
        console.print(Text(f"{name}: nothing that is decided turns on it here.", style="dim"))
    if answer.unchanged:
        same = ", ".join(f"{key} {label_words(value)}" for key, value in answer.unchanged.items())
        console.print()
        console.print(Text(f"Unchanged: {same}.", style="dim"))
    _notice(console, answer.notice)


def _outcome_tree(outcome: OutcomeChange) -> Tree:
    title = Text(f"{label_words(outcome.classification)}  ", style="bold")
    title.append(f"{outcome.part}  ")
    before, after = label_words(outcome.before), label_words(outcome.after)
    if outcome.level_before != outcome.level_after:
        before += f" ({outcome.level_before})"
        after += f" ({outcome.level_after})"
    title.append(f"{before} → ", style="dim")
    title.append(after, style="bold blue")
    if outcome.contested_after != outcome.contested_before:
        words = ", ".join(outcome.contested_after) or "no longer"
        title.append(f"  contested: {words}", style="magenta")
    tree = Tree(title, guide_style="dim")
    for line in _deciding(outcome.because):
        tree.add(line)
    return tree


def _deciding(items: Iterable[Deciding]) -> list[Text]:
    """Provisions with what became of them, rows with the same change together."""
    rows: dict[tuple[str, str, str], list[Deciding]] = {}
    for item in items:
        rows.setdefault((item.id, item.before, item.after), []).append(item)
    lines = []
    for (_, before, after), found in rows.items():
        line = Text(f"{_SIGN[before]} → ", style="dim")
        line.append(f"{_SIGN[after]} ", style=_STYLE[after])
        line.append(found[0].name)
        line.append(f"  {found[0].cite}", style="dim cyan")
        names = [item.row.partition("@")[0] for item in found if item.row != "situation"]
        line.append("  " + ", ".join(dict.fromkeys(names)), style="dim")
        lines.append(line)
    return lines


def _print_gained(console: Console, title: str, found: Gained) -> None:
    if not found.appeared and not found.gone:
        return
    _heading(console, title)
    for sign, style, items in (
        ("+", "bold blue", found.appeared),
        ("−", "dim", found.gone),
    ):
        for words in items.values():
            _indented(console, Text(f"{sign} {words}", style=style))


def print_compare(console: Console, answer: Compare) -> None:
    """Print which differences in fact produce which differences in law."""
    console.print()
    console.print(Text(f"{answer.first} compared with {answer.second}", style="bold"))
    if answer.matched:
        words = ", ".join(f"{mine} with {theirs}" for mine, theirs in answer.matched.items())
        console.print(Text(f"Taken together: {words}.", style="dim"))
    if answer.unmatched:
        names = ", ".join(answer.unmatched)
        console.print(Text(f"Without a counterpart, and left out: {names}.", style="yellow"))
    if not answer.law:
        console.print(Text("No outcome differs.", style="bold"))
    for item in answer.law:
        console.print()
        console.print(_produced_tree(item, answer))
    if answer.same:
        console.print()
        words = ", ".join(f"{key} {label_words(value)}" for key, value in answer.same.items())
        console.print(Text(f"The same in both: {words}.", style="dim"))
    if answer.idle:
        words = ", ".join(answer.idle[:_SHOWN])
        if len(answer.idle) > _SHOWN:
            words += f" and {len(answer.idle) - _SHOWN} more"
        console.print(Text(f"Differences that decide nothing: {words}.", style="dim"))
    _notice(console, answer.notice)


def _produced_tree(item: Produced, answer: Compare) -> Tree:
    title = Text(f"{label_words(item.classification)}  ", style="bold")
    part = item.part if item.part == item.other_part else f"{item.part} / {item.other_part}"
    title.append(f"{part}  ")
    title.append(f"{label_words(item.first)}", style="bold")
    title.append(" but ", style="dim")
    title.append(label_words(item.second), style="bold blue")
    tree = Tree(title, guide_style="dim")
    if item.note:
        tree.add(Text(item.note, style="yellow"))
    if item.produced_by is not None:
        words = (
            "because of" if item.count == 1 else f"{item.count} sets of differences, each enough"
        )
        below = tree.add(Text(words, style="italic"))
        _Tree(answer.differences).fill(below, item.produced_by)
    if item.because:
        below = tree.add(Text("through", style="italic"))
        for line in _deciding(item.because):
            below.add(line)
    return tree


def print_doctrine(console: Console, answer: DoctrineTable) -> None:
    """Print which outcomes survive every combination of views, and who holds the others."""
    console.print()
    every = "every combination" if answer.complete else "the headline and each single departure"
    console.print(
        Text(f"Decided under {_plural(answer.profiles, 'profile')}: {every} of views.", "bold")
    )
    for one in answer.outcomes:
        console.print()
        line = Text(f"{label_words(one.classification)}  ", style="bold")
        line.append(f"{one.part}  ")
        line.append(label_words(one.outcome), style="bold blue")
        line.append("  ").append(_survives(one, answer.profiles))
        console.print(line)
        for other in _otherwise(one):
            _indented(console, other, 4)
    if answer.views:
        _heading(console, "The points on which it turns, and who holds what")
    for name, views in answer.views.items():
        tree = Tree(Text(f"{name}: {answer.questions[name]}", style="magenta"), guide_style="dim")
        for view in views:
            line = Text(view.view, style="bold")
            line.append(" (taken here)" if view.taken else "", style="dim")
            line.append(f"  {view.says}")
            below = tree.add(line)
            for authority in view.authorities:
                below.add(Text(authority, style="dim cyan"))
        console.print(tree)
    if answer.idle:
        words = ", ".join(answer.idle)
        console.print(Text(f"Nothing turns here on: {words}.", style="dim"))
    _notice(console, answer.notice)


def _survives(one: Survival, profiles: int) -> Text:
    if one.survives:
        return Text("on every view", style="dim")
    word = "contested" if one.contested else "sensitive"
    share = f"so in {one.profiles} of {profiles} profiles"
    return Text(f"{word}: {share}", style="magenta")


def _otherwise(one: Survival) -> list[Text]:
    lines = []
    for other in one.others:
        label = label_words(other.outcome)
        if other.outcome == one.outcome:
            label += f" ({other.level})"
        ways = " or ".join(" and ".join(views) for views in other.views[:4])
        line = Text(label, style="bold")
        line.append(f" if {ways}" + (" or …" if len(other.views) > 4 else ""), "not bold")
        lines.append(line)
    return lines
