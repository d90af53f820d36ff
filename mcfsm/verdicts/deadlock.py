"""Why nobody can act in a joint state: what each instance waits for, transition by transition, and what messages wait.

Every reason comes from the definition: guards from `transition.py`, offers, budgets and full channels from
`product.py`. Things are called by their labels; by ids where it is asked `by_id`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from mcfsm.model import Channel, Content, Message, Model, Transition
from mcfsm.model.labels import Labels
from mcfsm.semantics.product import Product
from mcfsm.semantics.role import Event
from mcfsm.semantics.steps import State
from mcfsm.semantics.trace import shown_elements, shown_message

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
    """A joint state in which nobody can act: every instance, and the messages that wait to be received."""

    waits: tuple[Wait, ...]
    waiting: tuple[str, ...]

    def lines(self) -> Iterator[str]:
        """What a report says of it, a line each; reasons are indented."""
        for wait in self.waits:
            rests = "may rest" if wait.final else "is not final"
            yield f"{wait.instance}: {wait.where} ({rests})" + ("" if wait.reasons else ", no transition leads on")
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
    model, words = product.model, product.model.labels
    waits = []
    for i, machine in enumerate(product.machines):
        local, role = state.locals[i], machine.role
        reasons = [
            BlockedTransition(words.transition(t.id), _trigger(words, t), _why(product, state, i, t))
            for t in role.transitions
            if all(local.states[region] in states for region, states in t.sources)
        ]
        where = [(region.name, words.state(role.name, s)) for region, s in zip(role.regions, local.states, strict=True)]
        waits.append(Wait(words.instance(model.instances[i].name), tuple(where), machine.final(local), tuple(reasons)))
    waiting = [
        f"{_message(model, message)} waits {_way(words, channel)}"
        for channel, content in zip(model.channels, state.channels, strict=True)
        if channel.awaited
        for message in content
    ]
    return Stuck(tuple(waits), tuple(waiting))


def _trigger(words: Labels, transition: Transition) -> str:
    """What would set a transition off; of a spontaneous one with a label the label says it."""
    if transition.kind == "reception":
        return words.message(transition.trigger)
    return words.label("transition", transition.id) or transition.trigger


def _message(model: Model, message: Message) -> str:
    label = model.labels.label("message", message.name)
    if label is None:
        return shown_message(model, message)
    carried = ", ".join(value for _, value in shown_elements(model, message))
    return f"{label} ({carried})" if carried else label


def _way(words: Labels, channel: Channel) -> str:
    if words.label("instance", channel.sender) is None:
        return f"in {channel.name}"
    return f"on its way from {words.instance(channel.sender)} to {words.instance(channel.receiver)}"


def _why(product: Product, state: State, instance: int, transition: Transition) -> str:
    """Why a transition is not possible in a state in which its source holds."""
    local = state.locals[instance]
    if transition.kind != "reception":
        return _blocked(product, state, instance, transition, None, state.channels) or _refused(
            product, state, instance, transition, None
        )
    found: dict[str, None] = {}
    words = product.model.labels
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
                found[why or _refused(product, state, instance, transition, event)] = None
            else:
                first = next(iter(offered), None)
                behind = f"behind {words.message(first.message.name)}" if first is not None else "deferred"
                way = _way(words, product.model.channels[channel])
                found[f"{words.message(message.name)} from {words.instance(source)} stands {behind} {way}"] = None
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
        for outcome in product.machines[instance].local_step(
            state.locals[instance], event, product.asked(instance, state)
        )
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
    full = dict.fromkeys(_full(product.model, d.full) for d in deliveries if d.full is not None)
    return f"{' and '.join(full)} {'is' if len(full) == 1 else 'are'} full" if full else "it is possible"


def _full(model: Model, channel: int) -> str:
    """The channel; by labels as what leads from the one to the other."""
    declared, words = model.channels[channel], model.labels
    if words.label("instance", declared.sender) is None:
        return declared.name
    return f"the channel from {words.instance(declared.sender)} to {words.instance(declared.receiver)}"


def _refused(product: Product, state: State, instance: int, transition: Transition, event: Event | None) -> str:
    """The condition of a transition that does not hold."""
    contents = product.asked(instance, state)
    refusals = product.machines[instance].refusals(state.locals[instance], event, contents)
    return next(refusal.reason for refusal in refusals if refusal.transition == transition.id)
