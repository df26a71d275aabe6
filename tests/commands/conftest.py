from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from cli import main
from engine.commands.shared import guarded


@dataclass(frozen=True)
class Ran:
    """What a command did: its exit code and what it printed where."""

    code: int
    out: str
    err: str


Palermo = Callable[..., Ran]


@pytest.fixture
def palermo(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Palermo:
    """Run ``palermo ARGS`` in this process, as the installed command would."""
    monkeypatch.setenv("COLUMNS", "110")

    def run(*args: str | Path) -> Ran:
        capsys.readouterr()
        code = guarded(main, [str(arg) for arg in args])
        printed = capsys.readouterr()
        assert "Traceback" not in printed.err
        return Ran(code, printed.out, printed.err)

    return run
