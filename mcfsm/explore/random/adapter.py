"""What stands between a model and a real system: who starts it, sends to it, and takes what it sends.

A system under test is put behind an `Adapter`, which anybody may write; nothing has to be inherited.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Literal, NamedTuple, Protocol, runtime_checkable

from mcfsm.explore.random.calls import Drawn
from mcfsm.model import Model
from mcfsm.model.wire import WireMessage
from mcfsm.problems import counted
from mcfsm.semantics.product import Product
from mcfsm.semantics.steps import Step
from mcfsm.semantics.trace import Trace, replay

Render = Callable[[Trace, Model], str]


@runtime_checkable
class Adapter(Protocol):
    """A system under test. Whatever a method raises ends the example, and is shown as it is."""

    def start(self) -> None:
        """Bring the system into its initial state: before each example."""

    def stop(self) -> None:
        """End it, whatever has happened: after each example, also after a `start` that failed."""

    def send(self, message: WireMessage) -> None:
        """Let the system have a message, as from its sender. It need not have been received on return."""

    def receive(self, timeout: float) -> WireMessage | None:
        """The next message that the system has sent to anybody; None where none comes in so many seconds."""


@runtime_checkable
class CrashingAdapter(Adapter, Protocol):
    """A system under test of which instances can be made to crash where the scenario lets them."""

    def crash(self, instance: str) -> None:
        """End an instance as a crash would: it loses what it does not keep."""

    def restart(self, instance: str) -> None:
        """Begin it again, with what it kept."""


class Done(NamedTuple):
    """A step that was done to a system: a move and the values of its parts, and whether the next followed at once."""

    move: str
    values: tuple[Drawn, ...]
    at_once: bool = False
    parts: tuple[str, ...] = ()
    sends: bool = False

    def __str__(self) -> str:
        given = [f"{name}={value!r}" for name, value in zip(self.parts, self.values, strict=True)]
        return f"{self.move}({', '.join([*given, *([f'at_once={self.at_once}'] if self.sends else [])])})"


class NonConformance(AssertionError):
    """A system does what its model does not allow, or is silent where it has to answer; the message shows the flow."""

    def __init__(
        self,
        kind: Literal["unexpected", "silent"],
        received: WireMessage | None,
        reason: str | None,
        possible: tuple[str, ...],
        steps: tuple[Step, ...],
        model: Model,
        render: Render,
        done: tuple[Done, ...],
    ) -> None:
        super().__init__(kind)
        self.kind = kind
        self.received = received  # None where nothing came
        self.reason = reason  # why the model has no such message at all
        self.possible = possible  # what might have come instead
        self.steps = steps
        self.done = done
        self._model, self._render = model, render

    @property
    def calls(self) -> list[str]:
        """What was done to the system, as the calls of a program of its state machine."""
        return [f"state.{one}" for one in self.done]

    @cached_property
    def trace(self) -> Trace:
        """A run of the model that fits what was seen before, replayed."""
        return replay(Product(self._model), self.steps)

    @cached_property
    def _message(self) -> str:
        after = f"after {counted(len(self.steps), 'step')}" if self.steps else "at once"
        if self.received is None:
            head = f"The system is silent {after}, where it has to answer."
        else:
            head = f"The system sends what the model does not allow {after}: {self.received}."
        said = [head, *([f"In the model, {self.reason}."] if self.reason else [])]
        said.append("Possible there: " + ("; ".join(self.possible) or "no message") + ".")
        flow = [self._render(self.trace, self._model)] if self.steps else []
        return "\n\n".join(["\n".join(said), *flow])

    def __str__(self) -> str:
        return self._message
