"""Assessing a scenario: both evaluators, every doctrine profile, outcomes per row and group.

``assess`` decides; ``Assessment`` answers questions about what was decided. The published
document is made from it in ``engine.report.document``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from engine.inference import rete
from engine.inference.grounding import Case, ground, leaf_truth
from engine.inference.law import Law
from engine.inference.outcomes import Labels, label_of, row_labels, strongest
from engine.inference.plan import LEAVES
from engine.inference.planes import Values
from engine.inference.worlds import Worlds
from engine.model.frames import Frame
from engine.model.problem import EvaluatorsDisagree, InputError
from engine.model.records import Classification
from engine.model.scenario import Scenario
from engine.model.truth import Truth

Engine = Literal["both", "rete", "planes"]


@dataclass(frozen=True)
class Outcome:
    """A label, with the doctrines on which it depends.

    ``contested``: some view gives a different definite outcome. ``sensitive_to``: some view
    leaves it open, because facts that only matter there were not asked.
    """

    label: str
    level: str | None
    contested: tuple[str, ...] = ()
    sensitive_to: tuple[str, ...] = ()


@dataclass(frozen=True)
class Group:
    """The rows that answer for one episode, State or charge, and their combined outcome."""

    key: str
    outcome: Outcome
    rows: tuple[int, ...]


@dataclass
class Assessment:
    """One scenario decided under one law and one headline profile."""

    law: Law
    case: Case
    worlds: Worlds
    values: Values
    engine: Engine
    chosen: Mapping[str, str] = field(default_factory=dict)

    @property
    def scenario(self) -> Scenario:
        """The scenario assessed."""
        return self.case.scenario

    def truth(self, index: int, row: int, world: int = 0) -> Truth:
        """The value of one node on one row in one world."""
        true, false = self.law.evaluator.get(self.values, row, index)
        if true >> world & 1:
            return Truth.HOLDS
        return Truth.FAILS if false >> world & 1 else Truth.UNKNOWN

    def provision(self, name: str, row: int, world: int = 0) -> Truth:
        """The value of anything decided, on one row of its frame."""
        return self.truth(self.law.plan.heads[name], row, world)

    def rows(self, frame: Frame) -> range:
        """The row numbers of a frame."""
        return range(len(self.case.layout.rows[frame]))

    def held(self, name: str) -> list[int]:
        """The rows on which something decided holds."""
        frame = self.law.base.decided[name].per
        return [row for row in self.rows(frame) if self.provision(name, row) is Truth.HOLDS]

    def labels(self, item: Classification) -> list[Labels]:
        """The labels of every row of a classification's frame."""
        if item.id not in self._labels:
            self._labels[item.id] = [
                row_labels(item, self.law.evaluator, self.values, row, self.worlds.full)
                for row in self.rows(item.per)
            ]
        return self._labels[item.id]

    @cached_property
    def _labels(self) -> dict[str, list[Labels]]:
        return {}

    def outcome(self, item: Classification) -> Outcome | None:
        """The outcome over all rows; ``None`` where the question was not asked of anyone."""
        rows = self.labels(item)
        if not rows:
            return None
        return self._outcome(item, strongest(item, rows, self.worlds.full))

    def row_outcome(self, item: Classification, row: int) -> Outcome:
        """The outcome of one row."""
        return self._outcome(item, self.labels(item)[row])

    def groups(self, item: Classification) -> list[Group]:
        """The outcomes per episode, State or charge, as the classification is reported."""
        rows: dict[str, list[int]] = {}
        for row in self.rows(item.per):
            rows.setdefault(self._group_key(item, row), []).append(row)
        found = []
        for key, numbers in rows.items():
            labels = [self.labels(item)[row] for row in numbers]
            outcome = self._outcome(item, strongest(item, labels, self.worlds.full))
            found.append(Group(key, outcome, tuple(numbers)))
        return found

    def _group_key(self, item: Classification, row: int) -> str:
        parts = self.case.layout.rows[item.per][row]
        if item.by == "states":
            return self.case.states[parts[0]]
        if item.by == "episodes":
            return self.case.periods[parts[-1]].episode
        if item.by == "charges":
            actor = self.case.actors[parts[0]] or "unnamed actor"
            return f"{actor}×{self.case.periods[parts[1]].episode}"
        return "situation"

    def _outcome(self, item: Classification, labels: Labels) -> Outcome:
        label, level = label_of(labels)
        planes: dict[str, int] = {}
        for (name, _), plane in labels.items():
            planes[name] = planes.get(name, 0) | plane
        profiles = (1 << len(self.worlds.profiles)) - 1
        opened = planes.get(item.open, 0) & profiles
        different = profiles & ~planes[label]
        contested = self._blame(different & ~opened) if different else ()
        sensitive = self._blame(different & opened) if different else ()
        return Outcome(
            label, level, contested, tuple(name for name in sensitive if name not in contested)
        )

    def _blame(self, worlds: int) -> tuple[str, ...]:
        """The switches to which a difference in ``worlds`` is due.

        A switch that makes the difference alone; failing any, those of the smallest
        combinations that make it together.
        """
        if not worlds:
            return ()
        alone = [
            name
            for name, flipped in self.worlds.flips.items()
            if any(worlds >> world & 1 for world in flipped)
        ]
        if alone:
            return tuple(alone)
        head = self.worlds.profiles[0]
        sets = [
            frozenset(name for name in self.worlds.switches if profile[name] != head[name])
            for world, profile in enumerate(self.worlds.profiles)
            if worlds >> world & 1
        ]
        smallest = min(len(found) for found in sets)
        blamed = {name for found in sets if len(found) == smallest for name in found}
        return tuple(name for name in self.worlds.switches if name in blamed)

    def missing(self, item: Classification, row: int) -> list[tuple[str, Frame, int]]:
        """The unknown facts that keep a row's outcome open: (fact, frame, row of the frame)."""
        if self.row_outcome(item, row).label != item.open:
            return []
        found: dict[tuple[str, Frame, int], None] = {}
        heads = [self.law.plan.heads[f"{item.id}#{i}"] for i in range(len(item.outcomes))]
        for index, where in self._unknown_below((head, row) for head in heads):
            node = self.law.plan.nodes[index]
            if node.op == "fact":
                found[(str(node.param[0]), node.frame, where)] = None
        return list(found)

    def _unknown_below(self, start: Iterator[tuple[int, int]]) -> Iterator[tuple[int, int]]:
        """Every unknown node reached from unknown nodes through unknown nodes."""
        todo = [item for item in start if not self.truth(*item).known]
        seen = set(todo)
        while todo:
            index, row = todo.pop()
            yield index, row
            for part in self.parts(index, row):
                if part not in seen and not self.truth(*part).known:
                    seen.add(part)
                    todo.append(part)

    def parts(self, index: int, row: int) -> list[tuple[int, int]]:
        """The nodes that a node reads, each with the row of its own frame."""
        node = self.law.plan.nodes[index]
        layout = self.case.layout
        found: list[tuple[int, int]] = []
        for arg in node.args:
            frame = self.law.plan.nodes[arg].frame
            if node.op in ("some", "every"):
                found += [(arg, other) for other in layout.related(node.frame, row, frame)]
            else:
                found.append((arg, layout.related(node.frame, row, frame)[0]))
        return found


