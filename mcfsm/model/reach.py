"""What of each role a scenario can reach, as far as that is seen without exploring it.

A state is left out for certain: no transition that may happen leads there. A transition may happen unless a condition
of it is false whatever the state, its states are not reached, its budget is 0, or nobody ever sends the message that
it takes. What remains may still be out of reach, which a search alone can tell.
"""

from __future__ import annotations

from dataclasses import dataclass

from mcfsm.expressions.fold import certain
from mcfsm.model.machines import Role, Transition
from mcfsm.model.records import Model


@dataclass(frozen=True)
class Reach:
    """Ids of the transitions that may happen, and the states that may be reached: (role, region, state)."""

    transitions: frozenset[str]
    states: frozenset[tuple[str, str, str]]
    messages: frozenset[str]  # that somebody sends

    def has(self, role: Role, region: int, state: str) -> bool:
        """Whether a state of a role may be reached."""
        return (role.name, role.regions[region].name, state) in self.states


def reach(model: Model) -> Reach:
    """What may be reached in the scenario: the least set of states that holds all that leads out of it."""
    roles = [role for role in model.roles if any(instance.role == role.name for instance in model.instances)]
    states = {(role.name, region.name, first) for role in roles for region in role.regions for first in region.firsts}
    taken: set[str] = set()
    sent = {message.name for _, _, message in model.first_messages}
    empty = {budget.name for budget in model.budgets if budget.limit == 0}
    possible = [(role, t) for role in roles for t in role.transitions if not _never(t, empty)]
    more = True
    while more:
        more = False
        for role, transition in possible:
            if transition.id in taken or not _enabled(role, transition, states, sent):
                continue
            more = True
            taken.add(transition.id)
            sent |= {sending.message for sending in transition.sends}
            states |= {(role.name, role.regions[region].name, dest) for region, dest in transition.dests}
    return Reach(frozenset(taken), frozenset(states), frozenset(sent))


def _never(transition: Transition, empty: set[str]) -> bool:
    """Whether a condition of a transition is false whatever the state, or its budget allows no step."""
    wrong = any(
        certain(guard.node) is not None and certain(guard.node) is not guard.wanted for guard in transition.guards
    )
    return wrong or transition.budget in empty


def _enabled(role: Role, transition: Transition, states: set[tuple[str, str, str]], sent: set[str]) -> bool:
    """Whether the states and the message that a transition asks for may be there."""
    if transition.kind == "reception" and transition.trigger not in sent:
        return False
    return all(
        any((role.name, role.regions[region].name, state) in states for state in wanted)
        for region, wanted in transition.sources
    )
