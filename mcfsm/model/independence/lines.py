"""What each line of a model does to users: whose it is, what it reads and writes, and what in it mixes two of them.

A line of a user's instance is that user's. A line of any other instance, a server, is the user's whose message it
takes, or whom it chooses; else it is common, nobody's. A common line may change what is common. A user's may change
what is that user's, and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Literal, NamedTuple

from mcfsm.expressions import nodes as n
from mcfsm.expressions.domains import Domain, Instances, SetOf
from mcfsm.expressions.fold import certain
from mcfsm.model.independence.ownership import ALL, NOBODY, OWN, Held, MixedError, Ownership, each
from mcfsm.model.independence.users import Users
from mcfsm.model.machines import Assignment, Choice, Observer, ObserverTransition, Role, Sending, Transition, nodes_of
from mcfsm.model.records import Instance, Model
from mcfsm.problems import Span


class ModelDatum(NamedTuple):
    """A variable or a region of a role or observer, or a message, which has no owner."""

    kind: Literal["variable", "region", "message"]
    owner: str
    name: str


@dataclass(frozen=True)
class MixedUsers:
    """Something that mixes two users, or that cannot be seen not to: the place, where it has one, and a sentence."""

    span: Span | None
    said: str


@dataclass
class LineEffects:
    """A line of a role or observer, and what it does.

    `obstacles` stand in the way wherever the line matters, those of `writes` where what is written does.
    """

    id: str
    span: Span | None
    common: bool
    at_server: bool
    budget: str | None = None
    owed: bool = False  # whether fairness is of its trigger
    reads: set[ModelDatum] = field(default_factory=set)
    triggers: set[ModelDatum] = field(default_factory=set)
    sends: set[ModelDatum] = field(default_factory=set)
    writes: dict[ModelDatum, list[MixedUsers]] = field(default_factory=dict)
    read_for: dict[ModelDatum, set[ModelDatum]] = field(
        default_factory=dict
    )  # what the value of a datum written is made of
    obstacles: list[MixedUsers] = field(default_factory=list)
    observed: frozenset[str] = frozenset()  # transitions that an observer waits for

    def trying(self, what: Callable[..., object], *arguments: object, into: list[MixedUsers] | None = None) -> None:
        """Ask something that may find that users are mixed, and note that."""
        try:
            what(*arguments)
        except MixedError as error:
            (self.obstacles if into is None else into).append(MixedUsers(self.span, f"{self.id} {error}"))


def possible(model: Model, users: Users) -> frozenset[str]:
    """The transitions that may ever be taken, however many users there are.

    Those whose budget is not 0, of which no condition is false for reasons that have nothing to do with users, whose
    states may be reached and whose messages may be sent.
    """
    here = {instance.role for instance in model.instances}
    roles = [role for role in model.roles if role.name in here]
    empty = {budget.name for budget in model.budgets if budget.limit == 0}
    states = {(role.name, first) for role in roles for state in role.regions for first in state.firsts}
    sent = {message.name for _, _, message in model.first_messages}
    taken: set[str] = set()
    lines = [(r, t) for r in roles for t in r.transitions if t.budget not in empty and t.id not in model.avoided]
    lines = [(role, t) for role, t in lines if not any(_never(users, guard.node, guard.wanted) for guard in t.guards)]
    more = True
    while more:
        more = False
        for role, t in lines:
            ready = all(any((role.name, state) in states for state in wanted) for _, wanted in t.sources)
            if t.id not in taken and ready and (t.kind != "reception" or t.trigger in sent):
                more = True
                taken.add(t.id)
                sent |= {sending.message for sending in t.sends}
                states |= {(role.name, dest) for _, dest in t.dests}
    return frozenset(taken)


def _never(users: Users, node: n.Node, wanted: bool) -> bool:
    found = certain(node)
    return found is not None and found is not wanted and not any(users.concern(part.domain) for part in node.walk())


class Lines:
    """Every line of a model that may be taken, looked at with some users in mind."""

    def __init__(self, model: Model, users: Users) -> None:
        self.model, self.users = model, users
        self.taken = possible(model, users)
        self.instances: dict[str, list[Instance]] = {}
        for instance in model.instances:
            self.instances.setdefault(instance.role, []).append(instance)
        self.roles = [role for role in model.roles if role.name in self.instances]
        self.written = set(self._written())
        self.owned_messages = self._owned_messages()
        self.of_roles = [
            self._line(role, t, mine)
            for role in self.roles
            for mine in self.sides(role)
            for t in role.transitions
            if t.id in self.taken
        ]
        self.of_observers = [self._seen(o, i, t) for o in model.observers for i, t in enumerate(o.transitions)]
        self.all = (*self.of_roles, *self.of_observers)

    def sides(self, role: Role) -> Iterator[bool]:
        """Whether instances of a role are users', and whether others are."""
        mine = {instance.name in self.users.instances for instance in self.instances[role.name]}
        return (side for side in (True, False) if side in mine)

    @property
    def common_messages(self) -> frozenset[str]:
        """Messages that are sent, and that no user's line sends."""
        sent = {s.message for r in self.roles for t in r.transitions if t.id in self.taken for s in t.sends}
        return frozenset(sent - self.owned_messages)

    def _owned_messages(self) -> frozenset[str]:
        """Messages that a user's line may send: the least such set."""
        found: set[str] = set()
        more = True
        while more:
            more = False
            for role in self.roles:
                for mine in self.sides(role):
                    for t in role.transitions:
                        sent = {sending.message for sending in t.sends} - found
                        if t.id in self.taken and sent and (mine or self._owned(t, found)):
                            found |= sent
                            more = True
        return frozenset(found)

    def _written(self) -> Iterator[tuple[str, str]]:
        """The variables that may change, by the instances that have them; the rest are what they were at first."""
        for instance in self.model.instances:
            role = self.model.role_of[instance.name]
            for t in role.transitions:
                names = (role.variables[a.variable].name for a in t.assignments if t.id in self.taken)
                yield from ((owner, name) for name in names for owner in (instance.name, role.name))
        for observer in self.model.observers:
            names = (observer.variables[a.variable].name for t in observer.transitions for a in t.assignments)
            yield from ((observer.name, name) for name in names)

    def _owned(self, t: Transition, owned: Iterable[str]) -> bool:
        """Whether a line of a server is a user's: by its message, or as it chooses one."""
        return t.trigger in owned if t.kind == "reception" else any(self.users.concern(c.domain) for c in t.choices)

    # ---- lines of roles
    def _line(self, role: Role, t: Transition, mine: bool) -> LineEffects:
        common = not mine and not self._owned(t, self.owned_messages)
        line = LineEffects(t.id, t.span, common, not mine, t.budget, t.kind in ("protocol", "timer"))
        ownership = Ownership(self.users, partial(self._held, role, mine))
        names: dict[str, Held] = {}
        if any(isinstance(node, n.InFlight) for node in nodes_of(t)):
            line.obstacles.append(MixedUsers(t.span, f"{t.id} asks channels, and another's message may lie in them"))
        line.reads |= {ModelDatum("region", role.name, role.regions[region].name) for region, _ in t.sources}
        if t.kind == "reception":
            line.triggers.add(ModelDatum("message", "", t.trigger))
        if t.senders is not None:
            self._noted(line, role, t.senders)
            line.trying(_known_senders, ownership, t.senders, names)
        chosen = mine or t.kind == "reception"
        for choice in t.choices:
            self._noted(line, role, choice.source)
            line.trying(_chosen, ownership, choice, names, chosen)
            chosen = chosen or self.users.concern(choice.domain)
            names[choice.name] = OWN
        for guard in t.guards:
            self._noted(line, role, guard.node)
            line.trying(ownership.own, guard.node, names)
        for assignment in t.assignments:
            self._assigned(line, role, mine, ownership, names, assignment)
        for region, dest in t.dests:
            stays = len(role.regions[region].states) == 1 or (region, frozenset({dest})) in t.sources
            datum = ModelDatum("region", role.name, role.regions[region].name)
            line.writes.setdefault(datum, [])
            if not mine and not common and not stays:
                line.writes[datum].append(self._shared(line, role.name, "state"))
        for sending in t.sends:
            line.sends.add(ModelDatum("message", "", sending.message))
            if sending.by_receiver:
                said = f"{t.id} tells in {sending.message} one receiver from another"
                line.obstacles.append(MixedUsers(t.span, said))
            for part in (sending.to, *sending.elements):
                if part is not None:
                    self._noted(line, role, part)
                    line.trying(ownership.own, part, names)
            self._sent(line, mine, t, sending)
        return line

    def receivers(self, t: Transition, to: n.Node) -> frozenset[str]:
        """Who may get what a line sends: where it answers, who may have sent what it takes."""
        if isinstance(to, n.Read) and to.name == "sender":
            sending = (r for r in self.roles for other in r.transitions if other.id in self.taken and _sends(other, t))
            return frozenset(one.name for role in sending for one in self.instances[role.name])
        domain = to.domain.element if isinstance(to.domain, SetOf) else to.domain
        return frozenset(domain.names) if isinstance(domain, Instances) else frozenset(self.model.index_of)

    def _sent(self, line: LineEffects, mine: bool, t: Transition, sending: Sending) -> None:
        """Note what is wrong with whom a line sends to."""
        message, elements = sending.message, sending.elements
        receivers = self.receivers(t, sending.to)
        if line.common:
            if self.users.instances.intersection(receivers):
                line.obstacles.append(MixedUsers(line.span, f"{line.id} is nobody's, and sends {message} to users"))
            if message in self.owned_messages:
                said = f"{line.id} is nobody's, and sends {message}, which users' lines send too"
                line.obstacles.append(MixedUsers(line.span, said))
        elif not mine and not self.users.instances.issuperset(receivers):
            form = self.model.form_of[message].elements
            given = zip(form, elements, strict=True)  # an optional one may be absent
            if not any(node is not None and not opt and self.users.surely_in(dom) for (_, dom, opt), node in given):
                said = f"{line.id} passes on {message}, which does not say whose it is"
                line.obstacles.append(MixedUsers(line.span, said))

    def _assigned(
        self,
        line: LineEffects,
        role: Role,
        mine: bool,
        ownership: Ownership,
        names: Mapping[str, Held],
        assignment: Assignment,
    ) -> None:
        """Note what an assignment writes, of what, and what is wrong with it."""
        variable = role.variables[assignment.variable]
        datum = ModelDatum("variable", role.name, variable.name)
        found = line.writes.setdefault(datum, [])
        parts = line.read_for.setdefault(datum, set())
        for part in (assignment.key, assignment.value):
            if part is not None:
                parts |= self._read(role, part)
        entries = self._has_parts(variable.domain, mine)
        if not entries and not mine:
            if not line.common:
                found.append(self._shared(line, role.name, variable.name))
            elif self.users.concern(variable.domain):
                found.append(MixedUsers(line.span, f"{line.id} writes {variable.name}, which may hold any user"))
        line.trying(_written, ownership, names, assignment, entries, variable.name, into=found)

    def _shared(self, line: LineEffects, owner: str, name: str) -> MixedUsers:
        return MixedUsers(line.span, f"{line.id} changes {name} of {owner}, which all users share")

    def _has_parts(self, domain: Domain, mine: bool) -> bool:
        """Whether a variable is looked at user by user: of a user's own instance only where it is a map."""
        return self.users.for_each(domain) and not (mine and isinstance(domain, SetOf))

    def _held(self, role: Role, mine: bool, node: n.Read) -> Held:
        """What a name of a role's frame holds."""
        name = node.name
        variable = next((one for one in role.variables if one.name == name), None)
        if variable is not None:
            return self.variable(role.name, variable.name, variable.domain, mine)
        if name in ("self", "key") or any(name == known for known, _ in self.instances[role.name][0].parameters):
            return self._fixed(role, mine, name)
        return OWN  # a region, or the sender

    def variable(self, owner: str, name: str, domain: Domain, mine: bool) -> Held:
        """What a variable holds. Raises MixedError where that may be several users' or anybody's."""
        if self._has_parts(domain, mine):
            return each(name)
        if self.users.has_entries(domain) or (
            not mine and self.users.concern(domain) and (owner, name) in self.written
        ):
            raise MixedError(f"reads {name} of {owner}, which may hold any user")
        return OWN

    def _fixed(self, role: Role, mine: bool, name: str) -> Held:
        """What self, key and parameters hold: of a user no other user, of a server none."""
        for one in self.instances[role.name]:
            if (one.name in self.users.instances) is not mine:
                continue
            values = {"self": one.name, "key": one.key, **dict(one.parameters)}
            if mine and name == "key" and self.users.numbered:
                raise MixedError("reads key, a number that tells one user from another")
            others = self.users.named(values[name]) - (self.users.user(one.name) if mine else frozenset())
            if others:
                raise MixedError(f"reads {name}, which of {one.name} names {', '.join(sorted(others))}")
        return OWN

    def _noted(self, line: LineEffects, role: Role, node: n.Node) -> None:
        line.reads |= self._read(role, node)

    def _read(self, role: Role, root: n.Node) -> set[ModelDatum]:
        """The variables and regions of a role that an expression reads."""
        names = {node.name for node in root.walk() if isinstance(node, n.Read)}
        found = {ModelDatum("variable", role.name, one.name) for one in role.variables if one.name in names}
        return found | {ModelDatum("region", role.name, one.name) for one in role.regions if one.name in names}

    # ---- lines of observers
    def _seen(self, observer: Observer, position: int, t: ObserverTransition) -> LineEffects:
        owned, observed = True, frozenset[str]()
        if t.event == "fired":
            observed = t.names
            lines = [line for line in self.of_roles if line.id in t.names]
            owned = not all(line.common for line in lines)
        elif t.event in ("sent", "received"):
            owned = not self.owned_messages.isdisjoint(t.names)
        elif t.event == "fault":
            crashing = {i.name for i in self.model.instances if i.crash is not None}
            owned = not crashing.isdisjoint(self.users.instances)
        else:
            owned = False
        line = LineEffects(
            f"line {position + 1} of observer {observer.name}", t.span, not owned, False, observed=observed
        )
        if t.event in ("sent", "received"):
            line.triggers |= {ModelDatum("message", "", name) for name in t.names}
        if t.event == "fault" and not t.names <= {"crash", "restart"}:
            line.obstacles.append(
                MixedUsers(t.span, f"{line.id} sees faults of channels, whosever message they strike")
            )
        own = {variable.name: variable for variable in observer.variables}

        def read(node: n.Read) -> Held:
            if node.name in own:
                return self.variable(observer.name, node.name, own[node.name].domain, False)
            return OWN  # actor, sender, receiver, the state

        ownership = Ownership(self.users, read, self.attribute)
        roots = [guard.node for guard in t.guards]
        if t.sources is not None:
            line.reads.add(ModelDatum("region", observer.name, observer.region.name))
        for node in roots:
            line.reads |= self.joint_reads(node) | self._own_reads(observer, node)
            line.trying(ownership.own, node, {})
        for assignment in t.assignments:
            variable = observer.variables[assignment.variable]
            datum = ModelDatum("variable", observer.name, variable.name)
            found = line.writes.setdefault(datum, [])
            for part in (assignment.key, assignment.value):
                if part is not None:
                    read_for = self.joint_reads(part) | self._own_reads(observer, part)
                    line.read_for.setdefault(datum, set()).update(read_for)
            entries = self._has_parts(variable.domain, False)
            if not entries and owned:
                found.append(self._shared(line, observer.name, variable.name))
            line.trying(_written, ownership, {}, assignment, entries, variable.name, into=found)
        if t.dest is not None:
            found = line.writes.setdefault(ModelDatum("region", observer.name, observer.region.name), [])
            if owned and len(observer.region.states) > 1:
                found.append(self._shared(line, observer.name, "state"))
        return line

    def _own_reads(self, observer: Observer, root: n.Node) -> set[ModelDatum]:
        names = {node.name for node in root.walk() if isinstance(node, n.Read)}
        found = {ModelDatum("variable", observer.name, one.name) for one in observer.variables if one.name in names}
        region = observer.region.name
        return found | ({ModelDatum("region", observer.name, region)} if region in names else set())

    # ---- joint states
    def attribute(self, node: n.Attribute) -> Held:
        """What an attribute of the owner's instance, of a server or of an observer holds."""
        found = set()
        for slot in node.slots:
            mine = slot.owner in self.users.instances
            if slot.in_states:
                found.add(OWN)
                continue
            variable = self.model.variables_at(slot.instance)[slot.position]
            found.add(self.variable(slot.owner, variable.name, variable.domain, mine))
        if len(found) != 1:
            raise MixedError(f"reads {node.name} of a user or of others")
        return found.pop()

    def joint_reads(self, root: n.Node) -> set[ModelDatum]:
        """What an expression over joint states reads."""
        found: set[ModelDatum] = set()
        for node in root.walk():
            if isinstance(node, n.Attribute):
                for slot in node.slots:
                    i = slot.instance
                    machine = self.model.instances[i].role if i < len(self.model.instances) else slot.owner
                    parts = self.model.regions_at(i) if slot.in_states else self.model.variables_at(i)
                    kind: Literal["variable", "region"] = "region" if slot.in_states else "variable"
                    found.add(ModelDatum(kind, machine, parts[slot.position].name))
            elif isinstance(node, n.InFlight):
                found.add(ModelDatum("message", "", node.message))
        return found

    def initial(self, datum: ModelDatum) -> Iterator[MixedUsers]:
        """What is wrong with the first value of a variable."""
        machines: dict[str, Role | Observer] = {role.name: role for role in self.roles}
        machines.update((observer.name, observer) for observer in self.model.observers)
        machine = machines.get(datum.owner)
        if machine is None or datum.kind != "variable":
            return
        variable = next(one for one in machine.variables if one.name == datum.name)
        for mine in self.sides(machine) if isinstance(machine, Role) else (False,):
            read = partial(self._held, machine, mine) if isinstance(machine, Role) else _nothing
            try:
                held = Ownership(self.users, read).value(variable.initial, {})
                if held.kind != "own" and not (self._has_parts(variable.domain, mine) and held == ALL):
                    raise MixedError("looks at all users at once")
            except MixedError as error:
                yield MixedUsers(None, f"the first value of {datum.name} of {datum.owner} {error}")


