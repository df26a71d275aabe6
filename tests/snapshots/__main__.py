"""Rewrite every snapshot: ``python -m tests.snapshots``."""

from __future__ import annotations

from engine.inference.law import load_law
from engine.rulebase.scenarios import shipped_scenarios
from tests.snapshots import FOLDER, explanation, snapshot

law = load_law()
paths = shipped_scenarios()
for path in paths:
    snapshot(path).write_text(explanation(path, law), encoding="utf-8")
kept = {snapshot(path) for path in paths}
for stale in set(FOLDER.glob("*.txt")) - kept:
    stale.unlink()
print(f"{len(kept)} explanations written to {FOLDER}")
