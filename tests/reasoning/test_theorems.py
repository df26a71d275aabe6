"""Theorems: proven ones hold on everything that can be tried, false ones fall to a scenario."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from engine.api import load_law
from engine.commands import assess as assess_command
from engine.commands import check
from engine.commands.shared import CHECK_FAILED, OK, guarded
from engine.inference import rete
from engine.inference.grounding import leaf_truth
from engine.inference.law import Law
from engine.inference.plan import Node
from engine.inference.single import Pair, run_single
from engine.model.conditions import Ref
from engine.model.problem import InputError
from engine.model.records import Fact, Theorem
from engine.model.truth import Truth
from engine.reasoning import theorems
from engine.reasoning.assess import assess
from engine.reasoning.family import Family
from engine.reasoning.patterns import Patterns, Shape
from engine.reasoning.smallest import Search
from engine.reasoning.theorems import SHAPES, Claim, Prover, Verdict, broken
from engine.rulebase.scenarios import parse_scenario, read_scenario, shipped_scenarios
from tests.reasoning.toy import laws
from tests.strategies import scenarios

ENGINE = "both" if rete.available() else "planes"
ONE = Shape(1, 1, 1)
TRIED = 5_000
"""The most fact patterns that brute force tries for one example."""

FALSE: dict[str, dict[str, Any]] = {
    "an attack is enough": {
        "per": "charge",
        "given": {"all": ["rome.7.attack", "rome.7.widespread"]},
        "always_outcome": {"crime_against_humanity": ["possible"]},
    },
    "smuggling is never all there is": {
        "per": "episode",
        "never_outcome": {"transnational_offence": ["smuggling_only"]},
    },
    "means never matter": {
        "per": "charge",
        "unchanged": ["palermo.3.a", "transnational_offence"],
        "whatever": ["means.*"],
    },
    "the border never matters to the treaty": {
        "per": "episode",
        "unchanged": ["transnational_offence"],
        "whatever": ["tn.*"],
    },
    "the Statute is all that binds": {
        "per": "duty",
        "given": "hr.violation_direct",
        "always": {"any": ["custom.norm", "bound.iccpr"]},
    },
    "who is bound never matters": {
        "per": "duty",
        "unchanged": ["human_rights_violation"],
        "whatever": ["bound.*"],
    },
    "a declaration never opens the Court": {
        "per": "charge",
        "given": {"every": {"duty": {"not": "bound.rome"}}},
        "never_outcome": {"icc_jurisdiction": ["yes", "available"]},
    },
    "vulnerability is no means on any view": {
        "per": "episode",
        "given": {"not": "means.vulnerability_abused"},
        "never": "palermo.3.a.apov",
        "doctrine": "any",
    },
    "one trafficker makes all traffickers": {
        "per": "episode",
        "given": "palermo.3.any",
        "always": {"every": {"charge": "palermo.3.a"}},
    },
    "nothing hangs on presumptions": {
        "per": "charge",
        "given": "cah.situation",
        "same": ["rome.7.population", "victim.civilian"],
    },
    "bodies engage on their own": {
        "per": "situation",
        "unchanged": ["un.unodc"],
        "whatever": ["instruments/palermo/"],
    },
}


def write(folder: Path, theorems: dict[str, dict[str, Any]]) -> Path:
    (folder / "theorems").mkdir(parents=True)
    for number, (name, body) in enumerate(theorems.items()):
        record = {"id": f"planted-{number}", "name": name, "cite": "none", "says": "Planted."}
        text = yaml.safe_dump({**record, **body})
        (folder / "theorems" / f"planted_{number}.yaml").write_text(text)
    return folder


@pytest.fixture(scope="module")
def verdicts(law: Law) -> dict[str, Verdict]:
    return {verdict.theorem.id: verdict for verdict in Prover(law).prove_all()}


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> tuple[Law, dict[str, Verdict]]:
    law = load_law(overlays=[write(tmp_path_factory.mktemp("planted"), FALSE)])
    names = [name for name in law.base.theorems if name.startswith("planted-")]
    found = {verdict.theorem.name: verdict for verdict in Prover(law).prove_all(names)}
    return law, found


def test_every_shipped_theorem_is_proven_for_every_shape(verdicts: dict[str, Verdict]) -> None:
    assert len(verdicts) >= 15
    for name, verdict in verdicts.items():
        assert verdict.status == "proven", (name, verdict)
        assert {proof.shape for proof in verdict.proofs} == set(SHAPES)


def test_most_shipped_theorems_need_the_rules_to_be_searched(
    verdicts: dict[str, Verdict],
) -> None:
    searched = [v for v in verdicts.values() if any(p.means == "search" for p in v.proofs)]
    assert len(searched) >= 12


@pytest.mark.parametrize("name", FALSE)
def test_a_false_theorem_is_refuted(
    name: str, planted: tuple[Law, dict[str, Verdict]], tmp_path: Path
) -> None:
    law, found = planted
    verdict = found[name]
    assert verdict.status == "refuted", verdict
    example = verdict.counterexample
    if example is None:
        assert verdict.chain[0] == "un.unodc"
        assert verdict.chain[-1].startswith("palermo.")
        return
    assert example.confirmed
    # What a user does: assess the files with the options that they name, on the shipped rules.
    for number, text in enumerate(example.scenarios):
        path = tmp_path / f"{number}.yaml"
        path.write_text(text)
        scenario = read_scenario(path, law.base, law.reads)
        for view in example.views.values():
            assert view in scenario.narrative
        assert ("--strict" in scenario.narrative) is example.strict
        assess(scenario, law, doctrine=example.views, strict=example.strict, engine=ENGINE)


def test_a_counterexample_shows_what_it_claims(planted: tuple[Law, dict[str, Verdict]]) -> None:
    law, found = planted
    example = found["an attack is enough"].counterexample
    assert example is not None
    done = assess(parse_scenario(example.scenarios[0], "it", law.base, law.reads), law)
    outcome = done.outcome(law.base.classifications["crime_against_humanity"])
    assert outcome is not None
    assert outcome.label != "possible"
    assert done.held("rome.7.attack")
    two = found["the border never matters to the treaty"].counterexample
    assert two is not None
    labels = set()
    for text in two.scenarios:
        done = assess(parse_scenario(text, "it", law.base, law.reads), law)
        outcome = done.outcome(law.base.classifications["transnational_offence"])
        assert outcome is not None
        labels.add(outcome.label)
    assert len(labels) == 2


def test_a_view_that_refutes_is_named(planted: tuple[Law, dict[str, Verdict]]) -> None:
    example = planted[1]["vulnerability is no means on any view"].counterexample
    assert example is not None
    assert example.views == {"organ_vulnerability": "broad_apov"}


def test_a_counterexample_may_need_two_actors(planted: tuple[Law, dict[str, Verdict]]) -> None:
    example = planted[1]["one trafficker makes all traffickers"].counterexample
    assert example is not None
    assert example.shape.actors == 2


def test_what_is_proven_to_be_enough_is_the_least_that_is(law: Law, tmp_path: Path) -> None:
    """Take any one condition away from a theorem on what is enough, and a scenario refutes it."""
    weaker: dict[str, dict[str, Any]] = {}
    for theorem in law.base.theorems.values():
        if not theorem.id.endswith("-sufficient"):
            continue
        assert isinstance(theorem.given, dict)
        parts = theorem.given["all"]
        claim = theorem.model_dump(exclude_defaults=True, mode="json")
        claim = {key: claim[key] for key in claim if key not in ("id", "name", "cite", "says")}
        for part in parts:
            rest = [one for one in parts if one != part]
            weaker[f"{theorem.id} without {part}"] = {**claim, "given": {"all": rest}}
    assert len(weaker) > 15
    planted = load_law(overlays=[write(tmp_path / "weaker", weaker)])
    names = [name for name in planted.base.theorems if name.startswith("planted-")]
    for verdict in Prover(planted).prove_all(names):
        assert verdict.status == "refuted", verdict
        assert verdict.counterexample is not None
        assert verdict.counterexample.confirmed


def test_a_law_without_the_purpose_loses_its_theorems(tmp_path: Path) -> None:
    folder = tmp_path / "instruments" / "palermo"
    folder.mkdir(parents=True)
    (folder / "article_03.yaml").write_text(
        """
