"""Measures the reasoning on the largest shipped scenario, and the slowest over all of them.

    python benchmarks/bench_reasoning.py [--quick]

Prints each figure beside the limit it is held to. Every figure is in process, with the law
loaded and the scenario assessed. Machines are noisy: every figure is the best of several, since
noise only ever adds. "Largest" is the scenario with the most rows.
"""

from __future__ import annotations

import gc
import sys
import time
from collections.abc import Callable
from dataclasses import replace

from engine.api import load_law, read_scenario
from engine.inference import rete
from engine.inference.law import Law
from engine.reasoning.assess import Assessment, assess
from engine.reasoning.doctrine import doctrine_table
from engine.reasoning.goals import goals_literal, read_goal
from engine.reasoning.highway import Budget, first_answer, highway
from engine.reasoning.missing import SEARCH, missing, next_question
from engine.reasoning.smallest import Search
from engine.reasoning.space import Space
from engine.reasoning.whatif import read_changes, what_if
from engine.rulebase.scenarios import shipped_scenarios

TARGETS = [
    "transnational_offence",
    "human_rights_violation",
    "human_rights_violation=no_violation",
    "crime_against_humanity",
    "crime_against_humanity=not_met",
    "icc_jurisdiction=yes",
]
UNCHECKED = Budget(recheck="none")


def best(times: int, action: Callable[[], object]) -> float:
    found = []
    for _ in range(times):
        start = time.perf_counter()
        action()
        found.append(time.perf_counter() - start)
    return min(found)


def line(what: str, seconds: float, limit: float | None = None) -> None:
    text = f"{what:<76}{seconds * 1000:>9.1f} ms"
    if limit is not None:
        text += f"   limit {limit * 1000:>4.0f} ms   {'ok' if seconds < limit else 'OVER'}"
    print(text, flush=True)


def rows(assessment: Assessment) -> int:
    return sum(len(found) for found in assessment.case.layout.rows.values())


def main() -> None:
    times = 3 if "--quick" in sys.argv else 7
    law = load_law()
    cases = {
        path.stem: assess(read_scenario(path, law), law, engine="planes")
        for path in shipped_scenarios()
    }
    gc.collect()
    gc.freeze()  # a command holds one scenario, not all of them: keep the others out of the way
    name, case = max(cases.items(), key=lambda pair: rows(pair[1]))
    print(
        f"{len(law.plan.nodes)} nodes; largest of {len(cases)} scenarios: {name}, {rows(case)} rows"
    )
    one_scenario(law, case, times)
    print()
    over_all(cases, 1 if "--quick" in sys.argv else 3)


def one_scenario(law: Law, case: Assessment, times: int) -> None:
    changes = read_changes(["att.widespread=false", "own.powers_found=false"], case)
    one = read_changes(["att.widespread=false"], case)
    line("assess, planes alone", best(times, lambda: assess(case.scenario, law, engine="planes")))
    line("what-if, one fact", best(times, lambda: what_if(case, one, engine="planes")), 0.02)
    line("what-if, two facts", best(times, lambda: what_if(case, changes, engine="planes")))
    line("next question", best(times, lambda: next_question(case)), 0.15)
    unchecked = replace(SEARCH, recheck="none")
    gaps = best(times, lambda: missing(case, budget=unchecked, engine="planes"))
    line("missing, every outcome that is open", gaps, 0.15)
    line(
        "doctrine, assessed and read off",
        best(times, lambda: doctrine_table(assess(case.scenario, law, engine="planes"))),
        0.1,
    )
    for target in TARGETS:
        goal = read_goal(target, case)
        first = best(times, lambda goal=goal: first_answer(case, [goal]))
        line(f"highway to {target}: first answer", first, 0.05)
        answer = highway(case, [goal], budget=UNCHECKED, engine="planes")
        seconds = best(
            times,
            lambda goal=goal: highway(case, [goal], budget=UNCHECKED, engine="planes"),
        )
        line(f"  all {answer.count} smallest sets, confirmed by planes", seconds, 0.5)
        if rete.available() and answer.count:
            both = highway(case, [goal], engine="both").proof.both
            seconds = best(2, lambda goal=goal: highway(case, [goal], engine="both"))
            line(f"  and {both} of them assessed anew by both evaluators", seconds)


def over_all(cases: dict[str, Assessment], times: int) -> None:
    """The slowest shipped scenario for each question."""
    questions: dict[str, tuple[float, Callable[[Assessment], object]]] = {
        "next question": (0.15, next_question),
        "missing": (
            0.15,
            lambda case: missing(case, budget=replace(SEARCH, recheck="none"), engine="planes"),
        ),
        "doctrine": (
            0.1,
            lambda case: doctrine_table(assess(case.scenario, case.law, engine="planes")),
        ),
    }
    for target in TARGETS:
        questions[f"highway to {target}"] = (
            0.5,
            lambda case, target=target: highway(
                case, [read_goal(target, case)], budget=UNCHECKED, engine="planes"
            ),
        )
    for what, (limit, ask) in questions.items():
        found = {
            name: best(times, lambda ask=ask, case=case: ask(case)) for name, case in cases.items()
        }
        name = max(found, key=found.__getitem__)
        line(f"slowest of all scenarios, {what} ({name})", found[name], limit)
    nodes = {name: best(1, lambda case=case: search_alone(case)) for name, case in cases.items()}
    name = max(nodes, key=nodes.__getitem__)
    line(f"slowest search alone, circuit and clingo, all targets together ({name})", nodes[name])


def search_alone(case: Assessment) -> None:
    space = Space(case)
    for target in TARGETS:
        literal = goals_literal([read_goal(target, case)], space)
        Search(space.circuit, literal, space.changes(), space.exclusive()).smallest()


if __name__ == "__main__":
    main()
