"""The graph of a model out of the exhaustive search: its states, their steps, and where causes and goals hold."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from typing import Any

import numpy as np

from mcfsm.explore.checkpoint import Checkpoint
from mcfsm.explore.exhaustive import ExhaustiveSearch
from mcfsm.explore.findings import Findings, Limits, ProgressCallback
from mcfsm.explore.liveness.causes_and_goals import causes_and_goals
from mcfsm.explore.liveness.graph import Graph, Quotient
from mcfsm.explore.liveness.quotient import quotient
from mcfsm.explore.liveness.stored_states import StoredStates, no_room
from mcfsm.explore.stopping import SIGNALS, ended_by
from mcfsm.model import LivenessProperty, Model
from mcfsm.problems import ModelError
from mcfsm.semantics.fairness import FairSet
from mcfsm.semantics.properties import LivenessMonitor
from mcfsm.semantics.steps import State
from mcfsm.semantics.trace import with_flow


def explored(
    model: Model,
    *,
    property_ids: Iterable[str],
    liveness_properties: Iterable[LivenessProperty],
    limits: Limits | None = None,
    avoid: frozenset[str] = frozenset(),
    on_progress: ProgressCallback | None = None,
    workers: int | None = None,
    checkpoint: Checkpoint | None = None,
) -> tuple[Findings, Graph | str]:
    """What `exhaustive.explore` finds where everything is explored, and the graph of the same search.

    The graph is that of `reference_graph.graph_of`, numbered in another way; or what stopped it before there was one.
    """
    search = ExhaustiveSearch(
        model,
        property_ids,
        limits=limits,
        full=True,
        avoid=avoid,
        on_progress=on_progress,
        workers=workers,
        checkpoint=checkpoint,
    )
    findings = search.run()
    if findings.stopped in SIGNALS:
        return findings, findings.stopped
    try:
        stopped = no_room(search, search.transitions())
        return findings, stopped or _Found(search, list(liveness_properties)).graph(findings.stopped)
    except KeyboardInterrupt as error:
        return findings, ended_by(error)


class _Found:
    """A search that has ended, and what is asked of its states."""

    def __init__(self, search: ExhaustiveSearch, liveness_properties: list[LivenessProperty]) -> None:
        self.search, self.model, self.liveness_properties = search, search.model, liveness_properties
        self.reached = StoredStates(search, search.whole)

    def graph(self, stopped: str | None) -> Graph:
        sets, taken_by, informal_by = self.reached.moves()
        edges = self.reached.edges()
        known = {set_: number for number, set_ in enumerate(sets)}
        its_quotient = self.quotient(known, edges.permutation) if self.search.symmetry else None
        expanded = self.reached.expanded()
        causes, goals = self.causes_and_goals(expanded)
        return Graph(
            states=self.reached.states,
            initial=tuple(range(self.search.beginnings)),
            source=edges.source,
            target=edges.target,
            taken=taken_by[edges.move],
            informal=informal_by[edges.move],
            sets=tuple(known),
            causes=causes,
            goals=goals,
            expanded=expanded,
            state_at=lambda number: self.search.state(*self.reached.place(number)),
            stopped=stopped,
            quotient=its_quotient,
        )

    def quotient(self, sets: dict[FairSet, int], permutations: Any) -> Quotient:
        """What is to be known of orbits, with the permutation of each edge; `sets` gets all images of its sets."""
        images, components = self.search.tables.images, self.search.tables.components

        def orbit_of(state: State) -> tuple[int, int]:
            ids, permutation = images.least(components.row_of(state))
            return self.reached.number_of(ids), permutation

        def fixing(numbers: Any) -> Any:
            return images.fixing(self.reached.ids(numbers))

        return quotient(self.search.symmetry, sets, permutations, orbit_of, fixing)

    def causes_and_goals(self, expanded: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        """Where the causes and the goal of each property hold. Raises ModelError where an expression has no value."""
        causes, goals, failed = causes_and_goals(
            self.reached,
            expanded.astype(np.uint8),
            [range(self.search.beginnings)],
            [self.liveness_properties],
        )
        for property_ in self.liveness_properties:
            failing = np.flatnonzero(failed[property_.id])
            if len(failing):
                self.fail(property_, failing)
        return {name: column != 0 for name, column in causes.items()}, {name: c != 0 for name, c in goals.items()}

    def fail(self, property_: LivenessProperty, failing: Any) -> None:
        """Raise the ModelError of an expression that has no value, with the flow to a nearest such state."""
        search, monitor = self.search, LivenessMonitor(self.model, property_)
        levels = []
        for number in failing.tolist():
            worker, index = self.reached.place(number)
            levels.append((bisect_right(search.workers[worker].starts, index) - 1, (worker, index)))
        nearest = min(level for level, _ in levels)
        path = search.path([place for level, place in levels if level == nearest], nearest)
        try:
            state = path[-1].target if path else search.initial
            monitor.values(state, initial=search.tables.product.is_initial(state))
        except ModelError as error:
            raise with_flow(error, search.tables.product, path) from None
        raise AssertionError(f"{property_.id} fails in the tables only")
