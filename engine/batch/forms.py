"""The form of a line: which maps it opens, in which order, apart from what they hold.

The tokens that open or close something are few in a line, and thousands of lines have the same
ones in the same order; what such an order means is worked out once. Flat rows are the form
without a map inside.

A line is taken only when its first token opens it, its last one closes it, no other one does,
and no map is opened twice at one place. Together with tokens that are whole pairs (``book``)
this makes the line one whole JSON map whose pairs are those of the tokens.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from engine.batch.book import DAY, EMPTY, FACT, FLAG, LEAF, NULL, TEXT, TEXTS, Book, Shape
from engine.batch.documents import DocumentReader, Group, Unusual
from engine.batch.extras import need
from engine.batch.settings import Calendar
from engine.batch.structure import TOP, Section, Structure
from engine.batch.wide import PLAIN as WIDE_PLAIN

Path = tuple[str, ...]
Entered = tuple[bool, Calendar] | None
"""Whether a State is entered, and the calendar; ``None`` where something is wrong."""

_KINDS = {"actors": "actor", "states": "state", "episodes": "episode"}
_TEXTS_OF = {
    "document": ("id", "title", "narrative", "note"),
    "actor": ("name", "kind", "note"),
    "state": ("name", "note"),
    "episode": ("title", "narrative", "note"),
}
_MOST_FORMS = 1 << 16


@dataclass(frozen=True)
class Place:
    """Where a token stands: the kind of map, whose it is, and the keys below a State's part."""

    kind: str
    section: Section = TOP
    under: Path = ()


_NAMES = Place("names")
"""Where names stand, of actors and the like, and no values."""


@dataclass(frozen=True)
class Column:
    """Where a value belongs. ``what`` is fact, text, day, beside, or entry: who is bound."""

    what: str
    section: Section
    name: str
    under: Path = ()


@dataclass
class Form:
    """What lines of one form have in common.

    ``before[i]`` numbers the place where the value of token ``i`` of those that open or close
    stands, and ``after[i]`` the place of the plain tokens behind it. ``empty`` is a document with
    all the maps and nothing in them; ``None`` for flat rows.
    """

    before: Any
    after: Any
    empty: dict[str, Any] | None
    shape: Structure
    entered: dict[tuple[object, ...], Entered] = field(default_factory=dict)

    def path(self, column: Column) -> Path:
        """Where the value of a column stands in the document."""
        if self.empty is None or column.section == TOP:
            return (*column.under, column.name)
        group = {"actor": "actors", "state": "states", "episode": "episodes"}[column.section[0]]
        name = list(self.empty[group])[column.section[1]]
        return (group, name, *column.under, column.name)


