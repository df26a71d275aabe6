"""Measures one assessment: the whole command, in process, and the memory of ten thousand.

    python benchmarks/bench_assess.py

Prints each figure beside the limit it is held to. Machines are noisy: every figure is the best
of several, since noise only ever adds.
"""

from __future__ import annotations

import gc
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

HERE = Path(__file__).parent
SCENARIO = HERE / "three-episodes.yaml"
LOADING = "from engine.api import load_law; law = load_law(); law.evaluator, law.reads"


def best(times: int, action: Callable[[], object]) -> float:
    found = []
    for _ in range(times):
        start = time.perf_counter()
        action()
        found.append(time.perf_counter() - start)
    return min(found)


def line(what: str, seconds: float, limit: float) -> None:
    sign = "met" if seconds < limit else "missed"
    print(f"{what:<64}{seconds * 1000:>10.1f} ms   limit {limit * 1000:>7.0f} ms   {sign}")


def command(*args: str, env: dict[str, str] | None = None) -> Callable[[], object]:
    return lambda: subprocess.run(
        [sys.executable, *args],
        check=True,
        stdout=subprocess.DEVNULL,
        env={**os.environ, **(env or {})},
    )


def main() -> None:
    palermo = ["-c", "import sys; sys.argv[0] = 'palermo'; from cli import run; run()"]
    nothing = best(5, command("-c", "pass"))
    whole = best(5, command(*palermo, "assess", str(SCENARIO)))
    loading = best(5, command("-c", LOADING)) - nothing
    with tempfile.TemporaryDirectory() as folder:
        cold = best(
            3, command("-c", LOADING, env={"PALERMO_CACHE": folder, "PALERMO_NO_CACHE": "1"})
        )
    line("palermo assess, whole command, both evaluators", whole, 0.9)
    line("  of which imports and law from a warm cache", loading, 0.3)
    line("imports and law from nothing (no cache)", cold - nothing, 1.5)

    from engine.api import assess, load_law, make_result, read_scenario
    from engine.inference import rete

    start = time.perf_counter()
    law = load_law()
    line("loading the linked law in process, warm cache", time.perf_counter() - start, 0.06)
    scenario = read_scenario(SCENARIO, law)
    assess(scenario, law)
    if rete.available():
        line(
            "assess() in process, both evaluators",
            best(10, lambda: assess(scenario, law, engine="both")),
            0.3,
        )
    line(
        "assess() in process, planes alone",
        best(200, lambda: assess(scenario, law, engine="planes")),
        0.003,
    )
    line(
        "assess() and the whole published result, planes alone",
        best(50, lambda: make_result(assess(scenario, law, engine="planes"))),
        0.05,
    )
    count = int(os.environ.get("PALERMO_BENCH_COUNT", "10000"))
    engine = "both" if rete.available() else "planes"
    for _ in range(20):
        assess(scenario, law, engine=engine)
    gc.collect()
    before = resident()
    started = time.perf_counter()
    for number in range(count):
        assess(scenario, law, engine=engine)
        if number % 500 == 499 and sys.stderr.isatty():
            done = number + 1
            left = (time.perf_counter() - started) / done * (count - done)
            print(f"\r{done:,} assessments, {left:.0f} s left ", end="", file=sys.stderr)
    gc.collect()
    grown = (resident() - before) / 1024 / 1024
    sign = "met" if grown < 20 else "missed"
    print(f"{count:,} assessments ({engine}) grow memory by {grown:.1f} MB   limit 20 MB   {sign}")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peak resident memory {peak:.0f} MB")


def resident() -> int:
    """Resident memory of this process in bytes."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


if __name__ == "__main__":
    main()
