"""A few lines in words for each distinct result of a batch."""

from __future__ import annotations

from collections.abc import Mapping

from engine.batch.columns import key_of
from engine.model.records import Provision
from engine.model.truth import Truth
from engine.rulebase.rulebase import Rulebase

Elements = dict[str, tuple[Truth | None, ...]]
"""For each classification the best value of each of its elements; None where not asked."""


def explanation(base: Rulebase, row: Mapping[str, object], elements: Elements) -> str:
    """The outcomes of a row in words: what each rests on, with citations."""
    return " ".join(
        sentence
        for item in base.classifications.values()
        for sentence in [clause(base, item.id, str(row[key_of(item)]), elements[item.id])]
    )


def clause(
    base: Rulebase, classification: str, label: str, values: tuple[Truth | None, ...]
) -> str:
    """One classification's outcome in words."""
    item = base.classifications[classification]
    parts = []
    for value, word in (
        (Truth.FAILS, "fails"),
        (Truth.UNKNOWN, "not known"),
        (Truth.HOLDS, "holds"),
    ):
        named = [
            _named(base, name)
            for name, found in zip(item.elements, values, strict=True)
            if found is value
        ]
        if named:
            parts.append(f"{word}: {', '.join(named)}")
    return f"{item.name}: {label.replace('_', ' ')}" + (f" ({'; '.join(parts)})." if parts else ".")


def _named(base: Rulebase, name: str) -> str:
    record = base.decided[name]
    return (
        f"{record.name} [{base.citation(record)}]" if isinstance(record, Provision) else record.name
    )
