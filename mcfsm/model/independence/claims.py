"""Which promises hold for any number of users, as nothing that they rest on mixes two of them; what mixes them, if not.

A claim is made of a scenario and of any number of further users, each like one that it has: its instances run the same
roles with the same parameters, faults and channels. docs/any_number.md has the proof, and decision 0044 what was left
out of it. In short: of a run of many users, leave out every step of others, and what is left is a run of one user; and
what one user does alone, it may do beside others who do nothing. The first is enough for what never happens. For what
always has to go on (deadlock, liveness) the one must also be able to take a step wherever it could alone.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

from mcfsm.expressions import nodes as n
from mcfsm.expressions.domains import Boolean
from mcfsm.model.independence.data import ModelData
from mcfsm.model.independence.effects import LineEffects, MixedUsers, ModelDatum
from mcfsm.model.independence.observer_lines import observer_lines
from mcfsm.model.independence.ownership import ALL, OWN, Held, MixedError, Ownership
from mcfsm.model.independence.possible import possible
from mcfsm.model.independence.role_lines import RoleLines
from mcfsm.model.independence.users import Users, users_of
from mcfsm.model.records import CHECKS, POLICIES_THAT_KEEP, Channel, LivenessProperty, Model, Property
from mcfsm.problems import counted

Argument = Literal["projection", "independence"]


@dataclass(frozen=True)
class NumberClaim:
    """That the verdict on a property or check is the same for any number of users; or what stands in the way.

    `atoms` are parts of the property that have to have a value, given with them, where nothing has happened.
    """

    id: str
    users: Users
    argument: Argument  # one user's runs are enough; or each user can also do alone what it can do beside others
    obstacles: tuple[MixedUsers, ...] = ()
    atoms: tuple[tuple[n.Node, bool], ...] = ()

    @property
    def shown(self) -> bool:
        """Whether nothing stands in the way that can be seen without running the model."""
        return not self.obstacles

    def __str__(self) -> str:
        """ "any number of client, by independence"."""
        return f"any number of {' and '.join(self.users.groups)}, by independence"


def claims(model: Model, wanted: Collection[str]) -> Iterator[NumberClaim]:
    """A claim on each property and built-in check that is wanted, for each kind of users that the scenario has."""
    for users in users_of(model) if wanted else ():
        yield from _Claims(model, users).all(wanted)


class _Claims:
    """What can be said of one kind of users."""

    def __init__(self, model: Model, users: Users) -> None:
        self.model, self.users = model, users
        self.data = ModelData(model, users, possible(model, users))
        self.roles = RoleLines(self.data)
        self.lines = (*self.roles.all, *observer_lines(self.data, self.roles))

    def all(self, wanted: Collection[str]) -> Iterator[NumberClaim]:
        for one in self.model.properties:
            if one.id in wanted:
                yield self.counted(self.of_runs(one) if isinstance(one, LivenessProperty) else self.of_states(one))
        yield from (self.counted(self.of_check(check)) for check in CHECKS if check in wanted)

    def counted(self, claim: NumberClaim) -> NumberClaim:
        """The claim, with the places that read how many users there are: the model of more of them is another there."""
        said = tuple(
            MixedUsers(read.span, f"{read.place} reads how many users there are ({read.word})")
            for read in self.model.number_reads
            if read.group in self.users.groups and read.property in (None, claim.id)
        )
        return replace(claim, obstacles=(*claim.obstacles, *said))

    # ---- properties of states
    def of_states(self, property_: Property) -> NumberClaim:
        """Of what is always so, never so, or possible."""
        obstacles: list[MixedUsers] = []
        atoms: list[tuple[n.Node, bool]] = []
        roots = [property_.condition, *([] if property_.premise is None else [property_.premise])]
        try:
            for owner, formula, names in self._parts(property_):
                ownership = Ownership(
                    self.users, _unread, self.data.attribute, owner, True, self.roles.common_messages, atoms
                )
                if property_.premise is not None:
                    ownership.own(property_.premise, {}, False)
                ownership.own(formula, names, True)
        except MixedError as error:
            obstacles.append(MixedUsers(None, f"{property_.id} {error}"))
        obstacles += self.changed_meanwhile(property_.id, atoms)
        wanted = {datum for root in roots for datum in self.data.joint_reads(root)}
        obstacles += self.behind(wanted)
        return NumberClaim(property_.id, self.users, "projection", tuple(obstacles), tuple(atoms))

    def changed_meanwhile(self, name: str, atoms: Collection[tuple[n.Node, bool]]) -> Iterator[MixedUsers]:
        """That parts about all users ask for what is common and changes: they say another thing then of the idle."""
        changing = {datum for line in self.lines if line.common for datum in (*line.writes, *line.sends)}
        for one in self.model.instances:
            if one.crash is not None and one.name not in self.users.instances:
                regions = self.model.role_of[one.name].regions
                changing |= {ModelDatum("region", one.role, region.name) for region in regions}
        for node, _ in atoms:
            frozen = any(isinstance(part, n.Frozen) for part in node.walk())
            if frozen or not changing.isdisjoint(self.data.joint_reads(node)):
                said = f"{name} asks about all users, and of one who does nothing it may change what is asked"
                yield MixedUsers(None, said)
                return

    def _parts(self, property_: Property) -> Iterator[tuple[frozenset[str], n.Node, dict[str, Held]]]:
        """What has to hold always, taken apart: the names of the user whom a part is about, and what is bound in it."""
        condition = property_.condition
        if property_.form != "always":
            condition = n.Not(Boolean(), condition)
        premise = self._named(property_.premise)
        for part, names in _conjuncts(condition, True, {}, self.users):
            named = self._named(part) | premise
            if len(named) > 1 or (named and names):
                said = " and ".join(sorted(min(each & self.users.instances or each) for each in named))
                raise MixedError(f"speaks of {said}" + (" and of all users" if names else ""))
            yield next(iter(named), frozenset()), part, names

    def _named(self, root: n.Node | None) -> set[frozenset[str]]:
        """The users whom an expression names, less those of sets that it walks over."""
        found: set[frozenset[str]] = set()
        waiting = [] if root is None else [root]
        while waiting:
            node = waiting.pop()
            if isinstance(node, n.Constant):
                try:
                    if Ownership(self.users, _unread).constant(node) == ALL:
                        continue
                except MixedError:
                    pass
                found |= {self.users.user(name) for name in self.users.named(node.value)}
            waiting += node.children()
        return found

    # ---- properties of runs
    def of_runs(self, property_: LivenessProperty) -> NumberClaim:
        """Of what comes in the end: then nothing may keep a user from a step that it could take alone."""
        roots = (*property_.causes, property_.goal)
        obstacles = [*self.alone("a run"), *self.coupled(budgets=False)]
        named = {user for root in roots for user in self._named(root)}
        if len(named) > 1:
            obstacles.append(MixedUsers(None, f"{property_.id} speaks of several users"))
        owner = next(iter(named), frozenset[str]())
        ownership = Ownership(self.users, _unread, self.data.attribute, owner, False, self.roles.common_messages)
        try:
            for root in roots:
                ownership.own(root, {})
        except MixedError as error:
            obstacles.append(MixedUsers(None, f"{property_.id} {error}"))
        for line in self.roles.all:
            if line.owed and line.at_server and not line.common:
                said = f"{line.id} is taken for one user or another, and fairness does not say for whom"
                obstacles.append(MixedUsers(line.span, said))
        obstacles += self.behind(
            {*self.everything, *(datum for root in roots for datum in self.data.joint_reads(root))}
        )
        return NumberClaim(property_.id, self.users, "independence", tuple(dict.fromkeys(obstacles)))

    # ---- built-in checks
    def of_check(self, check: str) -> NumberClaim:
        """Of a built-in check, which looks at everything."""
        obstacles: list[MixedUsers] = []
        if check == "check.overflow":
            full = (c for c in self.shared if c.when_full == "error")
            obstacles += [MixedUsers(None, f"{_held_by_all(c)}, and more of them may overflow it") for c in full]
        elif check == "check.deadlock":
            obstacles += [*self.alone("a deadlock"), *self.coupled(budgets=True)]
        obstacles += self.behind(self.everything)
        argument: Argument = "projection" if check == "check.reception" else "independence"
        return NumberClaim(check, self.users, argument, tuple(dict.fromkeys(obstacles)))

    @cached_property
    def everything(self) -> frozenset[ModelDatum]:
        """All that any line of a role reads or writes, and every message; what observers remember decides no step."""
        found: set[ModelDatum] = set()
        for line in self.roles.all:
            found |= line.reads | line.triggers | line.sends | set(line.writes)
        for role in self.data.roles:
            found |= {ModelDatum("region", role.name, region.name) for region in role.regions}
        return frozenset(found)

    # ---- what couples users
    def alone(self, what: str) -> Iterator[MixedUsers]:
        """That there are others in the scenario: one of them may go on where the user cannot."""
        if self.users.active != 1:
            said = (
                f"the scenario has {self.users.active} users, and {what} of one may be hidden by another: give it one"
            )
            yield MixedUsers(None, said)
        elif len(self.users.names_of) > 1:  # further values, of users without an instance: servers may act for them
            for line in self.roles.all:
                if line.at_server and not line.common and not line.triggers:
                    yield MixedUsers(
                        line.span, f"{line.id} may be taken for users who have no instance in the scenario"
                    )

    def coupled(self, *, budgets: bool) -> Iterator[MixedUsers]:
        """What may keep one user from a step that it could take alone: channels and, where asked, budgets."""
        for channel in self.shared:
            yield MixedUsers(None, f"{_held_by_all(channel)}, and a full one keeps others from sending")
        if not budgets:
            return
        limits = {budget.name: budget.limit for budget in self.model.budgets}
        struck = {budget for channel in self.model.channels for _, budget in channel.faults}
        struck |= {one.crash.budget for one in self.model.instances if one.crash is not None}
        for line in self.roles.all:
            shared = not line.common or line.budget in struck
            if shared and line.budget is not None and limits[line.budget] is not None:
                said = f"{line.id} uses up budget {line.budget}, which users share: others may leave nothing of it"
                yield MixedUsers(line.span, said)

    @cached_property
    def shared(self) -> tuple[Channel, ...]:
        """Channels between servers that have a bound and may carry messages of users."""
        return tuple(
            channel
            for channel in self.model.channels
            if channel.bound is not None
            and self.users.instances.isdisjoint((channel.sender, channel.receiver))
            and not self.carried(channel).isdisjoint(self.roles.owned_messages)
        )

    def carried(self, channel: Channel) -> frozenset[str]:
        """The messages that may be in a channel, as far as roles tell: sent by the one's role, to whom it may be."""
        role = self.model.role_of[channel.sender].name
        return frozenset(message for message, receivers in self.sent[role] if channel.receiver in receivers)

    @cached_property
    def sent(self) -> dict[str, list[tuple[str, frozenset[str]]]]:
        """What each role may send, line by line, and to whom."""
        return {
            role.name: [
                (sending.message, self.roles.receivers(t, sending.to))
                for t in role.transitions
                if t.id in self.data.taken
                for sending in t.sends
            ]
            for role in self.data.roles
        }

    # ---- what something rests on
    def behind(self, wanted: set[ModelDatum] | frozenset[ModelDatum]) -> list[MixedUsers]:
        """What mixes users in all that some data rest on: the lines that write them, what these read, and so on."""
        known: set[ModelDatum] = set()
        used: dict[int, LineEffects] = {}
        found: dict[MixedUsers, None] = {}
        data, lines = sorted(wanted), list[LineEffects]()
        while data or lines:
            if lines:
                line = lines.pop()
                if id(line) not in used:
                    used[id(line)] = line
                    found.update(dict.fromkeys(line.obstacles))
                    data += sorted(line.reads | line.triggers | line.sends)
                    lines += [other for other in self.roles.all if other.id in line.observed]
                continue
            datum = data.pop(0)
            if datum in known:
                continue
            known.add(datum)
            found.update(dict.fromkeys(self.data.initial(datum)))
            if datum.kind == "message":
                data += self._answers(datum)
                lines += [line for line in self.roles.all if datum in line.sends | line.triggers]
            for line in self.lines:
                if datum in line.writes:
                    found.update(dict.fromkeys(line.writes[datum]))
                    data += sorted(line.read_for.get(datum, ()))
                    lines.append(line)
        if self.model.begin or self.model.first_messages or self.model.may_begin_in_several:
            said = "the scenario says of all instances together how it begins, and not of one user alone"
            found[MixedUsers(None, said)] = None
        if self.model.boundary is not None:
            said = f"the scenario is explored within {self.model.boundary.text}, whoever is beyond"
            found[MixedUsers(None, said)] = None
        messages = {datum.name for datum in known if datum.kind == "message"}
        found.update(dict.fromkeys(self._channels(messages)))
        return sorted(found, key=lambda one: (one.span is None, one.span or (), one.said))

    def _answers(self, message: ModelDatum) -> Iterator[ModelDatum]:
        """The regions by whose states a message is ignored or deferred."""
        for role in self.data.roles:
            states = role.ignored.get(message.name, frozenset()) | role.deferred.get(message.name, frozenset())
            for region in role.regions:
                if not states.isdisjoint(region.states):
                    yield ModelDatum("region", role.name, region.name)

    def _channels(self, messages: set[str]) -> Iterator[MixedUsers]:
        """Channels that may lose a message as others fill them, or change whose it is."""
        for channel in self.model.channels:
            carried = self.carried(channel)
            concerned = carried & messages
            if not concerned:
                continue
            shared = self.users.instances.isdisjoint((channel.sender, channel.receiver))
            others = carried - messages or (shared and carried & self.roles.owned_messages)
            if channel.when_full not in POLICIES_THAT_KEEP and channel.bound is not None and others:
                yield MixedUsers(None, f"{channel.name} loses {min(concerned)} where other messages have filled it")
            forms = (self.model.form_of[message] for message in sorted(concerned))
            named = any(self.users.concern(domain) for form in forms for _, domain, _ in form.elements)
            if named and any(kind == "corruption" for kind, _ in channel.faults):
                yield MixedUsers(None, f"{channel.name} may corrupt a message so that it names another user")


