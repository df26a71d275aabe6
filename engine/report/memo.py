"""A legal memorandum on one assessment, as blocks that every format renders.

Facts, then for each question issue, rule, application and conclusion, then who is bound by
what, who can act, limits, contested points, assumptions, what is missing, authorities.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from engine.model.reasons import Question
from engine.model.records import Classification, Provision
from engine.model.result import InstrumentStatus, Result
from engine.model.scenario import Facts
from engine.model.why import Why
from engine.reasoning.assess import Assessment, Group
from engine.reasoning.goals import Goal
from engine.reasoning.missing import next_questions
from engine.reasoning.why import why
from engine.reasoning.wording import sentence
from engine.report.document import make_result
from engine.report.words import (
    Line,
    access_words,
    judge_words,
    judged_below,
    label_words,
    line_of,
    pillar_words,
    rests_on,
    row_words,
)
from engine.rulebase.scenarios import state_name


@dataclass(frozen=True)
class Heading:
    """A heading; level 1 is a section."""

    level: int
    text: str


@dataclass(frozen=True)
class Para:
    """A paragraph, with words in front that stand out. ``quiet``: small print."""

    text: str
    lead: str = ""
    quiet: bool = False


@dataclass(frozen=True)
class Bullets:
    """A list; each item has words in front that stand out, and a citation."""

    items: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True)
class Table:
    """A table with a header row. ``widths`` are relative."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[int, ...]


@dataclass(frozen=True)
class Reasoning:
    """Nested reasoning under a title: lines that hold, fail or are open."""

    title: str
    lines: tuple[Line, ...]


Block = Heading | Para | Bullets | Table | Reasoning


@dataclass
class Memo:
    """A memorandum. ``pictures`` names the classification groups whose elements to draw."""

    title: str
    subtitle: str
    blocks: list[Block] = field(default_factory=list)
    pictures: list[tuple[Classification, Group]] = field(default_factory=list)

    def add(self, *blocks: Block) -> None:
        """Append blocks."""
        self.blocks += blocks


def make_memo(assessment: Assessment) -> Memo:
    """The memorandum of an assessment."""
    scenario, result = assessment.scenario, make_result(assessment)
    memo = Memo(scenario.title or scenario.id, scenario.citation or "")
    answers = [
        (item, group, why(assessment, Goal(item.id, "", group.key)))
        for item in assessment.law.base.classifications.values()
        for group in assessment.groups(item)
    ]
    memo.add(Para(result.notice, quiet=True))
    _short_answers(memo, assessment, answers)
    _facts(memo, assessment)
    for item in assessment.law.base.classifications.values():
        _question(memo, assessment, item, [one for one in answers if one[0] is item])
    _decided(memo, assessment)
    _instruments(memo, result)
    _bodies(memo, result)
    _findings(memo, result)
    _pillars(memo, result)
    _limits(memo, result)
    _contested(memo, result)
    _assumptions(memo, result)
    _missing(memo, assessment)
    _authorities(memo, assessment, result, [answer for _, _, answer in answers])
    _receipt(memo, result)
    return memo


def who(item: Classification, key: str) -> str:
    """A part's name as a reader says it: a State by its name, a charge as one in an episode."""
    return state_name(key) if item.by == "states" else key.replace("×", " in ")


_Answer = tuple[Classification, Group, Why]


def _short_answers(memo: Memo, assessment: Assessment, answers: Sequence[_Answer]) -> None:
    rows = []
    for item, group, _ in answers:
        outcome = group.outcome
        notes = []
        if outcome.level:
            notes.append(f"{outcome.level} level")
        if outcome.contested:
            notes.append("contested: " + ", ".join(map(label_words, outcome.contested)))
        if outcome.sensitive_to:
            notes.append("sensitive to: " + ", ".join(map(label_words, outcome.sensitive_to)))
        rows.append((item.name, who(item, group.key), label_words(outcome.label), "; ".join(notes)))
    memo.add(
        Heading(1, "Short answers"),
        Table(("question", "about", "answer", "notes"), tuple(rows), (4, 3, 4, 5)),
    )


