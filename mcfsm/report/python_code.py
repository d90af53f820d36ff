"""Expressions and values as Python code.

What may live here: text. What an expression means is said in `expressions.evaluate`; here each kind of node has the
Python that means the same, in a frame called `f`.
"""

from __future__ import annotations

from typing import Any

from mcfsm.expressions import nodes as n
from mcfsm.expressions.domains import Map, Value
from mcfsm.expressions.evaluate import ABSENT

_INFIX = {
    "==": "==", "!=": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">=", "in": "in", "not in": "not in", "+": "+",
    "-": "-", "*": "*", "//": "//", "%": "%", "|": "|", "&": "&", "subset": "<=", "proper subset": "<",
    "superset": ">=", "proper superset": ">",
}  # fmt: skip


def python_of(node: n.Node) -> str:
    """The Python expression that means what a node does, in a frame called `f`."""
    match node:
        case n.Constant(value=value):
            return literal(value)
        case n.Read(name=name):
            return f"f[{name!r}]"
        case n.Element(name=name):
            return f"_element(f, {name!r})" if node.optional else f"f['msg'][{name!r}]"
        case n.Present(name=name):
            return f"({name!r} in f['msg'])"
        case n.Field(target=target, position=position):
            return f"{python_of(target)}[{position}]"
        case n.Lookup(target=target, key=key):
            assert isinstance(target.domain, Map)
            return f"{python_of(target)}[{literal(places_of(target.domain))}[{python_of(key)}]]"
        case n.Member(members=members, key=key):
            return f"_member({literal(dict(members))}, {python_of(key)})"
        case n.Narrow(inner=inner, domain=domain, what=what):
            return f"_within({python_of(inner)}, {_test(domain)}, {what!r})"
        case n.Apply(operator=operator, arguments=arguments):
            return _applied(operator, [python_of(each) for each in arguments])
        case n.And(operands=operands):
            return f"({' and '.join(map(python_of, operands))})"
        case n.Or(operands=operands):
            return f"({' or '.join(map(python_of, operands))})"
        case n.Not(operand=operand):
            return f"(not {python_of(operand)})"
        case n.IfElse(condition=condition, then=then, otherwise=otherwise):
            return f"({python_of(then)} if {python_of(condition)} else {python_of(otherwise)})"
        case n.Build(arguments=arguments):
            return f"({''.join(f'{python_of(each)}, ' for each in arguments)})"
        case n.BuildSet(elements=elements):
            return f"frozenset([{', '.join(map(python_of, elements))}])"
        case n.BuildMap(domain=domain, entries=entries):
            assert isinstance(domain, Map)
            keys = f"[{', '.join(map(literal, domain.key.values))}]"
            return f"(lambda m: tuple(m[k] for k in {keys}))(dict({python_of(entries)}))"
        case n.Quantify():
            return _quantified(node)
    raise AssertionError(f"a role reads no {type(node).__name__}")


def _applied(operator: str, arguments: list[str]) -> str:
    if operator in _INFIX:
        return f"({f' {_INFIX[operator]} '.join(arguments)})"
    return f"(-{arguments[0]})" if operator == "negate" else f"{operator}({', '.join(arguments)})"


def _quantified(node: n.Quantify) -> str:
    """A comprehension; the variable joins the frame."""
    inner = f"{{**f, {node.variable!r}: value}}"
    condition = f" if (lambda f: {python_of(node.condition)})({inner})" if node.condition is not None else ""
    each = f"((lambda f: {python_of(node.body)})({inner}) for value in {python_of(node.source)}{condition})"
    if node.operator == "union":
        return f"frozenset().union(*{each})"
    return f"{node.operator if node.operator in ('any', 'all', 'sum') else 'frozenset'}({each})"


def _test(domain: Any) -> str:
    """A function that says whether a value is in a domain."""
    match type(domain).__name__:
        case "Integer":
            return f"lambda v: {domain.low} <= v <= {domain.high}"
        case "Boolean":
            return "lambda v: isinstance(v, bool)"
        case "Maybe":
            return f"lambda v: v is None or ({_test(domain.inner)})(v)"
        case "SetOf":
            return f"lambda v: all(map({_test(domain.element)}, v))"
        case "Record":
            tests = "".join(f"({_test(part)})(v[{i}]) and " for i, (_, part) in enumerate(domain.fields))
            return f"lambda v: {tests}True"
        case "Map":
            return f"lambda v: all(map({_test(domain.value)}, v))"
    return f"lambda v: v in {literal(frozenset(domain.values))}"


def places_of(domain: Map) -> dict[Value, int]:
    """Where the value of each key stands in a map, which is a tuple."""
    return {key: i for i, key in enumerate(domain.key.values)}


def comment(text: str) -> str:
    """A text as it may stand in a comment: on one line."""
    return " ".join(text.split())


def documented(text: str) -> str:
    """A text as it may stand in a docstring: on one line, and nothing in it ends one."""
    return comment(text).replace("\\", "\\\\").replace('"', '\\"')


def literal(value: Any) -> str:
    """A value as Python code; sets in order, so that the code is the same each time."""
    if isinstance(value, frozenset):
        return f"frozenset([{', '.join(sorted(map(literal, value)))}])" if value else "frozenset()"
    if isinstance(value, tuple):
        return f"({''.join(f'{literal(each)}, ' for each in value)})"
    if isinstance(value, list):
        return f"[{', '.join(map(literal, value))}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{literal(key)}: {literal(each)}' for key, each in value.items())}}}"
    assert value is not ABSENT
    return repr(value)
