"""The verdicts on theorems as lines of text, and their counterexamples as files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from textwrap import wrap

from engine.reasoning.theorems import SHAPES, Verdict

SCOPE = (
    "Scope: every fact pattern of "
    + "; ".join(shape.text for shape in SHAPES)
    + ". Each fact is true, false or not known (a choice: each value; a number: either side of "
    "every threshold) on every row that reads it; each treaty binds a State or not or is not "
    "known, or is only signed, the same throughout; each episode is undated or falls before or "
    "after each entry into force that a rule reads. All actors take part in all episodes. With "
    "presumptions and without, unless the theorem says otherwise. Proven of the rules as they "
    "are written, not of the law."
)


def verdict_lines(verdicts: Iterable[Verdict], *, width: int = 100) -> Iterator[str]:
    """One theorem a paragraph: what became of it, its citation, its words, what refutes it."""
    counts: dict[str, int] = {}
    for verdict in verdicts:
        theorem = verdict.theorem
        counts[verdict.status] = counts.get(verdict.status, 0) + 1
        means = {proof.means for proof in verdict.proofs}
        how = " by the structure of the rules" if means == {"structure"} else ""
        views = "on every view" if theorem.doctrine == "any" else "on the default views"
        if isinstance(theorem.doctrine, dict) and theorem.doctrine:
            chosen = ", ".join(f"{name}={view}" for name, view in theorem.doctrine.items())
            views = f"with {chosen}"
        yield f"{verdict.status}{how}, {views}: {theorem.id} ({verdict.seconds:.1f} s)"
        yield from wrap(
            f"{theorem.name} [{theorem.cite}]",
            width,
            initial_indent="  ",
            subsequent_indent="  ",
        )
        yield from _against(verdict)
    total = ", ".join(f"{number} {status}" for status, number in counts.items())
    yield f"theorems: {total or 'none'}"
    yield from wrap(SCOPE, width)


def _against(verdict: Verdict) -> Iterator[str]:
    if verdict.because:
        yield f"  {verdict.because}"
    if verdict.chain:
        yield "  what must not matter is read: " + " reads ".join(verdict.chain)
    example = verdict.counterexample
    if example is None:
        return
    word = "both evaluators confirm" if example.confirmed else "the evaluators do not confirm"
    yield f"  counterexample, which {word}:"
    for text in example.scenarios:
        yield "---"
        yield text.rstrip()
    yield "---"


def write_counterexamples(verdicts: Iterable[Verdict], folder: Path) -> list[Path]:
    """Write each counterexample as a scenario file into a folder; the files written."""
    written = []
    for verdict in verdicts:
        texts = verdict.counterexample.scenarios if verdict.counterexample else ()
        for number, text in enumerate(texts):
            part = f"-{'ab'[number]}" if len(texts) > 1 else ""
            folder.mkdir(parents=True, exist_ok=True)
            path = folder / f"counterexample-{verdict.theorem.id}{part}.yaml"
            path.write_text(text, encoding="utf-8")
            written.append(path)
    return written
