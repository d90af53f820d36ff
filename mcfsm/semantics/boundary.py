"""Where a scenario ends: joint states beyond its boundary are come to, and nothing is asked of them or follows them."""

from __future__ import annotations

from mcfsm.expressions.evaluate import JOINT, LINKS
from mcfsm.model import Model
from mcfsm.problems import ModelError, Problem
from mcfsm.semantics.codes import code_of
from mcfsm.semantics.steps import State


class Beyond:
    """Whether a joint state of a model lies beyond the boundary of its scenario; without one, none does."""

    def __init__(self, model: Model) -> None:
        self.boundary = model.boundary
        self._links = tuple((channel.sender, channel.receiver) for channel in model.channels)
        self._within = None if model.boundary is None else code_of(model.boundary.condition)

    def __call__(self, state: State) -> bool:
        return self._within is not None and not self._within({JOINT: state, LINKS: self._links})

    def first(self, state: State) -> State:
        """The state, as the first of all. Raises ModelError (M616) where it lies beyond."""
        if self(state):
            assert self.boundary is not None
            message = f"the scenario begins beyond its boundary: {self.boundary.text} is false in the initial state"
            hint = "nothing would be explored: widen what within says"
            raise ModelError([Problem("M616", self.boundary.span, message, hint)])
        return state
