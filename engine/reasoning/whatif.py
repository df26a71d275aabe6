"""What if: other facts in a scenario, and what they change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from engine.inference.law import Law
from engine.model.problem import InputError, nearest
from engine.model.reasons import WhatIf
from engine.model.records import Fact, Provision, Value
from engine.model.result import NOTICE
from engine.model.scenario import Scenario
from engine.reasoning.assess import Assessment, Engine, assess
from engine.reasoning.difference import Difference
from engine.reasoning.places import TOP, Place, Statement, find_place, in_force_at, restated, word
from engine.reasoning.readers import Readers
from engine.reasoning.variants import Overrides, decide, differing
from engine.reasoning.wording import describe
from engine.rulebase.link import value_fault
from engine.rulebase.scenarios import check_scenario
from engine.rulebase.source import Source, parse_source

EDITABLE = ("dates", "states", "actors", "episodes")
"""The parts of a scenario, beside facts, that may be given another value by their path."""


@dataclass(frozen=True)
class Edit:
    """Another value for something that is no fact: a date, a treaty, who took part."""

    path: tuple[str, ...]
    value: Any

    @property
    def text(self) -> str:
        """The edit as it is typed."""
        plain = self.value is None or isinstance(self.value, bool | int | str)
        return f"{'.'.join(self.path)}={word(self.value) if plain else self.value}"


@dataclass(frozen=True)
class Changes:
    """What a person asked to be different."""

    statements: tuple[Statement, ...] = ()
    edits: tuple[Edit, ...] = ()


def read_changes(texts: Sequence[str], assessment: Assessment, option: str = "what-if") -> Changes:
    """The changes that a person typed: ``FACT=VALUE``, ``FACT@PLACE=VALUE``, ``PATH=VALUE``.

    A fact without a place is changed wherever some row goes by it. Raises ``InputError``.
    """
    statements: dict[tuple[str, Place], Statement] = {}
    edits: dict[tuple[str, ...], Edit] = {}
    for text in texts:
        name, sign, value = text.partition("=")
        if not sign or not name or not value:
            raise InputError.single(option, f"found {text}, expected FACT=VALUE")
        head = name.partition(".")[0]
        if head in EDITABLE and "." in name:
            path = tuple(name.split("."))
            edit = Edit(path, parse_source(f"value: {value}", option).value["value"])
            if edits.setdefault(path, edit) != edit:
                raise InputError.single(option, f"{name} is given two values")
            continue
        for item in read_statement(name, value, assessment, option):
            key = (item.fact, item.place)
            if statements.setdefault(key, item) != item:
                raise InputError.single(
                    option,
                    f"{item.fact} is given as {word(statements[key].value)} "
                    f"and as {word(item.value)}",
                )
    return Changes(tuple(statements.values()), tuple(edits.values()))


def read_statement(
    name: str, text: str, assessment: Assessment, option: str = "what-if"
) -> list[Statement]:
    """The statements of ``FACT=VALUE`` or ``FACT@PLACE=VALUE``. Raises ``InputError``."""
    fact, places = read_places(name, assessment, option)
    value = _value(text)
    wrong = value_fault(fact.type, fact.values, value)
    if wrong:
        raise InputError.single(option, f"{fact.id}: {wrong}")
    return [Statement(fact.id, place, value) for place in places]


def read_places(name: str, assessment: Assessment, option: str) -> tuple[Fact, list[Place]]:
    """The fact of ``FACT`` or ``FACT@PLACE``, and the places meant. Raises ``InputError``."""
    head, sign, where = name.partition("@")
    base, case = assessment.law.base, assessment.case
    fact = base.facts.get(head)
    if fact is None:
        known = [item.id for item in base.facts.values() if not item.derived]
        hint = nearest(head, known) or "`palermo facts` lists them"
        raise InputError.single(option, f"unknown fact {head}", hint)
    if fact.derived:
        raise InputError.single(
            option,
            f"{head} is worked out from dates, treaties and actors and cannot be stated",
            "change what it follows from: states.CODE.treaties.KEY=true, dates.start=2001-01-01",
        )
    if sign:
        return fact, [find_place(case, fact, assessment.law.reads.get(head, ()), where, option)]
    found = {
        in_force_at(case, fact, frame, row): None
        for frame in assessment.law.reads.get(fact.id, ())
        for row in range(len(case.layout.rows[frame]))
    }
    return fact, list(found) or [TOP]


def _value(text: str) -> Value:
    words: dict[str, Value] = {"true": True, "yes": True, "false": False, "no": False}
    if text.lower() == "unknown":
        return None
    if text.lower() in words:
        return words[text.lower()]
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else text


def changed(scenario: Scenario, changes: Changes, law: Law, option: str = "what-if") -> Scenario:
    """The scenario with the changes made, checked as if it had been read from a file."""
    if not changes.edits:
        return restated(scenario, changes.statements)
    document = scenario.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    for edit in changes.edits:
        _set(document, edit, option)
    edited = check_scenario(Source(option, document), law.base, law.reads)
    return restated(edited, changes.statements)


def _set(document: dict[str, Any], edit: Edit, option: str) -> None:
    where: Any = document
    for depth, key in enumerate(edit.path[:-1]):
        if not isinstance(where, dict):
            raise InputError.single(option, f"{'.'.join(edit.path[:depth])} has no parts")
        if depth == 1 and key not in where:
            kind = edit.path[0]
            hint = nearest(key, where) or f"{kind}: " + ", ".join(where)
            raise InputError.single(option, f"no such part of {kind}: {key}", hint)
        where = where.setdefault(key, {})
    if not isinstance(where, dict):
        raise InputError.single(option, f"{'.'.join(edit.path[:-1])} has no parts")
    where[edit.path[-1]] = edit.value


def what_if(before: Assessment, changes: Changes, *, engine: Engine = "both") -> WhatIf:
    """What the changes change: outcomes and through which provisions, findings, bodies, limits.

    ``before`` is the scenario as it stands; the changed one is assessed from the beginning.
    Raises ``InputError`` where the changed scenario cannot be read.
    """
    law = before.law
    after = _assess(before, changes, engine)
    difference = Difference(before, after)
    outcomes, same = difference.outcomes()
    base = law.base
    readers = Readers(law, base.classifications)
    described = {
        item.text: describe(item, _now(before, item), base, readers, item.fact)
        for item in changes.statements
    }
    return WhatIf(
        scenario=before.scenario.id,
        changes=described,
        edits=[edit.text for edit in changes.edits],
        outcomes=outcomes,
        unchanged=same,
        provisions=difference.provisions(),
        findings=difference.gained(
            (item for item in base.provisions() if item.finding),
            lambda item: " ".join(item.finding.split()) if isinstance(item, Provision) else "",
        ),
        bodies=difference.gained(base.organs(), lambda item: item.name),
        limits=difference.gained(base.limits(), lambda item: item.name),
        idle=_idle(difference, changes),
        checked=after.engine,
        doctrine=dict(before.worlds.profiles[0]),
        notice=NOTICE,
    )


def _assess(before: Assessment, changes: Changes, engine: Engine) -> Assessment:
    return assess(
        changed(before.scenario, changes, before.law),
        before.law,
        doctrine=before.chosen,
        strict=before.worlds.strict,
        engine=engine,
    )


def _now(before: Assessment, item: Statement) -> str:
    """What a row that goes by the statement's place goes by now."""
    case, fact = before.case, before.law.base.facts[item.fact]
    for frame in before.law.reads.get(item.fact, ()):
        for row in range(len(case.layout.rows[frame])):
            if in_force_at(case, fact, frame, row) == item.place:
                return word(case.stated(frame, row, item.fact))
    return "unknown"


