"""The rows of a scenario: which actors, episodes and States there are, and how they relate.

A row is a tuple of indices: () for the situation, (episode,), (actor,), (state,),
(actor, episode) for a charge, (state, episode) for a duty. Only the shape matters here, so
scenarios of one shape share a layout.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import product

from engine.model.frames import Frame

Row = tuple[int, ...]
PARTS: dict[Frame, tuple[str, ...]] = {
    Frame.SITUATION: (),
    Frame.EPISODE: ("episode",),
    Frame.ACTOR: ("actor",),
    Frame.STATE: ("state",),
    Frame.CHARGE: ("actor", "episode"),
    Frame.DUTY: ("state", "episode"),
}


@dataclass(frozen=True)
class Layout:
    """A shape: so many actors, episodes and States, and who took part in what.

    ``charges`` lists the (actor, episode) pairs that exist; ``None`` means every pair.
    """

    actors: int
    episodes: int
    states: int
    charges: tuple[Row, ...] | None = None

    @cached_property
    def rows(self) -> dict[Frame, tuple[Row, ...]]:
        """The rows of each frame, in order."""
        counts = {"actor": self.actors, "episode": self.episodes, "state": self.states}
        rows = {
            frame: tuple(product(*(range(counts[part]) for part in parts)))
            for frame, parts in PARTS.items()
        }
        if self.charges is not None:
            rows[Frame.CHARGE] = self.charges
        return rows

    def related(self, frame: Frame, row: int, over: Frame) -> tuple[int, ...]:
        """The rows of ``over`` that agree with row number ``row`` on every part they share."""
        asked = (frame, row, over)
        if asked not in self._related:
            key = dict(zip(PARTS[frame], self.rows[frame][row], strict=True))
            self._related[asked] = tuple(
                number
                for number, other in enumerate(self.rows[over])
                if all(
                    key.get(part, value) == value
                    for part, value in zip(PARTS[over], other, strict=True)
                )
            )
        return self._related[asked]

    @cached_property
    def _related(self) -> dict[tuple[Frame, int, Frame], tuple[int, ...]]:
        return {}


@lru_cache(maxsize=1024)
def layout_of(
    actors: int, episodes: int, states: int, charges: tuple[Row, ...] | None = None
) -> Layout:
    """The layout of a scenario with so many actors, episodes and States, shared by shape.

    No actor or no episode entered counts as one, unnamed; no State entered is no row.
    """
    return Layout(max(actors, 1), max(episodes, 1), states, charges)
