"""The command line: parses and prints. Each command is a thin file in ``engine/commands``."""

from __future__ import annotations

import sys
from importlib import import_module

import click

COMMANDS = {
    "assess": "Assess scenarios: three classifications, element by element.",
    "why": "Why an outcome is what it is: the strongest reason, stage by stage.",
    "why-not": "Why it is not another outcome, nearest miss first.",
    "missing": "What would settle what is open, and what to ask next.",
    "what-if": "What other facts would change.",
    "compare": "Which differences in fact produce which differences in law.",
    "highway": "The smallest changes that lead to another outcome.",
    "doctrine": "What survives every view, and who holds the others.",
    "interview": "Ask what matters, one question at a time, and write the scenario.",
    "report": "Write a legal memorandum: .md, .html, .docx, .pdf.",
    "draw": "Draw the elements or the argument as SVG.",
    "facts": "List the vocabulary, or one group of it.",
    "rules": "List, show or lint the rules.",
    "treaties": "Who is bound by what, since when.",
    "new": "Write a commented scenario skeleton.",
    "check": "Run the tests beside the rules and the expectations of scenarios.",
    "batch": "Assess many scenarios: tables, lines, folders.",
    "sweep": "Decide every combination of some facts, and show which flip what.",
    "summary": "Count the outcomes of a batch, and draw them.",
    "docs": "Build the reference from the rules.",
    "schema": "Print the JSON Schema of a result or a scenario.",
    "doctor": "Say what works here, and what does not.",
}


class _Lazy(click.Group):
    """Loads the module of a command only when it is run."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"engine.commands.{cmd_name.replace('-', '_')}")
        command: click.Command = module.command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        from engine.model.problem import nearest

        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            hint = nearest(args[0], COMMANDS)
            ctx.fail(f"no such command: {args[0]}" + (f" ({hint})" if hint else ""))
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(
    cls=_Lazy,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Exit codes: 0 done · 1 a check failed · 2 bad input (good input is still assessed) · "
    "70 a defect of palermo itself · 130 stopped by Ctrl-C. "
    "It classifies hypotheticals for study: no legal advice.",
)
@click.version_option(package_name="palermo", prog_name="palermo")
def main() -> None:
    """palermo: human trafficking under international law, scenario by scenario.

    Is it a transnational offence, a human-rights violation, a possible crime against humanity?
    """


def run() -> None:
    """Entry point of the installed command: no traceback ever reaches a user."""
    from engine.commands.shared import guarded

    sys.exit(guarded(main))


if __name__ == "__main__":
    run()
