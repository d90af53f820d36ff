"""One example of a test of a real system: what was done to it, what it answered, and the states that fit.

Conformance is that of Tretmans (ioco: input, output and quiescence), held against the model in its environment
(Larsen, Mikucionis and Nielsen call it relativised). Inputs are the messages that the instances of the tester send to
those under test; outputs those that come back; whatever the system does, silence among it, must be possible after what
was seen so far in the model of all of them. Between the two lie the channels of the model: an input may be taken late,
and an output may have been sent before the input that it arrives after.

Silence (quiescence) is looked for in two ways. Where every state that fits has to send something, silence for
`patience` seconds is a failure. Where some do and some do not, silence for `patience` seconds leaves those that do not.
Where nothing has to come, only `quiet` seconds are spent to hear whether something does all the same.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Literal, NamedTuple

from mcfsm.explore.random.adapter import Adapter, CrashingAdapter, Done, NonConformance, Render
from mcfsm.explore.random.calls import Drawn, Move, MoveKey, key_of
from mcfsm.explore.tapped import Route, Routes, TappedModel, TappedState
from mcfsm.model import CHANNEL_FAULTS, INSTANCE_FAULTS, POLICIES_THAT_KEEP, Content, Message, Model
from mcfsm.model.wire import NotInModel, WireMessage, from_wire, to_wire
from mcfsm.problems import ModelError, Problem
from mcfsm.semantics.steps import Step
from mcfsm.semantics.trace import shown_message

_MOST_IN_HAND = 1000  # messages that arrived and were not received


class Waits(NamedTuple):
    """How long a test waits, in seconds: for what has to come, and for what should not."""

    patience: float
    quiet: float


Driven = dict[tuple[str, tuple[Drawn, ...]], tuple[Step, tuple[Content, ...]]]  # by move and values


class SystemModel:
    """A model of which some instances are a real system. Raises ModelError for one that cannot be tested so."""

    def __init__(self, model: Model, under_test: Iterable[str], moves: dict[MoveKey, Move], render: Render) -> None:
        self.model, self.render = model, render
        self.under_test = frozenset(_instances(model, under_test))
        self.moves = {key: move for key, move in moves.items() if self._drives(key)}
        ends = [(model.index_of[c.sender] in self.under_test, model.index_of[c.receiver] in self.under_test)
                for c in model.channels]  # fmt: skip
        outputs = [i for i, (sends, receives) in enumerate(ends) if sends and not receives]
        for i in outputs:
            if model.channels[i].kind == "set":
                message = f"channel {model.channels[i].name} is a set: what was received may come again for ever"
                raise ModelError([Problem("M905", None, message, "a system is tested over fifo and bag")])
        self.bounds = [(at, i, model.channels[i].bound) for at, i in enumerate(outputs)]
        self.tapped = TappedModel(_taken_in(model, outputs), outputs, self._silent)
        self.move_of = {move.name: move for move in self.moves.values()}
        self._sending = {move.name for key, move in self.moves.items() if self._may_send(key)}
        self.shortest: NonConformance | None = None  # of all that were met, the one in the fewest steps
        self.driven = lru_cache(maxsize=1 << 15)(self._driven)
        self.quiescent = lru_cache(maxsize=1 << 15)(lambda here: self.tapped.quiescent(here, outputs))

    def has_room(self, _before: TappedState, _step: Step, here: TappedState) -> bool:
        """Whether no channel to the tester holds more than its bound on the way: what arrived is in its hands."""
        unseen = ((len(here.state.channels[i]) - len(here.seen[at]), bound) for at, i, bound in self.bounds)
        return all(bound is None or count <= bound for count, bound in unseen)

    def _silent(self, step: Step) -> bool:
        """Steps of the system, and what happens to a message on its way; crashes are of our doing."""
        if step.fault is not None:
            return step.fault.kind in CHANNEL_FAULTS
        return step.outcome is not None and step.instance in self.under_test

    def _drives(self, key: MoveKey) -> bool:
        """Whether a move is ours to take: of the tester's instances, and crashes and restarts of the system's."""
        instance, what = key
        if isinstance(what, tuple):
            return what[0] in INSTANCE_FAULTS and what[1] in self.under_test
        return what is not None and instance not in self.under_test

    def sends(self, move: str) -> bool:
        """Whether a move may send something, so that the next step may follow at once."""
        return move in self._sending

    def _may_send(self, key: MoveKey) -> bool:
        instance, what = key
        return isinstance(what, int) and bool(
            self.model.role_of[self.model.instances[instance].name].transitions[what].sends
        )

    def _driven(self, here: TappedState) -> Driven:
        """The steps of a state that are ours to take, with what then remains seen."""
        found: Driven = {}
        for step, seen in self.tapped.steps(here):
            move = self.moves.get(key_of(step))
            if move is not None:
                found[move.name, move.values(step)] = step, seen
        return found


@dataclass
class Session:
    """One example, from `start` to `stop`."""

    system: SystemModel
    adapter: Adapter
    waits: Waits
    failed: bool = False
    done: list[Done] = field(default_factory=list)

    def start(self) -> None:
        """Start the system, and hear what it does by itself."""
        self.routes: Routes = self._closed(self.system.tapped.initial())
        try:
            self.adapter.start()
            self.settle()
        except BaseException:
            self.failed = True
            self.adapter.stop()
            raise

    def stop(self) -> None:
        """Hear whether anything comes that should not, and end the system."""
        try:
            if not self.failed:
                self.settle()
                self._hear(self.waits.quiet)
        finally:
            self.adapter.stop()

    def options(self) -> Driven:
        """The steps that may be taken whichever of the states it is; the same whatever is on its way."""
        states = iter(self.routes)
        crashes = isinstance(self.adapter, CrashingAdapter)
        common = {key: one for key, one in self.system.driven(next(states)).items() if crashes or not one[0].fault}
        for here in states:
            offered = self.system.driven(here)
            common = {key: found for key, found in common.items() if key in offered and _alike(found, offered[key])}
        return common

    @property
    def unsure(self) -> bool:
        """Whether silence would tell anything."""
        return not all(map(self.system.quiescent, self.routes))

    def take(self, move: str, values: tuple[Drawn, ...], *, at_once: bool) -> None:
        """Take a step in every state, do it to the system, and hear what has to come; not yet, where `at_once`."""
        parts = self.system.move_of[move].parts
        self.done.append(Done(move, values, at_once, tuple(part.name for part in parts), self.system.sends(move)))
        following: Routes = {}
        for here, route in self.routes.items():
            step, seen = self.system.driven(here)[move, values]
            following.setdefault(TappedState(step.target, seen), Route(step, route))
        self.routes = self._closed(following)
        self.failed = True  # until it is known that nothing was raised
        self._do(step)
        if not at_once:
            self.settle()
        self.failed = False

    def settle(self) -> None:
        """Hear what comes until nothing more has to. Raises NonConformance."""
        while not any(map(self.system.quiescent, self.routes)):
            wire = self.adapter.receive(self.waits.patience)
            if wire is None:
                self._fail(None)
            else:
                self._arrive(wire)

    def silence(self) -> None:
        """Hear that nothing comes: what has to send something is then none of the states. Raises NonConformance."""
        self.done.append(Done("silence", ()))
        self._hear(self.waits.patience)
        silent = {here: way for here, way in self.routes.items() if self.system.quiescent(here)}
        if not silent:
            self._fail(None)
        self.routes = self._closed(silent)

    def _hear(self, seconds: float) -> None:
        while (wire := self.adapter.receive(seconds)) is not None:
            self._arrive(wire)
            self.settle()

    def _do(self, step: Step) -> None:
        model = self.system.model
        if step.fault is not None:
            assert isinstance(self.adapter, CrashingAdapter)
            name = model.instances[step.fault.place].name
            (self.adapter.crash if step.fault.kind == "crash" else self.adapter.restart)(name)
        for sent in step.sends:
            if sent.receiver in self.system.under_test and not sent.lost:
                ends = model.instances[step.instance].name, model.instances[sent.receiver].name
                self.adapter.send(to_wire(model, *ends, sent.message))

    def _arrive(self, wire: WireMessage) -> None:
        """Note a message. Raises NonConformance where no state can have sent it."""
        try:
            channel, message = from_wire(self.system.model, wire)
            if channel not in self.system.tapped.at:
                raise NotInModel(f"{wire.sender} is not under test, or {wire.receiver} is")
        except NotInModel as error:
            self._fail(wire, str(error))
        else:
            seen = self.system.tapped.see(self.routes, channel, message)
            if not seen:
                self._fail(wire)
            self.routes = self._closed(seen)

    def _closed(self, routes: Routes) -> Routes:
        return self.system.tapped.closure(routes, self.system.has_room)

    def _fail(self, wire: WireMessage | None, reason: str | None = None) -> None:
        self.failed = True
        kind: Literal["silent", "unexpected"] = "silent" if wire is None else "unexpected"
        tapped = self.system.tapped
        possible = [self._shown(*each) for each in tapped.next_seen(self.routes)]
        possible += ["silence"] if any(map(self.system.quiescent, self.routes)) else []
        route = next(iter(self.routes.values()))
        steps = () if route is None else route.steps
        error = NonConformance(
            kind, wire, reason, tuple(possible), steps, tapped.model, self.system.render, tuple(self.done)
        )
        known = self.system.shortest
        if known is None or len(error.done) < len(known.done):
            self.system.shortest = error
        raise error

    def _shown(self, channel: int, message: Message) -> str:
        declared = self.system.model.channels[channel]
        return f"{shown_message(self.system.model, message)} from {declared.sender} to {declared.receiver}"


def _alike(one: tuple[Step, tuple[Content, ...]], other: tuple[Step, tuple[Content, ...]]) -> bool:
    """Whether two steps do the same to the system."""
    return one[0].sends == other[0].sends


def _taken_in(model: Model, outputs: Iterable[int]) -> Model:
    """The model with room for what the tester has in its hands; a channel that loses when it is full does so still."""
    channels = list(model.channels)
    for i in outputs:
        if channels[i].when_full in POLICIES_THAT_KEEP:
            channels[i] = replace(channels[i], bound=(channels[i].bound or 0) + _MOST_IN_HAND)
    return replace(model, channels=tuple(channels))


def _instances(model: Model, names: Iterable[str]) -> set[int]:
    """The instances of some names, and not all there are. Raises ModelError (M602, M905)."""
    found = {i for name in ((names,) if isinstance(names, str) else names) for i in model.meant_by(name)}
    if not found or len(found) == len(model.instances):
        message = "a system is tested where some instances are under test, and the others are the tester's"
        raise ModelError([Problem("M905", None, message, f"name some of {', '.join(model.index_of)}")])
    return found
