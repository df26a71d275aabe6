"""Links the records of a rule folder: every id resolved, every frame seen, an order found.

``link`` reports every offence at once. What it refuses: unknown ids, a fact or provision out
of a row's sight, cycles, uncited provisions, facts no rule reads, branches that can never
matter, tests that name what does not exist.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from graphlib import CycleError, TopologicalSorter
from typing import Any as Anything

from engine.model.conditions import (
    All,
    Any,
    Every,
    Not,
    Ref,
    Some,
    Term,
    Test,
    Unless,
    View,
    children,
    walk,
)
from engine.model.frames import Frame
from engine.model.problem import Problem, nearest
from engine.model.records import Case, Mistake, Organ, Provision
from engine.rulebase.conditions import read_condition
from engine.rulebase.rulebase import Rulebase, outcome_id
from engine.rulebase.source import Source
from engine.rulebase.theorems import theorem_faults, theorem_terms

_Path = tuple[str | int, ...]
_Where = dict[str, tuple[Source, _Path]]


def link(base: Rulebase, where: _Where) -> list[Problem]:
    """Fill ``base.terms`` and ``base.order``; return every offence found."""
    linker = _Linker(base, where)
    linker.read_terms()
    for name, source, path, frame in linker.roots():
        linker.check_term(base.terms[name], frame, source, path)
    linker.check_records()
    linker.check_theorems()
    linker.check_unused()
    linker.find_order()
    return linker.problems


class _Linker:
    def __init__(self, base: Rulebase, where: _Where) -> None:
        self.base = base
        self.where = where
        self.problems: list[Problem] = []

    def conditions(self) -> Iterator[tuple[str, Anything, Source, _Path, Frame]]:
        for name, record in self.base.decided.items():
            source, path = self.where[name]
            yield name, record.holds, source, (*path, "holds"), record.per
        for name, item in self.base.classifications.items():
            source, path = self.where[f"classification:{name}"]
            for index, outcome in enumerate(item.outcomes):
                below = (*path, "outcomes", index, "when")
                yield outcome_id(name, index), outcome.when, source, below, item.per

    def roots(self) -> Iterator[tuple[str, Source, _Path, Frame]]:
        for name, _, source, path, frame in self.conditions():
            if name in self.base.terms:
                yield name, source, path, frame

    def read_terms(self) -> None:
        for name, raw, source, path, _ in self.conditions():

            def report(at: _Path, message: str, hint: str, source: Source = source) -> None:
                self.problems.append(source.problem(at, message, hint))

            term = read_condition(raw, path, report)
            if term is not None:
                self.base.terms[name] = term

    def check_term(self, term: Term, frame: Frame, source: Source, path: _Path) -> None:
        say = self.problems
        if isinstance(term, Ref):
            self.check_ref(term.id, frame, source, path)
        elif isinstance(term, Test):
            self.check_test(term, frame, source, path)
        elif isinstance(term, View):
            doctrine = self.base.doctrines.get(term.doctrine)
            if doctrine is None:
                hint = nearest(term.doctrine, self.base.doctrines)
                say.append(source.problem(path, f"unknown doctrine {term.doctrine}", hint))
            elif term.view not in doctrine.views:
                hint = nearest(term.view, doctrine.views) or "views: " + ", ".join(doctrine.views)
                say.append(source.problem(path, f"{term.doctrine} has no view {term.view}", hint))
        elif isinstance(term, Some | Every):
            word = "some" if isinstance(term, Some) else "every"
            if frame.sees(term.frame):
                say.append(
                    source.problem(
                        path, f"a row per {frame} already has its {term.frame}: drop {word}"
                    )
                )
            self.check_term(term.item, term.frame, source, (*path, word, term.frame.value))
        else:
            self.check_branches(term, source, path)
            word = {All: "all", Any: "any", Not: "not", Unless: "unless"}.get(type(term), "count")
            single = isinstance(term, Not | Unless)
            for index, child in enumerate(children(term)):
                below: _Path = (word,) if single else (word, index)
                if word == "count":
                    below = ("count", "of", index)
                self.check_term(child, frame, source, (*path, *below))

    def check_ref(self, name: str, frame: Frame, source: Source, path: _Path) -> None:
        fact = self.base.facts.get(name)
        record = self.base.decided.get(name)
        if fact is None and record is None:
            known = [*self.base.facts, *self.base.decided]
            self.problems.append(source.problem(path, f"unknown id {name}", nearest(name, known)))
            return
        if fact is not None and fact.type != "tri":
            how = "at_least: N" if fact.type == "integer" else "is: VALUE"
            self.problems.append(
                source.problem(path, f"{name} is not yes/no", f"write {{fact: {name}, {how}}}")
            )
        self.check_sight(name, fact.scope if fact else record.per, frame, source, path)  # type: ignore[union-attr]

    def check_test(self, term: Test, frame: Frame, source: Source, path: _Path) -> None:
        fact = self.base.facts.get(term.fact)
        if fact is None:
            hint = nearest(term.fact, self.base.facts)
            self.problems.append(source.problem(path, f"unknown fact {term.fact}", hint))
            return
        if term.at_least != (fact.type == "integer"):
            how = "at_least" if fact.type == "integer" else "is"
            self.problems.append(source.problem(path, f"{fact.id} is tested with {how}"))
        elif fact.type == "choice" and term.value not in fact.values:
            hint = nearest(str(term.value), fact.values) or "values: " + ", ".join(fact.values)
            self.problems.append(source.problem(path, f"{fact.id} is never {term.value}", hint))
        elif fact.type == "tri":
            self.problems.append(source.problem(path, f"write {fact.id} itself, or not: {fact.id}"))
        self.check_sight(fact.id, fact.scope, frame, source, path)

    def check_sight(
        self, name: str, scope: Frame, frame: Frame, source: Source, path: _Path
    ) -> None:
        if not frame.sees(scope):
            self.problems.append(
                source.problem(
                    path,
                    f"{name} is per {scope} and out of sight of a row per {frame}",
                    f"reach it with some: {{{scope}: ...}} or every: {{{scope}: ...}}",
                )
            )

    def check_branches(self, term: Term, source: Source, path: _Path) -> None:
        """Branches that can never matter: repeated, contradicted, or swallowed by a sibling."""
        items = children(term)
        for index, item in enumerate(items):
            others = items[:index] + items[index + 1 :]
            place = (*path, "all" if isinstance(term, All) else "any", index)
            if item in items[:index]:
                self.problems.append(
                    source.problem(place, "this branch is a repeat of an earlier one")
                )
            if isinstance(term, All) and Not(item) in others:
                self.problems.append(
                    source.problem(place, "stands beside its own opposite: this can never hold")
                )
            swallowed = (isinstance(term, Any) and isinstance(item, All)) or (
                isinstance(term, All) and isinstance(item, Any)
            )
            if swallowed and any(other in children(item) for other in others):
                self.problems.append(
                    source.problem(place, "this branch is shadowed by a sibling it contains")
                )

    def check_records(self) -> None:
        base = self.base
        for name, record in base.decided.items():
            source, path = self.where[name]
            if name in base.facts:
                self.problems.append(source.problem(path, f"{name} is already the id of a fact"))
            if record.contested and record.contested not in base.doctrines:
                hint = nearest(record.contested, base.doctrines)
                self.problems.append(
                    source.problem(
                        (*path, "contested"), f"unknown doctrine {record.contested}", hint
                    )
                )
            for mistake in record.mistakes:
                if not isinstance(base.decided.get(mistake), Mistake):
                    known = [item.id for item in base.mistakes()]
                    self.problems.append(
                        source.problem(
                            (*path, "mistakes"),
                            f"unknown mistake {mistake}",
                            nearest(mistake, known),
                        )
                    )
            if isinstance(record, Provision):
                self.check_provision(record, source, path)
            if isinstance(record, Mistake):
                self.check_cited(record.refuted_by, source, (*path, "refuted_by"))
            if isinstance(record, Organ):
                self.check_cited(record.access, source, (*path, "access"), Frame.DUTY)
            for index, case in enumerate(record.tests):
                self.check_case(
                    case, ("holds", "fails", "unknown"), source, (*path, "tests", index)
                )
        for name, item in base.classifications.items():
            source, path = self.where[f"classification:{name}"]
            labels = {item.otherwise, item.open, *(outcome.label for outcome in item.outcomes)}
            if labels != set(item.strongest):
                self.problems.append(
                    source.problem(
                        (*path, "strongest"),
                        "strongest must list every label once, found a difference in "
                        + ", ".join(sorted(labels ^ set(item.strongest))),
                    )
                )
            for element in item.elements:
                if element not in base.decided:
                    self.problems.append(
                        source.problem(
                            (*path, "elements"),
                            f"unknown provision {element}",
                            nearest(element, base.decided),
                        )
                    )
            for index, case in enumerate(item.tests):
                below = (*path, "tests", index)
                self.check_case(case, item.strongest, source, below, item.levels)
        for name, doctrine in base.doctrines.items():
            source, path = self.where[f"doctrine:{name}"]
            if doctrine.default not in doctrine.views:
                self.problems.append(
                    source.problem(
                        (*path, "default"), f"{doctrine.default} is not one of the views"
                    )
                )

    def check_cited(
        self, cited: Iterable[str], source: Source, path: _Path, frame: Frame | None = None
    ) -> None:
        """The ids that a record cites are provisions, and of ``frame`` where that matters."""
        for name in cited:
            record = self.base.decided.get(name)
            if not isinstance(record, Provision):
                hint = nearest(name, self.base.decided)
                self.problems.append(source.problem(path, f"unknown provision {name}", hint))
            elif frame and record.per is not frame:
                what = f"{name} is per {record.per}, and only one per {frame} fits here"
                self.problems.append(source.problem(path, what))

    def check_theorems(self) -> None:
        """Read the conditions of theorems into ``base.claims``, and check what they name."""
        for name in self.base.theorems:
            source, path = self.where[f"theorem:{name}"]
            self.problems += theorem_faults(self.base, name, source, path)
            frame = self.base.theorems[name].per
            for key, term, at in theorem_terms(
                self.base.theorems[name], source, path, self.problems
            ):
                self.base.claims[f"{name}#{key}"] = term
                self.check_term(term, frame, source, at)

    def check_provision(self, record: Provision, source: Source, path: _Path) -> None:
        if not record.cite.strip():
            self.problems.append(source.problem(path, f"{record.id} cites nothing"))
        if record.of and record.of not in self.base.instruments:
            hint = nearest(record.of, self.base.instruments)
            self.problems.append(source.problem(("of",), f"unknown instrument {record.of}", hint))

    def check_case(
        self,
        case: Case,
        answers: tuple[str, ...],
        source: Source,
        path: _Path,
        levels: tuple[str, ...] = (),
    ) -> None:
        base = self.base
        if case.level and case.level not in levels:
            hint = nearest(case.level, levels) or ", ".join(levels)
            self.problems.append(source.problem((*path, "level"), f"no level {case.level}", hint))
        if case.then not in answers:
            hint = nearest(case.then, answers) or "one of " + ", ".join(answers)
            self.problems.append(source.problem((*path, "then"), f"{case.then} is no answer", hint))
        stated = [("given", *item) for item in case.given.items()]
        stated += [("beside", *item) for item in case.beside.items()]
        for part, key, value in stated:
            at = (*path, part, key)
            fact = base.facts.get(key)
            if fact is not None:
                wrong = value_fault(fact.type, fact.values, value)
                if wrong:
                    self.problems.append(source.problem(at, f"{key}: {wrong}"))
            elif key in base.decided:
                if value not in ("holds", "fails", None):
                    self.problems.append(
                        source.problem(at, f"{key} is a provision: holds, fails or unknown")
                    )
            else:
                hint = nearest(key, [*base.facts, *base.decided])
                self.problems.append(source.problem(at, f"unknown id {key}", hint, of_key=True))
        for key, view in case.doctrine.items():
            if key not in base.doctrines or view not in base.doctrines[key].views:
                hint = nearest(key, base.doctrines)
                self.problems.append(
                    source.problem((*path, "doctrine"), f"unknown view {key}={view}", hint)
                )

    def check_unused(self) -> None:
        used: set[str] = set()
        for term in self.base.terms.values():
            for part in walk(term):
                if isinstance(part, Ref):
                    used.add(part.id)
                elif isinstance(part, Test):
                    used.add(part.fact)
        for fact in self.base.facts.values():
            for other in (*fact.factors.speaks_for, *fact.factors.speaks_against):
                if other not in self.base.facts:
                    source, path = self.where[fact.id]
                    self.problems.append(
                        source.problem(
                            (*path, "factors"),
                            f"unknown fact {other}",
                            nearest(other, self.base.facts),
                        )
                    )
                used.add(other)
        for fact in self.base.facts.values():
            if fact.id not in used and not fact.informational and not fact.derived:
                source, path = self.where[fact.id]
                self.problems.append(
                    source.problem(
                        path,
                        f"no rule reads the fact {fact.id}",
                        "use it, or say `informational: true`",
                    )
                )

    def find_order(self) -> None:
        base = self.base
        graph: dict[str, list[str]] = {}
        for name, term in base.terms.items():
            graph[name] = sorted(
                {part.id for part in walk(term) if isinstance(part, Ref) and part.id in base.terms}
            )
        try:
            base.order = list(TopologicalSorter(graph).static_order())
        except CycleError as error:
            cycle = list(reversed(error.args[1]))
            source, path = self.where.get(cycle[0]) or next(iter(self.where.values()))
            self.problems.append(
                source.problem(path, "a cycle: " + " needs ".join(map(str, cycle)))
            )


_MEANT = {
    **dict.fromkeys(("yes", "y", "t", "1"), "true"),
    **dict.fromkeys(("no", "n", "f", "0"), "false"),
}


def value_fault(kind: str, values: tuple[str, ...], value: object) -> str:
    """What is wrong with a stated value for a fact of this type; empty when it fits."""
    if value is None:
        return ""
    if kind == "tri":
        if isinstance(value, bool):
            return ""
        meant = _MEANT.get(str(value).lower())
        return f"found {value!r}, expected true, false or unknown" + (
            f"; did you mean {meant}?" if meant else ""
        )
    if kind == "integer":
        if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
            return ""
        return f"found {value!r}, expected a whole number or unknown"
    if isinstance(value, str) and value in values:
        return ""
    hint = nearest(str(value), values)
    return f"found {value!r}, expected one of {', '.join(values)} or unknown" + (
        f"; {hint}" if hint else ""
    )
