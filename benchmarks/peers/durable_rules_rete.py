"""durable_rules: palermo's own adapter to it, which is also its rule-engine evaluator.

Facts and gates are signed literals asserted in one batch a session; each gate is a rule for
*holds* and one for *fails*; a session is closed as soon as it is done. Calling the engine's
``Ruleset`` directly spares the threads and the polling of its ``Host``, and keeps clear of the
patterns that were measured to lose derivations. Rules are compiled once, before the clock.
"""

from __future__ import annotations

import numpy as np
from provisions import FALSE, TRUE, UNKNOWN, Codes, Rules

from engine.inference.layout import layout_of
from engine.inference.rete import ReteEvaluator, why_unavailable
from engine.model.frames import Frame
from engine.model.truth import Truth

_TRUTH = {UNKNOWN: Truth.UNKNOWN, TRUE: Truth.HOLDS, FALSE: Truth.FAILS}
_CODE = {truth: code for code, truth in _TRUTH.items()}


class Engine:
    name = "durable_rules"
    package = "durable_rules"
    rows = (512,)
    at_least = 100_000

    def __init__(self, rules: Rules) -> None:
        if why_unavailable():
            raise ImportError(why_unavailable())
        self.rules = rules
        self.evaluator = ReteEvaluator(rules.plan)
        self.layout = layout_of(1, 1, 0)

    def load(self, codes: Codes) -> None:
        nodes = list(self.rules.facts.values())
        self.cases = [
            {
                (Frame.SITUATION, 0, node): _TRUTH[code]
                for node, code in zip(nodes, row, strict=True)
                if code != UNKNOWN
            }
            for row in codes.tolist()
        ]

    def run(self) -> None:
        self.found = [
            self.evaluator.run(self.layout, case, lenient=False).truth for case in self.cases
        ]

    def answers(self) -> Codes:
        heads = self.rules.heads.values()
        return np.array(
            [[_CODE[truth[Frame.SITUATION, 0, node]] for node in heads] for truth in self.found],
            dtype=np.uint8,
        )
