"""What a line of a role or observer reads: the nodes of its expressions, and the elements of the message it takes."""

from __future__ import annotations

from collections.abc import Iterator

from mcfsm.expressions import nodes as n
from mcfsm.model import ObserverTransition, Transition


def nodes_of(line: Transition | ObserverTransition) -> Iterator[n.Node]:
    """Every node of every expression of a line."""
    roots = [guard.node for guard in line.guards]
    roots += [part for a in line.assignments for part in (a.key, a.value) if part is not None]
    if isinstance(line, Transition):
        roots += [choice.source for choice in line.choices]
        roots += [] if line.senders is None else [line.senders]
        for sending in line.sends:
            roots += [sending.to, *(node for node in sending.elements if node is not None)]
    for root in roots:
        yield from root.walk()


def elements_read(line: Transition | ObserverTransition) -> Iterator[str]:
    """The elements of its message that a line reads or asks for, by name; one as often as it stands there."""
    return (node.name for node in nodes_of(line) if isinstance(node, n.Element | n.Present))
