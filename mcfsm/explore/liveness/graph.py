"""The reachable joint states and steps as arrays: what the search for lassos works on, whoever produced it.

A producer numbers states and fairness sets as it likes, and lists the steps of a state in any order: what is found does
not depend on it, because ties are decided by `product.py`, whose steps stand in declared order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Protocol

from mcfsm.explore.findings import Findings, Limits, ProgressCallback
from mcfsm.explore.liveness.digraph import Digraph, digraph
from mcfsm.explore.symmetry import Symmetry
from mcfsm.model import LivenessProperty, Model
from mcfsm.semantics.fairness import FairSet
from mcfsm.semantics.steps import State


@dataclass(frozen=True)
class Quotient:
    """What a graph of orbits knows beside its nodes and edges."""

    symmetry: Symmetry
    group: Any  # `kernel.quotient.PermutationGroup`
    orbit_of: Callable[[State], tuple[int, int]]  # a state to its node, and the permutation that takes it there
    fixing: Callable[[Any], Any]  # some nodes to the permutations that leave their states as they are


@dataclass(frozen=True)
class Graph:
    """Every joint step between the reachable states, one edge each, self-loops and equal ends included.

    Edges stand in the order of the states that they leave.

    `source`, `target` and `taken` are integer arrays over the edges: the two states, and the number in `sets` of the
    fairness set that the step belongs to, -1 where it belongs to none. `informal` says of each edge whether its
    transition rests on an assumption or an informative item. A set is enabled in a state iff an edge that takes it
    leaves the state; nothing else says what is enabled, so no step may be left out.

    `causes` and `goals` hold for each liveness property, by id, a boolean array over the states: where all its causes
    hold (of `eventually`: true of the initial state alone) and where its goal does. `expanded` says of which states all
    steps are there: of all, unless a limit stopped the search; then `stopped` names it.

    Where joint states are explored up to permutation, each state stands for its orbit and an edge leads to what stands
    for where its step leads; `quotient` says by which permutation. What is said of a state is said of its orbit, but
    which sets are enabled and taken is of the state itself.
    """

    states: int
    initial: tuple[int, ...]
    source: Any
    target: Any
    taken: Any
    informal: Any
    sets: tuple[FairSet, ...]
    causes: dict[str, Any]
    goals: dict[str, Any]
    expanded: Any
    state_at: Callable[[int], State]  # the joint state of a number; asked for the states along a lasso only
    stopped: str | None = None
    quotient: Quotient | None = None
    known: dict[str, Any] = field(default_factory=dict, init=False, repr=False, compare=False)  # found out of it once

    @cached_property
    def ways(self) -> Digraph:
        """Its edges, found by the state that they leave."""
        return digraph(self.states, self.source, self.target)

    def finder(self, numbers: dict[int, int]) -> Callable[[State], int | None]:
        """What finds for a joint state the value of its number in a dictionary, if that has it."""
        if self.quotient is not None:
            orbit_of = self.quotient.orbit_of
            return lambda state: numbers.get(orbit_of(state)[0])
        return {self.state_at(number): value for number, value in numbers.items()}.get

    @property
    def complete(self) -> bool:
        """Whether every reachable state was expanded."""
        return self.stopped is None


class GraphSource(Protocol):
    """Explores a model and produces its graph; `reference_graph.explored` says what must come out."""

    def __call__(
        self,
        model: Model,
        *,
        property_ids: Iterable[str],
        liveness_properties: Iterable[LivenessProperty],
        limits: Limits | None = None,
        avoid: frozenset[str] = frozenset(),
        on_progress: ProgressCallback | None = None,
        workers: int | None = None,
    ) -> tuple[Findings, Graph | str]:
        """What was asked of states, and the graph with what some liveness properties say of each state.

        Where there is none, as somebody interrupted it or a limit leaves no room for it: what stopped it.
        """
