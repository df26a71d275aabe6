"""Theorems as files: their conditions read, and everything they name checked."""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase

from engine.model.conditions import Term
from engine.model.problem import Problem, nearest
from engine.model.records import Limit, Mistake, Organ, Provision, Theorem
from engine.rulebase.conditions import read_condition
from engine.rulebase.rulebase import Rulebase
from engine.rulebase.source import Source

_Path = tuple[str | int, ...]


def theorem_terms(
    theorem: Theorem, source: Source, path: _Path, problems: list[Problem]
) -> Iterator[tuple[str, Term, _Path]]:
    """The conditions of a theorem as (key, term, place): ``given``, ``never``, ``same.0``..."""

    def report(at: _Path, message: str, hint: str) -> None:
        problems.append(source.problem(at, message, hint))

    written = [
        (key, getattr(theorem, key), (*path, key))
        for key in ("given", "always", "never")
        if getattr(theorem, key) is not None
    ]
    written += [
        (f"same.{index}", item, (*path, "same", index)) for index, item in enumerate(theorem.same)
    ]
    for key, raw, at in written:
        term = read_condition(raw, at, report)
        if term is not None:
            yield key, term, at


def theorem_faults(base: Rulebase, name: str, source: Source, path: _Path) -> list[Problem]:
    """What a theorem says of labels, doctrines and things unchanged that cannot be meant."""
    theorem, found = base.theorems[name], []
    claims = (
        theorem.always is not None,
        theorem.never is not None,
        *map(bool, (theorem.same, theorem.always_outcome, theorem.never_outcome)),
        bool(theorem.unchanged),
    )
    if not any(claims):
        found.append(
            source.problem(path, f"{name} claims nothing", "say always, never, same or unchanged")
        )
    if len(theorem.same) == 1:
        found.append(source.problem((*path, "same"), "same compares two conditions or more"))
    if bool(theorem.unchanged) != bool(theorem.whatever):
        found.append(source.problem(path, "unchanged and whatever go together"))
    for key in ("always_outcome", "never_outcome"):
        for of, labels in getattr(theorem, key).items():
            found += _label_faults(base, theorem, of, labels, source, (*path, key, of))
    facts_differ = any(named(base, pattern) & base.facts.keys() for pattern in theorem.whatever)
    for index, of in enumerate(theorem.unchanged):
        at = (*path, "unchanged", index)
        if of in base.classifications:
            frame = base.classifications[of].per
        elif of in base.decided:
            frame = base.decided[of].per
        else:
            known = [*base.classifications, *base.decided]
            found.append(source.problem(at, f"unknown provision {of}", nearest(of, known)))
            continue
        if facts_differ and not theorem.per.sees(frame):
            found.append(
                source.problem(
                    at, f"{of} is per {frame} and out of sight of a row per {theorem.per}"
                )
            )
    for index, pattern in enumerate(theorem.whatever):
        if not named(base, pattern):
            known = [*base.facts, *base.decided, *base.classifications]
            hint = nearest(pattern, known)
            at = (*path, "whatever", index)
            found.append(source.problem(at, f"nothing is called {pattern}", hint))
    mistakes = [item.id for item in base.mistakes()]
    found += [
        source.problem((*path, "mistakes"), f"unknown mistake {one}", nearest(one, mistakes))
        for one in theorem.mistakes
        if one not in mistakes
    ]
    if isinstance(theorem.doctrine, dict):
        for doctrine, view in theorem.doctrine.items():
            if doctrine not in base.doctrines or view not in base.doctrines[doctrine].views:
                hint = nearest(doctrine, base.doctrines)
                at = (*path, "doctrine", doctrine)
                found.append(source.problem(at, f"unknown view {doctrine}={view}", hint))
    return found


def _label_faults(
    base: Rulebase,
    theorem: Theorem,
    of: str,
    labels: tuple[str, ...],
    source: Source,
    at: _Path,
) -> list[Problem]:
    item = base.classifications.get(of)
    if item is None:
        hint = nearest(of, base.classifications)
        return [source.problem(at, f"unknown classification {of}", hint)]
    if not theorem.per.sees(item.per):
        message = f"{of} is per {item.per} and out of sight of a row per {theorem.per}"
        return [source.problem(at, message)]
    return [
        source.problem(at, f"{of} is never {label}", nearest(label, item.strongest))
        for label in labels
        if label not in item.strongest
    ]


def named(base: Rulebase, pattern: str) -> set[str]:
    """Every fact, rule and classification that an id, a pattern or ``folder/`` stands for.

    ``organs/``, ``limits/``, ``mistakes/``, ``facts/GROUP/`` and ``instruments/KEY/`` are the
    records of those folders.
    """
    if pattern.endswith("/"):
        return {
            name
            for name, folder in _folders(base)
            if f"{folder}/".startswith(pattern) or folder == pattern[:-1]
        }
    names = [*base.facts, *base.decided, *base.classifications]
    return {name for name in names if fnmatchcase(name, pattern)}


def _folders(base: Rulebase) -> Iterator[tuple[str, str]]:
    for name, fact in base.facts.items():
        if not fact.derived:
            yield name, f"facts/{fact.group}"
    for name, record in base.decided.items():
        if isinstance(record, Provision):
            yield name, f"instruments/{record.of}" if record.article else "classifications"
        else:
            kind = {Organ: "organs", Limit: "limits", Mistake: "mistakes"}[type(record)]
            yield name, kind
    for name in base.classifications:
        yield name, "classifications"
