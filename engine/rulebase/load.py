"""Reads a rule folder, and folders laid over it, into records. All or nothing.

Layout of a rule folder: ``facts/ instruments/KEY/ classifications/ organs/ limits/ doctrines/
mistakes/ theorems/ treaty_status/``. The last is read by ``engine.rulebase.treaty_status``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import Any

from engine.model.frames import Frame
from engine.model.problem import InputError, Problem
from engine.model.records import (
    ArticleFile,
    ClassificationFile,
    Decided,
    Doctrine,
    Fact,
    FactFile,
    Instrument,
    Limit,
    Mistake,
    Organ,
    Provision,
    Theorem,
)
from engine.rulebase.link import link
from engine.rulebase.rulebase import Place, Rulebase
from engine.rulebase.source import Source, parse_source
from engine.rulebase.validate import validate

_Path = tuple[str | int, ...]
_ECHOES = ("unknown ", "no rule reads ")
_SINGLE: dict[str, type[Decided]] = {"organs": Organ, "limits": Limit, "mistakes": Mistake}


@dataclass
class Draft:
    """Records read so far, with the source and path of each, before they are linked."""

    base: Rulebase = field(default_factory=Rulebase)
    where: dict[str, tuple[Source, _Path]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    layer: dict[str, int] = field(default_factory=dict)


def shipped_rules() -> Path:
    """The rule folder that ships with palermo, wherever it is installed."""
    return Path(str(resources.files("rules")))


def rule_files(root: Path) -> list[tuple[str, Path]]:
    """The rule files below ``root`` as (name from the root, path), in a stable order."""
    found = [
        (path.relative_to(root).as_posix(), path)
        for path in sorted(root.rglob("*.yaml"))
        if not path.name.startswith(".")
    ]
    return [(name, path) for name, path in found if not name.startswith("treaty_status/")]


def read_folders(roots: Sequence[Path]) -> list[list[tuple[str, bytes]]]:
    """The bytes of every rule file, folder by folder. Raises ``InputError`` for a bad folder."""
    folders = []
    for index, root in enumerate(roots):
        if not root.is_dir():
            raise InputError.single(str(root), "no such rule folder")
        prefix = f"{root.name}/" if index else ""
        files = [(prefix + name, path.read_bytes()) for name, path in rule_files(root)]
        if not files:
            raise InputError.single(str(root), "no .yaml files in this rule folder")
        folders.append(files)
    return folders


def digest_of(folders: list[list[tuple[str, bytes]]]) -> str:
    """A SHA-256 over the names and contents of the rule files, in order."""
    total = hashlib.sha256()
    for files in folders:
        for name, data in files:
            total.update(f"{name}\0{len(data)}\0".encode())
            total.update(data)
    return total.hexdigest()


def build_rules(folders: list[list[tuple[str, bytes]]]) -> Rulebase:
    """Read and link the law. Raises ``InputError`` listing every offence at once."""
    draft = Draft()
    for layer, files in enumerate(folders):
        for name, data in files:
            try:
                source = parse_source(data, name)
            except InputError as error:
                draft.problems.extend(error.problems)
                continue
            _read_file(draft, source, name if layer == 0 else name.partition("/")[2], layer)
    _add_derived(draft.base)
    ordered = sorted(draft.base.classifications.items(), key=lambda item: item[1].number)
    draft.base.classifications = dict(ordered)
    found = link(draft.base, draft.where)
    if draft.problems:  # what could not be read is missing elsewhere: that is no fault of its own
        found = [item for item in found if not item.message.startswith(_ECHOES)]
    if draft.problems or found:
        raise InputError(draft.problems + found)
    draft.base.digest = digest_of(folders)
    return draft.base


def load_rules(root: Path | None = None, overlays: Sequence[Path] = ()) -> Rulebase:
    """The law of ``root`` (by default the shipped one) with ``overlays`` laid over it."""
    return build_rules(read_folders([root or shipped_rules(), *overlays]))


def _read_file(draft: Draft, source: Source, name: str, layer: int) -> None:
    folder, _, rest = name.partition("/")
    value = source.value
    if not isinstance(value, dict):
        draft.problems.append(source.problem((), "a rule file is a map of keys"))
    elif folder == "facts":
        group = validate(FactFile, source, value, (), draft.problems)
        if group:
            draft.base.groups[group.group] = group.title
            for index, fact in enumerate(group.facts):
                _add_fact(draft, source, index, fact.model_copy(update={"group": group.group}))
    elif folder == "instruments" and rest.endswith("/instrument.yaml"):
        instrument = validate(Instrument, source, value, (), draft.problems)
        if instrument:
            _add(draft, "instrument", instrument.key, instrument, source, (), layer)
    elif folder == "instruments":
        article = validate(ArticleFile, source, value, (), draft.problems)
        if article:
            draft.base.articles[f"{article.of}.{article.article}"] = article.title
            _add_provisions(draft, source, article.provisions, layer, article)
    elif folder == "classifications":
        sheet = validate(ClassificationFile, source, value, (), draft.problems)
        if sheet:
            _add_provisions(draft, source, sheet.provisions, layer, None)
            if sheet.classification:
                item = sheet.classification
                _add(draft, "classification", item.id, item, source, ("classification",), layer)
    elif folder in _SINGLE:
        record = validate(_SINGLE[folder], source, value, (), draft.problems)
        if record:
            _add(draft, "decided", record.id, record, source, (), layer)
    elif folder == "doctrines":
        doctrine = validate(Doctrine, source, value, (), draft.problems)
        if doctrine:
            _add(draft, "doctrine", doctrine.id, doctrine, source, (), layer)
    elif folder == "theorems":
        theorem = validate(Theorem, source, value, (), draft.problems)
        if theorem:
            _add(draft, "theorem", theorem.id, theorem, source, (), layer)
    else:
        what = f"the folder {folder}/" if rest else "a file outside its folders"
        draft.problems.append(source.problem((), f"{what} is not part of a rule folder"))


def _add_fact(draft: Draft, source: Source, index: int, fact: Fact) -> None:
    path: _Path = ("facts", index)
    if fact.id in draft.base.facts:
        draft.problems.append(source.problem((*path, "id"), f"the fact {fact.id} already exists"))
        return
    draft.base.facts[fact.id] = fact
    _mark(draft, fact.id, source, path)


def _add_provisions(
    draft: Draft,
    source: Source,
    provisions: tuple[Provision, ...],
    layer: int,
    article: ArticleFile | None,
) -> None:
    for index, provision in enumerate(provisions):
        if article:
            provision = provision.model_copy(
                update={
                    "of": article.of,
                    "article": article.article,
                    "pillar": provision.pillar or article.pillar,
                }
            )
        _add(draft, "decided", provision.id, provision, source, ("provisions", index), layer)


def _add(
    draft: Draft, kind: str, name: str, record: Any, source: Source, path: _Path, layer: int
) -> None:
    tables: dict[str, dict[str, Any]] = {
        "instrument": draft.base.instruments,
        "decided": draft.base.decided,
        "doctrine": draft.base.doctrines,
        "classification": draft.base.classifications,
        "theorem": draft.base.theorems,
    }
    table = tables[kind]
    key = name if kind == "decided" else f"{kind}:{name}"
    if name in table:
        older = draft.base.places[key]
        if draft.layer[key] == layer:
            message, hint = f"{name} is defined twice", f"first at {older.file}:{older.line}"
        elif not record.replaces:
            message = f"{name} is already part of the law below"
            hint = f"say `replaces: true` to put this in place of {older.file}:{older.line}"
        else:
            message = hint = ""
        if message:
            draft.problems.append(source.problem(path, message, hint))
            return
    elif record.replaces:
        draft.problems.append(source.problem(path, f"{name} replaces nothing", ""))
    table[name] = record
    draft.layer[key] = layer
    _mark(draft, key, source, path)


def _mark(draft: Draft, key: str, source: Source, path: _Path) -> None:
    draft.where[key] = (source, path)
    draft.base.places[key] = Place(source.file, source.place(path)[0])


def _add_derived(base: Rulebase) -> None:
    """The facts that follow from dates and treaty status and are never stated."""

    def add(name: str, scope: Frame, question: str, says: str) -> None:
        base.facts[name] = Fact(id=name, scope=scope, question=question, says=says, derived=True)

    add(
        "entered.actor",
        Frame.ACTOR,
        "Does the scenario name this actor?",
        "The scenario names this actor.",
    )
    for key, item in base.instruments.items():
        name = item.short
        if item.in_force:
            add(
                f"in_force.{key}",
                Frame.EPISODE,
                f"Was the {name} in force that day?",
                f"The {name} was in force that day.",
            )
        if item.parties:
            add(
                f"bound.{key}",
                Frame.DUTY,
                f"Was the State bound by the {name} that day?",
                f"The State was bound by the {name} that day.",
            )
            add(
                f"signed.{key}",
                Frame.DUTY,
                f"Had the State signed the {name} only?",
                f"The State had only signed the {name}.",
            )
        if item.declaration:
            add(
                f"accepted.{key}",
                Frame.DUTY,
                f"Had the State accepted the {name} by declaration for that day?",
                f"The State had accepted the {name} by declaration for that day.",
            )
