"""A checked expression in words, as the model language would write it; names stand for the constants they became."""

from __future__ import annotations

from collections.abc import Iterable

from mcfsm.expressions import nodes as n
from mcfsm.expressions.domains import Instances, SetOf

_SYMBOLS = {"subset": "<=", "proper subset": "<", "superset": ">=", "proper superset": ">"}
_FUNCTIONS = {"len", "min", "max", "abs"}


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
        case n.Apply(operator="negate", arguments=(argument,)):
            return f"-{_inner(argument)}"
        case n.Apply(operator=operator, arguments=arguments) if operator in _FUNCTIONS or len(arguments) != 2:
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
        case n.Quantify():
            return _quantified(node)
        case n.InFlight(message=message):
            return f"in_flight({message}{''.join(f', {shown(value)}' for value in node.values)})"
        case n.Frozen():
            return "frozen"
    raise TypeError(f"no way to write a {type(node).__name__}")


def _listed(items: Iterable[n.Node]) -> str:
    return ", ".join(shown(item) for item in items)


def _inner(node: n.Node) -> str:
    """An operand: in brackets where it has an operator of its own."""
    while isinstance(node, n.Narrow):
        node = node.inner
    text = shown(node)
    compound = isinstance(node, n.And | n.Or | n.Not | n.IfElse) or (
        isinstance(node, n.Apply) and len(node.arguments) == 2 and node.operator not in _FUNCTIONS
    )
    return f"({text})" if compound else text


def _quantified(node: n.Quantify) -> str:
    condition = f" if {shown(node.condition)}" if node.condition is not None else ""
    body = f"{shown(node.body)} for {node.variable} in {shown(node.source)}{condition}"
    return f"{{{body}}}" if node.operator == "set" else f"{node.operator}({body})"
