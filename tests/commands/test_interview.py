"""palermo interview: a whole session, nonsense, an early end, and files that are not lost."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
import yaml

from engine.rulebase.scenarios import shipped_scenarios
from tests.commands.conftest import Palermo

OPENING = [
    "The bar",
    "She was promised a job.",
    "2019",
    "2019",
    "ALAND",
    "palermo, untoc",
    "boss",
    "",
]


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):  # type: ignore[no-untyped-def]
    monkeypatch.chdir(tmp_path)

    def give(*lines: str) -> None:
        monkeypatch.setattr("sys.stdin", io.StringIO("".join(f"{line}\n" for line in lines)))

    return give


def test_a_whole_session_ends_with_the_assessment_and_the_file(palermo: Palermo, typed) -> None:  # type: ignore[no-untyped-def]
    typed(*OPENING, *["y"] * 12, "?", "done")
    ran = palermo("interview", "bar.yaml", "--about", "transnational_offence")
    assert ran.code == 0
    assert "written: bar.yaml" in ran.out
    assert "Transnational offence" in ran.out
    written = yaml.safe_load(Path("bar.yaml").read_text())
    assert written["title"] == "The bar"
    assert palermo("assess", "bar.yaml").code == 0


def test_nonsense_is_answered_with_what_would_do(palermo: Palermo, typed) -> None:  # type: ignore[no-untyped-def]
    typed(
        "T",
        "",
        "soon",
        "2019",
        "2018",
        "2019",
        "Utopia?",
        "ALAND",
        "x",
        "",
        "",
        "",
        "ja",
        "y",
        "done",
    )
    ran = palermo("interview", "x.yaml", "--about", "transnational_offence")
    assert ran.code == 0
    for words in ("is no date", "before the beginning", "unknown treaty x", "y or n"):
        assert words in ran.out


def test_an_early_end_loses_nothing(palermo: Palermo, typed) -> None:  # type: ignore[no-untyped-def]
    typed(*OPENING, "y", "y")
    ran = palermo("interview", "x.yaml")
    assert ran.code == 0
    assert "nothing is lost" in ran.out
    text = Path("x.yaml").read_text()
    assert text.count(": true\n") == 4  # two treaties, two answers
    typed()
    again = palermo("interview", "x.yaml", "--save", "x.yaml")
    assert again.code == 0
    assert Path("x.yaml").read_text() == text


def test_an_end_in_the_opening_writes_nothing(palermo: Palermo, typed, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    typed("The bar")
    assert "nothing is written" in palermo("interview").out
    assert list(tmp_path.iterdir()) == []


def test_why_back_list_change_and_help(palermo: Palermo, typed) -> None:  # type: ignore[no-untyped-def]
    commands = ["help", "why", "back", "y", "list", "change", "change victim.chld=true"]
    typed(*OPENING, *commands, "change victim.child=true", "back", "done")
    ran = palermo("interview", "x.yaml", "--about", "transnational_offence")
    assert ran.code == 0
    for words in ("Still open", "this is the first question", "did you mean victim.child"):
        assert words in ran.out
    assert "victim.child: true" in Path("x.yaml").read_text()


def test_actors_states_and_episodes_can_be_entered(palermo: Palermo, typed) -> None:  # type: ignore[no-untyped-def]
    typed(
        *("Boats", "", "2013", "2015", "Thailand, ALAND", "palermo", "captain, agency"),
        *("port, sea", "2013", "2013", "agency", "", "clerk", "captain"),
        *("y", "add state idn", "add state THA", "add actor owner", "add episode", "add ship x"),
        *("add episode camp", "2014-02", "2014-03", "owner", "list", "change 1", "n", "back"),
        "done",
    )
    ran = palermo("interview", "x.yaml", "--about", "transnational_offence")
    assert ran.code == 0, ran.out
    for words in ("THA (Thailand): treaties from the data", "clerk is not among them", "THA is th"):
        assert words in ran.out
    written = yaml.safe_load(Path("x.yaml").read_text())
    assert list(written["states"]) == ["THA", "ALAND", "IDN"]
    assert list(written["actors"]) == ["captain", "agency", "owner"]
    assert written["episodes"]["port"]["actors"] == ["agency"]
    assert written["episodes"]["sea"]["actors"] == ["captain"]
    assert str(written["episodes"]["camp"]["end"]) == "2014-03-31"
    assert palermo("assess", "x.yaml").code == 0


def test_a_file_is_never_overwritten_unasked(palermo: Palermo, typed) -> None:  # type: ignore[no-untyped-def]
    source = shipped_scenarios()[0]
    Path("mine.yaml").write_bytes(source.read_bytes())
    typed("?", "done")
    ran = palermo("interview", "mine.yaml")
    assert ran.code == 0
    assert Path("mine.yaml").read_bytes() == source.read_bytes()
    assert Path("mine-answered.yaml").exists()
    typed("done")
    assert palermo("interview", "mine.yaml", "--save", "mine-answered.yaml").code == 2
    typed("done")
    assert palermo("interview", "--about", "crime_against_humanty").code == 2