def _facts(memo: Memo, assessment: Assessment) -> None:
    scenario = assessment.scenario
    memo.add(Heading(1, "Facts"))
    if scenario.narrative:
        memo.add(Para(" ".join(scenario.narrative.split())))
    about = [("Forum", scenario.forum), ("Conduct", scenario.conduct_period)]
    days = [str(day) for day in (scenario.dates.start, scenario.dates.end) if day]
    about.append(("Dates", " to ".join(days)))
    memo.add(*(Para(str(text), f"{lead}:") for lead, text in about if text))
    places = [(place, facts) for place, facts in _stated(assessment) if facts]
    if not places:
        memo.add(Para("The scenario states no facts."))
    for place, facts in places:
        memo.add(Heading(2, place))
        rows = []
        for name, stated in facts.items():
            origin = "; ".join(text for text in (stated.source, stated.note) if text)
            rows.append((sentence(assessment.law.base.facts[name], stated.value), name, origin))
        if any(origin for _, _, origin in rows):
            memo.add(Table(("stated", "fact", "source and note"), tuple(rows), (9, 5, 5)))
        else:
            short = tuple((says, name) for says, name, _ in rows)
            memo.add(Table(("stated", "fact"), short, (9, 5)))


def _stated(assessment: Assessment) -> Iterator[tuple[str, Facts]]:
    scenario = assessment.scenario
    yield "The situation as a whole", scenario.facts
    for code, state in scenario.states.items():
        roles = f" ({', '.join(map(label_words, state.roles))})" if state.roles else ""
        yield state_name(code) + roles, state.facts
    for name, actor in scenario.actors.items():
        yield actor.name or name, actor.facts
    for name, episode in scenario.episodes.items():
        yield episode.title or name, episode.facts
        for actor_name, facts in episode.charges.items():
            yield f"{actor_name} in {name}", facts
        for code, facts in episode.duties.items():
            yield f"{state_name(code)} in {name}", facts


def _question(
    memo: Memo, assessment: Assessment, item: Classification, answers: Sequence[_Answer]
) -> None:
    base = assessment.law.base
    memo.add(
        Heading(1, item.name),
        Para(f"{' '.join(item.question.split())} (Addressed to: {item.addressee}.)", "Issue."),
        Para("What has to be shown:", "Rule."),
    )
    elements = [base.decided[name] for name in item.elements]
    memo.add(
        Bullets(
            tuple(
                (
                    f"{record.name}.",
                    " ".join(record.says.split()),
                    base.citation(record) if isinstance(record, Provision) else "",
                )
                for record in elements
            )
        )
    )
    if not answers:
        memo.add(Para("Not asked: the scenario enters nobody of whom it could be asked."))
    for _, group, answer in answers:
        if not item.section:
            memo.pictures.append((item, group))
        memo.add(Heading(2, f"Application: {who(item, group.key)}"))
        _application(memo, answer)
        _conclusion(memo, item, group, answer)


def _application(memo: Memo, answer: Why) -> None:
    for reason in answer.reasons:
        if len(answer.reasons) > 1:
            memo.add(Para("", row_words(reason.rows)))
        judged: dict[str, None] = {}
        for stage in reason.stages:
            lines = tuple(line_of(element) for element in stage.elements)
            judged.update(dict.fromkeys(judged_below(lines)))
            memo.add(Reasoning(stage.stage or "also", lines))
        memo.add(Para(f"This rests on {rests_on(reason.leaves)}.", quiet=True))
        if judged:
            memo.add(Para(judge_words(list(judged)), quiet=True))
    if answer.open is not None:
        for near in answer.open.near[:1]:
            wanted = label_words(answer.open.wanted)
            if near.met:
                memo.add(Para("; ".join(near.met) + ".", "Made out:"))
            lines = tuple(line_of(element) for element in near.missing)
            memo.add(Reasoning(f"Missing for “{wanted}”, nearest first", lines))


def _conclusion(memo: Memo, item: Classification, group: Group, answer: Why) -> None:
    text = f"{who(item, group.key)}: {label_words(group.outcome.label)}"
    text += f" ({group.outcome.level} level)." if group.outcome.level else "."
    if answer.says:
        text += f" {answer.says}"
    if group.outcome.contested:
        text += f" Contested: another view gives another answer ({', '.join(answer.contested)})."
    taken = [
        leaf.statement for r in answer.reasons for leaf in r.leaves if leaf.basis == "presumed"
    ]
    if taken:
        text += f" It assumes {', '.join(dict.fromkeys(taken))}."
    memo.add(Para(text, "Conclusion."))


