"""A memorandum as a PDF: fonts embedded, headings as bookmarks, pages numbered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.model.truth import Truth
from engine.report.extras import font_folder, needed
from engine.report.memo import Bullets, Heading, Memo, Para, Reasoning, Table
from engine.report.words import SIGN, WORD, Line

if TYPE_CHECKING:
    from fpdf import FPDF

_FONT = "SourceSansPro"
_STYLES = {"": "Regular", "B": "Bold", "I": "It", "BI": "BoldIt"}
_INK = {Truth.HOLDS: (11, 83, 148), Truth.FAILS: (138, 47, 0), Truth.UNKNOWN: (95, 90, 0)}
_SIGN = {**SIGN, Truth.FAILS: "×"}
_BLACK, _QUIET = (27, 27, 27), (85, 85, 85)
_INDENT, _HEIGHT = 5.0, 4.8


def memo_pdf(memo: Memo) -> bytes:
    """The PDF of a memorandum, on A4."""
    needed("fpdf")
    pdf = _document(memo.title)
    pdf.set_font(_FONT, "B", 20)
    pdf.multi_cell(0, 9, memo.title, new_x="LMARGIN", new_y="NEXT", align="L")
    if memo.subtitle:
        _write(pdf, memo.subtitle, colour=_QUIET)
    for block in memo.blocks:
        if isinstance(block, Heading):
            _heading(pdf, block)
        elif isinstance(block, Para):
            _para(pdf, block)
        elif isinstance(block, Bullets):
            for lead, text, cite in block.items:
                _bullet(pdf, lead, text, cite)
            pdf.ln(1.5)
        elif isinstance(block, Table):
            _table(pdf, block)
        else:
            _reasoning(pdf, block)
    return bytes(pdf.output())


def _document(title: str) -> FPDF:
    import logging

    from fpdf import FPDF

    logging.getLogger("fontTools").setLevel(logging.ERROR)

    class Paged(FPDF):
        """A document with the title and the page number at the foot of each page."""

        def footer(self) -> None:
            """Draw the foot of a page."""
            self.set_y(-14)
            self.set_font(_FONT, "", 8)
            self.set_text_color(*_QUIET)
            half = self.epw / 2
            self.cell(half, 5, title[:70], align="L")
            self.cell(half, 5, f"{self.page_no()} / {{nb}}", align="R")

    pdf = Paged(format="A4")
    folder = font_folder()
    for style, name in _STYLES.items():
        pdf.add_font(_FONT, style, str(folder / f"SourceSansPro-{name}.ttf"))
    pdf.set_margins(20, 18, 20)
    pdf.set_auto_page_break(True, 18)
    pdf.set_title(title)
    pdf.set_creator("palermo")
    pdf.set_lang("en")
    pdf.add_page()
    return pdf


def _write(
    pdf: FPDF,
    text: str,
    *,
    style: str = "",
    size: float = 10,
    colour: tuple[int, int, int] = _BLACK,
    indent: float = 0,
) -> None:
    pdf.set_font(_FONT, style, size)
    pdf.set_text_color(*colour)
    pdf.set_x(pdf.l_margin + indent)
    pdf.multi_cell(0, size * 0.48, text, new_x="LMARGIN", new_y="NEXT", align="L")


def _heading(pdf: FPDF, block: Heading) -> None:
    size = 14 if block.level == 1 else 11.5
    pdf.ln(4 if block.level == 1 else 2)
    if pdf.will_page_break(22):
        pdf.add_page()
    pdf.start_section(block.text, level=block.level - 1)
    _write(pdf, block.text, style="B", size=size)
    if block.level == 1:
        y = pdf.get_y() + 0.5
        pdf.set_draw_color(*_QUIET)
        pdf.set_line_width(0.2)
        pdf.line(pdf.l_margin, y, pdf.l_margin + pdf.epw, y)
    pdf.ln(1.5)


def _runs(pdf: FPDF, runs: list[tuple[str, str, tuple[int, int, int]]], indent: float) -> None:
    """Text in several styles that wraps within an indented column."""
    left = pdf.l_margin
    pdf.set_left_margin(left + indent)
    pdf.set_x(left + indent)
    for text, style, colour in runs:
        if text:
            pdf.set_font(_FONT, style, 9.5)
            pdf.set_text_color(*colour)
            pdf.write(_HEIGHT, text)
    pdf.set_left_margin(left)
    pdf.ln(_HEIGHT + 0.4)


def _para(pdf: FPDF, block: Para) -> None:
    colour = _QUIET if block.quiet else _BLACK
    lead = f"{block.lead} " if block.lead else ""
    _runs(pdf, [(lead, "B", _BLACK), (block.text, "I" if block.quiet else "", colour)], 0)
    pdf.ln(1)


def _bullet(pdf: FPDF, lead: str, text: str, cite: str) -> None:
    runs = [
        ("• ", "", _BLACK),
        (f"{lead} " if lead else "", "B", _BLACK),
        (text, "", _BLACK),
        (f" ({cite})" if cite else "", "I", _QUIET),
    ]
    _runs(pdf, runs, 3)


def _table(pdf: FPDF, block: Table) -> None:
    from fpdf.fonts import FontFace

    pdf.set_font(_FONT, "", 8)
    pdf.set_text_color(*_BLACK)
    pdf.set_draw_color(201, 201, 201)
    head = FontFace(emphasis="BOLD", fill_color=(242, 242, 242))
    with pdf.table(
        col_widths=block.widths,
        headings_style=head,
        line_height=4,
        padding=0.8,
        text_align="LEFT",
        v_align="TOP",
    ) as table:
        for row in (block.header, *block.rows):
            table.row(row)
    pdf.ln(2)


def _reasoning(pdf: FPDF, block: Reasoning) -> None:
    if pdf.will_page_break(14):
        pdf.add_page()
    _write(pdf, block.title, style="BI", size=10)
    for line in block.lines:
        _line(pdf, line, 0)
    pdf.ln(1.5)


def _line(pdf: FPDF, line: Line, depth: int) -> None:
    indent = _INDENT * min(depth, 9) + 2
    lead = f"{line.lead}{': ' if line.text or line.label else ''}" if line.lead else ""
    runs = [
        (f"{_SIGN[line.truth]} {WORD[line.truth]}: ", "B", _INK[line.truth]),
        (lead, "I", _QUIET),
    ]
    if line.kind == "fact":
        judged = "; someone must judge" if line.judged else ""
        runs += [
            (line.text, "", _BLACK),
            (f"  [{line.label} = {line.value}; {line.basis}{judged}]", "I", _QUIET),
        ]
    elif line.kind == "view":
        runs += [(line.text, "", _BLACK), (f"  [{line.label}, {line.basis}]", "I", _QUIET)]
    else:
        more = [line.cite, line.where, "as above" if line.again else ""]
        words = "; ".join(text for text in more if text)
        runs += [
            (line.text, "B" if line.kind == "provision" else "", _BLACK),
            (f"  ({words})" if words else "", "I", _QUIET),
        ]
    _runs(pdf, runs, indent)
    for note in line.notes:
        _write(pdf, note, style="I", size=8.5, colour=_QUIET, indent=indent + 4)
    for below in line.below:
        _line(pdf, below, depth + 1)
