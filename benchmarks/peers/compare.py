"""Evaluation alone, beside other rule engines, on the same rules and rows, on one core.

    pip install --group peers
    python benchmarks/peers/compare.py [--only openfisca,zen_engine] [--repeat 4]

The rules are the plain provisions of three shipped instruments (see ``provisions.py``), written
out for each engine by its adapter. Every answer of every engine is compared with the definition
of the logic before anything is timed. Reading and writing are no part of it: rows are in the
form that an engine works on before the clock starts. Engines that work on columns are measured
on the rows of one piece of a batch, where fixed costs weigh most, and on a million rows, where
memory does; the limit is judged on the piece. The others are given as many rows as they decide
in a second or so, and palermo a piece.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from importlib import import_module, metadata
from pathlib import Path
from typing import Any

sys.path.insert(1, str(Path(__file__).parents[2]))
if hasattr(os, "sched_setaffinity"):  # before any library counts the processors
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})

from palermo_planes import Engine
from provisions import answers_by_definition, rows_of, rules_of

from engine.api import load_law

_PIECE = 1 << 17
"""Rows that a batch decides together, and the fewest that palermo is given."""

PEERS = (
    "polars_expressions:Nullable",
    "polars_expressions:Signed",
    "openfisca",
    "zen_engine",
    "clingo_asp",
    "durable_rules_rete",
)


class Race:
    """Palermo and the peers on the same rows."""

    def __init__(self, repeat: int) -> None:
        self.rules = rules_of(load_law())
        self.codes = rows_of(self.rules, 1 << 20)
        self.wanted = answers_by_definition(self.rules, self.codes)
        self.own = Engine(self.rules)
        self.repeat = repeat

    def ready(self, engine: Any, rows: int) -> None:
        """Give an engine its rows, and check every answer."""
        engine.load(self.codes[:rows])
        engine.run()
        wrong = int((engine.answers() != self.wanted[:rows]).sum())
        if wrong:
            raise SystemExit(f"{engine.name}: {wrong:,} answers differ from the definition")

    def speeds(self, peer: Any, rows: int) -> tuple[float, float]:
        """Rows a second of the processor, of palermo and of a peer: the best run of each.

        They take turns of a third of a second, so that each works with warm caches.
        """
        sizes = {self.own: max(rows, _PIECE), peer: rows}
        for engine, size in sizes.items():
            self.ready(engine, size)
        best = dict.fromkeys(sizes, 0.0)
        for _ in range(self.repeat):
            for engine, size in sizes.items():
                turn = time.perf_counter() + 1 / 3
                while True:
                    started = time.process_time()
                    engine.run()
                    best[engine] = max(best[engine], size / (time.process_time() - started))
                    if time.perf_counter() > turn:
                        break
        return best[self.own], best[peer]


def version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return ""


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--only", default=",".join(PEERS))
    parser.add_argument("--repeat", type=int, default=4)
    options = parser.parse_args()
    race = Race(options.repeat)
    rules = race.rules
    print(
        f"{len(rules.heads)} provisions, {len(rules.gates)} gates, {len(rules.facts)} facts; "
        "one core, evaluation alone, every answer checked"
    )
    print(f"  {'':<30}{'rows':>10}{'rows/s':>14}{'palermo':>16}{'ratio':>15}")
    for name in options.only.split(","):
        module, _, kind = name.partition(":")
        try:
            peer = getattr(import_module(module), kind or "Engine")(rules)
        except ImportError as error:
            print(f"  {module}: not installed ({error})")
            continue
        for rows in peer.rows:
            own, found = race.speeds(peer, rows)
            line = f"  {f'{peer.name} {version(peer.package)}':<30}{rows:>10,}{found:>14,.0f}"
            line += f"{own:>16,.0f}{own / found:>14,.1f}x"
            if peer.at_least and rows == peer.rows[0]:
                met = "met" if own / found >= peer.at_least else "missed"
                line += f"   at least {peer.at_least:,}x: {met}"
            print(line, flush=True)


if __name__ == "__main__":
    main()
