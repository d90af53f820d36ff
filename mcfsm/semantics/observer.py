"""One observer: a deterministic machine that sees the events of steps and blocks none of them."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from mcfsm.expressions.domains import Map
from mcfsm.expressions.evaluate import EvaluationError, Frame
from mcfsm.model import Local, Observer, ObserverTransition
from mcfsm.problems import ModelError, Problem
from mcfsm.semantics.codes import code_of


class Seen(NamedTuple):
    """One event of a step, as observers see it: its kind; of what; with what may be read."""

    event: str
    name: str  # transition id, message name or kind of fault
    frame: Frame


class ObserverMachine:
    """One observer: a deterministic machine over the events of steps."""

    def __init__(self, observer: Observer) -> None:
        self.observer = observer
        self.transitions: dict[tuple[str, str], list[_ReadyTransition]] = {}
        for declared in observer.transitions:
            transition = _ReadyTransition(declared)
            for name in declared.names or {""}:
                self.transitions.setdefault((declared.event, name), []).append(transition)

    def initial(self) -> Local:
        """The local state the observer begins in. Raises ModelError where an initial value leaves its domain."""
        try:
            values = tuple(code_of(variable.initial)({}) for variable in self.observer.variables)
        except EvaluationError as error:
            raise self._located(error) from None
        return Local((self.observer.region.initial,), values)

    def see(self, local: Local, events: list[Seen]) -> Local:
        """The local state after some events, one after the other. Raises ModelError (M705) where two match."""
        for event, name, frame in events:
            transitions = self.transitions.get((event, name))
            if not transitions:
                continue
            values = zip((variable.name for variable in self.observer.variables), local.values, strict=True)
            full = {**frame, "state": local.states[0], **dict(values)}
            try:
                matching = [transition for transition in transitions if transition.matches(local, full)]
                if len(matching) > 1:
                    places = ", ".join(
                        str(transition.declared.span.line) for transition in matching if transition.declared.span
                    )
                    message = f"observer {self.observer.name} has two transitions for one event (lines {places})"
                    hint = "an observer is deterministic: make their conditions exclude each other"
                    raise ModelError([Problem("M705", matching[1].declared.span, message, hint)])
                if matching:
                    local = self._moved(matching[0], local, full)
            except EvaluationError as error:
                raise self._located(error) from None
        return local

    def _located(self, error: EvaluationError) -> ModelError:
        return ModelError([replace(error.problem, message=f"{error.problem.message} (observer {self.observer.name})")])

    def _moved(self, transition: _ReadyTransition, local: Local, frame: Frame) -> Local:
        values = list(local.values)
        entries: set[tuple[int, int]] = set()
        for variable, key, code in transition.assignments:
            value = code(frame)
            if key is not None:
                name, domain = self.observer.variables[variable].name, self.observer.variables[variable].domain
                assert isinstance(domain, Map)
                index = domain.index(key(frame))
                if (variable, index) in entries:
                    message = f"{name}[{domain.key.show(key(frame))}] is assigned twice in one step"
                    raise EvaluationError(Problem("M704", transition.declared.span, message))
                entries.add((variable, index))
                value = (*values[variable][:index], value, *values[variable][index + 1 :])
            values[variable] = value
        return Local((transition.declared.dest or local.states[0],), tuple(values))


class _ReadyTransition:
    """One transition of an observer, ready to be evaluated."""

    def __init__(self, declared: ObserverTransition) -> None:
        self.declared = declared
        self.guards = [(code_of(guard.node), guard.wanted) for guard in declared.guards]
        self.assignments = [
            (a.variable, None if a.key is None else code_of(a.key), code_of(a.value)) for a in declared.assignments
        ]

    def matches(self, local: Local, frame: Frame) -> bool:
        """Whether it is enabled, its event and name being those it is listed under."""
        sources = self.declared.sources
        return (sources is None or local.states[0] in sources) and all(
            bool(code(frame)) is wanted for code, wanted in self.guards
        )
