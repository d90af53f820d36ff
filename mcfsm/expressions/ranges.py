"""The range of a number that an operator makes of others: interval arithmetic (Moore 1966), cut off at that of all."""

from __future__ import annotations

from mcfsm.expressions import nodes as n
from mcfsm.expressions.domains import ANY_INTEGER, Integer
from mcfsm.expressions.fold import fold


def range_of(symbol: str, first: n.Node, second: n.Node) -> Integer | None:
    """The range of `first symbol second`, whose operands are numbers; None where a divisor may be zero or less."""
    left, right = first.domain, second.domain
    assert isinstance(left, Integer)
    assert isinstance(right, Integer)
    if symbol in ("//", "%"):
        known = fold(second)
        if isinstance(known, n.Constant):  # made of parameters, whose values are known, whatever their domain
            right = Integer(known.value, known.value)
        if right.low <= 0:
            return None
    match symbol:
        case "%":
            return Integer(0, min(right.high - 1, left.high) if left.low >= 0 else right.high - 1)
        case "//":
            corners = [a // b for a in (left.low, left.high) for b in (right.low, right.high)]
        case "*":
            corners = [a * b for a in (left.low, left.high) for b in (right.low, right.high)]
        case "+":
            corners = [left.low + right.low, left.high + right.high]
        case _:
            corners = [left.low - right.high, left.high - right.low]
    return Integer(max(min(corners), ANY_INTEGER.low), min(max(corners), ANY_INTEGER.high))
