"""A memorandum as one self-contained HTML page, or as Markdown, through templates."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from engine.report.extras import needed
from engine.report.memo import Block, Memo
from engine.report.words import SIGN, WORD, Line

if TYPE_CHECKING:
    from jinja2 import Environment

    from engine.reasoning.assess import Assessment


def memo_html(memo: Memo, assessment: Assessment) -> str:
    """The page: reasoning that folds and unfolds, and the elements as pictures."""
    from engine.report.memo import who
    from engine.report.pictures import draw_elements

    pictures = [
        (f"{item.name}, {who(item, group.key)}", draw_elements(assessment, item, group))
        for item, group in memo.pictures
    ]
    template = _environment().get_template("memo.html.j2")
    return template.render(memo=memo, pictures=pictures) + "\n"


def memo_markdown(memo: Memo) -> str:
    """The memorandum as Markdown."""
    text = _environment().get_template("memo.md.j2").render(memo=memo)
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"


@lru_cache(maxsize=1)
def _environment() -> Environment:
    needed("jinja2")
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("engine.report"),
        autoescape=lambda name: bool(name and ".html" in name),
        undefined=StrictUndefined,
    )
    environment.globals.update(kind_of=_kind, sign=SIGN, word=WORD, md_line=_md_line)
    environment.filters.update(md=_md, cell=_cell)
    return environment


def _kind(block: Block) -> str:
    return type(block).__name__


_ID = re.compile(r"[\w×@.-]*\w[._]\w[\w×@.=-]*")


def _md(text: str) -> str:
    """Text that Markdown shows as it is. Ids, which hold underscores, become code."""
    parts = []
    last = 0
    for found in _ID.finditer(text):
        word = found.group()
        if "_" in word:
            parts += [_escaped(text[last : found.start()]), f"`{word}`"]
            last = found.end()
    return "".join([*parts, _escaped(text[last:])])


def _escaped(text: str) -> str:
    return re.sub(r"([\\*_\[\]<>`#])", r"\\\1", text)


def _cell(text: str) -> str:
    return _md(text).replace("|", "\\|").replace("\n", " ")


def _md_line(line: Line) -> str:
    lead = f"*{line.lead}{':' if line.text or line.label else ''}* " if line.lead else ""
    if line.kind == "fact":
        judged = "; **someone must judge**" if line.judged else ""
        return f"{lead}{_md(line.text)} (`{line.label} = {line.value}`, {_md(line.basis)}{judged})"
    if line.kind == "view":
        return f"{lead}{_md(line.text)} (`{line.label}`, {_md(line.basis)})"
    cite = f" ({_md(line.cite)})" if line.cite else ""
    where = f", {_md(line.where)}" if line.where else ""
    again = ", as above" if line.again else ""
    return f"{lead}**{_md(line.text)}**{cite}{where}{again}" if line.text else lead.strip()
