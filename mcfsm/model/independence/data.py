"""What the data of a model hold of users: each variable, parameter and attribute; and which of them are read."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from functools import partial
from typing import Literal

from mcfsm.expressions import nodes as n
from mcfsm.expressions.domains import Domain, SetOf
from mcfsm.model.independence.effects import MixedUsers, ModelDatum
from mcfsm.model.independence.ownership import ALL, OWN, Held, MixedError, Ownership, each
from mcfsm.model.independence.users import Users
from mcfsm.model.machines import Observer, Role
from mcfsm.model.records import Instance, Model


class ModelData:
    """The data of a model, looked at with some users in mind; `taken` are the transitions that may be."""

    def __init__(self, model: Model, users: Users, taken: Collection[str]) -> None:
        self.model, self.users, self.taken = model, users, taken
        self.instances: dict[str, list[Instance]] = {}
        for instance in model.instances:
            self.instances.setdefault(instance.role, []).append(instance)
        self.roles = [role for role in model.roles if role.name in self.instances]
        self.written = set(self._written())

    def sides(self, role: Role) -> Iterator[bool]:
        """Whether instances of a role are users', and whether others are."""
        mine = {instance.name in self.users.instances for instance in self.instances[role.name]}
        return (side for side in (True, False) if side in mine)

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

    # ---- what they hold
    def has_parts(self, domain: Domain, mine: bool) -> bool:
        """Whether a variable is looked at user by user: of a user's own instance only where it is a map."""
        return self.users.for_each(domain) and not (mine and isinstance(domain, SetOf))

    def held(self, role: Role, mine: bool, node: n.Read) -> Held:
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
        if self.has_parts(domain, mine):
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

    def initial(self, datum: ModelDatum) -> Iterator[MixedUsers]:
        """What is wrong with the first value of a variable."""
        machines: dict[str, Role | Observer] = {role.name: role for role in self.roles}
        machines.update((observer.name, observer) for observer in self.model.observers)
        machine = machines.get(datum.owner)
        if machine is None or datum.kind != "variable":
            return
        variable = next(one for one in machine.variables if one.name == datum.name)
        for mine in self.sides(machine) if isinstance(machine, Role) else (False,):
            read = partial(self.held, machine, mine) if isinstance(machine, Role) else _nothing
            try:
                held = Ownership(self.users, read).value(variable.initial, {})
                if held.kind != "own" and not (self.has_parts(variable.domain, mine) and held == ALL):
                    raise MixedError("looks at all users at once")
            except MixedError as error:
                yield MixedUsers(None, f"the first value of {datum.name} of {datum.owner} {error}")

    # ---- what is read
    def reads(self, role: Role, root: n.Node) -> set[ModelDatum]:
        """The variables and regions of a role that an expression reads."""
        names = {node.name for node in root.walk() if isinstance(node, n.Read)}
        found = {ModelDatum("variable", role.name, one.name) for one in role.variables if one.name in names}
        return found | {ModelDatum("region", role.name, one.name) for one in role.regions if one.name in names}

    def observer_reads(self, observer: Observer, root: n.Node) -> set[ModelDatum]:
        """The variables of an observer, and its state, that an expression reads."""
        names = {node.name for node in root.walk() if isinstance(node, n.Read)}
        found = {ModelDatum("variable", observer.name, one.name) for one in observer.variables if one.name in names}
        region = observer.region.name
        return found | ({ModelDatum("region", observer.name, region)} if region in names else set())

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


def _nothing(node: n.Read) -> Held:
    raise MixedError(f"reads {node.name}")
