"""What the commands that search for changes share."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from engine.commands.shared import law_of, pairs_of
from engine.inference.law import Law
from engine.model.reasons import Piece
from engine.reasoning.assess import Assessment, Engine, assess
from engine.rulebase.scenarios import read_scenario


def starting_point(
    file: Path,
    overlays: tuple[Path, ...],
    doctrines: tuple[str, ...],
    *,
    strict: bool,
    engine: Engine = "planes",
) -> Assessment:
    """The scenario of a file, assessed. Raises ``InputError``."""
    law, chosen = law_of(overlays), pairs_of("--doctrine", doctrines)
    return assessed(file, law, chosen, strict=strict, engine=engine)


def assessed(
    file: Path, law: Law, chosen: Mapping[str, str], *, strict: bool, engine: Engine = "planes"
) -> Assessment:
    """The scenario of a file under a law that is loaded. Raises ``InputError``."""
    scenario = read_scenario(file, law.base, law.reads)
    return assess(scenario, law, doctrine=chosen, strict=strict, engine=engine)


def as_json(answer: Piece) -> str:
    """An answer as JSON text."""
    return answer.model_dump_json(indent=2)
