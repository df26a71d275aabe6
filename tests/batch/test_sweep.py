"""A sweep gives for every pattern what assessing that pattern gives."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from itertools import product
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner

from cli import main
from engine.batch.columns import Options
from engine.batch.rows import row_of
from engine.batch.sweep import Flips, Sweep, read_vary
from engine.batch.writers import settle_ids
from engine.inference.law import Law
from engine.model.problem import InputError
from engine.rulebase.scenarios import check_scenario, shipped_scenarios
from engine.rulebase.source import Source, read_source
from tests.batch.samples import document, stated

MORE = int(os.environ.get("PALERMO_FUZZ", "1"))
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
    varied = read_vary(VARY, scenario, law, two_valued=False)
    sweep = Sweep(scenario, varied, law, Options())
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
    varied = read_vary(["act.recruitment,victim.child"], scenario, law, two_valued=True)
    flips = Flips(varied, {"one": ["no", "yes"], "other": ["a", "b", "c"]})
    flips.codes = np.zeros(4, dtype=np.uint8)
    flips.put(0, [np.array([0, 1]), np.array([2, 2])])
    flips.put(2, [np.array([0, 0]), np.array([0, 2])])
    assert [flips.flips("one", number) for number in (0, 1)] == [0.5, 0.5]
    assert [flips.flips("other", number) for number in (0, 1)] == [0.5, 0.5]
    assert flips.shares("one") == {"no": 0.75, "yes": 0.25}
    assert flips.shares("other") == {"a": 0.25, "c": 0.75}


@pytest.mark.parametrize(
    ("entry", "says"),
    [
        ("nope", "no fact nope"),
        ("act.recrutment", "did you mean act.recruitment"),
        ("victim.count", "say which"),
        ("victim.child=maybe", "expected true, false"),
        ("forum.type=moon", "expected one of"),
        ("victim.child,victim.child", "twice"),
        ("victim.child=true,true", "twice"),
        ("victim.child@nowhere", "cannot be stated for nowhere"),
        ("", "no fact to vary"),
    ],
)
def test_what_cannot_be_varied_is_said(law: Law, entry: str, says: str) -> None:
    scenario = check_scenario(Source("x", {"id": "x"}), law.base, law.reads)
    with pytest.raises(InputError, match=says):
        read_vary([entry], scenario, law, two_valued=False)


def two_parts(law: Law) -> dict[str, Any]:
    return {
        "id": "x",
        "facts": {"act.recruitment": True, "purpose.exploitation_intended": True},
        "actors": {"a": {"facts": {"part.intentional": True}}, "b": {}},
        "states": {"ALAND": {"facts": {}}, "BORUNIA": {"facts": {"state.discriminated": True}}},
        "episodes": {"e1": {"facts": {"victim.child": True}}, "e2": {}},
    }


def test_a_fact_varied_in_one_place_stays_as_it_is_elsewhere(law: Law) -> None:
    document = two_parts(law)
    scenario = check_scenario(Source("x", document), law.base, law.reads)
    entries = ["state.discriminated@ALAND,victim.child@e2", "part.intentional@b=true,false"]
    varied = read_vary(
        ["state.discriminated@ALAND=true,false", "victim.child@e2=true,false", entries[1]],
        scenario,
        law,
        two_valued=False,
    )
    sweep = Sweep(scenario, varied, law, Options())
    rows = [row for batch in sweep.batches() for row in settle_ids(batch, 1).to_pylist()]
    patterns = list(product([True, False], repeat=3))
    assert len(rows) == len(patterns)
    for row, (state, child, part) in zip(rows, patterns, strict=True):
        made = two_parts(law)
        made["states"]["ALAND"]["facts"]["state.discriminated"] = state
        made["episodes"]["e2"]["facts"] = {"victim.child": child}
        made["actors"]["b"]["facts"] = {"part.intentional": part}
        wanted = row_of(check_scenario(Source("x", made), law.base, law.reads), law, Options())
        assert {key: row[key] for key in wanted if key != "id"} == {
            key: value for key, value in wanted.items() if key != "id"
        }
    unknown = read_vary([entries[0]], scenario, law, two_valued=False)
    with pytest.raises(InputError, match="cannot be unknown"):
        Sweep(scenario, unknown, law, Options())


@pytest.mark.slow
def test_sweeps_of_random_facts_are_what_assess_says(law: Law) -> None:
    """A few random sweeps normally, many under ``make fuzz``."""
    rng = random.Random(31)
    swept = 0
    for number in range(8 * MORE):
        made = document(rng, law, number)
        try:
            scenario = check_scenario(Source("x", made), law.base, law.reads)
        except InputError:
            continue
        facts = rng.sample([fact for fact in stated(law) if fact.type != "integer"], 4)
        varied = read_vary(
            [fact.id for fact in facts], scenario, law, two_valued=rng.random() < 0.5
        )
        options = Options(provisions=True, strict=rng.random() < 0.5)
        try:
            sweep = Sweep(scenario, varied, law, options)
        except InputError:  # an unknown below the top
            continue
        rows = [row for batch in sweep.batches() for row in settle_ids(batch, 1).to_pylist()]
        patterns = list(product(*(vary.values for vary in varied)))
        for place in rng.sample(range(len(rows)), 3):
            bare = _without(made, {fact.id for fact in facts})
            bare["facts"] |= {v.fact: x for v, x in zip(varied, patterns[place], strict=True)}
            one = check_scenario(Source("x", bare), law.base, law.reads)
            wanted = row_of(one, law, options) | {"id": str(place + 1)}
            assert {name: rows[place][name] for name in wanted} == wanted
        swept += 1
    assert swept


def _without(value: Any, names: set[str]) -> Any:
    if isinstance(value, dict):
        return {key: _without(item, names) for key, item in value.items() if key not in names}
    return value


def test_a_large_sweep_is_streamed_in_bounded_memory(tmp_path: Path) -> None:
    """Two and three million patterns differ by little more than the million bytes of outcomes."""
    code = (
        "import resource, sys\n"
        "from cli import main\n"
        "main(sys.argv[1:], standalone_mode=False)\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, file=sys.stderr)\n"
    )
    names = "act.recruitment act.receipt act.harbouring means.deception means.abduction "
    names += "victim.child purpose.exploitation_intended att.widespread att.systematic"
    peaks = []
    for more in ([], ["--vary", "serious.max_penalty_years=1,2,3,4,5,6,7,8,9,10"]):
        vary = ["--vary", names.replace(" ", ","), *more]
        found = subprocess.run(
            [sys.executable, "-c", code, "sweep", str(shipped_scenarios()[-1]), *vary],
            capture_output=True,
            text=True,
            check=True,
        )
        peaks.append(int(found.stderr.split()[-1]))
    assert "196,830 patterns of 10 facts" in found.stdout
    assert peaks[1] - peaks[0] < 40_000


def test_pictures_say_everything_in_words(law: Law, tmp_path: Path) -> None:
    path = next(str(p) for p in shipped_scenarios() if p.stem == "the-kind-uncle")
    vary = ["--vary", "victim.child,means.deception"]
    found = CliRunner().invoke(main, ["sweep", path, *vary, "--picture", str(tmp_path / "s.svg")])
    assert found.exit_code == 0, found.output
    root = ElementTree.parse(tmp_path / "s.svg").getroot()
    space = "{http://www.w3.org/2000/svg}"
    assert root.get("role") == "img"
    assert "9 patterns of 2 facts" in str(root.findtext(f"{space}title"))
    told = str(root.findtext(f"{space}desc"))
    for item in law.base.classifications.values():
        assert item.name in told
    assert "victim.child" in told
    again = tmp_path / "again.svg"
    CliRunner().invoke(main, ["sweep", path, *vary, "--picture", str(again)])
    assert again.read_bytes() == (tmp_path / "s.svg").read_bytes()


def test_sweep_and_summary_as_json(tmp_path: Path) -> None:
    path, output = str(shipped_scenarios()[-1]), tmp_path / "o.parquet"
    command = ["sweep", path, "--vary", "victim.child", "-o", str(output), "--format", "json"]
    swept = json.loads(CliRunner().invoke(main, command).output)
    assert swept["patterns"] == 3
    assert swept["varied"] == {"victim.child": ["true", "false", "unknown"]}
    command = ["summary", str(output), "--format", "json"]
    summed = json.loads(CliRunner().invoke(main, command).output)
    assert summed["rows"] == 3
    for name, shares in swept["shares"].items():
        counts = {label: round(3 * share) for label, share in shares.items()}
        assert counts == summed["outcomes"][name]
