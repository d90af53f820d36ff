"""The models that share one set of tables: how their values are written alike, and which of them mean the same.

A family's tables are about models with the same instances, observers and budgets. What one of them lacks besides (a
channel, a variable, a region, an element of a message) holds what it begins with in a model that has it; so situations
that are equal are equal values. One model is a family too, whose values are written as they are.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from functools import cached_property
from typing import Any, NamedTuple

from mcfsm.expressions.domains import Value
from mcfsm.expressions.evaluate import ABSENT
from mcfsm.model import Channel, Content, Local, Message, Model, Region, Variable
from mcfsm.semantics.product import Product, State, full


class Kind(NamedTuple):
    """Models for which something is defined alike: the first of them, which stands for all, and all as bits."""

    member: int
    bits: int


class Members:
    """Up to 64 models with one `skeleton`, and a product of each that stands for others."""

    def __init__(self, models: Sequence[Model], *, avoid: frozenset[str] = frozenset()) -> None:
        self.models, self.avoid = list(models), avoid
        self._products: dict[int, Product] = {}
        self.all = (1 << len(self.models)) - 1 if len(self.models) > 1 else (1 << 64) - 1
        first = self.models[0]
        self.instances = [self._kinds([_role(model, i) for model in models]) for i in range(len(first.instances))]
        self.observers = [self._kinds([model.observers[o] for model in models]) for o in range(len(first.observers))]
        ends = ((channel.sender, channel.receiver) for model in models for channel in model.channels)
        self.links = list(dict.fromkeys(ends))  # the channels of all members: sender, receiver
        self.channels = [self._kinds([_channel(model, link) for model in models]) for link in self.links]
        sent = [self._kinds([_sent(model, sender) for model in models]) for sender, _ in self.links]
        self.receptions = [
            self.refined([self.instances[first.index_of[receiver]], self.channels[c], sent[c]])
            for c, (_, receiver) in enumerate(self.links)
        ]
        self.surroundings = self.refined([*self.channels, *self.observers])

    def _kinds(self, definitions: Sequence[Any]) -> list[Kind]:
        found: list[tuple[Any, int, int]] = []
        for member, definition in enumerate(definitions):
            for i, (known, first, bits) in enumerate(found):
                if known is definition or known == definition:
                    found[i] = (known, first, bits | 1 << member)
                    break
            else:
                found.append((definition, member, 1 << member))
        return [Kind(0, self.all)] if len(found) == 1 else [Kind(first, bits) for _, first, bits in found]

    def product(self, member: int) -> Product:
        """The product of a member, made when it is asked for."""
        if member not in self._products:
            firsts = {
                i: kind.member for i, kinds in enumerate(self.instances) for kind in kinds if kind.bits >> member & 1
            }
            machines = {i: self.product(first).machines[i] for i, first in firsts.items() if first != member}
            self._products[member] = Product(self.models[member], avoid=self.avoid, machines=machines)
        return self._products[member]

    def initial(self, member: int) -> State:
        """The state in which a member begins. Raises ModelError where an initial value leaves its domain."""
        locals_ = tuple(initial[member] for _, _, initial in self._locals)
        model = self.models[member]
        return State(locals_, ((),) * len(model.channels), full(model), False)

    def refined(self, divisions: Iterable[Sequence[Kind]]) -> list[Kind]:
        """The kinds of models that are of one kind in each of some divisions."""
        parts = [self.all]
        for division in divisions:
            parts = [part & kind.bits for part in parts for kind in division if part & kind.bits]
        return [Kind((part & -part).bit_length() - 1, part) for part in parts]

    # ---- values

    @cached_property
    def _locals(self) -> list[tuple[_Parts, _Parts, list[Local]]]:
        """Of each instance, then of each observer: how its states and variables are written, and where it begins."""
        found = []
        for at, kinds in enumerate([*self.instances, *self.observers]):
            states: list[dict[Any, Value]] = [{} for _ in self.models]
            values: list[dict[Any, Value]] = [{} for _ in self.models]
            initial = [Local((), ()) for _ in self.models]
            for kind in kinds:
                layout = _layout(self.product(kind.member), at)
                for member in range(len(self.models)):
                    if kind.bits >> member & 1:
                        states[member], values[member], initial[member] = layout
            found.append((_Parts(states), _Parts(values), initial))
        return found

    @cached_property
    def _messages(self) -> dict[str, _Parts]:
        names = dict.fromkeys(form.name for model in self.models for form in model.messages)
        found = {}
        for name in names:
            forms = [model.form_of.get(name) for model in self.models]
            found[name] = _Parts([{} if f is None else {e[:2]: ABSENT for e in f.elements} for f in forms])
        return found

    def joint_local(self, member: int, at: int, local: Local) -> Local:
        """How a local state of a member's instance or observer is written."""
        states, values, _ = self._locals[at]
        if states.same and values.same:
            return local
        return Local(states.joint(member, local.states), values.joint(member, local.values))

    def own_local(self, member: int, at: int, local: Local) -> Local:
        """The local state of a member that is written so."""
        states, values, _ = self._locals[at]
        if states.same and values.same:
            return local
        return Local(states.own(member, local.states), values.own(member, local.values))

    def joint_message(self, member: int, message: Message) -> Message:
        """How a message of a member is written."""
        parts = self._messages[message.name]
        return message if parts.same else Message(message.name, parts.joint(member, message.elements))

    def own_message(self, member: int, message: Message) -> Message:
        """The message of a member that is written so."""
        parts = self._messages[message.name]
        return message if parts.same else Message(message.name, parts.own(member, message.elements))

    def own_channel(self, member: int, channel: int) -> int | None:
        """Which of its own channels one of a member is, if it has that."""
        return self.models[member].channel_of.get(self.links[channel])

    def joint_channel(self, member: int, channel: int) -> int:
        """Which of all channels one of a member is."""
        declared = self.models[member].channels[channel]
        return self._link_of[declared.sender, declared.receiver]

    @cached_property
    def _link_of(self) -> dict[tuple[str, str], int]:
        return {link: i for i, link in enumerate(self.links)}

    def declared(self, kind: Kind, channel: int) -> Channel | None:
        """A channel as those of a kind declare it, if they have it."""
        own = self.own_channel(kind.member, channel)
        return None if own is None else self.models[kind.member].channels[own]

    def joint_content(self, member: int, content: Content) -> Content:
        """How the content of a member's channel is written."""
        return tuple(self.joint_message(member, message) for message in content)

    def own_content(self, member: int, content: Content) -> Content:
        """The content of a member's channel that is written so."""
        return tuple(self.own_message(member, message) for message in content)


