"""Checked expressions written in another way that means the same.

What may live here: what keeps every value and every error. What may not: evaluation.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any

from mcfsm.expressions import nodes as n
from mcfsm.expressions.domains import Value


def rebuilt(node: n.Node, of: Callable[[n.Node], n.Node]) -> n.Node:
    """The node with something in the place of each of its direct parts; the same object where all stay as they are."""
    changes: dict[str, Any] = {}
    for item in fields(node):
        value = getattr(node, item.name)
        if isinstance(value, n.Node):
            changed: Any = of(value)
            same = changed is value
        elif isinstance(value, tuple) and value and isinstance(value[0], n.Node):
            changed = tuple(map(of, value))
            same = all(new is old for new, old in zip(changed, value, strict=True))
        else:
            continue
        if not same:
            changes[item.name] = changed
    return replace(node, **changes) if changes else node


def bind(node: n.Node, bound: dict[str, Value]) -> n.Node:
    """The node with variables replaced by their values."""
    if not bound:
        return node
    if isinstance(node, n.Read):
        return n.Constant(node.domain, bound[node.name]) if node.name in bound else node
    if isinstance(node, n.Quantify) and node.variable in bound:  # of a definition, which has names of its own
        inner = {name: value for name, value in bound.items() if name != node.variable}
        condition = None if node.condition is None else bind(node.condition, inner)
        return replace(node, source=bind(node.source, bound), condition=condition, body=bind(node.body, inner))
    return rebuilt(node, lambda part: bind(part, bound))


def factor(node: n.Quantify) -> n.Node | None:
    """`any(a and b(x) for x in s)` as `a and any(b(x) for x in s)`, the like for all and or; None where it is not so.

    Only over a constant set that is not empty, and only what stands first, so that nothing is evaluated that was not.
    """
    joint: type[n.And | n.Or] = n.And if node.operator == "any" else n.Or
    if not (isinstance(node.source, n.Constant) and node.source.value and node.condition is None):
        return None
    if not isinstance(node.body, joint):
        return None
    parts = list(node.body.operands)
    fixed = []
    while len(parts) > 1 and not any(isinstance(p, n.Read) and p.name == node.variable for p in parts[0].walk()):
        fixed.append(parts.pop(0))
    if not fixed:
        return None
    rest = parts[0] if len(parts) == 1 else joint(node.domain, tuple(parts))
    return joint(node.domain, (*fixed, replace(node, body=rest)))
