"""Theorems: statements about every fact pattern, proven from the rules or refuted.

A theorem's opposite is made a literal of the circuit of all fact patterns of a shape, and clingo
is asked for a pattern that makes it true. None: proven for that shape. One: the smallest is
written out as a scenario and assessed from the beginning by both evaluators. What a rule does not
rest on, however indirectly, cannot change it; such a claim needs no search.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from time import perf_counter
from typing import Literal

from engine.inference.law import Law
from engine.inference.plan import Plan, extended
from engine.inference.planes import code_of, generate, schedule
from engine.model.problem import InputError
from engine.model.records import Theorem
from engine.model.truth import Truth
from engine.reasoning.assess import Assessment, assess
from engine.reasoning.circuit import FALSE, TRUE, Wiring
from engine.reasoning.goals import row_label
from engine.reasoning.patterns import SIGNED, Answer, Patterns, Shape
from engine.reasoning.smallest import Search
from engine.rulebase.rulebase import outcome_id
from engine.rulebase.scenarios import parse_scenario
from engine.rulebase.theorems import named

SHAPES = (Shape(1, 1, 1), Shape(1, 1, 0), Shape(2, 2, 2))
"""The shapes for which theorems are proven."""

Status = Literal["proven", "refuted", "empty", "open"]
Means = Literal["structure", "search"]


@dataclass(frozen=True)
class Proof:
    """One shape, with or without presumptions, for which a theorem was proven.

    ``means``: "structure" where what the claim is about does not rest on what could change it,
    or the conditions exclude each other as they stand; "search" where clingo found no pattern.
    """

    shape: Shape
    strict: bool
    means: Means


@dataclass(frozen=True)
class Counterexample:
    """A fact pattern against a theorem, as scenario files: two where one is compared with one.

    ``views`` are the views to take that are not the default; ``confirmed`` says that both
    evaluators, assessing the files from the beginning, agree that the theorem fails.
    """

    scenarios: tuple[str, ...]
    views: dict[str, str]
    strict: bool
    shape: Shape
    confirmed: bool


@dataclass(frozen=True)
class Verdict:
    """What became of a theorem.

    "empty": no fact pattern comes under it, or what it says is unchanged never varies, so that
    it says nothing. "open": not decided within the time, or the only patterns against it cannot
    be written as a scenario. ``chain`` lists the rules through which what must not matter
    matters. ``because`` says in words why it is empty or open.
    """

    theorem: Theorem
    status: Status
    proofs: tuple[Proof, ...] = ()
    counterexample: Counterexample | None = None
    chain: tuple[str, ...] = ()
    because: str = ""
    seconds: float = 0.0

    @property
    def good(self) -> bool:
        """Whether the theorem is proven."""
        return self.status == "proven"


@dataclass
class Prover:
    """Proves the theorems of a law. ``seconds`` limits each search."""

    law: Law
    shapes: Sequence[Shape] = SHAPES
    seconds: float = 60.0

    @cached_property
    def plan(self) -> Plan:
        """The plan with the conditions of every theorem decided at its end."""
        base = self.law.base
        conditions = {
            name: (term, base.theorems[name.rpartition("#")[0]].per)
            for name, term in base.claims.items()
        }
        return extended(base, self.law.plan, conditions)

    @cached_property
    def extended_law(self) -> Law:
        """The law under which a counterexample is assessed: it decides the claims as well."""
        order = schedule(self.plan)
        code = code_of(generate(self.plan, order))
        law = Law(self.law.base, self.plan, order, code, self.law.status_folder)
        law.__dict__["status"] = self.law.status
        return law

    def prove_all(self, names: Iterable[str] = ()) -> Iterator[Verdict]:
        """The verdict on each theorem, or on those named."""
        for name in names or self.law.base.theorems:
            yield self.prove(self.law.base.theorems[name])

    def prove(self, theorem: Theorem) -> Verdict:
        """Prove a theorem for every shape, or refute it by a counterexample."""
        start = perf_counter()
        verdict = self._prove(theorem)
        return Verdict(
            verdict.theorem,
            verdict.status,
            verdict.proofs,
            verdict.counterexample,
            verdict.chain,
            verdict.because,
            perf_counter() - start,
        )

    def _prove(self, theorem: Theorem) -> Verdict:
        chain = self._chain(theorem)
        if chain:
            return Verdict(theorem, "refuted", chain=chain)
        proofs: list[Proof] = []
        for shape in self.shapes:
            for strict in _modes(theorem):
                found = self._prove_for(theorem, shape, strict)
                if not isinstance(found, Proof):
                    return found
                proofs.append(found)
        return self._empty(theorem) or Verdict(theorem, "proven", tuple(proofs))

    def _prove_for(self, theorem: Theorem, shape: Shape, strict: bool) -> Proof | Verdict:
        """Prove for one shape. First plain patterns, which make plain counterexamples."""
        for apart in (False, True):
            claim = self._claim(theorem, shape, strict, apart=apart)
            target = claim.against
            for literal in dict.fromkeys((claim.sayable(target), target)):
                done, found = claim.smallest(literal, self.seconds)
                if found is not None:
                    return self._refuted(claim, found)
                if not done:
                    reason = f"not decided within {self.seconds:g} s for {shape.text}"
                    return Verdict(theorem, "open", because=reason)
        means: Means = "structure" if target == FALSE else "search"
        return Proof(shape, strict, means)

    def _refuted(self, claim: Claim, answers: list[Answer]) -> Verdict:
        theorem, patterns = claim.theorem, claim.patterns
        sides = len(claim.sides)
        views = patterns.chosen_views(answers)
        try:
            texts = tuple(
                patterns.scenario_text(answers, side, _head(theorem, side, sides, views, patterns))
                for side in range(sides)
            )
            confirmed = self.confirm(theorem, texts, views, strict=patterns.strict)
        except (ValueError, InputError) as error:
            reason = f"no scenario can say what stands against it: {error}"
            return Verdict(theorem, "open", because=reason)
        example = Counterexample(texts, views, patterns.strict, patterns.shape, confirmed)
        return Verdict(theorem, "refuted", counterexample=example)

    def confirm(
        self,
        theorem: Theorem,
        texts: Sequence[str],
        views: Mapping[str, str],
        *,
        strict: bool,
    ) -> bool:
        """Assess scenario files from the beginning, with both evaluators: is the claim broken?

        Raises ``EvaluatorsDisagree`` where the evaluators differ, ``InputError`` for a file that
        cannot be read.
        """
        law = self.extended_law
        found = [
            assess(
                parse_scenario(text, f"{theorem.id}.yaml", law.base, law.reads),
                law,
                doctrine=views,
                strict=strict,
            )
            for text in texts
        ]
        rows = range(len(found[0].case.layout.rows[theorem.per]))
        return any(broken(theorem, found, row) for row in rows)

    def _claim(self, theorem: Theorem, shape: Shape, strict: bool, *, apart: bool) -> Claim:
        base = self.law.base
        views = {} if theorem.doctrine == "any" else _views(self.law, theorem.doctrine)
        patterns = Patterns(
            base, self.plan, shape, views=views, strict=strict, apart=apart, signatures=apart
        )
        return Claim(self.law, theorem, patterns)

    def _empty(self, theorem: Theorem) -> Verdict | None:
        """The verdict on a theorem that says nothing, or of which that is not decided in time.

        Each condition must be met by some pattern, and what is unchanged must vary at all.
        """
        for strict in _modes(theorem):
            claim = self._claim(theorem, self.shapes[0], strict, apart=False)
            for what, literals in claim.interest():
                met = claim.each_met(literals, self.seconds)
                if met is False:
                    return Verdict(theorem, "empty", because=what)
                if met is None:
                    reason = f"not decided within {self.seconds:g} s whether {what}"
                    return Verdict(theorem, "open", because=reason)
        return None

    def _chain(self, theorem: Theorem) -> tuple[str, ...]:
        """The rules from something that must not change to a rule that must not matter."""
        law, base = self.law, self.law.base
        ids = {name for pattern in theorem.whatever for name in named(base, pattern)}
        barred: dict[int, str] = {}
        for name in ids:
            for head in _heads(law, name):
                barred[head] = name
        names = law.names
        for of in theorem.unchanged:
            start = _heads(law, of)
            came: dict[int, int] = {}
            todo = [head for head in start if head not in barred]
            seen = set(todo)
            for index in todo:
                for arg in law.plan.nodes[index].args:
                    if arg not in seen:
                        came[arg] = index
                        seen.add(arg)
                        todo.append(arg)
            hit = next((index for index in todo if index in barred), None)
            if hit is not None:
                path = [hit]
                while path[-1] in came:
                    path.append(came[path[-1]])
                return tuple(names[index] for index in reversed(path) if index in names)
        return ()


class Claim:
    """A theorem over the fact patterns of one shape, as literals of their circuit."""

    def __init__(self, law: Law, theorem: Theorem, patterns: Patterns) -> None:
        self.law = law
        self.theorem = theorem
        self.patterns = patterns
        self.circuit = patterns.circuit
        base = law.base
        facts = {
            name
            for pattern in theorem.whatever
            for name in named(base, pattern)
            if name in base.facts
        }
        self.sides = [patterns.wiring()]
        self.compares = bool(facts)
        """Whether two patterns are compared; where no fact differs, the rules alone decide."""
        if self.compares:
            self.sides.append(patterns.wiring(1, facts))

    @cached_property
    def against(self) -> int:
        """The claim is broken on the first row. All rows of a shape are alike, so on any."""
        if not self.patterns.shape.layout.rows[self.theorem.per]:
            return FALSE
        return self.circuit.all([self._given(), self.circuit.any(self._broken())])

    def _given(self) -> int:
        key = f"{self.theorem.id}#given"
        if key not in self.patterns.plan.heads:
            return TRUE
        return self.circuit.all([self._head(key, side)[0] for side in self.sides])

    def _head(self, name: str, side: Wiring) -> tuple[int, int]:
        return side.pair(self.patterns.plan.heads[name], 0)

    def _broken(self) -> Iterator[int]:
        theorem, heads, first = self.theorem, self.patterns.plan.heads, self.sides[0]
        if f"{theorem.id}#always" in heads:
            yield -self._head(f"{theorem.id}#always", first)[0]
        if f"{theorem.id}#never" in heads:
            yield self._head(f"{theorem.id}#never", first)[0]
        same = [
            self._head(f"{theorem.id}#same.{index}", first) for index in range(len(theorem.same))
        ]
        for one, other in pairwise(same):
            yield from (self._differ(a, b) for a, b in zip(one, other, strict=True))
        for of, labels in theorem.always_outcome.items():
            yield -self.circuit.any([self._label(of, label, first) for label in labels])
        for of, labels in theorem.never_outcome.items():
            yield from (self._label(of, label, first) for label in labels)
        for of in theorem.unchanged if self.compares else ():
            ways = [self._ways(of, side) for side in self.sides]
            yield from (self._differ(a, b) for a, b in zip(*ways, strict=True))

    def _ways(self, of: str, side: Wiring) -> list[int]:
        """What something can come out as: its labels, or known true and known false."""
        item = self.law.base.classifications.get(of)
        row = self._row(of)
        if item is None:
            return list(side.pair(self.patterns.plan.heads[of], row))
        return [row_label(item, label, row, side) for label in item.strongest]

    def _label(self, of: str, label: str, side: Wiring) -> int:
        return row_label(self.law.base.classifications[of], label, self._row(of), side)

    def _row(self, of: str) -> int:
        base, per = self.law.base, self.theorem.per
        item = base.classifications.get(of) or base.decided[of]
        return self.patterns.shape.layout.related(per, 0, item.per)[0]

    def _differ(self, one: int, other: int) -> int:
        circuit = self.circuit
        return circuit.any([circuit.all([one, -other]), circuit.all([-one, other])])

    def interest(self) -> Iterator[tuple[str, Sequence[Sequence[int]]]]:
        """Why the claim would say nothing, and what then no patterns make true.

        It says something if, for one of the sequences, each literal is true of some pattern.
        """
        theorem, first, given = self.theorem, self.sides[0], self._given()

        def within(literal: int) -> Sequence[Sequence[int]]:
            return [[self.circuit.all([given, literal])]]

        yield "no fact pattern comes under `given`", within(TRUE)
        if f"{theorem.id}#never" in self.patterns.plan.heads:
            head = self.patterns.plan.heads[f"{theorem.id}#never"]
            for number, (index, row) in enumerate(self._items(first, head)):
                true = first.pair(index, row)[0]
                yield f"part {number + 1} of `never` never holds", within(true)
        for index in range(len(theorem.same)):
            true = self._head(f"{theorem.id}#same.{index}", first)[0]
            yield f"part {index + 1} of `same` never holds", within(true)
        for of, labels in theorem.never_outcome.items():
            for label in labels:
                yield f"{of} is never {label}", [[self._label(of, label, first)]]
        for of, labels in theorem.always_outcome.items():
            other = -self.circuit.any([self._label(of, label, first) for label in labels])
            yield f"{of} is always {' or '.join(labels)}", [[other]]
        if theorem.given is not None and theorem.always is not None:
            always = self._head(f"{theorem.id}#always", first)[0]
            yield "`always` holds without `given`", [[-always]]
        for of in theorem.unchanged if self.compares else ():
            ways = [[*within(way)[0], *within(-way)[0]] for way in self._ways(of, first)]
            yield f"{of} is the same on every pattern", ways

    def each_met(self, ways: Sequence[Sequence[int]], seconds: float) -> bool | None:
        """Whether for one of the sequences each literal is true of some pattern.

        ``None`` where that is not decided within ``seconds`` for each literal.
        """
        answers = []
        for literals in ways:
            answers.append(_every(self.sat(literal, seconds) for literal in literals))
            if answers[-1]:
                return True
        return None if None in answers else False

    def _items(self, side: Wiring, head: int) -> list[tuple[int, int]]:
        """The conjuncts of a condition, through the nodes that only pass a value on."""
        index, row = head, 0
        while self.patterns.plan.nodes[index].op == "all":
            reads = side.reads(index, row)
            if len(reads) > 1:
                return reads
            index, row = reads[0]
        return [(index, row)]

    def sayable(self, target: int) -> int:
        """A target met by a pattern that a scenario of invented States can say."""
        patterns = self.patterns
        named = [one for one, owner in patterns.owner.items() if owner.key.what == "entered"]
        signed = [-one for one, owner in patterns.owner.items() if owner.options[one] == SIGNED]
        return self.circuit.all([target, *named, *signed]) if patterns.apart else target

    def sat(self, target: int, seconds: float) -> bool | None:
        """Whether some pattern makes a literal true; ``None`` when time ran out."""
        return self._search(target).possible(seconds=seconds)

    def smallest(self, target: int, seconds: float) -> tuple[bool, list[Answer] | None]:
        """Whether the search came to an end, and the shortest pattern that makes a literal true.

        Shortest is the one with the fewest answers, which may be none at all; where time runs
        out before that is known, any pattern.
        """
        search = self._search(target)
        family = search.fewest(limit=1, seconds=seconds)
        if not family.sets and not family.complete:
            family = search.smallest(limit=1, seconds=seconds)
        if not family.sets:
            return family.complete, None
        return True, self.patterns.answers(next(family.spelt_out()))

    def _search(self, target: int) -> Search:
        return Search(self.circuit, target, list(self.patterns.owner), self.patterns.exclusive())


def _every(answers: Iterable[bool | None]) -> bool | None:
    """Kleene's conjunction, looking no further than the first that is false."""
    total: bool | None = True
    for answer in answers:
        if answer is False:
            return False
        total = None if answer is None else total
    return total


