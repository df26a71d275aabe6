"""Memoranda and pictures: every format says the same, and nothing of it is lost."""

from __future__ import annotations

import re
from dataclasses import replace
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import pytest

from engine.inference.law import Law
from engine.model.truth import Truth
from engine.reasoning.assess import Assessment, assess
from engine.reasoning.goals import Goal
from engine.reasoning.targets import headline_goals
from engine.report.document import make_result
from engine.report.docx import memo_docx
from engine.report.html import memo_html, memo_markdown
from engine.report.memo import Bullets, Heading, Memo, Para, Reasoning, Table, make_memo
from engine.report.pdf import memo_pdf
from engine.report.pictures import picture
from engine.report.svg import draw
from engine.report.words import Line, row_words
from engine.rulebase.scenarios import read_scenario, shipped_scenarios, state_name

CHOSEN = ("rantsev", "the-scam-towers", "libya-ffm", "sent-back")
SECTIONS = ("Short answers", "Facts", "Assumptions", "What is missing", "Authorities")


def assessed(law: Law, name: str) -> Assessment:
    path = next(path for path in shipped_scenarios() if path.stem == name)
    return assess(read_scenario(path, law.base, law.reads), law, engine="planes")


@pytest.fixture(params=CHOSEN)
def assessment(law: Law, request: pytest.FixtureRequest) -> Assessment:
    return assessed(law, request.param)


def words_of(memo: Memo) -> list[str]:
    """Every piece of text a memorandum holds."""
    found: list[str] = [memo.title]

    def below(line: Line) -> None:
        found.append(line.text)
        if line.kind == "fact":
            found.append(f"{line.label} = {line.value}")
        elif line.kind == "provision":
            found.append(line.cite)
        found.extend(line.notes)
        for one in line.below:
            below(one)

    for block in memo.blocks:
        if isinstance(block, Heading):
            found.append(block.text)
        elif isinstance(block, Para):
            found += [block.lead, block.text]
        elif isinstance(block, Bullets):
            found += [text for item in block.items for text in item]
        elif isinstance(block, Table):
            found += [*block.header, *(cell for row in block.rows for cell in row)]
        else:
            assert isinstance(block, Reasoning)
            found.append(block.title)
            for line in block.lines:
                below(line)
    return [text for text in found if text]


def squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text)


def test_a_memorandum_has_every_section_and_each_question_in_full(assessment: Assessment) -> None:
    memo = make_memo(assessment)
    headings = [block.text for block in memo.blocks if isinstance(block, Heading)]
    assert [name for name in SECTIONS if name not in headings] == []
    for item in assessment.law.base.classifications.values():
        assert item.name in headings
    leads = [block.lead for block in memo.blocks if isinstance(block, Para)]
    questions = len(assessment.law.base.classifications)
    parts = len(headline_goals(assessment))
    assert leads.count("Issue.") == leads.count("Rule.") == questions
    assert leads.count("Conclusion.") == parts


def test_html_is_self_contained_and_loses_nothing(assessment: Assessment) -> None:
    memo = make_memo(assessment)
    page = memo_html(memo, assessment)
    assert not re.search(r'(?:src|href)="(?!#)', page)
    assert "url(" not in page
    assert page.count("<details") == page.count("</details>") > 0
    from html.parser import HTMLParser

    class Reader(HTMLParser):
        text = ""

        def handle_data(self, data: str) -> None:
            self.text += data

    reader = Reader()
    reader.feed(page)
    shown = squeezed(reader.text)
    assert [text for text in words_of(memo) if squeezed(text) not in shown] == []


def test_markdown_loses_nothing(assessment: Assessment) -> None:
    memo = make_memo(assessment)
    shown = squeezed(re.sub(r"\\(.)", r"\1", memo_markdown(memo)).replace("`", ""))
    missing = [text for text in words_of(memo) if squeezed(text).replace("`", "") not in shown]
    assert missing == []


