"""Writes the list of output columns into docs/batch.md: ``python -m tests.batch.columns_page``."""

from __future__ import annotations

import re
from pathlib import Path

from engine.api import batch_columns, batch_options, load_law
from engine.inference.law import Law

PAGE = Path(__file__).parents[2] / "docs" / "batch.md"
_LIST = re.compile(r"(<!-- columns: [^>]*-->\n).*?(<!-- end -->)", re.DOTALL)


def page(law: Law) -> str:
    """The page with the list as the law has it."""
    columns = batch_columns(law, batch_options(keep=["file"], explain=True))
    rows = [f"| `{column.name}` | {column.kind} | {column.says} |" for column in columns]
    table = "\n".join(["| column | kind | what it says |", "| --- | --- | --- |", *rows, ""])
    return _LIST.sub(lambda found: found[1] + table + found[2], PAGE.read_text())


if __name__ == "__main__":
    PAGE.write_text(page(load_law()))
