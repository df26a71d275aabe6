"""Search results as published records: literals become statements, families become branches."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property

from engine.model.reasons import Branch, Choice, FactChange
from engine.reasoning.factoring import Factored, factored
from engine.reasoning.places import DECLARATIONS, TREATIES, Place, Statement, word
from engine.reasoning.readers import Readers, stage_order
from engine.reasoning.smallest import Family, Token
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

    def changes(self, family: Family) -> dict[str, FactChange]:
        """Every change that occurs in a family, by its statement, in legal order."""
        used = {one for tokens in family.sets for token in tokens for one in token.members}
        found = [self.change(one) for one in sorted(used, key=self.order)]
        return {change.statement: change for change in found}

    def branch(self, family: Family) -> Branch | None:
        """The family as a common core and independent choices, the cheapest option first."""
        tree = factored(frozenset(tokens) for tokens in family.sets)
        return None if tree is None else self._branch(tree)

    def _branch(self, tree: Factored[Token]) -> Branch:
        needed = [token for token in tree.core if token.needed == len(token.members)]
        single = [one for token in needed for one in token.members]
        choices = [self._pick(token) for token in tree.core if token not in needed]
        for options in tree.choices:
            found: list[Branch] = []
            for option in options:
                found += self._flat(self._branch(option))
            found.sort(key=lambda branch: (branch.sizes, branch.core))
            choices.append(Choice(options=found))
        choices.sort(key=lambda choice: len(choice.options))
        branch = Branch(core=self.statements(single), choices=choices)
        return _measured(branch)

    def _flat(self, branch: Branch) -> list[Branch]:
        """An option that is nothing but a choice of one is its options."""
        if not branch.core and len(branch.choices) == 1 and branch.choices[0].needed == 1:
            return branch.choices[0].options
        return [branch]

    def _pick(self, token: Token) -> Choice:
        options = [
            _measured(Branch(core=[statement])) for statement in self.statements(token.members)
        ]
        return Choice(needed=token.needed, options=options)


def _measured(branch: Branch) -> Branch:
    """Fill in how many sets a branch stands for, and the sizes of the smallest and largest."""
    ways = 1
    low = high = len(branch.core)
    for choice in branch.choices:
        ways *= _ways(choice)
        low += choice.needed * min(option.sizes[0] for option in choice.options)
        high += choice.needed * max(option.sizes[1] for option in choice.options)
    branch.ways, branch.sizes = ways, [low, high]
    return branch


def _ways(choice: Choice) -> int:
    """In how many ways ``needed`` of the options can be taken."""
    ladder = [1] + [0] * choice.needed
    for option in choice.options:
        for step in range(choice.needed, 0, -1):
            ladder[step] += ladder[step - 1] * option.ways
    return ladder[choice.needed]


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
