"""A memorandum as a Word document."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Any

from engine.model.truth import Truth
from engine.report.extras import needed
from engine.report.memo import Bullets, Heading, Memo, Para, Reasoning, Table
from engine.report.words import SIGN, WORD, Line

if TYPE_CHECKING:
    from docx.document import Document

_INK = {Truth.HOLDS: (11, 83, 148), Truth.FAILS: (138, 47, 0), Truth.UNKNOWN: (95, 90, 0)}


def memo_docx(memo: Memo) -> bytes:
    """The document, with headings that Word can list, tables and indented reasoning."""
    needed("docx")
    from docx import Document
    from docx.shared import Cm, Pt

    document = Document()
    page = document.sections[0]
    page.page_width, page.page_height = Cm(21), Cm(29.7)
    page.left_margin = page.right_margin = Cm(2.2)
    page.top_margin = page.bottom_margin = Cm(2)
    document.core_properties.title = memo.title
    document.core_properties.author = "palermo"
    document.core_properties.comments = "Classifies hypotheticals. No legal advice."
    style = document.styles["Normal"]
    style.font.name, style.font.size = "Georgia", Pt(10.5)
    document.add_heading(memo.title, level=0)
    if memo.subtitle:
        document.add_paragraph(memo.subtitle)
    for block in memo.blocks:
        if isinstance(block, Heading):
            document.add_heading(block.text, level=block.level)
        elif isinstance(block, Para):
            _para(document, block)
        elif isinstance(block, Bullets):
            _bullets(document, block)
        elif isinstance(block, Table):
            _table(document, block)
        else:
            _reasoning(document, block)
    out = BytesIO()
    document.save(out)
    return out.getvalue()


def _para(document: Document, block: Para) -> None:
    paragraph = document.add_paragraph()
    if block.lead:
        paragraph.add_run(block.lead + " ").bold = True
    run = paragraph.add_run(block.text)
    run.italic = block.quiet


def _bullets(document: Document, block: Bullets) -> None:
    for lead, text, cite in block.items:
        paragraph = document.add_paragraph(style="List Bullet")
        if lead:
            paragraph.add_run(lead + " ").bold = True
        paragraph.add_run(text)
        if cite:
            paragraph.add_run(f" ({cite})").italic = True


def _table(document: Document, block: Table) -> None:
    from docx.shared import Cm, Pt

    table = document.add_table(rows=1, cols=len(block.header), style="Table Grid")
    table.autofit = False
    total = sum(block.widths)
    widths = [Cm(16.5 * width / total) for width in block.widths]
    for column, width in zip(table.columns, widths, strict=True):
        column.width = width
    _fill(table.rows[0].cells, block.header, widths, Pt(8.5), bold=True)
    _mark(table.rows[0], "w:tblHeader")  # stands on every page that the table reaches
    for texts in block.rows:
        row = table.add_row()
        _mark(row, "w:cantSplit")
        _fill(row.cells, texts, widths, Pt(8.5), bold=False)
    document.add_paragraph()


def _fill(cells: Any, texts: tuple[str, ...], widths: list[Any], size: Any, *, bold: bool) -> None:
    for cell, text, width in zip(cells, texts, widths, strict=True):
        cell.width = width
        run = cell.paragraphs[0].add_run(text)
        run.font.size, run.bold = size, bold


def _mark(row: Any, name: str) -> None:
    """Set a property of a row for which python-docx has no word."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    mark = OxmlElement(name)
    mark.set(qn("w:val"), "true")
    row._tr.get_or_add_trPr().append(mark)


def _reasoning(document: Document, block: Reasoning) -> None:
    title = document.add_paragraph()
    title.paragraph_format.keep_with_next = True
    run = title.add_run(block.title)
    run.italic = run.bold = True
    for line in block.lines:
        _line(document, line, 0)


def _line(document: Document, line: Line, depth: int) -> None:
    from docx.shared import Cm, Pt, RGBColor

    paragraph = document.add_paragraph()
    layout = paragraph.paragraph_format
    layout.left_indent = Cm(0.6 + 0.6 * min(depth, 10))
    layout.first_line_indent = Cm(-0.4)
    layout.space_after = Pt(2)
    sign = paragraph.add_run(f"{SIGN[line.truth]} {WORD[line.truth]}: ")
    sign.bold, sign.font.color.rgb = True, RGBColor(*_INK[line.truth])
    if line.lead:
        paragraph.add_run(line.lead + (": " if line.text or line.label else "")).italic = True
    if line.kind == "fact":
        judged = "; someone must judge" if line.judged else ""
        paragraph.add_run(f"{line.text} ")
        paragraph.add_run(f"[{line.label} = {line.value}; {line.basis}{judged}]").italic = True
    elif line.kind == "view":
        paragraph.add_run(f"{line.text} ({line.label}, {line.basis})")
    else:
        paragraph.add_run(line.text).bold = line.kind == "provision"
        more = [line.cite, line.where, "as above" if line.again else ""]
        words = "; ".join(text for text in more if text)
        if words:
            paragraph.add_run(f" ({words})").italic = True
    for note in line.notes:
        small = document.add_paragraph()
        small.paragraph_format.left_indent = Cm(1.0 + 0.6 * min(depth, 10))
        small.paragraph_format.space_after = Pt(1)
        run = small.add_run(note)
        run.italic, run.font.size = True, Pt(9)
    for below in line.below:
        _line(document, below, depth + 1)
