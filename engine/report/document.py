"""Makes the published result of an assessment."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

from engine.inference.law import version
from engine.model.frames import Frame
from engine.model.records import Classification, Fact, Mistake, Organ, Provision
from engine.model.result import (
    NOTICE,
    RESULT_VERSION,
    Access,
    AssumptionNote,
    Body,
    ClassificationOutcome,
    ContestedPoint,
    Finding,
    Icc,
    InstrumentStatus,
    LimitNote,
    Missing,
    MistakeNote,
    PartOutcome,
    PillarMeasure,
    Receipt,
    Result,
    ScenarioNote,
)
from engine.model.truth import Truth
from engine.reasoning.assess import Assessment, Group, Outcome
from engine.reasoning.assumptions import assumptions

_ACCESS_WORD = {Truth.HOLDS: "open", Truth.UNKNOWN: "may be open", Truth.FAILS: "closed"}
_STATUS_WORD = {Truth.HOLDS: "bound", Truth.FAILS: "not bound", Truth.UNKNOWN: "unknown"}


def make_result(assessment: Assessment) -> Result:
    """The published document of one assessment."""
    classifications, icc = _outcomes(assessment)
    return Result.model_construct(
        scenario=ScenarioNote.model_construct(
            id=assessment.scenario.id,
            title=assessment.scenario.title,
            kind=assessment.scenario.kind,
        ),
        classifications=classifications,
        icc=icc,
        side_findings=_findings(assessment),
        provisions=_provisions(assessment),
        bodies=_bodies(assessment),
        instruments=_instruments(assessment),
        pillars=_pillars(assessment),
        limits=[
            LimitNote.model_construct(
                id=item.id,
                name=item.name,
                says=item.says,
                rows=_held_rows(assessment, item.id),
                authorities=list(item.authorities),
            )
            for item in assessment.law.base.limits()
            if assessment.held(item.id)
        ],
        mistakes=[
            MistakeNote.model_construct(
                id=item.id,
                name=item.name,
                says=item.says,
                refuted_by=list(item.refuted_by),
                cites=_refuting(assessment, item),
            )
            for item in assessment.law.base.mistakes()
            if assessment.held(item.id)
        ],
        missing=_missing(assessment),
        assumptions=[
            AssumptionNote.model_construct(
                kind=item.kind, of=item.of, value=item.value, rows=list(item.rows), text=item.text
            )
            for item in assumptions(assessment)
        ],
        contested=_contested(assessment, classifications, icc),
        notice=NOTICE,
        receipt=_receipt(assessment),
    )


def _outcomes(assessment: Assessment) -> tuple[dict[str, ClassificationOutcome], Icc]:
    found: dict[str, ClassificationOutcome] = {}
    icc = Icc.model_construct(
        jurisdiction="undetermined",
        admissible="undetermined",
        contested=[],
        sensitive_to=[],
        charges={},
        parts={},
    )
    for item in assessment.law.base.classifications.values():
        outcome = assessment.outcome(item)
        groups = assessment.groups(item)
        if not item.section:
            found[item.id] = _classification(assessment, item, outcome, groups)
            continue
        key = item.section.rpartition(".")[2]
        if outcome is None:
            continue
        setattr(icc, key, outcome.label)
        icc.contested = list(dict.fromkeys([*icc.contested, *outcome.contested]))
        icc.sensitive_to = list(dict.fromkeys([*icc.sensitive_to, *outcome.sensitive_to]))
        for group in groups:
            icc.charges.setdefault(group.key, {})[key] = group.outcome.label
            for row in group.rows:
                name = assessment.case.row_name(item.per, row)
                icc.parts.setdefault(name, {})[key] = assessment.row_outcome(item, row).label
    return found, icc


def _classification(
    assessment: Assessment, item: Classification, outcome: Outcome | None, groups: list[Group]
) -> ClassificationOutcome:
    parts = {
        group.key: PartOutcome.model_construct(
            outcome=group.outcome.label,
            level=group.outcome.level,
            contested=list(group.outcome.contested),
            sensitive_to=list(group.outcome.sensitive_to),
            parts={
                assessment.case.row_name(item.per, row): assessment.row_outcome(item, row).label
                for row in group.rows
            }
            if len(group.rows) > 1
            else {},
        )
        for group in groups
    }
    label = outcome.label if outcome else "not_asked"
    return ClassificationOutcome.model_construct(
        outcome=label,
        level=outcome.level if outcome else None,
        says=" ".join(item.says.get(label, "").split()),
        contested=list(outcome.contested) if outcome else [],
        sensitive_to=list(outcome.sensitive_to) if outcome else [],
        episodes=parts if item.by == "episodes" else {},
        states=parts if item.by == "states" else {},
        charges=parts if item.by == "charges" else {},
    )


def _refuting(assessment: Assessment, item: Mistake) -> list[str]:
    """The pinpoints that refute a mistake, each once, and the authorities beside them."""
    base = assessment.law.base
    cited = [base.decided[name] for name in item.refuted_by]
    pinpoints = [base.citation(one) for one in cited if isinstance(one, Provision)]
    return list(dict.fromkeys([*pinpoints, *item.authorities]))


def _held_rows(assessment: Assessment, name: str) -> list[str]:
    frame = assessment.law.base.decided[name].per
    return [assessment.case.row_name(frame, row) for row in assessment.held(name)]


def _findings(assessment: Assessment) -> list[Finding]:
    base = assessment.law.base
    return [
        Finding.model_construct(
            id=item.id,
            finding=" ".join(item.finding.split()),
            cite=base.citation(item),
            rows=_held_rows(assessment, item.id),
        )
        for item in base.provisions()
        if item.finding and assessment.held(item.id)
    ]


def _provisions(assessment: Assessment) -> dict[str, dict[str, str]]:
    by_frame: dict[Frame, list[Provision]] = {}
    for item in assessment.law.base.provisions():
        by_frame.setdefault(item.per, []).append(item)
    return {
        f"{frame.value}:{assessment.case.row_name(frame, row)}": {
            item.id: assessment.provision(item.id, row).value for item in items
        }
        for frame, items in by_frame.items()
        for row in assessment.rows(frame)
    }


def _bodies(assessment: Assessment) -> list[Body]:
    return [
        Body.model_construct(
            id=item.id,
            name=item.name,
            un_organ=item.un_organ,
            why=_why(assessment, item),
            role=" ".join(item.role.split()),
            tools=list(item.tools),
            basis=list(item.basis),
            force=item.force,
            limits=list(item.limits),
            access=_access(assessment, item),
        )
        for item in assessment.law.base.organs()
        if assessment.held(item.id)
    ]


def _access(assessment: Assessment, item: Organ) -> list[Access]:
    """State by State, whether people can bring a case to the body."""
    base, case = assessment.law.base, assessment.case
    found = []
    for name in item.access:
        truths: dict[str, set[Truth]] = {}
        for row in assessment.rows(Frame.DUTY):
            code = case.states[case.layout.rows[Frame.DUTY][row][0]]
            truths.setdefault(code, set()).add(assessment.provision(name, row))
        provision = base.decided[name]
        assert isinstance(provision, Provision)  # the linker has checked it
        found += [
            Access.model_construct(
                state=code,
                provision=name,
                name=provision.name,
                cite=base.citation(provision),
                status=next(word for truth, word in _ACCESS_WORD.items() if truth in values),
            )
            for code, values in truths.items()
        ]
    return found


def _why(assessment: Assessment, item: Organ) -> str:
    """The facts and provisions that engage a body, read off its condition."""
    row = assessment.held(item.id)[0]
    reasons: dict[str, None] = {}
    _reasons(assessment, assessment.law.plan.heads[item.id], row, reasons, top=True)
    return "; ".join(reasons)


def _reasons(
    assessment: Assessment, index: int, row: int, reasons: dict[str, None], *, top: bool = False
) -> None:
    plan, base = assessment.law.plan, assessment.law.base
    node = plan.nodes[index]
    name = assessment.law.names.get(index)
    if name in base.decided and not top:
        reasons[base.decided[name].name] = None
    elif node.op == "fact":
        reasons[_statement(base.facts[str(node.param[0])])] = None
    elif node.op in ("not", "unless"):
        for part in assessment.parts(index, row):
            other = plan.nodes[part[0]]
            what = assessment.law.names.get(part[0])
            if what in base.decided:
                reasons[f"not: {base.decided[what].name}"] = None
            elif other.op == "fact":
                reasons[f"not: {_statement(base.facts[str(other.param[0])])}"] = None
    else:
        for part in assessment.parts(index, row):
            if assessment.truth(*part) is Truth.HOLDS:
                _reasons(assessment, part[0], part[1], reasons)


def _statement(fact: Fact) -> str:
    return fact.statement.removesuffix(".")


def _instruments(assessment: Assessment) -> list[InstrumentStatus]:
    law, case = assessment.law, assessment.case
    found = []
    for (fact, code, number), status in case.status.items():
        head, _, key = fact.partition(".")
        if head != "bound" or (status.kind == "unknown" and key not in _entered(assessment, code)):
            continue
        reach = law.status.coverage.get(key)
        found.append(
            InstrumentStatus.model_construct(
                state=code,
                instrument=key,
                name=law.base.instruments[key].short,
                episode=case.periods[number].key,
                status=_STATUS_WORD[status.value],
                kind=status.kind,
                since=str(status.since) if status.since else None,
                until=str(status.until) if status.until else None,
                confidence=status.confidence,
                source=status.source,
                note=status.note,
                as_of=str(reach.as_of) if reach and status.confidence != "scenario" else "",
            )
        )
    return sorted(found, key=lambda item: (item.state, item.instrument, item.episode))


def _entered(assessment: Assessment, code: str) -> set[str]:
    return set(assessment.scenario.states[code].treaties)


def _pillars(assessment: Assessment) -> dict[str, list[PillarMeasure]]:
    pillars: dict[str, list[PillarMeasure]] = {
        "prevention": [],
        "protection": [],
        "prosecution": [],
    }
    base = assessment.law.base
    for item in base.provisions():
        if item.pillar and assessment.held(item.id):
            pillars[item.pillar].append(
                PillarMeasure.model_construct(
                    id=item.id,
                    name=item.name,
                    cite=base.citation(item),
                    strength=item.strength,
                    rows=_held_rows(assessment, item.id),
                    failed=item.stage == "duty failed",
                )
            )
    return pillars


def _missing(assessment: Assessment) -> list[Missing]:
    base, case = assessment.law.base, assessment.case
    found = []
    for item in base.classifications.values():
        rows: dict[str, dict[str, None]] = {}
        for row in assessment.rows(item.per):
            for fact, frame, where in assessment.missing(item, row):
                rows.setdefault(fact, {})[case.row_name(frame, where)] = None
        order = sorted(rows, key=lambda fact: (base.facts[fact].tier, list(base.facts).index(fact)))
        found += [
            Missing.model_construct(
                classification=item.id,
                fact=fact,
                rows=list(rows[fact]),
                question=base.facts[fact].question,
                judged=base.facts[fact].judged,
            )
            for fact in order
        ]
    return found


def _contested(
    assessment: Assessment, classifications: dict[str, ClassificationOutcome], icc: Icc
) -> list[ContestedPoint]:
    names: dict[str, None] = dict.fromkeys(icc.contested)
    for outcome in classifications.values():
        names.update(dict.fromkeys(outcome.contested))
        for parts in (outcome.episodes, outcome.states, outcome.charges):
            for part in parts.values():
                names.update(dict.fromkeys(part.contested))
    head = assessment.worlds.profiles[0]
    return [
        ContestedPoint.model_construct(
            id=name,
            question=" ".join(doctrine.question.split()),
            taken=head[name],
            views={view: " ".join(item.says.split()) for view, item in doctrine.views.items()},
            authorities={view: list(item.authorities) for view, item in doctrine.views.items()},
        )
        for name in names
        for doctrine in (assessment.law.base.doctrines[name],)
    ]


def _receipt(assessment: Assessment) -> Receipt:
    data = assessment.scenario.model_dump_json(exclude_defaults=True)
    return Receipt.model_construct(
        product="palermo",
        version=version(),
        result_version=RESULT_VERSION,
        rules=assessment.law.base.digest,
        data=_data_digest(assessment.law.status_folder),
        scenario=hashlib.sha256(data.encode()).hexdigest(),
        engine=assessment.engine,
        python=platform.python_version(),
        doctrine=dict(assessment.worlds.profiles[0]),
        strict=assessment.worlds.strict,
    )


@lru_cache(maxsize=4)
def _data_digest(folder: Path) -> str:
    total = hashlib.sha256()
    for path in sorted(folder.glob("*.*")):
        total.update(path.read_bytes())
    return total.hexdigest()


def result_json(result: Result, *, indent: int | None = 2) -> str:
    """The result as JSON text, keys in the order of the schema."""
    return result.model_dump_json(indent=indent, warnings=False)


def result_schema() -> str:
    """The JSON Schema of the result."""
    schema: Callable[[], dict[str, object]] = Result.model_json_schema
    return json.dumps(schema(), indent=2, ensure_ascii=False)
