"""GoRules zen-engine: a decision with one expression node, two expressions a provision.

Facts come as true, false or null; ``== true`` and ``== false`` read the two sides, so nothing
is ever computed with null. The decision is loaded and compiled once; every inner gate is
written out, as a reference to another expression costs more. Zen decides one context a call.
"""

from __future__ import annotations

import json

import numpy as np
import zen
from provisions import FALSE, TRUE, Codes, Rules


class Engine:
    name = "GoRules zen-engine"
    package = "zen-engine"
    rows = (4096,)
    at_least = 10_000

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        expressions = [
            {"id": f"{side}{node}", "key": f"{side}{node}", "value": self.written(node, side)}
            for node in rules.heads.values()
            for side in "tf"
        ]
        content = {
            "nodes": [
                {"id": "in", "name": "in", "type": "inputNode"},
                {"id": "out", "name": "out", "type": "outputNode"},
                {
                    "id": "rules",
                    "name": "rules",
                    "type": "expressionNode",
                    "content": {"expressions": expressions},
                },
            ],
            "edges": [
                {"id": "1", "sourceId": "in", "targetId": "rules", "type": "edge"},
                {"id": "2", "sourceId": "rules", "targetId": "out", "type": "edge"},
            ],
        }
        self.decision = zen.ZenEngine().create_decision(json.dumps(content))

    def written(self, node: int, side: str) -> str:
        gate = self.rules.plan.nodes[node]
        if gate.op == "fact":
            return f"n{node} == {'true' if side == 't' else 'false'}"
        if gate.op == "not":
            return self.written(gate.args[0], "f" if side == "t" else "t")
        word = "and" if (gate.op == "all") == (side == "t") else "or"
        return "(" + f" {word} ".join(self.written(arg, side) for arg in gate.args) + ")"

    def load(self, codes: Codes) -> None:
        values = {TRUE: True, FALSE: False, 0: None}
        names = [f"n{node}" for node in self.rules.facts.values()]
        self.contexts = [
            dict(zip(names, map(values.__getitem__, row), strict=True)) for row in codes.tolist()
        ]

    def run(self) -> None:
        decide = self.decision.evaluate
        self.found = [decide(context) for context in self.contexts]

    def answers(self) -> Codes:
        heads = self.rules.heads.values()
        return np.array(
            [
                [
                    TRUE * row["result"][f"t{node}"] + FALSE * row["result"][f"f{node}"]
                    for node in heads
                ]
                for row in self.found
            ],
            dtype=np.uint8,
        )
