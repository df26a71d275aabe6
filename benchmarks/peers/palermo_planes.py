"""palermo: the plan traced into bitwise code over two planes a fact, 64 rows to a word.

This is the code that a batch runs. A fact is two Arrow Boolean columns (known true, known
false), whose bitmaps are read where they stand, and so is a provision when it comes out. Blocks
of 524,288 rows are long enough for the work to outweigh the calls. Tracing is done before the
clock.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from provisions import FALSE, TRUE, Codes, Rules

from engine.batch.cells import words_of
from engine.batch.program import Program, Room
from engine.batch.symbols import Graph
from engine.inference.layout import layout_of
from engine.inference.planes import PlaneEvaluator, code_of, generate, schedule

BLOCK = 1 << 19


class Engine:
    name = "palermo"

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        order = schedule(rules.plan)
        evaluator = PlaneEvaluator(rules.plan, order, code_of(generate(rules.plan, order)))
        layout, graph = layout_of(1, 1, 0), Graph()
        values = evaluator.blank(layout)
        inputs = {}
        for fact, node in rules.facts.items():
            sides = [graph.input(), graph.input()]
            inputs |= {(fact, TRUE): sides[0], (fact, FALSE): sides[1]}
            evaluator.put(values, 0, node, *sides)
        evaluator.run(layout, values, 0)
        outputs = [side for head in rules.heads.values() for side in evaluator.get(values, 0, head)]
        self.program = Program(graph, inputs, outputs, range(len(outputs)))
        self.room = Room()

    def load(self, codes: Codes) -> None:
        self.size = len(codes)
        self.planes = {}
        for number, fact in enumerate(self.rules.facts):
            for code in (TRUE, FALSE):
                column = pa.array(codes[:, number] == code)
                self.planes[fact, code] = words_of(column.buffers()[1], 0, self.size)

    def run(self) -> None:
        self.found = []
        for start in range(0, self.size // 64, BLOCK // 64):
            words = min(BLOCK, self.size - 64 * start) // 64
            planes = self.planes
            if words * 64 < self.size:
                block = slice(start, start + words)
                planes = {name: plane[block] for name, plane in planes.items()}
            self.found.append(self.program.run(planes, words, self.room))

    def answers(self) -> Codes:
        columns = [np.concatenate(parts) for parts in zip(*self.found, strict=True)]
        bits = [
            np.unpackbits(column.view(np.uint8), count=self.size, bitorder="little")
            for column in columns
        ]
        return np.stack(
            [
                true * TRUE + false * FALSE
                for true, false in zip(bits[::2], bits[1::2], strict=True)
            ],
            axis=1,
        )
