"""Which variables and elements of messages decide anything: a condition, a choice, a receiver, or a promise.

Live variables, over roles and messages alike (Kennedy, A Survey of Data Flow Analysis Techniques, 1981): what is only
written, or passed on to what is only written, decides nothing. It is a static answer: what is live here may still be
read where no run comes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal, NamedTuple

from mcfsm.expressions import nodes as n
from mcfsm.model.machines import ObserverTransition, Role, Transition, nodes_of
from mcfsm.model.records import Model


class Datum(NamedTuple):
    """A variable of a role, or an element of a message."""

    kind: Literal["variable", "element"]
    owner: str
    name: str


def live(model: Model) -> frozenset[Datum]:
    """The data that a guard, a choice, a sender or receiver, an observer or a property reads, sooner or later."""
    found = {
        *_of_properties(model),
        *(datum for o in model.observers for t in o.transitions for datum in _seen(model, t)),
    }
    flows: dict[Datum, set[Datum]] = {}  # what a datum goes into, as it is or as a part of an expression
    for role in model.roles:
        for line in role.transitions:
            found.update(_deciding(line))
            for into, node in _written(model, role, line):
                for datum in _read(line, node):
                    flows.setdefault(datum, set()).add(into)
    more = True
    while more:
        fresh = {datum for datum, into in flows.items() if datum not in found and not into.isdisjoint(found)}
        found |= fresh
        more = bool(fresh)
    return frozenset(found)


def _deciding(line: Transition) -> Iterator[Datum]:
    """What decides whether a line is taken, how, and who is sent to."""
    roots = [*(guard.node for guard in line.guards), *(choice.source for choice in line.choices)]
    roots += [] if line.senders is None else [line.senders]
    roots += [*(sending.to for sending in line.sends), *(a.key for a in line.assignments if a.key is not None)]
    for root in roots:
        yield from _read(line, root)


def _written(model: Model, role: Role, line: Transition) -> Iterator[tuple[Datum, n.Node]]:
    """Each datum that a line writes, with the expression."""
    for assignment in line.assignments:
        yield Datum("variable", role.name, role.variables[assignment.variable].name), assignment.value
    for sending in line.sends:
        for (name, _, _), node in zip(model.form_of[sending.message].elements, sending.elements, strict=True):
            if node is not None:
                yield Datum("element", sending.message, name), node


def _read(line: Transition, root: n.Node) -> Iterator[Datum]:
    for node in root.walk():
        if isinstance(node, n.Read):
            yield Datum("variable", line.role, node.name)
        elif isinstance(node, n.Element | n.Present):
            yield Datum("element", line.trigger, node.name)
        elif isinstance(node, n.InFlight):
            yield from (Datum("element", node.message, name) for name, at in node.filters if at is not None)


def _seen(model: Model, line: ObserverTransition) -> Iterator[Datum]:
    """What an observer reads: of the message of its event, and of instances."""
    nodes = list(nodes_of(line))
    for node in nodes:
        if isinstance(node, n.Element | n.Present):
            yield from (Datum("element", message, node.name) for message in line.names)
    yield from _asked(model, nodes)


def _of_properties(model: Model) -> Iterator[Datum]:
    roots = [root for p in model.state_properties for root in (p.condition, p.premise) if root is not None]
    roots += [root for p in model.liveness_properties for root in (*p.causes, p.goal)]
    roots += [*model.begin, *([] if model.boundary is None else [model.boundary.condition])]
    return _asked(model, (node for root in roots for node in root.walk()))


def _asked(model: Model, nodes: Iterable[n.Node]) -> Iterator[Datum]:
    """What expressions over joint states read: attributes of instances, and elements of messages in flight."""
    for node in nodes:
        if isinstance(node, n.Attribute):
            owners = {model.role_of[slot.owner].name for slot in node.slots if slot.owner in model.role_of}
            yield from (Datum("variable", owner, node.name) for owner in sorted(owners))
        elif isinstance(node, n.InFlight):
            yield from (Datum("element", node.message, name) for name, at in node.filters if at is not None)
