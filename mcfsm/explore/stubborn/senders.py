"""How many messages an instance may still send to each other one, as far as its control state tells.

What may live here: what roles send, read off their lines. What may not: joint states, and which steps are chosen.

It is a bound from above: values and guards are not looked at, and so is not which of the lines that leave a control
state can be taken. Budgets that are used up and the freeze are, as neither ever comes back.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from mcfsm.expressions.domains import SetOf
from mcfsm.model import FREEZABLE, Sending
from mcfsm.semantics.product import Product
from mcfsm.semantics.transition import ControlState, ReadyTransition

MOST = 4  # messages that are counted; so many may be any number more


class Context(NamedTuple):
    """What never comes back: that the environment is frozen, and the budgets that are used up."""

    frozen: bool
    exhausted: frozenset[str]


class Senders:
    """What the instances of a model may send."""

    def __init__(self, product: Product) -> None:
        self.product, self.model = product, product.model
        self.receivers = [
            frozenset(
                self.model.index_of[channel.receiver] for channel in self.model.channels if channel.sender == one.name
            )
            for one in self.model.instances
        ]
        self.may_send = cache(self._may_send)

    def _may_send(self, instance: int, control: ControlState, context: Context, alone: bool) -> tuple[int, ...]:
        """The instances to whom one in a control state may send a message, two, and so on up to MOST: as bits, in turn.

        Now or ever after; `alone`, as long as it receives nothing. One that may crash may begin anew.
        """
        machine = self.product.machines[instance]
        begun = [control]
        if machine.instance.crash is not None:
            begun += [first.states for first in machine.beginnings()]
        leaving: dict[ControlState, list[tuple[dict[int, int], ControlState]]] = {}
        todo = list(begun)
        while todo:
            here = todo.pop()
            if here in leaving:
                continue
            leaving[here] = [
                (self._sent(instance, line), to)
                for line in machine.transitions
                if self._possible(line, context, alone) and (to := line.fired(here)) is not None
            ]
            todo += [to for _, to in leaving[here]]
        found = {here: dict.fromkeys(self.receivers[instance], 0) for here in leaving}
        grown = True
        while grown:  # towards the longest ways, which end at MOST where they go round
            grown = False
            for here, ways in leaving.items():
                for sent, to in ways:
                    for receiver, count in found[to].items():
                        more = min(MOST, count + sent.get(receiver, 0))
                        if more > found[here][receiver]:
                            found[here][receiver], grown = more, True
        most = {receiver: max(found[one][receiver] for one in begun) for receiver in self.receivers[instance]}
        return tuple(sum(1 << to for to, count in most.items() if count >= least) for least in range(1, MOST + 1))

    def _possible(self, line: ReadyTransition, context: Context, alone: bool) -> bool:
        declared = line.declared
        if declared.kind == "reception":
            return not alone
        return declared.budget not in context.exhausted and not (context.frozen and declared.kind in FREEZABLE)

    def _sent(self, instance: int, line: ReadyTransition) -> dict[int, int]:
        """How many messages a line sends to each receiver at most."""
        found: dict[int, int] = {}
        for sending in line.declared.sends:
            for receiver in self.targets(instance, sending):
                found[receiver] = found.get(receiver, 0) + 1
        return found

    def targets(self, instance: int, sending: Sending) -> frozenset[int]:
        """To whom a message may go."""
        domain = sending.to.domain.element if isinstance(sending.to.domain, SetOf) else sending.to.domain
        named = frozenset(self.model.index_of[name] for name in domain.values if name in self.model.index_of)
        return self.receivers[instance] & named
