"""Lines that ask the channels of their instance: every case of what is in these, as far as they ask.

A line is evaluated without contents; where it asks for one, each answer is a case of its own, and so on until nothing
more is asked. So what depends on a whole content is said by a few answers, each about one channel.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from mcfsm.expressions.evaluate import Askable, Wanted, matching
from mcfsm.model import Content, Local, Model
from mcfsm.problems import ModelError, Problem
from mcfsm.semantics.role import RoleMachine
from mcfsm.semantics.transition import Outcome, Way

MOST_CASES = 4096  # of one line in one local state
MOST_COUNTED = 64  # messages of a set channel


class ChannelQuestion(NamedTuple):
    """Whether a channel, by number, has messages with a name and some elements, or how many."""

    channel: int
    message: str
    wanted: Wanted
    counted: bool

    def answer(self, content: Content) -> int:
        """What a content of the channel answers."""
        return matching(content, self.message, self.wanted, counted=self.counted)


Answers = tuple[tuple[ChannelQuestion, int], ...]


@dataclass(frozen=True)
class AnsweredCase:
    """What a line leads to where its questions are answered so: outcomes, or an error of the values."""

    answers: Answers
    outcomes: tuple[Outcome, ...]
    error: ModelError | None = None


class _Unanswered(Exception):
    def __init__(self, question: ChannelQuestion, answers: range | tuple[bool, bool]) -> None:
        self.question, self.answers = question, answers


class _AskedContent(Askable):
    """A channel of which some answers are known."""

    def __init__(self, model: Model, channel: int, known: dict[ChannelQuestion, int]) -> None:
        self.model, self.channel, self.known = model, channel, known

    def matching(self, name: str, wanted: Wanted, *, counted: bool) -> int:
        declared = self.model.channels[self.channel]
        if name not in self.model.sent_by[declared.sender]:
            return 0 if counted else False
        question = ChannelQuestion(self.channel, name, wanted, counted)
        if question not in self.known:
            raise _Unanswered(question, range(self._most(question) + 1) if counted else (False, True))
        return self.known[question]

    def _most(self, question: ChannelQuestion) -> int:
        """How many messages there may be. Raises ModelError (M706) of a set that may have very many."""
        declared = self.model.channels[self.channel]
        if declared.bound is not None:
            return declared.bound
        most, fixed = 1, dict(question.wanted)
        for position, (_, domain, optional) in enumerate(self.model.form_of[question.message].elements):
            most *= 1 if position in fixed else domain.size() + optional
        if most > MOST_COUNTED:
            message = (
                f"how_many({question.message}) counts {declared.name}, a set of up to {most:,}; at most {MOST_COUNTED}"
            )
            raise ModelError([Problem("M706", None, message, "ask for elements, or whether there is any")])
        return most


def cases(machine: RoleMachine, way: Way, local: Local) -> Iterator[AnsweredCase]:
    """Every case of a line without a message in a local state. Raises ModelError (M706) where there are too many."""
    waiting: list[dict[ChannelQuestion, int]] = [{}]
    found = 0
    while waiting:
        known = waiting.pop()
        contents = tuple(_AskedContent(machine.model, channel, known) for channel in machine.channels)
        try:
            case = AnsweredCase(tuple(known.items()), tuple(machine.outcomes(way, local, None, contents)))
        except _Unanswered as open_:
            waiting += [{**known, open_.question: answer} for answer in reversed(open_.answers)]
            if found + len(waiting) > MOST_CASES:
                line = way[0].declared
                message = f"{line.id} asks its channels so much that there are more than {MOST_CASES:,} cases"
                problem = Problem("M706", line.span, message, "ask of fewer channels, or for fewer elements")
                raise ModelError([problem]) from None
            continue
        except ModelError as error:
            if not known or error.problems[0].code == "M706":
                raise
            case = AnsweredCase(tuple(known.items()), (), error)
        found += 1
        yield case


def possible(machine: RoleMachine, local: Local) -> tuple[Outcome, ...]:
    """Every outcome without a message that there is in some case."""
    found: dict[Outcome, None] = {}
    for way in machine.leaving(local.states, None):
        for case in cases(machine, way, local):
            found.update(dict.fromkeys(case.outcomes))
    return tuple(found)
