"""A trace: a message flow from the initial state, as records that any report can show.

`shortest` picks the canonical one among the shortest; `replay` takes a trace through `product.py` again, so that nobody
is shown a flow that the definition does not allow.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from mcfsm.expressions.domains import Domain, Value
from mcfsm.expressions.evaluate import ABSENT
from mcfsm.model import INSTANCE_FAULTS, Message, Model, Transition
from mcfsm.problems import ModelError, Problem
from mcfsm.semantics.faults import FaultStep, is_down
from mcfsm.semantics.product import Product, actors
from mcfsm.semantics.steps import Sent, State, Step
from mcfsm.semantics.transition import Outcome

FREEZE = "freeze"

BEGIN = "begin"  # the first step of a flow of a model that may begin in several states


IGNORED = "ignore"


LOST = "lost"  # what becomes of a message that arrives where its receiver is down


@dataclass(frozen=True)
class Received:
    """A message a step consumes."""

    message: str
    sender: str
    elements: tuple[tuple[str, str], ...]  # name, value as shown; absent ones left out


@dataclass(frozen=True)
class SentMessage:
    """A message a step sends."""

    message: str
    receiver: str
    elements: tuple[tuple[str, str], ...]
    lost: bool = False


@dataclass(frozen=True)
class Change:
    """A state or variable that a step changes."""

    instance: str
    name: str
    before: str
    after: str


@dataclass(frozen=True)
class Disturbance:
    """A fault, or a restart: of an instance, or of a message in a channel."""

    kind: str  # of a channel or of an instance
    instance: str | None  # that crashes or restarts
    sender: str | None = None
    receiver: str | None = None
    message: str | None = None  # lost, copied, overtaking the one at this position, or corrupted
    elements: tuple[tuple[str, str], ...] = ()
    position: int | None = None  # in the channel, before the step; from 0
    becomes: tuple[tuple[str, str], ...] | None = None  # the elements after a corruption

    @property
    def place(self) -> str:
        """What it strikes: an instance, or `data(0, a) in sender -> receiver`."""
        if self.instance is not None:
            return self.instance
        change = "" if self.becomes is None else f" to {_valued(str(self.message), self.becomes)}"
        return f"{_valued(str(self.message), self.elements)}{change} in {self.sender} -> {self.receiver}"


@dataclass(frozen=True)
class TraceStep:
    """One joint step, in words."""

    instance: str
    transition: str  # id; "ignore" for an ignored message, "freeze" for the freeze, the kind of a fault
    trigger: str  # the message received, or the spontaneous trigger
    kind: str
    clause: str | None
    assumption: str | None
    receives: Received | None
    sends: tuple[SentMessage, ...]
    changes: tuple[Change, ...]
    chosen: tuple[tuple[str, str], ...]
    fault: Disturbance | None = None


@dataclass(frozen=True)
class Trace:
    """A flow, and the joint states it passes; `states[0]` is the initial one, `states[i]` follows step i.

    Of a lasso, the steps after the first `loop_start` repeat for ever; where there are none, the run may stop.
    """

    steps: tuple[TraceStep, ...]
    taken: tuple[Step, ...]
    states: tuple[State, ...]
    loop_start: int | None = None

    @property
    def ending(self) -> str | None:
        """How a lasso goes on, in words; None of any other flow."""
        if self.loop_start is None:
            return None
        if self.loop_start == len(self.steps):
            return "the run may stop here: nobody has to act"
        return f"then again from step {self.loop_start + 1}, for ever"

    def __len__(self) -> int:
        return len(self.steps)


class ReplayError(Exception):
    """A trace is not one of the definition's: a defect of mcfsm, never of a model."""


def replay(product: Product, steps: Iterable[Step]) -> Trace:
    """The steps taken one after the other from the initial state, in words. Raises ReplayError if one cannot be."""
    state = product.initial()
    taken: list[Step] = []
    states = [state]
    words: list[TraceStep] = []
    for number, step in enumerate(steps, 1):
        found = next((s for s in product.steps(state) if s == step), None)
        if found is None:
            raise ReplayError(f"step {number} of a trace is not enabled when it is replayed")
        words.append(describe(product, state, found))
        state = found.target
        taken.append(found)
        states.append(state)
    return Trace(tuple(words), tuple(taken), tuple(states))


def beginning(product: Product, state: State) -> tuple[Step, ...]:
    """The step in which a flow from a state begins, which is one of several to begin in; none where it is alone."""
    first = product.initial()
    return () if first.begun else tuple(step for step in product.steps(first) if step.target == state)


