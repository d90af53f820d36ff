"""Breadth-first search in plain Python: it reads like the definition, and every faster explorer must agree with it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence

from mcfsm.explore.findings import Findings, Limits, Progress, ProgressCallback, Reduction
from mcfsm.explore.shortest import shortest, shortest_up_to_symmetry
from mcfsm.explore.stopping import done_whole, ended_by, noted
from mcfsm.explore.stubborn.choice import StubbornSets
from mcfsm.explore.stubborn.goals import Goals
from mcfsm.explore.symmetry import Orbits, Symmetry
from mcfsm.explore.visited import VisitedCollector
from mcfsm.host.memory import resident
from mcfsm.model import CHECKS, Model
from mcfsm.problems import ModelError
from mcfsm.semantics.product import Product
from mcfsm.semantics.properties import PropertyMonitor
from mcfsm.semantics.steps import State, Step
from mcfsm.semantics.trace import with_flow

NAME = "reference"
SELDOM = 64  # states between two looks at the memory
_PAUSE = 0.25  # seconds between two reports of progress


def explore(
    model: Model,
    *,
    property_ids: Iterable[str] | None = None,
    limits: Limits | None = None,
    full: bool = False,
    avoid: frozenset[str] = frozenset(),
    on_progress: ProgressCallback | None = None,
    workers: int | None = None,  # noqa: ARG001 - one worker is all it has
    reduce: bool = False,
) -> Findings:
    """All reachable joint states of a model, level by level; one of each orbit where instances are interchangeable.

    `asked` names properties and built-in checks (default: all of them); once each is decided the search finishes its
    level and stops, unless `everything` is wanted. `avoid` names transitions that are never taken. To `reduce` is to
    take only those steps of a state that suffice for what is asked (`stubborn.choice`), where no instances are
    interchangeable. Raises ModelError, with the flow that leads there, where a value leaves its domain.
    """
    wanted = [*CHECKS, *(p.id for p in model.state_properties)] if property_ids is None else list(property_ids)
    return _Search(model, set(wanted), limits or Limits(), full, avoid, on_progress, reduce=reduce).run()


class _Search:
    def __init__(
        self,
        model: Model,
        property_ids: set[str],
        limits: Limits,
        full: bool,
        avoid: frozenset[str],
        on_progress: ProgressCallback | None,
        *,
        reduce: bool,
    ) -> None:
        self.product = Product(model, avoid=avoid)
        self.model, self.limits, self.full, self.on_progress = model, limits, full, on_progress
        self.monitors = [
            PropertyMonitor(model, property_) for property_ in model.state_properties if property_.id in property_ids
        ]
        self.undecided = set(property_ids)
        self.checks = property_ids & set(CHECKS)
        self.parents: dict[State, list[tuple[State, Step]]] = {}
        self.goals: dict[str, tuple[int, list[State]]] = {}  # property: level, states that decide it
        self.faults: dict[tuple[str, str], tuple[int, list[State]]] = {}  # (check, subject): level, states
        self.fired: set[str] = set()
        self.beyond: set[State] = set()
        self.collector = VisitedCollector(self.product)
        self.symmetry = Symmetry(model)
        self.orbits = Orbits(self.symmetry)
        self.stubborn = None
        if reduce:
            assert not self.symmetry, "instances are told apart where only some steps are taken"
            properties = [monitor.property for monitor in self.monitors]
            self.stubborn = StubbornSets(self.product, Goals(model, properties, self.product.beginnings[0]))
        self.waited_for = 0
        self.transitions = self.expanded = self.resident = self.partly = self.left_out = 0
        self.began = time.monotonic()
        self.reported, self.told = self.began, 0  # when, and how many violations

    def run(self) -> Findings:
        firsts = [self.orbits.of(state)[0] for state in self.product.beginnings]
        self.parents.update((first, []) for first in firsts)
        level, depth = list(self.parents), 0
        while True:
            following: dict[State, list[tuple[State, Step]]] = {}
            if self.stubborn is not None:
                coverage = {monitor.property.id: monitor.coverage() for monitor in self.monitors}
                self.waited_for = self.stubborn.goals.waited_for(self.goals, coverage)
            stopped = self.expand_level(level, depth, following)
            try:
                with done_whole():
                    self.beyond.update(filter(self.product.beyond, following))
                    following = {state: steps for state, steps in following.items() if state not in self.beyond}
                    self.parents.update(following)
            except KeyboardInterrupt as error:
                stopped = stopped or ended_by(error)
            if following and stopped is None:
                stopped = self.limits.after_level(states=len(self.parents), depth=depth)
            decided = not self.undecided and not self.full
            if not following or stopped is not None or decided:
                return self.found(depth + bool(following), stopped is None and not following, stopped)
            level, depth = list(following), depth + 1

    def found(self, depth: int, complete: bool, stopped: str | None) -> Findings:
        """What was found: put together once more where it is interrupted."""
        try:
            return self.findings(depth, complete, stopped)
        except KeyboardInterrupt as error:
            if stopped is not None:
                raise
            return self.findings(depth, False, ended_by(error))

    def expand_level(
        self, level: list[State], depth: int, following: dict[State, list[tuple[State, Step]]]
    ) -> str | None:
        """Judge and expand the states of a level, up to where something stops it; what that was, if something did.

        Those that are left may be many, and what is known has to be said.
        """
        try:
            for state in level:
                self.judge(state, depth)
                self.expand(state, depth, following)
                stopped = self.stopped_at_once()
                self.report_progress(depth, len(level), len(following))
                if stopped is not None:
                    return stopped
        except KeyboardInterrupt as error:
            return ended_by(error)
        return None

    def stopped_at_once(self) -> str | None:
        """The limit that stops the search within a level."""
        self.expanded += 1
        if self.expanded % SELDOM == 0:
            self.resident = resident()
        return noted(self.limits.at_once(seconds=time.monotonic() - self.began, memory=self.resident))

    def judge(self, state: State, depth: int) -> None:
        """Ask every property about a state."""
        for monitor in self.monitors:
            if self.goals.get(monitor.property.id, (depth,))[0] < depth:
                continue  # decided on an earlier level
            try:
                decided = monitor.decides(state)
            except ModelError as error:
                raise self.with_flow(error, state, depth, monitor.decides) from None
            if decided:
                level, states = self.goals.setdefault(monitor.property.id, (depth, []))
                self.undecided.discard(monitor.property.id)
                if level == depth:
                    states.append(state)

    def expand(self, state: State, depth: int, following: dict[State, list[tuple[State, Step]]]) -> None:
        """Take every step from a state; note what the built-in checks find in it."""
        try:
            expansion = self.product.expand(state)
        except ModelError as error:
            raise self.with_flow(error, state, depth, self.product.expand) from None
        self.collector.note(state)
        for step in expansion.steps:
            if step.outcome is not None:
                transition = self.product.transition(step.instance, step.outcome)
                self.fired.add(transition.id if transition else "")
        steps = self.sufficient(state, expansion.steps)
        self.transitions += len(steps)
        for step in steps:
            target, _ = self.orbits.of(step.target)
            if target in self.parents:
                continue
            following.setdefault(target, []).append((state, step))
        for check, subject in self.symmetry.found(self.product, state, expansion):
            if check in self.checks:
                level, states = self.faults.setdefault((check, subject), (depth, []))
                self.undecided.discard(check)
                if level == depth:
                    states.append(state)

    def sufficient(self, state: State, steps: tuple[Step, ...]) -> Sequence[Step]:
        """The steps that are taken: all of them, or those that suffice, if one leads to what is not expanded yet."""
        if self.stubborn is None:
            return steps
        chosen = self.stubborn.chosen(state, steps, self.waited_for)
        if len(chosen) == len(steps) or all(step.target in self.parents for step in chosen):
            return steps
        self.partly += 1
        self.left_out += len(steps) - len(chosen)
        return chosen

    def report_progress(self, depth: int, level: int, following: int) -> None:
        now = time.monotonic()
        if self.on_progress is None:
            return
        violated = self.violated()
        if now - self.reported >= _PAUSE or len(violated) > self.told:
            self.reported, self.told = now, len(violated)
            self.on_progress(Progress(len(self.parents) + following, self.transitions, depth, level, 0, violated))

    def violated(self) -> tuple[tuple[str, int], ...]:
        """The properties and checks that are known to be violated, each with the depth of the first state."""
        reachable = {monitor.property.id for monitor in self.monitors if monitor.property.form == "reachable"}
        found = {name: level for name, (level, _) in self.goals.items() if name not in reachable}
        for (check, _), (level, _) in self.faults.items():
            found[check] = min(level, found.get(check, level))
        return tuple(found.items())

    def path(self, states: list[State], depth: int) -> tuple[Step, ...]:
        if self.symmetry:
            return tuple(shortest_up_to_symmetry(states, self.parents, self.product, self.orbits, depth))
        return tuple(shortest(states, self.parents, self.product, depth))

    def with_flow(self, error: ModelError, state: State, depth: int, look: Callable[[State], object]) -> ModelError:
        """The error with the flow that leads to it as a hint, as `look` raises it where that flow ends."""
        path = self.path([state], depth)
        if self.symmetry:
            try:
                look(path[-1].target if path else state)
            except ModelError as own:
                error = own
        return with_flow(error, self.product, path)

    def findings(self, depth: int, complete: bool, stopped: str | None) -> Findings:
        faults = [(found, self.path(states, level)) for found, (level, states) in self.faults.items()]
        return Findings(
            engine=NAME,
            states=len(self.parents),
            beyond=len(self.beyond),
            transitions=self.transitions,
            depth=depth,
            complete=complete,
            stopped=stopped,
            seconds=time.monotonic() - self.began,
            paths={name: self.path(states, level) for name, (level, states) in self.goals.items()},
            faults=self.symmetry.faults(self.product, faults),
            fired=frozenset(self.fired - {""}),
            coverage={monitor.property.id: monitor.coverage() for monitor in self.monitors},
            visited=self.symmetry.close_under_symmetry(self.collector.visited()),
            reduction=None if self.stubborn is None else Reduction(self.partly, self.left_out),
        )
