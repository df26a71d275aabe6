"""Turns a plain value into a record, and every mismatch into a problem with its place."""

from __future__ import annotations

import types
import typing
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from engine.model.problem import Problem, nearest
from engine.rulebase.source import Source

_Model = TypeVar("_Model", bound=BaseModel)
_Path = tuple[str | int, ...]

_PLAIN = {
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "string_type": "text",
    "dict_type": "a map",
    "model_type": "a map",
    "tuple_type": "a list",
    "list_type": "a list",
    "date_from_datetime_parsing": "a date written YYYY-MM-DD",
    "date_parsing": "a date written YYYY-MM-DD",
    "date_type": "a date written YYYY-MM-DD",
}


def validate(
    model: type[_Model], source: Source, value: Any, path: _Path, problems: list[Problem]
) -> _Model | None:
    """The record that ``value`` writes, or ``None`` after adding each mismatch to ``problems``."""
    try:
        return model.model_validate(value)
    except ValidationError as error:
        for item in error.errors(include_url=False, include_context=True):
            problems.append(_problem(model, source, path, item))
        return None


def _problem(model: type[BaseModel], source: Source, path: _Path, item: Any) -> Problem:
    loc: _Path = tuple(item["loc"])
    full = (*path, *loc)
    name = ".".join(str(part) for part in loc)
    kind = item["type"]
    if kind == "extra_forbidden":
        owner = _owner(model, loc[:-1])
        known = list(owner.model_fields) if owner else []
        return source.problem(
            full,
            f"unknown key {loc[-1]}",
            nearest(str(loc[-1]), known) or ("known keys: " + ", ".join(known) if known else ""),
            of_key=True,
        )
    if kind == "missing":
        return source.problem(full[:-1], f"{loc[-1]} is missing")
    found = item.get("input")
    if kind == "literal_error" or kind == "enum":
        expected = str(item["ctx"]["expected"]).replace("'", "")
        options = expected.replace(" or ", ", ").split(", ")
        hint = nearest(str(found), options)
        return source.problem(full, f"{name}: found {found!r}, expected {expected}", hint)
    if kind in _PLAIN:
        return source.problem(full, f"{name}: found {_short(found)}, expected {_PLAIN[kind]}")
    message = item["msg"].removeprefix("Value error, ")
    return source.problem(full, f"{name}: {message}" if name else message)


def _short(value: Any) -> str:
    if isinstance(value, dict):
        return "a map"
    if isinstance(value, list):
        return "a list"
    if value is None:
        return "nothing"
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _owner(model: type[BaseModel], loc: _Path) -> type[BaseModel] | None:
    """The model that holds the last key of ``loc``, found by walking the annotations."""
    current: Any = model
    for part in loc:
        if isinstance(current, type) and issubclass(current, BaseModel):
            if part not in current.model_fields:
                return None
            current = current.model_fields[str(part)].annotation
        else:
            current = _item(current)
        current = _unwrap(current)
    return current if isinstance(current, type) and issubclass(current, BaseModel) else None


def _unwrap(annotation: Any) -> Any:
    if typing.get_origin(annotation) in (typing.Union, types.UnionType):
        for option in typing.get_args(annotation):
            if isinstance(option, type) and issubclass(option, BaseModel):
                return option
    return annotation


def _item(annotation: Any) -> Any:
    args = typing.get_args(annotation)
    if not args:
        return None
    return args[1] if typing.get_origin(annotation) is dict else args[0]
