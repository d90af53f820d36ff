"""Whose an expression is: whether its value depends on one user alone, the owner, and on what belongs to nobody.

What may live here: the abstract value of an expression, found without evaluating it (an information flow analysis with
users as levels: Denning and Denning, Certification of programs for secure information flow, CACM 20(7), 1977). What is
not listed here mixes users. There are three abstract values:

* own: it depends on the owner's data and on common data, and every user in it is the owner;
* each: a set of users or a map of them, which has a part for each: only the owner's part may be looked at;
* all: the set of all users, as the model names it.

Of `each`, `others` says what the part of everybody else is: that of a variable as it stands, nothing, or unknown.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, NamedTuple

from mcfsm.expressions import nodes as n
from mcfsm.expressions.domains import Enumeration, Instances, SetOf
from mcfsm.model.independence.users import Users

_PARTS: dict[type[n.Node], str] = {n.BuildMap: "a map with an entry for every user", n.Attribute: "an attribute"}
NOBODY, EVERYBODY, UNKNOWN = "nobody", "everybody", None


class Held(NamedTuple):
    """The abstract value of an expression."""

    kind: Literal["own", "each", "all"]
    others: str | None = NOBODY  # or the name of a variable, behind a colon


OWN = Held("own")
ALL = Held("all", EVERYBODY)


def each(variable: str) -> Held:
    """What a variable holds that has a part for each user."""
    return Held("each", f":{variable}")


class MixedError(Exception):
    """An expression that looks at two users, or that cannot be seen not to. The message says how."""


Names = Mapping[str, Held]


@dataclass
class Ownership:
    """Expressions of one place. `owner` has the names of the owner where it is a certain user.

    `read` and `attribute` say what a name of the frame and an attribute of an instance hold. With `loose`, a condition
    of joint states may also ask all users at once where what holds for the owner alone is the stronger: `atoms` then
    collects each such part, with the value it has to have where nothing has happened.
    """

    users: Users
    read: Callable[[n.Read], Held]
    attribute: Callable[[n.Attribute], Held] | None = None
    owner: frozenset[str] = frozenset()
    loose: bool = False
    common_messages: frozenset[str] = frozenset()
    atoms: list[tuple[n.Node, bool]] = field(default_factory=list)

    def own(self, node: n.Node, names: Names, positive: bool | None = None) -> None:
        """Raise MixedError unless the value is the owner's."""
        if self.value(node, names, positive).kind != "own":
            raise MixedError("looks at all users at once")

    def value(self, node: n.Node, names: Names, positive: bool | None = None) -> Held:
        """The abstract value; `positive` says of a condition under `loose` whether its truth is wanted."""
        match node:
            case n.Constant():
                return self.constant(node)
            case n.Read(name=name):
                return names[name] if name in names else self.read(node)
            case n.Element(name=name):
                if self.users.has_entries(node.domain):
                    raise MixedError(f"reads msg.{name}, which has an entry for every user")
                return OWN
            case n.Present() | n.Frozen():
                return OWN
            case n.Attribute() if self.attribute is not None:
                if self.value(node.target, names).kind != "own":
                    raise MixedError("looks at all users at once")
                return self.attribute(node)
            case n.Field(target=target):
                self.own(target, names)
                return OWN
            case n.Narrow(inner=inner):
                return self.value(inner, names, positive)
            case n.Member(key=key):
                self.own(key, names)
                if self.users.only(node.domain) and not self.users.only(key.domain):
                    raise MixedError(f"names instances of {node.group} by a number")
                return OWN
            case n.Lookup():
                return self.lookup(node, names)
            case n.Apply(operator="|" | "&" | "-" as operator, arguments=(left, right)):
                return self.joined(node, operator, self.value(left, names), self.value(right, names))
            case n.Apply(operator="in" | "not in", arguments=(element, container)):
                self.own(element, names)
                self.value(container, names)
                return OWN
            case n.And(operands=operands) | n.Or(operands=operands):
                for operand in operands:
                    self.own(operand, names, positive)
                return OWN
            case n.Not(operand=operand):
                self.own(operand, names, None if positive is None else not positive)
                return OWN
            case n.IfElse(condition=condition, then=then, otherwise=otherwise):
                self.own(condition, names)
                return self.either(self.value(then, names, positive), self.value(otherwise, names, positive))
            case n.Apply() | n.Build() | n.BuildSet():
                for part in node.children():
                    self.own(part, names)
                return OWN
            case n.BuildMap(entries=entries) if not self.users.has_entries(node.domain):
                self.own(entries, names)
                return OWN
            case n.Quantify():
                return self.quantified(node, names, positive)
            case n.InFlight():
                return self.in_flight(node, names, positive)
        raise MixedError(f"has {_PARTS.get(type(node), 'a part')} of which it is not known whose it is")

    def constant(self, node: n.Constant) -> Held:
        """Of a value: the owner's, all users as the model names them, or a user's whom it singles out."""
        users, named = self.users, self.users.named(node.value)
        if not named:
            return OWN
        element = node.domain.element if isinstance(node.domain, SetOf) else None
        if isinstance(element, Enumeration) and element.title:  # a set by its name, and not one of values as listed
            whole = users.instances.intersection(element.names) or users.names.intersection(element.names)
            if named == whole and (isinstance(element, Instances) or named == users.values):
                return ALL
        if named <= self.owner:
            return OWN
        raise MixedError(f"names {', '.join(sorted(named - self.owner))}")

    def lookup(self, node: n.Lookup, names: Names) -> Held:
        """Of the entry of a map."""
        target = self.value(node.target, names)
        self.own(node.key, names)
        if target.kind == "own":
            return OWN
        if not self.users.only(node.key.domain):
            raise MixedError("reads an entry that may be another user's")
        return OWN

    def joined(self, node: n.Apply, operator: str, left: Held, right: Held) -> Held:
        """Of two sets, user by user; the others' part is known where the parts are."""
        if left.kind == right.kind == "own":
            return OWN
        if not isinstance(node.domain, SetOf) or not isinstance(node.domain.element, Enumeration):
            raise MixedError("looks at all users at once")  # of a set with others in it, those are the owner's doing
        return Held("each", _pointwise(operator, left.others, right.others))

    def either(self, then: Held, otherwise: Held) -> Held:
        """Of one of two values."""
        if then.kind == otherwise.kind == "own":
            return OWN
        return Held("each", then.others if then.others == otherwise.others else UNKNOWN)

    def quantified(self, node: n.Quantify, names: Names, positive: bool | None) -> Held:
        """Of a quantifier: over the owner's values; or over all users, where what holds for the owner is stronger."""
        source = self.value(node.source, names)
        if source.kind == "own":
            inner = {**names, node.variable: OWN}
            quantifier = positive if node.operator in ("any", "all") else None
            if node.condition is not None:
                flipped = quantifier is not None and node.operator == "all"
                self.own(node.condition, inner, not quantifier if flipped else quantifier)
            self.own(node.body, inner, quantifier)
            return OWN
        usable = self.loose and positive is not None and node.operator == ("any" if positive else "all")
        if source.kind != "all" or not usable:
            raise MixedError("asks about all users at once")
        alone = replace(self, owner=frozenset(), loose=False, read=_unknown)
        for part in (node.condition, node.body):
            if part is not None:
                alone.own(part, {node.variable: OWN})
        self.atoms.append((node, node.operator == "all"))
        return OWN

    def in_flight(self, node: n.InFlight, names: Names, positive: bool | None) -> Held:
        """Of messages on their way: the owner's, or anybody's, where one of the owner's is the stronger."""
        for value in node.values:
            self.own(value, names)
        if node.message in self.common_messages or any(self.users.surely_in(value.domain) for value in node.values):
            return OWN
        if (
            node.counted
            or not self.loose
            or positive is not True
            or any(True for part in node.values for _ in n.free_names(part))
        ):
            raise MixedError(f"asks for any {node.message} on its way, whosever it is")
        self.atoms.append((node, False))
        return OWN


def _pointwise(operator: str, left: str | None, right: str | None) -> str | None:
    """What a user who is not the owner has of a union, an intersection or a difference."""
    if left is UNKNOWN or right is UNKNOWN:
        return NOBODY if operator == "&" and NOBODY in (left, right) else UNKNOWN
    if left == right:
        return NOBODY if operator == "-" else left
    match operator:
        case "|":
            if EVERYBODY in (left, right):
                return EVERYBODY
            return right if left == NOBODY else left if right == NOBODY else UNKNOWN
        case "&":
            if NOBODY in (left, right):
                return NOBODY
            return right if left == EVERYBODY else left if right == EVERYBODY else UNKNOWN
    if right == NOBODY or left == NOBODY:
        return left
    return NOBODY if right == EVERYBODY else UNKNOWN


def _unknown(node: n.Read) -> Held:
    raise MixedError(f"reads {node.name} of one user where it asks about all")
