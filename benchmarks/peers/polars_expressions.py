"""polars: one lazy query over all columns, in the faster of two ways of saying "unknown".

*Nullable*: a nullable Boolean column a fact and an expression a provision; polars' ``&``, ``|``
and ``~`` on them are Kleene's. *Signed*: two Boolean columns a fact (known true, known false)
and two expressions a provision, of ``&`` and ``|`` only. Parts that several provisions share are
found by polars' optimiser and computed once, on its own bitmaps.
"""

from __future__ import annotations

from functools import reduce

import numpy as np
import polars as pl
from provisions import FALSE, TRUE, UNKNOWN, Codes, Rules


class Nullable:
    name = "polars, nullable"
    package = "polars"
    rows = (1 << 17, 1 << 20)
    at_least = 5

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        made = {node: pl.col(fact) for fact, node in rules.facts.items()}
        for index, node in rules.gates:
            parts = [made[arg] for arg in node.args]
            if node.op == "not":
                made[index] = ~parts[0]
            else:
                join = pl.Expr.__and__ if node.op == "all" else pl.Expr.__or__
                made[index] = reduce(join, parts)
        self.query = [made[index].alias(name) for name, index in rules.heads.items()]

    def load(self, codes: Codes) -> None:
        self.frame = pl.DataFrame(
            {
                fact: pl.select(
                    pl.when(pl.Series(codes[:, n] != UNKNOWN)).then(pl.Series(codes[:, n] == TRUE))
                ).to_series()
                for n, fact in enumerate(self.rules.facts)
            }
        ).lazy()

    def run(self) -> None:
        self.found = self.frame.select(self.query).collect()

    def answers(self) -> Codes:
        true = self.found.select(pl.all().fill_null(False)).to_numpy().astype(np.uint8)
        known = self.found.select(pl.all().is_not_null()).to_numpy().astype(np.uint8)
        return 2 * known - true


class Signed(Nullable):
    name = "polars, signed"

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        made = {
            (node, code): pl.col(f"{fact} {code}")
            for fact, node in rules.facts.items()
            for code in (TRUE, FALSE)
        }
        for index, node in rules.gates:
            for code in (TRUE, FALSE):
                other = code if node.op != "not" else TRUE + FALSE - code
                parts = [made[arg, other] for arg in node.args]
                both = node.op == "not" or (node.op == "all") == (code == TRUE)
                made[index, code] = reduce(pl.Expr.__and__ if both else pl.Expr.__or__, parts)
        self.query = [
            made[index, code].alias(f"{name} {code}")
            for name, index in rules.heads.items()
            for code in (TRUE, FALSE)
        ]

    def load(self, codes: Codes) -> None:
        self.frame = pl.DataFrame(
            {
                f"{fact} {code}": codes[:, n] == code
                for n, fact in enumerate(self.rules.facts)
                for code in (TRUE, FALSE)
            }
        ).lazy()

    def answers(self) -> Codes:
        sides = self.found.to_numpy().astype(np.uint8)
        return sides[:, ::2] * TRUE + sides[:, 1::2] * FALSE