@dataclass
class Forms:
    """The forms met, and the places and columns in them.

    ``flat_entries`` are the declarations that a flat row may hold; ``over`` are keys of a line to
    pass over, and ``keep`` those to carry over.
    """

    book: Book
    documents: DocumentReader
    flat_entries: frozenset[str]
    over: frozenset[str] = frozenset()
    keep: frozenset[str] = frozenset()
    places: list[Place] = field(default_factory=list)
    _numbers: dict[Place, int] = field(default_factory=dict)
    _forms: dict[bytes, Form | None] = field(default_factory=dict)
    _alike: dict[object, Form] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._number(_NAMES)

    def form(self, key: bytes) -> Form | None:
        """The form of lines with these shapes; ``None`` where they are left to the plain way."""
        if key not in self._forms:
            if len(self._forms) >= _MOST_FORMS:
                self._forms.clear()
                self._alike.clear()
            numbers = need("numpy").frombuffer(key, dtype="uint32").tolist()
            self._forms[key] = self._read([self.book.shapes[number] for number in numbers])
        return self._forms[key]

    def _read(self, shapes: Sequence[Shape]) -> Form | None:
        np = need("numpy")
        walked = walk(shapes)
        if walked is None:
            return None
        paths, empty = walked
        if not empty:
            flat = self._number(Place("flat"))
            where = np.full(len(shapes), flat, dtype=np.int32)
            form = Form(where, where, None, Structure(0, (), 0, (1,)))
            return self._alike.setdefault(len(shapes), form)
        if not (self.over | self.keep).isdisjoint(empty):
            return None
        groups: dict[Structure, Group] = {}
        try:
            self.documents.lay_out(empty, 0, groups)
        except Unusual:
            return None
        (shape,) = groups
        numbers = []
        for path in paths:
            place = place_of(path, empty)
            if place is None:
                return None
            numbers.append(self._number(place))
        where = np.array(numbers, dtype=np.int32)
        key = (where.tobytes(), shape, json.dumps(empty.get("states")))
        form = Form(where[::2].copy(), where[1::2].copy(), empty, shape)
        return self._alike.setdefault(key, form)  # what actors and episodes are called is all one

    def _number(self, place: Place) -> int:
        found = self._numbers.get(place)
        if found is None:
            found = self._numbers[place] = len(self.places)
            self.places.append(place)
        return found

    def column(self, place: Place, key: str) -> tuple[Column, int] | None:
        """Where a key at a place belongs, and what its value must be one of."""
        kind, section = place.kind, place.section
        if kind in ("flat", "document") and key in self.over:
            return Column("beside", section, key), LEAF
        if kind in ("flat", "facts"):
            if key in self.documents.allowed[section[0]]:
                return Column("fact", section, key), FACT
            return self._flat(key) if kind == "flat" else None
        if not place.under and key in _TEXTS_OF.get(kind, ()):
            return Column("text", section, key), TEXT
        if key in ("start", "end") and kind in ("dates", "episode"):
            return Column("day", section, key), DAY | NULL
        if kind == "actor" and key == "nationality":
            return Column("text", section, key), TEXT | TEXTS
        if kind == "episode" and key in ("places", "actors"):
            return Column("text", section, key), TEXTS
        if kind == "document" and key == "kind":
            return Column("entry", section, key), TEXT
        if kind == "state" and key != "facts":
            return Column("entry", section, key, place.under), LEAF
        return None

    def _flat(self, key: str) -> tuple[Column, int] | None:
        if key in ("id", "title"):
            return Column("text", TOP, key), TEXT
        if key in ("start", "end"):
            return Column("day", TOP, key), DAY | EMPTY | NULL
        if key == "actor":
            return Column("text", TOP, key), TEXT | NULL
        if key.startswith("treaties."):
            return Column("entry", TOP, key), FLAG | NULL
        if key in self.flat_entries or key in WIDE_PLAIN:
            return Column("entry", TOP, key), TEXT | NULL
        return None


def walk(shapes: Sequence[Shape]) -> tuple[list[Path], dict[str, Any]] | None:
    """The path of each shape's value and the path behind it, and the document without values.

    ``None`` where these shapes make no whole line, or open a map twice.
    """
    paths: list[Path] = []
    empty: dict[str, Any] = {}
    path: Path = ()
    for number, shape in enumerate(shapes):
        if shape.first != (number == 0):
            return None
        for name in shape.opened:
            part = _at(empty, path)
            if name in part:
                return None
            part[name] = {}
            path = (*path, name)
        paths.append(path)
        if shape.taking_part is not None:
            part = _at(empty, path)
            if "actors" in part:
                return None
            part["actors"] = list(shape.taking_part)
        left = len(path) + 1 - shape.closed
        if left < 0 or (left == 0) != (number == len(shapes) - 1):
            return None
        path = path[: max(left - 1, 0)]
        paths.append(path)
    return (paths, empty) if shapes else None


def _at(tree: dict[str, Any], path: Path) -> dict[str, Any]:
    for name in path:
        tree = tree[name]
    return tree


def place_of(path: Path, empty: dict[str, Any]) -> Place | None:
    """What stands at a path of a document; ``None`` where nothing is expected."""
    if not path:
        return Place("document")
    if len(path) == 1:
        if path == ("dates",):
            return Place("dates")
        return Place("facts") if path == ("facts",) else _NAMES
    kind = _KINDS.get(path[0])
    if kind is None:
        return None
    number = list(empty[path[0]]).index(path[1])
    section: Section = (kind, number, -1)
    if len(path) == 2:
        return Place(kind, section)
    if len(path) == 3 and path[2] == "facts":
        return Place("facts", section)
    if kind == "state" and path[2] != "facts":
        return Place("state", section, path[2:])
    if kind == "episode" and path[2] in ("charges", "duties"):
        if len(path) == 3:
            return _NAMES
        if len(path) == 4:
            side, whose = ("charge", "actors") if path[2] == "charges" else ("duty", "states")
            return Place("facts", (side, list(empty[whose]).index(path[3]), number))
    return None