def describe(product: Product, state: State, step: Step) -> TraceStep:
    """One step from a state, in words."""
    model = product.model
    names = actors(model)
    changes = tuple(_changes(model, state, step))
    if step.begins:
        said = tuple((part.name(model), part.shown(model, step.target)) for part in product.left_open)
        return TraceStep(names[step.instance], BEGIN, BEGIN, BEGIN, None, None, None, (), (), said)
    if step.outcome is None:
        word = step.fault.kind if step.fault else FREEZE
        kind = "fault" if step.fault and step.fault.kind != "restart" else word
        fault = disturbance(model, step.fault) if step.fault else None
        return TraceStep(names[step.instance], word, word, kind, None, None, None, (), changes, (), fault)
    transition = product.transition(step.instance, step.outcome)
    received = None
    if step.event is not None:
        message = step.event.message
        received = Received(message.name, step.event.sender, shown_elements(model, message))
    return TraceStep(
        instance=names[step.instance],
        transition=transition.id if transition else LOST if is_down(state.locals[step.instance]) else IGNORED,
        trigger=transition.trigger if transition else step.event.message.name if step.event else IGNORED,
        kind=transition.kind if transition else "ignore",
        clause=transition.clause if transition else None,
        assumption=transition.assumption if transition else None,
        receives=received,
        sends=shown_sends(model, step.sends),
        changes=changes,
        chosen=tuple(_chosen(transition, step.outcome)),
    )


def with_flow(error: ModelError, product: Product, steps: Iterable[Step]) -> ModelError:
    """An error met in a state, with the flow that leads there as a hint."""
    words, state = [], product.initial()
    for step in steps:
        told = describe(product, state, step)
        words.append(f"{told.instance} {told.transition}" + (f" {told.fault.place}" if told.fault else ""))
        state = step.target
    flow = f"reached by: {'; '.join(words)}" if words else "in the initial state"
    problem = error.problems[0]
    hint = f"{problem.hint}; {flow}" if problem.hint else flow
    return ModelError([Problem(problem.code, problem.span, problem.message, hint)])


def shown_elements(model: Model, message: Message) -> tuple[tuple[str, str], ...]:
    """The elements of a message that are present, by name, as shown."""
    elements = model.form_of[message.name].elements
    return tuple(
        (name, domain.show(value))
        for (name, domain, _), value in zip(elements, message.elements, strict=True)
        if value is not ABSENT
    )


def shown_sends(model: Model, sends: Iterable[Sent]) -> tuple[SentMessage, ...]:
    """The messages that a step sends, in words."""
    return tuple(
        SentMessage(s.message.name, model.instances[s.receiver].name, shown_elements(model, s.message), s.lost)
        for s in sends
    )


def shown_message(model: Model, message: Message) -> str:
    """A message with its elements: deregister(Id(u2, A))."""
    return f"{message.name}({', '.join(value for _, value in shown_elements(model, message))})"


def _valued(message: str, elements: tuple[tuple[str, str], ...]) -> str:
    """The same of a message that is told of; without brackets where it has no elements."""
    values = ", ".join(value for _, value in elements)
    return f"{message}({values})" if values else message


def disturbance(model: Model, fault: FaultStep) -> Disturbance:
    """A fault or a restart in words."""
    if fault.kind in INSTANCE_FAULTS:
        return Disturbance(fault.kind, model.instances[fault.place].name)
    assert fault.message is not None
    channel, elements = model.channels[fault.place], shown_elements(model, fault.message)
    becomes = None if fault.becomes is None else shown_elements(model, fault.becomes)
    ends = channel.sender, channel.receiver
    return Disturbance(fault.kind, None, *ends, fault.message.name, elements, fault.position, becomes)


def _chosen(transition: Transition | None, outcome: Outcome) -> Iterable[tuple[str, str]]:
    domains = {} if transition is None else {choice.name: choice.domain for choice in transition.choices}
    yield from ((name, domains[name].show(value)) for name, value in outcome.chosen)


def _changes(model: Model, state: State, step: Step) -> Iterable[Change]:
    """Changes of instances and budgets' owners; observers are part of a property, not of the flow."""
    for instance, before, after in zip(model.instances, state.locals, step.target.locals, strict=False):
        if before == after:
            continue
        role = model.role_of[instance.name]
        for region, old, new in zip(role.regions, before.states, after.states, strict=True):
            if old != new:
                yield Change(instance.name, region.name, old, new)
        for variable, old, new in zip(role.variables, before.values, after.values, strict=True):
            if old != new:
                yield Change(instance.name, variable.name, _show(variable.domain, old), _show(variable.domain, new))


def _show(domain: Domain, value: Value) -> str:
    return domain.show(value)
