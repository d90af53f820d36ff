"""What tells two instances of a resolved model apart: everything in it that is not the same when they change places.

Where nothing does, exchanging them maps every step of the product to a step, and every property to itself: a name that
moves stands nowhere but in values, and what is done with values (comparing, looking up, building sets and records,
walking over all of a set) does not depend on what they are called. The order of instances is the one thing left that
is no value. It decides in which order a quantifier looks, a message to several is seen, and full channels are found.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from mcfsm.expressions import nodes as n
from mcfsm.expressions.domains import Domain, Instances, Integer, SetOf, Value
from mcfsm.expressions.may_fail import may_fail
from mcfsm.model import (
    Channel,
    Instance,
    LivenessProperty,
    Message,
    Model,
    Observer,
    Property,
    Role,
    Transition,
    Variable,
)
from mcfsm.model.permutation import Permutation
from mcfsm.problems import Span

Place = Span | tuple[str, ...]  # or the kind and the names of what is declared there; () for the declaration itself


class Asymmetry(NamedTuple):
    """What tells two instances apart, and where it stands."""

    place: Place
    said: str


def asymmetries(model: Model, exchange: Permutation) -> Iterator[Asymmetry]:
    """Everything that is not the same when two neighbours change places; the first thing only of each place."""
    return _Comparison(model, exchange).all()


def asymmetries_of_runs(model: Model, exchange: Permutation) -> Iterator[Asymmetry]:
    """Properties of runs that are not the same when two neighbours change places that nothing else tells apart."""
    comparison = _Comparison(model, exchange)
    for property_ in model.liveness_properties:
        roots = [*property_.causes, property_.goal]
        yield from comparison.first(("property", property_.id), _title(property_), roots, None)


class _Comparison:
    """Two instances that are to change places, and the model they stand in."""

    def __init__(self, model: Model, exchange: Permutation) -> None:
        self.model, self.exchange = model, exchange
        self.pair = [i.name for i in model.instances if i.name in exchange.names]
        self.roles = {model.role_of[name].name for name in self.pair}

    def all(self) -> Iterator[Asymmetry]:
        """Instances and channels, then what domains hold, then expressions: each presupposes what stands before it."""
        structure = [*self.instances(), *self.channels()]
        yield from structure
        if not structure:
            domains = list(self.domains())
            yield from domains
            if not domains:
                yield from self.first_messages()
                yield from self.expressions()

    def instances(self) -> Iterator[Asymmetry]:
        """Instances that the exchange makes other instances."""
        first, second = (self.model.instances[self.model.index_of[name]] for name in self.pair)
        if first.crash != second.crash:
            yield Asymmetry((), f"{first.name} and {second.name} crash under different lines")
        for one in self.model.instances:
            other = self.model.instances[self.exchange.instances[self.model.index_of[one.name]]]
            if isinstance(one.key, str) and self.exchange.names.get(one.key, one.key) != other.key:
                yield Asymmetry((), f"{one.name} is named by {one.key} too, and does not change places with them")
            for (name, value), (_, theirs) in zip(one.parameters, other.parameters, strict=False):
                if one.role == other.role and self.plain(value) != theirs:
                    yield Asymmetry((), f"parameter {name} of {one.name} is {_shown(value)}{self.instead(one, theirs)}")
                    break

    def instead(self, one: Instance, theirs: Value) -> str:
        return f", and of {self.exchange.names[one.name]} {_shown(theirs)}" if one.name in self.exchange.names else ""

    def plain(self, value: Value) -> Value:
        """The image of a value that an expression of the scenario gave, which has no map in it."""
        if isinstance(value, frozenset):
            return frozenset(map(self.plain, value))
        if isinstance(value, tuple):
            return tuple(map(self.plain, value))
        return self.exchange.names.get(value, value) if isinstance(value, str) else value

    def channels(self) -> Iterator[Asymmetry]:
        """Channels that are not alike when the instances at their ends change places."""
        names, found = self.exchange.names, {(c.sender, c.receiver): c for c in self.model.channels}
        for channel in self.model.channels:
            ends = names.get(channel.sender, channel.sender), names.get(channel.receiver, channel.receiver)
            if ends == (channel.sender, channel.receiver):
                continue
            other = found.get(ends)
            if other is None:
                yield Asymmetry((), f"there is a channel {channel.name}, and none {ends[0]} -> {ends[1]}")
            elif _kind(channel) != _kind(other):
                yield Asymmetry((), f"the channels {channel.name} and {other.name} differ")
            own = found.get((channel.sender, channel.sender))
            within = own is not None and set(self.pair) == {channel.sender, channel.receiver}
            if own is not None and within and own.when_full != channel.when_full:
                said = "which of them is full first depends on the order of the instances"
                yield Asymmetry((), f"the channels {own.name} and {channel.name} differ in when_full, and {said}")

    def first_messages(self) -> Iterator[Asymmetry]:
        """Messages that are on their way at first, and not also with the two exchanged."""
        names = self.exchange.names
        held: dict[tuple[str, str], list[Message]] = {}
        for sender, receiver, message in self.model.first_messages:
            held.setdefault((sender, receiver), []).append(message)
        for (sender, receiver), content in held.items():
            ends = names.get(sender, sender), names.get(receiver, receiver)
            image = self.exchange.content(self.model.channel_of[sender, receiver], tuple(content))
            theirs = held.get(ends, [])
            if self.model.channels[self.model.channel_of[ends]].kind != "fifo":
                theirs = sorted(theirs, key=self.model.message_rank)
            if image != tuple(theirs):
                yield Asymmetry((), f"what is in {sender} -> {receiver} at first is not in {ends[0]} -> {ends[1]}")

    def domains(self) -> Iterator[Asymmetry]:
        """Domains that have one of two names that change places, and not the other."""
        for form in self.model.messages:
            for name, domain, _ in form.elements:
                if not self.exchange.keeps(domain):
                    yield Asymmetry(("message", form.name), f"element {name} is of {domain}, which {self.half}")
        for role in self.model.roles:
            yield from self.variables(("role", role.name), role.variables)
        for observer in self.model.observers:
            yield from self.variables(("observer", observer.name), observer.variables)

    @property
    def half(self) -> str:
        first, second = sorted(self.exchange.names.keys() - set(self.pair)) or self.pair
        return f"has one of {first} and {second} only"

    def variables(self, owner: tuple[str, str], variables: Iterable[Variable]) -> Iterator[Asymmetry]:
        for variable in variables:
            if not self.exchange.keeps(variable.domain):
                yield Asymmetry((*owner, variable.name), f"{variable.name} is of {variable.domain}, which {self.half}")

    def expressions(self) -> Iterator[Asymmetry]:
        """Expressions that single one of the two out."""
        for role in self.model.roles:
            yield from self.initial(("role", role.name), role.variables, role)
            for transition in role.transitions:
                yield from self.first(transition.span or (), f"transition {transition.id}", _nodes(transition), role)
                for choice in transition.choices:
                    if not self.exchange.keeps(choice.domain):
                        said = f"transition {transition.id} chooses from {choice.domain}, which {self.half}"
                        yield Asymmetry(transition.span or (), said)
        for observer in self.model.observers:
            yield from self.initial(("observer", observer.name), observer.variables, None)
            yield from self.observed(observer)
        yield from self.first((), "how the scenario begins", self.model.begin, None)
        for property_ in self.model.state_properties:
            roots = [property_.condition, *([] if property_.premise is None else [property_.premise])]
            yield from self.first(("property", property_.id), _title(property_), roots, None)
        if self.model.boundary is not None:
            yield from self.first((), "what it explores within", [self.model.boundary.condition], None)

    def initial(self, owner: tuple[str, str], variables: Iterable[Variable], role: Role | None) -> Iterator[Asymmetry]:
        for variable in variables:
            yield from self.first((*owner, variable.name), f"the first {variable.name}", [variable.initial], role)

    def observed(self, observer: Observer) -> Iterator[Asymmetry]:
        """Lines of an observer that single one out, or that see a message to both in the order of the instances."""
        for line in observer.transitions:
            roots = [guard.node for guard in line.guards]
            roots += [part for a in line.assignments for part in (a.key, a.value) if part is not None]
            found = list(self.first(line.span or (), f"observer {observer.name}", roots, None))
            together = self.to_both & line.names if line.event == "sent" else frozenset()
            if together and not found:
                first, second = self.pair
                said = f"observer {observer.name} sees {min(together)} sent to {first} and then to {second} in one step"
                found = [Asymmetry(line.span or (), said)]
            yield from found

    @property
    def to_both(self) -> frozenset[str]:
        """The messages that one line may send to both in one step."""
        sends = (send for role in self.model.roles for t in role.transitions for send in t.sends)
        return frozenset(send.message for send in sends if self.holds_both(send.to))

    def holds_both(self, to: n.Node) -> bool:
        domain = to.domain
        if not isinstance(domain, SetOf) or not isinstance(domain.element, Instances):
            return False
        return set(self.pair) <= set(domain.element.names)

    def first(self, place: Place, title: str, roots: Iterable[n.Node], role: Role | None) -> Iterator[Asymmetry]:
        """The first part of some expressions that is not the same when the two change places."""
        waiting, seen = list(roots)[::-1], set[int]()
        while waiting:
            node = waiting.pop()
            if id(node) in seen:
                continue
            seen.add(id(node))
            said = self.fault(node, role)
            if said is not None:
                yield Asymmetry(place, f"{title} {said}")
                return
            waiting.extend([*node.children()][::-1])

    def fault(self, node: n.Node, role: Role | None) -> str | None:
        """How a part of an expression tells the two apart by itself; None where it does not."""
        exchange = self.exchange
        match node:
            case n.Constant(domain=domain, value=value) if self.image(domain, value) != value:
                return f"names {', '.join(self.named(value)) or ' and '.join(self.pair)}"
            case n.Read(name="key", domain=Integer()) if role is not None and role.name in self.roles:
                return f"reads key, which is a number that tells {self.pair[0]} from {self.pair[1]}"
            case n.Read(name=name, domain=domain) if role is not None and not self.given_alike(name, domain, role):
                return f"reads {name}, a map that tells {self.pair[0]} from {self.pair[1]}"
            case n.Member(members=members, group=group):
                image = {(self.plain(key), self.plain(name)) for key, name in members}
                if image != set(members):
                    return f"names instances of {group} by a number, as in {self.pair[0]}"
            case n.Attribute(target=target, name=name, slots=slots) if not isinstance(target, n.Constant):
                places = {(slot.owner, slot.in_states, slot.position) for slot in slots}
                if {(self.plain(owner), *where) for owner, *where in places} != places:
                    return f"reads {name} of one and not of the other"
            case n.Narrow(domain=domain):
                if not exchange.keeps(domain):
                    return f"has to have a value of {domain}, which {self.half}"
            case n.Quantify(operator="any" | "all", source=source, condition=condition, body=body):
                assert isinstance(source.domain, SetOf)
                failing = may_fail(body) if condition is None else may_fail(n.And(body.domain, (condition, body)))
                if failing and exchange.concerns(source.domain.element):
                    walked = source.domain.element
                    return f"has a quantifier over {walked} that may fail for one before it looks at another"
        return None

    def image(self, domain: Domain, value: Value) -> Value:
        """The image of a value; where its domain has half of the two, as far as the value itself tells."""
        return self.exchange.value(domain, value) if self.exchange.keeps(domain) else self.plain(value)

    def given_alike(self, name: str, domain: Domain, role: Role) -> bool:
        """Whether each instance has as parameter the image of what the one has whose place it takes.

        `instances` compared the values without their domain, which says where the entries of a map change places.
        """
        for at, one in enumerate(self.model.instances):
            other = self.model.instances[self.exchange.instances[at]]
            given = dict(one.parameters) if one.role == role.name and self.exchange.keeps(domain) else {}
            if name in given and self.exchange.value(domain, given[name]) != dict(other.parameters)[name]:
                return False
        return True

    def named(self, value: Value) -> list[str]:
        """The names in a value that change places."""
        if isinstance(value, tuple | frozenset):
            return sorted({name for part in value for name in self.named(part)})
        return [value] if isinstance(value, str) and value in self.exchange.names else []


def _nodes(transition: Transition) -> Iterator[n.Node]:
    """Every expression of a transition, in the order in which they are evaluated."""
    if transition.senders is not None:
        yield transition.senders
    yield from (choice.source for choice in transition.choices)
    yield from (guard.node for guard in transition.guards)
    for assignment in transition.assignments:
        yield from (part for part in (assignment.key, assignment.value) if part is not None)
    for sending in transition.sends:
        yield from (part for part in (sending.to, *sending.elements) if part is not None)


def _kind(channel: Channel) -> tuple[object, ...]:
    return channel.kind, channel.bound, channel.when_full, channel.faults, channel.may_stay, channel.loses_head


def _title(property_: Property | LivenessProperty) -> str:
    return f"property {property_.id}"


def _shown(value: Value) -> str:
    if isinstance(value, frozenset):
        return "{" + ", ".join(sorted(map(_shown, value))) + "}"
    if isinstance(value, tuple):
        return f"({', '.join(map(_shown, value))})"
    return str(value).lower() if isinstance(value, bool) or value is None else str(value)
