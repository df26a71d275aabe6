"""clingo: the rules grounded once, the facts of each row set as externals (multi-shot solving).

A gate has a rule for true and one for false, so the program has exactly one stable model and
solving is unit propagation. Only externals that differ from the row before are set anew.
"""

from __future__ import annotations

import clingo
import numpy as np
from provisions import FALSE, TRUE, Codes, Rules


class Engine:
    name = "clingo"
    package = "clingo"
    rows = (2048,)
    at_least = None

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        lines = [f"#external {side}({node})." for node in rules.facts.values() for side in "tf"]
        for index, node in rules.gates:
            for side in "tf":
                head = f"{side}({index})"
                other = side if node.op != "not" else ("f" if side == "t" else "t")
                parts = [f"{other}({arg})" for arg in node.args]
                if node.op == "not" or (node.op == "all") == (side == "t"):
                    lines.append(f"{head} :- {', '.join(parts)}.")
                else:
                    lines += [f"{head} :- {part}." for part in parts]
        lines += [f"#show {side}/1." for side in "tf"]
        self.control = clingo.Control(["--warn=none"])
        self.control.add("base", [], "\n".join(lines))
        self.control.ground([("base", [])])

    def load(self, codes: Codes) -> None:
        self.atoms = [
            [clingo.Function(side, [clingo.Number(node)]) for side in "tf"]
            for node in self.rules.facts.values()
        ]
        self.codes = codes.tolist()
        self.before = [0] * len(self.atoms)
        for pair in self.atoms:
            for atom in pair:
                self.control.assign_external(atom, False)

    def run(self) -> None:
        assign, solve = self.control.assign_external, self.control.solve
        self.found = []
        for row in self.codes:
            for (true, false), now, before in zip(self.atoms, row, self.before, strict=True):
                if now != before:
                    assign(true, now == TRUE)
                    assign(false, now == FALSE)
            self.before = row
            solve(on_model=lambda model: self.found.append(model.symbols(shown=True)))

    def answers(self) -> Codes:
        place = {node: number for number, node in enumerate(self.rules.heads.values())}
        found = np.zeros((len(self.found), len(place)), dtype=np.uint8)
        for row, symbols in enumerate(self.found):
            for symbol in symbols:
                number = place.get(symbol.arguments[0].number)
                if number is not None:
                    found[row, number] = TRUE if symbol.name == "t" else FALSE
        return found