def assess(
    scenario: Scenario,
    law: Law,
    *,
    doctrine: Mapping[str, str] | None = None,
    strict: bool = False,
    engine: Engine = "both",
) -> Assessment:
    """Decide a scenario.

    ``engine="both"`` runs the two evaluators and raises ``EvaluatorsDisagree`` where they
    differ on any node of any row; ``"rete"`` answers from the rule engine alone (headline
    profile only, so nothing is marked contested); ``"planes"`` from the planes alone.
    """
    chosen = dict(doctrine or {})
    if engine != "planes" and not rete.available():
        if engine == "rete":
            raise InputError.single("--engine", f"rete is off: {rete.why_unavailable()}")
        engine = "planes"
    worlds = law.worlds(chosen, strict)
    if engine == "rete":
        worlds = Worlds(worlds.switches, worlds.profiles[:1], strict)
    case = ground(scenario, law.base, law.plan, law.status)
    values = law.evaluator.blank(case.layout)
    fill(law, case, worlds, values)
    assessment = Assessment(law, case, worlds, values, engine, chosen)
    if engine == "rete":
        _answer_by_rete(assessment)
        return assessment
    law.evaluator.run(case.layout, values, worlds.lenient)
    if engine == "both":
        cross_check(assessment)
    return assessment


def fill(law: Law, case: Case, worlds: Worlds, values: Values) -> None:
    """Set every leaf of every row: the stated facts, what is presumed, the doctrine views."""
    full = worlds.full
    for frame, rows in values.items():
        start = _start(law, worlds, frame)
        stated_leaves, derived_leaves = law.stated_leaves[frame], law.derived_leaves[frame]
        for row, cells in enumerate(rows):
            cells[:] = start
            for fact, stated in case.facts(frame, row).items():
                if stated is None:
                    continue
                for slot, node in stated_leaves.get(fact, ()):
                    if leaf_truth(stated, node) is Truth.HOLDS:
                        cells[slot], cells[slot + 1] = full, 0
                    else:
                        cells[slot], cells[slot + 1] = 0, full
            for slot, node in derived_leaves:
                value = case.value(frame, row, node)
                if value is Truth.HOLDS:
                    cells[slot] = full
                elif value is Truth.FAILS:
                    cells[slot + 1] = full


