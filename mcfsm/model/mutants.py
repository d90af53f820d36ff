"""Single mutations of a resolved model: what one line of it does otherwise, everything else as it is.

One small change at a time, as a mistake makes it (DeMillo, Lipton and Sayward, Hints on Test Data Selection, IEEE
Computer 11(4), 1978); the changes are those of Fabbri et al. (Mutation Analysis Testing for Finite State Machines,
ISSRE 1994) and of Black, Okun and Yesha (Mutation Operators for Specifications, ASE 2000), as far as a role has them.
A property that some mutant violates covers the line that was changed (Chockler, Kupferman and Vardi, Coverage Metrics
for Temporal Logic Model Checking, TACAS 2001). Observers are part of what is promised, and are not changed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeVar

from mcfsm.expressions import nodes as n
from mcfsm.expressions.domains import Domain, within
from mcfsm.model.machines import DOWN, Assignment, Role, Sending, Transition
from mcfsm.model.records import Model

_T = TypeVar("_T")
MOST_LISTED = 1024  # values of a type, to look for another one
Operator = Literal["guard", "assignment", "destination", "send", "element"]
OPERATORS: dict[Operator, str] = {
    "guard": "one condition is not asked",
    "assignment": "one variable or timer is not set",
    "destination": "another state of the role is entered",
    "send": "one message is not sent",
    "element": "an element of a message has another value of its type in scope, or is left out where it is optional",
}


@dataclass(frozen=True)
class Mutation:
    """One change of one transition: what of it is changed (`part`), and what stands there `instead`, if anything does.

    `part` is a condition as written, a variable, "start T" or "stop T" of a timer, the state led to (None: the
    transition stays where it is), a message, or an element of a message. In two scenarios it is the same mutation where
    all this is the same.
    """

    operator: Operator
    role: str
    transition: str
    part: str | None
    instead: str | None = None
    message: str | None = None  # of an element
    nth: int = 0  # where a transition has the same part several times: which, from 0


@dataclass(frozen=True)
class Mutant:
    """A model with one mutation, and the transition as it was."""

    mutation: Mutation
    transition: Transition
    model: Model


def mutants(model: Model) -> Iterator[Mutant]:
    """Every mutant of a model, by role, transition and operator as they are declared."""
    for at, role in enumerate(model.roles):
        for place, transition in enumerate(role.transitions):
            counted: dict[Mutation, int] = {}
            for mutation, line in _changed(model, role, transition):
                nth = counted[mutation] = counted.get(mutation, -1) + 1
                lines = (*role.transitions[:place], line, *role.transitions[place + 1 :])
                roles = (*model.roles[:at], replace(role, transitions=lines), *model.roles[at + 1 :])
                yield Mutant(replace(mutation, nth=nth), transition, replace(model, roles=roles))


def _changed(model: Model, role: Role, line: Transition) -> Iterator[tuple[Mutation, Transition]]:
    def mutation(
        operator: Operator, part: str | None, instead: str | None = None, message: str | None = None
    ) -> Mutation:
        return Mutation(operator, role.name, line.id, part, instead, message)

    expiry = 1 if line.kind == "timer" else 0  # that the timer runs is no condition that anybody wrote
    for i, guard in enumerate(line.guards[expiry:], expiry):
        yield mutation("guard", guard.text), replace(line, guards=_without(line.guards, i))
    for i, assignment in enumerate(line.assignments):
        name = role.variables[assignment.variable].name
        if name == line.trigger and line.kind == "timer":
            continue  # an expired timer stands still by itself
        part = f"{'start' if _runs(assignment) else 'stop'} {name}" if name in role.timers else name
        yield mutation("assignment", part), replace(line, assignments=_without(line.assignments, i))
    for region, state in _destinations(role, line):
        for other in role.regions[region].states:
            if other not in (state, DOWN):
                dests = tuple(sorted({**dict(line.dests), region: other}.items()))
                yield mutation("destination", state, other), replace(line, dests=dests)
    for i, sending in enumerate(line.sends):
        yield mutation("send", sending.message), replace(line, sends=_without(line.sends, i))
    for i, sending in enumerate(line.sends):
        for element, instead, other_sending in _swapped(model, role, line, sending):
            sends = (*line.sends[:i], other_sending, *line.sends[i + 1 :])
            yield mutation("element", element, instead, sending.message), replace(line, sends=sends)


def _runs(assignment: Assignment) -> bool:
    """Whether a timer runs when it has been set."""
    return isinstance(assignment.value, n.Constant) and bool(assignment.value.value)


def _without(parts: tuple[_T, ...], i: int) -> tuple[_T, ...]:
    return parts[:i] + parts[i + 1 :]


def _destinations(role: Role, line: Transition) -> Iterator[tuple[int, str | None]]:
    """The regions in which a line leads somewhere, and where; else the one it speaks of, in which it stays."""
    if line.dests:
        yield from line.dests
    elif line.sources or len(role.regions) == 1:
        region, states = line.sources[0] if line.sources else (0, frozenset(role.regions[0].states))
        yield region, next(iter(states)) if len(states) == 1 else None


def _swapped(model: Model, role: Role, line: Transition, sending: Sending) -> Iterator[tuple[str, str | None, Sending]]:
    """Each element of a message that is sent, with a name of another value that it may have; None: it is left out."""
    for at, (name, domain, optional) in enumerate(model.form_of[sending.message].elements):
        node = sending.elements[at]
        if node is None:
            continue
        others = [
            (said, other) for said, other in _in_scope(model, role, line, domain, optional) if other != _inner(node)
        ]
        others = others or [(domain.show(v), n.Constant(domain, v)) for v in _constants(domain, _inner(node))]
        for said, other in others:
            yield name, said, replace(sending, elements=_at(sending.elements, at, other))
        if optional:
            maybe = _at(sending.maybe, at, False)
            yield name, None, replace(sending, elements=_at(sending.elements, at, None), maybe=maybe)


def _at(parts: tuple[_T, ...], at: int, other: _T) -> tuple[_T, ...]:
    return (*parts[:at], other, *parts[at + 1 :])


def _inner(node: n.Node) -> n.Node:
    return _inner(node.inner) if isinstance(node, n.Narrow) else node


def _in_scope(
    model: Model, role: Role, line: Transition, domain: Domain, optional: bool
) -> Iterator[tuple[str, n.Node]]:
    """What a line can name of a type: variables, what it chooses, the elements of the message that it receives."""
    named = {v.name: v.domain for v in role.variables if v.name not in role.timers}
    named |= {choice.name: choice.domain for choice in line.choices}
    for name, own in named.items():
        if within(own, domain):
            yield name, n.Read(own, name)
    elements = model.form_of[line.trigger].elements if line.kind == "reception" else ()
    for position, (name, own, lacking) in enumerate(elements):
        if within(own, domain) and (optional or not lacking):
            yield f"msg.{name}", n.Element(own, name, position, lacking, None)


def _constants(domain: Domain, node: n.Node) -> list[Any]:
    """The first and the last value of a type, where a message has neither; no list where there are too many."""
    if domain.size() > MOST_LISTED:
        return []
    now = node.value if isinstance(node, n.Constant) else None
    return [value for value in dict.fromkeys((domain.values[0], domain.values[-1])) if value != now]
