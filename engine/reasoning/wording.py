"""Search results as published records: literals become statements, families become branches."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property

from engine.model.reasons import Branch, Choice, FactChange
from engine.model.records import Fact, Value
from engine.reasoning.factoring import Factored, factored
from engine.reasoning.family import Family, Token
from engine.reasoning.places import DECLARATIONS, TREATIES, Place, Statement, word
from engine.reasoning.readers import Readers, stage_order
from engine.reasoning.space import Space
from engine.rulebase.rulebase import Rulebase


class Wording:
    """Statements and their descriptions, for the changes of one space and some goals."""

    def __init__(self, space: Space, targets: Iterable[str]) -> None:
        self.space = space
        self.readers = Readers(space.assessment.law, targets)
        self._changes: dict[int, FactChange] = {}

    @cached_property
    def _number(self) -> dict[str, int]:
        return {name: number for number, name in enumerate(self.space.base.facts)}

    def change(self, literal: int) -> FactChange:
        """The description of one change."""
        if literal not in self._changes:
            variable = self.space.owner[literal]
            facts = self.space.facts_of(variable)
            self._changes[literal] = describe(
                variable.statement(literal),
                word(variable.was),
                self.space.base,
                self.readers,
                facts[0] if facts else variable.fact,
            )
        return self._changes[literal]

    def order(self, literal: int) -> tuple[int, int, str]:
        """By legal stage, then as the vocabulary lists the facts, then by place."""
        change = self.change(literal)
        number = self._number.get(change.fact, len(self._number))
        return stage_order(change.stage), number, change.statement

    def statements(self, literals: Iterable[int]) -> list[str]:
        """The statements of a set of changes, in legal order."""
        return [self.change(one).statement for one in sorted(literals, key=self.order)]

    def changes(self, literals: Iterable[int]) -> dict[str, FactChange]:
        """Every one of some changes, by its statement, in legal order."""
        found = [self.change(one) for one in sorted(literals, key=self.order)]
        return {change.statement: change for change in found}

    def branch(self, family: Family) -> Branch | None:
        """The family as a common core and independent choices, the cheapest option first."""
        tree = factored(frozenset(tokens) for tokens in family.sets)
        return None if tree is None else self._branch(tree, family)

    def _branch(self, tree: Factored[Token], family: Family) -> Branch:
        single: list[int] = []
        core: list[str] = []
        choices: list[Choice] = []
        for token in tree.core:
            if token.needed < len(token.members):
                choices.append(self._pick(token, family))
                continue
            for member in token.members:
                whole = self.branch(family.modules[member]) if member in family.modules else None
                if whole is None:
                    single.append(member)
                else:
                    core += whole.core
                    choices += whole.choices
        for options in tree.choices:
            found = [one for option in options for one in self._flat(self._branch(option, family))]
            found.sort(key=lambda branch: (branch.sizes, branch.core))
            choices.append(Choice(options=found))
        choices.sort(key=lambda choice: len(choice.options))
        return _measured(
            Branch(core=self._ordered([*self.statements(single), *core]), choices=choices)
        )

    def _ordered(self, names: Sequence[str]) -> list[str]:
        """Statements in legal order."""
        known = {change.statement: literal for literal, change in self._changes.items()}
        return sorted(names, key=lambda name: self.order(known[name]))

    def _flat(self, branch: Branch) -> list[Branch]:
        """An option that is nothing but a choice of one is its options."""
        if not branch.core and len(branch.choices) == 1 and branch.choices[0].needed == 1:
            return branch.choices[0].options
        return [branch]

    def _pick(self, token: Token, family: Family) -> Choice:
        plain = [member for member in token.members if member not in family.modules]
        options = [_measured(Branch(core=[name])) for name in self.statements(plain)]
        for member in token.members:
            whole = self.branch(family.modules[member]) if member in family.modules else None
            if whole is not None:
                options += self._flat(whole) if token.needed == 1 else [whole]
        options.sort(key=lambda branch: branch.sizes)
        return Choice(needed=token.needed, options=options)


def _measured(branch: Branch) -> Branch:
    """Fill in how many sets a branch stands for, and the sizes of the smallest and largest."""
    ways = 1
    low = high = len(branch.core)
    for choice in branch.choices:
        ways *= _ways(choice)
        low += sum(sorted(option.sizes[0] for option in choice.options)[: choice.needed])
        high += sum(sorted(option.sizes[1] for option in choice.options)[-choice.needed :])
    branch.ways, branch.sizes = ways, [low, high]
    return branch


def _ways(choice: Choice) -> int:
    """In how many ways ``needed`` of the options can be taken."""
    ladder = [1] + [0] * choice.needed
    for option in choice.options:
        for step in range(choice.needed, 0, -1):
            ladder[step] += ladder[step - 1] * option.ways
    return ladder[choice.needed]


def sentence(fact: Fact, value: Value) -> str:
    """What stating a fact with a value says."""
    if value is True:
        return fact.statement
    if value is False:
        return f"Not so: {fact.statement}"
    if value is None:
        return f"Not known: {fact.statement}"
    return f"{fact.statement.rstrip('.')}: {word(value)}"


def describe(
    statement: Statement,
    now: str,
    base: Rulebase,
    readers: Readers,
    fact_id: str,
) -> FactChange:
    """A statement with its question and the provision that turns on it."""
    fact = base.facts.get(fact_id)
    provision = readers.nearest(fact_id)
    return FactChange(
        statement=statement.text,
        fact=fact_id,
        place=statement.place.text,
        now=now,
        becomes=word(statement.value),
        says=sentence(fact, statement.value) if fact else "",
        question=" ".join(fact.question.split()) if fact else "",
        stage=provision.stage if provision else "",
        provision=provision.id if provision else "",
        cite=base.citation(provision) if provision else "",
        judged=bool(fact and fact.judged),
    )


def place_words(place: Place) -> str:
    """What is to be looked at to make a change that no fact states."""
    kind = place.path[-1]
    if kind == "dates":
        return f"the dates of {place.path[1]}"
    if kind == "entered":
        return "an actor to be entered"
    if kind == TREATIES:
        return f"the treaties of {place.path[1]}"
    if kind == DECLARATIONS:
        return f"the declarations of {place.path[1]}"
    return place.text


def spelt(statements: Sequence[Statement]) -> list[str]:
    """Statements as they are typed."""
    return [statement.text for statement in statements]
