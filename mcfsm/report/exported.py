"""What the exports to Promela and TLA+ decide alike: what stands in comments, what is refused, what may be sent.

What may live here: a scenario as every checker needs it; no word of a language.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from math import prod

from mcfsm.expressions.domains import TooManyValues
from mcfsm.expressions.scope import MessageForm
from mcfsm.model import Model, Sending, Transition
from mcfsm.problems import ModelError, Problem

MOST_MESSAGES = 1_000  # that a channel may ever hold, where each of them is told from the others


def refusal(message: str, hint: str) -> ModelError:
    """The error that a language has no words for something (M615)."""
    return ModelError([Problem("M615", None, message, hint)])


@contextmanager
def written_in(language: str) -> Iterator[None]:
    """What is written out in a language. Raises ModelError (M615) where a domain is too large for that."""
    try:
        yield
    except TooManyValues as error:
        raise refusal(f"{error} in {language}", "make the domain smaller") from None


def check_sending(sending: Sending) -> None:
    """Raise ModelError (M615) where an element is left open in a message that differs from receiver to receiver."""
    if sending.by_receiver and any(sending.maybe):
        said = f"an element of {sending.message} is left open, and what it carries depends on who gets it"
        raise refusal(said, "send to each by itself")


def told(model: Model) -> Iterator[str]:
    """What a text says first of where it comes from, line by line."""
    yield f"{model.name}, scenario {model.scenario}"
    if model.source:
        yield model.source
    for one in (*model.readings, *model.options, *model.parameters):
        yield f"{one.name} = {one.value}"


def rests_on(line: Transition | None) -> str:
    """The assumption or the clause of a line, behind what is said of it."""
    if line is None:
        return ""
    if line.assumption:
        return f"; assumption: {line.assumption}"
    return f"; {line.clause}" if line.clause else ""


def is_limited(model: Model, budget: str | None) -> bool:
    """Whether what is paid from a budget comes to an end."""
    return budget is not None and model.budgets[model.budget_of[budget]].limit is not None


def forms_from(model: Model, sender: str) -> list[MessageForm]:
    """The messages that a channel from an instance may carry."""
    return [form for form in model.messages if form.name in model.sent_by[sender]]


def most_messages(model: Model, sender: str) -> int:
    """How many messages with their elements a channel from an instance may ever hold, counted and not listed."""
    forms = forms_from(model, sender)
    return sum(prod(domain.size() + optional for _, domain, optional in form.elements) for form in forms)
