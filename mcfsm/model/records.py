"""A resolved model: one scenario with its constants fixed, every name given its meaning, ready to run.

Frozen records only. `language.resolve` builds them, everything after it reads them. Indices count in declared order:
instances as the scenario lists them, transitions as their role does.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from operator import attrgetter
from typing import Any, Literal, NamedTuple

from mcfsm.expressions import nodes as n
from mcfsm.expressions.domains import Domain, Value
from mcfsm.expressions.evaluate import ABSENT
from mcfsm.expressions.nodes import Node
from mcfsm.expressions.typecheck import MessageForm
from mcfsm.problems import Span

TransitionKind = Literal[
    "reception", "protocol", "user", "environment", "timer", "ignore", "freeze", "fault", "restart"
]


Status = Literal["PROVED", "VIOLATED", "INCOMPLETE", "VACUOUS"]


Fairness = Literal["none", "weak", "strong"]


INFORMATIVE = frozenset({"informative", "editors_note", "out_of_scope"})


FREEZABLE = frozenset({"user", "environment"})  # what freeze stops, and what a budget may limit; so do faults


ChannelFaultKind = Literal["loss", "duplication", "reordering"]


InstanceFaultKind = Literal["crash", "restart"]


EventKind = Literal["fired", "received", "sent", "fault", "freeze"]


CHANNEL_FAULTS: tuple[ChannelFaultKind, ...] = ("loss", "duplication", "reordering")


INSTANCE_FAULTS: tuple[InstanceFaultKind, ...] = ("crash", "restart")


DOWN = "down"  # every region of an instance that crashed is in this state


CHECKS = {
    "check.deadlock": "Some step is possible until every instance rests and no message waits.",
    "check.reception": "Every message that arrives is handled, ignored or deferred.",
    "check.overflow": "No channel receives more messages than its bound.",
}


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


@dataclass(frozen=True)
class Variable:
    """A typed variable with its initial value (an expression over the instance's parameters)."""

    name: str
    domain: Domain
    initial: Node


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
class Crash:
    """That an instance may crash: the budget it uses up (None: without limit), and what becomes of what arrives."""

    budget: str | None
    arrivals: Literal["wait", "lost"]


@dataclass(frozen=True)
class Instance:
    """An instance of a role: its name, the group and key under which the scenario lists it, its parameters."""

    name: str
    role: str
    group: str
    key: Value
    parameters: tuple[tuple[str, Value], ...]
    crash: Crash | None = None


@dataclass(frozen=True)
class Channel:
    """The channel of one ordered pair of instances. `bound` is in messages; None on a set."""

    sender: str
    receiver: str
    kind: Literal["fifo", "bag", "set"]
    bound: int | None
    when_full: Literal["block", "lose", "error"]
    faults: tuple[tuple[ChannelFaultKind, str | None], ...] = ()  # with the budget each uses up; None: without limit

    @property
    def name(self) -> str:
        """sender -> receiver."""
        return f"{self.sender} -> {self.receiver}"


@dataclass(frozen=True)
class Budget:
    """How often the steps and faults that name it may happen, all together. None: without limit."""

    name: str
    limit: int | None


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


@dataclass(frozen=True)
class Property:
    """A property of states: `always` and `never` of every state, `reachable` of some; `when` limits it to some."""

    id: str
    text: str
    clause: str | None
    form: Literal["always", "never", "reachable"]
    condition: Node
    premise: Node | None
    condition_text: str
    observers: tuple[str, ...]  # those it reads
    expected: Status | None  # None: the changes applied are not the usual ones, and nothing is said of these
    position: int = field(default=0, compare=False)  # among all properties, as declared


@dataclass(frozen=True)
class LivenessProperty:
    """A property of runs: from every state in which its cause holds, each fair run comes to its goal, then or later.

    `leads_to: [p, q]` has p as cause; `always_eventually` every state; `eventually` the initial state alone. A premise
    (`when`) stands before the cause and is asked first.
    """

    id: str
    text: str
    clause: str | None
    form: Literal["leads_to", "eventually", "always_eventually"]
    causes: tuple[Node, ...]  # all must hold, each asked where those before it hold; none: in every state
    goal: Node
    fairness: Fairness
    observers: tuple[str, ...]
    expected: Status | None  # None: the changes applied are not the usual ones, and nothing is said of these
    position: int = field(default=0, compare=False)

    @property
    def at_start(self) -> bool:
        """Whether only the initial state sets it off."""
        return self.form == "eventually"


@dataclass(frozen=True)
class ChosenValue:
    """A reading, option or parameter with the value chosen for it."""

    name: str
    value: str
    clause: str | None = None
    text: str | None = None
    informative: bool = False
    default: bool = True  # whether the value is the one that the model gives by default
    fixed: bool = False  # whether the scenario says which value


@dataclass(frozen=True)
class Clause:
    """An item of the text: our paraphrase, and how binding it is."""

    id: str
    modality: str
    text: str


@dataclass(frozen=True)
class Model:
    """One scenario of a model, resolved."""

    name: str
    source: str | None
    scenario: str
    text: str | None
    file: str = field(compare=False)
    instances: tuple[Instance, ...]
    roles: tuple[Role, ...]
    messages: tuple[MessageForm, ...]
    channels: tuple[Channel, ...]
    budgets: tuple[Budget, ...]
    observers: tuple[Observer, ...]
    state_properties: tuple[Property, ...]  # all that explorers of states look at
    expected_checks: tuple[tuple[str, Status], ...]
    readings: tuple[ChosenValue, ...]
    options: tuple[ChosenValue, ...]
    parameters: tuple[ChosenValue, ...]
    clauses: tuple[Clause, ...]
    allows_freeze: bool
    liveness_properties: tuple[LivenessProperty, ...] = ()
    interchangeable: tuple[tuple[str, ...], ...] = ()  # instances that joint states are explored up to permutations of
    changes: tuple[str, ...] = field(default=(), compare=False)  # change requests that went into it
    usual_changes: bool = field(default=True, compare=False)  # whether nobody asked for others

    @cached_property
    def properties(self) -> tuple[Property | LivenessProperty, ...]:
        """Properties of states and of runs, as declared."""
        return tuple(sorted((*self.state_properties, *self.liveness_properties), key=attrgetter("position")))

    @cached_property
    def role_of(self) -> dict[str, Role]:
        """Instance name to role."""
        by_name = {role.name: role for role in self.roles}
        return {instance.name: by_name[instance.role] for instance in self.instances}

    @cached_property
    def form_of(self) -> dict[str, MessageForm]:
        """Message name to its elements."""
        return {form.name: form for form in self.messages}

    @cached_property
    def index_of(self) -> dict[str, int]:
        """Instance name to index."""
        return {instance.name: i for i, instance in enumerate(self.instances)}

    @cached_property
    def budget_of(self) -> dict[str, int]:
        """Budget name to index."""
        return {budget.name: i for i, budget in enumerate(self.budgets)}

    @cached_property
    def channel_of(self) -> dict[tuple[str, str], int]:
        """(sender, receiver) to channel index."""
        return {(channel.sender, channel.receiver): i for i, channel in enumerate(self.channels)}

    @cached_property
    def clause_of(self) -> dict[str, Clause]:
        """Clause id to clause."""
        return {clause.id: clause for clause in self.clauses}

    @cached_property
    def property_of(self) -> dict[str, Property]:
        """Property id to property."""
        return {property_.id: property_ for property_ in self.state_properties}

    @cached_property
    def liveness_property_of(self) -> dict[str, LivenessProperty]:
        """Id of a property of runs to it."""
        return {property_.id: property_ for property_ in self.liveness_properties}

    @cached_property
    def _message_order(self) -> dict[str, int]:
        return {form.name: i for i, form in enumerate(self.messages)}

    def message_rank(self, message: Message) -> Any:
        """A key that sorts messages by declared order, then by the values of their elements."""
        elements = self.form_of[message.name].elements
        ranks = tuple(
            (0,) if value is ABSENT else (1, domain.rank(value))
            for (_, domain, _), value in zip(elements, message.elements, strict=True)
        )
        return self._message_order[message.name], ranks


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


Content = tuple[Message, ...]  # fifo: in order of arrival; bag and set: sorted by declared order
