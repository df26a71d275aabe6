"""What the commands share: options, error printing, exit codes."""

from __future__ import annotations

import os
import platform
import sys
import tempfile
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import click

from engine.inference.law import Law, load_law, version
from engine.model.problem import EvaluatorsDisagree, InputError, Problem

OK, CHECK_FAILED, BAD_INPUT, DEFECT, INTERRUPTED = 0, 1, 2, 70, 130
_Command = TypeVar("_Command", bound=Callable[..., Any])


def rules_option(command: _Command) -> _Command:
    """``--rules DIR``: rules laid over the shipped ones."""
    return click.option(
        "--rules",
        "overlays",
        multiple=True,
        type=click.Path(path_type=Path),
        metavar="DIR",
        help="Lay the rules of DIR over the shipped ones (a moot's treaty, a national law).",
    )(command)


def doctrine_option(command: _Command) -> _Command:
    """``--doctrine ID=VIEW``: the headline profile."""
    return click.option(
        "--doctrine",
        "doctrines",
        multiple=True,
        metavar="ID=VIEW",
        help="Take this view of a contested point in the headline.",
    )(command)


def law_of(overlays: tuple[Path, ...]) -> Law:
    """The shipped law with the given folders laid over it."""
    return load_law(overlays=overlays)


def pairs_of(option: str, entries: tuple[str, ...]) -> Mapping[str, str]:
    """``ID=VALUE`` entries of an option as a map. Raises ``InputError``."""
    found: dict[str, str] = {}
    for entry in entries:
        name, sign, value = entry.partition("=")
        if not sign or not name or not value:
            raise InputError.single(option, f"found {entry}, expected ID=VALUE")
        if found.get(name, value) != value:
            raise InputError.single(option, f"{name} is given as {found[name]} and as {value}")
        found[name] = value
    return found


def complain(problems: list[Problem]) -> None:
    """Print problems to standard error, one a line."""
    for problem in problems[:50]:
        click.echo(f"error: {problem}", err=True)
    if len(problems) > 50:
        click.echo(f"error: and {len(problems) - 50} more", err=True)


def report_defect(error: BaseException, about: str = "") -> Path:
    """Write what a maintainer needs to a file, and name it to the user."""
    lines = [
        f"palermo {version()}, Python {platform.python_version()} on {platform.platform()}",
        "command: " + " ".join(Path(part).name for part in sys.argv),
    ]
    if about:
        lines.append(f"while assessing: {about}")
    if isinstance(error, EvaluatorsDisagree):
        lines += ["the two evaluators disagree:", *error.differences]
    else:
        lines += traceback.format_exception(error)
    handle, name = tempfile.mkstemp(prefix="palermo-defect-", suffix=".txt")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")
    what = str(error).splitlines()[0] if str(error) else type(error).__name__
    click.echo(f"defect: {what}", err=True)
    click.echo(f"defect: this is palermo's fault, not yours; please report {name}", err=True)
    return Path(name)


def guarded(command: click.Command, args: list[str] | None = None) -> int:
    """Run a command; turn every exception into a message and an exit code."""
    try:
        # Outside standalone mode click returns the code that a command exits with.
        code = command.main(args, standalone_mode=False)
    except click.exceptions.Exit as done:
        return done.exit_code
    except click.ClickException as error:
        error.show()
        return BAD_INPUT
    except (click.Abort, KeyboardInterrupt):
        click.echo("stopped", err=True)
        return INTERRUPTED
    except InputError as error:
        complain(error.problems)
        return BAD_INPUT
    except (BrokenPipeError, SystemExit):  # click leaves this way when nobody reads any more
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return OK
    except Exception as error:
        report_defect(error)
        return DEFECT
    return code if isinstance(code, int) else OK
