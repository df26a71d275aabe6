"""Many variants of one case decided in one evaluation, and in full, one by one.

``variants`` gives every set of changes a bit of the planes: thousands are decided at once.
``Rechecker`` writes the changes into the scenario and assesses it from the beginning, with both
evaluators.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from engine.inference import rete
from engine.inference.planes import Values
from engine.inference.remembering import remembering
from engine.model.frames import Frame
from engine.model.truth import Truth
from engine.reasoning.assess import Assessment, Engine, assess
from engine.reasoning.goals import Goal, reaching_worlds
from engine.reasoning.places import Statement, restated
from engine.reasoning.space import Space, Variable

Overrides = dict[tuple[int, int], list[tuple[int, Truth]]]
"""For a fact on a row, the worlds in which it is something else, and what."""


def decide(assessment: Assessment, count: int, overrides: Overrides) -> Values:
    """The planes of every node in ``count`` worlds, each the headline with its overrides."""
    law, full = assessment.law, (1 << count) - 1
    values = headline(assessment, full)
    for (index, row), moved in overrides.items():
        true, false = law.evaluator.get(values, row, index)
        for worlds, truth in moved:
            true, false = true & ~worlds, false & ~worlds
            true |= worlds if truth is Truth.HOLDS else 0
            false |= worlds if truth is Truth.FAILS else 0
        law.evaluator.put(values, row, index, true, false)
    lenient = 0 if assessment.worlds.strict else full
    return law.evaluator.run(assessment.case.layout, values, lenient)


def headline(assessment: Assessment, full: int) -> Values:
    """The planes of every node where all of some worlds are the headline."""
    return {
        frame: [[full if plane & 1 else 0 for plane in cells] for cells in rows]
        for frame, rows in assessment.values.items()
    }


def differing(assessment: Assessment, values: Values, full: int) -> int:
    """The worlds in which anything decided is not as in the headline."""
    law, found = assessment.law, 0
    slots: dict[Frame, list[int]] = {}
    for index in law.plan.heads.values():
        slots.setdefault(law.plan.nodes[index].frame, []).append(2 * law.order.slots[index])
    for frame, rows in assessment.values.items():
        for was, now in zip(rows, values[frame], strict=True):
            for slot in slots.get(frame, ()):
                found |= now[slot] ^ (full if was[slot] & 1 else 0)
                found |= now[slot + 1] ^ (full if was[slot + 1] & 1 else 0)
            if found == full:
                return found
    return found


def variants(space: Space, sets: Sequence[Sequence[int]]) -> Values:
    """The planes of every node: world ``n`` makes the changes of ``sets[n]`` and no other."""
    assessment = space.assessment
    law = assessment.law
    worlds: dict[int, int] = {}
    for number, literals in enumerate(sets):
        for literal in literals:
            worlds[literal] = worlds.get(literal, 0) | 1 << number
    moved: dict[str, list[tuple[Variable, list[tuple[int, int]]]]] = {}
    for variable in space.variables.values():
        made = [(one, worlds[one]) for one in variable.options if one in worlds]
        for name in space.facts_of(variable) if made else ():
            moved.setdefault(name, []).append((variable, made))
    overrides: Overrides = {}
    for index, node in enumerate(law.plan.nodes):
        name = str(node.param[0]) if node.op == "fact" else ""
        for variable, made in moved.get(name, ()):
            fact = law.base.facts[name]
            for row in assessment.rows(node.frame):
                if space.governs(variable, fact, node.frame, row):
                    overrides.setdefault((index, row), []).extend(
                        (where, space.truth_of(fact, node, row, variable.options[literal]))
                        for literal, where in made
                    )
    return decide(assessment, len(sets), overrides)


def reaching(space: Space, goals: Sequence[Goal], sets: Sequence[Sequence[int]]) -> int:
    """The worlds, one a set of changes, in which every goal is reached."""
    if not sets:
        return 0
    full = (1 << len(sets)) - 1
    values = variants(space, sets)
    found = full
    for goal in goals:
        found &= reaching_worlds(goal, space.assessment, values, full)
    return found


class Rechecker:
    """Writes changes into a scenario and assesses it from the beginning."""

    def __init__(self, before: Assessment, engine: Engine) -> None:
        self.before = before
        self.engine = engine
        both = engine == "both" and rete.available()
        self.law = remembering(before.law) if both else before.law

    def assess(self, statements: Iterable[Statement]) -> Assessment:
        """The scenario with other statements, under the same profile."""
        return assess(
            restated(self.before.scenario, statements),
            self.law,
            doctrine=self.before.chosen,
            strict=self.before.worlds.strict,
            engine=self.engine,
        )
