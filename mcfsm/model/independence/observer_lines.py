"""What the lines of observers do to users: a line is the user's whose step it sees, or common."""

from __future__ import annotations

from mcfsm.expressions import nodes as n
from mcfsm.model.independence.data import ModelData
from mcfsm.model.independence.effects import LineEffects, MixedUsers, ModelDatum
from mcfsm.model.independence.ownership import OWN, Held, Ownership
from mcfsm.model.independence.role_lines import RoleLines
from mcfsm.model.machines import Observer, ObserverTransition


def observer_lines(data: ModelData, roles: RoleLines) -> list[LineEffects]:
    """Every line of every observer, in written order."""
    return [_seen(data, roles, one, i, t) for one in data.model.observers for i, t in enumerate(one.transitions)]


def _seen(data: ModelData, roles: RoleLines, observer: Observer, position: int, t: ObserverTransition) -> LineEffects:
    owned, observed = True, frozenset[str]()
    if t.event == "fired":
        observed = t.names
        lines = [line for line in roles.all if line.id in t.names]
        owned = not all(line.common for line in lines)
    elif t.event in ("sent", "received"):
        owned = not roles.owned_messages.isdisjoint(t.names)
    elif t.event == "fault":
        crashing = {i.name for i in data.model.instances if i.crash is not None}
        owned = not crashing.isdisjoint(data.users.instances)
    else:
        owned = False
    line = LineEffects(f"line {position + 1} of observer {observer.name}", t.span, not owned, False, observed=observed)
    if t.event in ("sent", "received"):
        line.triggers |= {ModelDatum("message", "", name) for name in t.names}
    if t.event == "fault" and not t.names <= {"crash", "restart"}:
        line.obstacles.append(MixedUsers(t.span, f"{line.id} sees faults of channels, whosever message they strike"))
    own = {variable.name: variable for variable in observer.variables}

    def read(node: n.Read) -> Held:
        if node.name in own:
            return data.variable(observer.name, node.name, own[node.name].domain, False)
        return OWN  # actor, sender, receiver, the state

    ownership = Ownership(data.users, read, data.attribute)
    roots = [guard.node for guard in t.guards]
    if t.sources is not None:
        line.reads.add(ModelDatum("region", observer.name, observer.region.name))
    for node in roots:
        line.reads |= data.joint_reads(node) | data.observer_reads(observer, node)
        line.trying(ownership.own, node, {})
    for assignment in t.assignments:
        variable = observer.variables[assignment.variable]
        datum = ModelDatum("variable", observer.name, variable.name)
        found = line.writes.setdefault(datum, [])
        for part in (assignment.key, assignment.value):
            if part is not None:
                read_for = data.joint_reads(part) | data.observer_reads(observer, part)
                line.read_for.setdefault(datum, set()).update(read_for)
        entries = data.has_parts(variable.domain, False)
        if not entries and owned:
            found.append(line.changes_shared(observer.name, variable.name))
        line.assigns(datum, ownership, {}, assignment, entries)
    if t.dest is not None:
        found = line.writes.setdefault(ModelDatum("region", observer.name, observer.region.name), [])
        if owned and len(observer.region.states) > 1:
            found.append(line.changes_shared(observer.name, "state"))
    return line
