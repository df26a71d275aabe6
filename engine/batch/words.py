"""Words in tables: how a text cell says true, false, nothing, a number or a day."""

from __future__ import annotations

import re
from datetime import date

TRUE_WORDS = ("true", "True", "TRUE")
FALSE_WORDS = ("false", "False", "FALSE")
NOTHING = ("", "unknown", "null", "Null", "NULL", "~")
_WHOLE = re.compile(r"[-+]?[0-9]{1,18}")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def plain_word(text: str) -> object:
    """What a text cell says, by the rules of the scenario files: a word, or a value."""
    if text in TRUE_WORDS:
        return True
    if text in FALSE_WORDS:
        return False
    if text in NOTHING:
        return None
    return int(text) if _WHOLE.fullmatch(text) else text


def day_of(text: str) -> date | None:
    """The day a text names as YYYY-MM-DD, or ``None``."""
    if not _DAY.fullmatch(text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
