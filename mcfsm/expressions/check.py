"""Gives every name of an expression its meaning and every operator its types, before anything runs.

A `Scope` says what the names mean where the expression stands. Each method of `_Checker` handles one kind of syntax and
raises ExpressionError at the innermost place that is wrong; whoever checks many expressions collects those.
"""

from __future__ import annotations

import ast
from collections import ChainMap
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Protocol

from mcfsm.domains import (
    ANY_INTEGER,
    Boolean,
    Domain,
    Enumeration,
    Instances,
    Integer,
    Map,
    Maybe,
    Nothing,
    Record,
    SetOf,
    TooManyValues,
    Value,
    join,
    overlaps,
    within,
)
from mcfsm.expressions import nodes as n
from mcfsm.expressions.parse import ExpressionError, Text, parse_expression
from mcfsm.problems import Problem, Span, closest

BOOLEAN = Boolean()
NONE = Maybe(Nothing())


@dataclass(frozen=True)
class Names:
    """A domain, role or group by name: its values may be walked, and a record's name builds one."""

    domain: Domain
    kind: str = "domain"


@dataclass(frozen=True)
class Group:
    """Instances named by a value: `server(A)`."""

    name: str
    key: Domain
    members: tuple[tuple[Value, str], ...]

    @property
    def instances(self) -> Instances:
        """All members, in order."""
        return Instances(tuple(name for _, name in self.members), title=self.name)


Meaning = n.Node | Names | Group


@dataclass(frozen=True)
class MessageForm:
    """The elements of one message: name, domain, optional."""

    name: str
    elements: tuple[tuple[str, Domain, bool], ...]

    def position(self, name: str) -> int | None:
        """The index of an element, or None."""
        return next((i for i, (element, _, _) in enumerate(self.elements) if element == name), None)


class Attributes(Protocol):
    """What instances have: given by whoever knows the roles."""

    def __call__(self, instances: tuple[str, ...], name: str) -> tuple[Domain, tuple[n.Slot, ...]] | list[str]:
        """The domain and slots of an attribute all these instances have, or the names they do have in common."""


@dataclass(frozen=True)
class Scope:
    """What names mean in one place. `msg` is the message at hand; `joint` allows what only a joint state can answer."""

    names: Mapping[str, Meaning]
    messages: Mapping[str, MessageForm] = field(default_factory=dict)
    msg: MessageForm | None = None
    no_msg: str = "msg has a meaning where a message is received"
    joint: bool = False
    attributes: Attributes | None = None
    moments: Mapping[str, Instances] = field(default_factory=dict)  # observers: before, after
    unknown: Callable[[str], str | None] = lambda _: None  # a better sentence for some unknown names

    def plus(self, more: Mapping[str, Meaning]) -> Scope:
        """This scope with more names."""
        return replace(self, names=ChainMap(dict(more), self.names))  # type: ignore[arg-type]


def check(text: Text, scope: Scope, expected: Domain | None = None, what: str = "the value") -> n.Node:
    """The checked tree of an expression, narrowed to `expected` where one is given. Raises ExpressionError.

    `what` names the place in messages: "the value of hops", "a condition".
    """
    tree = parse_expression(text)
    node = _Checker(text, scope).visit(tree)
    return node if expected is None else narrow(node, expected, what, text.span)


def narrow(node: n.Node, expected: Domain, what: str, span: Span) -> n.Node:
    """The node as a value of `expected`: as it is, checked when evaluated, or an error (M404) where it can never be."""
    if within(node.domain, expected):
        return node
    if not overlaps(node.domain, expected):
        if isinstance(node, n.Constant):
            message = f"{what} is {node.domain.show(node.value)}, which is not in {expected}"
        else:
            message = f"{what} is of {node.domain}, but {expected} is expected"
        raise ExpressionError(Problem("M404", span, message, _expected_hint(expected)))
    return n.Narrow(expected, node, what, span)


def _expected_hint(expected: Domain) -> str | None:
    if isinstance(expected, Enumeration) and len(expected.names) <= 8:
        return f"expected one of {', '.join(expected.names)}"
    return None


