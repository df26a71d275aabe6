"""palermo schema: JSON Schemas for editors and scripts."""

from __future__ import annotations

import json

import click

from engine.model import reasons, why

SCHEMAS = {**why.SCHEMAS, **reasons.SCHEMAS}


@click.command()
@click.argument("what", type=click.Choice(["result", "scenario", *SCHEMAS]))
def command(what: str) -> None:
    """Print the JSON Schema of a result, a scenario, or the answer of another command."""
    if what in SCHEMAS:
        click.echo(json.dumps(SCHEMAS[what].model_json_schema(), indent=2, ensure_ascii=False))
        return
    if what == "result":
        from engine.report.document import result_schema

        click.echo(result_schema())
        return
    from engine.commands.shared import law_of
    from engine.report.schema import scenario_schema

    click.echo(json.dumps(scenario_schema(law_of(()).base), indent=2, ensure_ascii=False))
