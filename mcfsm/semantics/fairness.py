"""Which steps belong to which fairness set: one function for every producer of graphs and for replay.

A fairness set is a group of joint steps that a fair run may not put off for ever. A spontaneous line of kind `protocol`
or `timer` belongs to the set of its instance and trigger; a reception, ignoring included, to the set of its channel on
a fifo, and to that of its channel and message on a bag or set, where the channel itself prefers none. What users, the
environment and faults do, a restart, and which of several values is chosen, is nobody's duty. The two strengths are
those of Lamport, The Temporal Logic of Actions, ACM TOPLAS 16(3), 1994:

* weak: what is enabled from some state on, without a break, is taken again and again;
* strong: what is enabled again and again is taken again and again. Asked for, it is meant of receptions; triggers stay
  weak, because a machine that can be kept from acting by others is a matter of the text, not of the network.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from mcfsm.expressions.evaluate import ABSENT
from mcfsm.model import Fairness, Message, Model
from mcfsm.semantics.role import Event
from mcfsm.semantics.steps import Step
from mcfsm.semantics.transition import IGNORE, Outcome

FAIR = frozenset({"protocol", "timer"})  # kinds of spontaneous lines that a fair run takes


class FairSet(NamedTuple):
    """A fairness set: of an instance's trigger, or of what it receives from a sender, on bag and set by message."""

    instance: int
    trigger: str | None
    sender: str | None = None
    message: Message | None = None


def fair_set(model: Model, instance: int, event: Event | None, outcome: Outcome | None) -> FairSet | None:
    """The fairness set of a move (instance, message received, outcome); None where it is nobody's duty.

    It depends on the move alone and never on the joint state, so a table of moves can hold it.
    """
    if outcome is None:
        return None
    name = model.instances[instance].name
    if event is not None:
        channel = model.channels[model.channel_of[event.sender, name]]
        return FairSet(instance, None, event.sender, None if channel.kind == "fifo" else event.message)
    if outcome.transition == IGNORE:
        return None
    transition = model.role_of[name].transitions[outcome.transition]
    return FairSet(instance, transition.trigger) if transition.kind in FAIR else None


def fair_set_of(model: Model, step: Step) -> FairSet | None:
    """The fairness set of a joint step."""
    return fair_set(model, step.instance, step.event, step.outcome)


def adverse(model: Model, step: Step) -> bool:
    """Whether a step is the environment's: by kind, or a fault, or the freeze. A restart is its instance's.

    One that a loop takes has no limit, as no budget comes back. Then weak fairness may be too weak: what each time is
    disabled before it is taken is owed by nobody.
    """
    if step.instance >= len(model.instances):
        return True
    if step.outcome is None or step.outcome.transition == IGNORE:
        return False
    return model.role_of[model.instances[step.instance].name].transitions[step.outcome.transition].kind == "environment"


def strength(fairness: Fairness, set_: FairSet) -> Fairness:
    """What is asked of one set where a property is checked under a fairness."""
    return "weak" if fairness == "strong" and set_.trigger is not None else fairness


def order(model: Model, set_: FairSet) -> tuple[Any, ...]:
    """A key that sorts fairness sets as their instances, triggers, channels and messages are declared."""
    role = model.role_of[model.instances[set_.instance].name]
    if set_.trigger is not None:
        place = next(i for i, transition in enumerate(role.transitions) if transition.trigger == set_.trigger)
        return set_.instance, 0, place, ()
    rank = () if set_.message is None else model.message_rank(set_.message)
    assert set_.sender is not None  # of a reception
    return set_.instance, 1, model.index_of[set_.sender], rank


def shown(model: Model, set_: FairSet) -> str:
    """A fairness set in words: "tx repeat", "rx receives from tx", "rx receives data(0) from tx"."""
    name = model.instances[set_.instance].name
    if set_.trigger is not None:
        return f"{name} {set_.trigger}"
    if set_.message is None:
        return f"{name} receives from {set_.sender}"
    elements = zip(model.form_of[set_.message.name].elements, set_.message.elements, strict=True)
    values = ", ".join(domain.show(value) for (_, domain, _), value in elements if value is not ABSENT)
    return f"{name} receives {set_.message.name}{f'({values})' if values else ''} from {set_.sender}"
