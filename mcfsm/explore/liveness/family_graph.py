"""The graphs of many models in one: every state and every edge knows in which models it is.

It is made out of one search of all of them, and the graph of each can be taken out of it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from mcfsm.explore.family import FamilySearch
from mcfsm.explore.liveness.causes_and_goals import causes_and_goals
from mcfsm.explore.liveness.digraph import Digraph, digraph
from mcfsm.explore.liveness.graph import Graph
from mcfsm.explore.liveness.stored_states import StoredStates
from mcfsm.model import LivenessProperty
from mcfsm.problems import ModelError, Problem
from mcfsm.semantics.fairness import FairSet
from mcfsm.semantics.steps import State
from mcfsm.tables.variant_encoding import VariantEncoding


@dataclass(frozen=True)
class FamilyGraph:
    """Arrays over states and edges as those of `Graph`, the edges in the order of the states that they leave.

    Variants are bits: those that reach a state (`reached_by`), that have a step (`edge_variants`), and in which the
    causes and the goal of a property hold, by its id. A set stands for what every model has of it, its message as all
    write it.
    """

    encoding: VariantEncoding
    reached_by: Any
    initial: tuple[tuple[int, ...], ...]  # states in which each model may begin
    source: Any
    target: Any
    edge_variants: Any
    taken: Any
    informal: Any
    sets: tuple[FairSet, ...]
    causes: dict[str, Any]
    goals: dict[str, Any]
    state_at: Callable[[int, int], State]  # a model's state of a number

    @cached_property
    def ways(self) -> Digraph:
        """Its edges, found by the state that they leave."""
        return digraph(len(self.reached_by), self.source, self.target)

    def graph(self, variant: int) -> Graph:
        """The graph of one model alone."""
        bit = np.uint64(1 << variant)
        mine, edges = np.flatnonzero(self.reached_by & bit), np.flatnonzero(self.edge_variants & bit)
        place = np.zeros(len(self.reached_by), dtype=self.source.dtype)
        place[mine] = np.arange(len(mine))
        taken = self.taken[edges]
        used = np.unique(taken[taken >= 0])
        number = np.full(len(self.sets) + 1, -1, dtype=np.int32)  # the last one stands for -1
        number[used] = np.arange(len(used))
        return Graph(
            states=len(mine),
            initial=tuple(place[list(self.initial[variant])].tolist()),
            source=place[self.source[edges]],
            target=place[self.target[edges]],
            taken=number[taken],
            informal=self.informal[edges],
            sets=tuple(self._own(variant, self.sets[set_]) for set_ in used),
            causes={name: (column[mine] & bit) != 0 for name, column in self.causes.items()},
            goals={name: (column[mine] & bit) != 0 for name, column in self.goals.items()},
            expanded=np.ones(len(mine), dtype=bool),
            state_at=lambda number: self.state_at(variant, int(mine[number])),
        )

    def _own(self, variant: int, set_: FairSet) -> FairSet:
        return (
            set_ if set_.message is None else set_._replace(message=self.encoding.decode_message(variant, set_.message))
        )


def family_graph(search: FamilySearch, liveness_properties: Sequence[Sequence[LivenessProperty]]) -> FamilyGraph:
    """The graph of a search that explored everything, and what some properties of each of its models say of the states.

    Raises ModelError where an expression has no value in some model: its own graph says which, and how one comes there.
    """
    reached = StoredStates(search, [worker.states for worker in search.workers])
    reached_by = np.concatenate([search.variants_reached(i) for i in range(len(search.workers))])
    sets, taken, informal = reached.moves()
    edges = reached.edges()
    initial = tuple(search.first_of)
    causes, goals, failed = causes_and_goals(reached, reached_by, initial, liveness_properties)
    for name, variants in failed.items():
        if variants.any():
            raise ModelError([Problem("M701", None, f"{name} has no value in some state of some variant")])
    return FamilyGraph(
        encoding=search.tables.encoding,
        reached_by=reached_by,
        initial=initial,
        source=edges.source,
        target=edges.target,
        edge_variants=edges.variants,
        taken=taken[edges.move],
        informal=informal[edges.move],
        sets=sets,
        causes=dict(causes),
        goals=dict(goals),
        state_at=lambda variant, number: search.tables.components.decode_row(variant, reached.row(number)),
    )
