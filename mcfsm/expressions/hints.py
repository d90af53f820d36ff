"""What may have been meant where two parts of an expression can never be the same."""

from __future__ import annotations

from mcfsm.expressions import nodes as n
from mcfsm.expressions.domains import Enumeration, Maybe, SetOf
from mcfsm.problems import closest


def never_equal(left: n.Node, right: n.Node) -> str | None:
    """The value that may have been meant, or what the other side can be."""
    for literal, other in ((left, right), (right, left)):
        if isinstance(literal, n.Constant) and not isinstance(other, n.Constant):
            return closest(literal.domain.show(literal.value), names(other))
    return None


def names(node: n.Node) -> tuple[str, ...]:
    """The names that a part can have as its value, or as an element of it; none where it has no names."""
    domain = node.domain.element if isinstance(node.domain, SetOf) else node.domain
    domain = domain.inner if isinstance(domain, Maybe) else domain
    return domain.names if isinstance(domain, Enumeration) else ()