def _maybe_idle(difference: Difference, changes: Changes) -> list[Statement]:
    """The statements without which nothing decided in the headline would be different.

    All are left out in one evaluation, each in a world of its own; one that moves nothing there
    may still move another profile. Where that is not so simple, every statement.
    """
    facts = [item.fact for item in changes.statements]
    if changes.edits or len(set(facts)) < len(facts):
        return list(changes.statements)
    before, after, law = difference.before, difference.after, difference.after.law
    worlds = {
        item.fact: (1 << number, item.place) for number, item in enumerate(changes.statements)
    }
    overrides: Overrides = {}
    for index, node in enumerate(law.plan.nodes):
        world, place = worlds.get(str(node.param[0]) if node.op == "fact" else "", (0, None))
        for row in after.rows(node.frame) if world else ():
            fact = law.base.facts[str(node.param[0])]
            if in_force_at(after.case, fact, node.frame, row) == place:
                overrides[(index, row)] = [(world, before.truth(index, row))]
    values = decide(after, len(facts), overrides)
    moved = differing(after, values, (1 << len(facts)) - 1)
    return [item for item in changes.statements if not worlds[item.fact][0] & moved]


def _idle(difference: Difference, changes: Changes) -> list[str]:
    """The statements without which everything decided would be the same."""
    if len(changes.statements) + len(changes.edits) == 1:
        return [item.text for item in changes.statements] if difference.nothing() else []
    found = []
    for item in _maybe_idle(difference, changes):
        others = tuple(other for other in changes.statements if other != item)
        without = _assess(difference.before, Changes(others, changes.edits), "planes")
        if Difference(without, difference.after).nothing():
            found.append(item.text)
    return found
