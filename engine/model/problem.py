"""What is wrong with something a person wrote, said so that the person can mend it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches


@dataclass(frozen=True, order=True)
class Problem:
    """One offence: where it is, what was found, and what would be right.

    ``line`` and ``column`` count from 1; 0 means that the place is not known.
    """

    file: str
    line: int
    column: int
    message: str
    hint: str = ""

    def __str__(self) -> str:
        place = self.file
        if self.line:
            place += f":{self.line}:{self.column}"
        return f"{place}: {self.message}" + (f" ({self.hint})" if self.hint else "")


class InputError(Exception):
    """Something a person wrote cannot be used. Carries every problem found, in order."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = sorted(set(problems))
        super().__init__()

    def __str__(self) -> str:
        return "\n".join(str(problem) for problem in self.problems)

    def __reduce__(self) -> tuple[type[InputError], tuple[list[Problem]]]:
        """Problems travel between processes as they are."""
        return (InputError, (self.problems,))

    @classmethod
    def single(cls, file: str, message: str, hint: str = "") -> InputError:
        """An error about a file as a whole."""
        return cls([Problem(file, 0, 0, message, hint)])


class EvaluatorsDisagree(Exception):
    """The two evaluators gave different answers: a defect of palermo, never of the input."""

    def __init__(self, differences: list[str]) -> None:
        self.differences = differences
        super().__init__(
            f"the two evaluators disagree on {len(differences)} gate rows, first: {differences[0]}"
        )


def nearest(word: str, known: Iterable[str]) -> str:
    """A "did you mean" hint for a misspelt word, or the empty string."""
    close = get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f"did you mean {close[0]}?" if close else ""
