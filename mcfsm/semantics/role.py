"""One role on `transitions`: what an instance may do in a local state, with or without a message.

The only importer of `transitions`. The library knows nothing of alternatives, channels or instances, and several of its
ways are fenced in here: every transition is executed by itself (it fires the first enabled one only), guards and
effects are callables (a string would be looked up when fired), models are bound to nothing, and nothing is queued.
Everything it would fail at late - undeclared states, wrong destinations - `language.resolve` has rejected before.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import product
from typing import Any, Literal, NamedTuple

import transitions

from mcfsm.expressions import nodes as n
from mcfsm.expressions.domains import Maybe, SetOf, TooManyValues, Value
from mcfsm.expressions.evaluate import ABSENT, Code, EvaluationError, Frame, compiled
from mcfsm.model import Instance, Local, Message, Model, Role, Sending, Transition
from mcfsm.problems import ModelError, Problem
from mcfsm.semantics.faults import is_down

IGNORE = -1  # the transition of an outcome that consumes an ignored message
Reception = Literal["handled", "ignored", "deferred", "unspecified"]


class Outcome(NamedTuple):
    """What one enabled transition leads to: two outcomes are one if all of this agrees."""

    local: Local
    sends: tuple[tuple[int, Message], ...]  # receiver (instance index), message; in written order
    transition: int  # index in the role's transitions, or IGNORE
    chosen: tuple[tuple[str, Value], ...]


class Event(NamedTuple):
    """A message that arrives, and who sent it."""

    sender: str
    message: Message


class Refusal(NamedTuple):
    """Why one transition is not enabled: the first of its conditions that does not hold."""

    transition: str
    reason: str


class Obstacle(NamedTuple):
    """The first condition of a transition that does not hold: of which sort, in words, with the values it reads."""

    kind: Literal["state", "sender", "choice", "guard", "timer"]
    reason: str
    values: tuple[tuple[str, str], ...] = ()  # of a guard: each name it reads, and its value as shown


class RoleMachine:
    """The role of one instance, ready to step. Local steps are computed anew each time; callers may remember them."""

    def __init__(self, model: Model, instance: Instance) -> None:
        self.model, self.instance = model, instance
        self.role: Role = model.role_of[instance.name]
        self.constants: Frame = {"self": instance.name, "key": instance.key, **dict(instance.parameters)}
        self.machines = [
            transitions.Machine(
                model=None,
                states=list(region.states),
                initial=region.initial,
                auto_transitions=False,
                send_event=True,
                queued=False,
                ignore_invalid_triggers=False,
            )
            for region in self.role.regions
        ]
        self.lines = [_Line(self, index, transition) for index, transition in enumerate(self.role.transitions)]

    def initial(self) -> Local:
        """The local state an instance begins in. Raises ModelError where an initial value leaves its domain."""
        try:
            values = tuple(compiled(variable.initial)(self.constants) for variable in self.role.variables)
        except EvaluationError as error:
            raise self._located(error, "initial values") from None
        return Local(tuple(region.initial for region in self.role.regions), values)

    def final(self, local: Local) -> bool:
        """Whether every region may rest where it is."""
        return all(state in region.final for region, state in zip(self.role.regions, local.states, strict=True))

    def local_step(self, local: Local, event: Event | None) -> tuple[Outcome, ...]:
        """Every enabled outcome, by transition and chosen values in declared order; with a message, those it triggers.

        An ignored message has one outcome, IGNORE; a deferred or unspecified one has none. An instance that is down
        only loses what arrives, or lets it wait. Raises ModelError where a value leaves its domain.
        """
        frame = self._frame(local, event)
        found: dict[Outcome, None] = {}
        for line in () if is_down(local) else self.lines:
            if line.concerns(event):
                try:
                    found.update(dict.fromkeys(line.outcomes(local, frame)))
                except EvaluationError as error:
                    raise self._located(error, f"transition {line.transition.id}") from None
        if not found and event is not None and self._ignores(local, event):
            found[Outcome(local, (), IGNORE, ())] = None
        return tuple(found)

    def reception(self, local: Local, event: Event) -> Reception:
        """What becomes of a message here: transitions first, then ignore, then defer."""
        outcomes = self.local_step(local, event)
        if outcomes:
            return "ignored" if outcomes[0].transition == IGNORE else "handled"
        return "deferred" if is_down(local) or self._listed(self.role.deferred, local, event) else "unspecified"

    def refusals(self, local: Local, event: Event | None) -> list[Refusal]:
        """For each transition that the message might trigger (None: each spontaneous one), why it does not."""
        frame = self._frame(local, event)
        return [Refusal(line.transition.id, line.refusal(local, frame)) for line in self.lines if line.concerns(event)]

    def obstacle(
        self, local: Local, event: Event | None, transition: int, chosen: Mapping[str, str] | None = None
    ) -> Obstacle:
        """Why a transition (by index) is not enabled, with the values in `chosen` (name to value as shown) at least.

        Asked only where `local_step` has no such outcome.
        """
        line = self.lines[transition]
        return line.obstacle(local, self._frame(local, event), chosen or {})

    def _ignores(self, local: Local, event: Event) -> bool:
        """Whether a message that triggers nothing is consumed without effect: listed under ignore, or lost."""
        if is_down(local):
            return self.instance.crash is not None and self.instance.crash.arrivals == "lost"
        return self._listed(self.role.ignored, local, event)

    def _listed(self, listed: dict[str, frozenset[str]], local: Local, event: Event) -> bool:
        return not listed.get(event.message.name, frozenset()).isdisjoint(local.states)

    def _frame(self, local: Local, event: Event | None) -> Frame:
        frame: Frame = dict(self.constants)
        frame.update((region.name, state) for region, state in zip(self.role.regions, local.states, strict=True))
        frame.update((var.name, value) for var, value in zip(self.role.variables, local.values, strict=True))
        if event is not None:
            frame["sender"], frame["msg"] = event.sender, event.message
        return frame

    def _located(self, error: EvaluationError, where: str) -> ModelError:
        problem = error.problem
        return ModelError([replace(problem, message=f"{problem.message} ({where} of {self.instance.name})")])


class _Place:
    """What `transitions` calls a model: the thing whose state an executed transition changes."""

    state: str


class _Line:
    """One transition of the role, as a transition of the library for every state it may start in."""

    def __init__(self, machine: RoleMachine, index: int, transition: Transition) -> None:
        self.machine, self.index, self.transition = machine, index, transition
        sources, dests = dict(transition.sources), dict(transition.dests)
        self.home = next(iter([*sources, *dests]), 0)
        self.elsewhere = [(region, states) for region, states in sources.items() if region != self.home]
        self.moves = [(region, state) for region, state in dests.items() if region != self.home]
        self.senders = None if transition.senders is None else compiled(transition.senders)
        self.senders_are_set = transition.senders is not None and isinstance(transition.senders.domain, SetOf)
        self.choices = [(choice, compiled(choice.source)) for choice in transition.choices]
        self.guards = [(guard, compiled(guard.node)) for guard in transition.guards]
        self.assignments = [
            (a.variable, None if a.key is None else compiled(a.key), compiled(a.value)) for a in transition.assignments
        ]
        self.sends = [_Send(machine, sending) for sending in transition.sends]
        library = machine.machines[self.home]
        region = machine.role.regions[self.home]
        self.by_state: dict[str, transitions.Transition] = {}
        for state in region.states:
            if self.home not in sources or state in sources[self.home]:
                library.add_transition(
                    transition.trigger,
                    state,
                    dests.get(self.home),
                    conditions=[self._sender_allowed, self._elsewhere_there, *map(_condition, self.guards)],
                    after=[self._effect],
                )
                self.by_state[state] = library.events[transition.trigger].transitions[state][-1]

    def concerns(self, event: Event | None) -> bool:
        """Whether the event is of the kind that triggers this transition."""
        if event is None:
            return self.transition.kind != "reception"
        return self.transition.kind == "reception" and self.transition.trigger == event.message.name

    def outcomes(self, local: Local, frame: Frame) -> Iterator[Outcome]:
        """Every outcome this transition has here: one for each way to choose, none where it is not enabled."""
        edge = self.by_state.get(local.states[self.home])
        if edge is None or not self._plausible(local, frame):
            return
        library = self.machine.machines[self.home]
        for chosen in self._choose(frame, 0, ()):
            place = _Place()
            place.state = local.states[self.home]
            data = transitions.EventData(
                state=library.get_state(place.state),
                event=library.events[self.transition.trigger],
                machine=library,
                model=place,
                args=[],
                kwargs={"frame": {**frame, **dict(chosen)}, "local": local, "results": []},
            )
            if edge.execute(data):
                for states, values, sends in data.kwargs["results"]:
                    moved = (*states[: self.home], place.state, *states[self.home + 1 :])
                    yield Outcome(Local(moved, values), sends, self.index, chosen)

    def refusal(self, local: Local, frame: Frame) -> str:
        """The first condition that does not hold, with its value."""
        return self.obstacle(local, frame, {}).reason

    def obstacle(self, local: Local, frame: Frame, wanted: Mapping[str, str]) -> Obstacle:
        """The first condition that does not hold where the values left open are as wanted."""
        regions = self.machine.role.regions
        for region, states in self.transition.sources:
            if local.states[region] not in states:
                there, needed = local.states[region], " or ".join(sorted(states))
                return Obstacle("state", f"{regions[region].name} is {there}, not {needed}")
        if not self._sender_matches(frame):
            return Obstacle("sender", f"from {frame['sender']} is not allowed")
        possible: dict[str, None] = {}
        try:
            for chosen in self._choose(frame, 0, ()):
                shown = {choice.name: choice.domain.show(dict(chosen)[choice.name]) for choice, _ in self.choices}
                if any(shown[name] != value for name, value in wanted.items()):
                    possible[", ".join(f"{name}={shown[name]}" for name in wanted)] = None
                    continue
                full = {**frame, **dict(chosen)}
                for guard, code in self.guards:
                    if bool(code(full)) is not guard.wanted:
                        if self.transition.kind == "timer" and guard is self.guards[0][0]:
                            return Obstacle("timer", f"timer {self.transition.trigger} is not running")
                        said = f"{guard.text} is {'false' if guard.wanted else 'true'}"
                        return Obstacle("guard", said, tuple(_values_read(guard.node, full, self.machine.model)))
        except EvaluationError as error:
            return Obstacle("guard", error.problem.message)
        if possible:
            asked = ", ".join(f"{name}={value}" for name, value in wanted.items())
            return Obstacle("choice", f"{asked} cannot be chosen, only {' or '.join(possible)}")
        return Obstacle("choice", "nothing can be chosen")

    def _plausible(self, local: Local, frame: Frame) -> bool:
        """Source, then sender, asked before values are chosen: each may read what only holds where those before do."""
        return all(local.states[region] in states for region, states in self.elsewhere) and self._sender_matches(frame)

    def _choose(
        self, frame: Frame, depth: int, chosen: tuple[tuple[str, Value], ...]
    ) -> Iterator[tuple[tuple[str, Value], ...]]:
        if depth == len(self.choices):
            yield chosen
            return
        choice, source = self.choices[depth]
        try:
            values = choice.domain.sorted(source(frame))
        except TooManyValues as error:
            raise EvaluationError(Problem("M406", self.transition.span, str(error))) from None
        for value in values:
            yield from self._choose({**frame, choice.name: value}, depth + 1, (*chosen, (choice.name, value)))

    def _sender_matches(self, frame: Frame) -> bool:
        if self.senders is None:
            return True
        allowed = self.senders(frame)
        return bool(frame["sender"] in allowed if self.senders_are_set else frame["sender"] == allowed)

    def _sender_allowed(self, data: Any) -> bool:
        return self._sender_matches(data.kwargs["frame"])

    def _elsewhere_there(self, data: Any) -> bool:
        states = data.kwargs["local"].states
        return all(states[region] in allowed for region, allowed in self.elsewhere)

    def _effect(self, data: Any) -> None:
        """New values and messages, all from the values before the step; one result for each way to leave O elements."""
        local, frame = data.kwargs["local"], data.kwargs["frame"]
        states = list(local.states)
        for region, state in self.moves:
            states[region] = state
        values = self._assigned(local, frame)
        for sends in product(*(send.ways(frame) for send in self.sends)):
            data.kwargs["results"].append((tuple(states), values, tuple(part for send in sends for part in send)))

    def _assigned(self, local: Local, frame: Frame) -> tuple[Value, ...]:
        values = list(local.values)
        entries: set[tuple[int, int]] = set()
        for variable, key, code in self.assignments:
            value = code(frame)
            if key is None:
                values[variable] = value
                continue
            domain: Any = self.machine.role.variables[variable].domain
            index = domain.index(key(frame))
            if (variable, index) in entries:
                name = self.machine.role.variables[variable].name
                shown = domain.key.show(key(frame))
                message = f"{name}[{shown}] is assigned twice in one step"
                raise EvaluationError(Problem("M704", self.transition.span, message))
            entries.add((variable, index))
            current = values[variable]
            values[variable] = (*current[:index], value, *current[index + 1 :])
        return tuple(values)


class _Send:
    """One message of an effect: to whom, and every way its O elements may be left.

    An O element is not there where its value is none, or an O element of the message received that is not there.
    """

    def __init__(self, machine: RoleMachine, sending: Sending) -> None:
        self.message, self.maybe = sending.message, sending.maybe
        self.to, self.index = compiled(sending.to), machine.model.index_of
        self.elements: list[Code | None] = [None if node is None else compiled(node) for node in sending.elements]
        elements = machine.model.form_of[sending.message].elements
        self.names = [name for name, _, _ in elements]
        self.lacking = [optional and not isinstance(domain, Maybe) for _, domain, optional in elements]
        self.passed = [
            node.position if isinstance(node, n.Element) and node.optional and optional else None
            for node, (_, _, optional) in zip(sending.elements, elements, strict=True)
        ]

    def ways(self, frame: Frame) -> list[tuple[tuple[int, Message], ...]]:
        """Each way: the message to every receiver, in instance order. Present comes before absent."""
        to = self.to(frame)
        receivers = sorted(self.index[name] for name in (to if isinstance(to, frozenset) else (to,)))
        options: list[tuple[Value, ...]] = []
        parts = zip(self.names, self.elements, self.maybe, self.passed, self.lacking, strict=True)
        for name, code, maybe, passed, lacking in parts:
            if code is None:
                options.append((ABSENT,))
                continue
            if passed is not None and not maybe:
                options.append((frame["msg"].elements[passed],))
                continue
            try:
                value = code(frame)
            except EvaluationError as error:
                where = f"{error.problem.message}, in element {name} of {self.message}"
                raise EvaluationError(replace(error.problem, message=where)) from None
            value = ABSENT if value is None and lacking else value
            options.append((value, ABSENT) if maybe else (value,))
        messages = [Message(self.message, elements) for elements in product(*options)]
        return [tuple((receiver, message) for receiver in receivers) for message in messages]


def _values_read(node: n.Node, frame: Frame, model: Model) -> Iterator[tuple[str, str]]:
    """What a guard reads of the frame, each once, as shown; what a quantifier binds is not of the frame."""
    seen: set[str] = set()
    for part in node.walk():
        if isinstance(part, n.Read) and part.name in frame and part.name not in seen:
            seen.add(part.name)
            yield part.name, part.domain.show(frame[part.name])
        elif isinstance(part, n.Element | n.Present) and f"msg.{part.name}" not in seen:
            seen.add(f"msg.{part.name}")
            message: Message = frame["msg"]
            value = message.elements[part.position]
            domain = model.form_of[message.name].elements[part.position][1]
            yield f"msg.{part.name}", "absent" if value is ABSENT else domain.show(value)


def _condition(guarded: tuple[Any, Code]) -> Any:
    guard, code = guarded
    return lambda data: bool(code(data.kwargs["frame"])) is guard.wanted
