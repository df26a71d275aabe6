"""Elements as lines that a reader reads: the same words in the terminal, a memorandum, a picture.

``line_of`` turns a tree of elements into a tree of lines: what is only logic becomes a word in
front of the thing it is about ("not", "nobody showed", "one of").
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from engine.model.element import JUDGE, Element
from engine.model.result import Access, Result
from engine.model.truth import Truth
from engine.model.why import Leaf
from engine.rulebase.scenarios import state_name

SIGN = {Truth.HOLDS: "✓", Truth.FAILS: "✗", Truth.UNKNOWN: "?"}
WORD = {Truth.HOLDS: "holds", Truth.FAILS: "fails", Truth.UNKNOWN: "open"}

_JOINT = {"any": "one of", "all": "all of", "some": "in some", "every": "in every"}
_NONE = {"any": "none of", "all": "not all of", "some": "in no", "every": "not in every"}


@dataclass(frozen=True)
class Line:
    """One line of an explanation, and the lines below it.

    ``lead`` is the logic in front ("not", "one of"); ``ways``: any one of the lines below is
    enough; ``text`` names a provision, asks a fact's question or states a view; ``label`` is its
    id; ``value`` what was stated of a fact; ``basis`` where that comes from; ``notes`` the source
    and note that the scenario gives, and for a judged fact the indicators.
    """

    truth: Truth
    kind: str
    lead: str = ""
    text: str = ""
    label: str = ""
    value: str = ""
    cite: str = ""
    says: str = ""
    stage: str = ""
    basis: str = ""
    where: str = ""
    judged: bool = False
    again: bool = False
    ways: bool = False
    notes: tuple[str, ...] = ()
    below: tuple[Line, ...] = field(default=())


def label_words(label: str) -> str:
    """An outcome label, or ``LABEL:LEVEL``, as words."""
    label, _, level = label.replace("_", " ").partition(":")
    return f"{label} ({level})" if level else label


def row_words(rows: Iterable[str]) -> str:
    """Rows for a reader: a charge as one in an episode, the periods of an episode together."""
    periods: dict[str, list[str]] = {}
    for row in rows:
        name, _, period = row.partition("@")
        periods.setdefault(name.replace("×", " in "), []).append(period)
    found = []
    for name, days in periods.items():
        known = sorted(day for day in days if day)
        first, last = (known[0], known[-1]) if known else ("", "")
        when = f", {first.partition('/')[0]} to {last.rpartition('/')[2]}" if known else ""
        found.append(name + when)
    return "; ".join(found)


def line_of(element: Element, above: Element | None = None, *, turned: bool = False) -> Line:
    """The element and everything below it as lines. ``turned``: it stands under a "not"."""
    if element.kind in ("not", "unless") and len(element.children) == 1:
        return _turned(element, turned=not turned)
    line = _line(element, above, _EVERY if turned else _ANY)
    below = tuple(line_of(child, element, turned=turned) for child in element.children)
    return replace(line, below=below)


_ANY, _EVERY = {"any", "some"}, {"all", "every"}


def _line(element: Element, above: Element | None, ways: set[str]) -> Line:
    line = Line(
        element.truth,
        element.kind,
        text=element.name,
        label=element.id,
        cite=element.cite,
        says=element.says,
        stage=element.stage,
        judged=element.judged,
        again=element.again,
        ways=bool({element.kind, element.joint} & ways),
        where=element.row if above is not None and _elsewhere(element, above) else "",
    )
    if element.kind == "fact":
        return replace(
            line, value=element.value, basis=_basis(element), notes=tuple(_notes(element))
        )
    if element.kind == "view":
        view = element.id.partition("=")[2]
        taken = "the view taken here" if element.value == view else f"taken here: {element.value}"
        return replace(line, lead="on the view that", basis=taken)
    if element.kind == "provision":
        return line
    lead = _JOINT.get(element.kind, element.kind)
    if element.kind == "count":
        lead = f"at least {element.needed} of"
    if element.kind in ("some", "every"):
        lead += f" {element.id}"
    return replace(line, lead=lead, label="", text="")


def _turned(element: Element, *, turned: bool) -> Line:
    """``not`` and ``unless`` as a word in front of what they are about."""
    inner, lead = element.children[0], "not"
    if element.kind == "unless" and inner.kind == "not" and len(inner.children) == 1:
        line = line_of(inner.children[0], element, turned=not turned)
        return replace(line, lead="not ruled out") if element.basis == "not shown" else line
    if element.kind == "unless":
        lead = "no exception" if element.truth is Truth.HOLDS else "exception"
        lead = "nobody showed" if element.basis == "not shown" else lead
    elif inner.kind == "unless" and inner.basis == "not shown" and len(inner.children) == 1:
        inner, lead = inner.children[0], "nobody showed"
    line = line_of(inner, element, turned=turned)
    if inner.kind in ("fact", "provision", "view") and not line.lead:
        return replace(line, truth=element.truth, lead=lead)
    if lead == "not" and inner.kind in _NONE:
        text = _NONE[inner.kind] + (f" {inner.id}" if inner.kind in ("some", "every") else "")
        return replace(line, truth=element.truth, lead=text)
    if inner.kind in _JOINT:
        return replace(line, truth=element.truth, lead=f"{lead}: {line.lead}")
    return replace(line, truth=element.truth, lead=f"{lead} {line.lead}".strip())


def _elsewhere(element: Element, above: Element) -> bool:
    """Whether an element was decided for something that its parent's row does not contain."""
    parts = element.row.split("×")
    return element.row != "situation" and not set(parts) <= set(above.row.split("×"))


