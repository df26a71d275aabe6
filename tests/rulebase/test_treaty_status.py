"""Who is bound on a day: in force, withdrawn, signed only, declared, not known."""

from __future__ import annotations

from datetime import date

import pytest

from engine.inference.law import Law
from engine.model.truth import Truth

D = date.fromisoformat


@pytest.mark.parametrize(
    ("treaty", "state", "day", "value", "kind"),
    [
        ("rome", "PHL", "2019-03-16", Truth.HOLDS, "party"),
        ("rome", "PHL", "2019-03-17", Truth.FAILS, "withdrawn"),
        ("rome", "BDI", "2017-10-26", Truth.HOLDS, "party"),
        ("rome", "BDI", "2017-10-27", Truth.FAILS, "withdrawn"),
        ("rome", "HUN", "2026-07-01", Truth.HOLDS, "party"),  # the notice was taken back
        ("rome", "TCD", "2026-11-01", Truth.HOLDS, "party"),  # withdrawal pending
        ("rome", "RUS", "2015-01-01", Truth.FAILS, "signatory"),
        ("rome", "RUS", "2017-01-01", Truth.FAILS, "not a party"),  # signature withdrawn
        ("rome", "USA", "2001-06-01", Truth.FAILS, "signatory"),
        ("rome", "CHN", "2020-01-01", Truth.FAILS, "not a party"),
        ("iccpr", "CHN", "2020-01-01", Truth.FAILS, "signatory"),
        ("echr", "RUS", "2022-09-15", Truth.HOLDS, "party"),
        ("echr", "RUS", "2022-09-16", Truth.FAILS, "withdrawn"),
        ("untoc", "XXX", "2010-01-01", Truth.UNKNOWN, "unknown"),  # the list is incomplete
        ("iccpr", "XXX", "2020-01-01", Truth.FAILS, "not a party"),
        ("iccpr", "XXX", "2030-01-01", Truth.UNKNOWN, "unknown"),  # after the data end
        ("maputo", "NER", "2020-01-01", Truth.UNKNOWN, "unknown"),  # no data at all
    ],
)
def test_status_on_a_day(
    law: Law, treaty: str, state: str, day: str, value: Truth, kind: str
) -> None:
    found = law.status.on(treaty, state, D(day))
    assert (found.value, found.kind) == (value, kind)


def test_without_a_day_nothing_is_known(law: Law) -> None:
    assert law.status.on("rome", "PHL", None).value is Truth.UNKNOWN


def test_unbroken_membership_is_dated_from_its_first_day(law: Law) -> None:
    found = law.status.on("rome", "PHL", D("2015-01-01"))
    assert (found.since, found.until) == (D("2011-11-01"), D("2019-03-17"))


@pytest.mark.parametrize(
    ("state", "day", "value"),
    [
        ("UGA", "2002-07-01", Truth.HOLDS),
        ("UKR", "2014-03-01", Truth.HOLDS),
        ("UKR", "2013-01-01", Truth.FAILS),
        ("EGY", "2013-08-01", Truth.UNKNOWN),  # lodged by an ousted government, rejected
        ("PSE", "2009-06-01", Truth.UNKNOWN),  # not acted on
        ("PSE", "2014-07-01", Truth.HOLDS),
        ("KEN", "2014-07-01", Truth.FAILS),
    ],
)
def test_declarations_of_acceptance(law: Law, state: str, day: str, value: Truth) -> None:
    assert law.status.accepted("rome", state, D(day)).value is value


def test_a_row_of_low_confidence_is_no_more_than_unknown(law: Law) -> None:
    low = [
        (treaty, state, act)
        for (treaty, state), acts in law.status.acts.items()
        for act in acts
        if act.confidence == "low" and act.effect
    ]
    assert low
    for treaty, state, act in low:
        if act.action.startswith("declaration"):
            assert law.status.accepted(treaty, state, act.effect).value is not Truth.FAILS
        else:
            assert law.status.on(treaty, state, act.effect).value is not Truth.HOLDS


def test_every_treaty_with_data_is_an_instrument_with_parties(law: Law) -> None:
    unknown = {treaty for treaty, _ in law.status.acts} - set(law.base.instruments)
    assert not unknown
    assert set(law.status.coverage) == {treaty for treaty, _ in law.status.acts}