def _heads(law: Law, name: str) -> list[int]:
    """The nodes of something decided: one, or those of a classification's outcomes."""
    if name in law.base.classifications:
        outcomes = law.base.classifications[name].outcomes
        return [law.plan.heads[outcome_id(name, index)] for index in range(len(outcomes))]
    return [law.plan.heads[name]] if name in law.plan.heads else []


def _modes(theorem: Theorem) -> tuple[bool, ...]:
    return {"both": (False, True), "on": (False,), "off": (True,)}[theorem.presumptions]


def _views(law: Law, chosen: dict[str, str]) -> dict[str, str]:
    return {name: chosen.get(name, item.default) for name, item in law.base.doctrines.items()}


def _head(
    theorem: Theorem, side: int, sides: int, views: dict[str, str], patterns: Patterns
) -> dict[str, str]:
    """The beginning of a counterexample's file."""
    part = f"-{'ab'[side]}" if sides > 1 else ""
    options = [f"--doctrine {name}={view}" for name, view in views.items()]
    options += ["--strict"] if patterns.strict else []
    how = f"Assess with {' '.join(options)}. " if options else ""
    return {
        "id": f"counterexample-{theorem.id}{part}",
        "title": f"Against the theorem: {theorem.name}",
        "narrative": f"{how}Written by palermo check --prove.",
    }