def _basis(element: Element) -> str:
    if element.basis == "stated":
        return place_words(element.place)
    words = {
        "presumed": "assumed: nobody said otherwise",
        "worked out": element.source,
        "nobody said": "nobody said",
    }
    return words.get(element.basis, "")


def _notes(element: Element) -> list[str]:
    found = []
    if element.basis != "worked out" and element.source:
        found.append(f"source: {element.source}")
    if element.note:
        found.append(" ".join(element.note.split()))
    values = {item.value for item in (*element.speaks_for, *element.speaks_against)}
    if element.basis == "nobody said" and values == {"unknown"}:
        found.append("none of the indicators for or against it is known")
    elif element.judged:
        for side, listed in (("for", element.speaks_for), ("against", element.speaks_against)):
            known = [f"{item.fact} {item.value}" for item in listed if item.value != "unknown"]
            unknown = [item.fact for item in listed if item.value == "unknown"]
            words = ", ".join(known) or "nothing known"
            if unknown:
                words += f" (unknown: {', '.join(unknown)})"
            if listed:
                found.append(f"speaks {side} it: {words}")
    return found


def judged_below(lines: Iterable[Line]) -> list[str]:
    """The judged facts among some lines and everything below them, each once."""
    found: dict[str, None] = {}
    for line in lines:
        if line.judged:
            found[line.label] = None
        found.update(dict.fromkeys(judged_below(line.below)))
    return list(found)


def judge_words(names: Sequence[str]) -> str:
    """The sentence that says what no rule computes."""
    what = "this" if len(names) == 1 else "these"
    return f"Someone must judge {what}: {', '.join(names)}. {JUDGE}"


def place_words(place: str) -> str:
    """Where a statement stands, as a reader says it."""
    parts = place.split(".")
    if len(parts) == 1:
        return "stated"
    if len(parts) == 4:
        return f"stated for {parts[3]} in {parts[1]}"
    return f"stated for {parts[1]}"


def rests_on(leaves: Sequence[Leaf]) -> str:
    """How many of what a reason rests on, in words."""
    counts = {
        "stated": ("statement of the scenario", "statements of the scenario"),
        "worked out": ("fact worked out", "facts worked out"),
        "presumed": ("presumption", "presumptions"),
        "not shown": ("exception that nobody showed", "exceptions that nobody showed"),
        "view taken": ("view of a contested point", "views of contested points"),
    }
    found = []
    for basis, (one, several) in counts.items():
        number = sum(leaf.basis == basis for leaf in leaves)
        if number:
            found.append(f"{number} {one if number == 1 else several}")
    return ", ".join(found) or "nothing but the rules"


def near_words(lines: Sequence[Line], wanted: str) -> str:
    """How near an answer is: the elements that are missing, counted and named."""
    steps = "one step" if len(lines) == 1 else f"{len(lines)} steps"
    return f"{steps} from {wanted}: " + "; ".join(_name(line) for line in lines)


def _name(line: Line) -> str:
    lead = f"{line.lead} " if line.lead else ""
    if line.kind == "provision":
        return lead + line.text
    if line.label:
        return lead + line.label
    rest = ", ..." if len(line.below) > 3 else ""
    return f"{line.lead} " + ", ".join(_name(below) for below in line.below[:3]) + rest


def access_words(access: Iterable[Access]) -> list[tuple[str, str]]:
    """One line for each way to a body: what is open, or may be, and against whom; its citation."""
    ways: dict[tuple[str, str], dict[str, list[str]]] = {}
    for item in access:
        by_status = ways.setdefault((item.name, item.cite), {})
        by_status.setdefault(item.status, []).append(state_name(item.state))
    order = ("open", "may be open", "closed")
    return [
        (
            f"{name}: " + "; ".join(f"{word} for {_and(by[word])}" for word in order if word in by),
            cite,
        )
        for (name, cite), by in ways.items()
    ]


def pillar_words(result: Result) -> list[tuple[str, list[str]]]:
    """Pillar by pillar the duties that are not met, and those in play, with their strength.

    What a State must only consider or try is not breached; it is not shown.
    """
    found = []
    for pillar, measures in result.pillars.items():
        groups: dict[str, list[str]] = {}
        for item in measures:
            if item.strength:
                word = "in play"
                if item.failed:
                    word = "not met" if item.strength == "shall" else "not shown (soft duty)"
                groups.setdefault(word, []).append(f"{item.name} ({item.cite}; {item.strength})")
        found += [
            (f"{pillar.capitalize()}, {word}", groups[word])
            for word in ("not met", "not shown (soft duty)", "in play")
            if word in groups
        ]
    return found


def _and(names: Sequence[str]) -> str:
    """Names as a reader lists them."""
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} and {names[-1]}"
