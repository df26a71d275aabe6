"""palermo check: tests beside the rules, expectations of scenarios, and how good the tests are."""

from __future__ import annotations

from pathlib import Path

import click

from engine.commands.lawcheck import Format, run_coverage, run_mutation
from engine.commands.shared import CHECK_FAILED, complain, law_of, rules_option
from engine.inference.law import Law
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
@rules_option
@click.pass_context
def command(
    ctx: click.Context,
    files: tuple[Path, ...],
    engine: Engine,
    verbose: bool,
    prove: bool,
    counterexamples: Path | None,
    overlays: tuple[Path, ...],
) -> None:
    """Run the tests beside the rules, and check scenarios against their `expect`.

    Without FILEs, all shipped scenarios. A scenario with `expect_fails` (a reason) is expected
    to disagree. Exit code 1 when something fails.
    """
    law = law_of(overlays)
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


def _check_tests(
    ctx: click.Context,
    law: Law,
    files: tuple[Path, ...],
    coverage: str | None,
    mutate: str | None,
    form: Format,
    overlays: tuple[Path, ...],
    *,
    verbose: bool,
) -> None:
    """Coverage, mutants or both. Mutants mean something only while every test passes."""
    if form == "json" and coverage is not None and mutate is not None:
        raise InputError.single("--format", "json goes with one of --coverage and --mutate")
    good = True
    if coverage is not None:
        scenarios = [
            read_scenario(file, law.base, law.reads) for file in files or shipped_scenarios()
        ]
        good &= run_coverage(law, scenarios, coverage, overlays, form, every=verbose)
    if mutate is not None:
        failing = [test for test in run_law_tests(law.base, law.plan) if not test.passed]
        if failing:
            click.echo(
                f"{len(failing)} tests beside the rules fail: run `palermo check` first", err=True
            )
            ctx.exit(CHECK_FAILED)
        good &= run_mutation(law, mutate, overlays, form)
    if not good:
        ctx.exit(CHECK_FAILED)
