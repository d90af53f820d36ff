"""Why nobody can act in a joint state: what each instance waits for, transition by transition, and what messages wait.

Every reason comes from the definition: guards from `transition.py`, offers, budgets and full channels from
`product.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from mcfsm.model import Content, Local, Transition
from mcfsm.semantics.product import Product, State
from mcfsm.semantics.role import Event
from mcfsm.semantics.trace import shown_message

NONE_THERE = "none is there"


@dataclass(frozen=True)
class BlockedTransition:
    """A transition that its source state would allow, and why it is not possible."""

    transition: str
    trigger: str
    why: str


@dataclass(frozen=True)
class Wait:
    """An instance that cannot act: its states by region, whether it may rest in all of them, and what it waits for."""

    instance: str
    states: tuple[tuple[str, str], ...]  # region, state
    final: bool
    reasons: tuple[BlockedTransition, ...]

    @property
    def where(self) -> str:
        """Its states in words."""
        return ", ".join(state for _, state in self.states)


@dataclass(frozen=True)
class Stuck:
    """A joint state in which nobody can act: every instance, and the messages that lie in fifo and bag channels."""

    waits: tuple[Wait, ...]
    waiting: tuple[str, ...]

    def lines(self) -> Iterator[str]:
        """What a report says of it, a line each; reasons are indented."""
        for wait in self.waits:
            rests = "may rest" if wait.final else "is not final"
            yield f"{wait.instance} in {wait.where} ({rests})" + ("" if wait.reasons else ": no transition leads on")
            absent = dict.fromkeys(reason.trigger for reason in wait.reasons if reason.why == NONE_THERE)
            if absent:
                yield f"  waits for {' or '.join(absent)}: {NONE_THERE}"
            for reason in wait.reasons:
                if reason.why == NONE_THERE:
                    continue
                named = "" if reason.transition == reason.trigger else f" ({reason.trigger})"
                yield f"  {reason.transition}{named}: {reason.why}"
        yield from self.waiting


def stuck(product: Product, state: State) -> Stuck:
    """What everybody waits for in a state without steps."""
    model = product.model
    waits = []
    for i, machine in enumerate(product.machines):
        local, role = state.locals[i], machine.role
        reasons = [
            BlockedTransition(t.id, t.trigger, _why(product, state, i, t))
            for t in role.transitions
            if all(local.states[region] in states for region, states in t.sources)
        ]
        named = tuple((region.name, s) for region, s in zip(role.regions, local.states, strict=True))
        waits.append(Wait(model.instances[i].name, named, machine.final(local), tuple(reasons)))
    waiting = [
        f"{shown_message(model, message)} waits in {channel.name}"
        for channel, content in zip(model.channels, state.channels, strict=True)
        if channel.kind != "set"
        for message in content
    ]
    return Stuck(tuple(waits), tuple(waiting))


def _why(product: Product, state: State, instance: int, transition: Transition) -> str:
    """Why a transition is not possible in a state in which its source holds."""
    local = state.locals[instance]
    if transition.kind != "reception":
        return _blocked(product, state, instance, transition, None, state.channels) or _refused(
            product, instance, local, transition, None
        )
    found: dict[str, None] = {}
    name = product.model.instances[instance].name
    for channel, sender in product.incoming[instance]:
        content = state.channels[channel]
        offered = dict(product.offers(channel, content, instance, local))
        there = [message for message in content if message.name == transition.trigger]
        source = product.model.instances[sender].name
        for message in dict.fromkeys(there):
            event = Event(source, message)
            if event in offered:
                channels = (*state.channels[:channel], offered[event], *state.channels[channel + 1 :])
                why = _blocked(product, state, instance, transition, event, channels)
                found[why or _refused(product, instance, local, transition, event)] = None
            else:
                first = next(iter(offered), None)
                behind = f" behind {first.message.name}" if first is not None else ""
                found[f"{message.name} from {source} stands{behind or ' deferred'} in {source} -> {name}"] = None
    return "; ".join(found) or NONE_THERE


def _blocked(
    product: Product,
    state: State,
    instance: int,
    transition: Transition,
    event: Event | None,
    channels: tuple[Content, ...],
) -> str | None:
    """What holds back a transition whose guards are true; None where they are not."""
    outcomes = [
        outcome
        for outcome in product.machines[instance].local_step(state.locals[instance], event)
        if product.transition(instance, outcome) is transition
    ]
    if not outcomes:
        return None
    match product.disabled_by(state, transition):
        case "exhausted":
            return f"the budget {transition.budget} is used up"
        case "frozen":
            return "the environment is frozen"
        case "avoided":
            return "it is left out"
    deliveries = (product.deliver(instance, outcome, channels) for outcome in outcomes)
    full = dict.fromkeys(product.model.channels[d.full].name for d in deliveries if d.full is not None)
    return f"{' and '.join(full)} {'is' if len(full) == 1 else 'are'} full" if full else "it is possible"


def _refused(product: Product, instance: int, local: Local, transition: Transition, event: Event | None) -> str:
    """The condition of a transition that does not hold."""
    refusals = product.machines[instance].refusals(local, event)
    return next(refusal.reason for refusal in refusals if refusal.transition == transition.id)
