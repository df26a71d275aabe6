"""Worlds: the doctrine profiles that one evaluation decides side by side.

World 0 is the headline profile. The others take every combination of the views of the
switches that the law reads; one more is the headline with every presumption off.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import product

from engine.inference.plan import Plan
from engine.model.frames import Frame
from engine.rulebase.rulebase import Rulebase

MAX_PROFILES = 1 << 14


@dataclass(frozen=True)
class Worlds:
    """``profiles[w]`` maps each switch to its view in world ``w``.

    ``start`` keeps, frame by frame, the planes of a row on which nothing is stated.
    """

    switches: tuple[str, ...]
    profiles: tuple[Mapping[str, str], ...]
    strict: bool
    start: dict[Frame, list[int]] = field(default_factory=dict, repr=False, compare=False)

    @property
    def strict_world(self) -> int:
        """The number of the world with every presumption off."""
        return len(self.profiles)

    @property
    def full(self) -> int:
        """A plane with every world set."""
        return (1 << (len(self.profiles) + 1)) - 1

    @property
    def lenient(self) -> int:
        """The worlds in which presumptions and unshown exceptions are assumed."""
        return 0 if self.strict else (1 << len(self.profiles)) - 1

    @cached_property
    def views(self) -> dict[tuple[str, str], int]:
        """For each view of each switch, the worlds that take it."""
        planes: dict[tuple[str, str], int] = {}
        for world, profile in enumerate((*self.profiles, self.profiles[0])):
            for key in profile.items():
                planes[key] = planes.get(key, 0) | 1 << world
        return planes

    @cached_property
    def flips(self) -> dict[str, list[int]]:
        """For each switch, the worlds that differ from the headline in that switch only."""
        head = self.profiles[0]
        found: dict[str, list[int]] = {name: [] for name in self.switches}
        for world, profile in enumerate(self.profiles):
            changed = [name for name in self.switches if profile[name] != head[name]]
            if len(changed) == 1:
                found[changed[0]].append(world)
        return found


def switches_of(plan: Plan) -> tuple[str, ...]:
    """The doctrines that some condition reads, in order of appearance."""
    return tuple(dict.fromkeys(str(n.param[0]) for n in plan.nodes if n.op == "view"))


def worlds_of(base: Rulebase, plan: Plan, chosen: Mapping[str, str], strict: bool) -> Worlds:
    """Every combination of views, the ``chosen`` (else default) profile first."""
    switches = switches_of(plan)
    head = {name: chosen.get(name, base.doctrines[name].default) for name in switches}
    options = [
        [head[name], *(view for view in base.doctrines[name].views if view != head[name])]
        for name in switches
    ]
    total = 1
    for views in options:
        total *= len(views)
    if total > MAX_PROFILES:  # one switch at a time when there are too many combinations
        rows = [
            tuple(head[other] if other != name else view for other in switches)
            for name in switches
            for view in base.doctrines[name].views
            if view != head[name]
        ]
        profiles = [tuple(head.values()), *rows]
    else:
        profiles = list(product(*options))
    return Worlds(switches, tuple(dict(zip(switches, p, strict=True)) for p in profiles), strict)
