"""One transition of a role: whether it is enabled in a local state, and every outcome that it has there.

The only importer of `transitions`, which says what leaves a control state and where it leads. What a guard or an effect
reads besides (variables, the message, chosen values) is evaluated here. The library knows nothing of alternatives,
channels or instances, and several of its ways are fenced in: every transition is executed by itself (it fires the first
enabled one only), conditions and effects are callables (a string would be looked up when fired), models are bound to
nothing, and nothing is queued. Everything it would fail at late - undeclared states, wrong destinations -
`language.resolve` has rejected before.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import cached_property
from itertools import product
from math import prod
from typing import Any, Literal, NamedTuple

import transitions

from mcfsm.expressions import nodes as n
from mcfsm.expressions.domains import Maybe, SetOf, TooManyValues, Value
from mcfsm.expressions.evaluate import ABSENT, Code, EvaluationError, Frame
from mcfsm.model import Choice, Local, Message, Model, Region, Role, Sending, Transition
from mcfsm.problems import Problem
from mcfsm.semantics.codes import code_of

MOST_WAYS = 1 << 24  # combinations of the values that a transition leaves open
IGNORE = -1  # the transition of an outcome that consumes an ignored message
ControlState = tuple[str, ...]  # a state of every region


class Outcome(NamedTuple):
    """What one enabled transition leads to: two outcomes are one if all of this agrees."""

    local: Local
    sends: tuple[tuple[int, Message], ...]  # receiver (instance index), message; in written order
    transition: int  # index in the role's transitions, or IGNORE
    chosen: tuple[tuple[str, Value], ...]


class Obstacle(NamedTuple):
    """The first condition of a transition that does not hold: of which sort, in words, with the values it reads."""

    kind: Literal["state", "sender", "choice", "guard", "timer"]
    reason: str
    values: tuple[tuple[str, str], ...] = ()  # of a guard: each name it reads, and its value as shown


def library_machine(region: Region) -> transitions.Machine:
    """A region as the library has it, with no transition yet."""
    return transitions.Machine(
        model=None,
        states=list(region.states),
        initial=region.initial,
        auto_transitions=False,
        send_event=True,
        queued=False,
        ignore_invalid_triggers=False,
    )


class _Place:
    """What `transitions` calls a model: the thing whose state an executed transition changes."""

    state: str


@contextmanager
def unlogged() -> Iterator[None]:
    """As long as this lasts, the library logs nothing: what is asked of it is no event of the program that asks."""
    logger = logging.getLogger("transitions")
    level = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        logger.setLevel(level)


class ReadyTransition:
    """One transition of the role, as a transition of the library for every state it may start in."""

    def __init__(
        self, model: Model, role: Role, libraries: Sequence[transitions.Machine], index: int, declared: Transition
    ) -> None:
        self.model, self.role, self.libraries = model, role, libraries
        self.index, self.declared = index, declared
        sources, dests = dict(declared.sources), dict(declared.dests)
        self.home = next(iter([*sources, *dests]), 0)
        self.elsewhere = [(region, states) for region, states in sources.items() if region != self.home]
        self.moves = [(region, state) for region, state in dests.items() if region != self.home]
        self.senders = None if declared.senders is None else code_of(declared.senders)
        self.senders_are_set = declared.senders is not None and isinstance(declared.senders.domain, SetOf)
        self.choices = [(choice, _in_order(choice)) for choice in declared.choices]
        fixed = (choice.source for choice in declared.choices)
        self.ways = prod(len(node.value) for node in fixed if isinstance(node, n.Constant))  # to choose, at least
        self.guards = [(code_of(guard.node), guard.wanted) for guard in declared.guards]
        self.assignments = [
            (a.variable, None if a.key is None else code_of(a.key), code_of(a.value)) for a in declared.assignments
        ]
        self.sends = [_Send(model, sending) for sending in declared.sends]
        self.asks = declared.asks
        self.left_open = any(any(sending.maybe) for sending in declared.sends)
        self.writes = frozenset(a.variable for a in declared.assignments)
        self._edges: dict[str, transitions.Transition | None] = {}

    @cached_property
    def reads(self) -> frozenset[int]:
        """The variables that its outcomes depend on, besides the control state and the event."""
        return frozenset(_variables_read(self.role, self.declared))

    def concerns(self, message: str | None) -> bool:
        """Whether a message triggers this transition, or nothing does."""
        if message is None:
            return self.declared.kind != "reception"
        return self.declared.kind == "reception" and self.declared.trigger == message

    def fired(self, states: ControlState) -> ControlState | None:
        """The control state that the library comes to from one, values aside; None where nothing leads from there."""
        edge = self._edge(states[self.home])
        if edge is None:
            return None
        library, place = self.libraries[self.home], _Place()
        place.state = states[self.home]
        data = transitions.EventData(
            state=library.get_state(place.state),
            event=library.events[self.declared.trigger],
            machine=library,
            model=place,
            args=[],
            kwargs={"states": list(states)},
        )
        with unlogged():
            if not edge.execute(data):
                return None
        moved: list[str] = data.kwargs["states"]
        moved[self.home] = place.state
        return tuple(moved)

    def _edge(self, state: str) -> transitions.Transition | None:
        """The transition of the library that starts in a state of its region, made when it is first asked for."""
        if state in self._edges:
            return self._edges[state]
        library, trigger = self.libraries[self.home], self.declared.trigger
        sources, dests = dict(self.declared.sources), dict(self.declared.dests)
        edge = None
        anywhere = self.role.regions[self.home].states  # a crashed instance is nowhere in it
        if state in anywhere and state in sources.get(self.home, anywhere):
            library.add_transition(
                trigger,
                state,
                dests.get(self.home),
                conditions=[self._elsewhere_there],
                after=[self._move_elsewhere],
            )
            edge = library.events[trigger].transitions[state][-1]
        self._edges[state] = edge
        return edge

    def _elsewhere_there(self, data: Any) -> bool:
        states = data.kwargs["states"]
        return all(states[region] in allowed for region, allowed in self.elsewhere)

    def _move_elsewhere(self, data: Any) -> None:
        for region, state in self.moves:
            data.kwargs["states"][region] = state

    def outcomes(self, local: Local, states: ControlState, frame: Frame) -> Iterable[Outcome]:
        """Every outcome this transition has here: one for each way to choose, none where it is not enabled.

        `states` is where the library says that it leads. What is chosen is bound in the frame.
        """
        found = self._outcomes(local, states, frame)
        return dict.fromkeys(found) if self.left_open else found

    def _outcomes(self, local: Local, states: ControlState, frame: Frame) -> Iterator[Outcome]:
        if self.senders is not None and not self._sender_matches(frame):
            return
        if self.ways > MOST_WAYS:
            message = (
                f"{self.declared.id} leaves {self.ways:,} combinations of values open; at most {MOST_WAYS:,} are tried"
            )
            raise EvaluationError(Problem("M706", self.declared.span, message, "leave fewer open at once"))
        for chosen in self._choose(frame, 0, ()) if self.choices else ((),):
            if not all(bool(code(frame)) is wanted for code, wanted in self.guards):
                continue
            left = Local(states, self._assigned(local, frame))
            if not self.sends:
                yield Outcome(left, (), self.index, chosen)
                continue
            for sends in product(*(send.ways(frame) for send in self.sends)):
                yield Outcome(left, tuple(part for send in sends for part in send), self.index, chosen)

    def obstacle(self, local: Local, frame: Frame, wanted: Mapping[str, str]) -> Obstacle:
        """The first condition that does not hold where the values left open are as wanted."""
        regions = self.role.regions
        for region, states in self.declared.sources:
            if local.states[region] not in states:
                return Obstacle("state", self._elsewhere_said(regions[region], local.states[region], sorted(states)))
        if not self._sender_matches(frame):
            return Obstacle("sender", f"from {frame['sender']} is not allowed")
        possible: dict[str, None] = {}
        try:
            for chosen in self._choose(frame, 0, ()):
                shown = {choice.name: choice.domain.show(dict(chosen)[choice.name]) for choice, _ in self.choices}
                if any(shown[name] != value for name, value in wanted.items()):
                    possible[", ".join(f"{name}={shown[name]}" for name in wanted)] = None
                    continue
                for guard, (code, _) in zip(self.declared.guards, self.guards, strict=True):
                    if bool(code(frame)) is not guard.wanted:
                        if self.declared.kind == "timer" and guard is self.declared.guards[0]:
                            return Obstacle("timer", f"timer {self.declared.trigger} is not running")
                        said = f"{guard.text} is {'false' if guard.wanted else 'true'}"
                        return Obstacle("guard", said, tuple(_values_read(guard.node, frame, self.model)))
        except EvaluationError as error:
            return Obstacle("guard", error.problem.message)
        if possible:
            given = ", ".join(f"{name}={value}" for name, value in wanted.items())
            return Obstacle("choice", f"{given} cannot be chosen, only {' or '.join(possible)}")
        return Obstacle("choice", "nothing can be chosen")

    def _elsewhere_said(self, region: Region, there: str, needed: Sequence[str]) -> str:
        """That a region is in another state; a label stands behind a colon, as it may be no noun."""
        words, role = self.model.labels, self.role.name
        if words.label("state", role, there) is None:
            return f"{region.name} is {there}, not {' or '.join(needed)}"
        others = " or ".join(words.state(role, state) for state in needed)
        where = f"{words.region(role, region.name)}: " if len(self.role.regions) > 1 else ""
        return f"{where}{words.state(role, there)}, not {others}"

    def _choose(
        self, frame: Frame, depth: int, chosen: tuple[tuple[str, Value], ...]
    ) -> Iterator[tuple[tuple[str, Value], ...]]:
        """Every way to choose, each bound in the frame while it is looked at."""
        if depth == len(self.choices):
            yield chosen
            return
        choice, source = self.choices[depth]
        try:
            values = source(frame)
        except TooManyValues as error:
            raise EvaluationError(Problem("M406", self.declared.span, str(error))) from None
        for value in values:
            frame[choice.name] = value
            yield from self._choose(frame, depth + 1, (*chosen, (choice.name, value)))

    def _sender_matches(self, frame: Frame) -> bool:
        if self.senders is None:
            return True
        allowed = self.senders(frame)
        return bool(frame["sender"] in allowed if self.senders_are_set else frame["sender"] == allowed)

    def _assigned(self, local: Local, frame: Frame) -> tuple[Value, ...]:
        values = list(local.values)
        entries: set[tuple[int, int]] = set()
        for variable, key, code in self.assignments:
            value = code(frame)
            if key is None:
                values[variable] = value
                continue
            domain: Any = self.role.variables[variable].domain
            index = domain.index(key(frame))
            if (variable, index) in entries:
                name = self.role.variables[variable].name
                shown = domain.key.show(key(frame))
                message = f"{name}[{shown}] is assigned twice in one step"
                raise EvaluationError(Problem("M704", self.declared.span, message))
            entries.add((variable, index))
            current = values[variable]
            values[variable] = (*current[:index], value, *current[index + 1 :])
        return tuple(values)


class _Send:
    """One message of an effect: to whom, and every way its O elements may be left.

    An O element is not there where its value is none, or an O element of the message received that is not there.
    """

    def __init__(self, model: Model, sending: Sending) -> None:
        self.message, self.maybe, self.by_receiver = sending.message, sending.maybe, sending.by_receiver
        self.to, self.index = code_of(sending.to), model.index_of
        self.instances = [instance.name for instance in model.instances]
        self.elements: list[Code | None] = [None if node is None else code_of(node) for node in sending.elements]
        elements = model.form_of[sending.message].elements
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
        if not self.by_receiver:
            return [tuple((receiver, message) for receiver in receivers) for message in self.messages(frame)]
        each = []
        for receiver in receivers:
            inner = {**frame, "receiver": self.instances[receiver]}
            each.append([(receiver, message) for message in self.messages(inner)])
        return list(zip(*each, strict=True)) if each else [()]  # an O element is there for all of them, or for none

    def messages(self, frame: Frame) -> list[Message]:
        """Each way to leave the elements of the message, as many for every receiver."""
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
        return [Message(self.message, elements) for elements in product(*options)]


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


Way = tuple[ReadyTransition, ControlState]  # a transition, and the control state that it leads to


def _variables_read(role: Role, declared: Transition) -> Iterator[int]:
    """The variables that a transition's outcomes depend on, besides the control state and the event."""
    index = {variable.name: i for i, variable in enumerate(role.variables)}
    nodes = [choice.source for choice in declared.choices] + [guard.node for guard in declared.guards]
    nodes += [part for sending in declared.sends for part in (sending.to, *sending.elements) if part is not None]
    for assignment in declared.assignments:
        nodes.append(assignment.value)
        if assignment.key is not None:  # the other entries of the map stay
            nodes.append(assignment.key)
            yield assignment.variable
    for node in nodes if declared.senders is None else [declared.senders, *nodes]:
        yield from (index[part.name] for part in node.walk() if isinstance(part, n.Read) and part.name in index)


def _in_order(choice: Choice) -> Code:
    """What may be chosen, in declared order."""
    source, domain = code_of(choice.source), choice.domain
    if isinstance(choice.source, n.Constant):
        listed = domain.sorted(choice.source.value)
        return lambda _: listed
    return lambda frame: domain.sorted(source(frame))
