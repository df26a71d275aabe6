"""Mutants of the law: each changes one rule in one place. A good test tells every one apart.

A mutant is killed when some test beside a rule gives another answer. One that no test kills is
tried on every assignment to what its condition reads; if it differs on none it is equivalent:
the same law in other words.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from engine.inference.law import Law
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
    walk,
)
from engine.model.records import Case, Value
from engine.reasoning.branches import Lines, Path_, branches, put, steps, words
from engine.reasoning.corpus import FAILS, HOLDS, UNKNOWN, Assumed, Column, Corpus
from engine.reasoning.exhaustive import Assignment, differing, differing_labels
from engine.reasoning.lawtests import run_cases
from engine.rulebase.rulebase import Rulebase

Fate = Literal["killed", "equivalent", "survives"]
ANSWERS = {FAILS: "fails", UNKNOWN: "unknown", HOLDS: "holds"}
NOTHING = All(())
"""A condition that asks for nothing, in place of an exception dropped."""


@dataclass(frozen=True)
class Mutant:
    """One change: of a condition (``term`` in place of that of ``of``), or of the data.

    ``of`` is what is decided by the condition, or the fact or doctrine changed.
    """

    of: str
    path: Path_
    kind: str
    words: str
    term: Term | None = None
    assumed: Assumed | None = None


@dataclass(frozen=True)
class Fated:
    """A mutant and what became of it.

    ``by``: the test that killed it. ``behind``: some classification rests on it.
    ``suggested``: for a survivor, a test that would kill it, as YAML on one line.
    """

    mutant: Mutant
    fate: Fate
    behind: bool
    by: str = ""
    file: str = ""
    line: int = 0
    suggested: str = ""


@dataclass
class Mutation:
    """The fate of every mutant."""

    fated: list[Fated] = field(default_factory=list)

    def survivors(self, *, behind: bool | None = None) -> list[Fated]:
        """The mutants that nothing kills, those behind the classifications first."""
        found = [item for item in self.fated if item.fate == "survives"]
        found = [item for item in found if behind is None or item.behind is behind]
        return sorted(found, key=lambda item: (not item.behind, item.file, item.line))

    def kinds(self) -> dict[str, int]:
        """How many mutants there were of each kind, the most frequent first."""
        return dict(Counter(item.mutant.kind for item in self.fated).most_common())

    def counts(self, *, behind: bool | None = None) -> Counter[str]:
        """How many mutants met each fate."""
        return Counter(item.fate for item in self.fated if behind is None or item.behind is behind)


def mutants(base: Rulebase, names: Iterable[str] | None = None) -> Iterator[Mutant]:
    """Every mutant of the conditions of ``names`` (by default all), then of the data."""
    for name in names if names is not None else base.order:
        for path, term in branches(base.terms[name]):
            for kind, text, new, below in _changes(base, term):
                yield Mutant(name, path + below, kind, text, put(base.terms[name], path, new))


def data_mutants(base: Rulebase) -> Iterator[Mutant]:
    """Mutants of presumptions and of the default views of doctrines."""
    read = {key.id for term in base.terms.values() for key in walk(term) if isinstance(key, Ref)}
    for fact in base.facts.values():
        if fact.presumed is None or fact.id not in read:
            continue
        flipped = str(not fact.presumed).lower()
        for value, text in ((not fact.presumed, f"presumed {flipped}"), (None, "not presumed")):
            yield Mutant(fact.id, (), "presumption", text, assumed=Assumed(((fact.id, value),)))
    switched = {
        t.doctrine for term in base.terms.values() for t in walk(term) if isinstance(t, View)
    }
    for name in sorted(switched):
        for view in base.doctrines[name].views:
            if view != base.doctrines[name].default:
                yield Mutant(
                    name,
                    (),
                    "doctrine",
                    f"default view {view}",
                    assumed=Assumed((), ((name, view),)),
                )


def _changes(base: Rulebase, term: Term) -> Iterator[tuple[str, str, Term, Path_]]:
    """Each way to change one node: kind, words, what stands there instead, the step to a part."""
    if isinstance(term, All | Any | Count) and len(term.items) > 1:
        for index, (step, item) in enumerate(steps(term)):
            if isinstance(term, All) and isinstance(item, Unless):
                continue  # dropped as an exception, below
            rest = (*term.items[:index], *term.items[index + 1 :])
            if isinstance(term, Count):
                if term.at_least > len(rest):
                    continue
                new: Term = Count(term.at_least, rest)
            else:
                new = rest[0] if len(rest) == 1 else type(term)(rest)
            yield "drop", f"{words(item)} dropped from {_operator(term)}", new, step
    for kind, text, new in _swaps(base, term):
        yield kind, text, new, ()


def _swaps(base: Rulebase, term: Term) -> Iterator[tuple[str, str, Term]]:
    """Each way to read one node as another, its parts being the same."""
    here = words(term)
    if isinstance(term, All | Any) and len(term.items) > 1:
        swapped = Any(term.items) if isinstance(term, All) else All(term.items)
        yield "all/any", f"{_operator(term)} read as {_operator(swapped)}: {here}", swapped
    if isinstance(term, Some | Every):
        other = Every if isinstance(term, Some) else Some
        new = other(term.frame, term.item)
        yield "some/every", f"{here} read as {words(new)}", new
    if isinstance(term, Unless):
        yield "exception", f"{here}: must be disproved, not only unshown", Not(term.item)
        yield "exception", f"{here} dropped", NOTHING
    if isinstance(term, Test) and term.at_least:
        for value in (int(term.value) - 1, int(term.value) + 1):
            yield "threshold", f"{here}: {value}", Test(term.fact, value, at_least=True)
    if isinstance(term, Test) and not term.at_least:
        for other_value in base.facts[term.fact].values:
            if other_value != term.value:
                yield "choice", f"{here}: {other_value}", Test(term.fact, other_value)
    if isinstance(term, Count):
        for needed in (term.at_least - 1, term.at_least + 1):
            if 1 <= needed <= len(term.items):
                yield "threshold", f"{here}: {needed}", Count(needed, term.items)
    if isinstance(term, View):
        for view in base.doctrines[term.doctrine].views:
            if view != term.view:
                yield "doctrine", f"{here}: {view}", View(term.doctrine, view)
    if isinstance(term, Not):
        yield "negate", f"{here}: the not dropped", term.item
    elif not isinstance(term, Unless):
        yield "negate", f"{here} negated", Not(term)


def _operator(term: Term) -> str:
    return "count" if isinstance(term, Count) else "all" if isinstance(term, All) else "any"


class Killer:
    """Runs mutants against the tests beside the rules of one law."""

    def __init__(self, law: Law, lines: Lines | None = None) -> None:
        self.base = law.base
        self.plan = law.plan
        self.corpus = Corpus(law)
        self.lines = lines or Lines(law.base)

    @cached_property
    def own(self) -> dict[str, NDArray[np.intp]]:
        """For each record, the numbers of the tests that stand beside it."""
        found: dict[str, list[int]] = {}
        for number, (of, _) in enumerate(self.corpus.cases[: self.corpus.tests]):
            found.setdefault(of, []).append(number)
        return {of: np.array(numbers, dtype=np.intp) for of, numbers in found.items()}

    @cached_property
    def behind(self) -> set[str]:
        """Everything that some outcome rule rests on: decided, facts, and doctrines by name."""
        found: set[str] = set()
        todo = [name for name in self.base.order if "#" in name]
        while todo:
            name = todo.pop()
            if name in found:
                continue
            found.add(name)
            for part in walk(self.base.terms[name]):
                if isinstance(part, Ref):
                    if part.id in self.base.terms:
                        todo.append(part.id)
                    else:
                        found.add(part.id)
                elif isinstance(part, Test | View):
                    found.add(part.fact if isinstance(part, Test) else part.doctrine)
        return found

    def fate(self, mutant: Mutant) -> Fated:
        """What becomes of one mutant."""
        behind = mutant.of in self.behind
        by = self._killed(mutant)
        if by:
            return Fated(mutant, "killed", behind, by)
        suggested = ""
        if mutant.term is not None:
            frame = self.corpus.frame(mutant.of)
            item, _, number = mutant.of.partition("#")
            if number:
                found, same = differing_labels(
                    self.base, self.base.classifications[item], int(number), mutant.term
                )
            else:
                found, same = differing(
                    self.base, frame, self.base.terms[mutant.of], mutant.term, mutant.path
                )
            file, line = self.lines.of(mutant.of, mutant.path)
            if same:
                return Fated(mutant, "equivalent", behind, "", file, line)
            suggested = self._suggest(mutant, found)
        else:
            file, line = self.lines.record(mutant.of)
        return Fated(mutant, "survives", behind, "", file, line, suggested)

    def _suggest(self, mutant: Mutant, found: Assignment | None) -> str:
        if found is None:
            if mutant.kind == "some/every":
                return "two rows, of which one is enough: given on the first, beside on the second"
            return ""
        stated = self._stated(found)
        given = ", ".join(f"{name}: {_yaml(value)}" for name, value in stated.items())
        text = f"given: {{{given}}}"
        if found.doctrine:
            views = ", ".join(f"{name}: {view}" for name, view in found.doctrine.items())
            text += f", doctrine: {{{views}}}"
        if found.strict:
            text += ", strict: true"
        of, _, outcome = mutant.of.partition("#")
        if not outcome:
            return f"{text}, then: {ANSWERS[found.first]}"
        item = self.base.classifications[of]
        rule = item.outcomes[found.first] if found.first >= 0 else None
        label = rule.label if rule else item.otherwise
        level = rule.level if rule else item.otherwise_level
        return f"{text}, then: {label}" + (f", level: {level}" if level else "")

    def _stated(self, found: Assignment) -> dict[str, Value]:
        """What a test has to state, and to leave open although the facts stated decide it."""
        stated: dict[str, Value] = dict(found.given)
        for _ in found.open:
            case = Case(
                name="?", given=stated, then="?", doctrine=dict(found.doctrine), strict=found.strict
            )
            planes = run_cases(self.base, self.plan, [case])
            known = [name for name in found.open if any(planes[self.plan.heads[name]])]
            if not known:
                break
            stated[known[0]] = None
        return stated

    def _killed(self, mutant: Mutant) -> str:
        """The first test that tells a mutant from the law, or nothing."""
        corpus = self.corpus
        changed: dict[str, Column] = {}
        start: list[str] = []
        if mutant.term is not None:
            new = corpus.pinned(mutant.of, corpus.evaluate(mutant.term, mutant.of))
            rows = new != corpus.values[mutant.of]
            if not rows.any():
                return ""
            hit = self._hit(mutant.of, rows)
            if hit:
                return hit
            changed[mutant.of] = new
        else:
            key = mutant.of if mutant.of in self.base.facts else f"doctrine:{mutant.of}"
            start = corpus.readers.get(key, [])
        return self._seen(corpus.spread(changed, start=start, assumed=mutant.assumed))

    def _seen(self, changed: dict[str, Column]) -> str:
        """The first test that gives another answer, or nothing."""
        for name, new in changed.items():
            of, _, outcome = name.partition("#")
            if outcome:
                rows = self._labels(of, {}) != self._labels(of, changed)
            else:
                rows = self.corpus.values[name] != new
            hit = self._hit(of, rows)
            if hit:
                return hit
        return ""

    def _labels(self, of: str, values: dict[str, Column]) -> NDArray[np.int8]:
        """The label of each test of a classification, told apart by level where it asks."""
        found = self.corpus.labels(of, values, levels=False)[: self.corpus.tests]
        exact = self.corpus.labels(of, values)[: self.corpus.tests]
        asks = np.array([bool(case.level) for _, case in self.corpus.cases[: self.corpus.tests]])
        return np.where(asks, exact + 100, found).astype(np.int8)

    def _hit(self, of: str, rows: NDArray[np.bool_]) -> str:
        """The first test beside ``of`` among the rows."""
        own = self.own.get(of)
        if own is None:
            return ""
        hit = own[rows[own]]
        return f"{of}: {self.corpus.cases[int(hit[0])][1].name}" if len(hit) else ""


def _yaml(value: object) -> str:
    if value is None:
        return "unknown"
    return str(value).lower() if isinstance(value, bool) else str(value)


def mutate(
    law: Law,
    *,
    prefix: str = "",
    overlays: Sequence[Path] = (),
    progress: Callable[[int, int], None] | None = None,
) -> Mutation:
    """The fate of every mutant of what starts with ``prefix``.

    ``progress`` is called with the number done and the number in all.
    """
    killer = Killer(law, Lines(law.base, overlays))
    todo = [
        mutant
        for mutant in (*mutants(law.base), *data_mutants(law.base))
        if mutant.of.startswith(prefix)
    ]
    found = Mutation()
    for number, mutant in enumerate(todo):
        found.fated.append(killer.fate(mutant))
        if progress and (number % 50 == 49 or number + 1 == len(todo)):
            progress(number + 1, len(todo))
    return found
