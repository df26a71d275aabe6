"""Frames: what a fact is about, and what a provision is decided for.

A provision is decided once per row of its frame. A charge is one actor in one episode;
a duty is one State in one episode. A row sees its own parts and the situation as a whole.
"""

from __future__ import annotations

from enum import StrEnum


class Frame(StrEnum):
    """The six frames of a scenario."""

    SITUATION = "situation"
    EPISODE = "episode"
    ACTOR = "actor"
    STATE = "state"
    CHARGE = "charge"
    DUTY = "duty"

    @property
    def parts(self) -> frozenset[str]:
        """What a row of this frame is made of: some of episode, actor and state."""
        return _PARTS[self]

    def sees(self, other: Frame) -> bool:
        """Whether a row of this frame may name something decided in the other frame."""
        return other.parts <= self.parts


_PARTS = {
    Frame.SITUATION: frozenset[str](),
    Frame.EPISODE: frozenset({"episode"}),
    Frame.ACTOR: frozenset({"actor"}),
    Frame.STATE: frozenset({"state"}),
    Frame.CHARGE: frozenset({"actor", "episode"}),
    Frame.DUTY: frozenset({"state", "episode"}),
}
