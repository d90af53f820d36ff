"""Operators of expressions: each turns its operands into a checked node, or says what it wants."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from mcfsm.expressions import nodes as n
from mcfsm.expressions.domains import Boolean, Integer, Maybe, Nothing, SetOf, join, overlaps
from mcfsm.expressions.hints import names, never_equal
from mcfsm.expressions.narrow import with_keys_of
from mcfsm.expressions.ranges import range_of
from mcfsm.problems import closest

if TYPE_CHECKING:
    from mcfsm.expressions.typecheck import Checker

BOOLEAN = Boolean()
_ARITHMETIC: dict[type[ast.operator], str] = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.FloorDiv: "//", ast.Mod: "%", ast.BitOr: "|", ast.BitAnd: "&",
}  # fmt: skip
_COMPARISON: dict[type[ast.cmpop], str] = {
    ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.In: "in",
    ast.NotIn: "not in",
}  # fmt: skip
_SET_ORDER = {"<=": "subset", "<": "proper subset", ">=": "superset", ">": "proper superset"}


def unary(checker: Checker, tree: ast.UnaryOp) -> n.Node:
    """`not` and the minus of a number."""
    if isinstance(tree.op, ast.Not):
        return n.Not(BOOLEAN, checker.boolean(tree.operand))
    if isinstance(tree.op, ast.USub):
        node = checker.integer(tree.operand)
        if isinstance(node, n.Constant):
            return n.Constant(Integer(-node.value, -node.value), -node.value)
        assert isinstance(node.domain, Integer)
        return n.Apply(Integer(-node.domain.high, -node.domain.low), "negate", (node,))
    hint = None
    if isinstance(tree.op, ast.UAdd):
        number = checker.source(tree.operand)
        hint = f"write {number}; to add it, write what it is added to: NAME + {number}"
    raise checker.fail("M405", tree, f"'{checker.source(tree)}': this operator has no place in an expression", hint)


def binary(checker: Checker, tree: ast.BinOp) -> n.Node:
    """What joins two numbers, or two sets."""
    symbol = _ARITHMETIC.get(type(tree.op))
    if symbol is None:
        hint = "// divides, rounding down" if isinstance(tree.op, ast.Div) else None
        raise checker.fail("M405", tree, f"'{checker.source(tree)}': this operator has no place in an expression", hint)
    left = checker.settled(tree.left)
    if symbol in "|&-" and isinstance(left.domain, SetOf):
        return _set_operation(checker, tree, symbol, left, checker.settled(tree.right))
    if symbol in "|&":
        message = f"{symbol} joins sets, and '{checker.source(tree.left)}' is no set"
        hint = f"conditions are joined with {'or' if symbol == '|' else 'and'}"
        if isinstance(left.domain, Maybe) and isinstance(left.domain.inner, SetOf):
            message = f"{symbol} joins sets, and '{checker.source(tree.left)}' is of {left.domain}"
            hint = checker.untested(tree.left, left, f"{checker.source(tree)} ...") or hint
        raise checker.fail("M404", tree.left, message, hint)
    first, second = checker.integer(tree.left, left), checker.integer(tree.right)
    domain = range_of(symbol, first, second)
    if domain is None:
        message = f"'{checker.source(tree.right)}' may be zero or less; {symbol} wants more"
        raise checker.fail("M404", tree.right, message)
    return n.Apply(domain, symbol, (first, second))


def _set_operation(checker: Checker, tree: ast.BinOp, symbol: str, left: n.Node, right: n.Node) -> n.Node:
    """Union, intersection or difference."""
    domain = join(left.domain, right.domain)
    if not isinstance(domain, SetOf):
        hint = "write a set of one: {value}" if not isinstance(right.domain, SetOf) else None
        if isinstance(right.domain, Maybe) and isinstance(right.domain.inner, SetOf):
            hint = checker.untested(tree.right, right, f"{checker.source(tree)} ...")
        raise checker.fail("M404", tree, f"'{checker.source(tree)}' mixes {left.domain} and {right.domain}", hint)
    return n.Apply(left.domain if symbol == "-" else domain, symbol, (left, right))


def compare(checker: Checker, tree: ast.Compare) -> n.Node:
    """A comparison, or a chain of them."""
    operands = [tree.left, *tree.comparators]
    visited = [checker.visit(operand) for operand in operands]
    parts = tuple(
        _compare_pair(checker, tree, operator, (operands[i], visited[i]), (operands[i + 1], visited[i + 1]))
        for i, operator in enumerate(tree.ops)
    )
    return parts[0] if len(parts) == 1 else n.And(BOOLEAN, parts)


def _compare_pair(
    checker: Checker,
    tree: ast.Compare,
    operator: ast.cmpop,
    one: tuple[ast.expr, n.Node],
    other: tuple[ast.expr, n.Node],
) -> n.Node:
    symbol = _COMPARISON.get(type(operator))
    left, right = one[1], other[1]
    if symbol is None:
        raise checker.fail("M405", tree, "'is' has no place in an expression", "write == or !=")
    if symbol in ("==", "!="):
        left = with_keys_of(left, right.domain, checker.span(one[0]))
        right = with_keys_of(right, left.domain, checker.span(other[0]))
        if not overlaps(left.domain, right.domain):
            message = f"'{checker.source(tree)}' can never be equal: {left.domain} against {right.domain}"
            raise checker.fail("M404", tree, message, never_equal(left, right))
        return n.Apply(BOOLEAN, symbol, (left, right))
    right = checker.settled(*other)
    if symbol in ("in", "not in"):
        if not isinstance(right.domain, SetOf):
            hint = None
            if isinstance(right.domain, Maybe) and isinstance(right.domain.inner, SetOf):
                hint = checker.untested(other[0], right, checker.source(tree))
            raise checker.fail("M404", tree, f"'in' wants a set on its right, not {right.domain}", hint)
        if not isinstance(right.domain.element, Nothing) and not overlaps(left.domain, right.domain.element):
            message = f"'{checker.source(tree)}': {left.domain} is never in {right.domain}"
            hint = closest(left.domain.show(left.value), names(right)) if isinstance(left, n.Constant) else None
            raise checker.fail("M404", tree, message, hint)
        return n.Apply(BOOLEAN, symbol, (left, right))
    left = checker.settled(*one)
    if isinstance(left.domain, SetOf) and isinstance(right.domain, SetOf):
        if not overlaps(left.domain, right.domain):
            raise checker.fail("M404", tree, f"'{checker.source(tree)}' compares {left.domain} with {right.domain}")
        return n.Apply(BOOLEAN, _SET_ORDER[symbol], (left, right))
    if not (isinstance(left.domain, Integer) and isinstance(right.domain, Integer)):
        hint = checker.untested(one[0], left, checker.source(tree)) or checker.untested(
            other[0], right, checker.source(tree)
        )
        raise checker.fail("M404", tree, f"{symbol} orders numbers, not {left.domain} and {right.domain}", hint)
    return n.Apply(BOOLEAN, symbol, (left, right))
