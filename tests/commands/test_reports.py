"""palermo report and draw: every format, and what is said when one cannot be written."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest

from engine.model.problem import InputError
from engine.report import extras
from engine.rulebase.scenarios import shipped_scenarios
from tests.commands.conftest import Palermo


@pytest.mark.parametrize("ending", ["md", "html", "docx", "pdf"])
def test_report_writes_every_format(palermo: Palermo, tmp_path: Path, ending: str) -> None:
    out = tmp_path / f"memo.{ending}"
    ran = palermo("report", shipped_scenarios()[0], "--to", out)
    assert (ran.code, out.exists()) == (0, True)
    assert out.stat().st_size > 2_000


def test_an_unknown_format_names_those_there_are(palermo: Palermo, tmp_path: Path) -> None:
    ran = palermo("report", shipped_scenarios()[0], "--to", tmp_path / "memo.odt")
    assert ran.code == 2
    assert ".docx" in ran.err or ".md" in ran.err


def test_a_format_whose_library_is_missing_says_what_to_install(
    palermo: Palermo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(name: str) -> None:
        raise ImportError(name)

    monkeypatch.setattr(extras, "import_module", gone)
    ran = palermo("report", shipped_scenarios()[0], "--to", tmp_path / "memo.docx")
    assert ran.code == 2
    assert "pip install 'palermo[reports]'" in ran.err
    with pytest.raises(InputError, match="fpdf2"):
        extras.needed("fpdf")


def test_draw_writes_a_picture(palermo: Palermo, tmp_path: Path) -> None:
    out = tmp_path / "tree.svg"
    path = shipped_scenarios()[0]
    assert palermo("draw", path, "crime_against_humanity", "--to", out).code == 0
    ElementTree.parse(out)
    ran = palermo("draw", path, "crime_against_humanty")
    assert ran.code == 2
    assert "did you mean crime_against_humanity" in ran.err
