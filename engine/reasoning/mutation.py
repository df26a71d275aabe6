"""The fate of mutants: each changes the law in one place. A good test tells every one apart.

A mutant is killed when some test beside a rule gives another answer. One that no test kills is
tried on every assignment to what its condition reads; if it differs on none it is equivalent:
the same law in other words.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import product
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from engine.inference.law import Law
from engine.model.conditions import All, Any, Every, Ref, Some, Term, Test, View, walk
from engine.model.frames import Frame
from engine.model.records import Case, Value
from engine.reasoning.branches import Lines, Path_, at, branches, frame_at, is_ref, put, steps
from engine.reasoning.corpus import FAILS, HOLDS, UNKNOWN, Column, Corpus
from engine.reasoning.exhaustive import Assignment, differing, differing_labels
from engine.reasoning.lawtests import run_cases
from engine.reasoning.mutants import Mutant, data_mutants, mutants, order_mutants
from engine.rulebase.rulebase import outcome_id

Fate = Literal["killed", "equivalent", "survives"]
ANSWERS = {FAILS: "fails", UNKNOWN: "unknown", HOLDS: "holds"}


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
        if mutant.assumed is not None:
            return Fated(mutant, "survives", behind, "", *self.lines.record(mutant.of))
        found, same = self._difference(mutant)
        file, line = self.lines.of(mutant.of, mutant.path)
        if same:
            return Fated(mutant, "equivalent", behind, "", file, line)
        return Fated(mutant, "survives", behind, "", file, line, self._suggest(mutant, found))

    def _difference(self, mutant: Mutant) -> tuple[Assignment | None, bool]:
        """Where a mutant of a condition, or of an order, differs; whether nowhere is proven."""
        if "#" in mutant.of:
            return self._labels_differ(mutant)
        assert mutant.term is not None
        base, path = self.base, mutant.path
        frame, term = base.frame(mutant.of), base.terms[mutant.of]
        found, same = differing(base, frame, term, mutant.term, path)
        if not same and mutant.kind == "reference":
            whole = [one for x in (term, mutant.term) for one in (x, self._spelt(x, frame, path))]
            read = {part.id for one in whole for part in walk(at(one, path)) if is_ref(part)}
            short = [_narrowed(one, path, read) for one in whole]
            same = any(
                differing(base, frame, one, other)[1]
                for ways in (whole, short)
                for one, other in product(ways[:2], ways[2:])
            )
        return found, same

    def _labels_differ(self, mutant: Mutant) -> tuple[Assignment | None, bool]:
        name, _, number = mutant.of.partition("#")
        item = self.base.classifications[name]
        rules = [self.base.terms[outcome_id(name, index)] for index in range(len(item.outcomes))]
        others = list(rules)
        if mutant.term is not None:
            others[int(number)] = mutant.term
        found, same = differing_labels(self.base, item, rules, others, mutant.order)
        read = {part.id for one in (*rules, *others) for part in walk(one) if is_ref(part)}
        for one in sorted(read & self.base.decided.keys()) if found else ():
            spelt = [[self._spelt_in(term, item.per, one) for term in x] for x in (rules, others)]
            if differing_labels(self.base, item, spelt[0], spelt[1], mutant.order)[1]:
                return found, True
        return found, same

    def _spelt(self, term: Term, frame: Frame, path: Path_) -> Term:
        """A condition with the definition of the provision at ``path`` in place of its name.

        As it stands where a quantifier in the definition would range over other rows.
        """
        base, part = self.base, at(term, path)
        if not is_ref(part) or part.id not in base.decided:
            return term
        meant = base.terms[part.id]
        ranging = any(isinstance(below, Some | Every) for below in walk(meant))
        if ranging and base.frame(part.id) is not frame_at(term, path, frame):
            return term
        return put(term, path, meant)

    def _spelt_in(self, term: Term, frame: Frame, name: str) -> Term:
        """A condition with one provision spelt out wherever it is named."""
        for path, part in list(branches(term)):
            if part == Ref(name):
                term = self._spelt(term, frame, path)
        return term

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
        if mutant.order:
            of = mutant.of.partition("#")[0]
            return self._hit(of, self._labels(of, {}) != self._labels(of, {}, mutant.order))
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

    def _labels(
        self, of: str, values: dict[str, Column], order: Sequence[int] = ()
    ) -> NDArray[np.int8]:
        """The label of each test of a classification, told apart by level where it asks."""
        tests, labels = self.corpus.tests, self.corpus.labels
        found = labels(of, values, levels=False, order=order)[:tests]
        exact = labels(of, values, order=order)[:tests]
        asks = np.array([bool(case.level) for _, case in self.corpus.cases[:tests]])
        return np.where(asks, exact + 100, found).astype(np.int8)

    def _hit(self, of: str, rows: NDArray[np.bool_]) -> str:
        """The first test beside ``of`` among the rows."""
        own = self.own.get(of)
        if own is None:
            return ""
        hit = own[rows[own]]
        return f"{of}: {self.corpus.cases[int(hit[0])][1].name}" if len(hit) else ""


def _narrowed(term: Term, path: Path_, read: Collection[str]) -> Term:
    """A condition without what stands beside ``path`` and is none of the names ``read``.

    Two conditions that differ only at ``path`` are the same if they are the same so narrowed.
    """
    for step, part in steps(term):
        if path and path[: len(step)] == step:
            inner = _narrowed(part, path[len(step) :], read)
            if not isinstance(term, All | Any):
                return put(term, step, inner)
            beside = [item for item in term.items if is_ref(item) and item.id in read]
            return replace(term, items=(inner, *beside))
    return term


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
        for mutant in (*mutants(law.base), *order_mutants(law.base), *data_mutants(law.base))
        if mutant.of.startswith(prefix)
    ]
    found = Mutation()
    for number, mutant in enumerate(todo):
        found.fated.append(killer.fate(mutant))
        if progress and (number % 50 == 49 or number + 1 == len(todo)):
            progress(number + 1, len(todo))
    return found
