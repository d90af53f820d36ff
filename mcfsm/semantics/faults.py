"""What goes wrong by itself: a fault in a channel, a crash of an instance, and its restart.

What may live here: what each fault makes of the content of a channel, or of a local state. When one may happen, which
budget it uses up and who sees it is said in `product`.

A loss takes away a message at any position, or the first alone where the channel loses its head; a duplication appends
a copy of one, unless the channel is full; a reordering lets two neighbours of a fifo change places; a corruption puts
another value of its domain in the place of one element that is there. What leads to the same content is one fault. A
crash leaves nothing of a local state but persistent variables; a restart begins with these as the instance once began.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from mcfsm.expressions.evaluate import ABSENT
from mcfsm.expressions.typecheck import MessageForm
from mcfsm.model import DOWN, Channel, Content, FaultKind, Instance, Local, Message, Role


class FaultStep(NamedTuple):
    """A fault that happens: its kind, and where. Of a channel also which message, and its position before."""

    kind: FaultKind
    place: int  # index of a channel, or of an instance
    position: int = 0
    message: Message | None = None  # lost, copied, overtaking the one at this position, or corrupted
    becomes: Message | None = None  # of a corruption


class ChannelFault(NamedTuple):
    """What a fault leaves of a channel's content, and the budget that it uses up."""

    fault: FaultStep
    budget: str | None
    content: Content


class InstanceFault(NamedTuple):
    """What a crash or a restart leaves of a local state, and the budget that it uses up."""

    fault: FaultStep
    budget: str | None
    local: Local


def channel_faults(
    at: int,
    channel: Channel,
    content: Content,
    push: Callable[[Content, Message], Content | None],
    form_of: Mapping[str, MessageForm],
) -> Iterator[ChannelFault]:
    """Every fault that a content may suffer, by kind, position and value.

    `push` adds a message, if there is room; `form_of` gives the elements of a message by its name.
    """
    for kind, budget in channel.faults:
        seen: set[Content | None] = {None, content}
        for position, message in enumerate(content):
            fault, before, behind = FaultStep(kind, at, position, message), content[:position], content[position + 1 :]
            struck: list[tuple[FaultStep, Content | None]] = []
            match kind:
                case "loss" if not (before and channel.loses_head):
                    struck = [(fault, (*before, *behind))]
                case "duplication":
                    struck = [(fault, push(content, message))]
                case "reordering" if behind:
                    struck = [(fault._replace(message=behind[0]), (*before, behind[0], message, *behind[1:]))]
                case "corruption":
                    for other in corrupted(form_of[message.name], message):
                        ordered = channel.kind == "fifo"
                        left = (*before, other, *behind) if ordered else push((*before, *behind), other)
                        struck.append((fault._replace(becomes=other), left))
            for fault, left in struck:
                if left not in seen:
                    seen.add(left)
                    assert left is not None
                    yield ChannelFault(fault, budget, left)


def corrupted(form: MessageForm, message: Message) -> Iterator[Message]:
    """The messages that differ from one in the value of one element that is there, by element and value."""
    for position, (_, domain, _) in enumerate(form.elements):
        value = message.elements[position]
        if value is not ABSENT:
            before, behind = message.elements[:position], message.elements[position + 1 :]
            others = (other for other in domain.values if other != value)
            yield from (Message(message.name, (*before, other, *behind)) for other in others)


def is_down(local: Local) -> bool:
    """Whether it is the local state of an instance that crashed."""
    return DOWN in local.states


def instance_faults(at: int, instance: Instance, role: Role, local: Local, initial: Local) -> Iterator[InstanceFault]:
    """The crash or the restart that an instance in a local state is capable of; `initial` is where it once began."""
    if instance.crash is None:
        return
    if is_down(local):
        yield InstanceFault(FaultStep("restart", at), None, Local(initial.states, local.values))
        return
    kept = (
        value if variable.name in role.persistent else first
        for variable, value, first in zip(role.variables, local.values, initial.values, strict=True)
    )
    down = Local((DOWN,) * len(local.states), tuple(kept))
    yield InstanceFault(FaultStep("crash", at), instance.crash.budget, down)
