"""Checked expressions as terms of Promela: one case for each kind of node, as in `expressions.evaluate`.

What is read is found in a frame of trees. A value that leaves its domain stops a search of ours with an error; here it
goes on, so only a model without such an error says the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mcfsm.expressions import nodes as n
from mcfsm.expressions.domains import Domain, Map, SetOf
from mcfsm.expressions.evaluate import OPERATORS
from mcfsm.report.promela.terms import (
    Name,
    OrNone,
    Parts,
    Term,
    Tree,
    as_or_none,
    choose,
    conj,
    constant,
    disj,
    either,
    known,
    neg,
    number,
    parts,
    same,
    scalar,
    variable,
)

Frame = Mapping[str, Any]


@dataclass(frozen=True)
class World:
    """What expressions read beside their frame: the local states at a moment, and what is on its way."""

    name: Name
    attribute: Callable[[n.Slot, str, Frame], Tree]  # of an instance, at a moment
    in_flight: Callable[[n.InFlight, Frame], Term]
    frozen: Term


def truth(node: n.Node, frame: Frame, world: World) -> Term:
    """A condition as a term."""
    return scalar(translated(node, frame, world))


def translated(node: n.Node, frame: Frame, world: World) -> Any:
    """The value of an expression as a tree."""

    def of(part: n.Node) -> Any:
        return translated(part, frame, world)

    match node:
        case n.Constant(value=value):
            return constant(node.domain, value, world.name)
        case n.Read(name=name):
            return frame[name]
        case n.Element(position=position):
            value = frame["msg"][position]
            if not node.optional or not isinstance(value, OrNone):
                return value
            return (
                variable(node.domain, lambda _: 0) if value.inner is None else value.inner
            )  # of none it is never read
        case n.Present(position=position):
            return as_or_none(frame["msg"][position]).present
        case n.Attribute():
            return _by_name(
                of(node.target), [(slot.owner, world.attribute(slot, node.moment, frame)) for slot in node.slots], world
            )
        case n.Field(target=target, position=position):
            return parts(of(target))[position]
        case n.Lookup(target=target, key=key):
            return _lookup(parts(of(target)), of(key), key, world)
        case n.Member(members=members, key=key):
            there = {value: world.name(name) for value, name in members}
            return _lookup(there, of(key), key, world)
        case n.Narrow(inner=inner):
            return of(inner)
        case n.Apply(operator=operator, arguments=arguments):
            return _applied(operator, arguments, [of(argument) for argument in arguments], world)
        case n.And(operands=operands):
            return conj(*(scalar(of(operand)) for operand in operands))
        case n.Or(operands=operands):
            return disj(*(scalar(of(operand)) for operand in operands))
        case n.Not(operand=operand):
            return neg(scalar(of(operand)))
        case n.IfElse(condition=condition, then=then, otherwise=otherwise):
            return choose(scalar(of(condition)), of(then), of(otherwise))
        case n.Build(arguments=arguments):
            return Parts(dict(enumerate(map(of, arguments))))
        case n.BuildSet(elements=elements):
            return _set_of(node, [(True, of(element)) for element in elements], world)
        case n.BuildMap(domain=domain, entries=entries):
            return _map_of(domain, list(_entries(entries, frame, world)), world)
        case n.Quantify():
            return _quantified(node, frame, world)
        case n.InFlight():
            return world.in_flight(node, frame)
        case n.Frozen():
            return world.frozen
    raise AssertionError(f"no meaning for {type(node).__name__}")


def _by_name(target: Tree, owned: list[tuple[str, Tree]], world: World) -> Any:
    found: Any = owned[-1][1]
    for owner, value in reversed(owned[:-1]):
        found = choose(same(target, world.name(owner)), value, found)
    for owner, value in owned:
        if same(target, world.name(owner)) is True:
            return value
    return found


def _lookup(entries: Mapping[Any, Any], key: Tree, node: n.Node, world: World) -> Any:
    """The entry of a key: the one that it equals, where it is known, else one after the other."""
    domain = node.domain
    tests = [(same(key, constant(_plain(domain), value, world.name)), entry) for value, entry in entries.items()]
    tests = [(test, entry) for test, entry in tests if test is not False]
    found: Any = tests[-1][1] if tests else None
    for test, entry in reversed(tests[:-1]):
        found = choose(test, entry, found)
    return found


def _plain(domain: Any) -> Any:
    return getattr(domain, "inner", domain)


def _elements(node: n.Node, tree: Tree, world: World) -> list[tuple[Term, Any]]:
    """Each value that may be in a set, with whether it is."""
    domain = _plain(node.domain)
    assert isinstance(domain, SetOf)
    ordered = domain.element.sorted(value for value in parts(tree) if domain.element.contains(value))
    return [(parts(tree)[value], constant(domain.element, value, world.name)) for value in ordered]


def _set_of(node: n.Node, elements: list[tuple[Term, Tree]], world: World) -> Parts:
    domain = node.domain
    assert isinstance(domain, SetOf)
    if not elements:
        return Parts({})
    found = {
        value: disj(
            *(conj(there, same(element, constant(domain.element, value, world.name))) for there, element in elements)
        )
        for value in domain.element.values
    }
    return Parts({value: there for value, there in found.items() if there is not False})


def _map_of(domain: Domain, entries: list[tuple[Tree, Tree]], world: World) -> Parts:
    """A map from its entries, whose keys are known."""
    assert isinstance(domain, Map)
    wanted = {key: constant(domain.key, key, world.name) for key in domain.key.values}
    return Parts({key: next(value for k, value in entries if same(k, tree) is True) for key, tree in wanted.items()})


def _entries(node: n.Node, frame: Frame, world: World) -> Iterator[tuple[Tree, Tree]]:
    """The entries of a map that is written out; which there are is known."""
    match node:
        case n.BuildSet(elements=elements):
            for element in elements:
                yield from _entries(element, frame, world)
        case n.Quantify(source=source, variable=variable, condition=condition, body=body):
            for there, value in _elements(source, translated(source, frame, world), world):
                inner = {**frame, variable: value}
                if there is True and (condition is None or truth(condition, inner, world) is True):
                    yield from _entries(body, inner, world)
        case _:
            key, value = parts(translated(node, frame, world)).values()
            yield key, value


def _quantified(node: n.Quantify, frame: Frame, world: World) -> Any:
    walked = _elements(node.source, translated(node.source, frame, world), world)
    each: list[tuple[Term, Any]] = []
    for there, value in walked:
        inner = {**frame, node.variable: value}
        if node.condition is not None and there is not False:
            there = conj(there, truth(node.condition, inner, world))
        if there is not False:
            each.append((there, translated(node.body, inner, world)))
    match node.operator:
        case "any":
            return disj(*(conj(there, scalar(body)) for there, body in each))
        case "all":
            return conj(*(disj(neg(there), scalar(body)) for there, body in each))
        case "sum":
            return total([either(there, scalar(body), 0) for there, body in each])
        case "union":
            keys = dict.fromkeys(key for _, body in each for key in parts(body))
            return Parts({key: disj(*(conj(t, parts(b).get(key, False)) for t, b in each)) for key in keys})
    return _set_of(node, each, world)


def total(each: Iterable[Term]) -> Term:
    """The sum of some numbers."""
    terms = list(each)
    fixed = sum(int(term) for term in terms if not isinstance(term, str))
    left: list[Any] = [term for term in terms if isinstance(term, str)]
    left += [fixed] if fixed or not left else []
    return left[0] if len(left) == 1 else f"({' + '.join(map(str, left))})"


def _applied(operator: str, nodes: tuple[n.Node, ...], values: list[Any], world: World) -> Any:
    match operator:
        case "==":
            return same(values[0], values[1])
        case "!=":
            return neg(same(values[0], values[1]))
        case "in" | "not in":
            inside = [conj(there, same(values[0], element)) for there, element in _elements(nodes[1], values[1], world)]
            return disj(*inside) if operator == "in" else neg(disj(*inside))
        case "subset" | "superset" | "proper subset" | "proper superset":
            one, other = map(parts, values if "subset" in operator else reversed(values))
            within = conj(*(disj(neg(there), other.get(key, False)) for key, there in one.items()))
            return conj(within, neg(same(*values))) if "proper" in operator else within
        case "|" | "&" | "-" if isinstance(values[0], Parts):
            return _joined_sets(operator, parts(values[0]), parts(values[1]))
        case "len":
            return total([number(there) for there in parts(values[0]).values()])
        case "min" | "max" if len(values) == 1:
            listed = _elements(nodes[0], values[0], world)
            extreme: Term = 0  # of an empty set: our search stops there
            for there, element in listed if operator == "max" else reversed(listed):
                extreme = either(there, scalar(element), extreme)
            return extreme
        case "min" | "max":
            best: Term = scalar(values[0])
            for value in values[1:]:
                next_ = scalar(value)
                best = either(_compared("<=" if operator == "min" else ">=", best, next_), best, next_)
            return best
        case "negate":
            value = scalar(values[0])
            return -value if isinstance(value, int) else f"(-{value})"
        case "//" | "%":
            return _divided(operator, scalar(values[0]), scalar(values[1]))
    return _compared(operator, scalar(values[0]), scalar(values[1]))


def _compared(operator: str, left: Term, right: Term) -> Term:
    """A comparison or a sum of two numbers, worked out where both are known."""
    if isinstance(left, int) and isinstance(right, int):
        found: Term = OPERATORS[operator](left, right)
        return found
    return f"({left} {operator} {right})"


def _divided(operator: str, left: Term, right: Term) -> Term:
    """Rounded down, where Promela rounds to zero; the divisor is positive."""
    if known(left) and known(right):
        return int(left) // int(right) if operator == "//" else int(left) % int(right)
    if operator == "//":
        return f"({left} >= 0 -> {left} / {right} : -(({right} - 1 - {left}) / {right}))"
    return f"((({left} % {right}) + {right}) % {right})"


def _joined_sets(operator: str, one: Mapping[Any, Term], other: Mapping[Any, Term]) -> Parts:
    match operator:
        case "|":
            keys = dict.fromkeys([*one, *other])
            return Parts({key: disj(one.get(key, False), other.get(key, False)) for key in keys})
        case "&":
            return Parts({key: conj(there, other.get(key, False)) for key, there in one.items()})
    return Parts({key: conj(there, neg(other.get(key, False))) for key, there in one.items()})
