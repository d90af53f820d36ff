"""The steps of a flow file beside a model: every name known, every value one of its domain, ready to be compared.

What a step leaves out is left open. `Asked.fits` compares a step with one that the product takes, as a trace tells it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from mcfsm.expressions.domains import Domain, TooManyValues
from mcfsm.expressions.parse import SourceText
from mcfsm.language.files.document import Document
from mcfsm.language.files.flow_file import FaultPart, FlowError, FlowFile, FlowStep, ReceivedPart, SentPart
from mcfsm.language.resolving.roles import transition_ids
from mcfsm.model import CHANNEL_FAULTS, Message, Model, Transition
from mcfsm.problems import ModelError, Problem, Problems, Span, closest, shorten
from mcfsm.semantics.beginnings import open_parts
from mcfsm.semantics.product import ENVIRONMENT, Product
from mcfsm.semantics.trace import (
    BEGIN,
    FREEZE,
    IGNORED,
    LOST,
    Disturbance,
    Received,
    SentMessage,
    TraceStep,
    shown_elements,
)

_ABSENT = None
STEPS = (BEGIN, FREEZE, *CHANNEL_FAULTS, "crash")  # of the environment
RESTART = "restart"  # of an instance, and no transition


@dataclass(frozen=True)
class Carried:
    """A message that a step receives or sends, as far as it is said; the value None of an element: it is absent."""

    message: str
    elements: tuple[tuple[str, str | None], ...] = ()
    peer: str | None = None  # its sender, or receiver
    lost: bool | None = None

    def matches(self, model: Model, message: Message) -> bool:
        """Whether a message is one of these."""
        return self.message == message.name and self._agrees(shown_elements(model, message))

    def fits(self, told: Received | SentMessage | None) -> bool:
        """Whether the message that a step tells of is one of these."""
        if told is None or self.message != told.message or not self._agrees(told.elements):
            return False
        if isinstance(told, Received):
            return self.peer in (None, told.sender)
        return self.peer in (None, told.receiver) and self.lost in (None, told.lost)

    def fits_fault(self, told: Disturbance) -> bool:
        """Whether the message that a fault concerns is one of these."""
        return self.message == told.message and self._agrees(told.elements)

    def fits_corrupted(self, told: Disturbance) -> bool:
        """Whether what a fault makes of its message is one of these."""
        return told.becomes is not None and self.message == told.message and self._agrees(told.becomes)

    def _agrees(self, elements: Iterable[tuple[str, str]]) -> bool:
        there = dict(elements)
        return all(there.get(name, _ABSENT) == value for name, value in self.elements)

    def __str__(self) -> str:
        elements = ", ".join(f"{name}={'absent' if value is None else value}" for name, value in self.elements)
        return f"{self.message}({elements})" if elements else self.message


@dataclass(frozen=True)
class FlowFaultPattern:
    """A fault, as far as it is said: of an instance, or of a message in a channel."""

    instance: str | None = None
    sender: str | None = None
    receiver: str | None = None
    message: Carried | None = None
    position: int | None = None
    becomes: Carried | None = None

    def fits(self, told: Disturbance | None) -> bool:
        """Whether a fault that a step tells of is one of these."""
        return (
            told is not None
            and self.instance in (None, told.instance)
            and self.sender in (None, told.sender)
            and self.receiver in (None, told.receiver)
            and self.position in (None, told.position)
            and (self.message is None or self.message.fits_fault(told))
            and (self.becomes is None or self.becomes.fits_corrupted(told))
        )

    def __str__(self) -> str:
        where = " -> ".join(filter(None, [self.sender, self.receiver]))
        message = None if self.message is None else str(self.message)
        becomes = None if self.becomes is None else f"to {self.becomes}"
        return " ".join(filter(None, [self.instance, message, becomes, where and f"in {where}"]))


@dataclass(frozen=True)
class FlowStepPattern:
    """A step of a flow; what is None is left open."""

    number: int
    span: Span | None
    instance: str
    transition: str | None
    trigger: str | None
    receives: Carried | None
    chosen: tuple[tuple[str, str], ...]
    sends: tuple[Carried, ...] | None
    fault: FlowFaultPattern | None = None
    absence: str | None = None  # why the model that is replayed has no such transition, where its file has one

    def fits(self, told: TraceStep) -> bool:
        """Whether a step is one of those asked for."""
        chosen = dict(told.chosen)
        return (
            self.instance == told.instance
            and self.transition in (None, told.transition)
            and self.trigger in (None, told.trigger)
            and (self.receives is None or self.receives.fits(told.receives))
            and all(chosen.get(name) == value for name, value in self.chosen)
            and (self.sends is None or self.fits_sends(told.sends))
            and (self.fault is None or self.fault.fits(told.fault))
        )

    def fits_sends(self, told: tuple[SentMessage, ...]) -> bool:
        """Whether these are exactly the messages asked for, in order."""
        wanted = self.sends or ()
        return len(wanted) == len(told) and all(one.fits(other) for one, other in zip(wanted, told, strict=True))

    def __str__(self) -> str:
        values = ", ".join(f"{name}={value}" for name, value in self.chosen)
        received = None
        if self.receives is not None:
            received = f"receives {self.receives}" + (f" from {self.receives.peer}" if self.receives.peer else "")
        return " ".join(
            filter(
                None,
                [
                    self.instance,
                    self.transition,
                    self.trigger,
                    values,
                    received,
                    None if self.fault is None else str(self.fault),
                ],
            )
        )


def ask(flow: FlowFile, document: Document, model: Model) -> tuple[FlowStepPattern, ...]:
    """The steps of a flow, their names and values known to a model of the document. Raises FlowError (M3xx, M9xx)."""
    known = _Names(document, model)
    pattern = [known.step(number, step) for number, step in enumerate(flow.steps, 1)]
    try:
        known.problems.raise_any()
    except ModelError as error:
        raise FlowError(error.problems) from None
    return tuple(pattern)


class _Names:
    """Gives the names of steps their meaning; what has none becomes a problem."""

    def __init__(self, document: Document, model: Model) -> None:
        self.model = model
        self.problems = Problems()
        ids = transition_ids(document.roles, Problems())
        self.role_of: dict[str, str] = {}  # transition to its role, also where this model leaves it out
        self.under: dict[str, str] = {}
        self.triggers: dict[str, None] = dict.fromkeys(map(str, document.messages))
        for role, part in document.roles.items():
            for transition in part.transitions:
                name = ids[id(transition)]
                self.role_of[name] = str(role)
                self.under[name] = ", ".join(f"{key}={_either(value)}" for key, value in transition.under.items())
                self.triggers[str(transition.trigger)] = None

    def add(self, code: str, text: SourceText | Span | None, message: str, hint: str | None = None) -> None:
        self.problems.add(code, text.span if isinstance(text, SourceText) else text, message, hint)

    def step(self, number: int, step: FlowStep) -> FlowStepPattern:
        instance = self.instance(step.instance, ENVIRONMENT)
        received = step.received
        if instance == ENVIRONMENT:
            if received or self.fault(step) not in STEPS or step.trigger not in (None, self.fault(step)):
                self.add("M901", step.instance, f"the steps of the environment are {', '.join(STEPS)}")
        elif step.transition == RESTART or step.trigger == RESTART or step.fault is not None:
            if self.fault(step) != RESTART:
                self.add("M901", step.instance, f"{self.fault(step)} is a step of the environment")
        elif step.transition is None and step.trigger is None and received is None:
            message = f"step {number} does not say what {instance} does"
            self.add("M901", step.span, message, "name a transition, a trigger, or the message it receives")
        elif received is not None and step.trigger not in (None, received.message):
            self.add("M901", step.trigger, f"the trigger of a step that receives {received.message} is this message")
        self.transition(step, instance)
        if step.trigger is not None and step.trigger not in (*STEPS, RESTART, *self.triggers):
            self.add(
                "M315", step.trigger, f"unknown trigger {shorten(step.trigger)}", closest(step.trigger, self.triggers)
            )
        return FlowStepPattern(
            number=number,
            span=step.span,
            instance=instance,
            transition=self.fault(step) if instance == ENVIRONMENT or step.fault else _plain(step.transition),
            trigger=_plain(step.trigger),
            receives=None if received is None else self.carried(received, received.sender),
            chosen=tuple(self.choices(step, instance)),
            sends=None if step.sends is None else tuple(self.carried(sent, sent.receiver) for sent in step.sends),
            fault=None if step.fault is None else self.fault_pattern(step.fault),
            absence=self.absence(step),
        )

    def fault(self, step: FlowStep) -> str:
        """The kind of a step that is no transition: of the fault that it names, else the freeze."""
        named = step.fault.fault if step.fault is not None else None
        return str(named or step.transition or step.trigger or FREEZE)

    def fault_pattern(self, part: FaultPart) -> FlowFaultPattern:
        sender, receiver, instance = (
            None if name is None else self.instance(name) for name in (part.sender, part.receiver, part.instance)
        )
        message = becomes = None
        if part.message is not None:
            message = self.carried(SentPart(message=part.message, elements=part.elements), None)
            if part.becomes is not None:
                becomes = self.carried(SentPart(message=part.message, elements=part.becomes), None)
        return FlowFaultPattern(instance, sender, receiver, message, self.position(part.position), becomes)

    def position(self, written: SourceText | None) -> int | None:
        """The place in a channel that a fault strikes; None where it is not said, or a problem."""
        if written is None or re.fullmatch(r"[0-9]{1,9}", written):
            return None if written is None else int(written)
        self.add("M203", written, f"the position is '{shorten(written)}', but a whole number from 0 is expected")
        return None

    def instance(self, name: SourceText, *others: str) -> str:
        known = [*(instance.name for instance in self.model.instances), *others]
        plain = "".join(name.split())
        if plain not in known:
            self.add("M602", name, f"unknown instance {shorten(name)}", closest(name, known))
        return plain

    def transition(self, step: FlowStep, instance: str) -> None:
        """Note a transition that is unknown, of another role, or of another trigger than the step names."""
        name = step.transition
        if name is None or name in (IGNORED, LOST, RESTART, *STEPS):
            if name in STEPS and instance != ENVIRONMENT:
                self.add("M901", name, f"{name} is a step of the environment", f"write instance: {ENVIRONMENT}")
            return
        if name not in self.role_of:
            known = [key for key, role in self.role_of.items() if role == self.roles.get(instance)]
            self.add("M315", name, f"unknown transition {shorten(name)}", closest(name, known or self.role_of))
            return
        role = self.roles.get(instance)
        if role is not None and role != self.role_of[name]:
            self.add("M901", name, f"{instance} is a {role}, and {name} is a transition of {self.role_of[name]}")
        there = next((item for item in self.lines(instance) if item.id == name), None)
        received = step.received
        if there is None:
            return
        if step.trigger is not None and step.trigger != there.trigger and step.trigger in self.triggers:
            self.add("M901", step.trigger, f"the trigger of {name} is {there.trigger}, not {step.trigger}")
        if received is not None and (there.kind != "reception" or received.message != there.trigger):
            what = f"receives {there.trigger}" if there.kind == "reception" else "receives no message"
            self.add("M901", received.message, f"{name} {what}, not {received.message}")

    @property
    def roles(self) -> dict[str, str]:
        return {instance.name: instance.role for instance in self.model.instances}

    def lines(self, instance: str) -> tuple[Transition, ...]:
        return self.model.role_of[instance].transitions if instance in self.model.role_of else ()

    def absence(self, step: FlowStep) -> str | None:
        """Why the model has no such transition, where the document has it under another reading or region."""
        name = _plain(step.transition)
        if name not in self.role_of or any(t.id == name for role in self.model.roles for t in role.transitions):
            return None
        under = self.under[name]
        return f"{name} stands under {under}" if under else f"{name} belongs to what this scenario leaves out"

    def choices(self, step: FlowStep, instance: str) -> Iterable[tuple[str, str]]:
        if instance == ENVIRONMENT and self.fault(step) == BEGIN:
            yield from self.first_values(step)
            return
        fitting = [t for t in self.lines(instance) if step.transition in (None, t.id)]
        fitting = [t for t in fitting if step.trigger in (None, t.trigger)]
        domains: Mapping[str, Domain] = {choice.name: choice.domain for t in fitting for choice in t.choices}
        for name, value in step.chosen.items():
            if name in domains:
                yield str(name), self.value(domains[name], value)
            elif fitting:
                message = f"{step.transition or step.trigger or 'this step'} leaves no {shorten(name)} open"
                self.add("M901", name, message, closest(name, domains))

    def first_values(self, step: FlowStep) -> Iterable[tuple[str, str]]:
        """What a beginning is told by, less what is the same in all of them."""
        product = Product(self.model)
        same = [part for part in open_parts(self.model) if part not in product.left_open]
        known = {part.name(self.model): part.shown(self.model, product.beginnings[0]) for part in same}
        given = ((str(name), str(value)) for name, value in step.chosen.items())
        yield from ((name, value) for name, value in given if known.get(name) != value)

    def carried(self, part: ReceivedPart | SentPart, peer: SourceText | None) -> Carried:
        other = None if peer is None else self.instance(peer)
        lost = part.lost == "true" if isinstance(part, SentPart) and part.lost is not None else None
        form = self.model.form_of.get(part.message)
        if form is None:
            hint = closest(part.message, self.model.form_of)
            self.add("M302", part.message, f"unknown message {shorten(part.message)}", hint)
            return Carried(str(part.message), (), other, lost)
        known = {name: (domain, optional) for name, domain, optional in form.elements}
        elements: list[tuple[str, str | None]] = []
        for name, value in part.elements.items():
            if name not in known:
                message = f"{part.message} has no element {shorten(name)}"
                self.add("M303", name, message, closest(name, known))
            elif value is None:
                elements.append((str(name), None))
                if not known[name][1]:
                    self.add("M902", name, f"the element {name} of {part.message} is never absent")
            else:
                elements.append((str(name), self.value(known[name][0], value)))
        return Carried(str(part.message), tuple(elements), other, lost)

    def value(self, domain: Domain, text: SourceText) -> str:
        """The value as shown; a problem where the domain has none like it. A domain too large to list takes all."""
        try:
            shown = {_squeezed(domain.show(value)): domain.show(value) for value in domain.values}
        except TooManyValues:
            return str(text)
        if _squeezed(text) not in shown:
            self.add("M902", text, f"{shorten(text)} is no value of {domain}", closest(text, shown.values()))
        return shown.get(_squeezed(text), str(text))


def too_many(count: int, pattern: FlowStepPattern) -> FlowError:
    """The error of a flow that may have led to more states than are followed."""
    message = f"the steps up to {pattern.number} may lead to more than {count:,} states"
    hint = "name transitions, choices and elements, so that fewer runs are meant"
    return FlowError([Problem("M903", pattern.span, message, hint)])


def _either(value: SourceText | list[SourceText]) -> str:
    return str(value) if isinstance(value, SourceText) else " or ".join(map(str, value))


def _plain(text: SourceText | None) -> str | None:
    return None if text is None else str(text)


def _squeezed(text: str) -> str:
    return "".join(text.split())
