"""Counts over the output of a batch: outcomes, what decides them, what is contested."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from engine.batch.columns import key_of, labels_of
from engine.batch.extras import need
from engine.batch.writers import format_of
from engine.model.problem import InputError
from engine.rulebase.rulebase import Rulebase


@dataclass
class Counts:
    """What the output of a batch says as a whole.

    ``outcomes``, ``first`` and ``contested`` map each classification's column to counts: of its
    outcomes, of the elements that decide first, and of the doctrines it is contested under.
    """

    rows: int = 0
    outcomes: dict[str, dict[str, int]] = field(default_factory=dict)
    first: dict[str, dict[str, int]] = field(default_factory=dict)
    contested: dict[str, dict[str, int]] = field(default_factory=dict)
    bodies: dict[str, int] = field(default_factory=dict)

    def shares(self) -> dict[str, dict[str, float]]:
        """The share of scenarios with each outcome."""
        return {
            name: {label: count / max(1, self.rows) for label, count in counts.items()}
            for name, counts in self.outcomes.items()
        }


def count(path: Path, base: Rulebase) -> Counts:
    """Count the output of a batch, column by column. Raises ``InputError``."""
    polars = need("polars")
    readers = {"parquet": polars.scan_parquet, "csv": polars.scan_csv, "jsonl": polars.scan_ndjson}
    if not path.is_file():
        raise InputError.single(str(path), "no such file")
    try:
        form = format_of(path)
        frame = polars.scan_csv(path, infer_schema=False) if form == "csv" else readers[form](path)
        names = frame.collect_schema().names()
        found = Counts(rows=int(frame.select(polars.len()).collect().item()))
        for item in base.classifications.values():
            name = key_of(item)
            if name not in names:
                continue
            counts = _counts(frame, name, polars)
            found.outcomes[name] = {
                label: counts[label] for label in labels_of(item) if label in counts
            }
            for suffix, where in (("first", found.first), ("contested", found.contested)):
                if f"{name}.{suffix}" in names:
                    where[name] = _words(_counts(frame, f"{name}.{suffix}", polars))
        if "bodies" in names:
            found.bodies = _words(_counts(frame, "bodies", polars))
    except polars.exceptions.PolarsError as error:
        raise InputError.single(
            str(path), f"cannot be read: {str(error).splitlines()[0]}"
        ) from None
    if not found.outcomes:
        raise InputError.single(
            str(path), "no column of a batch's output is in it", "write it with palermo batch"
        )
    return found


def _counts(frame: Any, name: str, polars: Any) -> dict[str, int]:
    table = frame.group_by(name).len().sort("len", name, descending=[True, False]).collect()
    return {str(word): int(number) for word, number in table.iter_rows() if word is not None}


def _words(counts: dict[str, int]) -> dict[str, int]:
    """The counts of single words in texts that list several."""
    found: dict[str, int] = {}
    for text, number in counts.items():
        for word in text.split():
            found[word] = found.get(word, 0) + number
    return dict(sorted(found.items(), key=lambda item: (-item[1], item[0])))
