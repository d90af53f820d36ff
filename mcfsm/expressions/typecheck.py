"""Gives every name of an expression its meaning and every operator its types, before anything runs.

A `Scope` says what the names mean where the expression stands. Each method of `Checker` handles one kind of syntax and
raises ExpressionError at the innermost place that is wrong. Operators are in `operators`, functions and
quantifiers in `functions`.
"""

from __future__ import annotations

import ast

from mcfsm.expressions import functions, maps, operators
from mcfsm.expressions import nodes as n
from mcfsm.expressions.domains import (
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
    join,
    within,
)
from mcfsm.expressions.may_fail import facts
from mcfsm.expressions.narrow import narrow, with_keys_of
from mcfsm.expressions.parse import ExpressionError, SourceText, is_name, parse_expression
from mcfsm.expressions.scope import Broken, Group, Meaning, MessageForm, Names, Scope
from mcfsm.problems import Problem, Span, closest, shorten

__all__ = ["Broken", "Group", "Meaning", "MessageForm", "Names", "Scope", "check", "narrow"]

MOST_DEPTH = 100  # of an expression with the definitions it reads written out
MOST_WORK = 5_000_000  # parts visited by one evaluation, quantifiers multiplied
BOOLEAN = Boolean()
NONE = Maybe(Nothing())
_NO_PLACE: dict[type[ast.expr], tuple[str, str]] = {
    ast.Lambda: ("a lambda", "name an expression under define"),
    ast.NamedExpr: (":=", "an expression changes nothing; equality is written =="),
    ast.JoinedStr: ("a string", "values are bare names"),
    ast.Starred: ("*", "list the values"),
    ast.List: ("a list", "write a set: {a, b}"),
    ast.Tuple: ("a comma", "and joins conditions; a set is written {a, b}"),
    ast.ListComp: ("a list", "write a set: {value for x in set}"),
    ast.GeneratorExp: ("a generator", "it stands inside any, all, count or sum, or in braces"),
    ast.Slice: ("a slice", "map[key] reads one entry"),
}


def check(text: SourceText, scope: Scope, expected: Domain | None = None, what: str = "the value") -> n.Node:
    """The checked tree of an expression, narrowed to `expected` where one is given. Raises ExpressionError.

    `what` names the place in messages: "the value of hops", "a condition".
    """
    tree = parse_expression(text)
    node = Checker(text, scope, expected).visit(tree)
    if node.size.depth > MOST_DEPTH:
        message = f"an expression nested deeper than {MOST_DEPTH} levels with its definitions written out"
        raise ExpressionError(Problem("M402", text.span, message, "make the definitions simpler"))
    if node.size.work > MOST_WORK:
        message = f"evaluating this may take more than {MOST_WORK:,} steps: quantifiers and definitions multiply"
        raise ExpressionError(Problem("M406", text.span, message, "walk smaller sets, and read definitions less often"))
    return node if expected is None else narrow(node, expected, what, text.span)


