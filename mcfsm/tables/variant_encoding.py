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
from mcfsm.model import Channel, Content, Local, Message, Model
from mcfsm.semantics.beginnings import may_begin
from mcfsm.semantics.product import Product, full
from mcfsm.semantics.steps import State


class VariantClass(NamedTuple):
    """Variants for which something is defined alike: the first, which stands for all of them, and all as a bit mask."""

    first: int
    variants: int


class VariantEncoding:
    """Up to 64 models with one `family_signature`, and a product of each that stands for others."""

    def __init__(self, models: Sequence[Model], *, avoid: frozenset[str] = frozenset()) -> None:
        self.models, self.avoid = list(models), avoid
        self._products: dict[int, Product] = {}
        self.all = (1 << len(self.models)) - 1 if len(self.models) > 1 else (1 << 64) - 1
        first = self.models[0]
        self.instances = [self._classes([_role(model, i) for model in models]) for i in range(len(first.instances))]
        self.observers = [self._classes([model.observers[o] for model in models]) for o in range(len(first.observers))]
        ends = ((channel.sender, channel.receiver) for model in models for channel in model.channels)
        self.links = list(dict.fromkeys(ends))  # the channels of all members: sender, receiver
        self.channels = [self._classes([_channel(model, link) for model in models]) for link in self.links]
        sent = [self._classes([_sent(model, sender) for model in models]) for sender, _ in self.links]
        self.receptions = [
            self.refined([self.instances[first.index_of[receiver]], self.channels[c], sent[c]])
            for c, (_, receiver) in enumerate(self.links)
        ]
        self.surroundings = self.refined([*self.channels, *self.observers])

    def _classes(self, definitions: Sequence[Any]) -> list[VariantClass]:
        found: list[tuple[Any, int, int]] = []
        for variant, definition in enumerate(definitions):
            for i, (known, first, variants) in enumerate(found):
                if known is definition or known == definition:
                    found[i] = (known, first, variants | 1 << variant)
                    break
            else:
                found.append((definition, variant, 1 << variant))
        return (
            [VariantClass(0, self.all)]
            if len(found) == 1
            else [VariantClass(first, variants) for _, first, variants in found]
        )

    def product(self, variant: int) -> Product:
        """The product of a variant, made when it is asked for."""
        if variant not in self._products:
            firsts = {
                i: class_.first
                for i, classes in enumerate(self.instances)
                for class_ in classes
                if class_.variants >> variant & 1
            }
            machines = {i: self.product(first).machines[i] for i, first in firsts.items() if first != variant}
            self._products[variant] = Product(self.models[variant], avoid=self.avoid, machines=machines)
        return self._products[variant]

    def beginnings(self, variant: int) -> tuple[State, ...]:
        """The states in which a variant may begin. Raises ModelError where an initial value leaves its domain."""
        model = self.models[variant]
        if model.first_messages or model.may_begin_in_several:
            return self.product(variant).beginnings
        locals_ = tuple(initial[variant] for _, _, initial in self._locals)
        return may_begin(model, [State(locals_, ((),) * len(model.channels), full(model), False)])

    def takers(self, class_: VariantClass, transition: str) -> VariantClass:
        """Those of a class of variants that do not avoid a transition."""
        avoiding = self.all if transition in self.avoid else self._avoiding.get(transition, 0)
        return class_._replace(variants=class_.variants & ~avoiding)

    @cached_property
    def _avoiding(self) -> dict[str, int]:
        """Transition to the variants that avoid it by themselves."""
        found: dict[str, int] = {}
        for variant, model in enumerate(self.models):
            for transition in model.avoided:
                found[transition] = found.get(transition, 0) | (1 << variant if len(self.models) > 1 else self.all)
        return found

    def refined(self, divisions: Iterable[Sequence[VariantClass]]) -> list[VariantClass]:
        """The classes of models that are of one kind in each of some divisions."""
        parts = [self.all]
        for division in divisions:
            parts = [part & class_.variants for part in parts for class_ in division if part & class_.variants]
        return [VariantClass((part & -part).bit_length() - 1, part) for part in parts]

    # ---- values

    @cached_property
    def _locals(self) -> list[tuple[_Parts, _Parts, list[Local]]]:
        """Of each instance, then of each observer: how its states and variables are written, and where it begins."""
        found = []
        for at, classes in enumerate([*self.instances, *self.observers]):
            states: list[dict[Any, Value]] = [{} for _ in self.models]
            values: list[dict[Any, Value]] = [{} for _ in self.models]
            initial = [Local((), ()) for _ in self.models]
            for class_ in classes:
                layout = _layout(self.product(class_.first), at)
                for variant in range(len(self.models)):
                    if class_.variants >> variant & 1:
                        states[variant], values[variant], initial[variant] = layout
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

    def encode_local(self, variant: int, at: int, local: Local) -> Local:
        """How a local state of a variant's instance or observer is written."""
        states, values, _ = self._locals[at]
        if states.same and values.same:
            return local
        return Local(states.encode(variant, local.states), values.encode(variant, local.values))

    def decode_local(self, variant: int, at: int, local: Local) -> Local:
        """The local state of a variant that is written so."""
        states, values, _ = self._locals[at]
        if states.same and values.same:
            return local
        return Local(states.decode(variant, local.states), values.decode(variant, local.values))

    def places(self, variant: int, instance: int) -> list[int]:
        """Of each variable of a variant's instance, where it stands among the values of an encoded local state."""
        return self._locals[instance][1].places(variant)

    def encode_message(self, variant: int, message: Message) -> Message:
        """How a message of a variant is written."""
        parts = self._messages[message.name]
        return message if parts.same else Message(message.name, parts.encode(variant, message.elements))

    def decode_message(self, variant: int, message: Message) -> Message:
        """The message of a variant that is written so."""
        parts = self._messages[message.name]
        return message if parts.same else Message(message.name, parts.decode(variant, message.elements))

    def decode_channel(self, variant: int, channel: int) -> int | None:
        """Which of its own channels one of a variant is, if it has that."""
        return self.models[variant].channel_of.get(self.links[channel])

    def encode_channel(self, variant: int, channel: int) -> int:
        """Which of all channels one of a variant is."""
        declared = self.models[variant].channels[channel]
        return self._link_of[declared.sender, declared.receiver]

    @cached_property
    def _link_of(self) -> dict[tuple[str, str], int]:
        return {link: i for i, link in enumerate(self.links)}

    def declared(self, class_: VariantClass, channel: int) -> Channel | None:
        """A channel as those of a kind declare it, if they have it."""
        own = self.decode_channel(class_.first, channel)
        return None if own is None else self.models[class_.first].channels[own]

    @cached_property
    def _messages_alike(self) -> bool:
        return all(parts.same for parts in self._messages.values())

    def encode_content(self, variant: int, content: Content) -> Content:
        """How the content of a variant's channel is written."""
        if self._messages_alike:
            return content
        return tuple(self.encode_message(variant, message) for message in content)

    def decode_content(self, variant: int, content: Content) -> Content:
        """The content of a variant's channel that is written so."""
        if self._messages_alike:
            return content
        return tuple(self.decode_message(variant, message) for message in content)


