"""The graph of a model in plain Python: states in breadth-first order, edges in the order of `product.steps`."""

from __future__ import annotations

import time
from array import array
from collections.abc import Iterable
from typing import TypedDict

import numpy as np

from mcfsm.explore import reference
from mcfsm.explore.findings import Findings, Limits, Progress, ProgressCallback
from mcfsm.explore.liveness.graph import Graph
from mcfsm.explore.stopping import SIGNALS, ended_by
from mcfsm.explore.symmetry import Orbits, Symmetry
from mcfsm.host.memory import resident
from mcfsm.model import LivenessProperty, Model
from mcfsm.problems import ModelError
from mcfsm.semantics.fairness import FairSet, fair_set_of
from mcfsm.semantics.product import Product
from mcfsm.semantics.properties import LivenessMonitor
from mcfsm.semantics.steps import State, Step
from mcfsm.semantics.trace import beginning, with_flow

_PAUSE = 0.25  # seconds between two reports of progress


def graph_of(
    model: Model,
    *,
    liveness_properties: Iterable[LivenessProperty],
    limits: Limits | None = None,
    avoid: frozenset[str] = frozenset(),
    on_progress: ProgressCallback | None = None,
    workers: int | None = None,  # noqa: ARG001 - one worker is all it has
) -> Graph:
    """All reachable joint states and steps of a model, with causes and goals of some of its liveness properties.

    `avoid` names transitions that are never taken. Everybody is told apart, also where instances are interchangeable.
    A limit stops it as it stops `reference.explore`, which counts orbits then: of states and depth, when the level is
    done. Raises ModelError, with a flow that leads there, where a value leaves its domain.
    """
    return _Search(model, list(liveness_properties), limits or Limits(), avoid, on_progress).run()


def explored(
    model: Model,
    *,
    property_ids: Iterable[str],
    liveness_properties: Iterable[LivenessProperty],
    limits: Limits | None = None,
    avoid: frozenset[str] = frozenset(),
    on_progress: ProgressCallback | None = None,
    workers: int | None = None,
) -> tuple[Findings, Graph | str]:
    """What `reference.explore` finds where all is explored, and the graph; what stopped it where there is none."""
    given: _Given = {"limits": limits, "avoid": avoid, "on_progress": on_progress, "workers": workers}
    findings = reference.explore(model, property_ids=property_ids, full=True, **given)
    if findings.stopped in SIGNALS:
        return findings, findings.stopped
    return findings, graph_of(model, liveness_properties=liveness_properties, **given)


class _Given(TypedDict):
    """What two searches are given alike."""

    limits: Limits | None
    avoid: frozenset[str]
    on_progress: ProgressCallback | None
    workers: int | None


