"""What a channel offers of what it holds, and what becomes of it with a message more: fifo, bag or set. THE DEFINITION.

What may live here: the order in which messages are taken, and room. What may not: who sends, what a receiver does with
a message, the faults of a channel, which `faults` says.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from mcfsm.model import Content, Message, Model
from mcfsm.semantics.role import Event, Reception


class ChannelContents:
    """The channels of a model, by number, as far as their contents go."""

    def __init__(self, model: Model) -> None:
        self.model = model

    def waiting(self, channel: int, content: Content) -> Iterator[tuple[Event, Content]]:
        """Each message in a channel, equal ones once, in the order in which they are looked at; what remains without.

        In a set it stays. Which of them are offered is a matter of what the receiver defers, and of the kind.
        """
        declared = self.model.channels[channel]
        seen: set[Message] = set()
        for position, message in enumerate(content):
            if message not in seen:
                seen.add(message)
                rest = content if declared.kind == "set" else (*content[:position], *content[position + 1 :])
                yield Event(declared.sender, message), rest

    def offered(
        self, channel: int, content: Content, reception: Callable[[Event], Reception]
    ) -> Iterator[tuple[Event, Content]]:
        """What a channel offers a receiver that says what becomes of each message; with each, what then remains."""
        kind = self.model.channels[channel].kind
        for event, rest in self.waiting(channel, content):
            if reception(event) != "deferred":
                yield event, rest
                if kind == "fifo":
                    return

    def met(self, channel: int, content: Content, reception: Callable[[Event], Reception]) -> Iterator[Event]:
        """What a receiver looks at in a channel: each message it is offered, and those it defers on the way there."""
        declared = self.model.channels[channel]
        for message in dict.fromkeys(content):
            event = Event(declared.sender, message)
            yield event
            if declared.kind == "fifo" and reception(event) != "deferred":
                return

    def push(self, channel: int, content: Content, message: Message) -> Content | None:
        """The content of a channel with a message more; None where it is full."""
        declared = self.model.channels[channel]
        if declared.kind == "set" and message in content:
            return content
        if declared.bound is not None and len(content) >= declared.bound:
            return None
        if declared.kind == "fifo":
            return (*content, message)
        return tuple(sorted((*content, message), key=self.model.message_rank))

    def join(self, channel: int, content: Content, message: Message) -> tuple[Content | None, bool]:
        """What a message sent makes of a channel: the content then, and whether the message is lost.

        None where it can neither be taken nor lost: its step is not taken, and is an error if the channel `overflows`.
        """
        pushed = self.push(channel, content, message)
        lost = pushed is None and self.model.channels[channel].when_full == "lose"
        return content if lost else pushed, lost

    def overflows(self, channel: int) -> bool:
        """Whether a step that finds no room in a channel is an error, and not only disabled."""
        return self.model.channels[channel].when_full == "error"