def test_word_loses_nothing(assessment: Assessment) -> None:
    from docx import Document

    memo = make_memo(assessment)
    document = Document(BytesIO(memo_docx(memo)))
    texts = [paragraph.text for paragraph in document.paragraphs]
    texts += [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    shown = squeezed(" ".join(texts))
    assert [text for text in words_of(memo) if squeezed(text) not in shown] == []
    styles = {p.style.name for p in document.paragraphs if p.style is not None}
    assert {"Heading 1", "Heading 2"} <= styles


def test_pdf_embeds_its_fonts_and_has_bookmarks(
    assessment: Assessment, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    data = memo_pdf(make_memo(assessment))
    assert data.startswith(b"%PDF-")
    assert b"/Outlines" in data
    assert b"/FontFile2" in data
    assert "missing the following glyphs" not in caplog.text + capfd.readouterr().err


def test_pictures_read_without_colour_and_without_sight(assessment: Assessment) -> None:
    space = "{http://www.w3.org/2000/svg}"
    for goal in headline_goals(assessment):
        for what in ("argument", "elements", "misses"):
            asked = Goal(
                goal.of, assessment.law.base.classifications[goal.of].strongest[0], goal.where
            )
            root = ElementTree.fromstring(picture(assessment, asked, what))
            assert root.get("role") == "img"
            labels = root.get("aria-labelledby", "").split()
            named = {node.get("id"): node.text for node in root if node.get("id")}
            assert all(named[label] for label in labels)
            for box in root.iter(f"{space}g"):
                spoken = box.find(f"{space}title")
                assert spoken is not None
                assert (spoken.text or "").endswith((": holds", ": fails", ": open"))


def test_boxes_differ_by_outline_and_sign_and_not_only_by_colour() -> None:
    lines = [Line(truth, "provision", text=f"P {truth.value}") for truth in Truth]
    text = draw("T", "D", lines)
    outlines = re.findall(r'<rect x="16"[^>]*height="\d+" ([^>]*?) fill', text)
    assert len(set(outlines)) == len(Truth)
    for sign in "✓✗?":
        assert sign in text


@pytest.mark.parametrize("path", shipped_scenarios()[::6], ids=lambda path: path.stem)
def test_no_box_and_no_word_of_a_picture_runs_into_another(law: Law, path: Path) -> None:
    case = assess(read_scenario(path, law.base, law.reads), law, engine="planes")
    for part in headline_goals(case):
        goal = replace(part, answer=law.base.classifications[part.of].strongest[0])
        for what in ("argument", "elements", "misses"):
            root = ElementTree.fromstring(picture(case, goal, what, named=False, depth=20))
            width, height = float(root.attrib["width"]), float(root.attrib["height"])
            rects = [
                [float(rect.get(key, 0)) for key in ("x", "y", "width", "height")]
                for rect in root.iter("{http://www.w3.org/2000/svg}rect")
            ][1:]
            assert all(x + wide <= width and y + high <= height for x, y, wide, high in rects)
            edges = [(y, y + high) for _, y, _, high in rects]
            assert all(above[1] < below[0] for above, below in pairwise(edges))
            for text in root.iter("{http://www.w3.org/2000/svg}text"):
                size = float(text.attrib["font-size"])
                words = "".join(text.itertext())
                assert float(text.attrib["x"]) + 0.52 * size * len(words) <= width, words


def test_text_that_looks_like_markup_stays_text() -> None:
    line = Line(Truth.HOLDS, "provision", text="a < b & <script>alert(1)</script>")
    root = ElementTree.fromstring(draw("<T> & co", '"D"', [line]))
    assert not list(root.iter("script"))
    memo = Memo(
        "<b>T</b>", "", [Para("<script>x</script> *not bold* a_b_c"), Reasoning("r", (line,))]
    )
    page = memo_html(memo, None)  # type: ignore[arg-type]
    assert "<script>x" not in page
    assert "&lt;b&gt;T" in page
    assert r"\<script\>x\</script\> \*not bold\* `a_b_c`" in memo_markdown(memo)


def test_facts_are_stated_as_sentences(law: Law) -> None:
    memo = make_memo(assessed(law, "the-scam-towers"))
    rows = [row for block in memo.blocks if isinstance(block, Table) for row in block.rows]
    facts = law.base.facts
    assert (facts["victim.civilian"].statement, "victim.civilian") in rows
    assert (f"Not so: {facts['victim.child'].statement}", "victim.child") in rows


def test_a_treaty_position_is_told_once_for_all_periods_in_which_it_is_the_same(law: Law) -> None:
    before = assessed(law, "taylor")
    memo = make_memo(before)
    (table,) = [
        block for block in memo.blocks if isinstance(block, Table) and block.header[0] == "State"
    ]
    told = make_result(before).instruments
    assert len(before.case.periods) > 5
    bound = {(item.state, item.name) for item in told if item.status == "bound"}
    named = [(row[0], name, row[2]) for row in table.rows for name in row[1].split("; ")]
    for state, name in bound:
        assert (state_name(state), name, "bound") in named
    changing = [row for row in table.rows if row[:2] == ("Liberia", "Rome Statute")]
    assert [row[3].partition(";")[0] for row in changing] == [
        "e1, 1996-01-01 to 1998-07-16",
        "e1, 1998-07-17 to 2002-12-31",
    ]


def test_rows_are_named_for_a_reader() -> None:
    rows = ["main×e1@2001-01-01/2001-05-24", "main×e1@2001-05-25/2001-12-31", "ALAND", "boss×e2"]
    assert row_words(rows) == "main in e1, 2001-01-01 to 2001-12-31; ALAND; boss in e2"
