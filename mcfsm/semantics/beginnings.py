"""In which joint states a model begins: all combinations of initial values for which its conditions hold.

What may live here: which of some states those are. What may not: how many there may be, which is counted when a model
is resolved, before they are listed.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from mcfsm.expressions.domains import Value
from mcfsm.expressions.evaluate import JOINT, LINKS, EvaluationError
from mcfsm.model import Model
from mcfsm.problems import ModelError, Problem
from mcfsm.semantics.codes import code_of
from mcfsm.semantics.steps import State


def may_begin(model: Model, states: Iterable[State]) -> tuple[State, ...]:
    """Those of some states that the conditions of a model select. Raises ModelError (M617) where there is none."""
    links = [(channel.sender, channel.receiver) for channel in model.channels]
    conditions = [code_of(node) for node in model.begin]
    try:
        found = tuple(state for state in states if all(code({JOINT: state, LINKS: links}) for code in conditions))
    except EvaluationError as error:
        raise ModelError([error.problem]) from None
    if not found:
        message = f"scenario {model.scenario} cannot begin: no combination of initial values meets its conditions"
        raise ModelError([Problem("M617", None, message, "see the conditions under begin")])
    return found


class OpenPart(NamedTuple):
    """What a model leaves open where it begins: a region or a variable of an instance."""

    instance: int
    in_states: bool
    position: int

    def name(self, model: Model) -> str:
        """As an expression has it."""
        owned = model.regions_at(self.instance) if self.in_states else model.variables_at(self.instance)
        return f"{model.instances[self.instance].name}.{owned[self.position].name}"

    def value(self, state: State) -> Value:
        """What it is in a state."""
        local = state.locals[self.instance]
        return local.states[self.position] if self.in_states else local.values[self.position]

    def shown(self, model: Model, state: State) -> str:
        """The same in words."""
        value = self.value(state)
        return str(value) if self.in_states else model.variables_at(self.instance)[self.position].domain.show(value)


def open_parts(model: Model) -> tuple[OpenPart, ...]:
    """The regions and variables of which a model leaves open how they begin."""
    found = []
    for i in range(len(model.instances)):
        found += [OpenPart(i, True, at) for at, region in enumerate(model.regions_at(i)) if region.others]
        found += [OpenPart(i, False, at) for at, variable in enumerate(model.variables_at(i)) if variable.several]
    return tuple(found)
