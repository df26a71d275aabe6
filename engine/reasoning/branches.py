"""Branches of a condition: where each part stands, in the term and in the file, and its words.

A path is written as in the file, ``("all", 0, "not")``, so that it leads to a line of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TypeGuard

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
from engine.rulebase.load import read_folders, shipped_rules
from engine.rulebase.rulebase import Rulebase
from engine.rulebase.source import Source, parse_source

Path_ = tuple[str | int, ...]


def steps(term: Term) -> list[tuple[Path_, Term]]:
    """The direct parts of a term, each with the step that leads to it."""
    if isinstance(term, All | Any):
        word = "all" if isinstance(term, All) else "any"
        return [((word, index), item) for index, item in enumerate(term.items)]
    if isinstance(term, Count):
        return [(("count", "of", index), item) for index, item in enumerate(term.items)]
    if isinstance(term, Not):
        return [(("not",), term.item)]
    if isinstance(term, Unless):
        return [(("unless",), term.item)]
    if isinstance(term, Some | Every):
        word = "some" if isinstance(term, Some) else "every"
        return [((word, term.frame.value), term.item)]
    return []


def branches(term: Term, path: Path_ = ()) -> Iterator[tuple[Path_, Term]]:
    """The term and every part of it, each with its path, from the top down."""
    yield path, term
    for step, part in steps(term):
        yield from branches(part, path + step)


def is_ref(term: Term) -> TypeGuard[Ref]:
    """Whether a part names a fact or something decided."""
    return isinstance(term, Ref)


def at(term: Term, path: Path_) -> Term:
    """The part at a path. Raises ``KeyError`` for a path not in the term."""
    if not path:
        return term
    for step, part in steps(term):
        if path[: len(step)] == step:
            return at(part, path[len(step) :])
    raise KeyError(path)


def frame_at(term: Term, path: Path_, frame: Frame) -> Frame:
    """The frame in which the branch at ``path`` is decided: that of the last quantifier."""
    for number, step in enumerate(path):
        if step in ("some", "every"):
            frame = Frame(str(path[number + 1]))
    return frame


def put(term: Term, path: Path_, new: Term) -> Term:
    """The term with the part at ``path`` replaced. Raises ``KeyError`` for a path not in it."""
    if not path:
        return new
    for step, part in steps(term):
        if path[: len(step)] == step:
            changed = put(part, path[len(step) :], new)
            if isinstance(term, All | Any | Count):
                index = int(step[-1])
                return replace(term, items=(*term.items[:index], changed, *term.items[index + 1 :]))
            assert isinstance(term, Not | Unless | Some | Every)
            return replace(term, item=changed)
    raise KeyError(path)


def words(term: Term, room: int = 60) -> str:
    """A term on one line, as in the file, cut to about ``room`` characters."""
    text = _words(term)
    return text if len(text) <= room else text[: room - 1].rstrip(" ,[{") + "…"


def _words(term: Term) -> str:
    if isinstance(term, Ref):
        return term.id
    if isinstance(term, Test):
        return f"{term.fact} {'at_least' if term.at_least else 'is'} {term.value}"
    if isinstance(term, View):
        return f"doctrine {term.doctrine} is {term.view}"
    inner = ", ".join(_words(part) for _, part in steps(term))
    if isinstance(term, All | Any):
        return f"{'all' if isinstance(term, All) else 'any'}: [{inner}]"
    if isinstance(term, Count):
        return f"{term.at_least} of [{inner}]"
    if isinstance(term, Some | Every):
        return f"{'some' if isinstance(term, Some) else 'every'} {term.frame}: {inner}"
    return f"{'not' if isinstance(term, Not) else 'unless'}: {inner}"


class Lines:
    """The line of any branch. Reads a rule file again only when a line of it is asked for."""

    def __init__(self, base: Rulebase, overlays: Sequence[Path] = (), root: Path | None = None):
        self._base = base
        self._overlays = tuple(f"{folder.name}/" for folder in overlays)
        self._roots = [root or shipped_rules(), *overlays]
        self._data: dict[str, bytes] | None = None
        self._source = cache(self._read)

    def shown(self, file: str) -> str:
        """A rule file as a person finds it: from the folder that holds it."""
        return file if file.startswith(self._overlays) else f"{self._roots[0].name}/{file}"

    def record(self, name: str) -> tuple[str, int]:
        """The file and line of a fact or a doctrine."""
        place = self._base.places.get(name) or self._base.places.get(f"doctrine:{name}")
        return ("", 0) if place is None else (self.shown(place.file), place.line)

    def of(self, name: str, path: Path_ = ()) -> tuple[str, int]:
        """The file and line of a branch of ``name``, which may be an outcome rule.

        ``("", 0)`` for law that was not read from files.
        """
        record, _, outcome = name.partition("#")
        place = self._base.places.get(f"classification:{record}" if outcome else record)
        if place is None:
            return "", 0
        source = self._source(place.file)
        if source is None:
            return self.shown(place.file), place.line
        if outcome:
            below: Path_ = ("classification", "outcomes", int(outcome), "when")
        else:
            below = (*_record_path(source, record), "holds")
        return self.shown(place.file), source.place((*below, *path))[0] or place.line

    def _read(self, file: str) -> Source | None:
        if self._data is None:
            self._data = {}
            for folder in read_folders(self._roots):
                self._data.update(folder)
        data = self._data.get(file)
        return None if data is None else parse_source(data, file)


def _record_path(source: Source, name: str) -> Path_:
    for index, record in enumerate(source.value.get("provisions") or ()):
        if record.get("id") == name:
            return ("provisions", index)
    return ()
