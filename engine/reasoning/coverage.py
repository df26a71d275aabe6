"""Coverage of the law: which answers of each rule, and of each branch of it, are ever met.

A branch is any part of a condition, down to the facts and other rules that it names. It is
covered by what puts its rule to the test: the tests beside the rule, the tests of rules that
rest on it without pinning it, and the shipped scenarios. It was decisive where another value
of this branch alone gives the rule another value.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.inference.law import Law
from engine.model.conditions import Term, View
from engine.model.frames import Frame
from engine.model.scenario import Scenario
from engine.reasoning.branches import Lines, Path_, branches, frame_at, words
from engine.reasoning.corpus import FAILS, HOLDS, UNKNOWN, Column, Corpus
from engine.reasoning.exhaustive import Exhaustive, TooMany

ANSWERS = {"holds": HOLDS, "fails": FAILS, "unknown": UNKNOWN}


@dataclass(frozen=True)
class Branch:
    """One branch of a rule; the rule as a whole is the branch with the empty path.

    ``met``: for each answer, the first test or scenario that met it. ``decisive``: the first
    in which another value of the branch alone changes the rule's. ``never``: the answers that
    no values of its parts give, proven by trying all.
    """

    of: str
    path: Path_
    words: str
    met: dict[str, str]
    decisive: str
    never: tuple[str, ...] = ()

    @property
    def lacks(self) -> tuple[str, ...]:
        """The answers, holds and fails, that could be met and were not."""
        return tuple(
            answer
            for answer in ("holds", "fails")
            if answer not in self.met and answer not in self.never
        )


@dataclass(frozen=True)
class Coverage:
    """Every branch of every rule asked for, in the order in which rules are decided."""

    branches: tuple[Branch, ...]
    tests: int
    scenarios: int
    lines: Lines

    def rules(self) -> list[Branch]:
        """The rules as wholes."""
        return [branch for branch in self.branches if not branch.path]

    def share(self, answer: str, *, rules: bool = False) -> tuple[int, int]:
        """How many branches (or rules) met an answer, of those that could.

        ``answer`` is holds, fails, unknown or decisive.
        """
        items = self.rules() if rules else list(self.branches)
        if answer == "decisive":
            return sum(bool(item.decisive) for item in items), len(items)
        able = [item for item in items if answer not in item.never]
        return sum(answer in item.met for item in able), len(able)

    def gaps(self) -> list[Branch]:
        """The branches that never hold or never fail though they could."""
        return [branch for branch in self.branches if branch.lacks]

    def idle(self) -> list[Branch]:
        """The branches that were never decisive."""
        return [branch for branch in self.branches if not branch.decisive]


def cover(
    law: Law,
    scenarios: Sequence[Scenario],
    *,
    prefix: str = "",
    overlays: Sequence[Path] = (),
    progress: Callable[[int, int], None] | None = None,
) -> Coverage:
    """The coverage of what starts with ``prefix``, by the law's tests and the scenarios."""
    corpus = Corpus(law, scenarios)
    names = [name for name in law.base.order if name.startswith(prefix)]
    found: list[Branch] = []
    for number, name in enumerate(names):
        found += _cover_rule(corpus, name)
        if progress:
            progress(number + 1, len(names))
    lines = Lines(law.base, overlays)
    return Coverage(tuple(found), corpus.tests, len(corpus.scenarios), lines)


def _cover_rule(corpus: Corpus, name: str) -> list[Branch]:
    term = corpus.base.terms[name]
    own = corpus.base.frame(name)
    asked = corpus.asked[name]
    trace: dict[Path_, Column] = {}
    now = corpus.evaluate(term, name, trace=trace)
    found: list[Branch] = []
    for path, part in branches(term):
        frame = frame_at(term, path, own)
        rows = asked if frame is own else _rows_asked(corpus, frame, asked)
        met = {}
        for answer, value in ANSWERS.items():
            where = np.flatnonzero(rows & (trace[path] == value))
            if len(where):
                met[answer] = corpus.source(frame, int(where[0]))
        decisive = ""
        for value in ANSWERS.values():
            other = corpus.evaluate(term, name, forced=(path, value))
            where = np.flatnonzero(asked & (other != now))
            if len(where):
                decisive = corpus.source(own, int(where[0]))
                break
        never = () if len(met) == len(ANSWERS) else _never(corpus, frame, part, met)
        found.append(Branch(name, path, words(part), met, decisive, never))
    return found


def _rows_asked(corpus: Corpus, other: Frame, asked: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The rows of ``other`` that belong to the same tests as the rows asked, and all scenarios."""
    tests = len(corpus.cases)
    rows = np.ones(corpus.sizes[other], dtype=bool)
    rows[:tests] = asked[:tests]
    return rows


def _never(corpus: Corpus, frame: Frame, part: Term, met: dict[str, str]) -> tuple[str, ...]:
    """The answers not met that no values of the parts of a branch can give.

    A quantifier gives what its condition gives, so one row is enough to see what it can.
    """
    if isinstance(part, View):  # a profile takes a view or does not
        return ("unknown",)
    try:
        everywhere = Exhaustive(corpus.base, frame, part)
    except TooMany:
        return ()
    values = set(everywhere.evaluate(part).tolist())
    return tuple(
        answer for answer, value in ANSWERS.items() if answer not in met and value not in values
    )
