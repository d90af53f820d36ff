"""Which transitions may ever be taken, however many users there are."""

from __future__ import annotations

from mcfsm.expressions import nodes as n
from mcfsm.expressions.fold import certain
from mcfsm.model.independence.users import Users
from mcfsm.model.records import Model


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
