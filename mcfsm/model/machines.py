"""Roles and observers as state machines: what their transitions are made of, and what can be read off one.

Frozen records only, as in `records`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, NamedTuple

from mcfsm.expressions import nodes as n
from mcfsm.expressions.domains import Domain, Value
from mcfsm.expressions.nodes import Node
from mcfsm.problems import Span

TransitionKind = Literal[
    "reception", "protocol", "user", "environment", "timer", "ignore", "begin", "freeze", "fault", "restart"
]


INFORMATIVE = frozenset({"informative", "editors_note", "out_of_scope"})


FREEZABLE = frozenset({"user", "environment"})  # what freeze stops, and what a budget may limit; so do faults


EventKind = Literal["fired", "received", "sent", "fault", "freeze"]


DOWN = "down"  # every region of an instance that crashed is in this state


class Message(NamedTuple):
    """A message in a channel; elements in declared order, ABSENT where an optional one is not there."""

    name: str
    elements: tuple[Value, ...]


class Local(NamedTuple):
    """The local state of an instance: a state for each region, a value for each variable."""

    states: tuple[str, ...]
    values: tuple[Value, ...]


@dataclass(frozen=True)
class Region:
    """One of the orthogonal parts of a role. The only region of a role without regions is called `state`."""

    name: str
    states: tuple[str, ...]
    initial: str
    final: frozenset[str]
    others: tuple[str, ...] = ()  # in which it may begin too

    @property
    def firsts(self) -> tuple[str, ...]:
        """The states in which it may begin."""
        return (self.initial, *self.others)


@dataclass(frozen=True)
class Variable:
    """A typed variable with its initial value, or the set of those that it may have: over the instance's parameters."""

    name: str
    domain: Domain
    initial: Node
    several: bool = False  # whether that is a set, any element of which it begins with


@dataclass(frozen=True)
class Guard:
    """A condition as written, and what it means. `wanted` is False under `unless`."""

    text: str
    node: Node
    wanted: bool


@dataclass(frozen=True)
class Choice:
    """A value left open: any element of the set, in declared order."""

    name: str
    source: Node
    domain: Domain


@dataclass(frozen=True)
class Assignment:
    """A variable, or the entry of a map variable, and its new value."""

    variable: int
    key: Node | None
    value: Node


@dataclass(frozen=True)
class Sending:
    """A message to an instance or to each of a set of them. An element: absent (None), always, or maybe present."""

    message: str
    to: Node
    elements: tuple[Node | None, ...]
    maybe: tuple[bool, ...]

    @cached_property
    def by_receiver(self) -> bool:
        """Whether what it carries depends on who gets it."""
        nodes = (part for node in self.elements if node is not None for part in node.walk())
        return any(isinstance(part, n.Read) and part.name == "receiver" for part in nodes)


@dataclass(frozen=True)
class Transition:
    """What a role may do. `sources` and `dests` are by region; a region not named is any, and stays as it is."""

    id: str
    role: str
    position: int
    trigger: str
    kind: TransitionKind
    sources: tuple[tuple[int, frozenset[str]], ...]
    dests: tuple[tuple[int, str], ...]
    senders: Node | None  # the set of instances that `from` allows
    choices: tuple[Choice, ...]
    guards: tuple[Guard, ...]
    assignments: tuple[Assignment, ...]
    sends: tuple[Sending, ...]
    budget: str | None
    clauses: tuple[str, ...]
    modality: str | None  # the strongest of its clauses
    assumption: str | None
    under: tuple[tuple[str, str], ...]
    basis: tuple[tuple[str, str], ...]  # (reading, clause of the chosen value) for each reading it stands under
    span: Span | None = field(compare=False)

    @property
    def clause(self) -> str | None:
        """Its clause items in one string."""
        return ", ".join(self.clauses) or None

    @cached_property
    def asks(self) -> bool:
        """Whether it asks the channels of its instance."""
        return any(isinstance(node, n.InFlight) for node in nodes_of(self))

    @property
    def informative(self) -> bool:
        """Whether it rests on an assumption or on informative text only."""
        return self.assumption is not None or self.modality in INFORMATIVE


@dataclass(frozen=True)
class Role:
    """A state machine that instances run."""

    name: str
    regions: tuple[Region, ...]
    variables: tuple[Variable, ...]
    transitions: tuple[Transition, ...]
    ignore: tuple[tuple[str, frozenset[str]], ...]
    defer: tuple[tuple[str, frozenset[str]], ...]
    omitted: tuple[str, ...] = ()
    timers: tuple[str, ...] = ()  # each also the last of the variables: true while it runs
    persistent: frozenset[str] = frozenset()  # variables that survive a crash
    persistent_under: tuple[tuple[str, str], ...] = ()  # readings and options that decide which, with their values

    @cached_property
    def ignored(self) -> dict[str, frozenset[str]]:
        """Message to the states that ignore it."""
        return dict(self.ignore)

    @cached_property
    def deferred(self) -> dict[str, frozenset[str]]:
        """Message to the states that defer it."""
        return dict(self.defer)

    def home(self, state: str) -> int:
        """The region a state belongs to."""
        return next(i for i, region in enumerate(self.regions) if state in region.states)


@dataclass(frozen=True)
class ObserverTransition:
    """What an observer does on an event: a transition fired, a message received or sent, a fault, or the freeze."""

    event: EventKind
    names: frozenset[str]  # transition ids, message names, or kinds of faults
    sources: frozenset[str] | None
    guards: tuple[Guard, ...]
    assignments: tuple[Assignment, ...]
    dest: str | None
    span: Span | None = field(compare=False)


@dataclass(frozen=True)
class Observer:
    """A deterministic machine that sees every step and blocks none."""

    name: str
    region: Region
    variables: tuple[Variable, ...]
    transitions: tuple[ObserverTransition, ...]


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


def elements_asked(line: Transition) -> Iterator[tuple[str, str]]:
    """The messages and elements that a line asks the channels for."""
    for node in nodes_of(line):
        if isinstance(node, n.InFlight):
            yield from ((node.message, name) for name, position in node.filters if position is not None)
