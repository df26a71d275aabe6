"""The reference: every rule with its sources, formula, tests and scenarios, as Markdown pages.

``reference_pages`` builds all pages from the law and the shipped scenarios; the same law and
scenarios give the same pages. Pages link to each other and to the rule files.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.inference.law import Law
from engine.model.conditions import Ref, Term, Test, View, walk
from engine.model.records import (
    Case,
    Classification,
    Decided,
    Instrument,
    Limit,
    Mistake,
    Organ,
    Provision,
    Theorem,
)
from engine.model.scenario import Scenario
from engine.reasoning.theorems import SHAPES
from engine.report.exercised import Exercised, exercise
from engine.report.extras import needed
from engine.report.highway_page import HighwayPage, highway_page
from engine.report.markdown import formula, text, word
from engine.rulebase.rulebase import outcome_id

if TYPE_CHECKING:
    from jinja2 import Environment

MARK = "<!-- Written by `palermo docs` from rules/ and scenarios/. Do not edit. -->"
_LISTS: dict[type[Decided], str] = {Organ: "organs", Limit: "limits", Mistake: "mistakes"}


def reference_pages(law: Law, scenarios: Sequence[Scenario]) -> dict[str, str]:
    """The pages by their path below the reference folder, each ending in one newline."""
    return _Reference(law, exercise(law, scenarios)).pages()


def changed_pages(pages: Mapping[str, str], folder: Path) -> list[str]:
    """The pages that a folder lacks, has otherwise, or has too many of, by path."""
    found = [
        name
        for name, page in pages.items()
        if not (folder / name).is_file() or (folder / name).read_text(encoding="utf-8") != page
    ]
    return sorted([*found, *_left_over(pages, folder)])


def write_pages(pages: Mapping[str, str], folder: Path) -> list[str]:
    """Bring a folder up to date; the pages written or removed. Other files are left alone."""
    changed = changed_pages(pages, folder)
    for name in changed:
        path = folder / name
        if name in pages:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(pages[name], encoding="utf-8")
        else:
            path.unlink()
    return changed


def _left_over(pages: Mapping[str, str], folder: Path) -> list[str]:
    """Pages written earlier that nothing stands behind any more."""
    return [
        name
        for path in folder.rglob("*.md")
        if (name := path.relative_to(folder).as_posix()) not in pages
        and path.read_text(encoding="utf-8").startswith(MARK)
    ]


@dataclass(frozen=True)
class Pinpoints:
    """How many pinpoints of an instrument are verified, and how many are not."""

    title: str
    link: str
    verified: int
    unverified: int

    @property
    def total(self) -> int:
        """All of them."""
        return self.verified + self.unverified


class _Reference:
    def __init__(self, law: Law, exercised: Exercised) -> None:
        self.law = law
        self.base = law.base
        self.exercised = exercised
        self.page = "index.md"

    def pages(self) -> dict[str, str]:
        base = self.base
        found: dict[str, tuple[str, dict[str, Any]]] = {
            "index.md": ("index", {}),
            "classifications.md": ("classifications", {}),
            "doctrines.md": ("doctrines", {}),
            "theorems.md": ("theorems", {"shapes": SHAPES}),
            "facts.md": ("facts", {}),
            "coverage.md": ("coverage", {}),
            "pinpoints.md": ("pinpoints", {}),
            "scenarios.md": ("scenarios", {}),
        }
        for item in base.classifications.values():
            if item.highway:
                found[f"highway_{item.id}.md"] = ("highway", {"page": self._highway(item)})
        for kind, name in _LISTS.items():
            records = [item for item in base.decided.values() if type(item) is kind]
            found[f"{name}.md"] = (name, {"records": records})
        for key, instrument in base.instruments.items():
            found[f"instruments/{key}.md"] = ("instrument", {"instrument": instrument})
        return {name: self._render(name, *found[name]) for name in sorted(found)}

    def _render(self, page: str, template: str, values: Mapping[str, Any]) -> str:
        self.page = page
        body = (
            _environment()
            .get_template(f"reference/{template}.md.j2")
            .render(ref=self, base=self.base, **values)
        )
        lines = "\n".join(line.rstrip() for line in f"{MARK}\n\n{body}".splitlines())
        return re.sub(r"\n{3,}", "\n\n", lines).strip() + "\n"

    def _highway(self, item: Classification) -> HighwayPage:
        scenarios = [one.scenario for one in self.exercised.outcomes]
        return highway_page(self.law, item, scenarios)

    # What the templates ask for.

    def to(self, page: str) -> str:
        """The way from the page being written to another, or to a file of the project."""
        return "../" * self.page.count("/") + page

    def source(self, key: str) -> str:
        """A link to the file in which a record stands."""
        file = self.base.places[key].file
        return f"[rules/{file}]({self.to(f'../../rules/{file}')})"

    def link(self, name: str, kind: str = "rule") -> str:
        """The link to a record, its id as the text."""
        home = self.home(name, kind)
        return f"[`{name}`]({'' if home == self.page else self.to(home)}#{anchor(name)})"

    def home(self, name: str, kind: str) -> str:
        """The page on which a record stands."""
        if kind == "rule":
            record = self.base.decided[name]
            if isinstance(record, Provision):
                return f"instruments/{record.of}.md" if record.article else "classifications.md"
            return f"{_LISTS[type(record)]}.md"
        return {"instrument": f"instruments/{name}.md"}.get(kind, f"{kind}s.md")

    def formula(self, name: str) -> str:
        """The condition of something decided, or of a claim, as a nested list."""
        term = self.base.terms.get(name) or self.base.claims[name]
        return "\n".join(formula(term, self.base, self.link))

    def outcome_formula(self, item: Classification, index: int) -> str:
        """The condition of an outcome."""
        return self.formula(outcome_id(item.id, index))

    def claims(self, theorem: Theorem) -> list[tuple[str, str]]:
        """The conditions of a theorem: what each is, and its formula."""
        words = {"given": "Given", "always": "always", "never": "never", "same": "the same as"}
        found = []
        for key in self.base.claims:
            name, _, part = key.rpartition("#")
            if name == theorem.id:
                found.append((words[part.partition(".")[0]], self.formula(key)))
        return found

    def named(self, name: str) -> str:
        """A link to a rule, a classification or a fact; a pattern or folder as it is."""
        if name in self.base.decided:
            return self.link(name)
        if name in self.base.classifications:
            return self.link(name, "classification")
        return self.link(name, "fact") if name in self.base.facts else f"`{name}`"

    def given(self, case: Case) -> str:
        """What a test states, in a table's cell."""
        stated = [f"{name}: {word(value)}" for name, value in case.given.items()]
        stated += [f"on a second row {name}: {word(value)}" for name, value in case.beside.items()]
        stated += [f"view {name}: {view}" for name, view in case.doctrine.items()]
        stated += ["nothing presumed"] if case.strict else []
        return text(", ".join(stated) or "nothing")

    def answer(self, case: Case) -> str:
        """The answer a test expects, with the level of an outcome where one is asked."""
        return f"{case.then} ({case.level})" if case.level else case.then

    def articles(self, instrument: Instrument) -> list[tuple[str, str, list[Provision]]]:
        """An instrument's articles in file order: number, title, provisions."""
        found: dict[str, list[Provision]] = {}
        for item in self.base.provisions():
            if item.of == instrument.key and item.article:
                found.setdefault(item.article, []).append(item)
        titles = self.base.articles
        return [(number, titles[f"{instrument.key}.{number}"], of) for number, of in found.items()]

    def sheet(self) -> list[Provision]:
        """The provisions that only add things up."""
        return [item for item in self.base.provisions() if not item.article]

    def cite(self, record: Decided) -> str:
        """The citation of a provision; of anything else nothing."""
        return self.base.citation(record) if isinstance(record, Provision) else ""

    @cached_property
    def readers(self) -> dict[str, list[str]]:
        """For each rule, fact and doctrine, the rules whose condition names it."""
        found: dict[str, list[str]] = {}
        for name in self.base.decided:
            parts = walk(self.base.terms[name])
            named = [one for part in parts if (one := _names(part))]
            for other in dict.fromkeys(named):
                found.setdefault(other, []).append(name)
        return found

    @cached_property
    def theorems(self) -> dict[str, list[str]]:
        """For each rule, the theorems that name it."""
        found: dict[str, list[str]] = {}
        for theorem in self.base.theorems.values():
            named = [*theorem.unchanged, *theorem.whatever]
            for key, term in self.base.claims.items():
                if key.rpartition("#")[0] == theorem.id:
                    named += [part.id for part in walk(term) if isinstance(part, Ref)]
            for other in dict.fromkeys(named):
                found.setdefault(other, []).append(theorem.id)
        return found

    @cached_property
    def feeds(self) -> dict[str, list[str]]:
        """For each rule, the classifications whose outcome rests on it."""
        found: dict[str, list[str]] = {}
        plan, names = self.law.plan, self.law.names
        for key, item in self.base.classifications.items():
            below = {
                names[index]
                for number in range(len(item.outcomes))
                for index in plan.below(plan.heads[outcome_id(key, number)])
                if index in names
            }
            for name in self.base.decided:
                if name in below:
                    found.setdefault(name, []).append(key)
        return found

    def matrix(self) -> list[tuple[Instrument, dict[str, int], int]]:
        """Each instrument with how many of its provisions each classification rests on."""
        rows = []
        for instrument in self.base.instruments.values():
            mine = [item for item in self.base.provisions() if item.of == instrument.key]
            counts = Counter(key for item in mine for key in self.feeds.get(item.id, ()))
            rows.append((instrument, dict(counts), len(mine)))
        return rows

    def pinpoints(self) -> list[Pinpoints]:
        """The verified and unverified pinpoints of each instrument, then of each list."""
        rows = []
        for instrument in self.base.instruments.values():
            mine = [item for item in self.base.provisions() if item.of == instrument.key]
            if mine:
                path = self.to(f"instruments/{instrument.key}.md")
                rows.append(_count(instrument.short, path, mine))
        loose = [item for item in self.base.provisions() if not item.of]
        rows.append(_count("Other sources", self.to("classifications.md"), loose))
        for kind, name in _LISTS.items():
            records = [item for item in self.base.decided.values() if type(item) is kind]
            rows.append(_count(name.capitalize(), self.to(f"{name}.md"), records))
        doctrines = list(self.base.doctrines.values())
        theorems = list(self.base.theorems.values())
        rows.append(_count("Theorems", self.to("theorems.md"), theorems))
        rows.append(_count("Contested points", self.to("doctrines.md"), doctrines))
        return [row for row in rows if row.total]

    def unverified(self) -> list[Decided]:
        """Everything decided whose pinpoints are not verified."""
        return [item for item in self.base.decided.values() if item.checked != "verified"]

    def contested_in(self, doctrine: str) -> list[str]:
        """The rules that a contested point is about: those marked, and those that read it."""
        marked = [item.id for item in self.base.decided.values() if item.contested == doctrine]
        return list(dict.fromkeys([*marked, *self.readers.get(doctrine, [])]))


def _names(part: Term) -> str:
    """What a part of a condition names: a rule, a fact or a doctrine; empty for an operator."""
    if isinstance(part, Ref):
        return part.id
    if isinstance(part, Test):
        return part.fact
    return part.doctrine if isinstance(part, View) else ""


def anchor(name: str) -> str:
    """The anchor of a record on its page."""
    return name.replace(" ", "-")


def _count(title: str, link: str, records: Sequence[Any]) -> Pinpoints:
    verified = sum(item.checked == "verified" for item in records)
    return Pinpoints(title, link, verified, len(records) - verified)


def _environment() -> Environment:
    needed("jinja2")
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("engine.report"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(md=text, anchor=anchor, word=word)
    return environment
