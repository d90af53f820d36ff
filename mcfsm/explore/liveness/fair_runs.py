"""Whether every fair run satisfies a liveness property: fair components of the states before the goal.

`p leads to q` is broken iff from a reachable state with p and without q a fair run goes on without q for ever. Every
state may stutter, in no fairness set's favour, so such a run ends in a strongly connected set of states, single states
included, in which each set with weak fairness is taken or somewhere disabled, and each with strong fairness taken or
everywhere disabled. With weak fairness alone it is enough to look at maximal components (Emerson and Lei, Modalities
for Model Checking, Science of Computer Programming 8, 1987); with strong fairness a component that enables a set and
never takes it is cut: the states that enable the set go, and what is left is taken apart again (Emerson and Lei;
Henzinger and Telle, Faster Algorithms for the Nonemptiness of Streett Automata, SWAT 1996).

What is enabled is a matter of the whole product: of every edge of a state, wherever it leads.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from mcfsm.explore.findings import Answer, Lasso
from mcfsm.explore.liveness.digraph import Digraph
from mcfsm.explore.liveness.graph import Graph
from mcfsm.explore.liveness.lasso import build_lasso
from mcfsm.kernel.components import OPEN, collect_bits, fair_sccs, reach, strong_components
from mcfsm.kernel.quotient import fair_sccs_of_orbits
from mcfsm.model import Fairness, LivenessProperty, Model
from mcfsm.semantics.fairness import adverse, strength
from mcfsm.semantics.product import Product
from mcfsm.semantics.steps import Step

EDGES = 1 << 20  # that are looked at together, so that they take little memory beside the graph


class FairnessProblem(NamedTuple):
    """The states in which the goal is still to come, and which fairness is asked of which set."""

    starts: Any  # states with the cause and without the goal
    waiting: Any  # states without the goal
    allowed: Any  # edges a run may take
    weak: Any  # fairness sets, as boolean arrays
    strong: Any


class FairStates(NamedTuple):
    """Where a fair run may stay: for each state the number of its fair component, or -1; and where it may stop."""

    component: Any
    stops: Any
    region: Any  # states without the goal, reachable from a start through such states; none where nothing is fair


def answer(product: Product, graph: Graph, property_: LivenessProperty, fairness: Fairness | None = None) -> Answer:
    """What a graph says of a liveness property of its product. `fairness` stands in for the property's own."""
    kind = fairness or property_.fairness
    lasso = find_lasso(product, graph, property_, kind)
    found = Answer(
        id=property_.id,
        fairness=kind,
        complete=graph.complete,
        stopped=graph.stopped,
        states=graph.states,
        held=bool(graph.causes[property_.id].any()),
        lasso=lasso,
    )
    if lasso is None:
        return replace(found, leaves=leaves(graph, property_, kind)) if found.held else found
    if any(_informal(product, step) for step in (*lasso.stem, *lasso.loop)):
        found = replace(found, leans=True, normative=find_lasso(product, graph, property_, kind, formal=True))
    if kind == "weak" and any(adverse(product.model, step) for step in lasso.loop):
        found = replace(found, strong=find_lasso(product, graph, property_, "strong") is not None)
    return found


def find_lasso(
    product: Product, graph: Graph, property_: LivenessProperty, fairness: Fairness, *, formal: bool = False
) -> Lasso | None:
    """The canonical lasso that violates a property; None where there is none.

    `formal`: without steps that rest on an assumption or an informative item, which stay enabled all the same.
    """
    problem = fairness_problem(graph, property_, fairness, formal=formal)
    fair = fair_components(graph, problem)
    if not (fair.component >= 0).any():
        return None
    stops, allowed = fair.stops, problem.allowed
    return build_lasso(product, graph, problem.starts, fair.region, allowed, fair.component, stops, fairness)


def leaves(graph: Graph, property_: LivenessProperty, fairness: Fairness) -> bool:
    """Whether every fair run that goes by a state with the cause leaves the boundary: of a graph that is complete."""
    if not graph.complete or graph.expanded.all():
        return False
    within, problem = graph.expanded, fairness_problem(graph, property_, fairness)
    starts = graph.causes[property_.id] & within
    return not (fair_components(graph, problem._replace(starts=starts, waiting=within)).component >= 0).any()


