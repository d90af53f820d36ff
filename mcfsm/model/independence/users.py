"""Users of a model: values or numbers by which groups of instances are named, and all that belongs to each of them.

A user is what a scenario may have several of: every member of a group that is named by number, or every value by which
groups are named. Of two groups that are named by values of one enumeration (`client: {u1: ..., u2: ...}` and
`tablet: {u1: ...}`) a user has an instance in each.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from mcfsm.expressions.domains import Domain, Enumeration, Instances, Map, Maybe, Record, SetOf, Value
from mcfsm.model.machines import nodes_of
from mcfsm.model.records import Model


@dataclass(frozen=True)
class Users:
    """The users that some groups of a scenario stand for: of each user, by key, every name that means it or its own."""

    groups: tuple[str, ...]
    names_of: tuple[tuple[Value, frozenset[str]], ...]
    instances: frozenset[str]

    @cached_property
    def names(self) -> frozenset[str]:
        """Every name that means a user, or an instance of one."""
        return frozenset[str]().union(*(names for _, names in self.names_of))

    @cached_property
    def values(self) -> frozenset[str]:
        """The values of the enumeration that means them; none where numbers do."""
        return frozenset(key for key, _ in self.names_of if isinstance(key, str))

    @cached_property
    def active(self) -> int:
        """How many of them have an instance in the scenario."""
        return sum(not names.isdisjoint(self.instances) for _, names in self.names_of)

    @property
    def numbered(self) -> bool:
        """Whether numbers name them, which tell one from another and can be counted with."""
        return any(isinstance(key, int) for key, _ in self.names_of)

    def user(self, name: str) -> frozenset[str]:
        """All names of the user that a name means, or whose instance it is."""
        return next(names for _, names in self.names_of if name in names)

    def named(self, value: Value) -> frozenset[str]:
        """The names of users in a value."""
        if isinstance(value, tuple | frozenset):
            return frozenset[str]().union(*map(self.named, value))
        return frozenset({value}) if isinstance(value, str) and value in self.names else frozenset()

    def concern(self, domain: Domain) -> bool:
        """Whether some value of a domain has a user in it, or an entry for each."""
        match domain:
            case Enumeration(names=names):
                return not self.names.isdisjoint(names)
            case Record(fields=fields):
                return any(self.concern(part) for _, part in fields)
            case Map(key=key, value=value):
                return self.concern(key) or self.concern(value)
            case SetOf(element=inner) | Maybe(inner=inner):
                return self.concern(inner)
        return False

    def only(self, domain: Domain) -> bool:
        """Whether every value of a domain is a user."""
        return isinstance(domain, Enumeration) and bool(domain.names) and self.names.issuperset(domain.names)

    def surely_in(self, domain: Domain) -> bool:
        """Whether every value of a domain has a user in it."""
        return self.only(domain) or (
            isinstance(domain, Record) and any(self.surely_in(part) for _, part in domain.fields)
        )

    def has_entries(self, domain: Domain) -> bool:
        """Whether a value of a domain has an entry for every user somewhere in it."""
        match domain:
            case Map(key=key, value=value):
                return self.concern(key) or self.has_entries(value)
            case Record(fields=fields):
                return any(self.has_entries(part) for _, part in fields)
            case SetOf(element=inner) | Maybe(inner=inner):
                return self.has_entries(inner)
        return False

    def for_each(self, domain: Domain) -> bool:
        """Whether a value of a domain is nothing but a part for each user: a set of users, or a map of them."""
        match domain:
            case SetOf(element=inner):
                return self.only(inner)
            case Map(key=key, value=value):
                return self.only(key) and not self.has_entries(value)
        return False


def users_of(model: Model) -> tuple[Users, ...]:
    """Every kind of users that a scenario has: its groups, those together that values of one enumeration name."""
    enumerations = sorted(set(_enumerations(model)), key=lambda names: (len(names), names))
    groups: dict[object, list[str]] = {}
    values: dict[object, tuple[Value, ...]] = {}
    for group in dict.fromkeys(one.group for one in model.instances if one.key is not None):
        keys = tuple(one.key for one in model.instances if one.group == group)
        among: tuple[Value, ...] = next((e for e in enumerations if set(keys) <= set(e)), keys)
        together: object = among if all(isinstance(key, str) for key in keys) else group
        groups.setdefault(together, []).append(group)
        values[together] = among if together == among else keys
    return tuple(_users(model, tuple(found), values[together]) for together, found in groups.items())


def _users(model: Model, groups: tuple[str, ...], keys: tuple[Value, ...]) -> Users:
    mine = [one for one in model.instances if one.group in groups]
    names = []
    for key in keys:
        meant = {one.name for one in mine if one.key == key}
        names.append((key, frozenset(meant | {key} if isinstance(key, str) else meant)))
    return Users(groups, tuple(names), frozenset(one.name for one in mine))


def _enumerations(model: Model) -> Iterator[tuple[str, ...]]:
    """The enumerations that variables, messages and lines have to do with, less those of instances."""
    domains: list[Domain] = [domain for form in model.messages for _, domain, _ in form.elements]
    domains += [variable.domain for role in model.roles for variable in role.variables]
    domains += [variable.domain for observer in model.observers for variable in observer.variables]
    for role in model.roles:
        domains += [choice.domain for line in role.transitions for choice in line.choices]
        domains += [node.domain for line in role.transitions for node in nodes_of(line)]
    domains += [node.domain for observer in model.observers for line in observer.transitions for node in nodes_of(line)]
    roots = [root for p in model.state_properties for root in (p.condition, p.premise) if root is not None]
    roots += [root for p in model.liveness_properties for root in (*p.causes, p.goal)]
    domains += [node.domain for root in roots for node in root.walk()]
    for domain in domains:
        yield from _named(domain)


def _named(domain: Domain) -> Iterator[tuple[str, ...]]:
    match domain:
        case Instances():
            return
        case Enumeration(names=names) if domain.title:
            yield names
        case Record(fields=fields):
            for _, part in fields:
                yield from _named(part)
        case Map(key=key, value=value):
            yield from _named(key)
            yield from _named(value)
        case SetOf(element=inner) | Maybe(inner=inner):
            yield from _named(inner)
