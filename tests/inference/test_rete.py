"""The rule engine answers as the planes and the naive evaluator do, whatever the order."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from itertools import count
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.inference import rete, rete_rules, rete_session
from engine.inference.layout import Layout
from engine.inference.plan import LEAVES, Node, Plan
from engine.inference.planes import PlaneEvaluator
from engine.inference.rete import Place, Reasoning, ReteEvaluator, RuleEngineError
from engine.inference.rete_rules import Sheet, compile_rules
from engine.inference.rete_session import Matcher, literal_name
from engine.model.frames import Frame
from engine.model.problem import InputError
from engine.model.truth import Truth
from tests.naive import naive_values

needs_rules = pytest.mark.skipif(not rete.available(), reason=rete.why_unavailable())
# On Python 3.12 durable_rules warns at every firing, and pytest would keep each warning.
pytestmark = pytest.mark.filterwarnings("ignore:.*utcfromtimestamp:DeprecationWarning")
FRAMES = list(Frame)


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    plan = Plan()
    for frame in FRAMES:
        for number in range(draw(st.integers(1, 4))):
            plan.nodes.append(Node("fact", frame, (), (f"{frame.value}.{number}",)))
    plan.nodes.append(Node("view", Frame.SITUATION, (), ("school", "one")))
    frames = draw(st.lists(st.sampled_from(FRAMES), min_size=1, max_size=4))
    for _ in range(draw(st.integers(1, 25))):
        frame = draw(st.sampled_from(frames))
        op = draw(
            st.sampled_from(["all", "any", "all", "any", "count", "not", "unless", "some", "every"])
        )
        # Most gates read recent nodes, so that the plan grows deep.
        seen = [i for i, node in enumerate(plan.nodes) if frame.sees(node.frame)][::-1]
        if op in ("some", "every"):
            over = draw(st.sampled_from(FRAMES))
            inner = [i for i, node in enumerate(plan.nodes) if node.frame is over][::-1]
            node = Node(op, frame, (draw(st.sampled_from(inner)),), (over.value,))
        elif op in ("not", "unless"):
            node = Node(op, frame, (draw(st.sampled_from(seen)),))
        else:
            args = draw(st.lists(st.sampled_from(seen), min_size=1, max_size=11))
            needed = (draw(st.integers(1, len(args))),) if op == "count" else ()
            node = Node(op, frame, tuple(args), needed)
        plan.nodes.append(node)
    return plan


@st.composite
def layouts(draw: st.DrawFn) -> Layout:
    sizes = [draw(st.integers(low, 3)) for low in (1, 1, 0)]
    every = Layout(*sizes).rows[Frame.CHARGE]
    if draw(st.booleans()):
        return Layout(*sizes)
    return Layout(*sizes, tuple(row for row in every if draw(st.booleans())))


def leaves(plan: Plan, layout: Layout, seed: int) -> dict[Place, Truth]:
    """Random leaves, drawn outside hypothesis: there are too many to shrink one by one."""
    chance = random.Random(seed)
    known = chance.choice([0.2, 0.5, 0.8, 1.0])
    return {
        (node.frame, row, index): Truth.of(chance.random() < 0.5)
        for index, node in enumerate(plan.nodes)
        if node.op in LEAVES
        for row in range(len(layout.rows[node.frame]))
        if node.op == "view" or chance.random() < known
    }


def by_planes(
    plan: Plan, layout: Layout, world: dict[Place, Truth], lenient: bool
) -> dict[Place, Truth]:
    evaluator = PlaneEvaluator(plan)
    values = evaluator.blank(layout)
    for (_, row, index), truth in world.items():
        evaluator.put(values, row, index, int(truth is Truth.HOLDS), int(truth is Truth.FAILS))
    evaluator.run(layout, values, int(lenient))
    found = {}
    for index, node in enumerate(plan.nodes):
        for row in range(len(layout.rows[node.frame])):
            true, false = evaluator.get(values, row, index)
            assert not true & false & 1
            value = True if true & 1 else False if false & 1 else None
            found[(node.frame, row, index)] = Truth.of(value)
    return found


@given(plans(), layouts(), st.integers(0, 2**32))
@settings(max_examples=250)
def test_the_planes_agree_with_the_naive_evaluator(plan: Plan, layout: Layout, seed: int) -> None:
    world = leaves(plan, layout, seed)
    for lenient in (False, True):
        naive = naive_values(plan, layout, world, lenient)
        assert by_planes(plan, layout, world, lenient) == naive


@needs_rules
@given(plans(), layouts(), st.integers(0, 2**32))
@settings(max_examples=250)
def test_three_evaluators_agree_on_every_node_of_every_row(
    plan: Plan, layout: Layout, seed: int
) -> None:
    evaluator = ReteEvaluator(plan)
    world = leaves(plan, layout, seed)
    for lenient in (False, True):
        naive = naive_values(plan, layout, world, lenient)
        assert evaluator.run(layout, world, lenient=lenient).truth == naive
        assert by_planes(plan, layout, world, lenient) == naive


@needs_rules
@given(plans(), layouts(), st.integers(0, 2**32))
def test_the_order_of_assertion_changes_neither_answers_nor_reasons(
    plan: Plan, layout: Layout, seed: int
) -> None:
    evaluator = ReteEvaluator(plan)
    world = leaves(plan, layout, seed)
    plain = evaluator.run(layout, world, lenient=True)
    for shuffle in range(3):
        other = evaluator.run(layout, world, lenient=True, shuffle=shuffle)
        assert other.truth == plain.truth
        assert other.firings == plain.firings


@needs_rules
@given(plans(), layouts(), st.integers(0, 2**32), st.booleans())
def test_every_gate_decided_has_premises_that_suffice_alone(
    plan: Plan, layout: Layout, seed: int, lenient: bool
) -> None:
    reasoning = ReteEvaluator(plan).run(layout, leaves(plan, layout, seed), lenient=lenient)
    decided = {
        (frame, row, index, truth)
        for (frame, row, index), truth in reasoning.truth.items()
        if truth.known and plan.nodes[index].op not in LEAVES
    }
    assert reasoning.firings.keys() == decided
    for (frame, row, index, truth), premises in reasoning.firings.items():
        node = plan.nodes[index]
        known = {(number, other): value for _, other, number, value in premises}
        for of, other, number, value in premises:
            assert number in node.args
            assert reasoning.truth[(of, other, number)] is value
            assert other in layout.related(frame, row, of)
        parts = [
            known.get((arg, other), Truth.UNKNOWN)
            for arg in node.args
            for other in layout.related(frame, row, plan.nodes[arg].frame)
        ]
        assert decide(node, parts, lenient) is truth


def decide(node: Node, parts: list[Truth], lenient: bool) -> Truth:
    if node.op == "unless" and lenient and parts == [Truth.UNKNOWN]:
        return Truth.HOLDS
    if node.op in ("not", "unless"):
        return parts[0].negate()
    if node.op == "count":
        return Truth.at_least(int(node.param[0]), parts)
    return (Truth.all if node.op in ("all", "every") else Truth.any)(parts)


# A charge is made out by act, means (or a child) and purpose, unless the actor was compelled.
ACT, FORCE, CHILD, PURPOSE, COMPELLED, MEANS, ELEMENTS, FREE, GUILTY, ANYONE = range(10)
STORY = Plan(
    [
        Node("fact", Frame.EPISODE, (), ("act",)),
        Node("fact", Frame.EPISODE, (), ("force",)),
        Node("fact", Frame.SITUATION, (), ("child",)),
        Node("fact", Frame.CHARGE, (), ("purpose",)),
        Node("fact", Frame.ACTOR, (), ("compelled",)),
        Node("any", Frame.EPISODE, (FORCE, CHILD)),
        Node("all", Frame.CHARGE, (ACT, MEANS, PURPOSE)),
        Node("unless", Frame.ACTOR, (COMPELLED,)),
        Node("all", Frame.CHARGE, (ELEMENTS, FREE)),
        Node("some", Frame.SITUATION, (GUILTY,), ("charge",)),
    ]
)
CHARGED: dict[Place, Truth] = {
    (Frame.EPISODE, 0, ACT): Truth.HOLDS,
    (Frame.SITUATION, 0, CHILD): Truth.HOLDS,
    (Frame.CHARGE, 0, PURPOSE): Truth.HOLDS,
}


def story(world: dict[Place, Truth] = CHARGED, *, lenient: bool = True) -> Reasoning:
    return ReteEvaluator(STORY).run(Layout(1, 1, 0), world, lenient=lenient)


@needs_rules
def test_the_record_shows_what_each_conclusion_rests_on() -> None:
    firings = story().firings
    assert firings[(Frame.SITUATION, 0, ANYONE, Truth.HOLDS)] == (
        (Frame.CHARGE, 0, GUILTY, Truth.HOLDS),
    )
    assert firings[(Frame.CHARGE, 0, ELEMENTS, Truth.HOLDS)] == (
        (Frame.EPISODE, 0, ACT, Truth.HOLDS),
        (Frame.EPISODE, 0, MEANS, Truth.HOLDS),
        (Frame.CHARGE, 0, PURPOSE, Truth.HOLDS),
    )
    assert firings[(Frame.EPISODE, 0, MEANS, Truth.HOLDS)] == (
        (Frame.SITUATION, 0, CHILD, Truth.HOLDS),
    )


@needs_rules
def test_an_exception_nobody_showed_is_recorded_as_an_assumption() -> None:
    assumed = (Frame.ACTOR, 0, FREE, Truth.HOLDS)
    assert story().firings[assumed] == ((Frame.ACTOR, 0, COMPELLED, Truth.UNKNOWN),)
    assert assumed not in story(lenient=False).firings
    assert story(lenient=False).truth[(Frame.SITUATION, 0, ANYONE)] is Truth.UNKNOWN


@needs_rules
def test_an_exception_shown_defeats() -> None:
    reasoning = story({**CHARGED, (Frame.ACTOR, 0, COMPELLED): Truth.HOLDS})
    assert reasoning.truth[(Frame.SITUATION, 0, ANYONE)] is Truth.FAILS
    assert reasoning.firings[(Frame.CHARGE, 0, GUILTY, Truth.FAILS)] == (
        (Frame.ACTOR, 0, FREE, Truth.FAILS),
    )


def wide(op: str, size: int, *param: int) -> Plan:
    facts = [Node("fact", Frame.STATE, (), (f"f{n}",)) for n in range(size)]
    return Plan([*facts, Node(op, Frame.STATE, tuple(range(size)), param)])


@pytest.mark.parametrize("op", ["all", "any", "count"])
def test_no_rule_has_more_than_three_patterns_however_wide_the_gate(op: str) -> None:
    for size in (1, 2, 3, 4, 9, 10, 28, 50):
        for step in compile_rules(wide(op, size, min(3, size))):
            assert isinstance(step, Sheet)
            for rule in step.rules:
                assert 1 <= len(rule.premises) <= 3
                assert len(set(rule.premises)) == len(rule.premises)
                assert rule.conclusion // 2 >= step.inputs


@needs_rules
@pytest.mark.parametrize("op", ["all", "any", "count"])
def test_a_gate_of_fifty_parts_turns_on_the_last_of_them(op: str) -> None:
    plan, layout = wide(op, 50, 4), Layout(1, 1, 1)
    evaluator = ReteEvaluator(plan)
    for most, last in ((True, True), (True, False), (False, True), (False, False)):
        for others in (0, 1, 2, 3, 4, 45, 46, 47, 49):
            world = {
                (Frame.STATE, 0, n): Truth.of(most if n >= others else not most) for n in range(50)
            }
            world[(Frame.STATE, 0, 49)] = Truth.of(last)
            del world[(Frame.STATE, 0, 20)]
            naive = naive_values(plan, layout, world, lenient=False)
            assert evaluator.run(layout, world, lenient=False).truth == naive


def test_a_gate_too_wide_for_the_engine_is_refused_in_plain_words() -> None:
    plan = wide("any", 300)
    plan.heads["some.provision"] = 300
    with pytest.raises(InputError, match=r"some\.provision: any of 300 is too wide .*split it"):
        compile_rules(plan)


@pytest.mark.parametrize("needed", [0, 4])
def test_a_count_out_of_reach_is_refused(needed: int) -> None:
    with pytest.raises(ValueError, match=f"needs {needed} of 3"):
        compile_rules(wide("count", 3, needed))


def test_sheets_keep_every_limit_of_the_engine() -> None:
    plan = wide("all", 5)
    for _ in range(600):  # all of them read the same five literals
        plan.nodes.append(Node("any", Frame.STATE, (0, 1, 2, 3, 4)))
    sheets = [step for step in compile_rules(plan) if isinstance(step, Sheet)]
    assert sum(len(sheet.atoms) - sheet.inputs for sheet in sheets) >= 601
    for sheet in sheets:
        reads = [premise for rule in sheet.rules for premise in rule.premises]
        named = {*reads, *(rule.conclusion for rule in sheet.rules)}
        assert len(named) <= rete_rules.MAX_LITERALS
        assert max(map(reads.count, set(reads))) <= rete_rules.MAX_RULES_ON_A_LITERAL


def hashed(text: str) -> int:
    """The 32-bit FNV-1a hash by which durable_rules tells names apart."""
    value = 2166136261
    for byte in text.encode():
        value = (value ^ byte) * 16777619 % 2**32
    return value


def test_no_two_literals_that_a_sheet_may_name_share_a_hash() -> None:
    names = [literal_name(number) for number in range(2 * rete_rules.MAX_LITERALS)]
    names += ["opened", "sid", "id", "$s"]
    assert len({hashed(name) for name in names}) == len(names)


@needs_rules
def test_no_two_facts_that_a_session_may_hold_collide() -> None:
    from durable.engine import Ruleset

    # The session's own state is a fact too: a rule that it matched would fire for ever.
    anything = {"all": [{"m_0": {"$nex": {"$s": 1}}}], "run": lambda session: None}
    ruleset = Ruleset("anything", None, {"anything": anything})
    names = [literal_name(number) for number in range(2 * rete_rules.MAX_LITERALS)]
    for session in rete_session.SESSION_NAMES:
        facts = [{"sid": session, name: 1} for name in ["opened", *names]]
        handle = ruleset.assert_facts(facts)  # raises where a fact is taken for a repeat
        ruleset.do_actions(handle, lambda error, state: None)
        ruleset.delete_state(session)


@needs_rules
def test_a_collision_is_retried_under_another_name(monkeypatch: pytest.MonkeyPatch) -> None:
    from durable import engine

    tried: list[str] = []
    real = engine.Ruleset.assert_facts

    def colliding(self: object, facts: list[dict[str, object]]) -> object:
        tried.append(str(facts[0]["sid"]))
        if facts[0]["sid"] == "a" and "opened" not in facts[0]:
            real(self, facts[:1])  # the engine has stored a part of the batch by then
            raise engine.MessageObservedException(facts)
        return real(self, facts)

    monkeypatch.setattr(engine.Ruleset, "assert_facts", colliding)
    assert story().truth == naive_values(STORY, Layout(1, 1, 0), CHARGED, lenient=True)
    assert {"a", "b"} == set(tried)


@needs_rules
def test_a_collision_under_every_name_is_an_error_and_leaves_no_session(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from durable import engine

    matcher = Matcher(next(step for step in compile_rules(STORY) if isinstance(step, Sheet)))

    def colliding(self: object, facts: list[dict[str, object]]) -> object:
        real(self, facts)
        raise engine.MessageObservedException(facts)

    real = engine.Ruleset.assert_facts
    with monkeypatch.context() as patch:
        patch.setattr(engine.Ruleset, "assert_facts", colliding)
        with pytest.raises(RuleEngineError, match="repeats under every name"):
            matcher.derive([0])
    assert live_sessions(matcher) == 0
    assert matcher.derive([0])


@needs_rules
def test_an_action_given_up_because_the_clock_jumped_is_run_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from durable import engine

    matcher = Matcher(next(step for step in compile_rules(STORY) if isinstance(step, Sheet)))
    expected = matcher.derive([0])
    hours = count(0, 3600)
    ticks = iter([*(next(hours) for _ in range(2))])
    monkeypatch.setattr(engine, "_unix_now", lambda: next(ticks, 10_000))
    assert matcher.derive([0]) == expected


@needs_rules
def test_an_exception_in_an_action_is_never_swallowed(monkeypatch: pytest.MonkeyPatch) -> None:
    def recorder(self: Matcher, number: int) -> object:
        def record(session: object) -> None:
            raise ZeroDivisionError("in an action")

        return record

    monkeypatch.setattr(Matcher, "_recorder", recorder)
    with pytest.raises(RuleEngineError, match="in an action"):
        story()


@needs_rules
def test_a_gate_derived_both_ways_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    real = Matcher.derive

    def both(self: Matcher, *args: object) -> dict[int, int]:
        found = real(self, *args)  # type: ignore[arg-type]
        return {**found, **{literal ^ 1: rule for literal, rule in found.items()}}

    monkeypatch.setattr(Matcher, "derive", both)
    with pytest.raises(RuleEngineError, match="both to hold and to fail"):
        story()


def live_sessions(matcher: Matcher) -> int:
    found = 0
    for name in rete_session.SESSION_NAMES:
        try:
            matcher._ruleset.get_state(name)
            found += 1
        except Exception:  # the engine has no finer word for "no such session"
            continue
    return found


@needs_rules
def test_no_session_outlives_its_evaluation() -> None:
    evaluator = ReteEvaluator(STORY)
    evaluator.run(Layout(2, 3, 1), CHARGED, lenient=True)
    assert evaluator._matchers
    assert sum(map(live_sessions, evaluator._matchers.values())) == 0


def resident() -> float:
    """The memory of this process, in megabytes."""
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


@needs_rules
@pytest.mark.skipif(not os.path.exists("/proc/self/statm"), reason="needs Linux's /proc")
def test_thousands_of_evaluations_keep_no_memory() -> None:
    evaluator, layout = ReteEvaluator(STORY), Layout(2, 2, 0)
    worlds = [leaves(STORY, layout, seed) for seed in range(20)]
    before = 0.0
    for number in range(3000):
        if number == 300:
            before = resident()
        evaluator.run(layout, worlds[number % 20], lenient=True)
    assert resident() - before < 5


@needs_rules
@pytest.mark.skipif(not os.path.exists("/proc/self/statm"), reason="needs Linux's /proc")
def test_an_evaluator_no_longer_used_gives_its_rulesets_back() -> None:
    plan, before = wide("any", 90), 0.0
    for number in range(60):
        if number == 10:
            before = resident()
        ReteEvaluator(plan).run(Layout(1, 1, 1), {(Frame.STATE, 0, 3): Truth.HOLDS}, lenient=True)
    assert resident() - before < 10


@needs_rules
@pytest.mark.skipif(sys.platform != "linux", reason="MALLOC_PERTURB_ is glibc's")
def test_no_session_is_deleted_over_uninitialised_memory() -> None:
    # Without the ruleset's first session, freeing a session in which nothing fired crashes.
    code = (
        "from tests.inference.test_rete import STORY, Place, Frame, Truth, ACT, Layout;"
        "from engine.inference.rete import ReteEvaluator;"
        "world = {(Frame.EPISODE, 0, ACT): Truth.HOLDS};"
        "ReteEvaluator(STORY).run(Layout(2, 2, 0), world, lenient=True)"
    )
    environment = {**os.environ, "MALLOC_PERTURB_": "170"}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True)
    assert done.returncode == 0, done.stderr.decode()


def test_importing_and_compiling_needs_no_rule_engine() -> None:
    code = (
        "import sys; sys.modules['durable'] = None; sys.modules['durable.engine'] = None;"
        "from engine.inference import rete; from engine.inference.plan import Plan;"
        "rete.ReteEvaluator(Plan());"
        "assert not rete.available(); assert '3.13' in rete.why_unavailable()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True)
    assert done.returncode == 0, done.stderr.decode()


@needs_rules
def test_nothing_of_durable_rules_runs_on_threads_of_its_own() -> None:
    code = (
        "import threading; from tests.inference.test_rete import story;"
        "story(); assert threading.active_count() == 1, threading.enumerate()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True)
    assert done.returncode == 0, done.stderr.decode()


@needs_rules
def test_the_shipped_law_fits_the_engine(law: SimpleNamespace) -> None:
    plan, layout = law.plan, Layout(1, 2, 1)
    world = leaves(plan, layout, seed=7)
    found = ReteEvaluator(plan).run(layout, world, lenient=True)
    assert found.truth == naive_values(plan, layout, world, lenient=True)
