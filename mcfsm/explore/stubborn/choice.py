"""Which steps of a joint state suffice: those of a few instances, which the others neither need nor disturb.

What may live here: what a stubborn set is. What may not: which joint states there are, and when one is expanded.

The steps belong to *agents*: each instance, with the faults of the channels that lead to it and its crash, and the
freeze. A set of agents is *closed* in a joint state where, whatever the others do, its agents can do just what they can
do now, with the same effect before it as after it. So of any run from there the first step of the set may as well come
first (Valmari, Stubborn sets for reduced state space generation, 1990; Godefroid, Partial-order methods for the
verification of concurrent systems, 1996). The steps of such a set suffice where

* one of them is no step of the environment: so a deadlock is not reached without the set;
* for every goal that is waited for, either some agent of the set has to move before it is reached (Valmari and Hansen,
  Stubborn set intuition explained, 2017), or none of the steps changes anything that it reads (visibility: Peled, All
  from one, one for all, 1993);
* some of them leads to a joint state that is not expanded yet: so nobody is put off for ever (the search sees to it:
  Bosnacki, Leue and Lluch Lafuente, Partial-order reduction for general state exploring algorithms, 2009).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from mcfsm.explore.stubborn.goals import Goals
from mcfsm.explore.stubborn.senders import MOST, Context, Senders
from mcfsm.model import FREEZABLE, Content
from mcfsm.semantics.product import FREEZE_EVENT, Product
from mcfsm.semantics.steps import State, Step

NEVER = 0  # of a channel: what its sender may put in now does not concern its receiver


class Dependence:
    """What of a model makes agents depend on each other, in any joint state. Sets of agents are bits."""

    def __init__(self, product: Product) -> None:
        self.product, self.model = product, product.model
        self.instances = len(self.model.instances)
        self.freeze = 1 << self.instances
        model, agents = self.model, range(self.instances)
        self.ends = [(model.index_of[c.sender], model.index_of[c.receiver]) for c in model.channels]
        asking = [any(line.asks for line in product.transitions[i]) for i in agents]
        self.partners = [0] * self.instances  # those who ask for what is in a channel between the two, or are asked
        for sender, receiver in self.ends:
            if asking[sender] or asking[receiver]:
                self.partners[sender] |= 1 << receiver
                self.partners[receiver] |= 1 << sender
        self.faulty = [bool(channel.faults) for channel in model.channels]
        self.users = [self._agents(budget.name) for budget in model.budgets]
        self.freezable = self._agents(None)
        self.watched = [self._watched(o) for o in range(len(model.observers))]
        lines = [product.transitions[i] for i in agents]  # and how many messages a step puts into one channel at most
        self.most_at_once = [max((len(line.sends) for line in own), default=0) for own in lines]

    def _agents(self, budget: str | None) -> int:
        """The agents with a line or a fault that uses a budget up; None: with one that the freeze stops."""
        found = 0
        for i, instance in enumerate(self.model.instances):
            lines = self.product.transitions[i]
            some = any(line.kind in FREEZABLE if budget is None else line.budget == budget for line in lines)
            some = some or (instance.crash is not None and budget in (None, instance.crash.budget))
            found |= some << i
        for channel, (_, receiver) in zip(self.model.channels, self.ends, strict=True):
            found |= any(budget in (None, used) for _, used in channel.faults) << receiver
        return found

    def _watched(self, observer: int) -> int:
        """The agents of which an observer may see something."""
        events = self.product.observers[observer].transitions
        found = self.freeze if (FREEZE_EVENT.event, FREEZE_EVENT.name) in events else 0
        for i, instance in enumerate(self.model.instances):
            seen = [
                event
                for line in self.product.transitions[i]
                for event in [
                    ("fired", line.id),
                    *([("received", line.trigger)] if line.kind == "reception" else []),
                    *(("sent", sending.message) for sending in line.sends),
                ]
            ]
            role = self.model.role_of[instance.name]
            seen += [("received", message) for message in role.ignored]
            seen += [("fault", kind) for kind in ("crash", "restart", "loss") if instance.crash is not None]
            found |= any(event in events for event in seen) << i
        for channel, (_, receiver) in zip(self.model.channels, self.ends, strict=True):
            found |= any(("fault", kind) in events for kind, _ in channel.faults) << receiver
        return found

    def concerns(self, channel: int, content: Content) -> int:
        """How many more messages in a channel make a difference to what its receiver does now; NEVER where none do.

        MOST stands for so many and more: for what nobody counts.
        """
        declared, (_, receiver) = self.model.channels[channel], self.ends[channel]
        if declared.kind != "fifo" or not content or self.faulty[channel] or self.product.defers(receiver):
            return 1
        if declared.when_full == "block" or declared.bound is None:
            return NEVER  # what is sent was sent as well, and stays behind
        return min(MOST, declared.bound - len(content) + 1)  # the one that finds no room finds some afterwards

    def tight(self, channel: int, content: Content) -> bool:
        """Whether a step of its sender may find a channel full."""
        bound = self.model.channels[channel].bound
        return bound is not None and len(content) + self.most_at_once[self.ends[channel][0]] > bound


class StubbornSets:
    """Chooses among the steps of joint states of a model."""

    def __init__(self, product: Product, goals: Goals) -> None:
        self.product, self.model, self.goals = product, product.model, goals
        self.dependence, self.senders = Dependence(product), Senders(product)
        self.concerns, self.tight = cache(self.dependence.concerns), cache(self.dependence.tight)

    def chosen(self, state: State, steps: Sequence[Step], waited_for: int) -> list[Step]:
        """Steps that suffice, given the goals that are waited for: the fewest, or all of them."""
        best = list(steps)
        agents = [self.agent(step) for step in steps]
        needs = [self.needs(state, step) for step in steps]
        context = self.context_of(state.budgets, bool(state.frozen))
        for i in range(self.dependence.instances):
            if i not in agents:
                continue
            closed = self.closed(state, i, agents, needs, context)
            taken = [step for step, agent in zip(steps, agents, strict=True) if closed >> agent & 1]
            if len(taken) < len(best) and self.suffices(state, closed, taken, waited_for):
                best = taken
        return best

    def suffices(self, state: State, closed: int, taken: Sequence[Step], waited_for: int) -> bool:
        """Whether the steps of a closed set of agents suffice, but that one has to lead to something new."""
        if all(step.instance >= self.dependence.instances for step in taken):
            return False
        changed = 0
        for step in taken:
            changed |= self.goals.changed(state, step.target)
        return waited_for & changed & ~self.refuted(state, closed) == 0

    def refuted(self, state: State, agents: int) -> int:
        """The goals that are not reached before one of some agents moves."""
        found = (
            self.goals.refuted_by_freeze(bool(state.frozen)) if state.frozen or agents & self.dependence.freeze else 0
        )
        for i in range(self.dependence.instances):
            if agents >> i & 1:
                found |= self.goals.refuted_by_local(i, state.locals[i])
        for channel, (_, receiver) in enumerate(self.dependence.ends):
            if agents >> receiver & 1 and state.channels[channel] and self.model.channels[channel].kind != "set":
                found |= self.goals.refuted_by_content(channel, state.channels[channel])
        return found

    def agent(self, step: Step) -> int:
        """Whose step it is: a fault of a channel is its receiver's, a crash its instance's."""
        if step.fault is None or step.instance < self.dependence.instances:
            return step.instance
        return step.fault.place if step.fault.kind == "crash" else self.dependence.ends[step.fault.place][1]

    def needs(self, state: State, step: Step) -> int:
        """The agents whose steps depend on one, whatever else there is."""
        depends, agent, found = self.dependence, self.agent(step), 0
        if agent == depends.instances:
            found |= depends.freezable
        elif self.model.allows_freeze and not state.frozen and self.frozen_out(step):
            found |= depends.freeze
        for i, (before, after) in enumerate(zip(state.budgets, step.target.budgets, strict=True)):
            found |= depends.users[i] if before != after else 0
        for i, (sender, receiver) in enumerate(depends.ends):
            if sender == agent and depends.faulty[i] and state.channels[i] != step.target.channels[i]:
                found |= 1 << receiver
        if self.product.observers:
            seen = self.seen(state, step)
            for observer, agents in zip(self.product.observers, depends.watched, strict=True):
                found |= agents if any(event in observer.transitions for event in seen) else 0
        return found

    def seen(self, state: State, step: Step) -> list[tuple[str, str]]:
        """The events of a step."""
        if step.outcome is not None:
            events = self.product.events(step.instance, state.locals[step.instance], step.outcome, step.event)
        elif step.fault is None:
            events = [FREEZE_EVENT]
        elif step.fault.kind in ("crash", "restart"):
            return [("fault", step.fault.kind)]
        else:
            events = self.product.channel_events(step.fault)
        return [(event.event, event.name) for event in events]

    def frozen_out(self, step: Step) -> bool:
        """Whether the freeze disables a step."""
        if step.outcome is None:
            return step.instance >= self.dependence.instances
        line = self.product.transition(step.instance, step.outcome)
        return line is not None and line.kind in FREEZABLE

    def context_of(self, budgets: tuple[int, ...], frozen: bool) -> Context:
        """What never comes back, given what is left of the budgets and whether the environment is frozen."""
        exhausted = (budget.name for budget, left in zip(self.model.budgets, budgets, strict=True) if not left)
        return Context(frozen, frozenset(exhausted))

    def closed(self, state: State, first: int, agents: Sequence[int], needs: Sequence[int], context: Context) -> int:
        """The least closed set with some instance, given the agents of all steps and what each of these needs."""
        depends, found, before = self.dependence, 1 << first, 0
        while found != before:
            before = found
            outside = self.sending(state, found, context)
            for agent, more in zip(agents, needs, strict=True):
                found |= more if before >> agent & 1 else 0
            for i in range(depends.instances):
                found |= depends.partners[i] if before >> i & 1 else 0
            for channel, (sender, receiver) in enumerate(depends.ends):
                content = state.channels[channel]
                if before >> sender & 1 and self.tight(channel, content):
                    found |= 1 << receiver
                if before >> receiver & 1 and not before >> sender & 1:
                    least = self.concerns(channel, content)
                    if least != NEVER and outside[sender][least - 1] >> receiver & 1:
                        found |= 1 << sender
        return found

    def sending(self, state: State, closed: int, context: Context) -> list[tuple[int, ...]]:
        """What each instance outside a set may send as long as nobody in it moves, as `Senders` has it.

        Who has nothing to receive, and gets nothing from others outside, does what it does alone.
        """
        depends = self.dependence
        found: list[tuple[int, ...]] = [()] * depends.instances
        receiving = 0
        for channel, (_, receiver) in enumerate(depends.ends):
            receiving |= bool(state.channels[channel]) << receiver
        grown = True
        while grown:
            grown = False
            for i in range(depends.instances):
                if not closed >> i & 1:
                    found[i] = self.senders.may_send(i, state.locals[i].states, context, not receiving >> i & 1)
                    more = found[i][0] & ~closed & ~receiving
                    receiving, grown = receiving | more, grown or bool(more)
        return found
