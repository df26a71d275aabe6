"""A sweep gives for every pattern what assessing that pattern gives."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import pytest
from click.testing import CliRunner

from cli import main
from engine.batch.columns import Options
from engine.batch.rows import row_of
from engine.batch.summary import count
from engine.batch.sweep import Sweep, read_vary
from engine.batch.writers import settle_ids
from engine.inference.law import Law
from engine.model.problem import InputError
from engine.rulebase.scenarios import check_scenario, shipped_scenarios
from engine.rulebase.source import Source, read_source

VARY = [
    "victim.child,means.deception,purpose.exploitation_intended",
    "serious.max_penalty_years=2,4",
]


@pytest.mark.parametrize("path", shipped_scenarios()[::9], ids=lambda path: path.stem)
def test_every_pattern_is_what_assess_says_of_it(law: Law, path: Path) -> None:
    document = read_source(path).value
    names = [
        "victim.child",
        "means.deception",
        "purpose.exploitation_intended",
        "serious.max_penalty_years",
    ]

    def strip(value: object) -> object:
        if isinstance(value, dict):
            return {key: strip(item) for key, item in value.items() if key not in names}
        return value

    bare = strip(document)
    assert isinstance(bare, dict)
    scenario = check_scenario(Source("x", document), law.base, law.reads)
    sweep = Sweep(scenario, read_vary(VARY, law, two_valued=False), law, Options())
    rows = [row for batch in sweep.batches() for row in settle_ids(batch, 1).to_pylist()]
    patterns = list(product(*[[True, False, None]] * 3, [2, 4]))
    assert len(rows) == len(patterns) == 54
    for row, pattern in list(zip(rows, patterns, strict=True))[::7]:
        facts = {**bare.get("facts", {}), **dict(zip(names, pattern, strict=True))}
        made = check_scenario(Source("x", {**bare, "facts": facts}), law.base, law.reads)
        wanted = row_of(made, law, Options())
        assert {key: row[key] for key in wanted if key != "id"} == {
            key: value for key, value in wanted.items() if key != "id"
        }
    for name in sweep.flips.labels:
        assert sum(sweep.flips.shares(name).values()) == pytest.approx(1)


def test_flips_count_the_pairs_that_differ_in_one_fact(law: Law) -> None:
    import numpy as np

    scenario = check_scenario(Source("x", {"id": "x"}), law.base, law.reads)
    varied = read_vary(["act.recruitment,victim.child"], law, two_valued=True)
    sweep = Sweep(scenario, varied, law, Options(contested=False))
    sweep.flips.codes["transnational_offence"] = np.array([0, 1, 0, 0], dtype=np.uint8)
    assert sweep.flips.flips("transnational_offence", 0) == 0.5
    assert sweep.flips.flips("transnational_offence", 1) == 0.5


@pytest.mark.parametrize("entry", ["nope", "victim.count", "victim.child=maybe", "forum.type=moon"])
def test_what_cannot_be_varied_is_said(law: Law, entry: str) -> None:
    with pytest.raises(InputError):
        read_vary([entry], law, two_valued=False)


def test_sweep_and_summary_from_the_command_line(law: Law, tmp_path: Path) -> None:
    path = str(shipped_scenarios()[-1])
    output, picture = tmp_path / "o.csv", tmp_path / "o.svg"
    found = CliRunner().invoke(
        main,
        [
            "sweep",
            path,
            "--vary",
            "victim.child,act.receipt",
            "-o",
            str(output),
            "--picture",
            str(picture),
        ],
    )
    assert found.exit_code == 0, found.output
    assert "9 patterns of 2 facts" in found.output
    assert picture.read_text().startswith("<?xml")
    counts = count(output, law.base)
    assert counts.rows == 9
    assert all(sum(found.values()) == 9 for found in counts.outcomes.values())
    drawn = CliRunner().invoke(main, ["summary", str(output), "--picture", str(tmp_path / "s.png")])
    assert drawn.exit_code == 0, drawn.output
    assert (tmp_path / "s.png").read_bytes().startswith(b"\x89PNG")
