"""A checked expression in words, as the model language would write it; names stand for the constants they became."""

from __future__ import annotations

from collections.abc import Iterable

from mcfsm.expressions import nodes as n
from mcfsm.expressions.domains import Boolean, Instances, Record, SetOf
from mcfsm.expressions.functions import FUNCTIONS
from mcfsm.expressions.maps import ENTRY

_SYMBOLS = {"subset": "<=", "proper subset": "<", "superset": ">=", "proper superset": ">"}


def shown(node: n.Node) -> str:
    """The expression as text."""
    match node:
        case n.Constant(domain=SetOf(element=Instances(names=names, title=title)), value=value) if (
            title and value == frozenset(names)
        ):
            return title
        case n.Constant(domain=domain, value=value):
            return domain.show(value)
        case n.Read(name=name):
            return name
        case n.Element(name=name):
            return f"msg.{name}"
        case n.Present(name=name):
            return f"present(msg.{name})"
        case n.Attribute(target=target, name=name) | n.Field(target=target, name=name):
            return f"{shown(target)}.{name}"
        case n.Lookup(target=target, key=key):
            return f"{shown(target)}[{shown(key)}]"
        case n.Member(key=key, group=group):
            return f"{group}({shown(key)})"
        case n.Narrow(inner=inner):
            return shown(inner)
        case n.Apply(operator="==", arguments=(n.Attribute(target=target, name=name), n.Constant(value=state))) if (
            name.startswith("@")
        ):
            return f"at({shown(target)}, {state})"
        case n.Apply(operator="negate", arguments=(argument,)):
            return f"-{_inner(argument)}"
        case n.Apply(operator=operator, arguments=arguments) if operator in FUNCTIONS or len(arguments) != 2:
            return f"{operator}({_listed(arguments)})"
        case n.Apply(operator=operator, arguments=(left, right)):
            return f"{_inner(left)} {_SYMBOLS.get(operator, operator)} {_inner(right)}"
        case n.And(operands=operands):
            return " and ".join(_inner(operand) for operand in operands)
        case n.Or(operands=operands):
            return " or ".join(_inner(operand) for operand in operands)
        case n.Not(operand=operand):
            return f"not {_inner(operand)}"
        case n.IfElse(condition=condition, then=then, otherwise=otherwise):
            return f"{_inner(then)} if {_inner(condition)} else {_inner(otherwise)}"
        case n.Build(domain=domain, arguments=arguments):
            return f"{domain}({_listed(arguments)})"
        case n.BuildSet(elements=elements):
            return f"{{{_listed(elements)}}}"
        case n.BuildMap(entries=entries):
            return _map_of(entries)
        case n.Quantify():
            return _quantified(node)
        case n.InFlight(message=message, filters=filters, values=values, counted=counted):
            asked = (f", {name}={shown(value)}" for (name, _), value in zip(filters, values, strict=True))
            return f"{'how_many' if counted else 'in_flight'}({message}{''.join(asked)})"
        case n.Frozen():
            return "frozen"
    raise TypeError(f"no way to write a {type(node).__name__}")


def _listed(items: Iterable[n.Node]) -> str:
    return ", ".join(shown(item) for item in items)


def _map_of(entries: n.Node) -> str:
    if isinstance(entries, n.Quantify):
        return _quantified(entries)
    assert isinstance(entries, n.BuildSet)
    return f"{{{', '.join(map(_entry, entries.elements))}}}"


def _entry(node: n.Node) -> str:
    """An entry of a map; as a constant, where it was folded, or as the record that it is built as."""
    if isinstance(node, n.Constant):
        assert isinstance(node.domain, Record)
        (_, of_keys), (_, of_values) = node.domain.fields
        return f"{of_keys.show(node.value[0])}: {of_values.show(node.value[1])}"
    assert isinstance(node, n.Build)
    key, value = node.arguments
    return f"{shown(key)}: {shown(value)}"


def _inner(node: n.Node) -> str:
    """An operand: in brackets where it has an operator of its own."""
    while isinstance(node, n.Narrow):
        node = node.inner
    text = shown(node)
    compound = isinstance(node, n.And | n.Or | n.Not | n.IfElse) or (
        isinstance(node, n.Apply) and len(node.arguments) == 2 and node.operator not in FUNCTIONS
    )
    return f"({text})" if compound else text


def _quantified(node: n.Quantify) -> str:
    generators, inner = "", node
    while True:
        condition = f" if {shown(inner.condition)}" if inner.condition is not None else ""
        generators += f" for {inner.variable} in {shown(inner.source)}{condition}"
        if inner.operator != "union" or not isinstance(inner.body, n.Quantify):
            break
        inner = inner.body
    if inner.operator == "set":
        of_map = isinstance(inner.body.domain, Record) and inner.body.domain.title == ENTRY
        return f"{{{_entry(inner.body) if of_map else shown(inner.body)}{generators}}}"
    counts = inner.operator == "sum" and isinstance(inner.body.domain, Boolean)
    return f"{'count' if counts else inner.operator}({shown(inner.body)}{generators})"
