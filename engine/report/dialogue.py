"""The interview as a conversation: one question at a time, typed answers, nothing ever lost."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from engine.inference.law import Law
from engine.model.element import JUDGE
from engine.model.problem import InputError
from engine.model.reasons import Question
from engine.model.scenario import Scenario
from engine.reasoning.interview import (
    Interview,
    Opening,
    read_answer,
    read_day,
    read_names,
    read_states,
    read_treaties,
)
from engine.reasoning.places import word
from engine.report.words import label_words

T = TypeVar("T")

HELP = """\
y / n        yes, no (or a number, or a choice by name or number)
? or Enter   don't know: it stays unknown and is not asked again
why          why this is asked
back         take the last answer back
change F=V   change any answer or fact: change victim.child=true
list         what was answered so far
done         stop here and assess; the rest stays unknown"""


class Ended(Exception):
    """The person stopped answering: end of input, or an interruption."""


@dataclass
class Dialogue:
    """A conversation at a terminal.

    ``ask`` reads one line after a prompt and raises ``EOFError`` at the end of input; ``save``
    is called with the scenario after every answer.
    """

    console: Console
    law: Law
    ask: Callable[[str], str]
    save: Callable[[Scenario], None]

    def opening(self, name: str) -> Scenario:
        """Ask who, where and when; every answer may be left out."""
        self.console.print(Text("First, who, where and when. Enter leaves an answer out.\n"))
        title = self._ask_for("What shall it be called?", str.strip)
        narrative = self._ask_for("What happened, in a sentence or two?", str.strip)
        start = self._ask_for("When did it begin? (YYYY-MM-DD, YYYY-MM or YYYY)", read_day)
        end = start and self._ask_for(
            "And when did it end?", lambda text: self._end(read_day(text, last=True), start)
        )
        states = self._ask_for(
            "Which States are concerned? (ISO codes such as CYP, THA, or invented names such as "
            "ALAND; commas between)",
            read_states,
        )
        invented = [code for code in states if len(code) > 3]
        treaties = tuple((code, self._treaties(code)) for code in invented)
        actors = self._ask_for("Who may be responsible? (names, commas between)", read_names)
        return Opening(title, narrative, start, end, states, actors, treaties).scenario(name)

    def _end(self, end: T, start: object) -> T:
        if end is not None and end < start:  # type: ignore[operator]
            raise InputError.single("answer", f"{end} is before the beginning, {start}")
        return end

    def _treaties(self, code: str) -> tuple[str, ...]:
        return self._ask_for(
            f"Which treaties bound {code} throughout? (palermo, untoc, iccpr, rome, ...; commas "
            "between; what you leave out is asked about when it matters)",
            lambda text: read_treaties(text, self.law),
        )

    def _ask_for(self, question: str, read: Callable[[str], T]) -> T:
        """Ask until the answer can be read."""
        while True:
            self.console.print(Text(question, style="bold"))
            typed = self._line()
            try:
                return read(typed)
            except InputError as error:
                self._complain(error)

    def _line(self) -> str:
        try:
            return self.ask("> ")
        except (EOFError, KeyboardInterrupt):
            raise Ended from None

    def _complain(self, error: InputError) -> None:
        for problem in error.problems:
            hint = f" ({problem.hint})" if problem.hint else ""
            self.console.print(Text(f"  {problem.message}{hint}", style="red"))

    def questions(self, interview: Interview) -> None:
        """Ask until nothing more can be settled, or the person is done.

        Raises ``Ended`` when the input ends; what was answered has been saved by then.
        """
        self.console.print(
            Text("\nNow what matters, one question at a time. `help` lists what you can type.\n")
        )
        number = len(interview.trail)
        question = interview.next()
        while question is not None:
            number += 1
            self._show(question, number)
            if not self._turn(interview, question):
                return
            number = len(interview.trail)
            question = interview.next()
        self.console.print(Text("\nNo answer to any further question could settle anything more."))

    def _turn(self, interview: Interview, question: Question) -> bool:
        """One question until it is answered; false when the person is done."""
        while True:
            typed = self._line().strip()
            command, _, rest = typed.partition(" ")
            low = command.lower()
            if low in ("done", "quit", "exit", "stop"):
                return False
            if low == "back":
                if interview.back() is None:
                    self.console.print(Text("  this is the first question", style="dim"))
                    continue
                self.save(interview.scenario)
                return True
            if low in ("why", "why?"):
                self._why(question)
            elif low == "help":
                self.console.print(Padding(Text(HELP, style="dim"), (0, 2)))
            elif low == "list":
                self._list(interview)
            elif low == "change":
                if self._change(interview, rest.strip()):
                    return True
            elif self._answer(interview, question, typed):
                return True

    def _answer(self, interview: Interview, question: Question, typed: str) -> bool:
        unknown = typed.lower() in ("", "?", "unknown", "don't know", "dont know", "dunno")
        try:
            value = None if unknown else read_answer(typed, question, self.law)
        except InputError as error:
            self._complain(error)
            self.console.print(Text("  `help` lists what you can type", style="dim"))
            return False
        before = {goal.text for goal in interview.open()}
        interview.answer(question, value)
        self.save(interview.scenario)
        settled = before - {goal.text for goal in interview.open()}
        for text in sorted(settled):
            self._settled(interview, text)
        return True

    def _settled(self, interview: Interview, text: str) -> None:
        target, _, where = text.partition("@")
        item = self.law.base.classifications[target.partition("=")[0]]
        assessment = interview.assessment
        for group in assessment.groups(item):
            if group.key == where:
                line = Text(f"  → {item.name}, {where}: ", style="blue")
                line.append(label_words(group.outcome.label), style="bold blue")
                self.console.print(line)

    def _change(self, interview: Interview, text: str) -> bool:
        if not text:
            self._list(interview)
            self.console.print(Text("  change FACT=VALUE changes one of them", style="dim"))
            return False
        try:
            interview.change(text)
        except InputError as error:
            self._complain(error)
            return False
        self.save(interview.scenario)
        self.console.print(Text(f"  changed: {text}", style="blue"))
        return True

    def _list(self, interview: Interview) -> None:
        if not interview.trail:
            self.console.print(Text("  nothing was answered yet", style="dim"))
        for turn in interview.trail:
            said = "don't know" if turn.value is None else word(turn.value)
            line = Text(f"  {turn.question.statement} = {said}")
            line.append(f"  {turn.question.question}", style="dim")
            self.console.print(line)

    def _show(self, question: Question, number: int) -> None:
        head = Text(f"{number}. ", style="bold")
        head.append(question.question, style="bold")
        where = question.statement.partition("@")[2]
        if where:
            head.append(f"  ({where})", style="dim")
        self.console.print()
        self.console.print(head)
        if question.is_not:
            self.console.print(Padding(Text(question.is_not, style="dim"), (0, 3)))
        if question.judged:
            self._show_judged(question)
        if question.values != ["true", "false"]:
            choices = ", ".join(
                value if len(question.values) == 1 else f"{place} {value}"
                for place, value in enumerate(question.values, start=1)
            )
            self.console.print(Padding(Text(choices), (0, 3)))

    def _show_judged(self, question: Question) -> None:
        words = f"You must judge this. {JUDGE}"
        for side, names in (("for", question.speaks_for), ("against", question.speaks_against)):
            if names:
                words += f" Speaks {side} it: {', '.join(names)}."
        self.console.print(Padding(Text(words, style="magenta"), (0, 3)))

    def _why(self, question: Question) -> None:
        self.console.print(Padding(Text(question.reason), (0, 2)))
        record = self.law.base.decided.get(question.provision)
        if record is not None and record.says:
            says = " ".join(record.says.split())
            self.console.print(Padding(Text(f"{record.name}: {says}", style="dim"), (0, 2)))
