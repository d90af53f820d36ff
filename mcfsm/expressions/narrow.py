"""A checked expression as a value of the domain that its place wants."""

from __future__ import annotations

from dataclasses import replace

from mcfsm.expressions import nodes as n
from mcfsm.expressions.domains import Domain, Enumeration, Map, Maybe, overlaps, within
from mcfsm.expressions.parse import ExpressionError
from mcfsm.problems import Problem, Span


def narrow(node: n.Node, expected: Domain, what: str, span: Span) -> n.Node:
    """The node as a value of `expected`: as it is, checked when evaluated, or an error (M404) where it can never be."""
    node = with_keys_of(node, expected, span)
    if isinstance(node, n.BuildMap):
        node = _with_values_of(node, expected, what, span)
    if within(node.domain, expected):
        return node
    if not overlaps(node.domain, expected):
        message = f"{what} is of {node.domain}, but {expected} is expected"
        if isinstance(node, n.Constant):
            message = f"{what} is {node.domain.show(node.value)}, which is not in {expected}"
        few = isinstance(expected, Enumeration) and 0 < len(expected.names) <= 8 and bool(expected.title)
        hint = f"{expected} has {', '.join(expected.names)}" if few and isinstance(expected, Enumeration) else None
        raise ExpressionError(Problem("M404", span, message, hint))
    return n.Narrow(expected, node, what, span)


def with_keys_of(node: n.Node, expected: Domain, span: Span) -> n.Node:
    """A map that is written out, with its keys in the order of the map that is expected; any other node as it is.

    Raises ExpressionError (M404) where it has not the same keys.
    """
    wanted = _map_in(expected)
    if wanted is None or not isinstance(node.domain, Map) or node.domain.key == wanted.key:
        return node
    if isinstance(node, n.IfElse):
        then, otherwise = (with_keys_of(part, wanted, span) for part in (node.then, node.otherwise))
        if then.domain == otherwise.domain:
            return n.IfElse(then.domain, node.condition, then, otherwise)
    if not isinstance(node, n.BuildMap):
        return node
    own = node.domain.key
    for key in wanted.key.values:
        if not own.contains(key):
            message = f"the map has no value for {wanted.key.show(key)}"
            raise ExpressionError(Problem("M404", span, message, f"a map has one for every value of {wanted.key}"))
    for key in own.values:
        if not wanted.key.contains(key):
            message = f"the map has a value for {own.show(key)}, which is not in {wanted.key}"
            raise ExpressionError(Problem("M404", span, message))
    return n.BuildMap(Map(wanted.key, node.domain.value), node.entries)


def _map_in(domain: Domain) -> Map | None:
    inner = domain.inner if isinstance(domain, Maybe) else domain
    return inner if isinstance(inner, Map) else None


def _with_values_of(node: n.BuildMap, expected: Domain, what: str, span: Span) -> n.Node:
    """A map that is written out, each of its values narrowed to those of the map that is expected."""
    wanted = _map_in(expected)
    if wanted is None or within(node.domain, wanted):
        return node
    return n.BuildMap(wanted, _narrowed(node.entries, wanted.value, what, span))


def _narrowed(entries: n.Node, wanted: Domain, what: str, span: Span) -> n.Node:
    match entries:
        case n.BuildSet(elements=elements):
            return replace(entries, elements=tuple(_narrowed(one, wanted, what, span) for one in elements))
        case n.Quantify(body=body):
            return replace(entries, body=_narrowed(body, wanted, what, span))
        case n.Build(arguments=(key, value)):
            where = f"entry {key.domain.show(key.value)} of" if isinstance(key, n.Constant) else "an entry of"
            return replace(entries, arguments=(key, narrow(value, wanted, f"{where} {what}", span)))
    raise AssertionError(f"a {type(entries).__name__} has no entries of a map")