def _start(law: Law, worlds: Worlds, frame: Frame) -> list[int]:
    """The planes of a row on which nothing is stated: presumptions and doctrine views."""
    if frame in worlds.start:
        return worlds.start[frame]
    cells = [0] * (2 * law.order.sizes[frame])
    for index, node in enumerate(law.plan.nodes):
        slot = 2 * law.order.slots[index]
        if node.frame is not frame:
            continue
        if node.op == "view":
            plane = worlds.views.get((str(node.param[0]), str(node.param[1])), 0)
            cells[slot], cells[slot + 1] = plane, worlds.full & ~plane
        elif node.op == "fact" and len(node.param) == 1:
            presumed = law.base.facts[str(node.param[0])].presumed
            if presumed is not None:
                cells[slot + (not presumed)] = worlds.lenient
    worlds.start[frame] = cells
    return cells


def cross_check(assessment: Assessment) -> None:
    """Run the rule engine on the headline world. Raises ``EvaluatorsDisagree``."""
    law, case = assessment.law, assessment.case
    found = _run_rete(assessment, 0, lenient=not assessment.worlds.strict)
    differences = []
    for index, node in enumerate(law.plan.nodes):
        for row in assessment.rows(node.frame):
            planes, other = assessment.truth(index, row), found[(node.frame, row, index)]
            if planes is not other:
                where = case.row_name(node.frame, row)
                what = law.names.get(index, f"gate {index} ({node.op})")
                differences.append(f"{what} on {where}: planes {planes.value}, rete {other.value}")
    if differences:
        raise EvaluatorsDisagree(differences)


def _run_rete(
    assessment: Assessment, world: int, *, lenient: bool
) -> Mapping[tuple[Frame, int, int], Truth]:
    """The rule engine's value of every node on every row, from the leaves of one world."""
    law = assessment.law
    leaves = {
        (node.frame, row, index): assessment.truth(index, row, world)
        for index, node in enumerate(law.plan.nodes)
        if node.op in LEAVES
        for row in assessment.rows(node.frame)
    }
    return law.rete.run(assessment.case.layout, leaves, lenient=lenient).truth


def _answer_by_rete(assessment: Assessment) -> None:
    """Fill the planes from the rule engine alone: the headline world, and the strict one."""
    law, worlds = assessment.law, assessment.worlds
    runs = [
        (0, _run_rete(assessment, 0, lenient=not worlds.strict)),
        (worlds.strict_world, _run_rete(assessment, worlds.strict_world, lenient=False)),
    ]
    for index, node in enumerate(law.plan.nodes):
        if node.op in LEAVES:
            continue
        for row in assessment.rows(node.frame):
            true = false = 0
            for world, found in runs:
                value = found[(node.frame, row, index)]
                true |= (value is Truth.HOLDS) << world
                false |= (value is Truth.FAILS) << world
            law.evaluator.put(assessment.values, row, index, true, false)
