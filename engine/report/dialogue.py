"""The interview as a conversation: one question at a time, typed answers, nothing ever lost."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from engine.inference.law import Law
from engine.model.element import JUDGE
from engine.model.problem import InputError, nearest
from engine.model.reasons import Question
from engine.model.scenario import EpisodePart, Scenario
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
from engine.rulebase.scenarios import state_name

T = TypeVar("T")

HELP = """\
y / n        yes, no (or a number, or a choice by name or number)
? or Enter   don't know: it stays unknown and is not asked again
why          why this is asked
back         take the last answer back
list         what was answered so far, numbered
change N     answer question N of that list again
change F=V   change any fact: change victim.child=true
add actor NAME · add state CODE · add episode NAME
             enter another one
done         stop here and assess; the rest stays unknown"""

_KINDS = {"actor": "actors", "state": "states", "episode": "episodes"}


def _is_unknown(typed: str) -> bool:
    return typed.lower() in ("", "?", "unknown", "don't know", "dont know", "dunno")


def _some_of(names: tuple[str, ...], known: Sequence[str]) -> tuple[str, ...]:
    for name in names:
        if name not in known:
            hint = nearest(name, known) or "one of " + ", ".join(known)
            raise InputError.single("answer", f"{name} is not among them", hint)
    return names


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
            "Which States are concerned? (names or ISO codes such as CYP, THA, or invented names "
            "such as ALAND; commas between)",
            read_states,
        )
        self._say_states(states)
        treaties = tuple((code, self._treaties(code)) for code in states if len(code) > 3)
        actors = self._ask_for("Who may be responsible? (names, commas between)", read_names)
        opening = Opening(title, narrative, start, end, states, actors, treaties)
        names = self._ask_for(
            "Several episodes, at other times or with other people? (names, commas between; "
            "Enter: it is one)",
            read_names,
        )
        if names:
            parts = tuple((name, self._episode(name, actors)) for name in names)
            opening = replace(opening, episodes=parts)
        return opening.scenario(name)

    def _say_states(self, states: Sequence[str]) -> None:
        """Which of them are real, so that nobody's treaties are looked up by mistake."""
        known = self.law.status.states
        real = [f"{code} ({state_name(code)})" for code in states if code in known]
        invented = [code for code in states if code not in known]
        for words, found in (
            ("treaties from the data", real),
            ("treaties as you say", invented),
        ):
            if found:
                self.console.print(Text(f"  {', '.join(found)}: {words}", style="dim"))

    def _episode(self, name: str, actors: Sequence[str]) -> EpisodePart:
        """When an episode was, and who took part."""
        start = self._ask_for(f"When did {name} begin? (Enter: with the whole)", read_day)
        end = start and self._ask_for(
            f"And when did {name} end?", lambda text: self._end(read_day(text, last=True), start)
        )
        took_part: tuple[str, ...] = ()
        if len(actors) > 1:
            took_part = self._ask_for(
                f"Who took part in {name}? ({', '.join(actors)}; Enter: all)",
                lambda text: _some_of(read_names(text), actors),
            )
        return EpisodePart(start=start, end=end, actors=list(took_part))

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
        topic = ""
        while (question := interview.next()) is not None:
            topic = self._topic(question, topic)
            self._show(question, len(interview.trail) + 1)
            if not self._turn(interview, question):
                return
        self.console.print(Text("\nNo answer to any further question could settle anything more."))

    def _topic(self, question: Question, before: str) -> str:
        """Say which question the next ones are about, where it is another one."""
        name = question.targets[0].partition("=")[0]
        item = self.law.base.classifications.get(name)
        topic = item.name if item else name
        if topic != before:
            self.console.print()
            self.console.rule(Text(topic, style="bold blue"), align="left", style="dim")
        return topic

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
            elif low == "add":
                if self._add(interview, rest.strip()):
                    return True
            elif self._answer(interview, question, typed):
                return True

    def _answer(self, interview: Interview, question: Question, typed: str) -> bool:
        try:
            value = None if _is_unknown(typed) else read_answer(typed, question, self.law)
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
            self.console.print(Text("  change N answers one of them again", style="dim"))
            return False
        if text.isdigit() and 1 <= int(text) <= len(interview.trail):
            return self._again(interview, int(text) - 1)
        try:
            interview.change(text)
        except InputError as error:
            self._complain(error)
            return False
        self.save(interview.scenario)
        self.console.print(Text(f"  changed: {text}", style="blue"))
        return True

    def _again(self, interview: Interview, number: int) -> bool:
        """Ask a question of the trail again."""
        question = interview.trail[number].question
        self._show(question, number + 1)
        typed = self._line().strip()
        try:
            value = None if _is_unknown(typed) else read_answer(typed, question, self.law)
        except InputError as error:
            self._complain(error)
            self.console.print(Text("  left as it was", style="dim"))
            return False
        interview.reanswer(number, value)
        self.save(interview.scenario)
        return True

    def _add(self, interview: Interview, text: str) -> bool:
        """Enter another actor, State or episode."""
        word_, _, name = text.partition(" ")
        name, kind = name.strip(), _KINDS.get(word_.lower())
        if kind is None or not name:
            self.console.print(Text("  add actor NAME, add state CODE, add episode NAME", "dim"))
            return False
        try:
            part: dict[str, object] = {}
            if kind == "states":
                (name, *more) = read_states(name)
                self._say_states([name])
                if more:
                    raise InputError.single("answer", "found several States", "add one at a time")
                if name not in self.law.status.states:
                    part["treaties"] = dict.fromkeys(self._treaties(name), True)
            elif kind == "episodes":
                episode = self._episode(name, list(interview.scenario.actors))
                part = episode.model_dump(mode="json", exclude_defaults=True)
            interview.add(kind, name, part)
        except InputError as error:
            self._complain(error)
            return False
        self.save(interview.scenario)
        self.console.print(Text(f"  added: {word_.lower()} {name}", style="blue"))
        return True

    def _list(self, interview: Interview) -> None:
        if not interview.trail:
            self.console.print(Text("  nothing was answered yet", style="dim"))
        for number, turn in enumerate(interview.trail, start=1):
            said = "don't know" if turn.value is None else word(turn.value)
            line = Text(f"{number}. {turn.question.statement} = {said}")
            line.append(f"  {turn.question.question}", style="dim")
            self.console.print(Padding(line, (0, 2)))

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
