"""A machine of `transitions` run in every local state that it can reach: what each trigger makes of it.

The machine itself is run, on a copy that comes with its model object, so that the order of transitions, conditions,
callbacks, nested states and queues is what the library makes of it, and nothing of it is said twice. A *local state* is
its state with the values of the declared attributes.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Mapping
from contextlib import redirect_stdout
from dataclasses import dataclass
from enum import Enum
from io import StringIO
from typing import Any, Literal, NamedTuple

from transitions import Machine, MachineError

from mcfsm.problems import ModelError, Problem, closest
from mcfsm.questions.machines.purity import DeclaredAttributes, impurity
from mcfsm.semantics.transition import unlogged

MOST_RUNS = 50_000
_MOST_CALLED = 500  # times that the library calls callbacks for one trigger: some five for each transition
_OF_STATES, _OF_TRANSITIONS = ("on_enter", "on_exit"), ("prepare", "before", "after")
_OF_MACHINES = (
    "prepare_event", "before_state_change", "after_state_change", "finalize_event", "on_exception", "on_final",
)  # fmt: skip
Domain = tuple[Any, ...]  # the values of an attribute, in order
Send = tuple[str, str]  # to which machine, which of its triggers


class LocalState(NamedTuple):
    """The state of a machine as its model object has it, lists as tuples, and the values of the attributes."""

    state: Any
    values: tuple[Any, ...]


@dataclass(frozen=True)
class Ran:
    """What a trigger makes of a local state.

    It *moved* where some transition was executed, if only one without a destination, or a callback did something;
    *nothing* where conditions kept all of them, or invalid triggers are ignored; it is *invalid* where the library says
    so at once; and it *failed* where another exception ended it, or this one after something was done.
    """

    before: LocalState
    trigger: str
    kind: Literal["moved", "nothing", "invalid", "failed"]
    after: LocalState
    executed: tuple[int, ...]  # the transitions, by number, in the order in which they were
    sends: tuple[Send, ...]
    error: str | None = None


@dataclass(frozen=True)
class DeclaredTransition:
    """A transition as the machine has it."""

    trigger: str
    source: str
    dest: str | None  # None: no state changes


class Runner:
    """A copy of a machine, ready to be run from any local state. Raises ModelError (M906) for what cannot be."""

    def __init__(
        self, name: str, machine: Machine, attributes: Mapping[str, Domain], sends: Mapping[str, Send]
    ) -> None:
        self.name, self.attributes, self.sends = name, dict(attributes), dict(sends)
        if len(machine.models) != 1:
            raise refused(f"{name} has {len(machine.models)} model objects", "make a machine of one model object")
        if any(kind.__module__ == "transitions.extensions.asyncio" for kind in type(machine).__mro__):
            raise refused(f"{name} is an asynchronous machine", "its transitions may overlap, which is not modelled")
        try:
            self.machine = copy.deepcopy(machine)
        except Exception as error:
            raise refused(
                f"{name} cannot be copied: {error}", "locks, sockets and the like cannot be checked"
            ) from None
        self.model = self.machine.models[0]
        self.executed: list[int] = []
        self.sent: list[Send] = []
        self.triggers = self._triggers()
        self.transitions: list[DeclaredTransition] = []
        for attribute in self.attributes:
            if not hasattr(self.model, attribute):
                known = [one for one in vars(self.model) if not one.startswith("_")]
                raise refused(f"{name} has no attribute {attribute}", closest(attribute, known))
        self._refuse_impure()
        self._number()
        self.called = 0
        self.machine.callbacks = self._counting(self.machine.callbacks)  # type: ignore[method-assign]
        self.initial = self._local(())  # where the machine is now
        for method, send in self.sends.items():
            setattr(self.model, method, self._recorder(send))

    def states(self) -> list[str]:
        """The states of the machine by their names, nested ones by their whole names."""
        nested = getattr(self.machine, "get_nested_state_names", None)
        return list(nested() if nested is not None else self.machine.states)

    def ran(self) -> list[Ran]:
        """Every trigger in every local state that triggers lead to, breadth first. Raises ModelError past MOST_RUNS."""
        found: list[Ran] = []
        ways: dict[LocalState, tuple[str, ...]] = {self.initial: ()}
        ahead = list(ways)
        for here in ahead:
            for trigger in self.triggers:
                way = (*ways[here], trigger)
                found.append(self.run(here, trigger, way))
                after = found[-1].after
                if found[-1].kind == "moved" and after not in ways:
                    ways[after] = way
                    ahead.append(after)
                if len(found) > MOST_RUNS:
                    raise refused(
                        f"{self.name} has more than {MOST_RUNS:,} local states and triggers", "declare smaller domains"
                    )
        return found

    def run(self, here: LocalState, trigger: str, way: tuple[str, ...] = ()) -> Ran:
        """What a trigger makes of a local state, found out twice. Raises ModelError where it is not the same."""
        with unlogged():
            once, again = self._run(here, trigger, way), self._run(here, trigger, way)
        if once != again:
            raise refused(f"{self.name}: {trigger} in {shown(here.state)} does not do the same each time")
        return once

    def _run(self, here: LocalState, trigger: str, way: tuple[str, ...]) -> Ran:
        self._go(here)
        before = self._undeclared()
        self.executed.clear()
        self.sent.clear()
        self.called = 0
        kind: Literal["moved", "nothing", "invalid", "failed"]
        error: Exception | None = None
        try:
            with redirect_stdout(StringIO()):
                self.model.trigger(trigger)
        except Exception as caught:
            error = caught
        finally:
            getattr(self.machine, "_transition_queue", []).clear()
        after = self._local(way)
        done = bool(self.executed or self.sent or after != here)
        if error is None:
            kind = "moved" if done else "nothing"
        else:
            kind = "failed" if done or not isinstance(error, MachineError) else "invalid"
        changed = [one for one, value in self._undeclared().items() if one not in before or before[one] is not value]
        if changed:
            raise refused(f"{self.name}: {trigger} changes the attribute {changed[0]}, which is not declared")
        said = None if error is None else f"{type(error).__name__}: {error}"
        return Ran(here, trigger, kind, after, tuple(self.executed), tuple(self.sent), said)

    def _go(self, here: LocalState) -> None:
        self.machine.set_state(_listed(here.state), self.model)
        for attribute, value in zip(self.attributes, here.values, strict=True):
            setattr(self.model, attribute, value)

    def _local(self, way: tuple[str, ...]) -> LocalState:
        values = []
        for attribute, domain in self.attributes.items():
            value = getattr(self.model, attribute)
            if not any(value is one or (type(value) is type(one) and value == one) for one in domain):
                after = f" after {', '.join(way)}" if way else ""
                message = f"{self.name}: {attribute} is {value!r}{after}, which is not in its domain"
                raise refused(message, "declare a larger domain, or keep the attribute in it")
            values.append(value)
        return LocalState(_frozen(getattr(self.model, self.machine.model_attribute)), tuple(values))

    def _undeclared(self) -> dict[str, Any]:
        state = self.machine.model_attribute
        own = {"_transition_queue", "_initial", "scoped", "prefix_path", "states", "events", "_next_scope"}
        leave = {state, *self.attributes, *(own if self.model is self.machine else ())}
        return {name: value for name, value in vars(self.model).items() if name not in leave}

    def _triggers(self) -> list[str]:
        """The triggers but for those that the library adds for every state."""
        nested = getattr(self.machine, "get_nested_triggers", None)
        names = list(dict.fromkeys(nested() if nested is not None else self.machine.events))
        added = {"to", *(f"to_{state}" for state in self.states())} if self.machine.auto_transitions else set()
        separator = getattr(self.machine.state_cls, "separator", "_")
        added |= {name.replace(separator, "_") for name in added}
        return [name for name in names if name not in added]

    def _number(self) -> None:
        """Number the transitions, and let each say when it is executed."""
        for trigger in self.triggers:
            for transition in self.machine.get_transitions(trigger):
                self.transitions.append(DeclaredTransition(trigger, transition.source, transition.dest))
                transition.before.insert(0, self._noter(len(self.transitions) - 1))

    def _noter(self, number: int) -> Callable[..., None]:
        def note(*_: Any, **__: Any) -> None:
            self.executed.append(number)

        return note

    def _counting(self, callbacks: Callable[..., None]) -> Callable[..., None]:
        """The method of the library that calls callbacks, stopped where triggers trigger each other without end."""

        def called(*arguments: Any) -> None:
            self.called += 1
            if self.called > _MOST_CALLED:
                raise RecursionError("there is no end to what its callbacks trigger")
            callbacks(*arguments)

        return called

    def _recorder(self, send: Send) -> Callable[..., None]:
        return lambda *_, **__: self.sent.append(send)

    def _refuse_impure(self) -> None:
        known = DeclaredAttributes(self.model, frozenset(self.attributes), frozenset(self.sends))
        for where, callback in self._callbacks():
            name = callback if isinstance(callback, str) else getattr(callback, "__name__", repr(callback))
            if name in self.sends:
                continue
            function: Any = callback
            if isinstance(callback, str):
                found = getattr(type(self.model), callback, None)
                if isinstance(found, property):
                    function = found.fget
                elif callback in self.attributes:
                    continue
                elif not hasattr(self.model, callback):
                    raise refused(f"{where} of {self.name} names {callback}, which its model object does not have")
                else:
                    function = getattr(self.model, callback)
                    if not callable(function):
                        message = (
                            f"the callback {callback} ({where} of {self.name}) is an attribute that is not declared"
                        )
                        raise refused(message, "declare it")
            said = impurity(function, known)
            if said is not None:
                message = f"the callback {name} ({where} of {self.name}) {said}"
                raise refused(message, "declare what it reads and sets, or say that it sends a message")

    def _callbacks(self) -> Iterable[tuple[str, Any]]:
        """Every callback and condition, with where it stands; a function that is a send by its name."""
        for kind in _OF_MACHINES:
            yield from ((kind, one) for one in self._named(getattr(self.machine, kind, [])))
        for state in self.states():
            for kind in _OF_STATES:
                found = self.machine.get_state(state)
                yield from ((f"{kind} {state}", one) for one in self._named(getattr(found, kind)))
        for trigger in self.machine.events if not hasattr(self.machine, "get_nested_triggers") else self.triggers:
            for transition in self.machine.get_transitions(trigger):
                where = f"{trigger} in {transition.source}"
                for kind in _OF_TRANSITIONS:
                    yield from ((f"{kind} {where}", one) for one in self._named(getattr(transition, kind)))
                yield from ((f"a condition of {where}", condition.func) for condition in transition.conditions)

    def _named(self, callbacks: list[Any]) -> list[Any]:
        """The callbacks, a function that is a send by its name, so that it is looked up when it is called."""
        for at, one in enumerate(callbacks):
            if getattr(one, "__name__", None) in self.sends:
                callbacks[at] = one.__name__
        return callbacks


def refused(message: str, hint: str | None = None) -> ModelError:
    """The error of a machine that cannot be taken as it is."""
    return ModelError([Problem("M906", None, message, hint)])


def shown(state: Any) -> str:
    """A state by name; several at the same time one after the other."""
    return ", ".join(map(shown, state)) if isinstance(state, tuple) else str(state)


def _frozen(state: Any) -> Any:
    if isinstance(state, list):
        return tuple(map(_frozen, state))
    return state.name if isinstance(state, Enum) else state


def _listed(state: Any) -> Any:
    return [_listed(one) for one in state] if isinstance(state, tuple) else state
