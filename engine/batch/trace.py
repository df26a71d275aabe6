"""Runs the plane evaluator once on symbols and keeps the expressions of every answer.

The result is a program for all scenarios of one structure that state facts in the same
places: outcomes, what they depend on, the element that decides, the bodies engaged.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from engine.batch.columns import Options, key_of, labels_of, levels_of, lists_of, words_of
from engine.batch.program import Program
from engine.batch.structure import Section, Structure
from engine.batch.symbols import Graph, Symbol, Term
from engine.inference.law import Law
from engine.inference.outcomes import Labels, row_labels, strongest
from engine.inference.plan import Node
from engine.inference.planes import Values
from engine.inference.worlds import Worlds
from engine.model.frames import Frame
from engine.model.records import Classification

STATUS_FACTS = ("bound", "signed", "accepted")
Test = tuple[str | int | bool, ...]
"""The parameters of a fact leaf: the fact, or the fact with a comparison and a value."""

InputName = tuple[str, object, object]
"""("true" or "false", section or (frame, row), fact leaf)."""


@dataclass(frozen=True)
class Choice:
    """A column decided by planes of which each row has at most one set.

    Where the output plane ``planes[i]`` is set the value is ``words[numbers[i]]``, and
    ``words[otherwise]`` where none is; word 0 is none.
    """

    column: str
    words: tuple[str | None, ...]
    numbers: tuple[int, ...] = ()
    planes: tuple[int, ...] = ()
    otherwise: int = 0


@dataclass(frozen=True)
class Several:
    """A column that lists, in order, the words ``words[numbers[i]]`` whose planes are set."""

    column: str
    words: tuple[str, ...]
    numbers: tuple[int, ...] = ()
    planes: tuple[int, ...] = ()


@dataclass(frozen=True)
class Truths:
    """A yes/no column: the planes where it is true and where it is false."""

    column: str
    true: int
    false: int


@dataclass(frozen=True)
class Clauses:
    """The explanation: for each classification its id, its column and its elements' planes.

    An element has two planes: set in the first it is decided (fails, or holds with the second);
    set in the second alone it is unknown; set in neither it was not asked.
    """

    column: str
    items: tuple[tuple[str, str, tuple[tuple[int, int], ...]], ...]


@dataclass
class Trace:
    """A program, and what its output planes mean."""

    structure: Structure
    stated: frozenset[tuple[Section, str]]
    program: Program
    columns: list[Choice | Several | Truths | Clauses] = field(default_factory=list)


class _Views:
    """Numbers doctrine profiles: each switch has a few bits that hold its view."""

    def __init__(self, law: Law, worlds: Worlds) -> None:
        self.names = {name: list(law.base.doctrines[name].views) for name in worlds.switches}
        self.shift: dict[str, int] = {}
        self.mask: dict[str, int] = {}
        at = 0
        for name, views in self.names.items():
            width = max(1, (len(views) - 1).bit_length())
            self.shift[name], self.mask[name] = at, ((1 << width) - 1) << at
            at += width
        self.worlds = worlds
        self.head = self.number(worlds.profiles[0])

    def number(self, profile: Mapping[str, str]) -> int:
        """The profile as a number."""
        return sum(self.choice(name, view) for name, view in profile.items())

    def choice(self, name: str, view: str) -> int:
        """The bits of one view."""
        return self.names[name].index(view) << self.shift[name]

    def others(self, support: int) -> list[tuple[tuple[str, ...], int]]:
        """Every profile to compare with the headline: the switches changed, and its number.

        Switches outside ``support`` change nothing and keep the headline's view.
        """
        ignored = [name for name in self.names if not self.mask[name] & support]
        head = self.worlds.profiles[0]
        found = []
        for profile in self.worlds.profiles[1:]:
            if any(profile[name] != head[name] for name in ignored):
                continue
            changed = tuple(name for name in self.names if profile[name] != head[name])
            found.append((changed, self.number(profile)))
        return found


def trace(
    law: Law,
    worlds: Worlds,
    options: Options,
    structure: Structure,
    stated: frozenset[tuple[Section, str]],
) -> Trace:
    """The program for a structure whose scenarios state only facts among ``stated``."""
    return _Tracer(law, worlds, options, structure, stated).trace()


class _Tracer:
    def __init__(
        self,
        law: Law,
        worlds: Worlds,
        options: Options,
        structure: Structure,
        stated: frozenset[tuple[Section, str]],
    ) -> None:
        self.law, self.worlds, self.options = law, worlds, options
        self.structure, self.stated = structure, stated
        self.graph = Graph()
        self.inputs: dict[InputName, Symbol] = {}
        self.views = _Views(law, worlds)
        self.values: Values = {}
        self.outputs: list[Term] = []
        self.columns: list[Choice | Several | Truths | Clauses] = []
        self.clauses: list[tuple[str, str, tuple[tuple[int, int], ...]]] = []
        self.words = words_of(law.base)
        self.lists = lists_of(law.base, worlds.switches)

    def trace(self) -> Trace:
        layout = self.structure.layout
        self.values = self.law.evaluator.blank(layout)
        lenient = 0 if self.worlds.strict else -1
        self.fill(lenient)
        self.law.evaluator.run(layout, self.values, lenient)
        for item in self.law.base.classifications.values():
            self.classify(item)
        self.several("bodies", {organ: self.held(organ) for organ in self.lists["bodies"]})
        if self.options.provisions:
            for record in self.law.base.provisions():
                true, false = self.anywhere(record.id)
                self.columns.append(
                    Truths(f"provision.{record.id}", self.output(true), self.output(false))
                )
        if self.options.explain:
            self.columns.append(Clauses("explanation", tuple(self.clauses)))
        kept = [
            plane
            for column in self.columns
            if isinstance(column, Truths)
            for plane in (column.true, column.false)
        ]
        program = Program(self.graph, self.inputs, self.outputs, kept)
        return Trace(self.structure, self.stated, program, self.columns)

    # what goes in

    def fill(self, lenient: Term) -> None:
        """The planes of every leaf, as ``engine.reasoning.assess.fill`` sets them."""
        evaluator, base = self.law.evaluator, self.law.base
        for index, node in enumerate(self.law.plan.nodes):
            if node.op == "view":
                name, view = str(node.param[0]), str(node.param[1])
                symbol = self.graph.view(self.views.mask[name], self.views.choice(name, view))
                evaluator.put(self.values, 0, index, symbol, ~symbol)
            elif node.op == "fact":
                presumed = base.facts[str(node.param[0])].presumed
                for row in range(len(self.structure.layout.rows[node.frame])):
                    true, false = self.leaf(node, row)
                    if presumed is not None and len(node.param) == 1:
                        silent = lenient & ~(true | false)
                        true, false = (true | silent, false) if presumed else (true, false | silent)
                    evaluator.put(self.values, row, index, true, false)

    def leaf(self, node: Node, row: int) -> tuple[Term, Term]:
        """What is known of a fact on a row, before any presumption."""
        fact = str(node.param[0])
        head = fact.partition(".")[0]
        if (head in STATUS_FACTS and node.frame is Frame.DUTY) or head == "in_force":
            return self.pair((node.frame, row), node.param)
        if fact == "entered.actor":
            return (-1, 0) if self.structure.actors else (0, -1)
        true: Term = 0
        false: Term = 0
        for section in self.structure.sources(node.frame, row):
            if (section, fact) not in self.stated:
                continue
            stated_true, stated_false = self.pair(section, node.param)
            silent = ~(true | false)
            true, false = true | (stated_true & silent), false | (stated_false & silent)
        return true, false

    def pair(self, place: object, test: Test) -> tuple[Term, Term]:
        found = []
        for side in ("true", "false"):
            name = (side, place, test)
            if name not in self.inputs:
                self.inputs[name] = self.graph.input()
            found.append(self.inputs[name])
        return found[0], found[1]

    # what comes out

    def output(self, term: Term) -> int:
        self.outputs.append(self.graph.restrict(term, self.views.head))
        return len(self.outputs) - 1

    def rows(self, frame: Frame) -> range:
        return range(len(self.structure.layout.rows[frame]))

    def node(self, name: str, row: int) -> tuple[Term, Term]:
        return self.law.evaluator.get(self.values, row, self.law.plan.heads[name])

    def held(self, name: str) -> Term:
        found: Term = 0
        for row in self.rows(self.law.base.decided[name].per):
            found = found | self.node(name, row)[0]
        return found

    def anywhere(self, name: str) -> tuple[Term, Term]:
        """Where something holds on some row, and where it fails on every row there is."""
        rows = self.rows(self.law.base.decided[name].per)
        false: Term = -1 if rows else 0
        for row in rows:
            false = false & self.node(name, row)[1]
        return self.held(name), false

    def several(self, column: str, terms: Mapping[str, Term]) -> None:
        words = self.lists[column]
        planes = self.live({words.index(word): term for word, term in terms.items()})
        self.columns.append(Several(column, words, tuple(planes), tuple(planes.values())))

    def live(self, terms: Mapping[int, Term]) -> dict[int, int]:
        """The output planes of the terms, by word number, without those that are never set."""
        planes = {number: self.output(term) for number, term in terms.items()}
        return {number: plane for number, plane in planes.items() if self.outputs[plane] != 0}

    def classify(self, item: Classification) -> None:
        name = key_of(item)
        numbers = self.rows(item.per)
        rows = [row_labels(item, self.law.evaluator, self.values, row, -1) for row in numbers]
        if not rows:
            self.not_asked(item)
            return
        whole = strongest(item, rows, -1)
        labels = by_label(whole)
        self.choice(name, labels)
        if levels_of(item):
            self.choice(f"{name}.level", by_level(whole))
        if self.options.contested:
            self.contested(item, labels)
        self.choice(f"{name}.first", self.deciding(item, rows, labels))

    def not_asked(self, item: Classification) -> None:
        """The columns of a question that there is nobody to ask of."""
        name = key_of(item)
        self.choice(name, {}, labels_of(item)[-1])
        if levels_of(item):
            self.choice(f"{name}.level", {})
        if self.options.contested:
            self.several(f"{name}.contested", {})
            self.several(f"{name}.sensitive_to", {})
        self.choice(f"{name}.first", {})
        nothing = self.output(0)
        self.clauses.append((item.id, name, tuple((nothing, nothing) for _ in item.elements)))

    def choice(self, column: str, terms: Mapping[str, Term], otherwise: str | None = None) -> None:
        words = (None, *self.words[column])
        planes = self.live({words.index(word): term for word, term in terms.items()})
        self.columns.append(
            Choice(column, words, tuple(planes), tuple(planes.values()), words.index(otherwise))
        )

    def contested(self, item: Classification, labels: Mapping[str, Term]) -> None:
        """The switches to blame for another outcome; see ``Assessment``."""
        support = 0
        for term in labels.values():
            support |= self.graph.support[term.index] if isinstance(term, Symbol) else 0
        head = {label: self.graph.restrict(term, self.views.head) for label, term in labels.items()}
        different: list[tuple[tuple[str, ...], Term]] = []
        opened: list[tuple[tuple[str, ...], Term]] = []
        for changed, profile in self.views.others(support):
            same: Term = 0
            open_there: Term = 0
            for label, term in labels.items():
                there = self.graph.restrict(term, profile)
                same = same | (head[label] & there)
                if label == item.open:
                    open_there = there
            different.append((changed, ~same & ~open_there))
            opened.append((changed, ~same & open_there))
        contested = blame(self.views.names, different)
        sensitive = blame(self.views.names, opened)
        name = key_of(item)
        self.several(f"{name}.contested", contested)
        self.several(
            f"{name}.sensitive_to",
            {word: term & ~contested.get(word, 0) for word, term in sensitive.items()},
        )

    def deciding(
        self, item: Classification, rows: Sequence[Labels], labels: Mapping[str, Term]
    ) -> dict[str, Term]:
        """For each element, where it is the first that decides; see ``columns``."""
        open_now = labels.get(item.open, 0)
        asked = ~labels.get(item.strongest[0], 0)
        reached = []
        for labelled in rows:
            own = by_label(labelled)
            term: Term = 0
            for label, whole in labels.items():
                term = term | (whole & own.get(label, 0))
            reached.append(term)
        values = self.element_values(item, reached)
        found: dict[str, Term] = {}
        beside, barring = self.law.deciding[item.id]
        for name, (holds, unknown, related) in values.items():
            one_holds: Term = 0
            one_unknown: Term = 0
            for other in beside[name]:
                one_holds = one_holds | values[other][0]
                one_unknown = one_unknown | values[other][1]
            settled = holds if name in barring else related & ~one_holds & ~one_unknown
            decides = (open_now & unknown & ~one_holds) | (~open_now & settled)
            found[name] = decides & asked
            asked = asked & ~decides
        if self.options.explain:
            outputs = tuple(
                (self.output(related & (holds | ~unknown)), self.output(holds | unknown))
                for holds, unknown, related in values.values()
            )
            self.clauses.append((item.id, key_of(item), outputs))
        return found

    def element_values(
        self, item: Classification, reached: Sequence[Term]
    ) -> dict[str, tuple[Term, Term, Term]]:
        """Where each element holds, is unknown and is asked, on the rows that are reached."""
        values: dict[str, tuple[Term, Term, Term]] = {}
        for name in item.elements:
            frame = self.law.base.decided[name].per
            holds: Term = 0
            unknown: Term = 0
            related: Term = 0
            for row, where in enumerate(reached):
                for other in self.structure.layout.related(item.per, row, frame):
                    true, false = self.node(name, other)
                    holds = holds | (where & true)
                    unknown = unknown | (where & ~(true | false))
                    related = related | where
            values[name] = (holds, unknown, related)
        return values


def by_label(labels: Labels) -> dict[str, Term]:
    """The planes of each label, whatever the level."""
    found: dict[str, Term] = {}
    for (label, _), plane in labels.items():
        found[label] = found.get(label, 0) | plane
    return found


def by_level(labels: Labels) -> dict[str, Term]:
    """The planes of each level."""
    found: dict[str, Term] = {}
    for (_, level), plane in labels.items():
        if level:
            found[level] = found.get(level, 0) | plane
    return found


def blame(
    names: Mapping[str, object], worlds: Sequence[tuple[tuple[str, ...], Term]]
) -> dict[str, Term]:
    """For each switch, where it is to blame for a difference.

    A switch that makes the difference alone; failing any, those of the smallest combinations
    that make it together.
    """
    found: dict[str, Term] = dict.fromkeys(names, 0)
    left: Term = -1
    by_size: dict[int, list[tuple[tuple[str, ...], Term]]] = {}
    for changed, term in worlds:
        if isinstance(term, Symbol) or term:
            by_size.setdefault(len(changed), []).append((changed, term))
    for size in sorted(by_size):
        explained: Term = 0
        for changed, term in by_size[size]:
            here = term & left
            explained = explained | here
            for name in changed:
                found[name] = found[name] | here
        left = left & ~explained
    return {name: term for name, term in found.items() if isinstance(term, Symbol) or term}
