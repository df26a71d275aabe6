"""What a sweep and a summary show, classification by classification: for pictures and screens."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from engine.batch.columns import key_of
from engine.batch.summary import Counts
from engine.batch.sweep import SweepResult
from engine.model.records import Classification
from engine.rulebase.rulebase import Rulebase


@dataclass(frozen=True)
class Bar:
    """One bar: what it stands for, its length between 0 and 1, the figure beside it.

    ``settled`` is ``False`` for an outcome that is open.
    """

    label: str
    share: float
    figure: str
    settled: bool = True


@dataclass(frozen=True)
class Panel:
    """One classification: the outcomes, and what decides them."""

    title: str
    outcomes: tuple[Bar, ...]
    deciding: tuple[Bar, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Board:
    """All panels, with the headings of their two columns."""

    title: str
    outcomes: str
    deciding: str
    panels: tuple[Panel, ...]
    notes: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The board in words, for those who cannot see it."""
        said = [f"{self.title}."]
        for panel in self.panels:
            for heading, bars in ((self.outcomes, panel.outcomes), (self.deciding, panel.deciding)):
                if bars:
                    listed = "; ".join(f"{bar.label} {bar.figure}" for bar in bars)
                    said.append(f"{panel.title}, {heading}: {listed}.")
            said += [f"{panel.title}: {note}." for note in panel.notes]
        return " ".join([*said, *(f"{note}." for note in self.notes)])


def board_of_counts(counts: Counts, base: Rulebase, top: int = 5) -> Board:
    """The board of a batch's output."""
    panels = []
    for item in base.classifications.values():
        name = key_of(item)
        if name not in counts.outcomes:
            continue
        outcomes = tuple(
            Bar(
                _plain(label),
                number / max(1, counts.rows),
                _counted(number, counts.rows),
                _settled(item, label),
            )
            for label, number in counts.outcomes[name].items()
        )
        deciding = tuple(
            Bar(_named(base, element), number / max(1, counts.rows), _counted(number, counts.rows))
            for element, number in list(counts.first.get(name, {}).items())[:top]
        )
        contested = _listed(counts.contested.get(name, {}), top)
        notes = (f"contested under {contested}",) if contested else ()
        panels.append(Panel(item.name, outcomes, deciding, notes))
    bodies = _listed(counts.bodies, 2 * top)
    return Board(
        f"{counts.rows:,} scenario{'s' * (counts.rows != 1)}",
        "outcome",
        "decided first by",
        tuple(panels),
        (f"bodies engaged: {bodies}",) if bodies else (),
    )


def board_of_sweep(result: SweepResult, base: Rulebase) -> Board:
    """The board of a sweep."""
    panels = []
    for item in base.classifications.values():
        name = key_of(item)
        outcomes = tuple(
            Bar(_plain(label), share, _percent(share), _settled(item, label))
            for label, share in result.shares[name].items()
        )
        flips = sorted(result.flips[name].items(), key=lambda entry: -entry[1])
        deciding = tuple(Bar(fact, share, _percent(share)) for fact, share in flips if share)
        never = [fact for fact, share in flips if not share]
        notes = (f"changes nothing: {', '.join(never)}",) if deciding and never else ()
        if not deciding:
            notes = ("no fact varied changes it alone",)
        panels.append(Panel(item.name, outcomes, deciding, notes))
    facts = len(result.varied)
    return Board(
        f"{result.scenario}: {result.patterns:,} patterns of {facts} fact{'s' * (facts > 1)}",
        "share of patterns",
        "changing this fact alone changes the outcome in",
        tuple(panels),
    )


def _settled(item: Classification, label: str) -> bool:
    return label != item.open


def _plain(label: str) -> str:
    return label.replace("_", " ")


def _counted(number: int, rows: int) -> str:
    return f"{number:,} ({_percent(number / max(1, rows))})"


def _percent(share: float) -> str:
    """A share for people: never 0% for something, nor 100% for less than all."""
    if 0 < share < 0.001:
        return "<0.1%"
    if 0.999 < share < 1:
        return ">99.9%"
    return f"{share:.1%}"


def _named(base: Rulebase, element: str) -> str:
    record = base.decided.get(element)
    return f"{record.name} [{element}]" if record else element


def _listed(counts: Mapping[str, int], most: int) -> str:
    shown = ", ".join(f"{word} ({number:,})" for word, number in list(counts.items())[:most])
    return shown + (", ..." if len(counts) > most else "")
