"""The rule engine for many variants of one case: what it concluded once, it is not asked again.

What a sheet of rules derives follows from the literals it is given and nothing else. Variants
of a case differ on a few rows, so most sessions would be repeats.
"""

from __future__ import annotations

import copy
from random import Random

from engine.inference.law import Law
from engine.inference.rete import ReteEvaluator
from engine.inference.rete_rules import Literal, Sheet
from engine.inference.rete_session import Matcher

_MOST = 20_000
"""Conclusions kept per sheet."""


class _Remembering(Matcher):
    """A matcher that keeps what it derived."""

    def __init__(self, matcher: Matcher) -> None:
        self._matcher = matcher
        self._kept: dict[tuple[Literal, ...], dict[Literal, int]] = {}

    def derive(self, given: list[Literal], order: Random | None = None) -> dict[Literal, int]:
        """What follows from the literals ``given``, kept from the first time they were given."""
        key = tuple(given)
        if key not in self._kept:
            if len(self._kept) >= _MOST:
                self._kept.clear()
            self._kept[key] = self._matcher.derive(given, order)
        return self._kept[key]


class RememberingRete(ReteEvaluator):
    """The evaluator of a law, sharing its compiled rules, with a memory of its own."""

    def __init__(self, evaluator: ReteEvaluator) -> None:
        self.__dict__.update(evaluator.__dict__)
        self._source = evaluator
        self._remembering: dict[int, _Remembering] = {}

    def _matcher(self, number: int, sheet: Sheet) -> Matcher:
        if number not in self._remembering:
            self._remembering[number] = _Remembering(self._source._matcher(number, sheet))
        return self._remembering[number]


def remembering(law: Law) -> Law:
    """The same law, for assessing many variants of one case with both evaluators."""
    twin = copy.copy(law)
    twin.__dict__["rete"] = RememberingRete(law.rete)
    return twin