class _Checker:
    def __init__(self, text: Text, scope: Scope) -> None:
        self.text = text
        self.scope = scope
        self.lead = len(text) - len(text.lstrip())

    def span(self, tree: ast.expr) -> Span:
        if tree.end_lineno != tree.lineno or tree.lineno != 1:
            return self.text.span
        return self.text.part(self.lead + tree.col_offset, (tree.end_col_offset or 0) - tree.col_offset)

    def fail(self, code: str, tree: ast.expr, message: str, hint: str | None = None) -> ExpressionError:
        return ExpressionError(Problem(code, self.span(tree), message, hint))

    def source(self, tree: ast.expr) -> str:
        return ast.unparse(tree)

    def visit(self, tree: ast.expr) -> n.Node:
        match tree:
            case ast.Constant():
                return self.constant(tree)
            case ast.Name():
                return self.name(tree)
            case ast.Attribute():
                return self.attribute(tree)
            case ast.Subscript():
                return self.subscript(tree)
            case ast.BoolOp(op=op, values=values):
                operands = tuple(self.boolean(value) for value in values)
                return n.And(BOOLEAN, operands) if isinstance(op, ast.And) else n.Or(BOOLEAN, operands)
            case ast.UnaryOp():
                return self.unary(tree)
            case ast.BinOp():
                return self.binary(tree)
            case ast.Compare():
                return self.compare(tree)
            case ast.IfExp():
                return self.if_else(tree)
            case ast.Call():
                return self.call(tree)
            case ast.Set(elts=elements):
                return self.build_set(tree, [self.visit(element) for element in elements])
            case ast.Dict(keys=[]):
                return n.Constant(SetOf(Nothing()), frozenset())
            case ast.SetComp(elt=body, generators=generators):
                return self.quantify("set", body, generators, tree)
        kind = type(tree).__name__
        raise self.fail("M405", tree, f"'{self.source(tree)}' ({kind}) has no place in an expression")

    def boolean(self, tree: ast.expr) -> n.Node:
        node = self.visit(tree)
        if not isinstance(node.domain, Boolean):
            message = f"'{self.source(tree)}' is of {node.domain}, but a condition (bool) is expected"
            raise self.fail("M404", tree, message)
        return node

    def constant(self, tree: ast.Constant) -> n.Node:
        value = tree.value
        if isinstance(value, bool) or value is None:
            raise self.fail("M405", tree, f"'{value}' has no place here", f"write {str(value).lower()}")
        if isinstance(value, int):
            if not within(Integer(value, value), ANY_INTEGER):
                raise self.fail(
                    "M404", tree, f"the number {self.source(tree)[:20]}... is too large", "at most 2^31 - 1"
                )
            return n.Constant(Integer(value, value), value)
        raise self.fail(
            "M405", tree, f"{self.source(tree)} has no place here", "values are bare names: write B, not 'B'"
        )

    def name(self, tree: ast.Name) -> n.Node:
        name = tree.id
        if name in ("true", "false"):
            return n.Constant(BOOLEAN, name == "true")
        if name == "none":
            return n.Constant(NONE, None)
        if name == "frozen" and self.scope.joint:
            return n.Frozen(BOOLEAN)
        meaning = self.scope.names.get(name)
        match meaning:
            case n.Node():
                return meaning
            case Names(domain=domain):
                return self.all_values(tree, domain)
            case Group():
                return self.all_values(tree, meaning.instances)
        if name == "msg":
            raise self.fail("M403", tree, "msg itself is no value", "read one of its elements: msg.name")
        if name == "frozen":
            raise self.fail("M403", tree, "frozen has a meaning in properties and definitions only")
        raise self.unknown(tree, name)

    def unknown(self, tree: ast.expr, name: str) -> ExpressionError:
        better = self.scope.unknown(name)
        if better:
            return self.fail("M403", tree, better)
        return self.fail("M403", tree, f"unknown name {name}", closest(name, self.scope.names))

    def all_values(self, tree: ast.expr, domain: Domain) -> n.Node:
        try:
            return n.Constant(SetOf(domain), frozenset(domain.values))
        except TooManyValues as error:
            raise self.fail("M406", tree, str(error)) from None

    def attribute(self, tree: ast.Attribute) -> n.Node:
        base, name = tree.value, tree.attr
        if isinstance(base, ast.Name) and base.id == "msg" and "msg" not in self.scope.names:
            form, position = self.element(tree)
            _, domain, optional = form.elements[position]
            return n.Element(domain, name, position, optional, self.span(tree))
        if isinstance(base, ast.Name) and base.id in self.scope.moments:
            actor = n.Read(self.scope.moments[base.id], "actor")
            return self.instance_attribute(tree, actor, name, base.id)
        target = self.visit(base)
        domain = target.domain.inner if isinstance(target.domain, Maybe) else target.domain
        if isinstance(domain, Record):
            place = domain.position(name)
            if place is None:
                fields = [title for title, _ in domain.fields]
                raise self.fail("M403", tree, f"{domain} has no field {name}", closest(name, fields))
            return n.Field(domain.fields[place][1], self.present(base, target), name, place)
        if isinstance(domain, Instances):
            return self.instance_attribute(tree, self.present(base, target), name, "now")
        raise self.fail("M404", tree, f"'{self.source(base)}' is of {target.domain}, which has nothing named {name}")

    def present(self, tree: ast.expr, node: n.Node) -> n.Node:
        """The node less the none of its domain; found out when evaluated."""
        domain = node.domain
        if isinstance(domain, Maybe):
            return n.Narrow(domain.inner, node, f"'{self.source(tree)}'", self.span(tree))
        return node

    def element(self, tree: ast.Attribute) -> tuple[MessageForm, int]:
        form = self.scope.msg
        if form is None:
            raise self.fail("M403", tree, self.scope.no_msg)
        position = form.position(tree.attr)
        if position is None:
            elements = [element for element, _, _ in form.elements]
            message = f"message {form.name} has no element {tree.attr}"
            raise self.fail("M303", tree, message, closest(tree.attr, elements) or f"{form.name} has no elements")
        return form, position

    def instance_attribute(self, tree: ast.Attribute, target: n.Node, name: str, moment: str) -> n.Node:
        if moment == "now" and not self.scope.joint:
            message = f"'{self.source(tree)}' reads another instance, which a role cannot do"
            raise self.fail("M407", tree, message, "let a message carry the value, or state it in a property")
        assert isinstance(target.domain, Instances)
        assert self.scope.attributes is not None
        found = self.scope.attributes(target.domain.names, name)
        if isinstance(found, list):
            message = f"not every instance in {target.domain} has {name}"
            if len(target.domain.names) == 1:
                message = f"{target.domain.names[0]} has no region or variable named {name}"
            raise self.fail("M403", tree, message, closest(name, found))
        domain, slots = found
        return n.Attribute(domain, target, name, slots, moment)

    def subscript(self, tree: ast.Subscript) -> n.Node:
        target = self.visit(tree.value)
        if not isinstance(target.domain, Map):
            raise self.fail("M404", tree, f"'{self.source(tree.value)}' is of {target.domain}, which is no map")
        key = narrow(self.visit(tree.slice), target.domain.key, "the key", self.span(tree.slice))
        return n.Lookup(target.domain.value, target, key)

    def unary(self, tree: ast.UnaryOp) -> n.Node:
        if isinstance(tree.op, ast.Not):
            return n.Not(BOOLEAN, self.boolean(tree.operand))
        if isinstance(tree.op, ast.USub):
            node = self.integer(tree.operand)
            assert isinstance(node.domain, Integer)
            domain = Integer(-node.domain.high, -node.domain.low)
            if isinstance(node, n.Constant):
                return n.Constant(domain, -node.value)
            return n.Apply(domain, "negate", (node,))
        raise self.fail("M405", tree, f"'{self.source(tree)}': this operator has no place in an expression")

    def integer(self, tree: ast.expr) -> n.Node:
        node = self.visit(tree)
        if isinstance(node.domain, Maybe) and isinstance(node.domain.inner, Integer):
            node = self.present(tree, node)
        if not isinstance(node.domain, Integer):
            raise self.fail("M404", tree, f"'{self.source(tree)}' is of {node.domain}, but a number is expected")
        return node

    def binary(self, tree: ast.BinOp) -> n.Node:
        symbols: dict[type[ast.operator], str] = {
            ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.FloorDiv: "//", ast.Mod: "%", ast.BitOr: "|", ast.BitAnd: "&",
        }  # fmt: skip
        symbol = symbols.get(type(tree.op))
        if symbol is None:
            hint = "// divides, rounding down" if isinstance(tree.op, ast.Div) else None
            raise self.fail("M405", tree, f"'{self.source(tree)}': this operator has no place in an expression", hint)
        left = self.visit(tree.left)
        if symbol in "|&-" and isinstance(left.domain, SetOf):
            right = self.visit(tree.right)
            domain = join(left.domain, right.domain)
            if not isinstance(domain, SetOf):
                raise self.fail("M404", tree, f"'{self.source(tree)}' mixes {left.domain} and {right.domain}")
            return n.Apply(left.domain if symbol == "-" else domain, symbol, (left, right))
        if symbol in "|&":
            raise self.fail("M404", tree, f"{symbol} joins sets, but '{self.source(tree.left)}' is of {left.domain}")
        first, second = self.integer(tree.left), self.integer(tree.right)
        assert isinstance(first.domain, Integer)
        assert isinstance(second.domain, Integer)
        return n.Apply(self.range_of(tree, symbol, first.domain, second.domain), symbol, (first, second))

    def range_of(self, tree: ast.BinOp, symbol: str, left: Integer, right: Integer) -> Integer:
        """Interval arithmetic, cut off at the range of all numbers."""
        if symbol in ("//", "%"):
            if right.low <= 0:
                raise self.fail("M404", tree, f"'{self.source(tree.right)}' may be zero or less; {symbol} wants more")
            if symbol == "%":
                return Integer(0, min(right.high - 1, left.high) if left.low >= 0 else right.high - 1)
            corners = [a // b for a in (left.low, left.high) for b in (right.low, right.high)]
        elif symbol == "*":
            corners = [a * b for a in (left.low, left.high) for b in (right.low, right.high)]
        elif symbol == "+":
            corners = [left.low + right.low, left.high + right.high]
        else:
            corners = [left.low - right.high, left.high - right.low]
        return Integer(max(min(corners), ANY_INTEGER.low), min(max(corners), ANY_INTEGER.high))

    def compare(self, tree: ast.Compare) -> n.Node:
        operands = [tree.left, *tree.comparators]
        visited = [self.visit(operand) for operand in operands]
        parts = tuple(
            self.compare_pair(tree, operator, visited[i], visited[i + 1]) for i, operator in enumerate(tree.ops)
        )
        return parts[0] if len(parts) == 1 else n.And(BOOLEAN, parts)

    def compare_pair(self, tree: ast.Compare, operator: ast.cmpop, left: n.Node, right: n.Node) -> n.Node:
        symbols: dict[type[ast.cmpop], str] = {
            ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.In: "in",
            ast.NotIn: "not in",
        }  # fmt: skip
        symbol = symbols.get(type(operator))
        if symbol is None:
            raise self.fail("M405", tree, "'is' has no place in an expression", "write == none or != none")
        if symbol in ("==", "!="):
            if not overlaps(left.domain, right.domain):
                message = f"'{self.source(tree)}' can never be equal: {left.domain} against {right.domain}"
                raise self.fail("M404", tree, message, _never_equal(left.domain, right.domain))
            return n.Apply(BOOLEAN, symbol, (left, right))
        if symbol in ("in", "not in"):
            if not isinstance(right.domain, SetOf):
                raise self.fail("M404", tree, f"'in' wants a set on its right, not {right.domain}")
            if not isinstance(right.domain.element, Nothing) and not overlaps(left.domain, right.domain.element):
                raise self.fail("M404", tree, f"'{self.source(tree)}': {left.domain} is never in {right.domain}")
            return n.Apply(BOOLEAN, symbol, (left, right))
        if isinstance(left.domain, SetOf) and isinstance(right.domain, SetOf):
            names = {"<=": "subset", "<": "proper subset", ">=": "superset", ">": "proper superset"}
            return n.Apply(BOOLEAN, names[symbol], (left, right))
        if not (isinstance(left.domain, Integer) and isinstance(right.domain, Integer)):
            raise self.fail("M404", tree, f"{symbol} orders numbers, not {left.domain} and {right.domain}")
        return n.Apply(BOOLEAN, symbol, (left, right))

    def if_else(self, tree: ast.IfExp) -> n.Node:
        condition, then, otherwise = self.boolean(tree.test), self.visit(tree.body), self.visit(tree.orelse)
        domain = join(then.domain, otherwise.domain)
        if domain is None:
            raise self.fail("M404", tree, f"'{self.source(tree)}' is either {then.domain} or {otherwise.domain}")
        return n.IfElse(domain, condition, then, otherwise)

    def build_set(self, tree: ast.expr, elements: list[n.Node]) -> n.Node:
        domain: Domain = Nothing()
        for element in elements:
            joined = join(domain, element.domain)
            if joined is None:
                raise self.fail("M404", tree, f"a set of {domain} and {element.domain}")
            domain = joined
        return n.BuildSet(SetOf(domain), tuple(elements))

    def quantify(self, operator: str, body: ast.expr, generators: list[ast.comprehension], tree: ast.expr) -> n.Node:
        head, rest = generators[0], generators[1:]
        if head.is_async or not isinstance(head.target, ast.Name):
            raise self.fail("M405", tree, f"'{self.source(tree)}': a quantifier names one variable")
        name = head.target.id
        if name in self.scope.names or name in ("true", "false", "none", "msg", "frozen"):
            raise self.fail("M305", head.target, f"{name} already has a meaning here", "choose another variable name")
        source = self.visit(head.iter)
        if not isinstance(source.domain, SetOf):
            raise self.fail("M404", head.iter, f"'{self.source(head.iter)}' is of {source.domain}; a set is expected")
        inner = _Checker(self.text, self.scope.plus({name: n.Read(source.domain.element, name)}))
        tests = tuple(inner.boolean(test) for test in head.ifs)
        condition = None if not tests else tests[0] if len(tests) == 1 else n.And(BOOLEAN, tests)
        if rest:
            result = inner.quantify(operator, body, rest, tree)
            return n.Quantify(
                result.domain, "union" if operator == "set" else operator, name, source, condition, result
            )
        if operator == "set":
            result = inner.visit(body)
            return n.Quantify(SetOf(result.domain), "set", name, source, condition, result)
        if operator == "sum":
            number = inner.integer(body)
            return n.Quantify(ANY_INTEGER, "sum", name, source, condition, number)
        result = inner.boolean(body)
        if operator == "count":
            return n.Quantify(Integer(0, ANY_INTEGER.high), "sum", name, source, condition, result)
        return n.Quantify(BOOLEAN, operator, name, source, condition, result)

    def call(self, tree: ast.Call) -> n.Node:
        if not isinstance(tree.func, ast.Name):
            raise self.fail("M405", tree, f"'{self.source(tree.func)}' cannot be called", _FUNCTIONS)
        name = tree.func.id
        meaning = self.scope.names.get(name)
        if isinstance(meaning, Group):
            return self.member(tree, meaning)
        if isinstance(meaning, Names) and isinstance(meaning.domain, Record):
            return self.record(tree, meaning.domain)
        if meaning is not None:
            raise self.fail("M405", tree, f"{name} cannot be called")
        if name in ("any", "all", "count", "sum"):
            if len(tree.args) != 1 or tree.keywords or not isinstance(tree.args[0], ast.GeneratorExp):
                raise self.fail("M405", tree, f"{name} wants one generator", f"{name}(condition for x in set)")
            generator = tree.args[0]
            return self.quantify(name, generator.elt, generator.generators, tree)
        if name == "in_flight":
            return self.in_flight(tree)
        handlers = {
            "all_of": self.all_of, "keys": self.keys, "present": self.present_call, "at": self.at, "len": self.length,
            "min": self.extreme, "max": self.extreme,
        }  # fmt: skip
        if name not in handlers:
            known = [*handlers, "any", "all", "count", "sum", "in_flight", *self.scope.names]
            raise self.fail("M405", tree, f"unknown function {name}", closest(name, known))
        if tree.keywords:
            raise self.fail("M405", tree, f"{name} takes no named arguments")
        return handlers[name](tree, tree.args)

    def member(self, tree: ast.Call, group: Group) -> n.Node:
        if len(tree.args) != 1 or tree.keywords:
            raise self.fail("M405", tree, f"{group.name} wants one value", f"{group.name}(key)")
        key = narrow(self.visit(tree.args[0]), group.key, f"the key of {group.name}", self.span(tree.args[0]))
        if isinstance(key, n.Constant):
            found = dict(group.members).get(key.value)
            if found is None:
                message = f"the scenario has no instance {group.name}({group.key.show(key.value)})"
                raise self.fail("M602", tree, message, closest("", [group.key.show(k) for k, _ in group.members]))
            return n.Constant(Instances((found,)), found)
        return n.Member(group.instances, group.members, key, group.name, self.span(tree))

    def record(self, tree: ast.Call, record: Record) -> n.Node:
        titles = [title for title, _ in record.fields]
        given: dict[str, ast.expr] = dict(zip(titles, tree.args, strict=False))
        for keyword in tree.keywords:
            if keyword.arg not in titles or keyword.arg in given:
                raise self.fail(
                    "M403", tree, f"{record} has no free field {keyword.arg}", closest(str(keyword.arg), titles)
                )
            given[keyword.arg] = keyword.value
        if len(given) < len(titles) or len(tree.args) > len(titles):
            raise self.fail("M404", tree, f"{record} has the fields {', '.join(titles)}; all must be given, once")
        parts = tuple(
            narrow(self.visit(given[title]), domain, f"field {title}", self.span(given[title]))
            for title, domain in record.fields
        )
        if all(isinstance(part, n.Constant) for part in parts):
            return n.Constant(record, tuple(part.value for part in parts if isinstance(part, n.Constant)))
        return n.Build(record, parts)

    def in_flight(self, tree: ast.Call) -> n.Node:
        if not self.scope.joint:
            raise self.fail("M407", tree, "in_flight asks the channels, which only a property or a definition can see")
        if len(tree.args) != 1 or not isinstance(tree.args[0], ast.Name):
            raise self.fail("M405", tree, "in_flight wants a message", "in_flight(message, element=value, sender=x)")
        name = tree.args[0].id
        form = self.scope.messages.get(name)
        if form is None:
            raise self.fail("M302", tree.args[0], f"unknown message {name}", closest(name, self.scope.messages))
        filters: list[tuple[str, int]] = []
        values: list[n.Node] = []
        for keyword in tree.keywords:
            value = self.visit(keyword.value)
            if keyword.arg in ("sender", "receiver"):
                if not isinstance(value.domain, Instances):
                    raise self.fail("M404", keyword.value, f"{keyword.arg} is an instance, not {value.domain}")
                filters.append((keyword.arg, 0))
            else:
                position = form.position(str(keyword.arg))
                if position is None:
                    elements = [element for element, _, _ in form.elements]
                    hint = closest(str(keyword.arg), [*elements, "sender", "receiver"])
                    raise self.fail("M303", keyword.value, f"message {name} has no element {keyword.arg}", hint)
                value = narrow(value, form.elements[position][1], f"element {keyword.arg}", self.span(keyword.value))
                filters.append(("element", position))
            values.append(value)
        return n.InFlight(BOOLEAN, name, tuple(filters), tuple(values))

    def one_name(self, tree: ast.Call, arguments: list[ast.expr]) -> tuple[str, Meaning | None]:
        if len(arguments) != 1 or not isinstance(arguments[0], ast.Name):
            raise self.fail("M405", tree, f"'{self.source(tree)}' wants one name")
        return arguments[0].id, self.scope.names.get(arguments[0].id)

    def all_of(self, tree: ast.Call, arguments: list[ast.expr]) -> n.Node:
        name, meaning = self.one_name(tree, arguments)
        match meaning:
            case Names(domain=domain):
                return self.all_values(tree, domain)
            case Group():
                return self.all_values(tree, meaning.instances)
            case None:
                raise self.unknown(arguments[0], name)
        raise self.fail("M404", tree, f"{name} is neither a domain nor a role nor a group of instances")

    def keys(self, tree: ast.Call, arguments: list[ast.expr]) -> n.Node:
        name, meaning = self.one_name(tree, arguments)
        if not isinstance(meaning, Group):
            raise self.fail("M404", tree, f"{name} is no group of instances named by a value")
        present = frozenset(key for key, _ in meaning.members)
        return n.Constant(SetOf(meaning.key), present)

    def present_call(self, tree: ast.Call, arguments: list[ast.expr]) -> n.Node:
        target = arguments[0] if len(arguments) == 1 else None
        if not (isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name) and target.value.id == "msg"):
            raise self.fail("M405", tree, "present wants an element of the message", "present(msg.element)")
        form, position = self.element(target)
        if not form.elements[position][2]:
            raise self.fail("M408", tree, f"element {target.attr} of {form.name} is mandatory: it is always present")
        return n.Present(BOOLEAN, target.attr, position)

    def at(self, tree: ast.Call, arguments: list[ast.expr]) -> n.Node:
        if len(arguments) != 2 or not isinstance(arguments[1], ast.Name):
            raise self.fail("M405", tree, "at wants an instance and a state", "at(instance, state)")
        instance, state = self.visit(arguments[0]), arguments[1].id
        if not isinstance(instance.domain, Instances):
            raise self.fail("M404", arguments[0], f"'{self.source(arguments[0])}' is no instance")
        if not self.scope.joint or self.scope.attributes is None:
            raise self.fail("M407", tree, "at asks another instance, which only a property or a definition can do")
        regions = self.scope.attributes(instance.domain.names, f"@{state}")
        if isinstance(regions, list):
            raise self.fail("M301", arguments[1], f"{instance.domain} has no state {state}", closest(state, regions))
        domain, slots = regions
        region = n.Attribute(domain, instance, f"@{state}", slots)
        return n.Apply(BOOLEAN, "==", (region, n.Constant(Enumeration((state,)), state)))

    def length(self, tree: ast.Call, arguments: list[ast.expr]) -> n.Node:
        node = self.visit(arguments[0]) if len(arguments) == 1 else None
        if node is None or not isinstance(node.domain, SetOf):
            raise self.fail("M404", tree, "len wants one set")
        return n.Apply(Integer(0, min(node.domain.element.size(), ANY_INTEGER.high)), "len", (node,))

    def extreme(self, tree: ast.Call, arguments: list[ast.expr]) -> n.Node:
        nodes = tuple(self.integer(argument) for argument in arguments)
        if len(nodes) < 2:
            raise self.fail("M404", tree, f"{self.source(tree.func)} wants two or more numbers")
        domains = [node.domain for node in nodes if isinstance(node.domain, Integer)]
        pick = min if self.source(tree.func) == "min" else max
        domain = Integer(pick(d.low for d in domains), pick(d.high for d in domains))
        return n.Apply(domain, self.source(tree.func), nodes)


_FUNCTIONS = "functions: any, all, count, sum, len, min, max, all_of, keys, present, at, in_flight"


def _never_equal(left: Domain, right: Domain) -> str | None:
    for literal, other in ((left, right), (right, left)):
        if isinstance(literal, Enumeration) and isinstance(other, Enumeration) and len(literal.names) == 1:
            return closest(literal.names[0], other.names)
    return None
