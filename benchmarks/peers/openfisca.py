"""OpenFisca-core: a variable a provision, its formula vectorised numpy over all entities.

OpenFisca has no unknown, so a fact is two Boolean variables (known true, known false) and so is
a provision, as its guides advise for a missing value. Formulas are compiled once from the rules
with every inner gate written out in numpy, so that its bookkeeping is paid a provision and not
a gate. All rows are one simulation; inputs are set before the clock starts.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from openfisca_core import periods
from openfisca_core.entities import build_entity
from openfisca_core.simulations import SimulationBuilder
from openfisca_core.taxbenefitsystems import TaxBenefitSystem
from openfisca_core.variables import Variable
from provisions import FALSE, TRUE, Codes, Rules

PERIOD = "2020-01"


class Engine:
    name = "OpenFisca-core"
    package = "openfisca-core"
    rows = (1 << 17, 1 << 20)
    at_least = 40

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        self.row = build_entity(key="row", plural="rows", label="A row", is_person=True)
        self.system = TaxBenefitSystem([self.row])
        for node in rules.facts.values():
            for side in "tf":
                self.add(f"n{node}_{side}", None)
        for node in rules.heads.values():
            for side in "tf":
                facts: dict[str, None] = {}
                text = self.written(node, side, facts)
                lines = [f"{name} = row({name!r}, period)" for name in facts]
                source = "\n    ".join(["def formula(row, period):", *lines, f"return {text}"])
                space: dict[str, object] = {}
                exec(source, space)
                self.add(f"head{node}_{side}", space["formula"])

    def add(self, name: str, formula: object) -> None:
        body = {
            "value_type": bool,
            "entity": self.row,
            "definition_period": periods.DateUnit.MONTH,
            "label": name,
        }
        if formula:
            body["formula"] = formula
        self.system.add_variable(type(name, (Variable,), body))

    def written(self, node: int, side: str, facts: dict[str, None]) -> str:
        gate = self.rules.plan.nodes[node]
        if gate.op == "fact":
            facts[f"n{node}_{side}"] = None
            return f"n{node}_{side}"
        if gate.op == "not":
            return self.written(gate.args[0], "f" if side == "t" else "t", facts)
        sign = "&" if (gate.op == "all") == (side == "t") else "|"
        return "(" + f" {sign} ".join(self.written(arg, side, facts) for arg in gate.args) + ")"

    def sides(self) -> Iterator[tuple[int, str, int]]:
        for node in self.rules.heads.values():
            yield node, "t", TRUE
            yield node, "f", FALSE

    def load(self, codes: Codes) -> None:
        self.simulation = SimulationBuilder().build_default_simulation(self.system, len(codes))
        for number, node in enumerate(self.rules.facts.values()):
            for side, code in (("t", TRUE), ("f", FALSE)):
                self.simulation.set_input(f"n{node}_{side}", PERIOD, codes[:, number] == code)

    def run(self) -> None:
        for node, side, _ in self.sides():  # what an earlier run computed is forgotten
            self.simulation.delete_arrays(f"head{node}_{side}", PERIOD)
        self.found = {
            (node, code): self.simulation.calculate(f"head{node}_{side}", PERIOD)
            for node, side, code in self.sides()
        }

    def answers(self) -> Codes:
        return np.stack(
            [
                self.found[node, TRUE].astype(np.uint8) * TRUE
                + self.found[node, FALSE].astype(np.uint8) * FALSE
                for node in self.rules.heads.values()
            ],
            axis=1,
        )
