"""Pictures: a tree of lines as SVG that reads without colour and without sight.

Each box says in words and by its outline whether the thing holds (solid, rounded), fails
(thick, square) or is open (dashed); colour only repeats it. Every box has a text alternative,
and the whole picture has a title and a description.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from html import escape

from engine.model.truth import Truth
from engine.report.words import SIGN, WORD, Line

_INK = {Truth.HOLDS: "#0b5394", Truth.FAILS: "#8a2f00", Truth.UNKNOWN: "#5f5a00"}
_FILL = {Truth.HOLDS: "#eaf3fb", Truth.FAILS: "#fbeee8", Truth.UNKNOWN: "#fbf8e3"}
_WIDTH, _PAD, _INDENT, _GAP = 430, 8, 30, 10
_LINE, _SMALL = 16, 13
_CHARS, _SMALL_CHARS = 60, 80


@dataclass
class _Box:
    line: Line
    depth: int
    head: list[str]
    body: list[str]
    foot: list[str]
    top: int = 0
    parent: _Box | None = None

    @property
    def height(self) -> int:
        return 2 * _PAD + _LINE * len(self.head) + _SMALL * (len(self.body) + len(self.foot)) + 2


def draw(title: str, description: str, lines: Sequence[Line], *, depth: int = 6) -> str:
    """A tree as an SVG document, roots at the left. ``depth`` limits how deep it goes."""
    boxes: list[_Box] = []
    for line in lines:
        _place(line, None, 0, depth, boxes)
    top = 64
    for box in boxes:
        box.top = top
        top += box.height + _GAP
    key = sha256(title.encode()).hexdigest()[:8]
    deepest = max((box.depth for box in boxes), default=0)
    width = max(deepest * _INDENT + _WIDTH + 40, _LEGEND)
    height = top + 44
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}" role="img" aria-labelledby="t{key} d{key}" '
        'font-family="Segoe UI, Helvetica, Arial, DejaVu Sans, sans-serif">',
        f'<title id="t{key}">{escape(title)}</title>',
        f'<desc id="d{key}">{escape(description)}</desc>',
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
        *_title(title, width),
        *(part for box in boxes for part in _edge(box)),
        *(part for box in boxes for part in _drawn(box)),
        *_legend(height),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _place(line: Line, parent: _Box | None, level: int, depth: int, boxes: list[_Box]) -> None:
    box = _Box(line, level, *_words(line), parent=parent)
    boxes.append(box)
    if level < depth:
        for below in line.below:
            _place(below, box, level + 1, depth, boxes)


def _words(line: Line) -> tuple[list[str], list[str], list[str]]:
    """The wrapped text of a box: what it is, what it says, what it rests on."""
    lead = f"{line.lead}: " if line.lead and (line.text or line.label) else line.lead
    head, body, foot = f"{SIGN[line.truth]} {lead}", "", ""
    if line.kind == "fact":
        head += f"{line.label} = {line.value}"
        body = line.text
        foot = line.basis + ("; someone must judge" if line.judged else "")
    elif line.kind == "view":
        head += line.label
        body, foot = line.text, line.basis
    else:
        head += line.text
        foot = line.cite + (f" ({line.where})" if line.where else "")
        if line.again:
            foot += " (set out elsewhere)"
    return (
        textwrap.wrap(head, _CHARS) or [head],
        textwrap.wrap(body, _SMALL_CHARS),
        textwrap.wrap(foot, _SMALL_CHARS),
    )


def _title(title: str, width: int) -> Iterator[str]:
    for number, text in enumerate(textwrap.wrap(title, max(40, width // 9))[:2]):
        yield (
            f'<text x="16" y="{26 + 20 * number}" font-size="16" font-weight="700" '
            f'fill="#1b1b1b">{escape(text)}</text>'
        )


def _edge(box: _Box) -> Iterator[str]:
    if box.parent is None:
        return
    x = 16 + box.parent.depth * _INDENT + 14
    y1, y2 = box.parent.top + box.parent.height, box.top + _PAD + _LINE // 2
    yield (
        f'<path d="M{x} {y1} V{y2} H{16 + box.depth * _INDENT}" fill="none" '
        'stroke="#8c8c8c" stroke-width="1.2"/>'
    )


def _drawn(box: _Box) -> Iterator[str]:
    line, ink = box.line, _INK[box.line.truth]
    x, y = 16 + box.depth * _INDENT, box.top
    style = {
        Truth.HOLDS: 'rx="8" stroke-width="1.5"',
        Truth.FAILS: 'rx="0" stroke-width="3"',
        Truth.UNKNOWN: 'rx="8" stroke-width="1.5" stroke-dasharray="6 4"',
    }[line.truth]
    yield f"<g><title>{escape(spoken(line))}</title>"
    yield (
        f'<rect x="{x}" y="{y}" width="{_WIDTH}" height="{box.height}" {style} '
        f'fill="{_FILL[line.truth]}" stroke="{ink}"/>'
    )
    base = y + _PAD + 12
    for text in box.head:
        yield (
            f'<text x="{x + 10}" y="{base}" font-size="12.5" font-weight="600" '
            f'fill="{ink}">{escape(text)}</text>'
        )
        base += _LINE
    for text in box.body:
        yield f'<text x="{x + 10}" y="{base}" font-size="10.5" fill="#1b1b1b">{escape(text)}</text>'
        base += _SMALL
    for text in box.foot:
        yield (
            f'<text x="{x + 10}" y="{base}" font-size="10.5" font-style="italic" '
            f'fill="#4a4a4a">{escape(text)}</text>'
        )
        base += _SMALL
    yield "</g>"


_LEGEND = 550
"""The width that the legend takes."""


def _legend(height: int) -> Iterator[str]:
    words = (
        (Truth.HOLDS, "✓ holds: solid, round corners"),
        (Truth.FAILS, "✗ fails: thick, square corners"),
        (Truth.UNKNOWN, "? open: dashed"),
    )
    x = 16
    for truth, text in words:
        yield (
            f'<text x="{x}" y="{height - 16}" font-size="11" font-weight="600" '
            f'fill="{_INK[truth]}">{escape(text)}</text>'
        )
        x += 8 * len(text) - 20


def spoken(line: Line) -> str:
    """A line as a screen reader says it."""
    what = f"{line.label} is {line.value}. {line.text}" if line.kind == "fact" else line.text
    lead = f"{line.lead} " if line.lead else ""
    cite = f" ({line.cite})" if line.cite else ""
    return f"{lead}{what or line.label}{cite}: {WORD[line.truth]}"
