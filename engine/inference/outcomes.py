"""Outcomes: which label each row and each group of rows gets, in every world at once.

A label's plane has a bit for each world in which that label is reached.
"""

from __future__ import annotations

from collections.abc import Iterable

from engine.inference.planes import Plane, PlaneEvaluator, Values
from engine.model.records import Classification
from engine.rulebase.rulebase import outcome_id

Labels = dict[tuple[str, str | None], Plane]
"""Label and level, and the worlds in which they are reached. Each world is in just one."""


def row_labels(
    item: Classification, evaluator: PlaneEvaluator, values: Values, row: int, full: Plane
) -> Labels:
    """The labels of one row of the classification's frame: the first outcome that holds."""
    open_worlds = full
    labels: Labels = {}
    for index, outcome in enumerate(item.outcomes):
        head = evaluator.plan.heads[outcome_id(item.id, index)]
        true, _ = evaluator.get(values, row, head)
        reached = open_worlds & true
        key = (outcome.label, outcome.level)
        labels[key] = labels.get(key, 0) | reached
        open_worlds = open_worlds & ~reached
    key = (item.otherwise, item.otherwise_level)
    labels[key] = labels.get(key, 0) | open_worlds
    return labels


def strongest(item: Classification, rows: Iterable[Labels], full: Plane) -> Labels:
    """The labels of a group of rows: in each world the strongest label of any row.

    Between two rows with the same label, a level named earlier in the file wins.
    """
    rows = list(rows)
    open_worlds = full
    combined: Labels = {}
    for label in item.strongest:
        for level in label_levels(item, label):
            reached = 0
            for labels in rows:
                reached = reached | labels.get((label, level), 0)
            reached = reached & open_worlds
            combined[(label, level)] = reached
            open_worlds = open_worlds & ~reached
    return combined


def label_levels(item: Classification, label: str) -> list[str | None]:
    """The levels at which a label is reached, as the file lists them."""
    found = [outcome.level for outcome in item.outcomes if outcome.label == label]
    if item.otherwise == label:
        found.append(item.otherwise_level)
    return list(dict.fromkeys(found))


def label_of(labels: Labels, world: int = 0) -> tuple[str, str | None]:
    """The label and level reached in one world of integer planes."""
    for key, plane in labels.items():
        if plane >> world & 1:
            return key
    raise ValueError(f"world {world} is in no label")