def _conjuncts(
    node: n.Node, positive: bool, names: dict[str, Held], users: Users
) -> Iterator[tuple[n.Node, dict[str, Held]]]:
    """What has to hold for a condition to hold (not to hold): part by part, quantifiers over all users unbound once."""
    match node:
        case n.Not(operand=operand):
            yield from _conjuncts(operand, not positive, names, users)
            return
        case n.And(operands=operands) if positive:
            for operand in operands:
                yield from _conjuncts(operand, True, names, users)
            return
        case n.Or(operands=operands) if not positive:
            for operand in operands:
                yield from _conjuncts(operand, False, names, users)
            return
        case n.Quantify(operator="all" | "any" as operator, source=n.Constant() as source) if not names:
            if (operator == "all") is positive and Ownership(users, _unread).constant(source) == ALL:
                body = node.body if node.condition is None else _under(node.condition, node.body, positive)
                yield (body if positive else n.Not(Boolean(), body)), {node.variable: OWN}
                return
    yield (node if positive else n.Not(Boolean(), node)), names


def _under(condition: n.Node, body: n.Node, positive: bool) -> n.Node:
    """Of an `all`, that the body holds where the condition does; of an `any`, that both hold."""
    if positive:
        return n.Or(Boolean(), (n.Not(Boolean(), condition), body))
    return n.And(Boolean(), (condition, body))


def _held_by_all(channel: Channel) -> str:
    assert channel.bound is not None  # as of all that `shared` has
    return f"{channel.name} holds {counted(channel.bound, 'message')} of all users"


def _unread(node: n.Read) -> Held:
    raise MixedError(f"reads {node.name}")