def _sends(t: Transition, reception: Transition) -> bool:
    return any(sending.message == reception.trigger for sending in t.sends)


def _nothing(node: n.Read) -> Held:
    raise MixedError(f"reads {node.name}")


def _known_senders(ownership: Ownership, node: n.Node, names: Mapping[str, Held]) -> None:
    if ownership.value(node, names).kind == "each":
        raise MixedError("takes a message by who is in a set of users")


def _chosen(ownership: Ownership, choice: Choice, names: Mapping[str, Held], has_owner: bool) -> None:
    """Raise MixedError where a choice is among users and there is an owner already, or among more than users."""
    if ownership.value(choice.source, names).kind != "own" and (has_owner or not ownership.users.only(choice.domain)):
        raise MixedError("chooses among all users")


def _written(ownership: Ownership, names: Mapping[str, Held], a: Assignment, entries: bool, variable: str) -> None:
    """Raise MixedError where what is written may change what another user has."""
    if a.key is not None:
        ownership.own(a.key, names)
        ownership.own(a.value, names)
        if entries and not ownership.users.only(a.key.domain):
            raise MixedError(f"writes an entry of {variable} that may be another user's")
        return
    held = ownership.value(a.value, names)
    if entries and held.others != each(variable).others:
        raise MixedError(f"writes {variable} of all users at once")
    if not entries and (held.kind != "own" or held.others != NOBODY):
        raise MixedError(f"writes {variable} from what all users have")
