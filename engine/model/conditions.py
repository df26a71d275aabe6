"""The rule language as typed terms. The reader is in ``engine.rulebase.conditions``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from engine.model.frames import Frame


@dataclass(frozen=True)
class Ref:
    """A yes/no fact, or something decided elsewhere, by its id."""

    id: str


@dataclass(frozen=True)
class Test:
    """A choice that is one value, or a number that reaches a threshold."""

    __test__ = False  # not for pytest

    fact: str
    value: str | int | bool
    at_least: bool = False


@dataclass(frozen=True)
class View:
    """True in a doctrine profile that takes this view."""

    doctrine: str
    view: str


@dataclass(frozen=True)
class All:
    """Every item."""

    items: tuple[Term, ...]


@dataclass(frozen=True)
class Any:
    """One item or more."""

    items: tuple[Term, ...]


@dataclass(frozen=True)
class Not:
    """The opposite; unknown stays unknown."""

    item: Term


@dataclass(frozen=True)
class Unless:
    """True unless the exception is shown. An exception nobody showed is assumed absent."""

    item: Term


@dataclass(frozen=True)
class Some:
    """The condition on one or more related rows of another frame."""

    frame: Frame
    item: Term


@dataclass(frozen=True)
class Every:
    """The condition on every related row of another frame."""

    frame: Frame
    item: Term


@dataclass(frozen=True)
class Count:
    """``at_least`` or more of the items."""

    at_least: int
    items: tuple[Term, ...]


Term = Ref | Test | View | All | Any | Not | Unless | Some | Every | Count


def children(term: Term) -> tuple[Term, ...]:
    """The direct parts of a term."""
    if isinstance(term, All | Any | Count):
        return term.items
    if isinstance(term, Not | Unless | Some | Every):
        return (term.item,)
    return ()


def walk(term: Term) -> Iterator[Term]:
    """The term and everything below it."""
    yield term
    for child in children(term):
        yield from walk(child)