def _decided(memo: Memo, assessment: Assessment) -> None:
    scenario = assessment.scenario
    if not scenario.holding and not scenario.not_decided:
        return
    memo.add(Heading(1, f"What was decided{f' by the {scenario.forum}' if scenario.forum else ''}"))
    names = {item.id: item.name for item in assessment.law.base.classifications.values()}
    items = [
        (names.get(key, label_words(key)), label_words(held.finding), held.note or "")
        for key, held in scenario.holding.items()
    ]
    memo.add(
        Bullets(
            tuple((lead, " ".join(f"{text}. {note}".split()), "") for lead, text, note in items)
        )
    )
    if scenario.not_decided:
        memo.add(Para("; ".join(scenario.not_decided) + ".", "Not decided:"))
    if scenario.pinpoints:
        memo.add(Para(scenario.pinpoints, "Pinpoints:"))


def _instruments(memo: Memo, result: Result) -> None:
    """State by State: what bound it, and when; then in one line what did not, and what is open."""
    if not result.instruments:
        return
    memo.add(Heading(1, "Who was bound by what"))
    states: dict[str, dict[str, list[InstrumentStatus]]] = {}
    for item in result.instruments:
        states.setdefault(item.state, {}).setdefault(item.name, []).append(item)
    rows: list[tuple[str, ...]] = []
    for code, instruments in states.items():
        rest: dict[str, list[str]] = {"not bound": [], "unknown": []}
        for name, items in instruments.items():
            runs = _runs(items)
            if len(runs) == 1 and items[0].status != "bound":
                signed = f" ({items[0].kind})" if items[0].kind == "signatory" else ""
                rest[items[0].status].append(name + signed)
                continue
            for run in runs:
                when = row_words([item.episode for item in run]) if len(runs) > 1 else ""
                notes = "; ".join(text for text in (when, *_status_notes(run[0])) if text)
                rows.append((state_name(code), name, run[0].status, notes))
        for status, names in rest.items():
            if names:
                rows.append((state_name(code), "; ".join(names), status, ""))
    memo.add(Table(("State", "instrument", "status", "when, source"), tuple(rows), (3, 6, 2, 6)))


def _runs(items: Sequence[InstrumentStatus]) -> list[list[InstrumentStatus]]:
    """One State's position towards one instrument: episodes and periods without a change."""
    runs: list[list[InstrumentStatus]] = []
    for item in items:
        if runs and (runs[-1][0].status, runs[-1][0].kind) == (item.status, item.kind):
            runs[-1].append(item)
        else:
            runs.append([item])
    return runs


def _status_notes(item: InstrumentStatus) -> tuple[str, ...]:
    return (
        f"since {item.since}" if item.since else "",
        f"until {item.until}" if item.until else "",
        item.kind if item.kind not in ("party", "not a party") else "",
        f"{item.confidence} confidence" if item.confidence in ("medium", "low") else "",
        item.note,
        item.source,
    )


def _bodies(memo: Memo, result: Result) -> None:
    if not result.bodies:
        return
    memo.add(Heading(1, "Who can act"))
    for body in result.bodies:
        kind = body.force if body.un_organ else f"{body.force}; not a UN organ"
        memo.add(
            Heading(2, body.name),
            Para(f"{body.role} ({kind})"),
            Bullets(
                (
                    ("Why here:", body.why, ""),
                    ("Can:", "; ".join(body.tools), ""),
                    ("Basis:", "; ".join(body.basis), ""),
                    ("Cannot:", "; ".join(body.limits), ""),
                    *(("Cases against States:", *line) for line in access_words(body.access)),
                )
            ),
        )


def _findings(memo: Memo, result: Result) -> None:
    if result.side_findings:
        memo.add(
            Heading(1, "Also shown by these facts"),
            Bullets(
                tuple(
                    (item.finding, f"({row_words(item.rows)})", item.cite)
                    for item in result.side_findings
                )
            ),
        )


def _pillars(memo: Memo, result: Result) -> None:
    duties = pillar_words(result)
    if duties:
        memo.add(
            Heading(1, "Duties of States, by the three pillars"),
            Bullets(tuple((f"{lead}:", "; ".join(found), "") for lead, found in duties)),
        )


