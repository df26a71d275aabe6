"""Measures why, why-not and the reports: on the largest shipped scenario, and the slowest of all.

    python benchmarks/bench_why.py

Every figure is in process, with the law loaded and the scenario assessed, and the best of
several, since noise only ever adds. "Largest" is the scenario with the most rows.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial

from engine.api import load_law, read_scenario
from engine.reasoning.assess import Assessment, assess
from engine.reasoning.goals import Goal
from engine.reasoning.interview import Interview
from engine.reasoning.misses import why_not
from engine.reasoning.targets import headline_goals
from engine.reasoning.why import why
from engine.report.docx import memo_docx
from engine.report.html import memo_html
from engine.report.memo import make_memo
from engine.report.pdf import memo_pdf
from engine.rulebase.scenarios import shipped_scenarios


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
        text += f"   limit {limit * 1000:>4.0f} ms   {'met' if seconds < limit else 'missed'}"
    print(text, flush=True)


def rows(case: Assessment) -> int:
    return sum(len(found) for found in case.case.layout.rows.values())


def pairs(case: Assessment) -> list[tuple[Goal, Goal]]:
    """Every headline part: as it is, and with the strongest outcome."""
    items = case.law.base.classifications
    return [
        (Goal(goal.of, "", goal.where), Goal(goal.of, items[goal.of].strongest[0], goal.where))
        for goal in headline_goals(case)
    ]


ASK = (why, why_not)


def main() -> None:
    law = load_law()
    cases = {
        path.stem: assess(read_scenario(path, law), law, engine="planes")
        for path in shipped_scenarios()
    }
    name, case = max(cases.items(), key=lambda pair: rows(pair[1]))
    print(f"{len(law.plan.nodes)} nodes; largest of {len(cases)}: {name}, {rows(case)} rows")
    for number, what in enumerate(("why", "why-not")):
        slowest = max(best(7, partial(ASK[number], case, pair[number])) for pair in pairs(case))
        line(f"{what}, slowest of its {len(pairs(case))} parts", slowest, 0.020)
    for number, what in enumerate(("why", "why-not")):
        found = [
            (best(3, partial(ASK[number], other, pair[number])), stem)
            for stem, other in cases.items()
            for pair in pairs(other)
        ]
        slowest, stem = max(found)
        line(f"{what}, slowest of all {len(found)} parts of all scenarios: {stem}", slowest)
        line(f"{what}, median of them", sorted(found)[len(found) // 2][0])
    first = Interview(law, case.scenario)
    line("next question of an interview", best(3, lambda: Interview(law, first.scenario).next()))
    memo = make_memo(case)
    line("memorandum, as blocks", best(2, lambda: make_memo(case)))
    for what, write in (
        ("html", lambda: memo_html(memo, case)),
        ("docx", lambda: memo_docx(memo)),
        ("pdf", lambda: memo_pdf(memo)),
    ):
        line(f"memorandum, as {what}", best(2, write))


if __name__ == "__main__":
    main()
