"""What to draw of an assessment: an argument, the elements of an outcome, or what is missing."""

from __future__ import annotations

from collections.abc import Sequence

from engine.model.records import Classification
from engine.model.truth import Truth
from engine.model.why import Why
from engine.reasoning.assess import Assessment, Group
from engine.reasoning.elements import element_tree, explain
from engine.reasoning.goals import Goal, goal_rows
from engine.reasoning.misses import why_not
from engine.reasoning.targets import item_of, record_of, row_name
from engine.reasoning.why import why
from engine.report.svg import draw
from engine.report.words import Line, label_words, line_of


def picture(
    assessment: Assessment, goal: Goal, what: str, *, named: bool = False, depth: int = 8
) -> str:
    """An SVG of ``what`` (argument, elements or misses) of a goal. ``named``: with its answer."""
    if what == "argument":
        asked = goal if named else Goal(goal.of, "", goal.where)
        answer = why(assessment, asked)
        if answer.reasons:
            return draw_argument(assessment, answer, depth)
        what = "misses"
    if what == "misses":
        return draw_misses(assessment, goal, depth)
    item = item_of(goal, assessment)
    if item is None:
        return _draw_provision(assessment, goal, depth)
    groups = assessment.groups(item)
    chosen = [group for group in groups if not goal.where or group.key == goal.where]
    roots = [_group_line(assessment, item, group) for group in chosen or groups]
    return draw(
        f"{item.name}: {assessment.scenario.title or assessment.scenario.id}",
        "; ".join(f"{root.text}" for root in roots),
        roots,
        depth=depth,
    )


def draw_elements(
    assessment: Assessment, item: Classification, group: Group, depth: int = 5
) -> str:
    """The elements of one part of a classification."""
    root = _group_line(assessment, item, group)
    return draw(f"{item.name}, {group.key}", root.text, [root], depth=depth)


def _group_line(assessment: Assessment, item: Classification, group: Group) -> Line:
    text = f"{item.name}, {group.key}: {label_words(group.outcome.label)}"
    lines = tuple(line_of(element) for element in element_tree(assessment, item, group))
    return _root(text, _as_truth(item, group.outcome.label), lines)


def _as_truth(item: Classification, label: str) -> Truth:
    """How an outcome is drawn: the strongest as holding, the open one as open, others plain."""
    if label == item.open:
        return Truth.UNKNOWN
    return Truth.FAILS if label == item.strongest[-1] else Truth.HOLDS


def _root(text: str, truth: Truth, lines: Sequence[Line]) -> Line:
    return Line(truth, "outcome", text=text, below=tuple(lines))


def draw_argument(assessment: Assessment, answer: Why, depth: int = 8) -> str:
    """The reasons of an answer, stage by stage."""
    item = assessment.law.base.classifications.get(answer.target.partition("@")[0])
    truth = _as_truth(item, answer.answer) if item else Truth(answer.answer)
    roots = []
    for reason in answer.reasons:
        text = f"{answer.name}, {', '.join(reason.rows)}: {label_words(answer.answer)}"
        stages = [
            Line(
                Truth.HOLDS,
                "stage",
                text=stage.stage or "also",
                below=tuple(line_of(element) for element in stage.elements),
            )
            for stage in reason.stages
        ]
        roots.append(_root(text, truth, stages))
    title = f"Why {answer.name} is {label_words(answer.answer)}"
    return draw(title, answer.says or title, roots, depth=depth)


def draw_misses(assessment: Assessment, goal: Goal, depth: int = 8) -> str:
    """What stands between a scenario and an answer."""
    answer = why_not(assessment, goal)
    roots = [
        _root(
            f"{near.row}: {label_words(near.answer)}, not {label_words(answer.wanted)}",
            Truth.UNKNOWN if near.answer in ("unknown", "undetermined") else Truth.FAILS,
            [line_of(element) for element in near.missing],
        )
        for near in answer.near
    ]
    title = f"Why {answer.name} is not {label_words(answer.wanted)}"
    return draw(title, f"It is {label_words(answer.answer)}.", roots, depth=depth)


def _draw_provision(assessment: Assessment, goal: Goal, depth: int) -> str:
    record = record_of(goal, assessment)
    roots = []
    for row in goal_rows(goal, assessment):
        line = line_of(explain(assessment, (assessment.law.plan.heads[goal.of], row)))
        roots.append(_root(row_name(goal, assessment, row), line.truth, [line]))
    return draw(record.name, f"{record.name}, row by row", roots, depth=depth)