article: "3"
of: palermo
title: The definition with its purpose left out
provisions:
  - id: palermo.3.a
    replaces: true
    cite: 3(a)
    name: Trafficking without a purpose
    stage: definition
    per: charge
    holds: {all: [palermo.3.a.act, palermo.3.a.means, part.intentional]}
"""
    )
    law = load_law(overlays=[tmp_path])
    found = {
        verdict.theorem.id: verdict
        for verdict in Prover(law).prove_all(
            [
                "trafficking-needs-purpose",
                "trafficking-elements",
                "child-no-means",
                "group-no-element",
            ]
        )
    }
    assert found["trafficking-needs-purpose"].status == "refuted"
    assert found["trafficking-elements"].status == "refuted"
    assert found["child-no-means"].status == "refuted"
    assert found["group-no-element"].status == "proven"
    for verdict in found.values():
        assert verdict.counterexample is None or verdict.counterexample.confirmed


def test_a_theorem_about_a_part_that_never_holds_is_not_proven(tmp_path: Path) -> None:
    theorem = {
        "a part that never holds": {
            "per": "charge",
            "never": {"all": ["victim.child", {"all": ["cah", {"not": "cah.situation"}]}]},
        }
    }
    law = load_law(overlays=[write(tmp_path / "nothing", theorem)])
    names = [name for name in law.base.theorems if name.startswith("planted-")]
    assert [verdict.status for verdict in Prover(law).prove_all(names)] == ["empty"]


def test_a_theorem_that_says_nothing_is_not_proven(tmp_path: Path) -> None:
    nothing = {
        "no pattern comes under it": {
            "per": "charge",
            "given": {"all": ["palermo.3.a", {"not": "palermo.3.a.act"}]},
            "never": "victim.child",
        },
        "what never varies": {
            "per": "charge",
            "given": {"all": ["rome.25.1"]},
            "unchanged": ["icc_jurisdiction"],
            "whatever": ["icc.sc_referral"],
        },
        "a label excluded already": {
            "per": "episode",
            "always": {"any": ["palermo.3.any", {"unless": "palermo.3.any"}]},
            "presumptions": "on",
            "given": {"any": ["victim.child", {"unless": "victim.child"}]},
        },
    }
    law = load_law(overlays=[write(tmp_path / "nothing", nothing)])
    names = [name for name in law.base.theorems if name.startswith("planted-")]
    for verdict in Prover(law).prove_all(names):
        assert verdict.status == "empty", verdict
        assert verdict.because


class Hurried(Search):
    """A search that gives up at once: on every question, or only on whether one can be met."""

    every = True

    def possible(self, *, seconds: float = 10.0) -> bool | None:
        return None

    def smallest(self, *, limit: int = 20_000, seconds: float = 10.0) -> Family:
        return Family((), complete=False) if self.every else super().smallest()

    def fewest(self, *, limit: int = 1_000, seconds: float = 10.0) -> Family:
        return Family((), complete=False) if self.every else super().fewest()


@pytest.mark.parametrize("every", [True, False])
def test_a_search_that_gives_up_proves_nothing(
    every: bool, law: Law, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(theorems, "Search", Hurried)
    monkeypatch.setattr(Hurried, "every", every)
    for verdict in Prover(law, seconds=1).prove_all(["trafficking-elements", "child-no-means"]):
        assert verdict.status == "open"
        assert "not decided within 1 s" in verdict.because
    assert guarded(check.command, ["--prove"]) == CHECK_FAILED
    out = capsys.readouterr().out
    assert "open, on every view: trafficking-elements" in out
    assert "not decided within 60 s" in out


def test_no_time_at_all_never_turns_a_false_theorem_into_a_proven_one(
    planted: tuple[Law, dict[str, Verdict]],
) -> None:
    law, _ = planted
    names = [name for name in law.base.theorems if name.startswith("planted-")]
    for verdict in Prover(law, seconds=0).prove_all(names):
        assert verdict.status in ("open", "refuted"), verdict


def test_the_command_writes_what_refutes_a_theorem(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rules = write(tmp_path / "rules", {"false": FALSE["means never matter"]})
    folder = tmp_path / "found"
    args = ["--prove", "--rules", str(rules), "--counterexamples", str(folder)]
    assert guarded(check.command, args) == CHECK_FAILED
    out = capsys.readouterr().out
    assert "refuted, on the default views: planted-0" in out
    assert "both evaluators confirm" in out
    files = sorted(folder.iterdir())
    assert [path.name for path in files] == [
        "counterexample-planted-0-a.yaml",
        "counterexample-planted-0-b.yaml",
    ]
    assert guarded(assess_command.command, [str(path) for path in files]) == OK


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"per": "charge"}, "claims nothing"),
        ({"per": "charge", "never": "palermo.3.aa"}, "unknown id palermo.3.aa"),
        ({"per": "charge", "never": "hr.norm"}, "out of sight"),
        ({"per": "charge", "never": "cah", "given": {"al": []}}, "al is not an operator"),
        ({"per": "charge", "same": ["cah"]}, "two conditions or more"),
        ({"per": "charge", "unchanged": ["cah"]}, "go together"),
        ({"per": "charge", "unchanged": ["ca"], "whatever": ["tn.*"]}, "unknown provision ca"),
        ({"per": "charge", "unchanged": ["cah"], "whatever": ["tm.*"]}, "nothing is called tm.*"),
        (
            {"per": "charge", "unchanged": ["human_rights_violation"], "whatever": ["tn.*"]},
            "out of sight",
        ),
        ({"per": "charge", "never_outcome": {"crime": ["met"]}}, "unknown classification crime"),
        (
            {"per": "episode", "never_outcome": {"transnational_offence": ["mett"]}},
            "is never mett (did you mean met?)",
        ),
        ({"per": "charge", "never": "cah", "doctrine": {"school": "x"}}, "unknown view school=x"),
        ({"per": "charge", "never": "cah", "mistakes": ["none"]}, "unknown mistake none"),
        ({"per": "charge", "never": "cah", "presumptions": "maybe"}, "presumptions: found"),
    ],
)
def test_a_theorem_that_cannot_be_meant_is_refused(
    body: dict[str, Any], message: str, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match=r"planted_0\.yaml") as caught:
        load_law(overlays=[write(tmp_path / "bad", {"bad": body})], cache=False)
    assert message in str(caught.value)


def test_no_shipped_scenario_breaks_a_theorem(law: Law) -> None:
    prover = Prover(law)
    tried = 0
    for path in shipped_scenarios():
        scenario = read_scenario(path, law.base, law.reads)
        for strict in (False, True):
            done = assess(scenario, prover.extended_law, strict=strict, engine="planes")
            for theorem in law.base.theorems.values():
                other = {"on": True, "off": False}.get(theorem.presumptions)
                fixed = isinstance(theorem.doctrine, dict) and theorem.doctrine
                if theorem.unchanged or fixed or other is strict:
                    continue
                for row in done.rows(theorem.per):
                    tried += 1
                    assert not broken(theorem, [done], row), (path.stem, theorem.id)
    assert tried > 1000


# Against trying every fact pattern of a small random law.


def values_of(fact: Fact, strict: bool) -> list[Any]:
    if fact.type == "tri":
        known = [True, False]
        return known if fact.presumed is not None and not strict else [*known, None]
    return [*fact.values, None] if fact.type == "choice" else [0, 1, 2, 3, None]


def truth_of(node: Node, value: Any, fact: Fact, strict: bool) -> Truth:
    if value is None and fact.type == "tri" and not strict:
        return Truth.of(fact.presumed)
    return leaf_truth(value, node)


def every_pattern(
    law: Law, roots: list[int], *, strict: bool, apart: bool
) -> Iterator[tuple[dict[Any, Any], list[Truth]]]:
    """Each way to answer what the roots rest on, and the values of the roots."""
    plan, base = law.plan, law.base
    cone = sorted({index for root in roots for index in plan.below(root)})
    keys: dict[Any, list[Any]] = {}
    for index in cone:
        node = plan.nodes[index]
        if node.op == "fact":
            fact = base.facts[str(node.param[0])]
            keys[(fact.id, node.frame if apart else None)] = values_of(fact, strict)
    total = 1
    for values in keys.values():
        total *= len(values)
    assume(total <= TRIED)
    patterns = [dict(zip(keys, chosen, strict=True)) for chosen in product(*keys.values())]
    leaves: dict[int, Pair] = {}
    for index in cone:
        node = plan.nodes[index]
        if node.op not in ("fact", "view"):
            continue
        true = false = 0
        for world, pattern in enumerate(patterns):
            if node.op == "view":
                doctrine = base.doctrines[str(node.param[0])]
                truth = Truth.of(doctrine.default == node.param[1])
            else:
                fact = base.facts[str(node.param[0])]
                value = pattern[(fact.id, node.frame if apart else None)]
                truth = truth_of(node, value, fact, strict)
            true |= (truth is Truth.HOLDS) << world
            false |= (truth is Truth.FAILS) << world
        leaves[index] = (true, false)
    values_found = run_single(plan, leaves, {}, 0 if strict else (1 << len(patterns)) - 1)
    for world, pattern in enumerate(patterns):
        found = []
        for root in roots:
            held, failed = values_found[root]
            found.append(
                Truth.HOLDS
                if held >> world & 1
                else Truth.FAILS
                if failed >> world & 1
                else Truth.UNKNOWN
            )
        yield pattern, found


def planted_in(law: Law, theorem: Theorem) -> Theorem:
    law.base.theorems[theorem.id] = theorem
    for key in ("given", "always", "never"):
        if getattr(theorem, key) is not None:
            law.base.claims[f"{theorem.id}#{key}"] = Ref(getattr(theorem, key))
    return theorem


def theorem_of(law: Law, **body: Any) -> Theorem:
    words = {"id": "it", "name": "It", "cite": "?", "says": "?"}
    return planted_in(law, Theorem.model_validate({**words, **body}))


@given(st.data())
@settings(max_examples=150)
def test_a_search_finds_a_pattern_exactly_when_there_is_one(data: st.DataObject) -> None:
    law = data.draw(laws())
    strict, apart = data.draw(st.booleans()), data.draw(st.booleans())
    rules = list(law.base.decided.values())
    one = data.draw(st.sampled_from(rules))
    two = data.draw(st.sampled_from([rule for rule in rules if one.per.sees(rule.per)]))
    roots = [law.plan.heads[one.id], law.plan.heads[two.id]]
    seen = list(every_pattern(law, roots, strict=strict, apart=apart))
    for form in ("never", "always"):
        theorem = theorem_of(law, per=one.per, given=one.id, **{form: two.id})
        broken = any(
            first is Truth.HOLDS and (second is Truth.HOLDS) is (form == "never")
            for _, (first, second) in seen
        )
        prover = Prover(law)
        patterns = Patterns(
            law.base,
            prover.plan,
            ONE,
            views={"school": "one"},
            strict=strict,
            apart=apart,
        )
        claim = Claim(law, theorem, patterns)
        assert claim.sat(claim.against, 10) is broken
        law.base.claims.clear()


@given(st.data())
@settings(max_examples=150)
def test_what_a_rule_rests_on_is_found_by_comparing_patterns(data: st.DataObject) -> None:
    law = data.draw(laws())
    strict = data.draw(st.booleans())
    rule = data.draw(st.sampled_from(list(law.base.decided.values())))
    facts = [name for name, fact in law.base.facts.items() if rule.per.sees(fact.scope)]
    varied = data.draw(st.lists(st.sampled_from(facts), min_size=1, max_size=3, unique=True))
    theorem = theorem_of(law, per=rule.per, unchanged=[rule.id], whatever=varied)
    rest: dict[Any, set[Truth]] = {}
    for pattern, (found,) in every_pattern(
        law, [law.plan.heads[rule.id]], strict=strict, apart=True
    ):
        fixed = tuple(value for (name, _), value in pattern.items() if name not in varied)
        rest.setdefault(fixed, set()).add(found)
    patterns = Patterns(
        law.base, Prover(law).plan, ONE, views={"school": "one"}, strict=strict, apart=True
    )
    claim = Claim(law, theorem, patterns)
    assert claim.sat(claim.against, 10) is any(len(found) > 1 for found in rest.values())


@given(st.data())
@settings(max_examples=60)
def test_a_refuted_theorem_has_a_scenario_and_a_proven_one_has_none(data: st.DataObject) -> None:
    law = data.draw(laws())
    rules = list(law.base.decided.values())
    one = data.draw(st.sampled_from(rules))
    two = data.draw(st.sampled_from([rule for rule in rules if one.per.sees(rule.per)]))
    theorem = theorem_of(law, per=one.per, given=one.id, always=two.id)
    verdict = Prover(law).prove(theorem)
    if verdict.status == "refuted":
        assert verdict.counterexample is not None
        assert verdict.counterexample.confirmed
    elif verdict.status in ("proven", "empty"):
        for _ in range(20):
            scenario = data.draw(scenarios(law.base))
            for strict in (False, True):
                done = assess(scenario, law, strict=strict, engine="planes")
                for row in done.rows(one.per):
                    if done.provision(one.id, row) is Truth.HOLDS:
                        seen = done.case.layout.related(one.per, row, two.per)[0]
                        assert done.provision(two.id, seen) is Truth.HOLDS
