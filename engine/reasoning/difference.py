"""What differs between two assessments, and through which provisions it came to differ."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable

from engine.model.frames import Frame
from engine.model.reasons import Deciding, Gained, OutcomeChange
from engine.model.records import Classification, Decided, Provision
from engine.model.truth import Truth
from engine.reasoning.assess import Assessment, Outcome
from engine.rulebase.rulebase import outcome_id

Spot = tuple[int, int]
"""A node and a row of its frame."""

ValueAt = Callable[[int, int], Truth]


class Difference:
    """Every node that has another value on a row of ``after`` than on its row in ``before``.

    Rows are matched by name. What was decided on no such row before was unknown.
    """

    def __init__(self, before: Assessment, after: Assessment) -> None:
        self.before = before
        self.after = after
        self.rows = {frame: self._counterparts(frame) for frame in after.case.layout.rows}
        self.spots = self._spots()

    def _counterparts(self, frame: Frame) -> list[int | None]:
        """For each row of a frame after, the number of the row before."""
        count = len(self.after.case.layout.rows[frame])
        if self.before.case.layout is self.after.case.layout:
            return list(range(count))
        known = {self.before.case.row_name(frame, row): row for row in self.before.rows(frame)}
        return [known.get(self.after.case.row_name(frame, row)) for row in range(count)]

    def _spots(self) -> set[Spot]:
        law = self.after.law
        nodes: dict[Frame, dict[int, int]] = {}
        for index, node in enumerate(law.plan.nodes):
            nodes.setdefault(node.frame, {})[law.order.slots[index]] = index
        found: set[Spot] = set()
        for frame, rows in self.after.values.items():
            for row, cells in enumerate(rows):
                other = self.rows[frame][row]
                was = self.before.values[frame][other] if other is not None else [0] * len(cells)
                if was == cells:
                    continue
                found.update(
                    (nodes[frame][slot // 2], row)
                    for slot, (one, two) in enumerate(zip(was, cells, strict=True))
                    if one is not two and (one & 1) != (two & 1)
                )
        return found

    def was(self, index: int, row: int) -> Truth:
        """The value before, on the row that stands for this one."""
        other = self.rows[self.after.law.plan.nodes[index].frame][row]
        return Truth.UNKNOWN if other is None else self.before.truth(index, other)

    def heads(self) -> set[Spot]:
        """What differs of all that is decided: provisions, bodies, limits, mistakes."""
        names, decided = self.after.law.names, self.after.law.base.decided
        return {spot for spot in self.spots if names.get(spot[0]) in decided}

    def nothing(self) -> bool:
        """Whether everything decided, and every outcome, is the same."""
        return not self.heads() and not self.outcomes()[0]

    def outcomes(self) -> tuple[list[OutcomeChange], dict[str, str]]:
        """The outcomes that changed, part by part, with why; and those that did not."""
        changed: list[OutcomeChange] = []
        same: dict[str, str] = {}
        after = self.after
        for item in after.law.base.classifications.values():
            old = {group.key: group for group in self.before.groups(item)}
            new = {group.key: group for group in after.groups(item)}
            for key in dict.fromkeys([*old, *new]):
                was = old[key].outcome if key in old else _NOT_ASKED
                now = new[key].outcome if key in new else _NOT_ASKED
                if _same(was, now):
                    same[f"{item.id}@{key}"] = now.label
                    continue
                rows = new[key].rows if key in new else ()
                spots = path(after, self.spots, outcome_spots(after, item, rows))
                changed.append(
                    OutcomeChange(
                        classification=item.id,
                        part=key,
                        before=was.label,
                        after=now.label,
                        level_before=was.level,
                        level_after=now.level,
                        contested_before=list(was.contested),
                        contested_after=list(now.contested),
                        because=deciding(after, self.was, after.truth, spots),
                    )
                )
        return changed, same

    def provisions(self) -> list[Deciding]:
        """Every provision that has another value now, on any row."""
        return deciding(self.after, self.was, self.after.truth, sorted(self.heads()))

    def gained(self, records: Iterable[Decided], words: Callable[[Decided], str]) -> Gained:
        """Which records hold somewhere now and did not, and the reverse."""
        found = Gained()
        moved = {self.after.law.names[index] for index, _ in self.heads()}
        moved.update(() if self.before.case.layout is self.after.case.layout else self._all())
        for record in records:
            if record.id not in moved:
                continue
            was, now = bool(self.before.held(record.id)), bool(self.after.held(record.id))
            if now and not was:
                found.appeared[record.id] = words(record)
            elif was and not now:
                found.gone[record.id] = words(record)
        return found

    def _all(self) -> Iterable[str]:
        """With other rows, something can also be gone because its row is."""
        return self.after.law.base.decided


def path(assessment: Assessment, differs: Collection[Spot], start: Iterable[Spot]) -> list[Spot]:
    """Every spot that differs and is reached from ``start`` through spots that differ."""
    seen: set[Spot] = set()
    todo = [spot for spot in start if spot in differs]
    while todo:
        spot = todo.pop()
        if spot in seen:
            continue
        seen.add(spot)
        todo += [part for part in assessment.parts(*spot) if part in differs]
    return sorted(seen)


def outcome_spots(assessment: Assessment, item: Classification, rows: Iterable[int]) -> list[Spot]:
    """The outcome conditions of a classification on some rows."""
    heads = assessment.law.plan.heads
    return [
        (heads[outcome_id(item.id, number)], row)
        for row in rows
        for number in range(len(item.outcomes))
    ]


def deciding(
    assessment: Assessment, first: ValueAt, second: ValueAt, spots: Iterable[Spot]
) -> list[Deciding]:
    """The provisions among the spots, from the facts upwards."""
    law, found = assessment.law, []
    for index, row in spots:
        record = law.base.decided.get(law.names.get(index, ""))
        if isinstance(record, Provision):
            found.append(
                Deciding(
                    id=record.id,
                    name=record.name,
                    cite=law.base.citation(record),
                    row=assessment.case.row_name(record.per, row),
                    before=first(index, row).value,
                    after=second(index, row).value,
                )
            )
    return found


_NOT_ASKED = Outcome("not_asked", None)


def _same(was: Outcome, now: Outcome) -> bool:
    return (was.label, was.level, was.contested) == (now.label, now.level, now.contested)
