"""What each distinct token says, read once by a JSON library and remembered.

A token is taken when the library reads it, closed with as many braces as it opens, as one pair
of a map, whose value may be a map of one pair, and so on down to a plain value. JSON has one
reading only, so the same bytes say the same wherever they stand in a line.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from engine.batch.extras import need
from engine.batch.wide import EPOCH, NO_DAY
from engine.batch.words import day_of
from engine.model.records import Fact

BAD, LEAF, TEXT, TEXTS, DAY, EMPTY, NULL, FLAG, FACT, OTHER = (1 << n for n in range(10))
"""What a token holds: no pair; a pair with a value: a text, a list of texts, a day, an empty text,
null, yes/no; the value fits the fact that its key names; it is a number or a choice that fits."""

PLAIN = 0
"""The number of the shape of a token that neither opens nor closes anything."""

FREE = frozenset(("id", "title", "narrative", "note", "name"))
"""Keys of texts whose content plays no part."""

_BLANK = b" \t\r"
_TEXT = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)
_DAY = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
_MOST = 1 << 18
_MOST_OPENINGS = 24
_FEW = 64


@dataclass(frozen=True)
class Shape:
    """What a token does to the place in a line, whatever value it holds.

    ``opened`` are the maps it opens, ``closed`` how many it closes, ``taking_part`` the actors it
    names, and ``leaf`` whether it holds a value.
    """

    first: bool
    opened: tuple[str, ...]
    closed: int
    leaf: bool
    taking_part: tuple[str, ...] | None = None


@dataclass
class Book:
    """Every token met, by number; a growing table."""

    facts: dict[str, Fact]
    keys: list[str] = field(default_factory=list)
    shapes: list[Shape] = field(default_factory=list)
    values: list[Any] = field(default_factory=list)
    _numbers: dict[bytes, int] = field(default_factory=dict)
    _key_numbers: dict[str, int] = field(default_factory=dict)
    _shape_numbers: dict[Shape, int] = field(default_factory=dict)
    openings: dict[tuple[bytes, bytes], int] = field(default_factory=dict)
    _day_openings: dict[tuple[bytes, bytes], int] = field(default_factory=dict)
    _known: Any = None
    _table: Any = None
    _days: Any = None

    def __post_init__(self) -> None:
        np = need("numpy")
        self._known = need("pyarrow").array([], need("pyarrow").binary())
        self._table = np.zeros((4, 1024), dtype=np.int32)
        self._days = np.full(1024, NO_DAY, dtype=np.int64)
        self._shape(Shape(False, (), 0, True))
        self._key("")  # of tokens without a pair

    # reading off

    def key(self, numbers: Any) -> Any:
        """The number of each token's key."""
        return self._table[0][numbers]

    def shape(self, numbers: Any) -> Any:
        """The number of each token's shape."""
        return self._table[1][numbers]

    def holds(self, numbers: Any) -> Any:
        """What each token holds, as a sum of marks."""
        return self._table[2][numbers]

    def cell(self, numbers: Any) -> Any:
        """Each token's value as a yes/no fact: 1 yes, 2 no, 3 unknown, 4 something else."""
        return self._table[3][numbers]

    def days(self, numbers: Any) -> Any:
        """The day that each token holds, as an ordinal."""
        return self._days[numbers]

    # taking in

    def numbers(self, texts: Any) -> Any:
        """The number of each of some distinct tokens, which are read where they are new."""
        np = need("numpy")
        found = np.full(len(texts), -1, dtype=np.int64)
        self._plain_texts(texts, found)
        self._look_up(texts, found)
        for most in (_FEW, len(texts)):
            left = np.flatnonzero(found < 0)
            left = left[:: max(1, len(left) // most)]
            if not len(left):
                break
            words = texts.take(need("pyarrow").array(left)).to_pylist()
            found[left] = [
                self._add(word) if (number := self._numbers.get(word)) is None else number
                for word in words
            ]
            if most == _FEW:  # these have shown what free texts and days stand between
                self._plain_texts(texts, found)
                self._plain_days(texts, found)
        return found

    def _look_up(self, texts: Any, found: Any) -> None:
        """Number the tokens known before."""
        arrow, compute, np = need("pyarrow"), need("pyarrow.compute"), need("numpy")
        size = len(self._known)
        if size < len(self._numbers):
            more = list(islice(self._numbers, size, None))
            self._known = arrow.concat_arrays([self._known, arrow.array(more, arrow.binary())])
        left = np.flatnonzero(found < 0)
        some = texts if len(left) == len(found) else texts.take(arrow.array(left))
        numbers = compute.index_in(some, value_set=self._known).fill_null(-1)
        found[left] = numbers.to_numpy(zero_copy_only=False)

    def _plain_texts(self, texts: Any, found: Any) -> None:
        """Number tokens that differ only in a text without escapes as the same token.

        Between an opening and a closing seen before, with no further quote, no backslash and no
        control character, stands the content of a JSON text.
        """
        compute, np = need("pyarrow.compute"), need("numpy")
        for (opening, closing), number in self.openings.items():
            index, some = _between(texts, found, opening, closing)
            if not len(index):
                continue
            quotes = opening.count(b'"') + closing.count(b'"')
            good = _flags(compute.count_substring(some, b'"')) == quotes
            good &= ~_flags(compute.match_substring(some, b"\\"))
            body = np.frombuffer(some.buffers()[2] or b"", dtype=np.uint8)
            offsets = np.frombuffer(some.buffers()[1], dtype=np.int32)[: len(some) + 1]
            strange = np.flatnonzero(body[: offsets[-1]] < ord(" "))
            owner = np.searchsorted(offsets, strange, side="right") - 1
            good[owner[strange != offsets[owner]]] = False  # a line break begins a line's first
            if _is_unicode(some):
                found[index[good]] = number

    def _plain_days(self, texts: Any, found: Any) -> None:
        """Take in tokens that differ from one read before in a day only."""
        arrow, compute, np = need("pyarrow"), need("pyarrow.compute"), need("numpy")
        for (opening, closing), model in self._day_openings.items():
            index, some = _between(texts, found, opening, closing)
            days = compute.binary_slice(some, len(opening), -len(closing))
            good = _flags(compute.match_substring_regex(days, _DAY))
            index, some = index[good], some.filter(arrow.array(good))
            try:
                days = days.filter(arrow.array(good)).cast(arrow.string())
                ordinals = np.asarray(days.cast(arrow.date32()).cast(arrow.int32())) + EPOCH
            except arrow.ArrowInvalid:  # a day that no calendar has
                continue
            if not len(index) or ordinals.min() < 1:
                continue
            first = len(self.values)
            last = first + len(index)
            while last > self._table.shape[1]:
                self._widen()
            self._numbers.update(zip(some.to_pylist(), range(first, last), strict=True))
            self.values += days.to_pylist()
            self._table[:, first:last] = self._table[:, model : model + 1]
            self._days[first:last] = ordinals
            found[index] = np.arange(first, last)

    @property
    def full(self) -> bool:
        """Whether it is time to begin a new book."""
        return len(self.values) > _MOST

    def _add(self, text: bytes) -> int:
        found = self._read(text)
        number = len(self.values)
        if number == self._table.shape[1]:
            self._widen()
        self._numbers[text] = number
        row = self._table[:, number]
        self._days[number] = NO_DAY
        if found is None:
            self.values.append(None)
            row[:] = (0, PLAIN, BAD, 0)
            return number
        shape, key, value = found
        self.values.append(value)
        row[1] = self._shape(shape)
        if not shape.leaf:
            row[0], row[2], row[3] = 0, 0, 0
            return number
        row[0] = self._key(key)
        row[2], row[3] = self._marks(key, value)
        if row[2] & DAY and type(value) is str:
            day = day_of(value)
            assert day is not None
            self._days[number] = day.toordinal()
            if key not in FREE and key not in self.facts:
                self._note_day(text, value, number)
        if type(value) is str and key in FREE:
            self._note_opening(text, found)
        return number

    def _widen(self) -> None:
        np = need("numpy")
        more = np.full(len(self._days), NO_DAY, dtype=np.int64)
        self._table = np.concatenate([self._table, np.zeros_like(self._table)], axis=1)
        self._days = np.concatenate([self._days, more])

    def _note_opening(self, text: bytes, read: tuple[Shape, str, Any]) -> None:
        """Remember what stands around a free text, so that others like it need no reading."""
        shape, key, value = read
        opening, found, closing = text.rpartition(b'"' + value.encode() + b'"')
        place = (opening + b'"', b'"' + closing)
        if not found or place in self.openings or len(self.openings) == _MOST_OPENINGS:
            return
        model = place[0] + b"x" + place[1]
        if self._read(model) == (shape, key, "x"):
            self.openings[place] = -1  # so that the model is not taken for another text
            number = self._numbers.get(model)
            self.openings[place] = self._add(model) if number is None else number

    def _note_day(self, text: bytes, value: str, number: int) -> None:
        """Remember what stands around a day, so that the same with another day is understood."""
        opening, found, closing = text.rpartition(b'"' + value.encode() + b'"')
        if found and len(self._day_openings) < _MOST_OPENINGS:
            self._day_openings.setdefault((opening + b'"', b'"' + closing), number)

    def _read(self, text: bytes) -> tuple[Shape, str, Any] | None:
        """The shape, the key and the value of a token; ``None`` where it is no whole pair."""
        msgspec = need("msgspec")
        body = text[1:].strip(_BLANK)
        first = text[:1] == b"\n"
        if first:
            if body[:1] != b"{":
                return None
            body = body[1:]
        inner = body.rstrip(b"}" + _BLANK)
        closed = body.count(b"}", len(inner))
        opens = _TEXT.sub(b"", inner).count(b"{")
        try:
            value = msgspec.json.decode(b"{" + inner + b"}" * (opens + 1))
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return None
        opened: list[str] = []
        while len(value) == 1:
            ((key, item),) = value.items()
            if not key:
                return None
            if type(item) is not dict:
                if len(opened) != opens:
                    return None
                part = None
                if key == "actors" and type(item) is list:
                    if not all(type(name) is str for name in item):
                        return None
                    part = tuple(item)
                return Shape(first, tuple(opened), closed, True, part), key, item
            opened.append(key)
            value = item
        if value or not opened or not closed or len(opened) != opens:
            return None
        return Shape(first, tuple(opened), closed, False), "", None

    def _marks(self, key: str, value: Any) -> tuple[int, int]:
        kind = type(value)
        marks, cell = LEAF, 4
        if value is None or value == "unknown":
            cell = 3
        elif kind is bool:
            cell = 1 if value else 2
        if kind is str:
            marks |= TEXT
            if not value:
                marks |= EMPTY
            elif day_of(value) is not None:
                marks |= DAY
        elif kind is bool:
            marks |= FLAG
        elif value is None:
            marks |= NULL
        elif kind is list and all(type(item) is str for item in value):
            marks |= TEXTS
        fact = self.facts.get(key)
        if fact is not None and not fact.derived and _fits(fact, value, kind):
            marks |= FACT
            if cell == 4:
                marks |= OTHER
        return marks, cell

    def _key(self, key: str) -> int:
        found = self._key_numbers.get(key)
        if found is None:
            found = self._key_numbers[key] = len(self.keys)
            self.keys.append(key)
        return found

    def _shape(self, shape: Shape) -> int:
        found = self._shape_numbers.get(shape)
        if found is None:
            found = self._shape_numbers[shape] = len(self.shapes)
            self.shapes.append(shape)
        return found


def _fits(fact: Fact, value: Any, kind: type) -> bool:
    if value is None or value == "unknown":
        return True
    if fact.type == "tri":
        return kind is bool
    if fact.type == "integer":
        return kind is int and 0 <= value < 1 << 62
    return kind is str and value in fact.values


def _between(texts: Any, found: Any, opening: bytes, closing: bytes) -> tuple[Any, Any]:
    """The tokens without a number that begin and end so: where they are, and their texts."""
    arrow, compute, np = need("pyarrow"), need("pyarrow.compute"), need("numpy")
    here = _flags(compute.starts_with(texts, opening)) & (found < 0)
    index = np.flatnonzero(here)
    some = texts.take(arrow.array(index))
    fits = _flags(compute.ends_with(some, closing))
    fits &= _flags(compute.binary_length(some)) >= len(opening) + len(closing)
    return index[fits], some.filter(arrow.array(fits))


def _flags(answer: Any) -> Any:
    return answer.to_numpy(zero_copy_only=False)


def _is_unicode(texts: Any) -> bool:
    arrow = need("pyarrow")
    try:
        texts.cast(arrow.string())
    except arrow.ArrowInvalid:
        return False
    return True
