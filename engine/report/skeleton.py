"""A scenario file to fill in: every core fact with its question, all of them unknown."""

from __future__ import annotations

import textwrap

from engine.model.frames import Frame
from engine.model.records import Fact
from engine.rulebase.rulebase import Rulebase

_HEAD = """\
# A scenario for palermo. Fill in what you know; what you leave unknown is never guessed.
# Values: true, false, unknown, a number or a choice; or {{value: true, source: "...", note: "..."}}
id: {name}
title: A title
kind: hypothetical
narrative: What happened, in a few sentences.
dates:
  start: 2020-01-01
  end: 2020-12-31

# The situation as a whole. A fact of an actor, State or episode stated here holds for all of them.
facts:
"""
_STATES = """
# States by ISO code (CYP) or an invented name of four letters or more (ALAND).
# For a real State the treaties it was bound by are looked up; what you write here wins.
states:
  ALAND:
    roles: [territory]
    treaties:
      # KEY: true, false, or {in_force: 2010-01-01, until: 2019-03-17}
"""


def skeleton(base: Rulebase, name: str, *, everything: bool = False) -> str:
    """The text of a commented scenario file called ``name``."""
    chosen = [
        fact
        for fact in base.facts.values()
        if not fact.derived and (everything or fact.tier == "core")
    ]
    lines = [_HEAD.format(name=name)]
    lines.append(_facts(chosen, Frame.SITUATION, "  "))
    lines.append(_STATES)
    treaties = [item for item in base.instruments.values() if item.parties]
    lines += [f"      {item.key}: unknown    # {item.short}\n" for item in treaties]
    lines.append("    facts:\n" + _facts(chosen, Frame.STATE, "      "))
    lines.append("\nactors:\n  main:\n    facts:\n" + _facts(chosen, Frame.ACTOR, "      "))
    lines.append("\nepisodes:\n  e1:\n    facts:\n" + _facts(chosen, Frame.EPISODE, "      "))
    return "".join(lines)


def _facts(facts: list[Fact], frame: Frame, pad: str) -> str:
    lines = []
    for fact in facts:
        if fact.scope is not frame:
            continue
        width = 98 - len(pad)
        question = fact.question + (f" One of: {', '.join(fact.values)}." if fact.values else "")
        lines += [f"{pad}# {line}" for line in textwrap.wrap(question, width)]
        lines.append(f"{pad}{fact.id}: unknown")
    return "\n".join(lines) + "\n"