def _limits(memo: Memo, result: Result) -> None:
    if result.limits:
        items = tuple(
            (f"{i.name}.", " ".join(i.says.split()), "; ".join(i.authorities))
            for i in result.limits
        )
        memo.add(Heading(1, "Limits"), Bullets(items))
    if result.mistakes:
        items = tuple(
            (f"“{i.name}”", " ".join(i.says.split()), "; ".join(i.cites)) for i in result.mistakes
        )
        memo.add(Heading(1, "Easy to get wrong here"), Bullets(items))


def _contested(memo: Memo, result: Result) -> None:
    if not result.contested:
        return
    memo.add(Heading(1, "Contested points"))
    for point in result.contested:
        items = tuple(
            (
                label_words(view) + (" (taken here):" if view == point.taken else ":"),
                says,
                "; ".join(point.authorities.get(view, ())),
            )
            for view, says in point.views.items()
        )
        memo.add(Heading(2, point.question), Bullets(items))


def _assumptions(memo: Memo, result: Result) -> None:
    memo.add(Heading(1, "Assumptions"))
    if not result.assumptions:
        memo.add(Para("None that an outcome rests on."))
        return
    memo.add(Para("Taken as given because nobody showed otherwise; --strict takes none."))
    memo.add(Bullets(tuple((f"{i.of}:", i.text, row_words(i.rows)) for i in result.assumptions)))


def _missing(memo: Memo, assessment: Assessment) -> None:
    memo.add(Heading(1, "What is missing"))
    questions = next_questions(assessment)
    if not questions:
        memo.add(Para("Nothing that could settle an open outcome."))
        return
    memo.add(
        Para("What is open turns on these questions, the one that decides most first."),
        Bullets(tuple((item.question, _asked(item), item.cite) for item in questions[:10])),
    )
    if len(questions) > 10:
        memo.add(Para(f"And {len(questions) - 10} more: `palermo missing`.", quiet=True))


def _asked(item: Question) -> str:
    return item.statement + (" (someone must judge)" if item.judged else "")


def _authorities(
    memo: Memo, assessment: Assessment, result: Result, answers: Iterable[Why]
) -> None:
    base = assessment.law.base
    cited: dict[str, dict[str, None]] = {}
    others: dict[str, None] = {}
    for name in _relied_on(answers):
        record = base.decided.get(name)
        if isinstance(record, Provision):
            instrument = base.instruments.get(record.of)
            key = instrument.name if instrument else "Other"
            cited.setdefault(key, {})[record.cite] = None
        if record is not None:
            others.update(dict.fromkeys(record.authorities))
    for point in result.contested:
        for authorities in point.authorities.values():
            others.update(dict.fromkeys(authorities))
    memo.add(Heading(1, "Authorities"))
    if cited:
        items = tuple(
            (f"{name}:", "; ".join(pinpoints), "") for name, pinpoints in sorted(cited.items())
        )
        memo.add(Heading(2, "Instruments"), Bullets(items))
    if others:
        items = tuple(("", text, "") for text in sorted(others))
        memo.add(Heading(2, "Cases, documents and literature"), Bullets(items))


def _relied_on(answers: Iterable[Why]) -> list[str]:
    """The provisions that the reasons and the nearest misses name, each once."""
    found: dict[str, None] = {}

    def walk(line: Line) -> None:
        if line.kind == "provision":
            found[line.label] = None
        for below in line.below:
            walk(below)

    for answer in answers:
        stages = [stage for reason in answer.reasons for stage in reason.stages]
        elements = [element for stage in stages for element in stage.elements]
        if answer.open is not None:
            elements += [element for near in answer.open.near[:1] for element in near.missing]
        for element in elements:
            walk(line_of(element))
    return list(found)


def _receipt(memo: Memo, result: Result) -> None:
    receipt = result.receipt
    views = ", ".join(f"{name}={view}" for name, view in receipt.doctrine.items())
    memo.add(
        Heading(1, "How this was made"),
        Para(
            f"{receipt.product} {receipt.version}, rules {receipt.rules[:12]}, data "
            f"{receipt.data[:12]}, scenario {receipt.scenario[:12]}, evaluators: {receipt.engine}"
            f"{', nothing presumed' if receipt.strict else ''}. Views taken: {views}.",
            quiet=True,
        ),
        Para(result.notice, quiet=True),
    )
