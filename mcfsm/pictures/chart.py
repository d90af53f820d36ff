"""The sequence chart of a trace as records; `flow_text` shows it on a terminal, others as pictures.

One rule for all charts: a step is a row with its number, and a message is an arrow in the row of the step that receives
it, as call flows are read. Where that is not the step after the one that sends it, both rows say so ("sent at 2", "its
message arrives at 6"), so that an overtaking cannot be missed; of one that is on its way at first, its row says that. A
spontaneous step is a mark on its instance's lifeline. A message that no step of the flow receives is an arrow of dots
beneath the step that sends it. A fault of a channel is an arrow of dots in a row of its own: its message is lost there,
copied, corrupted, or overtakes another.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace

from mcfsm.model import Model
from mcfsm.semantics.sentence import choices, first_values
from mcfsm.semantics.trace import (
    BEGIN,
    FREEZE,
    IGNORED,
    LOST,
    Disturbance,
    Received,
    SentMessage,
    Trace,
    TraceStep,
    shown_elements,
)

Key = tuple[str, tuple[tuple[str, str], ...]]  # message name, elements
_MADE = {"duplication": "copied", "corruption": "corrupted"}  # what a fault makes of a message


@dataclass(frozen=True)
class Arrow:
    """A message between two participants, by index, with the numbers of the steps that send and receive it."""

    message: str
    elements: str  # "(u1, B)", or empty
    sender: int
    receiver: int
    sent: int | None  # 0 where it is on its way at first, None where nobody knows
    received: int | None  # the first that receives it; None where no step of the flow does
    lost: bool = False
    fault: str | None = None  # what strikes it in the row where it is drawn
    becomes: str | None = None  # where that corrupts it: the message then
    made: str = "sent"  # or copied, or corrupted, by the step that it counts as sent by

    @property
    def label(self) -> str:
        """The message with its elements."""
        return self.message + self.elements

    @property
    def delayed(self) -> bool:
        """Whether other steps come between its sending and its reception."""
        return self.sent is not None and self.received is not None and self.received != self.sent + 1

    @property
    def since(self) -> str | None:
        """Since when it has been on its way; None where that is since the step before."""
        if self.sent == 0:
            return "there at the beginning"
        return f"{self.made} at {self.sent}" if self.delayed else None


@dataclass(frozen=True)
class ChartStep:
    """A step: what its instance does of itself or receives, and what it sends."""

    number: int
    participant: int | None  # None: the environment
    action: str | None  # what a step without a message is, None for a reception
    receives: Arrow | None
    sends: tuple[Arrow, ...]
    remarks: tuple[str, ...]  # values chosen, when its message was sent, when what it sends arrives; a fault
    basis: str  # clause, or assumption
    struck: Arrow | None = None  # by a fault of its channel

    @property
    def arrow(self) -> Arrow | None:
        """The message that is drawn in the row of the step: received, or struck."""
        return self.receives or self.struck

    @property
    def pending(self) -> tuple[Arrow, ...]:
        """The messages it sends that no step of the flow receives."""
        return tuple(arrow for arrow in self.sends if arrow.received is None)


@dataclass(frozen=True)
class Chart:
    """Those who take part, in declared order, and the steps."""

    title: str
    participants: tuple[str, ...]
    steps: tuple[ChartStep, ...]
    loop_start: int | None = None  # of a lasso: how many steps come before its loop
    ending: str | None = None  # of a lasso: how it goes on after the last step

    def before(self, step: ChartStep) -> str | None:
        """What stands across all lifelines before a step: that the loop begins."""
        return "the loop begins" if step.number - 1 == self.loop_start else None


def chart(trace: Trace, model: Model, *, title: str = "") -> Chart:
    """The sequence chart of a trace."""
    involved: set[str | None] = {step.instance for step in trace.steps if step.kind not in (BEGIN, "freeze", "fault")}
    for step in trace.steps:
        if step.fault is not None:
            involved |= {step.fault.instance, step.fault.sender, step.fault.receiver}
        involved |= {sent.receiver for sent in step.sends}
        involved |= {step.receives.sender} if step.receives else set()
    participants = tuple(instance.name for instance in model.instances if instance.name in involved)
    index = {name: i for i, name in enumerate(participants)}
    sent, received = _matched(trace, model)
    made = {number: _MADE.get(step.fault.kind, "sent") for number, step in enumerate(trace.steps, 1) if step.fault}
    steps = []
    for number, step in enumerate(trace.steps, 1):
        at = index.get(step.fault.instance or "" if step.fault else step.instance)
        struck = None if step.fault is None else _struck(model, step.fault, index, sent.get(number), number)
        receives = None
        if step.receives is not None and at is not None:
            message = step.receives
            elements = _elements(model, message)
            receives = Arrow(message.message, elements, index[message.sender], at, sent.get(number), number)
            receives = replace(receives, made=made.get(receives.sent or 0, "sent"))
        sends = tuple(
            Arrow(s.message, _elements(model, s), at, index[s.receiver], number, received.get((number, i)), s.lost)
            for i, s in enumerate(step.sends)
            if at is not None
        )
        drawn = ChartStep(number, at, _action(step), receives, sends, (), _basis(step), struck)
        steps.append(replace(drawn, remarks=tuple(_remarks(step, drawn, participants, trace, model))))
    return Chart(title, participants, tuple(steps), trace.loop_start, trace.ending)


def _matched(trace: Trace, model: Model) -> tuple[dict[int, int], dict[tuple[int, int], int]]:
    """Step that receives to step that sent it, and (step, place among its sends) to the first step that receives it.

    On fifo and bag the oldest equal message is the one; on a set, where a message stays, the one sent last. What loses
    a message counts as receiving it, what copies one as sending it, and what corrupts one as both. What is on its way
    at first was sent by a step 0.
    """
    waiting: dict[tuple[str, str], dict[Key, list[tuple[int, int]]]] = defaultdict(lambda: defaultdict(list))
    for sender, receiver, message in model.first_messages:
        waiting[sender, receiver][message.name, shown_elements(model, message)].append((0, -1))
    sent: dict[int, int] = {}
    received: dict[tuple[int, int], int] = {}
    for number, step in enumerate(trace.steps, 1):
        if step.receives is not None:
            link = step.receives.sender, step.instance
            sendings = waiting[link][step.receives.message, step.receives.elements]
            stays = model.channels[model.channel_of[link]].kind == "set"
            if sendings:
                sending = sendings[-1] if stays else sendings.pop(0)
                sent[number] = sending[0]
                received.setdefault(sending, number)
        if step.fault is not None and step.fault.instance is None:
            link = str(step.fault.sender), str(step.fault.receiver)
            equal = waiting[link][str(step.fault.message), step.fault.elements]
            match step.fault.kind:
                case "duplication":
                    equal.append((number, -1))
                case "loss" | "corruption" if equal:
                    sending = equal.pop(0)
                    sent[number] = sending[0]
                    received.setdefault(sending, number)
                    if step.fault.becomes is not None:  # which keeps its place
                        others = waiting[link][str(step.fault.message), step.fault.becomes]
                        others.insert(sum(other < sending for other in others), (number, -1))
                case "loss" | "corruption" | "reordering":
                    pass
                case kind:
                    raise AssertionError(f"what becomes of a message by {kind} is not drawn")
        for i, one in enumerate(step.sends):
            if not one.lost:
                waiting[step.instance, one.receiver][one.message, one.elements].append((number, i))
    return sent, received


def _struck(model: Model, fault: Disturbance, index: dict[str, int], sent: int | None, number: int) -> Arrow | None:
    """The message that a fault of a channel strikes."""
    if fault.instance is not None:
        return None
    message = Received(str(fault.message), str(fault.sender), fault.elements)
    ends = index[message.sender], index[str(fault.receiver)]
    becomes = (
        None if fault.becomes is None else message.message + _elements(model, replace(message, elements=fault.becomes))
    )
    return Arrow(message.message, _elements(model, message), *ends, sent, number, fault=fault.kind, becomes=becomes)


def _elements(model: Model, message: Received | SentMessage) -> str:
    """The elements in brackets: values alone where two mandatory ones leave no doubt, else each with its name."""
    if not message.elements:
        return ""
    form, words = model.form_of[message.message].elements, model.labels.element
    plain = len(form) <= 2 and not any(optional for _, _, optional in form)
    return (
        "("
        + ", ".join(value if plain else f"{words(message.message, name)}={value}" for name, value in message.elements)
        + ")"
    )


def _action(step: TraceStep) -> str | None:
    if step.kind == BEGIN:
        return "the scenario begins"
    if step.transition == FREEZE:
        return "the environment freezes"
    if step.fault is not None:
        return f"{step.fault.kind}, fault" if step.kind == "fault" else step.fault.kind
    return None if step.receives is not None else f"{step.trigger}, {step.kind}"


def _basis(step: TraceStep) -> str:
    return step.clause or ("assumption" if step.assumption is not None else "")


def _remarks(
    step: TraceStep, made: ChartStep, participants: tuple[str, ...], trace: Trace, model: Model
) -> Iterable[str]:
    if made.struck is not None:
        yield f"{made.struck.fault}, fault"
        yield from ([] if made.struck.becomes is None else [f"becomes {made.struck.becomes}"])
    if step.transition == IGNORED and step.kind == "ignore":
        yield "ignored"
    if step.transition == LOST and step.kind == "ignore":
        yield "lost: the receiver is down"
    yield from first_values(model, step) if step.kind == BEGIN else choices(model, step)
    if made.arrow is not None and made.arrow.since is not None:
        yield made.arrow.since
    names = [arrow.message for arrow in made.sends]
    for arrow in made.sends:
        if arrow.delayed:
            to = f" to {model.labels.instance(participants[arrow.receiver])}" if names.count(arrow.message) > 1 else ""
            fault = trace.steps[(arrow.received or 1) - 1].fault
            word = "arrives" if fault is None else "is lost" if fault.kind == "loss" else "is corrupted"
            which = model.labels.message(arrow.message) + to if len(names) > 1 else "its message"
            yield f"{which} {word} at {arrow.received}"


def undelivered(arrow: Arrow) -> str:
    """What became of a message that no step receives."""
    return "lost: the channel is full" if arrow.lost else "in flight at the end"
