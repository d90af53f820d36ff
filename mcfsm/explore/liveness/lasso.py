"""The canonical lasso through a fair component: the shortest stem, then a loop with a witness for every fairness set.

Arrays say which states lie on a shortest way; `product.py` says which step comes first in declared order. So the lasso
is the same whoever produced the graph, and however its states are numbered.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from mcfsm.explore.findings import Lasso
from mcfsm.explore.liveness.digraph import Out, digraph, distinct, out_edges, shortest_ways
from mcfsm.explore.liveness.graph import Graph
from mcfsm.explore.liveness.quotient import unfolded
from mcfsm.model import Fairness
from mcfsm.semantics.fairness import FairSet, fair_set_of, strength
from mcfsm.semantics.product import Product
from mcfsm.semantics.steps import State, Step
from mcfsm.semantics.trace import beginning


def build_lasso(
    product: Product,
    graph: Graph,
    starts: Any,
    region: Any,
    allowed: Any,
    component: Any,
    stops: Any,
    fairness: Fairness,
) -> Lasso:
    """The canonical lasso into one of the fair components, by edges that are allowed.

    Its stem is a shortest one; of those, one that ends where the run may stop, if there is any; then ties go to the
    first step in declared order. The loop goes from one nearest witness to the next, and back on a shortest way.
    """
    walker = _Walker(product, graph, allowed, everything=bool(allowed.all()))
    stem, start, entry, state = walker.stem(starts, region, component >= 0, stops)
    loop = () if stops[entry] else walker.loop_of_states(state, entry, component == component[entry], fairness)
    return Lasso(tuple(stem), tuple(loop), start)


@dataclass
class _Walker:
    product: Product
    graph: Graph
    edges: Any  # those that are allowed, as an array of truths
    everything: bool  # whether all are

    def stem(self, starts: Any, region: Any, fair: Any, stops: Any) -> tuple[list[Step], int, int, State]:
        """The steps of the stem, how many of them come before the cause holds, and the state that it ends in.

        The graph is taken twice, before the cause and after it: state s is s and, in the region, s + n after it.
        """
        n = self.graph.states

        def out(nodes: Any) -> tuple[Any, Any]:
            source, target = self.leaving(nodes[nodes < n])
            setting_off = starts[source] & region[target]
            its_source, its_target = self.leaving(nodes[nodes >= n] - n)
            after = region[its_source] & region[its_target]
            return (
                np.concatenate([source, source[setting_off], its_source[after] + n]),
                np.concatenate([target, target[setting_off] + n, its_target[after] + n]),
            )

        ways = shortest_ways(2 * n, out, self.graph.initial, np.concatenate([fair & starts, fair]))
        assert ways is not None, "a fair component is reachable"
        ends = ways[-1][stops[ways[-1] % n]]
        if len(ends):
            goal = np.zeros(2 * n, dtype=bool)
            goal[ends] = True
            ways = shortest_ways(2 * n, out, self.graph.initial, goal) or ways
        find, start = self.graph.finder({int(node): int(node) for node in ways[0]}), None
        begins = ((find(state), state) for state in self.product.beginnings)
        node, state = next((node, state) for node, state in begins if node is not None)
        steps = [*beginning(self.product, state)]
        for level in ways[1:]:
            step, node, state = self.along(out, node, state, level, lambda at: (at < n, at), lambda at: at % n)
            start = len(steps) if start is None and node >= n else start
            steps.append(step)
        return steps, len(steps) if start is None else start, node % n, state

    def leaving(self, states: Any) -> tuple[Any, Any]:
        """The edges that are allowed and leave some states: sources and targets."""
        edges = out_edges(self.graph.ways.first, states)
        edges = edges[self.edges[edges]]
        return self.graph.source[edges].astype(np.int64), self.graph.target[edges].astype(np.int64)

    def along(
        self,
        out: Out,
        node: int,
        state: State,
        level: Any,
        preferred: Callable[[int], Any],
        number: Callable[[int], int],
    ) -> tuple[Step, int, State]:
        """The first step in declared order that leads from a node to one of `level`."""
        found = distinct(out(np.array([node]))[1])
        nexts = sorted((int(at) for at in found[np.isin(found, level, kind="table")]), key=preferred, reverse=True)
        find = self.graph.finder({number(at): at for at in nexts})  # of two nodes the preferred one stands last
        for step in self.product.steps(state):
            to = find(step.target) if self.allowed(step) else None
            if to is not None:
                return step, to, step.target
        raise AssertionError("the graph has an edge that is no step")

    def allowed(self, step: Step) -> bool:
        """Whether a lasso may take a step: some may not where informal steps are avoided."""
        if self.everything or step.outcome is None:
            return True
        transition = self.product.transition(step.instance, step.outcome)
        return transition is None or not transition.informative

    # ---- the loop

    def loop_of_states(self, state: State, entry: int, inside: Any, fairness: Fairness) -> Iterator[Step]:
        """What `loop` gives from a joint state that `entry` is or stands for, among the joint states themselves."""
        quotient = self.graph.quotient
        if quotient is None:
            return self.loop(entry, inside, fairness)
        there = quotient.group.inverse[quotient.orbit_of(state)[1]]
        part = unfolded(self.graph, entry, int(there), inside, self.edges)
        return _Walker(self.product, part.graph, part.allowed, self.everything).loop(part.entry, part.inside, fairness)

    def loop(self, entry: int, inside: Any, fairness: Fairness) -> Iterator[Step]:
        """Steps inside a fair component, from a state and back, that bear witness for every fairness set."""
        room = _Room(self.graph, self.edges, inside, fairness)
        at, state, pending = room.place[entry], self.graph.state_at(entry), room.sets()
        pending &= ~room.disabled(at)
        while pending.any():
            ways = shortest_ways(room.ways.nodes, room.ways.out, [at], room.offers(pending))
            assert ways is not None, "a fair component has a witness for every set"
            for level in ways[1:]:
                step, at, state = self.along(room.ways.out, at, state, level, lambda at: at, room.number)
                yield step
            left = pending & ~room.disabled(at)
            if not (pending & ~left).any():
                step, at, state = self.taking(room, at, state, pending)
                yield step
                left[room.index(fair_set_of(self.product.model, step))] = False
                left &= ~room.disabled(at)
            pending = left
        home = np.zeros(room.ways.nodes, dtype=bool)
        home[room.place[entry]] = True
        for level in (shortest_ways(room.ways.nodes, room.ways.out, [at], home) or [])[1:]:
            step, at, state = self.along(room.ways.out, at, state, level, lambda at: at, room.number)
            yield step

    def taking(self, room: _Room, at: int, state: State, pending: Any) -> tuple[Step, int, State]:
        """The first step in declared order that stays inside and takes one of some fairness sets."""
        nexts = distinct(room.ways.out(np.array([at]))[1])
        find = self.graph.finder({room.number(int(to)): int(to) for to in nexts})
        for step in self.product.steps(state):
            taken = fair_set_of(self.product.model, step)
            wanted = taken is not None and bool(pending[room.index(taken)])
            to = find(step.target) if wanted and self.allowed(step) else None
            if to is not None:
                return step, to, step.target
        raise AssertionError("the graph has an edge that is no step")


class _Room:
    """A fair component with its own numbers: its states, the edges inside, what is enabled where."""

    def __init__(self, graph: Graph, edges: Any, inside: Any, fairness: Fairness) -> None:
        self.states = np.flatnonzero(inside)
        self.place = np.full(graph.states, -1, dtype=np.int64)
        self.place[self.states] = np.arange(len(self.states))
        self.numbers: dict[FairSet, int] = {set_: i for i, set_ in enumerate(graph.sets)}
        strengths = [strength(fairness, set_) for set_ in graph.sets]
        self.weak = np.array([kind == "weak" for kind in strengths], dtype=bool)
        self.relevant = np.array([kind != "none" for kind in strengths], dtype=bool)
        width = max(1, len(graph.sets))
        leaving = out_edges(graph.ways.first, self.states)
        owed = leaving[graph.taken[leaving] >= 0]
        pairs = distinct(self.place[graph.source[owed]] * width + graph.taken[owed])
        self.on_state, self.on_set = pairs // width, pairs % width
        kept = leaving[edges[leaving] & inside[graph.target[leaving]]]
        source, target = self.place[graph.source[kept]], self.place[graph.target[kept]]
        self.ways = digraph(len(self.states), source, target)
        fair = graph.taken[kept] >= 0
        self.source, self.taken = source[fair], graph.taken[kept][fair]

    def number(self, at: int) -> int:
        """The graph's number of a state."""
        return int(self.states[at])

    def index(self, set_: FairSet | None) -> int:
        """The number of a fairness set."""
        assert set_ is not None
        return self.numbers[set_]

    def sets(self) -> Any:
        """The sets that need a witness: those that are enabled somewhere inside."""
        found = np.zeros(len(self.relevant), dtype=bool)
        found[self.on_set] = True
        return found & self.relevant

    def disabled(self, at: int) -> Any:
        """The sets that a state bears witness for: those with weak fairness that are disabled in it."""
        first, last = np.searchsorted(self.on_state, [at, at + 1])
        found = self.weak.copy()
        found[self.on_set[first:last]] = False
        return found

    def offers(self, pending: Any) -> Any:
        """The states that bear witness for one of some sets, or that such a set is taken in without leaving."""
        weak = pending & self.weak
        asked = weak[self.on_set]
        enabled = np.bincount(self.on_state[asked], minlength=len(self.states))
        found: Any = enabled < weak.sum()
        found[self.source[pending[self.taken]]] = True
        return found
