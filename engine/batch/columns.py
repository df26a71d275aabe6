"""The columns of the output: their names, their types, and what they say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engine.model.records import Classification
from engine.rulebase.rulebase import Rulebase

NOT_ASKED = "not_asked"
FILE = "file"
"""The column that names the file a scenario came from; folders always have it."""


@dataclass(frozen=True)
class Options:
    """What to decide and what to put out.

    ``doctrine`` is the headline profile as (switch, view) pairs. ``contested`` asks for the
    doctrines on which each outcome depends; ``provisions`` and ``explain`` add columns.
    ``keep`` names input columns that are carried over as they are.
    """

    doctrine: tuple[tuple[str, str], ...] = ()
    strict: bool = False
    contested: bool = True
    provisions: bool = False
    explain: bool = False
    keep: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()


@dataclass(frozen=True)
class Column:
    """One column of the output. ``kind``: text, or yes/no with null for unknown."""

    name: str
    kind: str
    says: str


def key_of(item: Classification) -> str:
    """The name of a classification's column."""
    return item.section or item.id


def levels_of(item: Classification) -> list[str]:
    """The levels that a classification tells apart; empty where it has none."""
    found = [outcome.level for outcome in item.outcomes] + [item.otherwise_level]
    return list(dict.fromkeys(level for level in found if level))


def labels_of(item: Classification) -> list[str]:
    """Every label that the column can hold: the strongest first, then what no row gives."""
    empty = item.open if item.section else NOT_ASKED
    return list(dict.fromkeys([*item.strongest, empty]))


def words_of(base: Rulebase) -> dict[str, tuple[str, ...]]:
    """For each column that holds one word or none: the words it may hold, in the law's order."""
    found: dict[str, tuple[str, ...]] = {}
    for item in base.classifications.values():
        name = key_of(item)
        found[name] = tuple(labels_of(item))
        found[f"{name}.level"] = tuple(levels_of(item))
        found[f"{name}.first"] = tuple(item.elements)
    return found


def lists_of(base: Rulebase, switches: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """For each column that lists words: the words it may list, in the law's order.

    ``switches`` are the doctrines that the law reads.
    """
    found = {"bodies": tuple(organ.id for organ in base.organs())}
    for item in base.classifications.values():
        found[f"{key_of(item)}.contested"] = tuple(switches)
        found[f"{key_of(item)}.sensitive_to"] = tuple(switches)
    return found


def output_columns(base: Rulebase, options: Options) -> list[Column]:
    """The columns that a run writes, in order."""
    found = [
        Column("id", "text", "The id of the scenario; its number in the input if it has none.")
    ]
    found += [
        Column(name, "text", _FILE_SAYS if name == FILE else "Carried over from the input.")
        for name in options.keep
    ]
    for item in base.classifications.values():
        name = key_of(item)
        found.append(Column(name, "text", f"{item.question} {_one_of(labels_of(item))}"))
        if levels_of(item):
            found.append(
                Column(
                    f"{name}.level",
                    "text",
                    f"The level it is decided at. {_one_of(levels_of(item))}",
                )
            )
        if options.contested:
            found.append(
                Column(
                    f"{name}.contested",
                    "text",
                    "The doctrines of which another view gives a different definite outcome, "
                    "separated by spaces; empty when every view agrees.",
                )
            )
            found.append(
                Column(
                    f"{name}.sensitive_to",
                    "text",
                    "The doctrines of which another view leaves the outcome open.",
                )
            )
        found.append(
            Column(
                f"{name}.first",
                "text",
                "The first element, in the order of the law, that fails and that no other makes up "
                "for, or that holds and is a bar; in an open outcome the "
                "first that is unknown; empty in the strongest outcome.",
            )
        )
    found.append(Column("bodies", "text", "The bodies and organs engaged, separated by spaces."))
    if options.provisions:
        found += [
            Column(
                f"provision.{record.id}",
                "yes/no",
                f"{record.name} ({base.citation(record)}). True when it holds on some row, false "
                "when it fails on every row, null when that is unknown or there is no row.",
            )
            for record in base.provisions()
        ]
    if options.explain:
        found.append(Column("explanation", "text", "The outcomes in words, with citations."))
    return found


_FILE_SAYS = "The file the scenario came from; only where files are read, or with --keep file."


def _one_of(words: list[str]) -> str:
    return "One of: " + ", ".join(words) + "."
