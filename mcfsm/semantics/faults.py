"""What goes wrong by itself: a fault in a channel, a crash of an instance, and its restart.

What may live here: what each fault makes of the content of a channel, or of a local state. When one may happen, which
budget it uses up and who sees it is said in `product`.

A loss takes away a message at any position; a duplication appends a copy of one, unless the channel is full; a
reordering lets two neighbours of a fifo change places. What leads to the same content is one fault. A crash leaves
nothing of a local state but persistent variables; a restart begins with these as the instance once began.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from mcfsm.model import DOWN, Channel, ChannelFaultKind, Content, Instance, InstanceFaultKind, Local, Message, Role


class FaultStep(NamedTuple):
    """A fault that happens: its kind, and where. Of a channel also which message, and its position before."""

    kind: ChannelFaultKind | InstanceFaultKind
    place: int  # index of a channel, or of an instance
    position: int = 0
    message: Message | None = None  # lost, copied, or overtaking the one at this position


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
    at: int, channel: Channel, content: Content, push: Callable[[Content, Message], Content | None]
) -> Iterator[ChannelFault]:
    """Every fault that a content may suffer, by kind and position; `push` adds a message, if there is room."""
    for kind, budget in channel.faults:
        seen: set[Content | None] = {None, content}
        for position, message in enumerate(content):
            before, behind = content[:position], content[position + 1 :]
            left: Content | None = None
            match kind:
                case "loss":
                    left = (*before, *behind)
                case "duplication":
                    left = push(content, message)
                case "reordering" if behind:
                    left, message = (*before, behind[0], message, *behind[1:]), behind[0]
            if left not in seen:
                seen.add(left)
                assert left is not None
                yield ChannelFault(FaultStep(kind, at, position, message), budget, left)


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
