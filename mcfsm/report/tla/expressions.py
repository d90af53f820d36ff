"""Checked expressions in TLA+: one case for each kind of node, as in `expressions.evaluate`.

Every compound expression stands in brackets. A value that leaves its domain stops a search of ours with an error; TLC
goes on, unless it is asked for `TypeOK`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from mcfsm.expressions import nodes as n
from mcfsm.expressions.domains import Boolean, SetOf
from mcfsm.expressions.domains.composed import Record
from mcfsm.report.tla.values import ValueTexts, function

_INFIX = {
    "==": "=",
    "!=": "#",
    "in": "\\in",
    "not in": "\\notin",
    "//": "\\div",
    "|": "\\cup",
    "&": "\\cap",
    "subset": "\\subseteq",
    **{sign: sign for sign in ("<", "<=", ">", ">=", "+", "*", "%")},
}


@dataclass(frozen=True)
class ModuleScope:
    """What the names of an expression are in the module, and what is bound around it."""

    texts: Mapping[str, str] = field(default_factory=dict)
    bound: frozenset[str] = frozenset()

    def having(self, name: str, text: str) -> ModuleScope:
        """The scope with one more, which is bound."""
        return replace(self, texts={**self.texts, name: text}, bound=self.bound | {text})


@dataclass(frozen=True)
class Reading:
    """What expressions read besides their scope: who is where, and what is on its way."""

    values: ValueTexts
    attribute: Callable[[n.Attribute, str], str]  # of an instance or observer, given as a text
    in_flight: Callable[[n.InFlight, list[str], ModuleScope], str]
    member: Callable[[n.Member, str], str]
    frozen: str


def conj(parts: Iterable[str]) -> str:
    """All of some conditions."""
    return " /\\ ".join(parts)


def disj(parts: Iterable[str]) -> str:
    """Any of some conditions or actions."""
    return " \\/ ".join(parts)


def union(sets: Iterable[str]) -> str:
    """All elements of some sets."""
    return " \\cup ".join(sets)


def bare(text: str) -> str:
    """An expression without the brackets around the whole of it, where it needs none."""
    if not text.startswith("("):
        return text
    depth, quoted = 0, False
    for at, sign in enumerate(text):
        quoted = quoted is not (sign == '"' and text[at - 1] != "\\")
        depth += 0 if quoted else (sign == "(") - (sign == ")")
        if depth == 0:
            return text[1:-1] if at == len(text) - 1 else text
    return text


def translated(node: n.Node, scope: ModuleScope, world: Reading) -> str:
    """An expression, in brackets where it is compound."""

    def of(part: n.Node) -> str:
        return translated(part, scope, world)

    match node:
        case n.Constant(value=value):
            return world.values.literal(node.domain, value)
        case n.Read(name=name):
            return scope.texts[name]
        case n.Element(name=name):
            return f"{scope.texts['msg']}.{world.values.names.field(name)}"
        case n.Present(name=name):
            return f"({scope.texts['msg']}.{world.values.names.field(name)} # absent)"
        case n.Attribute(target=target, name=name, moment=moment):
            if moment != "now":
                return f"{scope.texts[moment]}.{world.values.names.field(name)}"
            return world.attribute(node, of(target))
        case n.Field(target=target, name=name):
            return f"{of(target)}.{world.values.names.field(name)}"
        case n.Lookup(target=target, key=key):
            return f"{of(target)}[{bare(of(key))}]"
        case n.Member(key=key):
            return world.member(node, of(key))
        case n.Narrow(inner=inner):
            return of(inner)
        case n.Apply(operator=operator, arguments=arguments):
            return _applied(operator, [of(argument) for argument in arguments], node)
        case n.And(operands=operands):
            return f"({conj(map(of, operands))})"
        case n.Or(operands=operands):
            return f"({disj(map(of, operands))})"
        case n.Not(operand=operand):
            return f"(~{of(operand)})"
        case n.IfElse(condition=condition, then=then, otherwise=otherwise):
            return f"(IF {bare(of(condition))} THEN {bare(of(then))} ELSE {bare(of(otherwise))})"
        case n.Build(domain=Record() as domain, arguments=arguments):
            return world.values.record(
                (name, bare(of(a))) for (name, _), a in zip(domain.fields, arguments, strict=True)
            )
        case n.BuildSet(elements=elements):
            return f"{{{', '.join(bare(of(element)) for element in elements)}}}"
        case n.BuildMap(entries=entries):
            return _map(entries, scope, world)
        case n.Quantify():
            return _quantified(node, scope, world)
        case n.InFlight(values=values):
            return world.in_flight(node, [of(value) for value in values], scope)
        case n.Frozen():
            return world.frozen
    raise AssertionError(f"no meaning for {type(node).__name__}")


def _applied(operator: str, texts: list[str], node: n.Apply) -> str:
    match operator:
        case "-" if isinstance(node.domain, SetOf):
            return f"({texts[0]} \\ {texts[1]})"
        case "-":
            return f"({texts[0]} - {texts[1]})"
        case "negate":
            return f"(-{texts[0]})"
        case "len":
            return f"Cardinality({bare(texts[0])})"
        case "min" | "max":
            among = bare(texts[0]) if len(texts) == 1 else f"{{{', '.join(map(bare, texts))}}}"
            return f"{operator.capitalize()}({among})"
        case "superset":
            return f"({texts[1]} \\subseteq {texts[0]})"
        case "proper subset":
            return f"(({texts[0]} \\subseteq {texts[1]}) /\\ ({texts[0]} # {texts[1]}))"
        case "proper superset":
            return f"(({texts[1]} \\subseteq {texts[0]}) /\\ ({texts[0]} # {texts[1]}))"
    return f"({texts[0]} {_INFIX[operator]} {texts[1]})"


def _map(entries: n.Node, scope: ModuleScope, world: Reading) -> str:
    """A map from its entries: in short where each key is what is walked, or where all are written out."""
    if isinstance(entries, n.BuildSet):
        each = (part.children() for part in entries.elements)
        pairs = [[bare(translated(part, scope, world)) for part in pair] for pair in each]
        return function((key, f"({value})") for key, value in pairs)
    if isinstance(entries, n.Quantify) and isinstance(entries.body, n.Build) and entries.condition is None:
        key, value = entries.body.arguments
        if isinstance(key, n.Read) and key.name == entries.variable:
            return _quantified(replace(entries, operator="map", body=value), scope, world)
    return f"MapOf({bare(translated(entries, scope, world))})"


def _quantified(node: n.Quantify, scope: ModuleScope, world: Reading) -> str:
    source = bare(translated(node.source, scope, world))
    name = world.values.names.bound(node.variable, scope.bound)
    inner = scope.having(node.variable, name)
    condition = None if node.condition is None else translated(node.condition, inner, world)
    body: Any = translated(node.body, inner, world)
    among = f"{name} \\in {source}"
    if node.operator in ("any", "all"):
        sign, joint = ("\\E", "/\\") if node.operator == "any" else ("\\A", "=>")
        return f"({sign} {among} : {bare(body) if condition is None else f'{condition} {joint} {body}'})"
    if node.operator == "sum" and isinstance(node.body.domain, Boolean):
        asked = bare(body) if condition is None else conj([condition, body])
        return f"Cardinality({{{among} : {asked}}})"
    some = source if condition is None else f"{{{among} : {bare(condition)}}}"
    match node.operator:
        case "map":
            return f"[{among} |-> {bare(body)}]"
        case "sum":
            return f"Sum([{name} \\in {some} |-> {bare(body)}])"
        case "union":
            return f"(UNION {{{bare(body)} : {name} \\in {some}}})"
    return f"{{{bare(body)} : {name} \\in {some}}}"
