"""palermo doctor: what works here, and what does not."""

from __future__ import annotations

import platform
import sys
from importlib import metadata

import click

from engine.commands.shared import CHECK_FAILED, law_of
from engine.inference.law import cache_folder, version

PACKAGES = ("pydantic", "click", "rich", "PyYAML", "pycountry", "durable_rules")


@click.command()
@click.pass_context
def command(ctx: click.Context) -> None:
    """Say which parts work on this machine. Exit code 1 when the rules cannot be used."""
    from engine.inference import rete

    click.echo(f"palermo {version()} on Python {platform.python_version()}, {platform.system()}")
    for name in PACKAGES:
        try:
            click.echo(f"  {name} {metadata.version(name)}")
        except metadata.PackageNotFoundError:
            click.echo(f"  {name} is not installed")
    try:
        law = law_of(())
    except Exception as error:
        click.echo(f"rules: cannot be used: {error}")
        ctx.exit(CHECK_FAILED)
    click.echo(
        f"rules: {len(law.base.provisions())} provisions, {len(law.plan.nodes)} gates, "
        f"digest {law.base.digest[:12]}"
    )
    folder = cache_folder()
    click.echo(f"cache: {folder if folder else 'off (no private folder to keep it in)'}")
    click.echo("evaluator planes: works")
    if rete.available():
        click.echo("evaluator rete (durable_rules): works")
    else:
        click.echo(f"evaluator rete: off: {rete.why_unavailable()}; planes answers alone")
    click.echo(
        f"treaty status: {len(law.status.states)} States, {len(law.status.coverage)} treaties"
    )
    if sys.version_info >= (3, 13):
        click.echo("note: durable_rules does not import on Python 3.13 and later")
