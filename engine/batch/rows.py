"""One row of the output, read off the assessment of a single scenario.

The plain way: what cannot be decided as columns goes this way, and the columns are tested
against it.
"""

from __future__ import annotations

from engine.batch.columns import NOT_ASKED, Options, key_of, levels_of
from engine.batch.explain import Elements, explanation
from engine.inference.law import Law
from engine.model.records import Classification
from engine.model.scenario import Scenario
from engine.model.truth import Truth
from engine.reasoning.assess import Assessment, assess

Cell = str | bool | None
Row = dict[str, Cell]


def row_of(scenario: Scenario, law: Law, options: Options) -> Row:
    """The output row of one scenario."""
    assessment = assess(
        scenario, law, doctrine=dict(options.doctrine), strict=options.strict, engine="planes"
    )
    base = law.base
    row: Row = {"id": scenario.id}
    elements: Elements = {}
    for item in base.classifications.values():
        name = key_of(item)
        outcome = assessment.outcome(item)
        row[name] = outcome.label if outcome else (item.open if item.section else NOT_ASKED)
        if levels_of(item):
            row[f"{name}.level"] = outcome.level if outcome else None
        if options.contested:
            row[f"{name}.contested"] = " ".join(outcome.contested) if outcome else ""
            row[f"{name}.sensitive_to"] = " ".join(outcome.sensitive_to) if outcome else ""
        found = element_values(assessment, item, outcome.label) if outcome else {}
        row[f"{name}.first"] = first_deciding(law, item, outcome.label, found) if outcome else None
        elements[item.id] = tuple(found.get(element) for element in item.elements)
    row["bodies"] = " ".join(organ.id for organ in base.organs() if assessment.held(organ.id))
    if options.provisions:
        for record in base.provisions():
            row[f"provision.{record.id}"] = _anywhere(assessment, record.id)
    if options.explain:
        row["explanation"] = explanation(base, row, elements)
    return row


def element_values(assessment: Assessment, item: Classification, label: str) -> dict[str, Truth]:
    """Each element's best value on the rows that reach the outcome."""
    reached = [
        row for row in assessment.rows(item.per) if assessment.row_outcome(item, row).label == label
    ]
    found: dict[str, Truth] = {}
    for name in item.elements:
        frame = assessment.law.base.decided[name].per
        related = {
            other
            for row in reached
            for other in assessment.case.layout.related(item.per, row, frame)
        }
        if related:
            found[name] = Truth.any(assessment.provision(name, row) for row in related)
    return found


def first_deciding(
    law: Law, item: Classification, label: str, elements: dict[str, Truth]
) -> str | None:
    """The first element that decides; see ``columns``."""
    if label == item.strongest[0]:
        return None
    beside, barring = law.deciding[item.id]
    for name, value in elements.items():
        one_enough = Truth.any(elements[other] for other in beside[name] if other in elements)
        if label == item.open:
            decides = value is one_enough is Truth.UNKNOWN
        elif name in barring:
            decides = value is Truth.HOLDS
        else:
            decides = value is one_enough is Truth.FAILS
        if decides:
            return name
    return None


def _anywhere(assessment: Assessment, name: str) -> bool | None:
    frame = assessment.law.base.decided[name].per
    values = [assessment.provision(name, row) for row in assessment.rows(frame)]
    if not values:
        return None
    value = Truth.any(values)
    return None if value is Truth.UNKNOWN else value is Truth.HOLDS