def broken(theorem: Theorem, found: Sequence[Assessment], row: int) -> bool:
    """Whether assessments break a theorem on a row."""
    plan, first = found[0].law.plan, found[0]

    def truth(key: str, of: Assessment = first) -> Truth:
        return of.truth(plan.heads[f"{theorem.id}#{key}"], row)

    def label(of: str, where: Assessment = first) -> str:
        item = where.law.base.classifications[of]
        return where.row_outcome(item, _seen(theorem, where, row, of)).label

    def value(of: str, where: Assessment) -> object:
        if of in where.law.base.classifications:
            return label(of, where)
        return where.provision(of, _seen(theorem, where, row, of))

    if theorem.given is not None and any(truth("given", one) is not Truth.HOLDS for one in found):
        return False
    same = {truth(f"same.{index}") for index in range(len(theorem.same))}
    return (
        (theorem.always is not None and truth("always") is not Truth.HOLDS)
        or (theorem.never is not None and truth("never") is Truth.HOLDS)
        or len(same) > 1
        or any(label(of) not in labels for of, labels in theorem.always_outcome.items())
        or any(label(of) in labels for of, labels in theorem.never_outcome.items())
        or any(value(of, found[0]) != value(of, found[1]) for of in theorem.unchanged)
    )


def _seen(theorem: Theorem, where: Assessment, row: int, of: str) -> int:
    base = where.law.base
    item = base.classifications.get(of) or base.decided[of]
    return where.case.layout.related(theorem.per, row, item.per)[0]
