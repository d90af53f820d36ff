"""One role: what an instance may do in a local state, with or without a message.

What leaves a control state and where it leads is asked of `transition` once for each control state and trigger, as the
answer depends on nothing else; what a guard or an effect reads besides is evaluated for each local state.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import product
from typing import Any, Literal, NamedTuple

from mcfsm.expressions.evaluate import JOINT, LINKS, EvaluationError, Frame
from mcfsm.model import DOWN, Instance, Local, Message, Model, Role
from mcfsm.problems import ModelError, Problem
from mcfsm.semantics.codes import code_of
from mcfsm.semantics.transition import IGNORE, ControlState, Obstacle, Outcome, ReadyTransition, Way, library_machine

Reception = Literal["handled", "ignored", "deferred", "unspecified"]


class Event(NamedTuple):
    """A message that arrives, and who sent it."""

    sender: str
    message: Message


class OwnChannels(NamedTuple):
    """What an instance sees of the joint state: the contents of the channels from and to it."""

    channels: tuple[Any, ...]


Contents = tuple[Any, ...]  # of the channels of an instance, in their order


class Refusal(NamedTuple):
    """Why one transition is not enabled: the first of its conditions that does not hold."""

    transition: str
    reason: str


class RoleMachine:
    """The role of one instance, ready to step. Local steps are computed anew each time; callers may remember them."""

    def __init__(self, model: Model, instance: Instance) -> None:
        self.model, self.instance = model, instance
        self.role: Role = model.role_of[instance.name]
        self.constants: Frame = {"self": instance.name, "key": instance.key, **dict(instance.parameters)}
        libraries = [library_machine(region) for region in self.role.regions]
        self.transitions = [
            ReadyTransition(model, self.role, libraries, index, each)
            for index, each in enumerate(self.role.transitions)
        ]
        own = [(i, c) for i, c in enumerate(model.channels) if instance.name in (c.sender, c.receiver)]
        self.channels = tuple(i for i, _ in own)  # from and to the instance
        self.asks = any(transition.asks for transition in self.transitions)  # what is in them
        self._links = tuple((channel.sender, channel.receiver) for _, channel in own)
        self._leaving: dict[tuple[ControlState, str | None], list[Way]] = {}

    def initial(self) -> Local:
        """The local state an instance begins in, the first of them where there are several. Raises as `beginnings`."""
        return self.beginnings()[0]

    def beginnings(self) -> tuple[Local, ...]:
        """The local states an instance may begin in. Raises ModelError where an initial value leaves its domain."""
        try:
            values = [
                variable.domain.sorted(found) if variable.several else (found,)
                for variable in self.role.variables
                for found in [code_of(variable.initial)(self.constants)]
            ]
        except EvaluationError as error:
            raise self._located(error.at_first, "initial values") from None
        states = product(*(region.firsts for region in self.role.regions))
        return tuple(Local(state, own) for state in states for own in product(*values))

    def final(self, local: Local) -> bool:
        """Whether every region may rest where it is."""
        return all(state in region.final for region, state in zip(self.role.regions, local.states, strict=True))

    def local_step(self, local: Local, event: Event | None, contents: Contents | None = None) -> tuple[Outcome, ...]:
        """Every enabled outcome, by transition and chosen values in declared order; with a message, those it triggers.

        `contents` are those of its channels, where it asks for any without a message.
        An ignored message has one outcome, IGNORE; a deferred or unspecified one has none. An instance that is down
        only loses what arrives, or lets it wait. Raises ModelError where a value leaves its domain.
        """
        found: list[Outcome] = []
        leaving = self.leaving(local.states, None if event is None else event.message.name)
        if leaving:
            frame = self._frame(local, event, contents)
            for way in leaving:
                found += self._outcomes(way, local, frame)
        if not found and event is not None and self.unmatched(local.states, event.message.name) == "ignored":
            found.append(Outcome(local, (), IGNORE, ()))
        return tuple(found)

    def leaving(self, states: ControlState, message: str | None) -> list[Way]:
        """The transitions that may be taken in a control state, each with the control state it leads to.

        Those that a message triggers, or the spontaneous ones; none of an instance that is down.
        """
        found = self._leaving.get((states, message))
        if found is None:
            concerned = [] if DOWN in states else [t for t in self.transitions if t.concerns(message)]
            led = [(transition, transition.fired(states)) for transition in concerned]
            found = self._leaving[states, message] = [(transition, to) for transition, to in led if to is not None]
        return found

    def outcomes(self, way: Way, local: Local, event: Event | None, contents: Contents | None = None) -> list[Outcome]:
        """The enabled outcomes of one transition that leaves a control state: a part of `local_step`.

        They depend on the values that the transition reads, and differ from the local state in those it writes.
        """
        return self._outcomes(way, local, self._frame(local, event, contents))

    def _outcomes(self, way: Way, local: Local, frame: Frame) -> list[Outcome]:
        transition, states = way
        try:
            return list(transition.outcomes(local, states, frame))
        except EvaluationError as error:
            raise self._located(error.problem, f"transition {transition.declared.id}") from None

    def reception(self, local: Local, event: Event) -> Reception:
        """What becomes of a message here: transitions first, then ignore, then defer."""
        outcomes = self.local_step(local, event)
        if outcomes and outcomes[0].transition != IGNORE:
            return "handled"
        return self.unmatched(local.states, event.message.name)

    def unmatched(self, states: ControlState, message: str) -> Reception:
        """What becomes of a message that triggers nothing. To be ignored is to be consumed without effect, or lost."""
        if DOWN in states:
            lost = self.instance.crash is not None and self.instance.crash.arrivals == "lost"
            return "ignored" if lost else "deferred"
        if not self.role.ignored.get(message, frozenset()).isdisjoint(states):
            return "ignored"
        return "unspecified" if self.role.deferred.get(message, frozenset()).isdisjoint(states) else "deferred"

    def refusals(self, local: Local, event: Event | None, contents: Contents | None = None) -> list[Refusal]:
        """For each transition that the message might trigger (None: each spontaneous one), why it does not."""
        frame = self._frame(local, event, contents)
        message = None if event is None else event.message.name
        concerned = [transition for transition in self.transitions if transition.concerns(message)]
        return [Refusal(each.declared.id, each.obstacle(local, frame, {}).reason) for each in concerned]

    def obstacle(
        self,
        local: Local,
        event: Event | None,
        transition: int,
        chosen: Mapping[str, str] | None = None,
        contents: Contents | None = None,
    ) -> Obstacle:
        """Why a transition (by index) is not enabled, with the values in `chosen` (name to value as shown) at least.

        Asked only where `local_step` has no such outcome.
        """
        return self.transitions[transition].obstacle(local, self._frame(local, event, contents), chosen or {})

    def _frame(self, local: Local, event: Event | None, contents: Contents | None = None) -> Frame:
        frame: Frame = dict(self.constants)
        if contents is not None:
            frame[JOINT], frame[LINKS] = OwnChannels(contents), self._links
        frame.update((region.name, state) for region, state in zip(self.role.regions, local.states, strict=True))
        frame.update((var.name, value) for var, value in zip(self.role.variables, local.values, strict=True))
        if event is not None:
            frame["sender"], frame["msg"] = event.sender, event.message
        return frame

    def _located(self, problem: Problem, where: str) -> ModelError:
        return ModelError([replace(problem, message=f"{problem.message} ({where} of {self.instance.name})")])
