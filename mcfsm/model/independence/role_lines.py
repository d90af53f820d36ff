"""What the lines of roles do to users.

A line of a user's instance is that user's. A line of any other instance, a server, is the user's whose message it
takes, or whom it chooses; else it is common, nobody's. A common line may change what is common. A user's may change
what is that user's, and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial

from mcfsm.expressions import nodes as n
from mcfsm.expressions.domains import Instances, SetOf
from mcfsm.model.independence.data import ModelData
from mcfsm.model.independence.effects import LineEffects, MixedUsers, ModelDatum
from mcfsm.model.independence.ownership import OWN, Held, MixedError, Ownership
from mcfsm.model.machines import Assignment, Choice, Role, Sending, Transition, nodes_of


class RoleLines:
    """The lines of roles that may be taken, and the messages that users' lines send."""

    def __init__(self, data: ModelData) -> None:
        self.data, self.model, self.users = data, data.model, data.users
        self.owned_messages = self._owned_messages()
        self._senders = self._senders_of_messages()
        self.all = [
            self._line(role, t, mine)
            for role in data.roles
            for mine in data.sides(role)
            for t in role.transitions
            if t.id in data.taken
        ]

    @property
    def common_messages(self) -> frozenset[str]:
        """Messages that are sent, and that no user's line sends."""
        sent = {s.message for r in self.data.roles for t in r.transitions if t.id in self.data.taken for s in t.sends}
        return frozenset(sent - self.owned_messages)

    def _senders_of_messages(self) -> dict[str, frozenset[str]]:
        """The instances that may send each message, as far as roles tell."""
        found: dict[str, frozenset[str]] = {}
        for role in self.data.roles:
            mine = frozenset(one.name for one in self.data.instances[role.name])
            for message in {s.message for t in role.transitions if t.id in self.data.taken for s in t.sends}:
                found[message] = found.get(message, frozenset()) | mine
        return found

    def _owned_messages(self) -> frozenset[str]:
        """Messages that a user's line may send: the least such set."""
        found: set[str] = set()
        more = True
        while more:
            more = False
            for role in self.data.roles:
                for mine in self.data.sides(role):
                    for t in role.transitions:
                        sent = {sending.message for sending in t.sends} - found
                        if t.id in self.data.taken and sent and (mine or self._owned(t, found)):
                            found |= sent
                            more = True
        return frozenset(found)

    def _owned(self, t: Transition, owned: Iterable[str]) -> bool:
        """Whether a line of a server is a user's: by its message, or as it chooses one."""
        return t.trigger in owned if t.kind == "reception" else any(self.users.concern(c.domain) for c in t.choices)

    def _line(self, role: Role, t: Transition, mine: bool) -> LineEffects:
        common = not mine and not self._owned(t, self.owned_messages)
        line = LineEffects(t.id, t.span, common, not mine, t.budget, t.kind in ("protocol", "timer"))
        ownership = Ownership(self.users, partial(self.data.held, role, mine))
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
                line.writes[datum].append(line.changes_shared(role.name, "state"))
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
            return self._senders.get(t.trigger, frozenset())
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
                parts |= self.data.reads(role, part)
        entries = self.data.has_parts(variable.domain, mine)
        if not entries and not mine:
            if not line.common:
                found.append(line.changes_shared(role.name, variable.name))
            elif self.users.concern(variable.domain):
                found.append(MixedUsers(line.span, f"{line.id} writes {variable.name}, which may hold any user"))
        line.assigns(datum, ownership, names, assignment, entries)

    def _noted(self, line: LineEffects, role: Role, node: n.Node) -> None:
        line.reads |= self.data.reads(role, node)


def _known_senders(ownership: Ownership, node: n.Node, names: Mapping[str, Held]) -> None:
    if ownership.value(node, names).kind == "each":
        raise MixedError("takes a message by who is in a set of users")


def _chosen(ownership: Ownership, choice: Choice, names: Mapping[str, Held], has_owner: bool) -> None:
    """Raise MixedError where a choice is among users and there is an owner already, or among more than users."""
    if ownership.value(choice.source, names).kind != "own" and (has_owner or not ownership.users.only(choice.domain)):
        raise MixedError("chooses among all users")
