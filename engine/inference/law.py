"""The law ready to decide: linked records, plan, compiled evaluator, treaty status.

A compiled law is cached under a key made of everything it follows from, so that a changed
rule, a new palermo or another Python never meets an old cache.
"""

from __future__ import annotations

import hashlib
import marshal
import os
import pickle
import stat
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from importlib import metadata
from pathlib import Path
from types import CodeType

from engine.inference.alternatives import alternatives, bars
from engine.inference.plan import Node, Plan, compile_plan
from engine.inference.planes import PlaneEvaluator, Schedule, code_of, generate, schedule
from engine.inference.rete import ReteEvaluator
from engine.inference.worlds import Worlds, worlds_of
from engine.model.frames import Frame
from engine.model.problem import InputError, nearest
from engine.model.records import Fact
from engine.rulebase.load import build_rules, digest_of, read_folders, shipped_rules
from engine.rulebase.rulebase import Rulebase
from engine.rulebase.treaty_status import TreatyStatus, load_treaty_status

_FORMAT = "1"


@dataclass
class Law:
    """Everything that one rule folder, with what is laid over it, says."""

    base: Rulebase
    plan: Plan
    order: Schedule
    code: CodeType
    status_folder: Path
    _worlds: dict[tuple[tuple[str, str], ...], Worlds] = field(default_factory=dict)

    @cached_property
    def evaluator(self) -> PlaneEvaluator:
        """The plane evaluator of this law."""
        return PlaneEvaluator(self.plan, self.order, self.code)

    @cached_property
    def rete(self) -> ReteEvaluator:
        """The rule-engine evaluator of this law. Only where ``rete.available()``."""
        return ReteEvaluator(self.plan)

    @cached_property
    def deciding(self) -> dict[str, tuple[dict[str, tuple[str, ...]], frozenset[str]]]:
        """By classification: which elements stand in for each, and which are bars."""
        return {
            name: (alternatives(self.base, item), bars(self.base, item))
            for name, item in self.base.classifications.items()
        }

    @cached_property
    def names(self) -> dict[int, str]:
        """The id decided at each head node."""
        return self.plan.names()

    @cached_property
    def status(self) -> TreatyStatus:
        """Who was bound by what."""
        return load_treaty_status(self.status_folder)

    @cached_property
    def stated_leaves(self) -> dict[Frame, dict[str, list[tuple[int, Node]]]]:
        """For each frame, the leaves that read each statable fact: true plane's slot, node."""
        found: dict[Frame, dict[str, list[tuple[int, Node]]]] = {frame: {} for frame in Frame}
        for fact, slot, node in self._fact_leaves():
            if not fact.derived:
                found[node.frame].setdefault(fact.id, []).append((slot, node))
        return found

    @cached_property
    def derived_leaves(self) -> dict[Frame, list[tuple[int, Node]]]:
        """For each frame, the leaves that follow from dates, treaties and actors."""
        found: dict[Frame, list[tuple[int, Node]]] = {frame: [] for frame in Frame}
        for fact, slot, node in self._fact_leaves():
            if fact.derived:
                found[node.frame].append((slot, node))
        return found

    def _fact_leaves(self) -> Iterator[tuple[Fact, int, Node]]:
        for index, node in enumerate(self.plan.nodes):
            if node.op == "fact":
                yield self.base.facts[str(node.param[0])], 2 * self.order.slots[index], node

    @cached_property
    def reads(self) -> dict[str, set[Frame]]:
        """Each fact that some rule reads, and the frames it is read in."""
        return self.plan.facts()

    def worlds(self, chosen: Mapping[str, str], strict: bool) -> Worlds:
        """The doctrine profiles to decide, with the ``chosen`` views in the headline.

        Raises ``InputError`` for a doctrine or view that does not exist.
        """
        for name, view in chosen.items():
            doctrine = self.base.doctrines.get(name)
            if doctrine is None:
                hint = nearest(name, self.base.doctrines) or "`palermo rules list` shows them"
                raise InputError.single("--doctrine", f"unknown doctrine {name}", hint)
            if view not in doctrine.views:
                hint = nearest(view, doctrine.views) or "views: " + ", ".join(doctrine.views)
                raise InputError.single("--doctrine", f"{name} has no view {view}", hint)
        key = (*sorted(chosen.items()), ("strict", str(strict)))
        if key not in self._worlds:
            self._worlds[key] = worlds_of(self.base, self.plan, chosen, strict)
        return self._worlds[key]


def load_law(root: Path | None = None, overlays: Sequence[Path] = (), *, cache: bool = True) -> Law:
    """The law of a rule folder (by default the shipped one) with ``overlays`` laid over it.

    Raises ``InputError`` listing every offence in the rules at once.
    """
    root = root or shipped_rules()
    folders = read_folders([root, *overlays])
    key = _key(digest_of(folders))
    place = cache_folder() if cache else None
    found = _fetch(place, key) if place else None
    if found is None:
        base = build_rules(folders)
        plan = compile_plan(base)
        order = schedule(plan)
        code = code_of(generate(plan, order))
        found = (base, plan, order, code)
        if place:
            _store(place, key, found)
    return Law(*found, root / "treaty_status")


_Compiled = tuple[Rulebase, Plan, Schedule, CodeType]


def version() -> str:
    """The version of palermo that runs."""
    try:
        return metadata.version("palermo")
    except metadata.PackageNotFoundError:
        return "0+unknown"


def _key(digest: str) -> str:
    own = hashlib.sha256()
    for path in sorted(Path(__file__).parent.parent.rglob("*.py")):
        own.update(path.read_bytes())
    parts = (_FORMAT, digest, version(), sys.version, own.hexdigest())
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def cache_folder() -> Path | None:
    """A folder that only this user can write; ``None`` where there is no such place."""
    if os.environ.get("PALERMO_NO_CACHE"):
        return None
    named = os.environ.get("PALERMO_CACHE") or os.environ.get("XDG_CACHE_HOME")
    try:
        home = Path(named) if named else Path.home() / ".cache"
        folder = home / "palermo"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = folder.stat()
    except (OSError, RuntimeError):
        return None
    if hasattr(os, "getuid") and found.st_uid != os.getuid():
        return None
    return None if found.st_mode & (stat.S_IWGRP | stat.S_IWOTH) else folder


def _fetch(folder: Path, key: str) -> _Compiled | None:
    path = folder / f"{key}.law"
    try:
        data = path.read_bytes()
        digest, body = data[:32], data[32:]
        if hashlib.sha256(body).digest() != digest:
            return None
        base, plan, order, code = pickle.loads(body)
        return base, plan, order, marshal.loads(code)
    except FileNotFoundError:
        return None
    except Exception:  # a damaged cache is no reason to fail: the rules are at hand
        return None


def _store(folder: Path, key: str, law: _Compiled) -> None:
    base, plan, order, code = law
    body = pickle.dumps((base, plan, order, marshal.dumps(code)), protocol=5)
    try:
        handle, name = tempfile.mkstemp(dir=folder, suffix=".tmp")
        with os.fdopen(handle, "wb") as file:
            file.write(hashlib.sha256(body).digest() + body)
        os.replace(name, folder / f"{key}.law")
        _prune(folder)
    except OSError:
        return


def _prune(folder: Path, keep: int = 8) -> None:
    """Drop all but the newest compiled laws."""
    files = sorted(folder.glob("*.law"), key=lambda path: path.stat().st_mtime, reverse=True)
    for path in files[keep:]:
        path.unlink(missing_ok=True)
