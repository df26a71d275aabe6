"""palermo report: a legal memorandum on one scenario."""

from __future__ import annotations

from pathlib import Path

import click

from engine.commands.shared import doctrine_option, law_of, pairs_of, rules_option
from engine.model.problem import InputError, nearest
from engine.reasoning.assess import assess
from engine.rulebase.scenarios import read_scenario

FORMATS = (".md", ".html", ".docx", ".pdf")


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--to",
    "out",
    required=True,
    type=click.Path(path_type=Path),
    metavar="MEMO",
    help="The file to write; its ending picks the format: .md, .html, .docx or .pdf.",
)
@click.option("--strict", is_flag=True, help="Presume nothing: what was not said is unknown.")
@doctrine_option
@rules_option
def command(
    file: Path,
    out: Path,
    strict: bool,
    doctrines: tuple[str, ...],
    overlays: tuple[Path, ...],
) -> None:
    """Write a legal memorandum on the scenario in FILE.

    Facts; issue, rule, application and conclusion for each question; who is bound by what; who
    can act; limits, contested points, assumptions, what is missing, authorities.
    """
    from engine.report.memo import make_memo

    ending = out.suffix.lower()
    if ending not in FORMATS:
        hint = nearest(ending, FORMATS) or "one of " + ", ".join(FORMATS)
        raise InputError.single("--to", f"found {out.name}, expected a memorandum", hint)
    law = law_of(overlays)
    chosen = pairs_of("--doctrine", doctrines)
    scenario = read_scenario(file, law.base, law.reads)
    assessment = assess(scenario, law, doctrine=chosen, strict=strict)
    memo = make_memo(assessment)
    data: bytes
    if ending == ".md":
        from engine.report.html import memo_markdown

        data = memo_markdown(memo).encode()
    elif ending == ".html":
        from engine.report.html import memo_html

        data = memo_html(memo, assessment).encode()
    elif ending == ".docx":
        from engine.report.docx import memo_docx

        data = memo_docx(memo)
    else:
        from engine.report.pdf import memo_pdf

        data = memo_pdf(memo)
    try:
        out.write_bytes(data)
    except OSError as error:
        raise InputError.single(str(out), f"cannot be written: {error.strerror}") from None
    click.echo(f"written: {out}")
