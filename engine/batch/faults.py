"""What is wrong with a row: one record a fault, with the field, what was found, what is right."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

from engine.model.problem import InputError, Problem
from engine.rulebase.source import MAX_BYTES, Source

TOLD = 20
"""Faults of one row that are told one by one."""

_Path = tuple[str | int, ...]


@dataclass(frozen=True)
class Fault:
    """One fault of one row. ``row`` counts from 0 within the unit that was read.

    ``line`` is the line of the unit's file that it stands on, 0 where that is not known.
    ``file`` is another file than the unit's that it stands in, ``at`` its row there, from 1.
    ``others``: how many untold faults of the row it stands for, 0 where it is one itself.
    """

    row: int
    id: str
    field: str
    found: str
    message: str
    hint: str
    line: int = 0
    others: int = 0
    file: str = ""
    at: int = 0

    def record(self, place: dict[str, object]) -> dict[str, object]:
        """The line of the errors file; ``place`` says in which file and row it is."""
        told = {
            "id": self.id,
            "field": self.field,
            "found": self.found,
            "message": self.message,
            "hint": self.hint,
        }
        return place | {name: value for name, value in told.items() if value}


@dataclass(frozen=True)
class RowSource(Source):
    """The document of one row. Remembers the field of each problem found in it, in order."""

    fields: dict[Problem, _Path] = field(default_factory=dict)
    hinted: ClassVar[int] = TOLD

    def problem(
        self, path: _Path, message: str, hint: str = "", *, of_key: bool = False
    ) -> Problem:
        """A problem at ``path``; stands under its field, and on its line where that is known."""
        made = Problem(named(path), *self.place(path, of_key=of_key), message, hint)
        self.fields[made] = tuple(path)
        return made


def faults_of(error: InputError, source: RowSource | None, row: int, name: str) -> list[Fault]:
    """The faults that an error about one row lists, in the order of the document.

    Of more than ``TOLD`` the last says only how many others there are.
    """
    order = {problem: number for number, problem in enumerate(source.fields)} if source else {}
    problems = sorted(
        error.problems, key=lambda one: (one.line, one.column, order.get(one, len(order)))
    )
    found = []
    for problem in problems[: TOLD + 1]:
        path = source.fields.get(problem, ()) if source else ()
        value = _at(source.value, path) if source and path else ""
        message = problem.message.removeprefix(f"{path[-1]}: " if path else "")
        message = message.removeprefix(f"{named(path)}: ")
        found.append(Fault(row, name, named(path), value, message, problem.hint, problem.line))
    return told(found, len(problems))


def told(faults: list[Fault], count: int) -> list[Fault]:
    """The first faults of a row that has ``count``, and one that says how many others it has."""
    others = count - TOLD
    if others <= 0:
        return faults
    said = "one more fault" if others == 1 else f"{others:,} more faults"
    rest = replace(
        faults[TOLD],
        field="",
        found="",
        message=f"{said} in this scenario",
        hint="mend the others first",
        others=others,
    )
    return [*faults[:TOLD], rest]


def named(path: Iterable[str | int]) -> str:
    """A place in a document as one word: the fact alone for a fact stated at the top."""
    parts = [str(part) for part in path]
    return ".".join(parts[1:] if parts[:1] == ["facts"] and len(parts) > 1 else parts)


def _at(value: Any, path: _Path) -> str:
    for part in path:
        try:
            value = value[part]
        except (KeyError, IndexError, TypeError):
            return ""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 80 else text[:77] + "..."


def parse_line(data: bytes) -> Any:
    """The value of one JSON line, by the rules of a JSON file. Raises ``InputError``."""
    if len(data) > MAX_BYTES:
        raise _refusal(
            f"{len(data):,} bytes is too large for one scenario", f"the limit is {MAX_BYTES:,}"
        )
    repeated: list[str] = []

    def pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
        result: dict[str, Any] = {}
        for key, value in items:
            if key in result:
                repeated.append(key)
            result[key] = value
        return result

    def refuse(word: str) -> None:
        raise ValueError(f"{word} is not JSON")

    try:
        value = json.loads(data.decode("utf-8-sig"), object_pairs_hook=pairs, parse_constant=refuse)
    except UnicodeDecodeError:
        raise _refusal("not UTF-8 text", "save the file as UTF-8") from None
    except json.JSONDecodeError as error:
        raise _refusal(f"not JSON: {error.msg} at character {error.pos + 1}") from None
    except RecursionError:
        raise _refusal("nested too deep") from None
    except ValueError as error:
        raise _refusal(f"not JSON: {error}") from None
    if repeated:
        raise InputError(Problem("", 0, 0, f"{key} is given twice", "keep one") for key in repeated)
    return value


def _refusal(message: str, hint: str = "") -> InputError:
    return InputError.single("", message, hint)
