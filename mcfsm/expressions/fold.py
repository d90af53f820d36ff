"""A checked expression with what is constant in it worked out, as a reader of one scenario wants to see it.

Readings, options and parameters stand in a resolved model as constants: `notify == after or x` is `x` or true there.
What cannot be worked out stays. Never a value is changed that evaluation would give; an error that evaluation might
raise in a part that decides nothing may be gone, so this is for showing and for what certainly is false, not for runs.
"""

from __future__ import annotations

from dataclasses import replace

from mcfsm.expressions import nodes as n
from mcfsm.expressions.evaluate import EvaluationError, evaluate
from mcfsm.expressions.rewrite import rebuilt


def fold(node: n.Node) -> n.Node:
    """The expression with its constant parts worked out; the same object where there are none."""
    return _decided(rebuilt(node, fold))


def certain(node: n.Node) -> bool | None:
    """The truth of a condition that is the same in every state; None of any other."""
    folded = fold(node)
    return bool(folded.value) if isinstance(folded, n.Constant) else None


def _decided(node: n.Node) -> n.Node:
    """A node whose parts are folded, by what they are."""
    match node:
        case n.And(operands=operands) | n.Or(operands=operands):
            return _joined(node, operands, isinstance(node, n.And))
        case n.IfElse(condition=n.Constant(value=value), then=then, otherwise=otherwise):
            return then if value else otherwise
        case n.Not(operand=n.Constant(value=value)):
            return n.Constant(node.domain, not value)
        case n.Extreme(arguments=(n.Constant(value=value),)) if not value:
            return node
        case n.Apply() | n.Field() | n.Lookup() | n.Build() | n.BuildSet() | n.BuildMap() | n.Narrow():
            if all(isinstance(part, n.Constant) for part in node.children()):
                try:
                    return n.Constant(node.domain, evaluate(node, {}))
                except EvaluationError:
                    return node
    return node


def _joined(node: n.And | n.Or, operands: tuple[n.Node, ...], neutral: bool) -> n.Node:
    """A conjunction or disjunction less what never matters in it."""
    left: list[n.Node] = []
    for operand in operands:
        if isinstance(operand, n.Constant):
            if bool(operand.value) is not neutral:
                return n.Constant(node.domain, not neutral)
            continue
        left.append(operand)
    if not left:
        return n.Constant(node.domain, neutral)
    if len(left) == 1:
        return left[0]
    return node if len(left) == len(operands) else replace(node, operands=tuple(left))