class _Parts:
    """Where the parts of a tuple stand in each variant and in the family; what a part holds that a variant lacks."""

    def __init__(self, owned: Sequence[dict[Any, Value]]) -> None:
        missing: dict[Hashable, Value] = {}
        for parts in owned:
            missing = {**missing, **{key: value for key, value in parts.items() if key not in missing}}
        keys = list(missing)
        self.same = all(list(parts) == keys for parts in owned)
        self._missing = tuple(missing.values())
        self._owned = [[keys.index(key) for key in parts] for parts in owned]
        self._origin = [[list(parts).index(key) if key in parts else -1 for key in keys] for parts in owned]

    def places(self, variant: int) -> list[int]:
        return self._owned[variant]

    def encode(self, variant: int, parts: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple(
            self._missing[at] if origin < 0 else parts[origin] for at, origin in enumerate(self._origin[variant])
        )

    def decode(self, variant: int, parts: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple(parts[at] for at in self._owned[variant])


def family_signature(model: Model) -> Hashable:
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
    instances = len(model.instances)
    initial = (product.machines[at] if at < instances else product.observers[at - instances]).initial()
    pairs = zip(model.regions_at(at), initial.states, strict=True)
    states: dict[Any, Value] = {region.name: state for region, state in pairs}
    values = {(v.name, v.domain): value for v, value in zip(model.variables_at(at), initial.values, strict=True)}
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
    return [model.form_of[name] for name in sorted(model.sent_by[sender])]


def _channel(model: Model, link: tuple[str, str]) -> Any:
    """What becomes of a message in a channel: what is no fifo keeps messages in declared order."""
    at = model.channel_of.get(link)
    if at is None:
        return None
    channel = model.channels[at]
    return channel, None if channel.kind == "fifo" else model.messages
