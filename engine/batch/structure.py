"""The structure that scenarios of one program share: who there is, apart from what is stated.

A section is a place of a scenario where facts stand: the top, an actor, a State, an episode,
or what differs in an episode for one actor (charge) or one State (duty). Actors, States and
episodes are numbered in the order in which they are entered.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from engine.inference.layout import Layout, Row, layout_of
from engine.model.frames import Frame

Section = tuple[str, int, int]
"""Kind, number, and for charges and duties the number of the episode; -1 where none."""

TOP: Section = ("top", -1, -1)

FRAME_OF = {
    "top": Frame.SITUATION,
    "actor": Frame.ACTOR,
    "state": Frame.STATE,
    "episode": Frame.EPISODE,
    "charge": Frame.CHARGE,
    "duty": Frame.DUTY,
}


@dataclass(frozen=True)
class Structure:
    """So many actors entered, who took part in which episode, and the number of States.

    ``taking_part`` has for each episode entered the numbers of its actors; an empty tuple
    means all. ``parts`` has for each episode (one, when none is entered) its periods.
    """

    actors: int
    taking_part: tuple[tuple[int, ...], ...]
    states: int
    parts: tuple[int, ...]

    @cached_property
    def episode_of(self) -> tuple[int, ...]:
        """The episode of each period."""
        return tuple(number for number, count in enumerate(self.parts) for _ in range(count))

    @cached_property
    def layout(self) -> Layout:
        """The rows, as the grounding of a single scenario lays them out."""
        charges: tuple[Row, ...] | None = None
        if any(self.taking_part):
            charges = tuple(
                (actor, period)
                for actor in range(max(self.actors, 1))
                for period, episode in enumerate(self.episode_of)
                if not self.taking_part[episode] or actor in self.taking_part[episode]
            )
        return layout_of(max(self.actors, 1), len(self.episode_of), self.states, charges)

    def sources(self, frame: Frame, row: int) -> list[Section]:
        """The sections that a row inherits facts from, most specific first."""
        place = self.layout.rows[frame][row]
        found: list[Section] = []
        if frame is Frame.CHARGE:
            found.append(("charge", place[0], self.episode_of[place[1]]))
        if frame is Frame.DUTY:
            found.append(("duty", place[0], self.episode_of[place[1]]))
        if frame in (Frame.ACTOR, Frame.CHARGE):
            found.append(("actor", place[0], -1))
        if frame in (Frame.STATE, Frame.DUTY):
            found.append(("state", place[0], -1))
        if frame in (Frame.EPISODE, Frame.CHARGE, Frame.DUTY):
            found.append(("episode", self.episode_of[place[-1]], -1))
        found.append(TOP)
        return found


WIDE = Structure(0, (), 0, (1,))
"""A row of a wide table that enters no State."""
