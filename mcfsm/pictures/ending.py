"""The state in which a flow ends, as far as a property looks at it: what contradicts the promise, and where."""

from __future__ import annotations

from dataclasses import dataclass

from mcfsm.expressions import nodes as n
from mcfsm.model import Channel, LivenessProperty, Message, Model, Property
from mcfsm.semantics.near_miss import Place, declared
from mcfsm.semantics.steps import State
from mcfsm.semantics.trace import Trace, shown_elements


@dataclass(frozen=True)
class Ending:
    """What a flow shows, in words, and the values that decide it: of instances by name, and of nobody in particular."""

    said: str
    broken: bool
    values: tuple[tuple[str, tuple[str, ...]], ...] = ()
    others: tuple[str, ...] = ()


def ending_of(model: Model, trace: Trace, name: str, *, broken: bool) -> Ending:
    """What the flow of a property or built-in check ends in; `broken`: it contradicts the promise."""
    property_ = model.property_of.get(name) or model.liveness_property_of.get(name)
    steps = len(trace.steps)
    after = f"After step {steps}" if steps else "At the beginning"
    if property_ is None:
        return Ending(f"{after}: {name} fails" if broken else f"{after}: {name}", broken)
    said = f"{after}: {name} {'is violated' if broken else 'is reached'}"
    if isinstance(property_, LivenessProperty):
        said = f"{name} is violated: what it promises never comes" if broken else f"{after}: {name} holds"
    values, others = _read(model, property_, trace.states[-1])
    return Ending(said, broken, values, others)


def _read(
    model: Model, property_: Property | LivenessProperty, state: State
) -> tuple[tuple[tuple[str, tuple[str, ...]], ...], tuple[str, ...]]:
    """What the condition or the goal reads, with its values: by instance, and the rest."""
    root = property_.goal if isinstance(property_, LivenessProperty) else property_.condition
    places: set[Place] = set()
    flying = False
    for node in root.walk():
        flying = flying or isinstance(node, n.InFlight)
        if isinstance(node, n.Attribute):
            wanted = node.target.value if isinstance(node.target, n.Constant) else None
            slots = [slot for slot in node.slots if wanted in (None, slot.owner)]
            places |= {Place(slot.owner, slot.instance, slot.in_states, slot.position) for slot in slots}
    own: dict[str, list[str]] = {}
    others: list[str] = []
    for place in sorted(places, key=lambda place: (place.instance, not place.in_states, place.position)):
        name, domain = declared(model, place)
        local = state.locals[place.instance]
        value = domain.show((local.states if place.in_states else local.values)[place.position])
        if place.instance >= len(model.instances):
            others.append(f"{name} = {value}")
            continue
        name, role = name.removeprefix(f"{place.owner}."), model.role_of[place.owner].name
        said = f"{name} = {value}"
        if place.in_states:
            said = model.labels.state(role, value)
            if len(model.role_of[place.owner].regions) > 1 or model.labels.label("state", role, value) is None:
                said = f"{model.labels.region(role, name)}: {said}"
        own.setdefault(place.owner, []).append(said)
    if flying:
        under_way = [
            _under_way(model, message, channel)
            for channel, content in zip(model.channels, state.channels, strict=True)
            for message in content
        ]
        others.append(f"in flight: {'; '.join(under_way) or 'nothing'}")
    return tuple((owner, tuple(values)) for owner, values in own.items()), tuple(others)


def _under_way(model: Model, message: Message, channel: Channel) -> str:
    """A message in flight, with its elements and between whom."""
    values = ", ".join(value for _, value in shown_elements(model, message))
    words = model.labels
    way = f"from {words.instance(channel.sender)} to {words.instance(channel.receiver)}"
    return f"{words.message(message.name)} ({values}) {way}" if values else f"{words.message(message.name)} {way}"
