"""A message as other programs carry it: who sends it to whom, and its elements as plain JSON data.

A bool, a number and a text stand for themselves, an enumeration's value and an instance for their names, a record is an
object of its fields, a set a list, a map an object by its keys as shown, none is null, and an absent element is left
out. Wherever a value is read, the text that reports show of it is understood too: "Id(u2, B)".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mcfsm.expressions.domains import Boolean, Domain, Integer, Map, Maybe, Record, SetOf, TooManyValues, Value
from mcfsm.expressions.evaluate import ABSENT
from mcfsm.model import Message, Model
from mcfsm.problems import closest, shorten


@dataclass(frozen=True)
class WireMessage:
    """A message between two instances of a model; its elements are JSON data, the absent ones left out."""

    sender: str
    receiver: str
    name: str
    elements: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        values = ", ".join(f"{name}={shorten(str(value))}" for name, value in self.elements.items())
        return f"{shorten(self.name)}{f'({values})' if values else ''} from {self.sender} to {self.receiver}"


class NotInModel(ValueError):
    """A message that no model state can have in flight: unknown ends, an unknown name, or a value of no domain."""


def to_wire(model: Model, sender: str, receiver: str, message: Message) -> WireMessage:
    """A message of the model as other programs carry it."""
    elements = zip(model.form_of[message.name].elements, message.elements, strict=True)
    data = {name: to_data(domain, value) for (name, domain, _), value in elements if value is not ABSENT}
    return WireMessage(sender, receiver, message.name, data)


def from_wire(model: Model, wire: WireMessage) -> tuple[int, Message]:
    """The channel and the message that are meant. Raises NotInModel with a sentence that says what is not known."""
    for end in (wire.sender, wire.receiver):
        if end not in model.index_of:
            raise NotInModel(_unknown("instance", end, model.index_of))
    channel = model.channel_of.get((wire.sender, wire.receiver))
    if channel is None:
        raise NotInModel(f"there is no channel from {wire.sender} to {wire.receiver}")
    form = model.form_of.get(wire.name)
    if form is None:
        raise NotInModel(_unknown("message", wire.name, model.form_of))
    names = [name for name, _, _ in form.elements]
    for name in wire.elements:
        if name not in names:
            raise NotInModel(_unknown(f"element of {form.name}", str(name), names))
    return channel, Message(form.name, tuple(_element(form.name, wire.elements, *each) for each in form.elements))


def to_data(domain: Domain, value: Value) -> Any:
    """A value as JSON data."""
    match domain:
        case Maybe():
            return None if value is None else to_data(domain.inner, value)
        case Record():
            parts = zip(domain.fields, value, strict=True)
            return {name: to_data(part, inner) for (name, part), inner in parts}
        case SetOf():
            return [to_data(domain.element, each) for each in domain.element.sorted(value)]
        case Map():
            pairs = zip(domain.key.values, value, strict=True)
            return {domain.key.show(key): to_data(domain.value, inner) for key, inner in pairs}
    return value


def from_data(domain: Domain, data: Any) -> Value:
    """The value that JSON data stand for. Raises NotInModel where the domain has none like it."""
    found = _value(domain, data)
    if found is not _NO_VALUE and domain.contains(found):
        return found
    shown = _shown_like(domain, data)
    if shown is _NO_VALUE:
        raise NotInModel(f"{shorten(str(data))} is no value of {domain}")
    return shown


_NO_VALUE = object()


def _element(message: str, elements: Mapping[str, Any], name: str, domain: Domain, optional: bool) -> Value:
    if name not in elements or (elements[name] is None and optional and not isinstance(domain, Maybe)):
        if optional:
            return ABSENT
        raise NotInModel(f"the element {name} of {message} is never absent")
    try:
        return from_data(domain, elements[name])
    except NotInModel as error:
        raise NotInModel(f"{name} of {message}: {error}") from None


def _value(domain: Domain, data: Any) -> Value:
    """The value, or _NO_VALUE; whether a simple one is in the domain is asked by who calls."""
    match domain, data:
        case Maybe(), None:
            return None
        case Maybe(), _:
            return _value(domain.inner, data)
        case (Boolean(), bool()) | (Integer(), int()):
            return data
        case Record(), dict():
            if set(data) != {name for name, _ in domain.fields}:
                return _NO_VALUE
            return _all(tuple(_part(part, data[name]) for name, part in domain.fields))
        case SetOf(), list():
            parts = _all(tuple(_part(domain.element, each) for each in data))
            return _NO_VALUE if parts is _NO_VALUE else frozenset(parts)
        case Map(), dict():
            keys = [domain.key.show(key) for key in domain.key.values]
            return _all(tuple(_part(domain.value, data[key]) for key in keys)) if set(data) == set(keys) else _NO_VALUE
        case ((Record() | SetOf() | Map() | Boolean() | Integer()), _):
            return _NO_VALUE
    return _squeezed(data) if isinstance(data, str) else _NO_VALUE


def _part(domain: Domain, data: Any) -> Value:
    try:
        return from_data(domain, data)
    except NotInModel:
        return _NO_VALUE


def _all(parts: tuple[Value, ...]) -> Value:
    return _NO_VALUE if any(part is _NO_VALUE for part in parts) else parts


def _shown_like(domain: Domain, data: Any) -> Value:
    """The value that is shown by a text; none of a domain too large to list."""
    if not isinstance(data, str):
        return _NO_VALUE
    wanted = _squeezed(data)
    try:
        return next((value for value in domain.values if _squeezed(domain.show(value)) == wanted), _NO_VALUE)
    except TooManyValues:
        return _NO_VALUE


def _squeezed(text: str) -> str:
    return "".join(text.split())


def _unknown(what: str, name: str, known: Any) -> str:
    hint = closest(name, known)
    return f"unknown {what} {shorten(name)}" + (f" ({hint})" if hint else "")
