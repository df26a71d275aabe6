"""Doctrine: which outcomes survive every combination of views, and on whose view others turn.

Every combination is a world of the evaluation that the assessment already made; here they are
only read off.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from engine.inference.outcomes import Labels, label_of, strongest
from engine.inference.worlds import Worlds
from engine.model.reasons import DoctrineTable, OtherOutcome, Survival, ViewTaken
from engine.model.records import Classification
from engine.model.result import NOTICE
from engine.reasoning.assess import Assessment

_View = tuple[str, str]


def doctrine_table(assessment: Assessment) -> DoctrineTable:
    """Every outcome under every combination of views.

    ``assessment`` must come from the planes (``engine`` both or planes): the rule engine alone
    decides the headline profile only.
    """
    worlds = assessment.worlds
    outcomes = [
        _survival(assessment, item, group.key, list(group.rows))
        for item in assessment.law.base.classifications.values()
        for group in assessment.groups(item)
    ]
    used = {
        view.partition("=")[0] for one in outcomes for other in one.others for view in _flat(other)
    }
    base = assessment.law.base
    head = worlds.profiles[0]
    shown = [name for name in worlds.switches if name in used]
    return DoctrineTable(
        scenario=assessment.scenario.id,
        profiles=len(worlds.profiles),
        complete=_complete(assessment),
        outcomes=outcomes,
        views={
            name: [
                ViewTaken(
                    doctrine=name,
                    view=view,
                    says=" ".join(item.says.split()),
                    authorities=list(item.authorities),
                    taken=view == head[name],
                )
                for view, item in base.doctrines[name].views.items()
            ]
            for name in shown
        },
        questions={name: " ".join(base.doctrines[name].question.split()) for name in shown},
        idle=[name for name in worlds.switches if name not in used],
        doctrine=dict(head),
        strict=worlds.strict,
        notice=NOTICE,
    )


def _flat(other: OtherOutcome) -> Iterator[str]:
    for views in other.views:
        yield from views


def _complete(assessment: Assessment) -> bool:
    """Whether the profiles are every combination of the views of every switch."""
    total = 1
    for name in assessment.worlds.switches:
        total *= len(assessment.law.base.doctrines[name].views)
    return len(assessment.worlds.profiles) == total


def _survival(assessment: Assessment, item: Classification, key: str, rows: list[int]) -> Survival:
    worlds = assessment.worlds
    labels = strongest(item, [assessment.labels(item)[row] for row in rows], worlds.full)
    label, level = label_of(labels)
    outcome = next(group.outcome for group in assessment.groups(item) if group.key == key)
    profiles = (1 << len(worlds.profiles)) - 1
    others = [
        OtherOutcome(
            outcome=other,
            level=other_level,
            profiles=(plane & profiles).bit_count(),
            definite=other != item.open,
            views=[
                [f"{name}={view}" for name, view in views]
                for views in smallest_views(worlds, plane & profiles)
            ],
        )
        for (other, other_level), plane in _by_label(labels).items()
        if (other, other_level) != (label, level) and plane & profiles
    ]
    others.sort(key=lambda one: item.strongest.index(one.outcome))
    mine = sum(
        (plane & profiles).bit_count() for key_, plane in labels.items() if key_ == (label, level)
    )
    return Survival(
        classification=item.id,
        part=key,
        outcome=label,
        level=level,
        survives=not others,
        profiles=mine,
        contested=list(outcome.contested),
        sensitive_to=list(outcome.sensitive_to),
        others=others,
    )


def _by_label(labels: Labels) -> Labels:
    return {key: plane for key, plane in labels.items() if plane}


def smallest_views(worlds: Worlds, plane: int) -> list[tuple[_View, ...]]:
    """The smallest sets of views, other than the headline's, that lead into some worlds.

    A set is smallest if no part of it does, all other points being decided as the headline
    decides them.
    """
    found: list[frozenset[_View]] = []
    for world, changed in _departures(worlds):
        if plane >> world & 1 and not any(smaller <= changed for smaller in found):
            found.append(changed)
    order = {name: number for number, name in enumerate(worlds.switches)}
    return [tuple(sorted(views, key=lambda view: order[view[0]])) for views in found]


def _departures(worlds: Worlds) -> tuple[tuple[int, frozenset[_View]], ...]:
    """Each world with the views in which it departs from the headline, fewest first."""
    return _departures_of(worlds.switches, tuple(tuple(p.items()) for p in worlds.profiles))


@lru_cache(maxsize=8)
def _departures_of(
    switches: tuple[str, ...], profiles: tuple[tuple[_View, ...], ...]
) -> tuple[tuple[int, frozenset[_View]], ...]:
    head = dict(profiles[0])
    found = [
        (world, frozenset(view for view in profile if head[view[0]] != view[1]))
        for world, profile in enumerate(profiles)
    ]
    return tuple(sorted(found, key=lambda pair: len(pair[1])))
