"""The reference: up to date, complete, and every link leads somewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from engine.inference.law import Law
from engine.model.records import Provision
from engine.report.markdown import formula, text
from engine.report.reference import MARK, changed_pages, reference_pages, write_pages
from engine.rulebase.scenarios import read_scenario, shipped_scenarios

FOLDER = Path("docs/reference")


@pytest.fixture(scope="module")
def pages(law: Law) -> dict[str, str]:
    scenarios = [read_scenario(path, law.base, law.reads) for path in shipped_scenarios()]
    return reference_pages(law, scenarios)


def test_the_committed_reference_is_up_to_date(pages: dict[str, str], root: Path) -> None:
    assert changed_pages(pages, root / FOLDER) == [], "run `palermo docs` and commit what changes"


def test_everything_in_the_rules_has_its_place_and_its_sources(
    pages: dict[str, str], law: Law
) -> None:
    whole = "\n".join(pages.values())
    anchors = re.findall(r'<a id="([^"]+)"', whole)
    base = law.base
    for name in (*base.decided, *base.classifications, *base.doctrines, *base.theorems):
        assert anchors.count(name) == 1, name
    for name, fact in base.facts.items():
        assert anchors.count(name) == 1, name
        assert text(fact.question) in whole
    for record in base.decided.values():
        assert text(record.says) in whole, record.id
        for authority in record.authorities:
            assert text(authority) in whole, record.id
        for case in record.tests:
            assert text(case.name) in whole, record.id
    for key in base.instruments:
        assert f"instruments/{key}.md" in pages


def test_every_link_leads_to_a_page_and_an_anchor(pages: dict[str, str], root: Path) -> None:
    anchors = {name: set(re.findall(r'<a id="([^"]+)"', page)) for name, page in pages.items()}
    links = 0
    for name, page in pages.items():
        for target in re.findall(r"\]\(([^)\s]+)\)", page):
            links += 1
            path, _, anchor = target.partition("#")
            where = (root / FOLDER / name).parent.joinpath(path).resolve() if path else None
            if where is None:
                assert anchor in anchors[name], (name, target)
            elif anchor:
                other = where.relative_to((root / FOLDER).resolve()).as_posix()
                assert anchor in anchors[other], (name, target)
            else:
                assert where.is_file() or where.name in {Path(page).name for page in pages}, target
    assert links > 5_000


def test_pinpoints_add_up(pages: dict[str, str], law: Law) -> None:
    rows = re.findall(r"^\| \[.*?\]\((.*?)\) \| (\d+) \| (\d+) \|", pages["pinpoints.md"], re.M)
    records = [*law.base.decided.values(), *law.base.doctrines.values()]
    records += law.base.theorems.values()
    assert sum(int(yes) for _, yes, _ in rows) == sum(r.checked == "verified" for r in records)
    assert sum(int(yes) + int(no) for _, yes, no in rows) == len(records)
    of = {path: (int(yes), int(no)) for path, yes, no in rows}
    rome = [r for r in law.base.decided.values() if isinstance(r, Provision) and r.of == "rome"]
    verified = sum(item.checked == "verified" for item in rome)
    assert of["instruments/rome.md"] == (verified, len(rome) - verified)


def test_the_matrix_counts_what_a_classification_rests_on(pages: dict[str, str], law: Law) -> None:
    row = re.search(r"^\| \[Smuggling Protocol\].*$", pages["coverage.md"], re.M)
    assert row
    cells = [cell.strip() for cell in row.group().split("|")[2:-1]]
    below = set(law.plan.below(law.plan.heads["transnational_offence#2"]))
    mine = [r for r in law.base.provisions() if r.of == "smuggling"]
    assert int(cells[0]) == sum(law.plan.heads[item.id] in below for item in mine)
    assert cells[2] == ""
    assert int(cells[-1]) == len(mine)


def test_a_condition_reads_as_a_nested_list(law: Law) -> None:
    lines = list(formula(law.base.terms["palermo.4"], law.base, lambda name, kind: f"<{name}>"))
    assert lines == [
        "- all of",
        "  - <palermo.3.any> Trafficking by at least one actor",
        "  - <untoc.3.2> Transnational offence",
        "  - <untoc.2.a> Organised criminal group",
    ]


def test_only_pages_of_its_own_are_written_over_or_removed(tmp_path: Path) -> None:
    (tmp_path / "notes.md").write_text("Mine.\n")
    (tmp_path / "gone.md").write_text(f"{MARK}\n\n# A rule that was\n")
    pages = {"index.md": f"{MARK}\n\n# New\n", "below/page.md": f"{MARK}\n\n# Page\n"}
    assert changed_pages(pages, tmp_path) == ["below/page.md", "gone.md", "index.md"]
    assert write_pages(pages, tmp_path) == ["below/page.md", "gone.md", "index.md"]
    assert changed_pages(pages, tmp_path) == []
    assert (tmp_path / "notes.md").read_text() == "Mine.\n"
    assert not (tmp_path / "gone.md").exists()


def test_the_page_of_the_highway_is_what_the_search_finds(pages: dict[str, str], law: Law) -> None:
    page = pages["highway_crime_against_humanity.md"]
    stated = set(re.findall(r"`([a-z_]+\.[a-z_.0-9]+)(?:@\w+)?=", page))
    assert {"att.multiple_acts", "att.policy_org", "own.powers_found", "sex.advantage"} <= stated
    assert not {fact for fact in stated if fact.startswith(("tn.", "ocg.", "icc.", "adm."))}
    rows = re.findall(r"^\| \[.*\]\(scenarios\.md#([^)]+)\).* (\d) \|$", page, re.MULTILINE)
    assert [int(steps) for _, steps in rows] == sorted(int(steps) for _, steps in rows)
    assert len(rows) == len(shipped_scenarios())
