"""Reads a condition as written in a file into a term. Reports every fault, none twice."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any as Anything

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
)
from engine.model.frames import Frame
from engine.model.problem import nearest

OPERATORS = ("all", "any", "not", "unless", "some", "every", "fact", "count", "doctrine")
_Path = tuple[str | int, ...]
_Report = Callable[[_Path, str, str], None]


def read_condition(raw: Anything, path: _Path, report: _Report) -> Term | None:
    """The term that ``raw`` writes, or ``None`` after reporting what is wrong with it."""
    if isinstance(raw, str):
        return Ref(raw)
    if not isinstance(raw, dict):
        report(
            path, f"{raw!r} is not a condition", "write an id, or one of " + ", ".join(OPERATORS)
        )
        return None
    if "fact" in raw:
        return _read_test(raw, path, report)
    if "doctrine" in raw:
        return _read_view(raw, path, report)
    if len(raw) != 1:
        report(path, f"a condition has one operator, found {', '.join(map(str, raw))}", "")
        return None
    operator, body = next(iter(raw.items()))
    below = (*path, operator)
    if operator in ("all", "any"):
        items = _read_items(body, below, report)
        if items is None:
            return None
        return All(items) if operator == "all" else Any(items)
    if operator in ("not", "unless"):
        item = read_condition(body, below, report)
        if item is None:
            return None
        return Not(item) if operator == "not" else Unless(item)
    if operator in ("some", "every"):
        return _read_quantified(operator, body, below, report)
    if operator == "count":
        return _read_count(body, below, report)
    report(
        path,
        f"{operator} is not an operator",
        nearest(str(operator), OPERATORS) or "use " + ", ".join(OPERATORS),
    )
    return None


def _read_items(body: Anything, path: _Path, report: _Report) -> tuple[Term, ...] | None:
    if not isinstance(body, list) or not body:
        report(path, "a list of one or more conditions is expected", "")
        return None
    items = [read_condition(item, (*path, index), report) for index, item in enumerate(body)]
    return None if None in items else tuple(item for item in items if item is not None)


def _read_quantified(operator: str, body: Anything, path: _Path, report: _Report) -> Term | None:
    if not isinstance(body, dict) or len(body) != 1:
        report(path, f"{operator} takes one frame and its condition", "some: {episode: ...}")
        return None
    frame, inner = next(iter(body.items()))
    if frame not in Frame.__members__.values():
        report(path, f"{frame} is not a frame", nearest(str(frame), [f.value for f in Frame]))
        return None
    item = read_condition(inner, (*path, frame), report)
    if item is None:
        return None
    return Some(Frame(frame), item) if operator == "some" else Every(Frame(frame), item)


def _read_count(body: Anything, path: _Path, report: _Report) -> Term | None:
    if not isinstance(body, dict) or set(body) != {"at_least", "of"}:
        report(path, "count takes at_least and of", "count: {at_least: 2, of: [...]}")
        return None
    items = _read_items(body["of"], (*path, "of"), report)
    needed = body["at_least"]
    if isinstance(needed, bool) or not isinstance(needed, int) or needed < 1:
        report((*path, "at_least"), f"{needed!r} is not a whole number above zero", "")
        return None
    if items is not None and needed > len(items):
        report((*path, "at_least"), f"{needed} of {len(items)} can never hold", "")
        return None
    return None if items is None else Count(needed, items)


def _read_test(raw: dict[str, Anything], path: _Path, report: _Report) -> Term | None:
    keys = set(raw) - {"fact"}
    if keys == {"is"}:
        return Test(str(raw["fact"]), raw["is"])
    if keys == {"at_least"}:
        needed = raw["at_least"]
        if isinstance(needed, bool) or not isinstance(needed, int):
            report((*path, "at_least"), f"{needed!r} is not a whole number", "")
            return None
        return Test(str(raw["fact"]), needed, at_least=True)
    report(path, "a test of a fact takes is or at_least", "{fact: pers.ground, is: religious}")
    return None


def _read_view(raw: dict[str, Anything], path: _Path, report: _Report) -> Term | None:
    if set(raw) != {"doctrine", "is"}:
        report(path, "a doctrine is tested with is", "{doctrine: ID, is: VIEW}")
        return None
    return View(str(raw["doctrine"]), str(raw["is"]))
