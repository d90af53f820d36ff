"""Instances that change places, and what becomes of everything that names them.

What may live here: the image of a value, a message, a local state and a content under a permutation of instances, and
which permutations there are. What may not: joint states, and whether a model is the same under a permutation.

A permutation maps names: those of instances, and with them the values of an enumeration by which a group names them. A
value's image has the image of every name in it, so it depends on its domain: the entries of a map change places too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from itertools import pairwise, permutations, product
from math import factorial, prod

from mcfsm.expressions.domains import Domain, Enumeration, Map, Maybe, Record, SetOf, Value
from mcfsm.expressions.evaluate import ABSENT
from mcfsm.model import Content, Local, Message, Model, Variable

MOST_PERMUTATIONS = 720  # of all interchangeable instances together: six of them


class Permutation:
    """One permutation of a model's instances; `names` maps each that moves to the one whose place it takes."""

    def __init__(self, model: Model, names: Mapping[str, str]) -> None:
        self.model = model
        key_of = {instance.name: instance.key for instance in model.instances}
        keys = {key_of[old]: key_of[new] for old, new in names.items() if isinstance(key_of[old], str)}
        self.names: dict[str, str] = {old: new for old, new in {**names, **keys}.items() if old != new}

    @cached_property
    def instances(self) -> tuple[int, ...]:
        """Of each instance, by index, the one whose place it takes; last the environment, which stays."""
        names, index = self.names, self.model.index_of
        return (*(index[names.get(i.name, i.name)] for i in self.model.instances), len(index))

    @cached_property
    def channels(self) -> tuple[int, ...]:
        """Of each channel, by index, the one whose place it takes."""
        names, found = self.names, self.model.channel_of
        return tuple(
            found[names.get(c.sender, c.sender), names.get(c.receiver, c.receiver)] for c in self.model.channels
        )

    def concerns(self, domain: Domain) -> bool:
        """Whether some value of a domain has a name in it that moves."""
        match domain:
            case Enumeration(names=names):
                return not self.names.keys().isdisjoint(names)
            case Record(fields=fields):
                return any(self.concerns(part) for _, part in fields)
            case Map(key=key, value=value):
                return self.concerns(key) or self.concerns(value)
            case SetOf(element=inner) | Maybe(inner=inner):
                return self.concerns(inner)
        return False

    def keeps(self, domain: Domain) -> bool:
        """Whether the image of every value of a domain is a value of it too."""
        match domain:
            case Enumeration(names=names):
                return {self.names.get(name, name) for name in names} == set(names)
            case Record(fields=fields):
                return all(self.keeps(part) for _, part in fields)
            case Map(key=key, value=value):
                return self.keeps(key) and self.keeps(value)
            case SetOf(element=inner) | Maybe(inner=inner):
                return self.keeps(inner)
        return True

    def value(self, domain: Domain, value: Value) -> Value:
        """The image of a value of a domain that the permutation keeps."""
        if value is None or value is ABSENT:
            return value
        match domain:
            case Enumeration():
                return self.names.get(value, value)
            case Record(fields=fields):
                return tuple(self.value(part, one) for (_, part), one in zip(fields, value, strict=True))
            case Map(key=key, value=inner):
                image = list(value)
                for old, one in zip(key.values, value, strict=True):
                    image[domain.index(self.value(key, old))] = self.value(inner, one)
                return tuple(image)
            case SetOf(element=inner):
                return frozenset(self.value(inner, one) for one in value)
            case Maybe(inner=inner):
                return self.value(inner, value)
        return value

    def message(self, message: Message) -> Message:
        """The image of a message."""
        elements = self.model.form_of[message.name].elements
        return Message(
            message.name,
            tuple(self.value(domain, value) for (_, domain, _), value in zip(elements, message.elements, strict=True)),
        )

    def local(self, variables: tuple[Variable, ...], local: Local) -> Local:
        """The image of a local state with these variables, of an instance or of an observer."""
        values = zip(variables, local.values, strict=True)
        return Local(local.states, tuple(self.value(variable.domain, value) for variable, value in values))

    def content(self, channel: int, content: Content) -> Content:
        """What the channel that takes the place of a channel then holds."""
        image = map(self.message, content)
        fifo = self.model.channels[channel].kind == "fifo"
        return tuple(image) if fifo else tuple(sorted(image, key=self.model.message_rank))


def count_permutations(model: Model) -> int:
    """How many permutations there are, the one that moves nothing included."""
    return prod(factorial(len(members)) for members in model.interchangeable)


def every_permutation(model: Model) -> Iterator[Permutation]:
    """Every permutation of interchangeable instances; first the one that moves nothing."""
    for orders in product(*(permutations(members) for members in model.interchangeable)):
        pairs = zip(model.interchangeable, orders, strict=True)
        yield Permutation(model, {a: b for members, order in pairs for a, b in zip(members, order, strict=True)})


def neighbours(model: Model) -> Iterator[Permutation]:
    """Each exchange of two interchangeable instances that stand next to each other: all others are made of these."""
    for members in model.interchangeable:
        for first, second in pairwise(members):
            yield Permutation(model, {first: second, second: first})
