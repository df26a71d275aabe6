"""YAML 1.2 and JSON read into plain values, with the place of every key and value.

Only true and false are booleans (``no`` is a word, ``NO`` is Norway), dates stay text,
duplicate keys are errors, and size, depth and alias limits end a hostile file early.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, NoReturn

import yaml

from engine.model.problem import InputError, Problem

MAX_BYTES = 4 * 1024 * 1024
MAX_DEPTH = 40
MAX_NODES = 200_000
_TOO_DEEP = f"nested more than {MAX_DEPTH} levels deep"
_Path = tuple[str | int, ...]

_Base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Loader(_Base):  # type: ignore[misc]
    """The C loader with the scalar words of the YAML 1.2 core schema."""

    yaml_implicit_resolvers: ClassVar[dict[str, Any]] = {}


for _tag, _pattern, _first in (
    ("bool", r"^(?:true|True|TRUE|false|False|FALSE)$", "tTfF"),
    ("int", r"^[-+]?[0-9]+$", "-+0123456789"),
    ("float", r"^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$", "-+.0123456789"),
    ("null", r"^(?:~|null|Null|NULL|)$", ["~", "n", "N", ""]),
):
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(_pattern), list(_first))


@dataclass(frozen=True)
class Source:
    """A file's plain value, and where in the text each key and value stands."""

    file: str
    value: Any
    key_places: dict[_Path, tuple[int, int]] = field(default_factory=dict)
    value_places: dict[_Path, tuple[int, int]] = field(default_factory=dict)
    hinted: ClassVar[int] = 1000
    """Problems after which no hint is looked up any more."""

    def place(self, path: _Path, *, of_key: bool = False) -> tuple[int, int]:
        """Line and column of the nearest thing at or above ``path``; (0, 0) if unknown."""
        path = tuple(path)
        if of_key and path in self.key_places:
            return self.key_places[path]
        while path not in self.value_places:
            if not path:
                return (0, 0)
            path = path[:-1]
        return self.value_places[path]

    def problem(
        self, path: _Path, message: str, hint: str = "", *, of_key: bool = False
    ) -> Problem:
        """A problem at ``path`` of this file."""
        return Problem(self.file, *self.place(path, of_key=of_key), message, hint)


def read_source(path: Path | str, *, name: str | None = None, limit: int = MAX_BYTES) -> Source:
    """Read one YAML or JSON file. Raises ``InputError`` with every problem found."""
    path = Path(path)
    name = name or str(path)
    try:
        if path.is_dir():
            raise InputError.single(name, "this is a folder, not a file", "name a file inside it")
        size = path.stat().st_size
        if size > limit:
            raise InputError.single(
                name,
                f"{size:,} bytes is too large for one document",
                f"the limit is {limit:,} bytes",
            )
        data = path.read_bytes()
    except FileNotFoundError:
        raise InputError.single(name, "no such file") from None
    except OSError as error:
        raise InputError.single(name, f"cannot be read: {error.strerror or error}") from None
    return parse_source(data, name, limit=limit)


def parse_source(data: bytes | str, name: str, *, limit: int = MAX_BYTES) -> Source:
    """Parse the text of one document. Raises ``InputError`` with every problem found."""
    if isinstance(data, bytes):
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = data.count(b"\n", 0, error.start) + 1
            raise InputError(
                [Problem(name, line, 1, "not UTF-8 text", "save the file as UTF-8")]
            ) from None
    else:
        text = data
    if len(text) > limit:
        raise InputError.single(name, f"{len(text):,} characters is over the limit of {limit:,}")
    if not text.strip():
        raise InputError.single(name, "the file is empty", "`palermo new` writes a skeleton")
    if name.endswith(".json"):
        return _parse_json(text, name)
    reader = _Reader(text, name)
    value = reader.read()
    if reader.problems:
        raise InputError(reader.problems)
    return Source(name, value, reader.keys, reader.values)


