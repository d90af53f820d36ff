"""Why a step is refused in a state: what the definition says against each way in which it might be taken.

Nothing is decided here. The product offers messages, restrains steps and fills channels; the role tells which condition
of a transition does not hold; this module asks them in that order and keeps the first answer for each way.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from mcfsm.model import Content, Message, Model, Transition
from mcfsm.model.labels import by_id
from mcfsm.questions.replay.steps import RESTART, FlowStepPattern
from mcfsm.semantics.faults import ChannelFault, InstanceFault, is_down
from mcfsm.semantics.product import ENVIRONMENT, Product
from mcfsm.semantics.role import Event
from mcfsm.semantics.steps import State
from mcfsm.semantics.trace import BEGIN, FREEZE, IGNORED, LOST, describe, disturbance, shown_message, shown_sends
from mcfsm.semantics.transition import Outcome

_FEW = 8  # ways to begin that are listed
ReasonKind = Literal[
    "absent", "begin", "not_offered", "deferred", "unhandled", "not_ignored", "state", "sender", "choice", "guard",
    "budget", "frozen", "full", "sends", "timer", "down", "fault", "beyond",
]  # fmt: skip


@dataclass(frozen=True)
class RefusalReason:
    """What is wrong with one way to take a step in a state: of which sort, of which transition, in words."""

    kind: ReasonKind
    transition: str | None
    text: str


def reasons(product: Product, state: State, pattern: FlowStepPattern) -> tuple[RefusalReason, ...]:
    """Why no step of a state fits what is asked: one reason for each transition and message that might."""
    with by_id():  # a flow file is written by ids
        return tuple(dict.fromkeys(_Why(product, state, pattern).reasons()))


class _Why:
    def __init__(self, product: Product, state: State, pattern: FlowStepPattern) -> None:
        self.product, self.state, self.pattern = product, state, pattern
        self.model: Model = product.model

    def reasons(self) -> Iterator[RefusalReason]:
        """What is asked of the environment, of an instance by itself, or of its messages."""
        pattern, boundary = self.pattern, self.model.boundary
        begins = pattern.instance == ENVIRONMENT and pattern.transition == BEGIN
        if begins or not self.state.begun:
            yield from self.beginning(asked=begins)
            return
        if boundary is not None and self.product.beyond(self.state):
            yield RefusalReason("beyond", None, f"the scenario explores within {boundary.text}, and that is false here")
            return
        if pattern.instance == ENVIRONMENT and pattern.transition != FREEZE:
            yield from self.fault()
            return
        if pattern.instance == ENVIRONMENT:
            refusal = "the environment is frozen already" if self.state.frozen else "the scenario allows no freeze"
            yield RefusalReason("frozen", FREEZE, refusal)
            return
        self.instance = self.model.index_of[pattern.instance]
        self.machine, self.local = self.product.machines[self.instance], self.state.locals[self.instance]
        if pattern.absence is not None:
            yield RefusalReason("absent", pattern.transition, pattern.absence)
            return
        if is_down(self.local) is not (pattern.transition in (RESTART, LOST)):
            crashes = self.machine.instance.crash is not None
            said = "is down" if is_down(self.local) else "is not down" if crashes else "cannot crash in this scenario"
            yield RefusalReason("down", pattern.transition, f"{pattern.instance} {said}")
            return
        if pattern.transition == RESTART:
            yield RefusalReason("fault", RESTART, f"a restart of {pattern.instance} is another step than what is asked")
            return
        lines = list(self.lines())
        for index, transition in lines:
            if transition.kind != "reception":
                yield from self.taken(index, transition, None, self.state.channels)
        receptions = [(index, transition) for index, transition in lines if transition.kind == "reception"]
        names = {pattern.receives.message} if pattern.receives else {transition.trigger for _, transition in receptions}
        if pattern.trigger in self.model.form_of:
            names.add(str(pattern.trigger))
        if names or pattern.transition == IGNORED:
            yield from self.received(names, receptions)
        elif not lines:
            role = self.model.role_of[pattern.instance].name
            yield RefusalReason("absent", None, f"{role} has no transition on {pattern.trigger} in this model")

    def beginning(self, *, asked: bool) -> Iterator[RefusalReason]:
        """Why a flow does not begin so: it says what cannot be at first, or not how it begins where it has to."""
        ways = [describe(self.product, self.state, step).chosen for step in self.product.steps(self.state)[:_FEW]]
        listed = "; ".join(", ".join(f"{name} = {value}" for name, value in chosen) for chosen in ways)
        if self.state.begun:
            yield RefusalReason("begin", BEGIN, "the scenario begins in one state, or has begun already")
        elif asked:
            yield RefusalReason("begin", BEGIN, f"it does not begin so, but with {listed}")
        else:
            said = f"{{instance: {ENVIRONMENT}, transition: {BEGIN}, chosen: {{...}}}}"
            yield RefusalReason("begin", BEGIN, f"the first step of a flow says how it begins: {said}, with {listed}")

    def fault(self) -> Iterator[RefusalReason]:
        """Why a fault does not happen: none is possible here, by the scenario or the state, or none that is meant."""
        kind, state = str(self.pattern.transition), self.state
        possible: list[ChannelFault | InstanceFault] = []
        declared = False
        for at, channel in enumerate(self.model.channels):
            declared = declared or kind in dict(channel.faults)
            possible += [one for one in self.product.channel_faults(at, state.channels[at]) if one.fault.kind == kind]
        for at, instance in enumerate(self.model.instances):
            declared = declared or (kind == "crash" and instance.crash is not None)
            possible += [one for one in self.product.instance_faults(at, state.locals[at]) if one.fault.kind == kind]
        if not declared:
            yield RefusalReason("fault", kind, f"the scenario allows no {kind}")
            return
        wanted = self.pattern.fault
        fitting = [o for o in possible if wanted is None or wanted.fits(disturbance(self.model, o.fault))]
        if not possible:
            yield RefusalReason(
                "fault", kind, "nobody is up" if kind == "crash" else "no channel holds what it could strike"
            )
        elif not fitting:
            places = dict.fromkeys(disturbance(self.model, one.fault).place for one in possible)
            yield RefusalReason("fault", kind, f"it can only strike {' or '.join(places)}")
        elif state.frozen:
            yield RefusalReason("frozen", kind, "the environment is frozen, and this is a fault")
        else:
            for budget in dict.fromkeys(one.budget for one in fitting):
                yield RefusalReason("budget", kind, f"budget {budget} is used up")

    def lines(self) -> Iterator[tuple[int, Transition]]:
        """The transitions that are meant, by index."""
        pattern = self.pattern
        for index, transition in enumerate(self.product.transitions[self.instance]):
            message = None if pattern.receives is None else pattern.receives.message
            if (
                pattern.transition in (None, transition.id)
                and pattern.trigger in (None, transition.trigger)
                and (message is None or (transition.kind == "reception" and transition.trigger == message))
            ):
                yield index, transition

    def received(self, names: set[str], lines: list[tuple[int, Transition]]) -> Iterator[RefusalReason]:
        """Why no message of these names is received: by each that is offered, or because none is."""
        offered = []
        for channel in self.channels():
            sender = self.model.channels[channel].sender
            content = self.state.channels[channel]
            for event, rest in self.product.offers(channel, content, self.instance, self.local):
                if self.meant(event.message, names):
                    after = (*self.state.channels[:channel], rest, *self.state.channels[channel + 1 :])
                    offered.append((Event(sender, event.message), after))
        if not offered:
            yield from self.not_offered(names)
        for event, channels in offered:
            fitting = [(index, line) for index, line in lines if line.trigger == event.message.name]
            shown = f"{shown_message(self.model, event.message)} from {event.sender}"
            if self.pattern.transition == IGNORED:
                fate = self.machine.reception(self.local, event)
                said = "a set channel keeps it" if fate == "ignored" else f"it is {fate}"
                yield RefusalReason("not_ignored", IGNORED, f"{shown} is not ignored: {said}")
            elif not fitting:
                role = self.model.role_of[self.pattern.instance].name
                yield RefusalReason("unhandled", self.pattern.transition, f"{role} has no answer to {shown}")
            for index, transition in fitting:
                yield from self.taken(index, transition, event, channels)

    def channels(self) -> Iterator[int]:
        """The channels that a message may come through."""
        sender = self.pattern.receives.peer if self.pattern.receives else None
        for channel, _ in self.product.incoming[self.instance]:
            if sender in (None, self.model.channels[channel].sender):
                yield channel

    def meant(self, message: Message, names: set[str]) -> bool:
        if names and message.name not in names:
            return False
        return self.pattern.receives is None or self.pattern.receives.matches(self.model, message)

    def not_offered(self, names: set[str]) -> Iterator[RefusalReason]:
        """Where the message waits, or what its channels offer in its place."""
        pattern = self.pattern
        heads: list[str] = []
        waits = False
        for channel in self.channels():
            declared, content = self.model.channels[channel], self.state.channels[channel]
            offers = list(self.product.offers(channel, content, self.instance, self.local))
            for message in dict.fromkeys(content):
                if not self.meant(message, names):
                    continue
                waits, shown = True, shown_message(self.model, message)
                if self.machine.reception(self.local, Event(declared.sender, message)) == "deferred":
                    where = ", ".join(self.local.states)
                    yield RefusalReason("deferred", pattern.transition, f"{shown} is deferred in {where}")
                else:
                    before = shown_message(self.model, offers[0][0].message)
                    yield RefusalReason(
                        "not_offered", pattern.transition, f"{shown} waits in {declared.name} behind {before}"
                    )
            if content:
                shown = ", ".join(shown_message(self.model, event.message) for event, _ in offers) or "nothing"
                heads.append(f"{declared.name} offers {shown}")
        if not waits:
            wanted = str(pattern.receives) if pattern.receives else " or ".join(sorted(names)) or "a message"
            listed = "; ".join(heads) or self.empty()
            yield RefusalReason("not_offered", pattern.transition, f"{wanted} is not offered: {listed}")

    def empty(self) -> str:
        channels = [self.model.channels[channel].name for channel in self.channels()]
        sender = self.pattern.receives.peer if self.pattern.receives else None
        if not channels:
            return f"no channel leads from {sender or 'anybody'} to {self.pattern.instance}"
        return f"{channels[0]} is empty" if sender else f"every channel to {self.pattern.instance} is empty"

    def taken(
        self, index: int, transition: Transition, event: Event | None, channels: tuple[Content, ...]
    ) -> Iterator[RefusalReason]:
        """Why one transition is not taken as asked, with a message or without."""
        wanted = dict(self.pattern.chosen)
        named = {choice.name for choice in transition.choices}
        if not named.issuperset(wanted):
            missing = ", ".join(name for name in wanted if name not in named)
            yield RefusalReason("choice", transition.id, f"it leaves no {missing} open")
            return
        contents = self.product.asked(self.instance, self.state)
        outcomes = [o for o in self.machine.local_step(self.local, event, contents) if o.transition == index]
        domains = {choice.name: choice.domain for choice in transition.choices}
        fitting = [
            o for o in outcomes if all(domains[n].show(v) == wanted.get(n, domains[n].show(v)) for n, v in o.chosen)
        ]
        if not fitting:
            kind, reason, values = self.machine.obstacle(self.local, event, index, wanted, contents)
            shown = ", ".join(f"{name} = {value}" for name, value in values)
            yield RefusalReason(kind, transition.id, f"{reason} ({shown})" if shown else reason)
            return
        disabled_by = self.product.disabled_by(self.state, transition)
        if disabled_by == "exhausted":
            yield RefusalReason("budget", transition.id, f"budget {transition.budget} is used up")
        elif disabled_by is not None:
            yield RefusalReason(
                "frozen", transition.id, f"the environment is frozen, and this is a {transition.kind} step"
            )
        else:
            for outcome in fitting:
                yield from self.sent(transition, outcome, channels)

    def sent(self, transition: Transition, outcome: Outcome, channels: tuple[Content, ...]) -> Iterator[RefusalReason]:
        """Why an outcome does not go out as asked."""
        delivery = self.product.deliver(self.instance, outcome, channels)
        if delivery.full is not None:
            channel = self.model.channels[delivery.full]
            yield RefusalReason("full", transition.id, f"{channel.name} is full: it holds {channel.bound}")
            return
        if self.pattern.sends is not None and not self.pattern.fits_sends(shown_sends(self.model, delivery.sends)):
            sends = [
                f"{shown_message(self.model, s.message)} to {self.model.instances[s.receiver].name}"
                for s in delivery.sends
            ]
            yield RefusalReason("sends", transition.id, f"it sends {', '.join(sends) or 'nothing'}")
