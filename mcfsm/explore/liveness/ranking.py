"""Why no fair run waits for ever: the ranks of the states before a goal, as `evidence.ranking` checks them.

The states that wait fall into strongly connected components, which are numbered so that no step leads to a larger
number. None is fair, so each puts off some set for ever: one that is owed weakly is enabled in all of its states, or
one that is owed strongly in some, and no step inside takes it. That is the set that helps. The states that enable it
are done; what is left of the component, where the set is not enabled, is taken apart again in the same way.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from mcfsm.explore.liveness.digraph import Digraph
from mcfsm.explore.liveness.fair_runs import fairness_problem, reachable
from mcfsm.explore.liveness.graph import Graph
from mcfsm.kernel.components import OPEN, strong_components
from mcfsm.model import Fairness, LivenessProperty, Model
from mcfsm.semantics.fairness import order


def ranking(graph: Graph, property_: LivenessProperty, fairness: Fairness) -> dict[int, list[int]]:
    """Each state that waits, by number, with its ranks: component, fairness set, component, fairness set, ...

    The graph is complete and the property holds. Raises ValueError where some fair run breaks it.
    """
    problem = fairness_problem(graph, property_, fairness)
    ways, sets = graph.ways, max(1, len(graph.sets))
    inside = reachable(ways, problem.allowed, problem.waiting, problem.starts)
    ranks: dict[int, list[int]] = {int(node): [] for node in np.flatnonzero(inside)}
    owed = np.flatnonzero(graph.taken >= 0)
    offers = np.unique(
        graph.source[owed].astype(np.int64) * sets + graph.taken[owed]
    )  # (state, set), by wherever a step leads
    within = inside[graph.source] & inside[graph.target]
    while inside.any():
        component = _components(ways, within, inside)
        within &= component[graph.source] == component[graph.target]
        steps = np.flatnonzero(within & (graph.taken >= 0))
        taken = component[graph.source[steps]] * sets + graph.taken[steps]
        offers = offers[inside[offers // sets]]
        state, set_ = offers // sets, offers % sets
        helpful = _helpful(component, state, set_, taken, problem.weak, problem.strong)
        for node in np.flatnonzero(inside):
            ranks[int(node)] += [int(component[node]), int(helpful[component[node]])]
        if (helpful[component[inside]] < 0).any():
            raise ValueError(f"{property_.id} is broken by a fair run")
        inside[state[set_ == helpful[component[state]]]] = False
        within &= inside[graph.source] & inside[graph.target]
    return ranks


def renumbered(graph: Graph, model: Model, number: Any) -> Graph:
    """The same graph with other numbers of its states, and its fairness sets as declared.

    Then what is found does not depend on the order in which a search met them.
    """
    declared = sorted(range(len(graph.sets)), key=lambda set_: order(model, graph.sets[set_]))
    place = np.full(len(declared) + 1, -1, dtype=np.int64)  # the last is of the steps that are in no set
    place[declared] = np.arange(len(declared))
    source, target, taken = number[graph.source], number[graph.target], place[graph.taken]
    by_source = np.lexsort((taken, target, source))

    def over_states(values: Any) -> Any:
        found = np.zeros_like(values)
        found[number] = values
        return found

    return replace(
        graph,
        initial=tuple(number[list(graph.initial)].tolist()),
        source=source[by_source],
        target=target[by_source],
        taken=taken[by_source],
        informal=graph.informal[by_source],
        sets=tuple(graph.sets[set_] for set_ in declared),
        causes={name: over_states(values) for name, values in graph.causes.items()},
        goals={name: over_states(values) for name, values in graph.goals.items()},
        expanded=over_states(graph.expanded),
    )


def _components(ways: Digraph, within: Any, inside: Any) -> Any:
    """The component of each node inside, numbered so that no step leads to a larger number; OPEN of all others."""
    label = np.full(ways.nodes, OPEN, dtype=np.int64)
    strong_components(ways.first, ways.target, within, np.flatnonzero(inside), label)
    return label


def _helpful(component: Any, state: Any, set_: Any, taken: Any, weak: Any, strong: Any) -> Any:
    """For each component a set that it enables and never takes: everywhere, if it is owed weakly; -1 where none is."""
    count, sets = int(component.max()) + 1, len(weak)
    size = np.bincount(component[component >= 0], minlength=count)
    enabled, states = np.unique(component[state] * max(1, sets) + set_, return_counts=True)
    where, which = enabled // max(1, sets), enabled % max(1, sets)
    put_off = ~np.isin(enabled, taken)
    found = np.full(count, -1, dtype=np.int64)
    for helps in (strong[which] & put_off, weak[which] & put_off & (states == size[where])):
        found[where[helps][::-1]] = which[helps][::-1]
    return found
