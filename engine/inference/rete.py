"""Placeholder until the rule-engine evaluator lands (being written: overwrite this file)."""

from __future__ import annotations

from typing import Any


class ReteEvaluator:
    """Placeholder."""

    def __init__(self, plan: Any) -> None:
        self.plan = plan

    def run(self, layout: Any, leaves: Any, *, lenient: bool) -> Any:
        """Placeholder."""
        raise NotImplementedError


def available() -> bool:
    """Placeholder."""
    return False


def why_unavailable() -> str:
    """Placeholder."""
    return "not written yet"