class Checker:
    """Checks one text in one scope."""

    def __init__(self, text: SourceText, scope: Scope, expected: Domain | None = None) -> None:
        self.text = text
        self.scope = scope
        self.expected = expected  # of the whole text, where its place says so

    def within(self, more: dict[str, Meaning]) -> Checker:
        """This checker where more names have a meaning."""
        return Checker(self.text, self.scope.plus(more))

    def knowing(self, test: n.Node, value: bool) -> Checker:
        """This checker where a test has a value."""
        return Checker(self.text, self.scope.knowing(facts(test, value)))

    def span(self, tree: ast.expr | ast.keyword) -> Span:
        """The place of a part of the text."""
        return self.text.place(tree.col_offset, (tree.end_col_offset or 0) - tree.col_offset)

    def source(self, tree: ast.expr) -> str:
        """A part of the text as written."""
        return shorten(str(self.text)[tree.col_offset : tree.end_col_offset])

    def fail(self, code: str, tree: ast.expr | ast.keyword, message: str, hint: str | None = None) -> ExpressionError:
        """The error to raise about a part of the text."""
        return ExpressionError(Problem(code, self.span(tree), message, hint))

    def visit(self, tree: ast.expr) -> n.Node:
        """The checked tree of any part of an expression."""
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
                return self.joined(isinstance(op, ast.And), values)
            case ast.UnaryOp():
                return operators.unary(self, tree)
            case ast.BinOp():
                return operators.binary(self, tree)
            case ast.Compare():
                return operators.compare(self, tree)
            case ast.IfExp():
                return self.if_else(tree)
            case ast.Call():
                return functions.call(self, tree)
            case ast.Set(elts=elements):
                return self.build_set(tree, [self.visit(element) for element in elements])
            case ast.Dict(keys=[]):
                return n.Constant(SetOf(Nothing()), frozenset())
            case ast.Dict():
                return maps.literal(self, tree)
            case ast.DictComp(key=key, value=value, generators=generators):
                return maps.comprehension(self, tree, functions.quantify(self, "set", (key, value), generators, tree))
            case ast.SetComp(elt=body, generators=generators):
                return functions.quantify(self, "set", body, generators, tree)
        what, hint = _NO_PLACE.get(type(tree), (f"'{self.source(tree)}'", None))
        raise self.fail("M405", tree, f"{what} has no place in an expression", hint)

    def joined(self, every: bool, values: list[ast.expr]) -> n.Node:
        """Conditions joined by `and` (every) or `or`: each is asked where all before it are true, or all are false."""
        checker, operands = self, list[n.Node]()
        for value in values:
            operands.append(checker.boolean(value))
            checker = checker.knowing(operands[-1], every)
        return n.And(BOOLEAN, tuple(operands)) if every else n.Or(BOOLEAN, tuple(operands))

    def settled(self, tree: ast.expr, node: n.Node | None = None) -> n.Node:
        """A part, less the none of its domain where a test that stands before it found it not to be none."""
        node = self.visit(tree) if node is None else node
        return self.present(tree, node) if isinstance(node.domain, Maybe) and node in self.scope.known else node

    def untested(self, tree: ast.expr, node: n.Node, use: str = "...") -> str | None:
        """The hint for a part that may be none where that is all that is wrong with it."""
        if not isinstance(node.domain, Maybe) or isinstance(node.domain.inner, Nothing):
            return None
        source = self.source(tree)
        return f"{source} may be none: test it first, as in {source} != none and {use}"

    def boolean(self, tree: ast.expr) -> n.Node:
        """A part that has to be a condition."""
        node = self.settled(tree)
        if not isinstance(node.domain, Boolean):
            message = f"'{self.source(tree)}' is of {node.domain}, but a condition (bool) is expected"
            inside = isinstance(node.domain, Maybe) and isinstance(node.domain.inner, Boolean)
            raise self.fail("M404", tree, message, self.untested(tree, node, self.source(tree)) if inside else None)
        return node

    def integer(self, tree: ast.expr, node: n.Node | None = None) -> n.Node:
        """A part that has to be a number; `node` where it was visited before: each part is visited once."""
        node = self.visit(tree) if node is None else node
        if isinstance(node.domain, Maybe) and isinstance(node.domain.inner, Integer):
            node = self.present(tree, node)
        if not isinstance(node.domain, Integer):
            raise self.fail("M404", tree, f"'{self.source(tree)}' is of {node.domain}, but a number is expected")
        return node

    def constant(self, tree: ast.Constant) -> n.Node:
        value = tree.value
        if isinstance(value, bool) or value is None:
            raise self.fail("M405", tree, f"{value} has no place in an expression", f"write {str(value).lower()}")
        if isinstance(value, int):
            if not within(Integer(value, value), ANY_INTEGER):
                message = f"the number {shorten(self.source(tree), 24)} is too large"
                raise self.fail("M404", tree, message, f"at most {ANY_INTEGER.high:,}")
            return n.Constant(Integer(value, value), value)
        hint = "numbers are whole" if isinstance(value, float | complex) else None
        if isinstance(value, str):
            hint = f"write {value} without quotes" if is_name(value) else "values are bare names"
        raise self.fail("M405", tree, f"{self.source(tree)} has no place in an expression", hint)

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
            case Broken():
                raise ExpressionError()
        if name == "msg":
            raise self.fail("M403", tree, "msg itself is no value", "read one of its elements: msg.name")
        if name == "frozen":
            raise self.fail("M403", tree, "frozen has a meaning in properties and definitions only")
        if name in functions.FUNCTIONS:
            raise self.fail("M405", tree, f"{name} is a function", f"call it: {name}(...)")
        raise self.unknown(tree, name)

    def unknown(self, tree: ast.expr, name: str) -> ExpressionError:
        """The error about a name without a meaning."""
        better = self.scope.unknown(name)
        if better:
            return self.fail("M403", tree, better)
        carried = self.scope.msg is not None and any(name == element for element, _, _ in self.scope.msg.elements)
        hint = f"write msg.{name}: it is an element of the message" if carried else closest(name, self.scope.names)
        wanted = self.expected.inner if isinstance(self.expected, Maybe) else self.expected
        if hint is None and isinstance(wanted, Enumeration) and self.text == name:
            hint = closest(name, map(wanted.show, wanted.values))
        return self.fail("M403", tree, f"unknown name {name}", hint)

    def all_values(self, tree: ast.expr, domain: Domain) -> n.Node:
        """The set of all values of a domain."""
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
            return self.instance_attribute(tree, actor, base.id)
        target = self.visit(base)
        domain = target.domain.inner if isinstance(target.domain, Maybe) else target.domain
        if isinstance(domain, Record):
            place = domain.position(name)
            if place is None:
                fields = [title for title, _ in domain.fields]
                raise self.fail("M403", tree, f"{domain} has no field {name}", closest(name, fields))
            return n.Field(domain.fields[place][1], self.present(base, target), name, place)
        if isinstance(domain, Instances):
            return self.instance_attribute(tree, self.present(base, target), "now")
        several = isinstance(domain, SetOf) and isinstance(domain.element, Instances)
        hint = f"of each instance: any(x.{name} ... for x in {self.source(base)})" if several else None
        message = f"'{self.source(base)}' is of {target.domain}, which has nothing named {name}"
        raise self.fail("M404", tree, message, hint)

    def present(self, tree: ast.expr, node: n.Node) -> n.Node:
        """The node less the none of its domain; found out when evaluated."""
        domain = node.domain
        if isinstance(domain, Maybe):
            return n.Narrow(domain.inner, node, f"'{self.source(tree)}'", self.span(tree))
        return node

    def element(self, tree: ast.Attribute) -> tuple[MessageForm, int]:
        """The message at hand, and the position in it of `msg.name`."""
        form = self.scope.msg
        if form is None:
            raise self.fail("M403", tree, self.scope.no_msg)
        position = form.position(tree.attr)
        if position is None:
            elements = [element for element, _, _ in form.elements]
            message = f"message {form.name} has no element {tree.attr}"
            raise self.fail("M303", tree, message, closest(tree.attr, elements) or f"{form.name} has no elements")
        return form, position

    def instance_attribute(self, tree: ast.Attribute, target: n.Node, moment: str) -> n.Node:
        """A region or variable of an instance: `instance.name`."""
        name = tree.attr
        if moment == "now" and not self.scope.joint:
            message = f"'{self.source(tree)}' reads another instance, which a role cannot do"
            raise self.fail("M407", tree, message, "let a message carry the value, or state it in a property")
        assert isinstance(target.domain, Instances)
        assert self.scope.attributes is not None
        if not target.domain.names:
            message = f"{self.scope.scenario} has no instance of {target.domain}, whose {name} this reads"
            raise self.fail("M602", tree, message, "list the properties that the scenario can check under properties")
        found = self.scope.attributes(target.domain.names, name)
        if isinstance(found, list):
            given = self.scope.attributes.parameter(target.domain.names, name)
            if given is not None:
                domain, values = given
                by_instance = n.Constant(Map(Instances(target.domain.names), domain), values)
                return n.Lookup(domain, by_instance, target)
            message = f"not every instance in {target.domain} has {name}"
            if len(target.domain.names) == 1:
                message = f"{target.domain.names[0]} has no region or variable named {name}"
            raise self.fail("M403", tree, message, closest(name, found))
        domain, slots = found
        return n.Attribute(domain, target, name, slots, moment)

    def subscript(self, tree: ast.Subscript) -> n.Node:
        target = self.settled(tree.value)
        if not isinstance(target.domain, Map):
            message, hint = f"'{self.source(tree.value)}' is of {target.domain}, which is no map", None
            if isinstance(target.domain, Maybe) and isinstance(target.domain.inner, Map):
                hint = self.untested(tree.value, target, f"{self.source(tree)} ...")
            raise self.fail("M404", tree, message, hint)
        key = narrow(self.visit(tree.slice), target.domain.key, "the key", self.span(tree.slice))
        return n.Lookup(target.domain.value, target, key)

    def if_else(self, tree: ast.IfExp) -> n.Node:
        condition = self.boolean(tree.test)
        then = self.knowing(condition, True).settled(tree.body)
        otherwise = self.knowing(condition, False).settled(tree.orelse)
        then = with_keys_of(then, otherwise.domain, self.span(tree.body))
        otherwise = with_keys_of(otherwise, then.domain, self.span(tree.orelse))
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
        if all(isinstance(element, n.Constant) for element in elements):
            values = frozenset(element.value for element in elements if isinstance(element, n.Constant))
            return n.Constant(SetOf(domain), values)
        return n.BuildSet(SetOf(domain), tuple(elements))
