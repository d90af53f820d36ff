"""Joint states and joint steps as records, and what may be wrong beside a step. `product` says which there are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from mcfsm.model import Content, Local, Message
from mcfsm.semantics.faults import FaultStep
from mcfsm.semantics.role import Event
from mcfsm.semantics.transition import Outcome


class State(NamedTuple):
    """A joint state."""

    locals: tuple[Local, ...]  # of every instance, then of every observer in use
    channels: tuple[Content, ...]
    budgets: tuple[int, ...]  # what is left; -1 without limit
    frozen: bool | None  # None before the beginning, where a model has several: else it is as the first of these

    @property
    def begun(self) -> bool:
        """Whether it is a joint state of the model, and not that before it has begun."""
        return self.frozen is not None


class Sent(NamedTuple):
    """A message that a step sends; lost where its channel is full and loses."""

    receiver: int
    message: Message
    lost: bool


class Delivery(NamedTuple):
    """What becomes of the messages of a step: contents and messages, and the first channel that has no room."""

    channels: tuple[Content, ...]
    sends: tuple[Sent, ...]
    full: int | None  # a channel that neither takes nor loses a message: the step is not taken


BEGIN = -1  # in the order of a step, where those of the environment have what kind they are


class Step(NamedTuple):
    """One way on from a state. `order` sorts the steps of a state: instance, transition, message, values.

    Last come the steps of the environment: freeze, faults by channel, kind and position, crashes by instance. Where a
    model may begin in several states, a beginning is the first step of each flow.
    """

    order: tuple[Any, ...]
    instance: int  # index; one past the last for the environment, whose steps freeze and faults are
    outcome: Outcome | None  # None for freeze, faults and restart
    event: Event | None
    sends: tuple[Sent, ...]
    target: State
    fault: FaultStep | None = None  # of a fault, and of a restart

    @property
    def begins(self) -> bool:
        """Whether it is a beginning."""
        return bool(self.order[1] == BEGIN)


def depth_of(path: Sequence[Step]) -> int:
    """How many steps a path takes from a state that a model may begin in: a beginning is none of them."""
    return len(path) - (bool(path) and path[0].begins)


class Refused(NamedTuple):
    """An unspecified reception: an offered message that the receiver's local state has no answer to."""

    instance: int
    event: Event


class Overflow(NamedTuple):
    """A step not taken because it would put more into a channel than its bound."""

    channel: int
    instance: int
    outcome: Outcome


class Expansion(NamedTuple):
    """All that can happen in a state, and all that is wrong in it."""

    steps: tuple[Step, ...]
    refused: tuple[Refused, ...]
    overflows: tuple[Overflow, ...]
