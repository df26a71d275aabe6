"""Measures the reasoning on the largest shipped scenario, and the slowest over all of them.

    python benchmarks/bench_reasoning.py [--quick | --thorough]

Prints each figure beside the limit it is held to, as it is found; the whole takes about a minute.
Every figure is in process, with the law loaded and the scenario assessed. Each is the best of
several, and both on the clock and as processor time: what other processes take from a busy
machine is in the first and not in the second, on an idle machine the two are the same, and the
verdict goes by the second. "Largest" is the scenario with the most rows.
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
from engine.reasoning.goals import goals_literal
from engine.reasoning.highway import Budget, first_answer, highway, read_goals
from engine.reasoning.misses import why_not
from engine.reasoning.missing import SEARCH, missing, next_question
from engine.reasoning.smallest import Search
from engine.reasoning.space import Space
from engine.reasoning.targets import headline_goals
from engine.reasoning.whatif import read_changes, what_if
from engine.reasoning.why import why
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
Took = tuple[float, float]
"""Processor time and time on the clock, in seconds."""


def best(times: int, action: Callable[[], object]) -> Took:
    """The least of several runs, of each kind of time."""
    found: list[Took] = []
    for _ in range(times):
        clock, processor = time.perf_counter(), time.process_time()
        action()
        found.append((time.process_time() - processor, time.perf_counter() - clock))
    return min(one for one, _ in found), min(other for _, other in found)


def line(what: str, took: Took, limit: float | None = None) -> None:
    text = f"{what:<74}{took[0] * 1000:>8.1f} ms{took[1] * 1000:>10.1f} ms"
    if limit is not None:
        text += f"   limit {limit * 1000:>3.0f}   {'met' if took[0] < limit else 'missed'}"
    print(text, flush=True)


def rows(assessment: Assessment) -> int:
    return sum(len(found) for found in assessment.case.layout.rows.values())


def main() -> None:
    times = 3 if "--quick" in sys.argv else 9
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
    print(f"{'':<74}{'processor':>11}{'clock':>13}")
    one_scenario(law, case, times)
    if "--quick" not in sys.argv:
        print()
        over_all(cases, 3 if "--thorough" in sys.argv else 1)


def one_scenario(law: Law, case: Assessment, times: int) -> None:
    changes = read_changes(["att.widespread=false", "own.powers_found=false"], case)
    one = read_changes(["att.widespread=false"], case)
    line("assess, planes alone", best(times, lambda: assess(case.scenario, law, engine="planes")))
    parts = headline_goals(case)
    asked = [best(times, lambda part=part: why(case, replace(part, answer=""))) for part in parts]
    line(f"why, slowest of its {len(parts)} parts", max(asked), 0.02)
    strongest = [
        replace(part, answer=law.base.classifications[part.of].strongest[0]) for part in parts
    ]
    asked = [best(times, lambda part=part: why_not(case, part)) for part in strongest]
    line(f"why-not, slowest of its {len(parts)} parts", max(asked), 0.02)
    line("what-if, one fact", best(times, lambda: what_if(case, one, engine="planes")), 0.02)
    line("what-if, two facts", best(times, lambda: what_if(case, changes, engine="planes")), 0.02)
    line("next question", best(times, lambda: next_question(case)), 0.15)
    line("missing, every outcome that is open", best(times, lambda: gaps_alone(case)), 0.15)
    line(
        "doctrine, assessed and read off",
        best(times, lambda: doctrine_table(assess(case.scenario, law, engine="planes"))),
        0.1,
    )
    for target in TARGETS:
        goals = read_goals([target], case)
        first = best(times, lambda goals=goals: first_answer(case, goals))
        line(f"highway to {target}: first answer", first, 0.05)
        answer = highway(case, goals, budget=UNCHECKED, engine="planes")
        took = best(
            times,
            lambda goals=goals: highway(case, goals, budget=UNCHECKED, engine="planes"),
        )
        line(f"  all {answer.count} smallest sets, confirmed by planes", took, 0.5)
        if rete.available() and answer.count:
            both = highway(case, goals, engine="both").proof.both
            took = best(1, lambda goals=goals: highway(case, goals, engine="both"))
            line(f"  and {both} of them assessed anew by both evaluators", took)


def gaps_alone(case: Assessment) -> object:
    return missing(case, budget=replace(SEARCH, recheck="none"), engine="planes")


def over_all(cases: dict[str, Assessment], times: int) -> None:
    """The slowest shipped scenario for each question. No limit is set for these."""
    questions: dict[str, Callable[[Assessment], object]] = {
        "next question": next_question,
        "missing": gaps_alone,
        "doctrine": lambda case: doctrine_table(assess(case.scenario, case.law, engine="planes")),
    }
    for target in TARGETS:
        questions[f"highway to {target}"] = lambda case, target=target: highway(
            case, read_goals([target], case), budget=UNCHECKED, engine="planes"
        )
    questions["search alone, circuit and clingo, all targets"] = search_alone
    for what, ask in questions.items():
        found = {
            name: best(times, lambda ask=ask, case=case: ask(case)) for name, case in cases.items()
        }
        name = max(found, key=found.__getitem__)
        middle = sorted(found.values())[len(found) // 2]
        line(f"{what}, median of all scenarios", middle)
        line(f"  slowest: {name}", found[name])


def search_alone(case: Assessment) -> None:
    space = Space(case)
    for target in TARGETS:
        literal = goals_literal(read_goals([target], case), space)
        search = Search(space.circuit, literal, space.changes(), space.exclusive())
        search.smallest(limit=UNCHECKED.sets, seconds=UNCHECKED.seconds)


if __name__ == "__main__":
    main()
