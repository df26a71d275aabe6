"""palermo check: tests beside the rules, expectations of scenarios, and how good the tests are."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import click

from engine.commands.shared import CHECK_FAILED, complain, law_of, rules_option
from engine.model.problem import InputError
from engine.reasoning.assess import Engine, assess
from engine.reasoning.expectations import compare
from engine.reasoning.lawtests import run_law_tests
from engine.rulebase.scenarios import read_scenario, shipped_scenarios


@click.command()
@click.argument("files", nargs=-1, type=click.Path(path_type=Path), metavar="[FILE...]")
@click.option("--engine", type=click.Choice(["both", "rete", "planes"]), default="planes")
@click.option("-v", "--verbose", is_flag=True, help="Print what agrees, too.")
@click.option("--prove", is_flag=True, help="Prove the theorems over all fact patterns.")
@click.option(
    "--counterexamples",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="With --prove: write what refutes a theorem into DIR, as scenarios.",
)
@click.option(
    "--coverage",
    is_flag=False,
    flag_value="",
    metavar="[PREFIX]",
    help="Which answers of each rule and branch (of ids that begin so) the tests meet.",
)
@click.option(
    "--mutate",
    is_flag=False,
    flag_value="",
    metavar="[PREFIX]",
    help="Change the rules one by one; list the changes that no test notices.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    help="With --coverage or --mutate.",
)
@rules_option
@click.pass_context
def command(
    ctx: click.Context,
    files: tuple[Path, ...],
    engine: Engine,
    verbose: bool,
    prove: bool,
    counterexamples: Path | None,
    coverage: str | None,
    mutate: str | None,
    form: Literal["text", "json"],
    overlays: tuple[Path, ...],
) -> None:
    """Run the tests beside the rules, and check scenarios against their `expect`.

    Without FILEs, all shipped scenarios. A scenario with `expect_fails` (a reason) is expected
    to disagree. Exit code 1 when something fails.

    `--coverage` shows whether some test or scenario makes each rule, and each branch of its
    condition, hold, fail and stay unknown, and whether the branch was ever decisive. Exit code 1
    when one never holds or never fails.

    `--mutate` drops conditions and exceptions, swaps all and any, some and every, negates,
    shifts thresholds, takes silence for an answer, names the neighbouring fact, provision or
    treaty, asks for outcomes in another order, flips presumptions and takes other views of
    doctrines. Exit code 1 when a mutant survives every test beside a rule.
    """
    law = law_of(overlays)
    if coverage is not None or mutate is not None:
        from engine.commands.lawcheck import check_tests

        scenarios = files or shipped_scenarios()
        ctx.exit(check_tests(law, scenarios, coverage, mutate, overlays, form, every=verbose))
    if prove or counterexamples:
        from engine.commands.proving import prove_theorems

        ctx.exit(prove_theorems(law, counterexamples))
    bad = 0
    if not files:
        tests = run_law_tests(law.base, law.plan)
        for test in tests:
            if test.passed:
                continue
            bad += 1
            where = law.base.places.get(test.of) or law.base.places[f"classification:{test.of}"]
            click.echo(
                f"rules/{where.file}:{where.line}: {test.of}: {test.case.name}: "
                f"expected {test.expected}, found {test.found}"
            )
        click.echo(f"tests beside the rules: {len(tests) - bad} of {len(tests)} pass")
    right: dict[str, int] = {}
    total: dict[str, int] = {}
    for file in files or shipped_scenarios():
        try:
            scenario = read_scenario(file, law.base, law.reads)
        except InputError as error:
            complain(error.problems)
            bad += 1
            continue
        disagreements = 0
        for item in compare(assess(scenario, law, engine=engine)):
            key = item.about.partition(".")[0]
            total[key] = total.get(key, 0) + 1
            right[key] = right.get(key, 0) + item.agrees
            disagreements += not item.agrees
            if verbose or not item.agrees:
                word = "agrees" if item.agrees else "differs"
                click.echo(
                    f"{scenario.id}: {item.about}: {word}: expected {item.expected}, "
                    f"found {item.found}"
                )
        if disagreements and scenario.expect_fails:
            click.echo(f"{scenario.id}: expected to differ: {scenario.expect_fails}")
        elif bool(disagreements) != bool(scenario.expect_fails):
            bad += 1
            if scenario.expect_fails:
                click.echo(f"{scenario.id}: was expected to differ and agrees")
    for key, count in total.items():
        click.echo(f"scenarios: {key}: {right[key]} of {count} agree")
    if bad:
        ctx.exit(CHECK_FAILED)
