"""Rules as Markdown: conditions as nested lists, ids as links between pages."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from engine.model.conditions import (
    All,
    Any,
    Count,
    Every,
    Not,
    Ref,
    Some,
    Term,
    Test,
    Unless,
    View,
    children,
)
from engine.rulebase.rulebase import Rulebase

Link = Callable[[str, str], str]
"""The Markdown link to a record, from its id and the kind of record it is."""

_HEADS = {
    All: "all of",
    Any: "one or more of",
    Not: "not",
    Unless: "unless this is shown",
}


def text(value: object) -> str:
    """Running text on one line, with what Markdown would read as markup made plain."""
    line = " ".join(str(value).split())
    return line.replace("<", "&lt;").replace("*", "\\*").replace("|", "\\|")


def word(value: object) -> str:
    """A value as it stands in a rule file."""
    if value is None:
        return "unknown"
    return str(value).lower() if isinstance(value, bool) else str(value)


def formula(term: Term, base: Rulebase, link: Link, depth: int = 0) -> Iterator[str]:
    """A condition as the lines of a nested list."""
    pad = "  " * depth + "- "
    if isinstance(term, Ref):
        fact = base.facts.get(term.id)
        what = fact.question if fact else base.decided[term.id].name
        yield f"{pad}{link(term.id, 'fact' if fact else 'rule')} {text(what)}"
    elif isinstance(term, Test):
        sign = "at least" if term.at_least else "is"
        question = text(base.facts[term.fact].question)
        yield f"{pad}{link(term.fact, 'fact')} {sign} `{word(term.value)}`: {question}"
    elif isinstance(term, View):
        yield f"{pad}on the view {link(term.doctrine, 'doctrine')} = `{term.view}`"
    else:
        yield pad + _head(term)
        for child in children(term):
            yield from formula(child, base, link, depth + 1)


def _head(term: Term) -> str:
    if isinstance(term, Count):
        return f"at least {term.at_least} of"
    if isinstance(term, Some):
        return f"for some {term.frame}"
    if isinstance(term, Every):
        return f"for every {term.frame}"
    return _HEADS[type(term)]
