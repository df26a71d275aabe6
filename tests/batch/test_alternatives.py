"""Which element decides: none while another stands in for it, and a bar when it holds."""

from __future__ import annotations

from engine.batch.rows import first_deciding
from engine.inference.alternatives import alternatives, bars
from engine.inference.law import Law
from engine.model.truth import Truth

HOLDS, FAILS, UNKNOWN = Truth.HOLDS, Truth.FAILS, Truth.UNKNOWN


def test_a_child_needs_no_means(law: Law) -> None:
    item = law.base.classifications["transnational_offence"]
    assert alternatives(law.base, item)["palermo.3.c"] == ("palermo.3.a.means", "palermo.3.c")
    values = dict.fromkeys(item.elements, HOLDS)
    values |= {"palermo.3.c": FAILS, "untoc.2.a": FAILS, "palermo.4": FAILS}
    assert first_deciding(law, item, "trafficking_only", values) == "untoc.2.a"
    values |= {"palermo.3.a.means": FAILS}
    assert first_deciding(law, item, "not_met", values) == "palermo.3.a.means"
    values |= {"palermo.3.a.means": UNKNOWN}
    assert first_deciding(law, item, "undetermined", values) == "palermo.3.a.means"


def test_what_bars_a_case_decides_when_it_holds(law: Law) -> None:
    item = law.base.classifications["icc_admissible"]
    assert {"rome.17.1.a", "rome.17.1.b", "rome.17.1.c"} <= bars(law.base, item)
    assert not bars(law.base, law.base.classifications["crime_against_humanity"])
    values = dict.fromkeys(item.elements, FAILS)
    values["rome.17.1.c"] = HOLDS
    assert first_deciding(law, item, "no", values) == "rome.17.1.c"