class _Reader:
    """Builds plain values from parser events and notes where each stands.

    It walks events and not a node tree, so that depth and size are checked before anything
    is built: the C composer recurses without a limit of its own.
    """

    def __init__(self, text: str, name: str) -> None:
        self.text = text
        self.name = name
        self.keys: dict[_Path, tuple[int, int]] = {}
        self.values: dict[_Path, tuple[int, int]] = {}
        self.problems: list[Problem] = []
        self.count = 0
        self.anchors: dict[str, tuple[Any, int]] = {}
        self.loader: Any = None

    def read(self) -> Any:
        try:
            self.loader = _Loader(self.text)
            self.loader.get_event()
            if self.loader.check_event(yaml.StreamEndEvent):
                raise InputError.single(
                    self.name, "the file says nothing", "`palermo new` writes a skeleton"
                )
            self.loader.get_event()
            value = self.build((), 1)
            self.loader.get_event()
            if not self.loader.check_event(yaml.StreamEndEvent):
                self.refuse(_place(self.loader.get_event()), "a second document begins here")
            return value
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            line, column = (mark.line + 1, mark.column + 1) if mark else (0, 0)
            what = getattr(error, "problem", None) or getattr(error, "reason", None) or "unreadable"
            if "nesting depth" in what:  # newer parsers look far ahead and count levels too
                self.refuse((line, column), _TOO_DEEP)
            context = getattr(error, "context", None)
            message = f"not YAML: {what}" + (f" {context}" if context else "")
            raise InputError([Problem(self.name, line, column, message)]) from None
        finally:
            if self.loader is not None:
                self.loader.dispose()

    def build(self, path: _Path, depth: int) -> Any:
        event = self.loader.get_event()
        place = _place(event)
        self.values[path] = place
        self.count += 1
        if isinstance(event, yaml.AliasEvent):
            return self.alias(event, place)
        if self.count > MAX_NODES:
            self.refuse(place, f"over {MAX_NODES:,} values")
        before = self.count
        value: Any
        if isinstance(event, yaml.ScalarEvent):
            value = self.scalar(event, place)
        elif depth > MAX_DEPTH:
            self.refuse(place, _TOO_DEEP)
        elif isinstance(event, yaml.SequenceStartEvent):
            value = []
            while not self.loader.check_event(yaml.SequenceEndEvent):
                value.append(self.build((*path, len(value)), depth + 1))
            self.loader.get_event()
        else:
            value = self.mapping(path, depth)
        if event.anchor:
            self.anchors[event.anchor] = (value, self.count - before + 1)
        return value

    def mapping(self, path: _Path, depth: int) -> dict[str, Any]:
        result: dict[str, Any] = {}
        while not self.loader.check_event(yaml.MappingEndEvent):
            if not self.loader.check_event(yaml.ScalarEvent):
                self.refuse(_place(self.loader.get_event()), "a key must be a word")
            event = self.loader.get_event()
            key, place = event.value, _place(event)
            if key in result:
                first = self.keys[(*path, key)][0]
                self.problems.append(
                    Problem(
                        self.name,
                        *place,
                        f"{key} is given twice",
                        f"first on line {first}; keep one",
                    )
                )
                self.build((*path, key, "again"), depth + 1)
                continue
            self.keys[(*path, key)] = place
            result[key] = self.build((*path, key), depth + 1)
        self.loader.get_event()
        return result

    def alias(self, event: Any, place: tuple[int, int]) -> Any:
        if event.anchor not in self.anchors:
            self.refuse(place, f"*{event.anchor} refers to nothing that is complete above it")
        value, size = self.anchors[event.anchor]
        self.count += size
        if self.count > MAX_NODES:
            self.refuse(place, f"over {MAX_NODES:,} values once aliases are expanded")
        return value

    def refuse(self, place: tuple[int, int], message: str) -> NoReturn:
        raise InputError([*self.problems, Problem(self.name, *place, message)])

    def scalar(self, node: Any, place: tuple[int, int]) -> Any:
        tag = node.tag
        if tag is None or tag == "!":
            tag = self.loader.resolve(yaml.ScalarNode, node.value, node.implicit)
        kind = tag.rpartition(":")[2]
        text = node.value
        if kind == "str":
            return text
        if kind == "bool":
            return text.lower() == "true"
        if kind == "null":
            return None
        if kind == "int":
            if len(text) > 18:
                self.problems.append(Problem(self.name, *place, "a number too long to be meant"))
                return 0
            return int(text)
        if kind == "float":
            return float(text)
        self.problems.append(
            Problem(self.name, *place, f"the tag {tag} is not allowed", "write plain values")
        )
        return None


def _place(event: Any) -> tuple[int, int]:
    return (event.start_mark.line + 1, event.start_mark.column + 1)


def _parse_json(text: str, name: str) -> Source:
    problems: list[Problem] = []

    def pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
        result: dict[str, Any] = {}
        for key, value in items:
            if key in result:
                problems.append(Problem(name, 0, 0, f"{key} is given twice", "keep one"))
            result[key] = value
        return result

    def refuse(word: str) -> None:
        raise ValueError(f"{word} is not JSON")

    try:
        value = json.loads(text, object_pairs_hook=pairs, parse_constant=refuse)
    except json.JSONDecodeError as error:
        raise InputError(
            [Problem(name, error.lineno, error.colno, f"not JSON: {error.msg}")]
        ) from None
    except RecursionError:
        raise InputError.single(name, _TOO_DEEP) from None
    except ValueError as error:
        raise InputError.single(name, f"not JSON: {error}") from None
    if problems:
        raise InputError(problems)
    # JSON is YAML but for a few escapes, so the YAML reader finds the places where it can.
    try:
        placed = parse_source(text, name.removesuffix(".json"), limit=len(text) + 1)
    except InputError as error:
        if any("levels deep" in p.message or "values once" in p.message for p in error.problems):
            raise InputError(
                Problem(name, p.line, p.column, p.message, p.hint) for p in error.problems
            ) from None
        return Source(name, value)
    return Source(name, value, placed.key_places, placed.value_places)
