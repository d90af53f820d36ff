"""Whether evaluating an expression may fail, as far as the tests that stand before a part can tell."""

from __future__ import annotations

from mcfsm.expressions import nodes as n
from mcfsm.expressions.domains import Maybe, SetOf, Value, within

Known = frozenset[n.Node]  # what is not none, what is present, and what is no empty set


def may_fail(node: n.Node, known: Known = frozenset()) -> bool:
    """Whether a value of a part may leave its domain, an absent element be read, or an instance not be there.

    `known` are the parts that were found not to be none, and the `present` that were true. False is certain.
    """
    match node:
        case n.Narrow(inner=inner, domain=domain):
            source = inner.domain
            sure = isinstance(source, Maybe) and inner in known and within(source.inner, domain)
            return not sure or may_fail(inner, known)
        case n.Extreme(arguments=(argument,)):
            return not (argument in known or _has_elements(argument)) or may_fail(argument, known)
        case n.Element(optional=True):
            return not any(isinstance(part, n.Present) and part.position == node.position for part in known)
        case n.Member(key=key, members=members):
            named = {value for value, _ in members}
            some = key.domain.size() > len(named) or not named.issuperset(key.domain.values)
            return some or may_fail(key, known)
        case n.And(operands=operands) | n.Or(operands=operands):
            for operand in operands:
                if may_fail(operand, known):
                    return True
                known |= facts(operand, isinstance(node, n.And))
            return False
        case n.IfElse(condition=condition, then=then, otherwise=otherwise):
            return (
                may_fail(condition, known)
                or may_fail(then, known | facts(condition, True))
                or may_fail(otherwise, known | facts(condition, False))
            )
        case n.Quantify(source=source, condition=condition, body=body):
            if may_fail(source, known) or (condition is not None and may_fail(condition, known)):
                return True
            return may_fail(body, known if condition is None else known | facts(condition, True))
    return any(may_fail(child, known) for child in node.children())


def _is_less(value: Value, node: n.Node) -> bool:
    """Whether to be other than a value is to be more than none, or, of a set, to have an element."""
    return value is None or (value == frozenset() and isinstance(node.domain, SetOf))


def _has_elements(node: n.Node) -> bool:
    """Whether a set certainly has an element."""
    match node:
        case n.Constant(value=value):
            return bool(value)
        case n.BuildSet(elements=elements):
            return bool(elements)
        case n.Apply(operator="|", arguments=arguments):
            return any(map(_has_elements, arguments))
        case n.Quantify(operator="set", condition=None, source=source):
            return _has_elements(source)
    return False


def facts(condition: n.Node, value: bool) -> Known:
    """What is known where a condition has a value; of a part that stands in it several times it is asked once."""
    found: set[n.Node] = set()
    waiting, seen = [(condition, value)], set()
    while waiting:
        node, value = waiting.pop()
        if (id(node), value) in seen:
            continue
        seen.add((id(node), value))
        match node:
            case n.Not(operand=operand):
                waiting.append((operand, not value))
            case n.And(operands=operands) if value:
                waiting += [(operand, True) for operand in operands]
            case n.Or(operands=operands) if not value:
                waiting += [(operand, False) for operand in operands]
            case n.Present() if value:
                found.add(node)
            case n.Apply(operator="!=" | "==" as operator, arguments=(left, right)) if value is (operator == "!="):
                pairs = ((left, right), (right, left))
                found.update(
                    one for one, other in pairs if isinstance(other, n.Constant) and _is_less(other.value, one)
                )
    return frozenset(found)
