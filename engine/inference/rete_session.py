"""One sheet of rules in durable_rules, and the sessions that run on it.

Of durable_rules 2.0.28 only ``durable.engine.Ruleset`` is used. Its ``Host`` would start two
threads that walk the sessions behind the driver's back, by offsets that go stale when a session
is deleted. Nothing is imported from it until a sheet is compiled.

Two more of its traps shape this module:

- Deleting a session in which no rule has fired frees uninitialised memory, and crashes, unless
  an earlier session in the same place of the pool cleaned it. A ruleset therefore starts with a
  session that fires, and never has two at once, so that every later one takes the clean place.
- Facts and sessions are told apart by 32-bit hashes of their text. Literals are numbered within
  their sheet and the session's name is fixed, so the facts ever asserted come from one small set,
  which a test shows to be free of collisions. A repeat is retried under another name all the same.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable
from functools import cache
from importlib import import_module
from random import Random
from typing import Any

from engine.inference.rete_rules import Literal, Sheet

SESSION_NAMES = ("a", "b", "c", "d")
"""The name of a session, and those to try when it makes two facts collide."""

_OPENED = "opened"


class RuleEngineError(Exception):
    """The rule engine did what it must not do: a defect of it or of palermo, not of the input."""


class _Interrupted(Exception):
    """The engine gave up an action half way: the clock jumped while it ran."""


@cache
def why_unavailable() -> str:
    """Why the rule engine cannot run here, in one line, or the empty string."""
    try:
        import_module("durable.engine")
    except Exception as error:  # whatever a broken build raises is a reason, not a failure
        return (
            f"durable_rules cannot be imported ({error}); it has no release for Python 3.13 "
            "and later"
        )
    return ""


def literal_name(literal: Literal) -> str:
    """What a literal is called in a session: the number of its atom, and its sign, as ``12+``."""
    return f"{literal // 2}{'+-'[literal % 2]}"


class Matcher:
    """A sheet compiled into a ruleset. One session at a time: not for use by two threads."""

    def __init__(self, sheet: Sheet) -> None:
        self._sheet = sheet
        self._fired: list[int] = []
        self._repeat: type[Exception] = import_module("durable.engine").MessageObservedException
        self._ruleset = self._compile()
        self._session(SESSION_NAMES[0], None, None)

    def derive(self, given: list[Literal], order: Random | None = None) -> dict[Literal, int]:
        """What follows from the literals ``given``: each with the first rule that derives it.

        ``given`` names no literal twice and only such as the sheet reads.
        """
        if not given:  # an empty batch would crash the process
            return {}
        for name in SESSION_NAMES:
            try:
                return self._session(name, given, order)
            except (self._repeat, _Interrupted):
                continue
        raise RuleEngineError(f"refused {len(given)} distinct facts as repeats under every name")

    def _compile(self) -> Any:
        rules: dict[str, Any] = {_OPENED: _rule([_OPENED], lambda session: None)}
        for number, rule in enumerate(self._sheet.rules):
            names = [literal_name(premise) for premise in rule.premises]
            rules[f"r{number}"] = _rule(names, self._recorder(number))
        ruleset = import_module("durable.engine").Ruleset("palermo", None, rules)
        # The package itself never gives a ruleset's memory back.
        delete = import_module("durable_rules_engine").delete_ruleset
        weakref.finalize(self, delete, ruleset._handle).atexit = False
        return ruleset

    def _recorder(self, number: int) -> Callable[[Any], None]:
        fired = self._fired

        def record(session: Any) -> None:
            fired.append(number)

        return record

    def _session(
        self, name: str, given: list[Literal] | None, order: Random | None
    ) -> dict[Literal, int]:
        """Run one session to its end; ``given`` is ``None`` in the ruleset's first one."""
        first: dict[Literal, int] = {}
        try:
            if given is None:
                self._assert(name, [_OPENED])
            batch = given or []
            while batch:
                if order:
                    order.shuffle(batch := list(batch))
                self._assert(name, [literal_name(literal) for literal in batch])
                batch = self._conclude(first)
            problem = self._ruleset.get_state(name).get("exception")
        finally:
            self._ruleset.delete_state(name)
        if problem:
            raise RuleEngineError(f"an action failed: {problem}")
        return first

    def _conclude(self, first: dict[Literal, int]) -> list[Literal]:
        """Take down what fired; returns the new conclusions that some rule reads."""
        new: list[Literal] = []
        for number in self._fired:
            conclusion = self._sheet.rules[number].conclusion
            if conclusion not in first:
                new.append(conclusion)
            if number < first.get(conclusion, number + 1):
                first[conclusion] = number
        self._fired.clear()
        return [literal for literal in new if literal in self._sheet.read]

    def _assert(self, name: str, literals: list[str]) -> None:
        """Assert one batch and let every rule fire that it completes."""
        outcome: list[BaseException | None] = []

        def done(error: BaseException | None, state: object) -> None:
            outcome.append(error)

        self._fired.clear()
        facts = [{"sid": name, literal: 1} for literal in literals]
        self._ruleset.do_actions(self._ruleset.assert_facts(facts), done)
        if not outcome:
            raise _Interrupted
        error = outcome[0]
        if isinstance(error, Exception):
            raise RuleEngineError(f"the rule engine failed: {error!r}") from error
        if error is not None:  # Control-C, which the package catches too
            raise error


def _rule(literals: list[str], action: Callable[[Any], None]) -> dict[str, Any]:
    """A rule in the form that durable_rules compiles: one pattern a literal."""
    patterns = [{f"m_{n}": {"$ex": {name: 1}}} for n, name in enumerate(literals)]
    return {"all": patterns, "run": action}
