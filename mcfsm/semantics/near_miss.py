"""How near a promise comes to being broken: states in which one variable, with another value, would break it.

Vacuity asks whether a property was put to the test at all (Beer, Ben-David, Eisner and Rodeh, Efficient Detection of
Vacuity in Temporal Model Checking, Formal Methods in System Design 18(2), 2001), and coverage whether it depends on the
value of a variable in a state (Hoskote, Kam, Ho and Zhao, Coverage Estimation for Symbolic Model Checking, DAC 1999). A
state that is one variable away from a violation shows both: the premise is met there, and the value matters.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from mcfsm.expressions import nodes as n
from mcfsm.expressions.domains import Boolean, Domain, Enumeration, Integer, SetOf, Value
from mcfsm.expressions.evaluate import ABSENT
from mcfsm.expressions.may_fail import may_fail
from mcfsm.expressions.rewrite import rebuilt
from mcfsm.model import LivenessProperty, Message, Model, Property
from mcfsm.problems import ModelError
from mcfsm.semantics.properties import PropertyMonitor
from mcfsm.semantics.steps import State

MOST_VALUES = 64  # of a variable or element that are tried; one with more is left as it is, but for sets
_TRUTH = Boolean()


class Place(NamedTuple):
    """A state or a variable of an instance or observer."""

    owner: str
    instance: int  # observers come behind the instances
    in_states: bool
    position: int


@dataclass(frozen=True)
class OtherValue:
    """A variable or state with another value, in place of any that it may have, or of one `among` these."""

    place: Place
    name: str
    domain: Domain
    value: Value
    among: tuple[Value, ...] | None = None  # the values that are exchanged for it; None: any

    def exchanged(self, state: State) -> State | None:
        """The state with that value; None where it has it already, or one that is not exchanged for it."""
        local = state.locals[self.place.instance]
        values: list[Any] = list(local.states if self.place.in_states else local.values)
        now = values[self.place.position]
        if now == self.value or (self.among is not None and now not in self.among):
            return None
        values[self.place.position] = self.value
        left = local._replace(**{"states" if self.place.in_states else "values": tuple(values)})
        at = self.place.instance
        return state._replace(locals=(*state.locals[:at], left, *state.locals[at + 1 :]))


def other_values(model: Model, property_: Property, *, observers: bool) -> list[OtherValue]:
    """Every other value of what a property reads of instances, or of observers, in the order of both.

    Of a number that an observer counts the neighbouring values only: what it did not come near to is not near.
    """
    roots = [property_.condition] if property_.premise is None else [property_.premise, property_.condition]
    places = {Place(*_of(slot)) for root in roots for slot in _slots(root)}
    found = []
    for place in sorted(places, key=lambda place: (place.instance, not place.in_states, place.position)):
        if (place.instance >= len(model.instances)) is observers:
            name, domain = declared(model, place)
            for value in _values(domain):
                beside = (value - 1, value + 1) if observers and isinstance(domain, Integer) else None
                found.append(OtherValue(place, name, domain, value, beside))
    return found


def _values(domain: Domain) -> Iterable[Value]:
    """The values that are tried: all of them; of a set that has too many the empty one and the whole one."""
    if domain.size() <= MOST_VALUES:
        return domain.values
    if isinstance(domain, SetOf) and domain.element.size() <= MOST_VALUES:
        return (frozenset(), frozenset(domain.element.values))
    return ()


def near_miss(property_: Property, others: list[OtherValue], name: str) -> Property | None:
    """What holds of a state in which the premise is met and one of some other values would break the promise.

    Left out is what might leave an expression without a value that has one now; None where nothing is left.
    """
    premise = [] if property_.premise is None else [property_.premise]
    asked = n.And(_TRUTH, (*premise, property_.condition))
    fragile = {Place(*_of(slot)) for node in asked.walk() if may_fail(node) for slot in _fragile(node)}
    ways = []
    for other in others:
        broken = _exchanged(property_.condition, other)
        broken = n.Not(_TRUTH, broken) if property_.form == "always" else broken
        between = [] if other.among is None else [_is_among(other, other.among)]
        way = n.And(_TRUTH, (*between, *(_exchanged(node, other) for node in premise), broken))
        if not may_fail(n.And(_TRUTH, (*premise, way))) or (may_fail(asked) and other.place not in fragile):
            ways.append(way)
    if not ways:
        return None
    return _witness(name, n.And(_TRUTH, (*premise, n.Or(_TRUTH, tuple(ways)))))


def breaking(model: Model, property_: Property, others: list[OtherValue], state: State) -> OtherValue | None:
    """The first of some other values that breaks a promise in a state, by the definition; None where none does."""
    for other in others:
        exchanged = other.exchanged(state)
        if exchanged is not None and _breaks(model, property_, exchanged):
            return other
    return None


def _breaks(model: Model, property_: Property, state: State) -> bool:
    try:
        return PropertyMonitor(model, property_).decides(state)
    except ModelError:  # no value, so no violation
        return False


def near_message(property_: Property, name: str) -> Property | None:
    """What holds of a state in which the premise is met, and another value of one element of a message in flight would
    break the promise; None where it asks for no element of any.
    """
    premise = [] if property_.premise is None else [property_.premise]
    asked = n.And(_TRUTH, (*premise, property_.condition))
    ways = []
    for flying, at in dict.fromkeys(_elements(property_)):
        less = replace(flying, filters=_without(flying.filters, at), values=_without(flying.values, at))
        broken = _replaced(property_.condition, flying, less)
        broken = n.Not(_TRUTH, broken) if property_.form == "always" else broken
        way = n.And(_TRUTH, (*(_replaced(node, flying, less) for node in premise), broken))
        if may_fail(asked) or not may_fail(n.And(_TRUTH, (*premise, way))):
            ways.append(way)
    return _witness(name, n.And(_TRUTH, (*premise, n.Or(_TRUTH, tuple(ways))))) if ways else None


def breaking_message(model: Model, property_: Property, state: State) -> str | None:
    """The first other value of an element in flight that breaks a promise in a state, in words, if there is one."""
    asked = {(flying.message, flying.filters[at].position) for flying, at in _elements(property_)}
    for c, (channel, content) in enumerate(zip(model.channels, state.channels, strict=True)):
        for k, message in enumerate(content):
            for position, (element, domain, _) in enumerate(model.form_of[message.name].elements):
                now = message.elements[position]
                if (message.name, position) not in asked or domain.size() > MOST_VALUES:
                    continue
                for value in domain.values:
                    elements = (*message.elements[:position], value, *message.elements[position + 1 :])
                    left = (*content[:k], Message(message.name, elements), *content[k + 1 :])
                    channels = (*state.channels[:c], left, *state.channels[c + 1 :])
                    if _breaks(model, property_, state._replace(channels=channels)):
                        what = f"{element} of {message.name}, on its way {channel.name},"
                        return (
                            f"{what} were {domain.show(value)}, not {'absent' if now is ABSENT else domain.show(now)}"
                        )
    return None


def _elements(property_: Property) -> Iterator[tuple[n.InFlight, int]]:
    """Each message in flight that a property asks for, with the place of each of its elements among what is asked."""
    for root in (property_.condition, *([] if property_.premise is None else [property_.premise])):
        for node in root.walk():
            if isinstance(node, n.InFlight):
                yield from ((node, at) for at, filter_ in enumerate(node.filters) if filter_.position is not None)


def _without(parts: tuple[Any, ...], at: int) -> tuple[Any, ...]:
    return parts[:at] + parts[at + 1 :]


def premise_met(property_: Property, name: str) -> Property | None:
    """What holds of a state in which the premise is met; None where there is no premise."""
    return None if property_.premise is None else _witness(name, property_.premise)


def waiting(property_: LivenessProperty, name: str) -> Property:
    """What holds of a state in which all causes hold, and the goal does not yet."""
    return _witness(name, n.And(_TRUTH, (*property_.causes, n.Not(_TRUTH, property_.goal))))


def _witness(name: str, condition: n.Node) -> Property:
    return Property(name, "", None, "reachable", condition, None, "", (), None)


def declared(model: Model, place: Place) -> tuple[str, Domain]:
    """What a place is called, and the values that it may have."""
    if place.in_states:
        region = model.regions_at(place.instance)[place.position]
        return f"{place.owner}.{region.name}", Enumeration(region.states)
    variable = model.variables_at(place.instance)[place.position]
    return f"{place.owner}.{variable.name}", variable.domain


def _of(slot: n.Slot) -> tuple[str, int, bool, int]:
    return slot.owner, slot.instance, slot.in_states, slot.position


def _slots(root: n.Node) -> Iterator[n.Slot]:
    """What a tree may read: of an instance that is named, its own."""
    for node in root.walk():
        if isinstance(node, n.Attribute):
            wanted = node.target.value if isinstance(node.target, n.Constant) else None
            yield from (slot for slot in node.slots if wanted in (None, slot.owner))


def _fragile(node: n.Node) -> Iterator[n.Slot]:
    """What decides whether a node by itself has a value."""
    if isinstance(node, n.Narrow | n.Member):
        yield from _slots(node)


def _is_among(other: OtherValue, values: tuple[Value, ...]) -> n.Node:
    """That a place has one of some values, which are exchanged for another."""
    slots = (n.Slot(*other.place),)
    target = n.Constant(Enumeration((other.place.owner,)), other.place.owner)
    now = n.Attribute(other.domain, target, other.name, slots)
    return n.Apply(_TRUTH, "in", (now, n.Constant(SetOf(other.domain), frozenset(values))))


def _exchanged(node: n.Node, other: OtherValue) -> n.Node:
    """The node where a place has another value."""
    left = rebuilt(node, lambda part: _exchanged(part, other))
    if not (isinstance(left, n.Attribute) and other.place in (_of(slot) for slot in left.slots)):
        return left
    value = n.Constant(left.domain, other.value)
    if isinstance(left.target, n.Constant):
        return value if left.target.value == other.place.owner else left
    named = n.Constant(left.target.domain, other.place.owner)
    return n.IfElse(left.domain, n.Apply(_TRUTH, "==", (left.target, named)), value, left)


def _replaced(node: n.Node, old: n.Node, new: n.Node) -> n.Node:
    """The node with another in the place of one of its parts, wherever that stands."""
    return new if node == old else rebuilt(node, lambda part: _replaced(part, old, new))