def fairness_problem(
    graph: Graph, property_: LivenessProperty, fairness: Fairness, *, formal: bool = False
) -> FairnessProblem:
    """Where a lasso has to lie. Of a search that was cut short, only states whose every step is known count."""
    allowed = ~graph.informal if formal else np.ones(len(graph.source), dtype=bool)
    waiting = ~graph.goals[property_.id] & graph.expanded
    starts = graph.causes[property_.id] & waiting
    if formal:
        first = np.zeros(graph.states, dtype=bool)
        first[list(graph.initial)] = True
        starts &= reachable(graph.ways, allowed, np.ones(graph.states, dtype=bool), first)
    strengths = [strength(fairness, set_) for set_ in graph.sets]
    weak = np.array([kind == "weak" for kind in strengths], dtype=bool)
    strong = np.array([kind == "strong" for kind in strengths], dtype=bool)
    return FairnessProblem(starts, waiting, allowed, weak, strong)


def fair_components(graph: Graph, problem: FairnessProblem) -> FairStates:
    """The fair components that are reachable from a start.

    They are looked for among all states that wait, and only if there are any it matters which of them are reachable:
    all states of a component or none, as what is reachable is closed under the steps between waiting states. A state
    that no way of the whole graph leads back to is a component of its own, and fair if a run may stop there.
    """
    ways, bits, every = graph.ways, bits_of(problem), np.arange(graph.states)
    enabled = np.empty((graph.states, bits.sets.shape[1]), dtype=np.uint64)
    collect_bits(ways.first, np.ones_like(problem.allowed), graph.taken, bits.sets, every, enabled)
    stops = problem.waiting & ~enabled.any(axis=1)
    component = np.where(stops, every, -1)
    waiting = np.flatnonzero(problem.waiting & cyclic(graph))
    if graph.quotient is None:
        fair_sccs(ways.first, ways.target, problem.allowed, graph.taken, *bits, enabled, stops, waiting, component)
    else:
        owed = graph.quotient.group, problem.weak, problem.strong
        fair_sccs_of_orbits(ways.first, ways.target, problem.allowed, graph.taken, *owed, stops, waiting, component)
    region = np.zeros(graph.states, dtype=bool)
    if (component >= 0).any():
        region = reachable(ways, problem.allowed, problem.waiting, problem.starts)
        component[~region] = -1
    return FairStates(component, stops, region)


def reachable(ways: Digraph, edges: Any, room: Any, starts: Any) -> Any:
    """Which nodes are reachable from some of `starts`, these included, by some of the edges and within `room`."""
    found = starts.copy()
    reach(ways.first, ways.target, edges, room, found)
    return found


def components(ways: Digraph) -> Any:
    """The number of the strongly connected component of each node."""
    label = np.full(ways.nodes, OPEN, dtype=np.int64)
    strong_components(ways.first, ways.target, np.ones(len(ways.target), dtype=bool), np.arange(ways.nodes), label)
    return label


def cyclic(graph: Graph) -> Any:
    """Which states lie on a cycle, a step to the state itself included: found out once for all properties."""
    if "cyclic" not in graph.known:
        label, found = components(graph.ways), np.zeros(graph.states, dtype=bool)
        for begin in range(0, len(graph.source), EDGES):
            source, target = graph.source[begin : begin + EDGES], graph.target[begin : begin + EDGES]
            found[source[label[source] == label[target]]] = True
        graph.known["cyclic"] = found
    return graph.known["cyclic"]


class FairnessBits(NamedTuple):
    """A row of words for each fairness set: a bit of its own where fairness is asked of it. And which fairness."""

    sets: Any  # the last row, of no bits, is for the steps that are in none (-1)
    weak: Any
    strong: Any


def bits_of(problem: FairnessProblem) -> FairnessBits:
    """The fairness sets as bits."""
    sets = np.arange(len(problem.weak))
    bits = np.zeros((len(sets) + 1, len(sets) // 64 + 1), dtype=np.uint64)
    bits[sets, sets // 64] = np.uint64(1) << (sets % 64).astype(np.uint64)
    weak, strong = (np.bitwise_or.reduce(bits[:-1][asked], axis=0) for asked in (problem.weak, problem.strong))
    bits &= weak | strong
    return FairnessBits(bits, weak, strong)


def _informal(product: Product, step: Step) -> bool:
    transition = None if step.outcome is None else product.transition(step.instance, step.outcome)
    return transition is not None and transition.informative


def answers(
    model: Model, graph: Graph, fairness: Fairness | None = None, *, avoid: frozenset[str] = frozenset()
) -> Iterator[Answer]:
    """The answer to every liveness property that a graph was made for, in declared order."""
    product = Product(model, avoid=avoid)
    for property_ in model.liveness_properties:
        if property_.id in graph.goals:
            yield answer(product, graph, property_, fairness)
