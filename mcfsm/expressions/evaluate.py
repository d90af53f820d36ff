"""The interpreter of checked expressions: one case per kind of node, each turned into a Python closure once.

A frame is a dict of names to values. Joint expressions find the joint state under JOINT, an observer's expressions find
the acting instance under ACTOR and its local states under "before" and "after".
"""

from __future__ import annotations

import operator
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from mcfsm.expressions import nodes as n
from mcfsm.expressions.domains import Map, SetOf, Value
from mcfsm.problems import Problem, Span

Frame = dict[str, Any]
Code = Callable[[Frame], Value]
Wanted = tuple[tuple[int, Value], ...]  # the elements that a message is to have, by position
JOINT = "@joint"
LINKS = "@links"  # (sender, receiver) of every channel, in the order of the joint state's channels
ACTOR = "actor"


class _Absent:
    """The value of an optional information element that is not there."""

    def __repr__(self) -> str:
        return "absent"

    def __reduce__(self) -> str:
        return "ABSENT"


ABSENT = _Absent()


class EvaluationError(Exception):
    """A value left its domain, an absent element was read, or an instance is not there."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        super().__init__(problem.message)

    @property
    def at_first(self) -> Problem:
        """The problem, where an initial value has it: no guard could keep it away."""
        hint = "begin with another value, or widen the domain" if self.problem.code == "M701" else self.problem.hint
        return replace(self.problem, hint=hint)


OPERATORS: dict[str, Callable[..., Value]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "in": lambda element, container: element in container,
    "not in": lambda element, container: element not in container,
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "//": operator.floordiv,
    "%": operator.mod,
    "negate": operator.neg,
    "|": operator.or_,
    "&": operator.and_,
    "subset": operator.le,
    "proper subset": operator.lt,
    "superset": operator.ge,
    "proper superset": operator.gt,
    "len": len,
    "min": min,
    "max": max,
}


def compiled(node: n.Node) -> Code:
    """A closure that evaluates a node in a frame: made once, called often. It raises EvaluationError."""
    match node:
        case n.Constant(value=value):
            return lambda _: value
        case n.Read(name=name):
            return operator.itemgetter(name)
        case n.Element():
            return _element(node)
        case n.Present(position=position):
            return lambda frame: frame["msg"].elements[position] is not ABSENT
        case n.Attribute():
            return _attribute(node)
        case n.Field(target=target, position=position):
            of = compiled(target)
            return lambda frame: of(frame)[position]
        case n.Lookup(target=target, key=key):
            domain = target.domain
            assert isinstance(domain, Map)
            of, at, index = compiled(target), compiled(key), domain.index
            return lambda frame: of(frame)[index(at(frame))]
        case n.Member():
            return _member(node)
        case n.Narrow():
            return _narrow(node)
        case n.Extreme():
            return _extreme(node)
        case n.Apply(operator=name, arguments=arguments):
            return _apply(OPERATORS[name], tuple(map(compiled, arguments)))
        case n.And(operands=operands):
            every = tuple(map(compiled, operands))
            return lambda frame: all(operand(frame) for operand in every)
        case n.Or(operands=operands):
            some = tuple(map(compiled, operands))
            return lambda frame: any(operand(frame) for operand in some)
        case n.Not(operand=operand):
            inner = compiled(operand)
            return lambda frame: not inner(frame)
        case n.IfElse(condition=condition, then=then, otherwise=otherwise):
            test, yes, no = compiled(condition), compiled(then), compiled(otherwise)
            return lambda frame: yes(frame) if test(frame) else no(frame)
        case n.Build(arguments=arguments):
            parts = tuple(map(compiled, arguments))
            return lambda frame: tuple(part(frame) for part in parts)
        case n.BuildSet(elements=elements):
            parts = tuple(map(compiled, elements))
            return lambda frame: frozenset(part(frame) for part in parts)
        case n.BuildMap():
            return _build_map(node)
        case n.Quantify():
            return _quantify(node)
        case n.InFlight():
            return _in_flight(node)
        case n.Frozen():
            return lambda frame: frame[JOINT].frozen
    raise AssertionError(f"no meaning for {type(node).__name__}")


def evaluate(node: n.Node, frame: Frame) -> Value:
    """The value of a node in a frame. Raises EvaluationError."""
    return compiled(node)(frame)


def _apply(function: Callable[..., Value], arguments: tuple[Code, ...]) -> Code:
    if len(arguments) == 2:
        left, right = arguments
        return lambda frame: function(left(frame), right(frame))
    return lambda frame: function(*(argument(frame) for argument in arguments))


def _fail(code: str, span: Span | None, message: str, hint: str | None = None) -> Value:
    raise EvaluationError(Problem(code, span, message, hint))


def _element(node: n.Element) -> Code:
    position, name, span = node.position, node.name, node.span
    if not node.optional:
        return lambda frame: frame["msg"].elements[position]

    def read(frame: Frame) -> Value:
        value = frame["msg"].elements[position]
        if value is ABSENT:
            return _fail("M702", span, f"msg.{name} is read where it is absent", f"ask present(msg.{name}) first")
        return value

    return read


def _attribute(node: n.Attribute) -> Code:
    of = compiled(node.target)
    slots = {slot.owner: slot for slot in node.slots}

    def read(frame: Frame) -> Value:
        owner = of(frame)
        if owner not in slots:  # a fault strikes it that its scenario does not declare: `ladder` adds some
            return _fail("M703", None, f"{owner} takes a step that reads {node.name}, which it does not have")
        slot = slots[owner]
        local = frame[JOINT].locals[slot.instance] if node.moment == "now" else frame[node.moment]
        return (local.states if slot.in_states else local.values)[slot.position]

    return read


def _member(node: n.Member) -> Code:
    members, of, key_domain = dict(node.members), compiled(node.key), node.key.domain

    def read(frame: Frame) -> Value:
        key = of(frame)
        if key not in members:
            shown = f"{node.group}({key_domain.show(key)})"
            hint = f"{node.group} has {', '.join(map(key_domain.show, members))}; keys({node.group}) is the set of them"
            return _fail("M703", node.span, f"the scenario has no instance {shown}", hint)
        return members[key]

    return read


def _narrow(node: n.Narrow) -> Code:
    inner, domain, source = compiled(node.inner), node.domain, node.inner.domain

    def read(frame: Frame) -> Value:
        value = inner(frame)
        if not domain.contains(value):
            message = f"{node.what} would be {source.show(value)}, which is not in {domain}"
            return _fail("M701", node.span, message, "guard the transition, or widen the domain")
        return value

    return read


def _quantify(node: n.Quantify) -> Code:
    walk, body, name = _in_order(node.source), compiled(node.body), node.variable
    condition = compiled(node.condition) if node.condition else None

    def each(frame: Frame) -> Iterator[Value]:
        inner = dict(frame)
        for value in walk(frame):
            inner[name] = value
            if condition is None or condition(inner):
                yield body(inner)

    match node.operator:
        case "any":
            return lambda frame: any(each(frame))
        case "all":
            return lambda frame: all(each(frame))
        case "sum":
            return lambda frame: sum(each(frame))
        case "union":
            return lambda frame: frozenset().union(*each(frame))
    return lambda frame: frozenset(each(frame))


def _extreme(node: n.Extreme) -> Code:
    of, pick, name, span = compiled(node.arguments[0]), OPERATORS[node.operator], node.operator, node.span

    def read(frame: Frame) -> Value:
        elements = of(frame)
        if not elements:
            return _fail(
                "M707", span, f"{name} of an empty set", "ask whether it has elements first: set != {} and ..."
            )
        return pick(elements)

    return read


def _build_map(node: n.BuildMap) -> Code:
    domain, entries = node.domain, compiled(node.entries)
    assert isinstance(domain, Map)
    keys = domain.key.values

    def read(frame: Frame) -> Value:
        found = dict(entries(frame))
        return tuple(found[key] for key in keys)

    return read


def _in_order(source: n.Node) -> Code:
    """The elements of a set in declared order, so that what is found first is the same in every run."""
    domain = source.domain
    assert isinstance(domain, SetOf)
    element = domain.element
    if isinstance(source, n.Constant):
        listed = element.sorted(source.value)
        return lambda _: listed
    of = compiled(source)
    return lambda frame: element.sorted(of(frame))


class Askable(ABC):
    """A content of a channel of which nothing is known but what is asked of it."""

    @abstractmethod
    def matching(self, name: str, wanted: Wanted, *, counted: bool) -> int:
        """As the function of this name."""


def matching(content: Any, name: str, wanted: Wanted, *, counted: bool) -> int:
    """How many messages of a content have a name, and these values by position; whether any has, where not counted."""
    if isinstance(content, Askable):
        return content.matching(name, wanted, counted=counted)
    those = (
        message.name == name and all(message.elements[position] == value for position, value in wanted)
        for message in content
    )
    return sum(those) if counted else any(those)


def _in_flight(node: n.InFlight) -> Code:
    name, counted, values = node.message, node.counted, tuple(map(compiled, node.values))
    ends = [(i, ("sender", "receiver").index(f.name)) for i, f in enumerate(node.filters) if f.position is None]
    positions = [(i, f.position) for i, f in enumerate(node.filters) if f.position is not None]

    def found(frame: Frame) -> Value:
        given = [value(frame) for value in values]
        wanted = tuple((position, given[i]) for i, position in positions)
        each = (
            matching(content, name, wanted, counted=counted)
            for content, link in zip(frame[JOINT].channels, frame[LINKS], strict=True)
            if content and all(link[end] == given[i] for i, end in ends)
        )
        return sum(each) if counted else any(each)

    return found