class _Search:
    def __init__(
        self,
        model: Model,
        liveness_properties: list[LivenessProperty],
        limits: Limits,
        avoid: frozenset[str],
        on_progress: ProgressCallback | None,
    ) -> None:
        self.product, self.limits, self.on_progress = Product(model, avoid=avoid), limits, on_progress
        self.model = model
        self.monitors = [LivenessMonitor(model, property_) for property_ in liveness_properties]
        self.states = list(self.product.beginnings)
        self.number = {state: number for number, state in enumerate(self.states)}
        self.parents: list[tuple[int, Step] | None] = [None] * len(self.states)
        self.beyond = [False] * len(self.states)
        self.orbits = Orbits(Symmetry(model))
        self.alike = sum(self.is_alike(state) for state in self.states)  # states that another within stands for
        self.source, self.target, self.taken = array("q"), array("q"), array("i")
        self.informal = array("b")
        self.sets: dict[FairSet, int] = {}
        self.values: list[tuple[array[int], array[int]]] = [(array("b"), array("b")) for _ in liveness_properties]
        self.expanded = self.resident = 0
        self.began = self.reported = time.monotonic()

    def run(self) -> Graph:
        depth, stopped = 0, None
        while self.expanded < len(self.states) and stopped is None:
            end = len(self.states)
            try:
                while self.expanded < end and stopped is None:
                    self.expand(self.expanded)
                    self.expanded += 1
                    self.report_progress(depth, end)
                    stopped = self.limits.at_once(seconds=time.monotonic() - self.began, memory=self.memory())
            except KeyboardInterrupt as error:
                stopped = ended_by(error)
            if not all(self.beyond[self.expanded :]) and stopped is None:
                stopped = self.limits.after_level(states=self.beyond.count(False) - self.alike, depth=depth)
            depth += 1
        return self.graph(stopped if self.expanded < len(self.states) else None)

    def memory(self) -> int:
        """Bytes that the process takes, looked up now and then."""
        if self.expanded % reference.SELDOM == 0:
            self.resident = resident()
        return self.resident

    def expand(self, number: int) -> None:
        """Ask every property about a state, and take its steps."""
        state = self.states[number]
        try:
            holding = [monitor.values(state, initial=self.parents[number] is None) for monitor in self.monitors]
            steps = self.product.steps(state)
        except ModelError as error:
            raise with_flow(error, self.product, self.path(number)) from None
        found = [(self.reach(number, step), *self.label(step)) for step in steps]
        for target, taken, informal in found:
            self.source.append(number)
            self.target.append(target)
            self.taken.append(taken)
            self.informal.append(informal)
        for (causes, goals), (cause, goal) in zip(self.values, holding, strict=True):
            causes.append(cause)
            goals.append(goal)

    def reach(self, source: int, step: Step) -> int:
        """The number of the state that a step leads to."""
        known = self.number.setdefault(step.target, len(self.states))
        if known == len(self.states):
            self.states.append(step.target)
            self.beyond.append(self.product.beyond(step.target))
            self.alike += not self.beyond[-1] and self.is_alike(step.target)
            self.parents.append((source, step))
        return known

    def is_alike(self, state: State) -> bool:
        """Whether a state that is met is in the orbit of one that was met before."""
        return self.orbits.of(state)[0] is not state

    def label(self, step: Step) -> tuple[int, bool]:
        """The fairness set of a step by number, and whether the step is informal."""
        found = fair_set_of(self.model, step)
        transition = None if step.outcome is None else self.product.transition(step.instance, step.outcome)
        number = -1 if found is None else self.sets.setdefault(found, len(self.sets))
        return number, transition is not None and transition.informative

    def path(self, number: int) -> list[Step]:
        """A shortest flow to a state."""
        steps: list[Step] = []
        while (before := self.parents[number]) is not None:
            number = before[0]
            steps.append(before[1])
        return [*beginning(self.product, self.states[number]), *steps[::-1]]

    def report_progress(self, depth: int, end: int) -> None:
        now = time.monotonic()
        if self.on_progress is not None and now - self.reported >= _PAUSE:
            self.reported = now
            self.on_progress(Progress(len(self.states), len(self.source), depth, end - self.expanded, 0))

    def graph(self, stopped: str | None) -> Graph:
        count = len(self.states)
        kept = (np.arange(count) < self.expanded) & ~np.array(self.beyond)
        states: list[State] = self.states

        def over_states(values: array[int]) -> np.ndarray:
            column = np.zeros(count, dtype=bool)
            column[: self.expanded] = np.array(values[: self.expanded], dtype=bool)
            column &= kept
            return column

        known = range(len(self.monitors))
        edges = len(self.source)  # of states that were expanded whole: an interrupt may have left part of one
        while edges and self.source[edges - 1] >= self.expanded:
            edges -= 1
        return Graph(
            states=count,
            initial=tuple(range(len(self.product.beginnings))),
            source=np.array(self.source[:edges], dtype=np.int32),
            target=np.array(self.target[:edges], dtype=np.int32),
            taken=np.array(self.taken[:edges], dtype=np.int32),
            informal=np.array(self.informal[:edges], dtype=bool),
            sets=tuple(self.sets),
            causes={self.monitors[i].property_.id: over_states(self.values[i][0]) for i in known},
            goals={self.monitors[i].property_.id: over_states(self.values[i][1]) for i in known},
            expanded=kept,
            state_at=states.__getitem__,
            stopped=stopped,
        )