class _Parts:
    """Where the parts of a tuple stand in each member and in the family, and what a part holds that a member lacks."""

    def __init__(self, owned: Sequence[dict[Any, Value]]) -> None:
        missing: dict[Hashable, Value] = {}
        for parts in owned:
            missing = {**missing, **{key: value for key, value in parts.items() if key not in missing}}
        keys = list(missing)
        self.same = all(list(parts) == keys for parts in owned)
        self._missing = tuple(missing.values())
        self._owned = [[keys.index(key) for key in parts] for parts in owned]
        self._origin = [[list(parts).index(key) if key in parts else -1 for key in keys] for parts in owned]

    def joint(self, member: int, parts: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple(
            self._missing[at] if origin < 0 else parts[origin] for at, origin in enumerate(self._origin[member])
        )

    def own(self, member: int, parts: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple(parts[at] for at in self._owned[member])


def skeleton(model: Model) -> Hashable:
    """What models must have alike to share tables."""
    return (
        tuple(instance.name for instance in model.instances),
        tuple(observer.name for observer in model.observers),
        tuple(budget.name for budget in model.budgets),
        model.allows_freeze,
    )


def _layout(product: Product, at: int) -> tuple[dict[Any, Value], dict[Any, Value], Local]:
    """The regions and the variables of an instance or observer, each with what it begins with; and all of that."""
    model = product.model
    regions: tuple[Region, ...]
    variables: tuple[Variable, ...]
    if at < len(model.instances):
        role = model.role_of[model.instances[at].name]
        regions, variables, initial = role.regions, role.variables, product.machines[at].initial()
    else:
        observer = model.observers[at - len(model.instances)]
        regions, variables = (observer.region,), observer.variables
        initial = product.watchers[at - len(model.instances)].initial()
    states: dict[Any, Value] = {region.name: state for region, state in zip(regions, initial.states, strict=True)}
    values = {(v.name, v.domain): value for v, value in zip(variables, initial.values, strict=True)}
    return states, values, initial


def _role(model: Model, at: int) -> Any:
    """Everything that an instance's local steps depend on."""
    instance = model.instances[at]
    role = model.role_of[instance.name]
    named = {transition.trigger for transition in role.transitions}
    named |= {sending.message for transition in role.transitions for sending in transition.sends}
    named |= {*role.ignored, *role.deferred}
    forms = [model.form_of[name] for name in sorted(named) if name in model.form_of]
    return instance, role, forms


def _sent(model: Model, sender: str) -> Any:
    """The messages that an instance sends, with their elements."""
    names = {sending.message for t in model.role_of[sender].transitions for sending in t.sends}
    return [model.form_of[name] for name in sorted(names)]


def _channel(model: Model, link: tuple[str, str]) -> Any:
    """What becomes of a message in a channel: what is no fifo keeps messages in declared order."""
    at = model.channel_of.get(link)
    if at is None:
        return None
    channel = model.channels[at]
    return channel, None if channel.kind == "fifo" else model.messages
