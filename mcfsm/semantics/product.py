"""The meaning of a joint step. THE DEFINITION: every explorer is compared with it.

What may live here: the joint state, what is enabled in it, what each step leads to, what is wrong in it. What may not:
search order, storage, properties, anything that makes it faster at the price of reading less like its definition.
What a channel offers of what it holds, and what becomes of it with a message more, is said in `contents`.

A joint step: one instance takes one outcome of its role, consuming at most one message, and its sends join their
channels; or an instance that is down restarts; or a fault strikes (what it leaves is said in `faults`); or the
environment freezes. Consumption precedes sends, and a step's sends are never torn. Beyond the boundary of a scenario
there is no step.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property, lru_cache, partial
from itertools import product
from typing import Literal

from mcfsm.expressions.evaluate import ACTOR, Frame
from mcfsm.model import FREEZABLE, INSTANCE_FAULTS, Content, Instance, Local, Model, Transition
from mcfsm.semantics.beginnings import OpenPart, may_begin, open_parts
from mcfsm.semantics.boundary import Beyond
from mcfsm.semantics.contents import ChannelContents
from mcfsm.semantics.faults import ChannelFault, FaultStep, InstanceFault, channel_faults, instance_faults, is_down
from mcfsm.semantics.observer import ObserverMachine, Seen
from mcfsm.semantics.role import Contents, Event, Reception, RoleMachine
from mcfsm.semantics.steps import BEGIN, Delivery, Expansion, Overflow, Refused, Sent, State, Step
from mcfsm.semantics.transition import IGNORE, Outcome

ENVIRONMENT = "environment"
DEADLOCK = ("check.deadlock", "no step is possible, and not everybody is at rest")
FREEZE_EVENT = Seen("freeze", "", {})
DisabledBy = Literal["avoided", "frozen", "exhausted"]
NOTHING = Expansion((), (), ())
FREEZE, FAULT, CRASH = range(3)  # the steps of the environment, in the order in which they follow those of instances


def full(model: Model) -> tuple[int, ...]:
    """The budgets of a model before anything is spent of them."""
    return tuple(-1 if budget.limit is None else budget.limit for budget in model.budgets)


class _Remembering(RoleMachine):
    """A role machine with its local steps remembered: the one thing that may be cached here."""

    def __init__(self, model: Model, instance: Instance) -> None:
        super().__init__(model, instance)
        self._beginnings = lru_cache(maxsize=None)(super().beginnings)
        self._local_step = lru_cache(maxsize=None)(super().local_step)

    def beginnings(self) -> tuple[Local, ...]:
        return self._beginnings()

    def local_step(self, local: Local, event: Event | None, contents: Contents | None = None) -> tuple[Outcome, ...]:
        return self._local_step(local, event, contents)


class Product(ChannelContents):
    """The roles of a model composed. `avoid` names transitions that are left out, besides those that the model avoids.

    `machines` are those of instances, by number, that another model's product has just so.
    """

    def __init__(
        self, model: Model, *, avoid: frozenset[str] = frozenset(), machines: Mapping[int, RoleMachine] | None = None
    ) -> None:
        super().__init__(model)
        known = machines or {}
        self.machines = [known.get(i) or _Remembering(model, instance) for i, instance in enumerate(model.instances)]
        self.transitions: list[tuple[Transition, ...]] = [model.role_of[i.name].transitions for i in model.instances]
        self.avoid = avoid | model.avoided
        self.incoming = [
            [(i, model.index_of[c.sender]) for i, c in enumerate(model.channels) if c.receiver == instance.name]
            for instance in model.instances
        ]
        self.observers = [ObserverMachine(observer) for observer in model.observers]
        self.beyond = Beyond(model)

    def initial(self) -> State:
        """The state everything begins in; where there are several, one before them, whose steps are the beginnings."""
        first, *others = self.beginnings
        return first._replace(frozen=None) if others else first

    @cached_property
    def beginnings(self) -> tuple[State, ...]:
        """The states in which the model may begin, in declared order: those that lie within its boundary.

        Raises ModelError where there is none (M616, M617).
        """
        channels: list[Content] = [()] * len(self.model.channels)
        for sender, receiver, message in self.model.first_messages:
            at = self.model.channel_of[sender, receiver]
            content = self.push(at, channels[at], message)
            assert content is not None, "what is in a channel at first has room there"
            channels[at] = content
        observers = [(observer.initial(),) for observer in self.observers]
        states = (
            State(locals_, tuple(channels), full(self.model), False)
            for locals_ in product(*(machine.beginnings() for machine in self.machines), *observers)
        )
        found = may_begin(self.model, states)
        return tuple(one for one in found if not self.beyond(one)) or (self.beyond.first(found[0]),)

    @cached_property
    def left_open(self) -> tuple[OpenPart, ...]:
        """What tells the states in which the model may begin from each other."""
        first, *others = self.beginnings
        return tuple(
            part for part in open_parts(self.model) if any(part.value(one) != part.value(first) for one in others)
        )

    def is_initial(self, state: State) -> bool:
        """Whether the model may begin in a state."""
        return state in self._initial

    @cached_property
    def _initial(self) -> frozenset[State]:
        return frozenset(self.beginnings)

    def steps(self, state: State) -> tuple[Step, ...]:
        """Every joint step enabled in a state, in canonical order."""
        return self.expand(state).steps

    def expand(self, state: State) -> Expansion:
        """The steps of a state, its unspecified receptions and the overflows it would have; nothing of one beyond."""
        if not state.begun:
            return Expansion(tuple(self._beginning(i, one) for i, one in enumerate(self.beginnings)), (), ())
        if self.beyond(state):
            return NOTHING
        steps: list[Step] = []
        refused: list[Refused] = []
        overflows: list[Overflow] = []
        for i, machine in enumerate(self.machines):
            local = state.locals[i]
            for j, outcome in enumerate(machine.local_step(local, None, self.asked(i, state))):
                self._take(state, i, outcome, None, None, state.channels, j, steps, overflows)
            for channel, sender in self.incoming[i]:
                kind = self.model.channels[channel].kind
                for event, rest in self.offers(channel, state.channels[channel], i, local):
                    outcomes = machine.local_step(local, event)
                    if kind != "set" and self.silent(
                        i, machine.reception(local, event), (outcome.transition for outcome in outcomes)
                    ):
                        refused.append(Refused(i, event))
                    channels = (*state.channels[:channel], rest, *state.channels[channel + 1 :])
                    for j, outcome in enumerate(outcomes):
                        if kind != "set" or outcome.transition != IGNORE:
                            self._take(state, i, outcome, event, sender, channels, j, steps, overflows)
            for fault, budget, left in self.instance_faults(i, local):
                locals_ = (*state.locals[:i], left, *state.locals[i + 1 :])
                self._add_fault(state, fault, budget, locals_, state.channels, 0, steps)
        for i, content in enumerate(state.channels):
            for j, (fault, budget, rest) in enumerate(self.channel_faults(i, content)):
                channels = (*state.channels[:i], rest, *state.channels[i + 1 :])
                self._add_fault(state, fault, budget, state.locals, channels, j, steps)
        if self.model.allows_freeze and not state.frozen:
            locals_ = self._observed(state.locals, [FREEZE_EVENT])
            order = (len(self.machines), FREEZE, (), -1, 0)
            steps.append(Step(order, len(self.machines), None, None, (), State(locals_, *state[1:3], True)))
        return Expansion(tuple(sorted(steps, key=lambda step: step.order)), tuple(refused), tuple(overflows))

    def asked(self, instance: int, state: State) -> Contents | None:
        """The contents of the channels from and to an instance, if a line of it asks for them."""
        machine = self.machines[instance]
        return tuple(state.channels[channel] for channel in machine.channels) if machine.asks else None

    def deadlocked(self, state: State, expansion: Expansion) -> bool:
        """No step but the environment's, freeze and faults, and somebody is not at rest or a message waits.

        Before the beginning there is none, and beyond the boundary nobody knows.
        """
        if not state.begun or self.beyond(state) or any(step.instance < len(self.machines) for step in expansion.steps):
            return False
        waiting = any(c and channel.awaited for c, channel in zip(state.channels, self.model.channels, strict=True))
        return waiting or not all(m.final(state.locals[i]) for i, m in enumerate(self.machines))

    def faults(self, state: State, expansion: Expansion) -> Iterator[tuple[str, str]]:
        """What the built-in checks find in a state: the check, and the words that group the finding with others."""
        if self.deadlocked(state, expansion):
            yield DEADLOCK
        for instance, event in expansion.refused:
            yield self.refusal(instance, state.locals[instance], event)
        for channel, instance, outcome in expansion.overflows:
            yield self.overflow(channel, instance, outcome)

    def silent(self, instance: int, reception: Reception, taken: Iterable[int]) -> bool:
        """Whether a message has no answer: none of the role, or none of the text where the text alone counts.

        `taken` are the transitions that it would lead to.
        """
        if reception != "handled" or not self.model.text_alone:
            return reception == "unspecified"
        return all(self.transitions[instance][transition].informative for transition in taken)

    def refusal(self, instance: int, local: Local, event: Event) -> tuple[str, str]:
        """The finding that an unspecified reception is: the check, and the words that group it with others."""
        where = f"{self.model.instances[instance].name} in {', '.join(local.states)}"
        answer = "answer of the text" if self.model.text_alone else "answer"
        return "check.reception", f"{where} has no {answer} to {event.message.name} from {event.sender}"

    def overflow(self, channel: int, instance: int, outcome: Outcome) -> tuple[str, str]:
        """The finding that a step into a full channel is."""
        transition = self.transition(instance, outcome)
        declared = self.model.channels[channel]
        name = transition.id if transition else "ignore"
        return "check.overflow", f"{declared.name} holds {declared.bound} when {name} sends one more"

    def transition(self, instance: int, outcome: Outcome) -> Transition | None:
        """The transition of an outcome; None for an ignored message."""
        return None if outcome.transition == IGNORE else self.transitions[instance][outcome.transition]

    def offers(self, channel: int, content: Content, instance: int, local: Local) -> Iterator[tuple[Event, Content]]:
        """What a channel offers its receiver: each message it may take now, and the content that then remains."""
        return self.offered(channel, content, lambda event: self.machines[instance].reception(local, event))

    def defers(self, instance: int) -> bool:
        """Whether an instance ever lets a message wait while it looks at those behind it."""
        crash = self.machines[instance].instance.crash
        return bool(self.machines[instance].role.deferred) or (crash is not None and crash.arrivals == "wait")

    def channel_faults(self, channel: int, content: Content) -> Iterator[ChannelFault]:
        """What the faults of a channel may make of a content of it."""
        declared = self.model.channels[channel]
        return channel_faults(channel, declared, content, partial(self.push, channel), self.model.form_of)

    def instance_faults(self, instance: int, local: Local) -> Iterator[InstanceFault]:
        """What a crash or a restart would make of an instance's local state, if it is capable of either."""
        machine = self.machines[instance]
        return instance_faults(instance, machine.instance, machine.role, local, machine.initial())

    def spend(self, budgets: tuple[int, ...], at: int) -> tuple[int, ...] | None:
        """What is left of the budgets after a step that names one of them; None where that is exhausted."""
        if budgets[at] == 0:
            return None
        return (*budgets[:at], budgets[at] - 1, *budgets[at + 1 :]) if budgets[at] > 0 else budgets

    def disabled_by(self, state: State, transition: Transition | None) -> DisabledBy | None:
        """What keeps an instance from a transition that its role would take, whatever is sent; None for nothing."""
        if transition is None:
            return None
        if transition.id in self.avoid:
            return "avoided"
        if state.frozen and transition.kind in FREEZABLE:
            return "frozen"
        if transition.budget is not None:
            left = self.spend(state.budgets, self.model.budget_of[transition.budget])
            return "exhausted" if left is None else None
        return None

    def deliver(self, instance: int, outcome: Outcome, channels: tuple[Content, ...]) -> Delivery:
        """The messages of an outcome put into their channels, as far as these have room."""
        contents = list(channels)
        sends: list[Sent] = []
        for receiver, message in outcome.sends:
            at = self.model.channel_of[self.model.instances[instance].name, self.model.instances[receiver].name]
            content, lost = self.join(at, contents[at], message)
            if content is None:
                return Delivery(tuple(contents), tuple(sends), at)
            sends.append(Sent(receiver, message, lost))
            contents[at] = content
        return Delivery(tuple(contents), tuple(sends), None)

    def events(self, instance: int, before: Local, outcome: Outcome, event: Event | None) -> list[Seen]:
        """A step as observers see it: fired, then received, then each message sent, lost or not.

        What arrives where its receiver is down is not received: it is lost.
        """
        name = self.model.instances[instance].name
        frame: Frame = {ACTOR: name, "before": before, "after": outcome.local}
        transition = self.transition(instance, outcome)
        seen = [] if transition is None else [Seen("fired", transition.id, frame)]
        if event is not None:
            ends = {"sender": event.sender, "receiver": name, "msg": event.message}
            if is_down(before):
                return [Seen("fault", "loss", ends)]
            seen.append(Seen("received", event.message.name, {**frame, **ends}))
        for receiver, message in outcome.sends:
            ends = {"sender": name, "receiver": self.model.instances[receiver].name, "msg": message}
            seen.append(Seen("sent", message.name, {**frame, **ends}))
        return seen

    def channel_events(self, fault: FaultStep) -> list[Seen]:
        """A fault of a channel as observers see it."""
        channel = self.model.channels[fault.place]
        return [Seen("fault", fault.kind, {"sender": channel.sender, "receiver": channel.receiver})]

    def instance_events(self, fault: FaultStep, before: Local, after: Local) -> list[Seen]:
        """A crash or a restart as observers see it."""
        name = self.model.instances[fault.place].name
        return [Seen("fault", fault.kind, {ACTOR: name, "before": before, "after": after})]

    def _add_fault(
        self,
        state: State,
        fault: FaultStep,
        budget: str | None,
        locals_: tuple[Local, ...],
        channels: tuple[Content, ...],
        ordinal: int,
        steps: list[Step],
    ) -> None:
        """Add the joint step of a fault or of a restart, unless the budget or the freeze disables it.

        A fault is the environment's, and stops with it. A restart is a step of the instance, and goes on when frozen.
        """
        at, environment = fault.place, len(self.machines)
        budgets = state.budgets if budget is None else self.spend(state.budgets, self.model.budget_of[budget])
        if budgets is None or (state.frozen and fault.kind != "restart"):
            return
        match fault.kind:
            case "restart":
                order = at, len(self.transitions[at]) + 1
            case "crash":
                order = environment, CRASH
            case _:
                order = environment, FAULT
        if self.observers:
            struck = fault.kind in INSTANCE_FAULTS
            own = self.instance_events(fault, state.locals[at], locals_[at]) if struck else self.channel_events(fault)
            locals_ = self._observed(locals_, own)
        target = State(locals_, channels, budgets, state.frozen)
        steps.append(Step((*order, (), at, ordinal), order[0], None, None, (), target, fault))

    def _beginning(self, at: int, state: State) -> Step:
        """The step that leads to one of the states in which the model may begin."""
        environment = len(self.machines)
        return Step((environment, BEGIN, (), -1, at), environment, None, None, (), state)

    def _take(
        self,
        state: State,
        instance: int,
        outcome: Outcome,
        event: Event | None,
        sender: int | None,
        channels: tuple[Content, ...],
        ordinal: int,
        steps: list[Step],
        overflows: list[Overflow],
    ) -> None:
        """Add the joint step of an outcome, unless its budget, the freeze or a full channel disables it."""
        transition = self.transition(instance, outcome)
        if self.disabled_by(state, transition) is not None:
            return
        contents, sends, full = self.deliver(instance, outcome, channels)
        if full is not None:
            if self.overflows(full):
                overflows.append(Overflow(full, instance, outcome))
            return
        budgets: tuple[int, ...] | None = state.budgets
        if transition is not None and transition.budget is not None:
            budgets = self.spend(state.budgets, self.model.budget_of[transition.budget])
        assert budgets is not None
        locals_ = (*state.locals[:instance], outcome.local, *state.locals[instance + 1 :])
        if self.observers:
            locals_ = self._observed(locals_, self.events(instance, state.locals[instance], outcome, event))
        rank = () if event is None else self.model.message_rank(event.message)
        position = len(self.transitions[instance]) if transition is None else outcome.transition
        order = (instance, position, rank, -1 if sender is None else sender, ordinal)
        steps.append(Step(order, instance, outcome, event, sends, State(locals_, contents, budgets, state.frozen)))

    def _observed(self, locals_: tuple[Local, ...], seen: list[Seen]) -> tuple[Local, ...]:
        """The local states after every observer has seen the events of a step."""
        first = len(self.machines)
        return (*locals_[:first], *(w.see(locals_[first + i], seen) for i, w in enumerate(self.observers)))


def actors(model: Model) -> tuple[str, ...]:
    """The instances by name, and after them the environment."""
    return (*(instance.name for instance in model.instances), ENVIRONMENT)
