"""A resolved model: one scenario with its constants fixed, every name given its meaning, ready to run.

Frozen records only. `language.resolve` builds them, everything after it reads them. Indices count in declared order:
instances as the scenario lists them, transitions as their role does.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from operator import attrgetter
from typing import Any, Literal, get_args

from mcfsm.expressions.domains import Value
from mcfsm.expressions.evaluate import ABSENT
from mcfsm.expressions.nodes import Node
from mcfsm.expressions.typecheck import MessageForm
from mcfsm.model.labels import Labels
from mcfsm.model.machines import Message, Observer, Region, Role, Variable
from mcfsm.problems import ModelError, Problem, Span, closest

Status = Literal["PROVED", "VIOLATED", "INCOMPLETE", "VACUOUS"]

Fairness = Literal["none", "weak", "strong"]

ChannelKind = Literal["fifo", "bag", "set"]
WhenFull = Literal["block", "lose", "error"]
ChannelFaultKind = Literal["loss", "duplication", "reordering", "corruption"]

InstanceFaultKind = Literal["crash", "restart"]
FaultKind = Literal[ChannelFaultKind, InstanceFaultKind]

CHANNEL_FAULTS: tuple[ChannelFaultKind, ...] = get_args(ChannelFaultKind)
FAULTS_OF_ORDER: frozenset[ChannelFaultKind] = frozenset({"reordering"})  # of a fifo only
CHANNEL_KINDS: tuple[ChannelKind, ...] = get_args(ChannelKind)
CHANNEL_POLICIES: tuple[WhenFull, ...] = get_args(WhenFull)
POLICIES_THAT_KEEP: frozenset[WhenFull] = frozenset({"block", "error"})  # what is sent is in the channel afterwards

INSTANCE_FAULTS: tuple[InstanceFaultKind, ...] = get_args(InstanceFaultKind)

CHECKS = {
    "check.deadlock": "Some step is possible until every instance rests and no message waits.",
    "check.reception": "Every message that arrives is handled, ignored or deferred.",
    "check.overflow": "No channel receives more messages than its bound.",
}


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

    @property
    def words(self) -> tuple[str, str, str]:
        """What it may be meant by, the closest first: its name, its group, its role."""
        return self.name, self.group, self.role


@dataclass(frozen=True)
class Channel:
    """The channel of one ordered pair of instances. `bound` is in messages; None on a set."""

    sender: str
    receiver: str
    kind: ChannelKind
    bound: int | None
    when_full: WhenFull
    faults: tuple[tuple[ChannelFaultKind, str | None], ...] = ()  # with the budget each uses up; None: without limit
    may_stay: bool = False  # whether nobody has to receive what is in it
    loses_head: bool = False  # whether a loss strikes its oldest message alone

    @property
    def name(self) -> str:
        """sender -> receiver."""
        return f"{self.sender} -> {self.receiver}"

    @property
    def awaited(self) -> bool:
        """Whether what is in it has to be received before all may rest: not in a set, nor where it may stay."""
        return self.kind != "set" and not self.may_stay


@dataclass(frozen=True)
class Budget:
    """How often the steps and faults that name it may happen, all together. None: without limit."""

    name: str
    limit: int | None


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
class Boundary:
    """The condition on joint states of a scenario beyond which nothing is explored."""

    text: str
    condition: Node  # which has a value in every joint state
    span: Span | None = field(default=None, compare=False)


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
class NumberRead:
    """A place of the document that reads how many members a group has, by some word; in a property, which."""

    group: str
    place: str
    word: str
    span: Span
    property: str | None = None


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
    boundary: Boundary | None = None
    begin: tuple[Node, ...] = ()  # what has to hold of a joint state for the model to begin in it
    first_messages: tuple[tuple[str, str, Message], ...] = ()  # sender, receiver: what is on its way then
    interchangeable: tuple[tuple[str, ...], ...] = ()  # instances that joint states are explored up to permutations of
    begin_texts: tuple[str, ...] = field(default=(), compare=False)  # `begin`, as it is written
    changes: tuple[str, ...] = field(default=(), compare=False)  # change requests that went into it
    usual_changes: bool = field(default=True, compare=False)  # whether nobody asked for others
    text_alone: bool = field(
        default=False, compare=False
    )  # whether an answer counts that no normative item gives: then not
    labels: Labels = field(default=Labels(), compare=False)  # what things are called: of no verdict
    avoided: frozenset[str] = field(default=frozenset(), compare=False)  # transitions never taken; its digest has them
    number_reads: tuple[NumberRead, ...] = field(default=(), compare=False)  # what of it depends on how many users are

    @property
    def may_begin_in_several(self) -> bool:
        """Whether something is left open of where it begins; conditions may leave one combination, or none."""
        return any(
            any(region.others for region in role.regions) or any(variable.several for variable in role.variables)
            for role in self.roles
        )

    @cached_property
    def properties(self) -> tuple[Property | LivenessProperty, ...]:
        """Properties of states and of runs, as declared."""
        return tuple(sorted((*self.state_properties, *self.liveness_properties), key=attrgetter("position")))

    def expected(self, name: str) -> Status | None:
        """The status that is expected of a property or check; None where nothing is said of these changes."""
        property_ = self.property_of.get(name)
        if property_ is not None:
            return property_.expected
        return dict(self.expected_checks).get(name, "PROVED" if self.usual_changes else None)

    @cached_property
    def role_of(self) -> dict[str, Role]:
        """Instance name to role."""
        by_name = {role.name: role for role in self.roles}
        return {instance.name: by_name[instance.role] for instance in self.instances}

    @cached_property
    def sent_by(self) -> dict[str, frozenset[str]]:
        """Instance name to the messages that may come from it: what its role sends, and what is on its way at first."""
        found = {
            name: {sending.message for t in role.transitions for sending in t.sends}
            for name, role in self.role_of.items()
        }
        for sender, _, message in self.first_messages:
            found[sender].add(message.name)
        return {name: frozenset(sent) for name, sent in found.items()}

    @cached_property
    def form_of(self) -> dict[str, MessageForm]:
        """Message name to its elements."""
        return {form.name: form for form in self.messages}

    @cached_property
    def index_of(self) -> dict[str, int]:
        """Instance name to index."""
        return {instance.name: i for i, instance in enumerate(self.instances)}

    def regions_at(self, i: int) -> tuple[Region, ...]:
        """The regions of the i-th local state of a joint one: of an instance or, behind them, of an observer."""
        one = self._machine_at(i)
        return (one.region,) if isinstance(one, Observer) else one.regions

    def variables_at(self, i: int) -> tuple[Variable, ...]:
        """The variables of the i-th local state of a joint one."""
        return self._machine_at(i).variables

    def _machine_at(self, i: int) -> Role | Observer:
        instances = len(self.instances)
        return self.role_of[self.instances[i].name] if i < instances else self.observers[i - instances]

    def meant_by(self, word: str) -> tuple[int, ...]:
        """The instances that a name of one, of a group or of a role stands for. Raises ModelError (M602) for none."""
        found = tuple(i for i, instance in enumerate(self.instances) if word in instance.words)
        if not found:
            raise ModelError([Problem("M602", None, f"unknown instance {word}", closest(word, self.index_of))])
        return found

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


Content = tuple[Message, ...]  # fifo: in order of arrival; bag and set: sorted by declared order
