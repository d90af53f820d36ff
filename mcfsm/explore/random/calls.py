"""Joint steps by name and values: what a program of method calls can say of a step.

A move is a transition of an instance, an ignored message, a fault, a restart, or the freeze. What it leaves open are
its parts, which are the same in every state: the sender, the elements of a message that its channel lets choose, chosen
values, whether optional elements are sent, the position of a message that a fault strikes, and what it is corrupted to.
In one state no two steps have the same move and the same values.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from keyword import iskeyword
from typing import Any, NamedTuple

from mcfsm.expressions.domains import Domain, TooManyValues
from mcfsm.expressions.evaluate import ABSENT
from mcfsm.expressions.nodes import Node
from mcfsm.model import Message, Model, Transition
from mcfsm.semantics.beginnings import OpenPart
from mcfsm.semantics.product import Product
from mcfsm.semantics.steps import Step
from mcfsm.semantics.trace import BEGIN, shown_message
from mcfsm.semantics.transition import IGNORE

Drawn = str | bool | int | None  # a value as the language shows it; presence; position; None for an absent element
# instance; transition, ignored message, kind and place of a fault (or BEGIN, 0), or None for the freeze
MoveKey = tuple[int, int | str | tuple[str, int] | None]


class OpenValue(NamedTuple):
    """Something a move leaves open, its values in declared order (None: too many to list), and how a step fills it."""

    name: str
    values: tuple[Drawn, ...] | None
    read: Callable[[Step], Drawn]


@dataclass(frozen=True)
class Move:
    """All joint steps in which an instance takes one transition or ignores one message; or one fault; or the freeze."""

    name: str  # of a method
    parts: tuple[OpenValue, ...] = ()

    def values(self, step: Step) -> tuple[Drawn, ...]:
        """What a step of this move fills its parts with."""
        return tuple(part.read(step) for part in self.parts)


@dataclass(frozen=True)
class Call:
    """A move and the values of its parts: one step, or none in a state that does not enable it."""

    move: Move
    values: tuple[Drawn, ...]

    def __repr__(self) -> str:
        parts = zip(self.move.parts, self.values, strict=True)
        return f"{self.move.name}({', '.join(f'{part.name}={value!r}' for part, value in parts)})"

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:  # noqa: ARG002 - there are no cycles
        """The same for Hypothesis, which would print the fields."""
        printer.text(repr(self))


def moves_of(model: Model, taken: set[str]) -> dict[MoveKey, Move]:
    """Every move of a model, in declared order. Their names are identifiers, and none is in `taken`."""
    found: dict[MoveKey, Move] = {}
    for i, instance in enumerate(model.instances):
        role, who = model.role_of[instance.name], identifier(instance.name)
        for j, transition in enumerate(role.transitions):
            name = unique(f"{who}__{_short(transition, role.transitions)}", taken)
            found[i, j] = Move(name, tuple(_parts(model, i, transition)))
        for message in _ignorable(model, i):
            found[i, message] = Move(unique(f"{who}__ignore_{message}", taken), tuple(_parts(model, i, message)))
        if instance.crash is not None:
            found[i, ("restart", i)] = Move(unique(f"{who}__restart", taken))
    environment = len(model.instances)
    if model.may_begin_in_several:
        found[environment, (BEGIN, 0)] = Move(unique("environment__begin", taken), tuple(_open_at_first(model)))
    if model.allows_freeze:
        found[environment, None] = Move(unique("environment__freeze", taken))
    for at, channel in enumerate(model.channels):
        for kind, _ in channel.faults:
            parts = [OpenValue("position", tuple(range(channel.bound or 0)), _position)]
            if kind == "corruption":
                parts.append(OpenValue("becomes", None, _becomes(model)))
            name = f"environment__{kind}_{channel.sender}_{channel.receiver}"
            found[environment, (kind, at)] = Move(unique(name, taken), tuple(parts))
    for i, instance in enumerate(model.instances):
        if instance.crash is not None:
            found[environment, ("crash", i)] = Move(unique(f"environment__crash_{instance.name}", taken))
    return found


def _open_at_first(model: Model) -> Iterator[OpenValue]:
    """What tells one of the states that a model may begin in from another."""
    product, taken = Product(model), {"self"}
    for part in product.left_open:
        values = dict.fromkeys(part.shown(model, state) for state in product.beginnings)
        yield OpenValue(unique(part.name(model), taken), tuple(values), _first_reader(model, part))


def _first_reader(model: Model, part: OpenPart) -> Callable[[Step], Drawn]:
    return lambda step: part.shown(model, step.target)


def _ignorable(model: Model, at: int) -> list[str]:
    """The messages that an instance may consume without effect: those it ignores, all of them where it loses them."""
    instance = model.instances[at]
    ignored = model.role_of[instance.name].ignored
    if instance.crash is None or instance.crash.arrivals == "wait":
        return list(ignored)
    return [form.name for form in model.messages if form.name in ignored or _senders(model, at, form.name)]


def key_of(step: Step) -> MoveKey:
    """The move that a step belongs to."""
    if step.begins:
        return step.instance, (BEGIN, 0)
    if step.fault is not None:
        return step.instance, (step.fault.kind, step.fault.place)
    if step.outcome is None:
        return step.instance, None
    if step.outcome.transition == IGNORE and step.event is not None:
        return step.instance, step.event.message.name
    return step.instance, step.outcome.transition


def unique(name: str, taken: set[str]) -> str:
    """The name as an identifier, numbered where it is taken; notes it as taken."""
    plain = candidate = identifier(name)
    number = 2
    while candidate in taken:
        candidate, number = f"{plain}_{number}", number + 1
    taken.add(candidate)
    return candidate


def identifier(text: str) -> str:
    """The text with whatever no Python name may hold made an underscore."""
    name = re.sub(r"\W+", "_", text).strip("_") or "_"
    return f"_{name}" if name[0].isdigit() else f"{name}_" if iskeyword(name) else name


def _short(transition: Transition, among: Sequence[Transition]) -> str:
    """The id less what the instance says already: its trigger, numbered where the trigger has several transitions."""
    number = transition.id.removeprefix(f"{transition.role}.{transition.trigger}.")
    if not number.isdigit():
        return transition.id.removeprefix(f"{transition.role}.")
    alone = sum(other.trigger == transition.trigger for other in among) == 1
    return transition.trigger if alone else f"{transition.trigger}_{number}"


def _parts(model: Model, receiver: int, what: Transition | str) -> Iterator[OpenValue]:
    """What a move leaves open: sender, elements, choices, optional elements of sends."""
    taken = {"self"}
    message = what if isinstance(what, str) else what.trigger if what.kind == "reception" else None
    if message is not None:
        senders = _senders(model, receiver, message)
        if len(senders) > 1:
            yield OpenValue(unique("sender", taken), senders, _sender)
        kinds = {model.channels[model.channel_of[s, model.instances[receiver].name]].kind for s in senders}
        for position, (name, domain, optional) in enumerate(model.form_of[message].elements):
            if kinds - {"fifo"} and (optional or domain.size() > 1):  # a fifo offers one message: nothing is open
                values = _listed(domain)
                listed = values if values is None or not optional else (*values, None)
                yield OpenValue(unique(name, taken), listed, _element_reader(position, domain))
    if isinstance(what, Transition):
        for position, choice in enumerate(what.choices):
            values = _listed(choice.domain)
            yield OpenValue(unique(choice.name, taken), values, _choice_reader(position, choice.domain))
        yield from _presences(model, what, taken)


def _presences(model: Model, transition: Transition, taken: set[str]) -> Iterator[OpenValue]:
    """For each optional element that a send may leave out, whether it is there; for several sends alike, in which."""
    for message in dict.fromkeys(sending.message for sending in transition.sends):
        alike = [sending for sending in transition.sends if sending.message == message]
        for position, (name, _, _) in enumerate(model.form_of[message].elements):
            if any(sending.maybe[position] for sending in alike):
                argument = unique(f"send_{name}", taken)
                if len(alike) == 1:
                    yield OpenValue(argument, (True, False), _presence_reader(message, position))
                else:
                    yield OpenValue(argument, None, _presences_reader(message, position))


def _senders(model: Model, receiver: int, message: str) -> tuple[str, ...]:
    """Who may send a message to an instance, as far as the roles say; in instance order."""
    name = model.instances[receiver].name
    return tuple(
        instance.name
        for instance in model.instances
        if (instance.name, name) in model.channel_of
        and (
            any((one, to, m.name) == (instance.name, name, message) for one, to, m in model.first_messages)
            or any(
                sending.message == message and _may_reach(sending.to, name)
                for transition in model.role_of[instance.name].transitions
                for sending in transition.sends
            )
        )
    )


def _may_reach(to: Node, name: str) -> bool:
    domain: Any = to.domain
    return bool(getattr(domain, "element", domain).contains(name))


def _listed(domain: Domain) -> tuple[Drawn, ...] | None:
    try:
        return tuple(domain.show(value) for value in domain.values)
    except TooManyValues:
        return None


def _position(step: Step) -> Drawn:
    assert step.fault is not None
    return step.fault.position


def _becomes(model: Model) -> Callable[[Step], Drawn]:
    def read(step: Step) -> Drawn:
        assert step.fault is not None
        assert step.fault.becomes is not None
        return shown_message(model, step.fault.becomes)

    return read


def _sender(step: Step) -> Drawn:
    assert step.event is not None
    return step.event.sender


def _element_reader(position: int, domain: Domain) -> Callable[[Step], Drawn]:
    def read(step: Step) -> Drawn:
        assert step.event is not None
        value = step.event.message.elements[position]
        return None if value is ABSENT else domain.show(value)

    return read


def _choice_reader(position: int, domain: Domain) -> Callable[[Step], Drawn]:
    def read(step: Step) -> Drawn:
        assert step.outcome is not None
        return domain.show(step.outcome.chosen[position][1])

    return read


def _presence_reader(message: str, position: int) -> Callable[[Step], Drawn]:
    return lambda step: any(sent.elements[position] is not ABSENT for sent in _sent(step, message))


def _presences_reader(message: str, position: int) -> Callable[[Step], Drawn]:
    return lambda step: ", ".join(
        "absent" if sent.elements[position] is ABSENT else "present" for sent in _sent(step, message)
    )


def _sent(step: Step, message: str) -> Iterator[Message]:
    assert step.outcome is not None
    return (sent for _, sent in step.outcome.sends if sent.name == message)
