"""Whether every fair run keeps a liveness promise: fair components of the states in which the goal is still to come.

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

from mcfsm.explore.digraph import components, counted, reachable
from mcfsm.explore.findings import Answer, Lasso
from mcfsm.explore.graph import Graph
from mcfsm.explore.lasso import thread
from mcfsm.fairness import adverse, strength
from mcfsm.model import Fairness, Model, Response
from mcfsm.product import Product, Step


class Sought(NamedTuple):
    """The states without the goal that come after the cause, and which fairness is asked of which set."""

    starts: Any  # states with the cause and without the goal
    region: Any  # states without the goal, reachable from those through such states
    edges: Any  # numbers of the edges a run may take
    weak: Any  # fairness sets, as boolean arrays
    strong: Any


class Fair(NamedTuple):
    """Where a fair run may stay: for each state the number of its fair component, or -1; and where it may stop."""

    component: Any
    stops: Any


def answer(
    model: Model,
    graph: Graph,
    response: Response,
    fairness: Fairness | None = None,
    *,
    avoid: frozenset[str] = frozenset(),
) -> Answer:
    """What a graph says of a liveness promise. `fairness` stands in for the promise's own; `avoid` is the graph's."""
    kind = fairness or response.fairness
    product = Product(model, avoid=avoid)
    lasso = find(product, graph, response, kind)
    found = Answer(
        id=response.id,
        fairness=kind,
        complete=graph.complete,
        stopped=graph.stopped,
        states=graph.states,
        held=bool(graph.causes[response.id].any()),
        lasso=lasso,
    )
    if lasso is None:
        return found
    if any(_informal(product, step) for step in (*lasso.stem, *lasso.loop)):
        found = replace(found, leans=True, normative=find(product, graph, response, kind, formal=True))
    if kind == "weak" and any(adverse(model, step) for step in lasso.loop):
        found = replace(found, strong=find(product, graph, response, "strong") is not None)
    return found


def find(
    product: Product, graph: Graph, response: Response, fairness: Fairness, *, formal: bool = False
) -> Lasso | None:
    """The canonical lasso that breaks a promise; None where there is none.

    `formal`: without steps that rest on an assumption or an informative item, which stay enabled all the same.
    """
    sought = seek(graph, response, fairness, formal=formal)
    fair = fair_components(graph, sought)
    if not (fair.component >= 0).any():
        return None
    return thread(product, graph, sought.starts, sought.region, sought.edges, fair.component, fair.stops, fairness)


def seek(graph: Graph, response: Response, fairness: Fairness, *, formal: bool = False) -> Sought:
    """Where a lasso has to lie. Of a search that was cut short, only states whose every step is known count."""
    allowed = np.flatnonzero(~graph.informal) if formal else np.arange(len(graph.source))
    source, target = graph.source[allowed], graph.target[allowed]
    waiting = ~graph.goals[response.id] & graph.expanded
    starts = graph.causes[response.id] & waiting
    if formal:
        first = np.zeros(graph.states, dtype=bool)
        first[graph.initial] = True
        starts &= reachable(graph.states, source, target, first)
    inside = waiting[source] & waiting[target]
    region = reachable(graph.states, source[inside], target[inside], starts)
    asked = [strength(fairness, set_) for set_ in graph.sets]
    weak = np.array([kind == "weak" for kind in asked], dtype=bool)
    strong = np.array([kind == "strong" for kind in asked], dtype=bool)
    return Sought(starts, region, allowed, weak, strong)


def enabled(graph: Graph, states: Any, sets: Any) -> tuple[Any, Any]:
    """Which of some fairness sets are enabled in which of some states: pairs (state, set), each once, sorted."""
    fair = np.flatnonzero(graph.taken >= 0)
    fair = fair[states[graph.source[fair]] & sets[graph.taken[fair]]]
    width = max(1, len(graph.sets))
    pairs, _ = counted(graph.source[fair].astype(np.int64) * width + graph.taken[fair])
    return pairs // width, pairs % width


def fair_components(graph: Graph, sought: Sought) -> Fair:
    """The fair components inside the region. Each round accepts, drops or cuts every component that is left."""
    width = max(1, len(graph.sets))
    accepted = np.full(graph.states, -1, dtype=np.int64)
    alive = sought.region.copy()
    state, fair_set = enabled(graph, alive, sought.weak | sought.strong)
    stops = alive.copy()
    stops[state] = False
    source, target, taken = (column[sought.edges] for column in (graph.source, graph.target, graph.taken))
    count = 0
    while alive.any():
        states, source, target, taken, label, size = _apart(alive, source, target, taken)
        inner = (label[source] == label[target]) & (taken >= 0)
        took, _ = counted(label[source[inner]] * width + taken[inner])
        there = alive[state]
        state, fair_set = state[there], fair_set[there]
        key = label[state] * width + fair_set
        keys, states_with = counted(key)
        untaken = ~_among(keys, took)
        owner, which = keys // width, keys % width
        dropped = np.zeros(len(size), dtype=bool)
        dropped[owner[untaken & sought.weak[which] & (states_with == size[owner])]] = True
        cutting = untaken & sought.strong[which]
        cut = np.zeros(len(size), dtype=bool)
        cut[owner[cutting]] = True
        good = states[~(dropped | cut)[label[states]]]
        accepted[good] = count + label[good]
        count += len(size)
        alive[good] = False
        alive[states[dropped[label[states]]]] = False
        alive[state[_among(key, keys[cutting])]] = False
    return Fair(accepted, stops)


def _among(keys: Any, listed: Any) -> Any:
    """Which keys are among those listed, which are sorted."""
    if not len(listed):
        return np.zeros(len(keys), dtype=bool)
    return listed[np.minimum(np.searchsorted(listed, keys), len(listed) - 1)] == keys


def _apart(alive: Any, source: Any, target: Any, taken: Any) -> tuple[Any, Any, Any, Any, Any, Any]:
    """The states alive, the edges between them, the component of each state (by state), the sizes of components."""
    kept = alive[source] & alive[target]
    source, target, taken = source[kept], target[kept], taken[kept]
    states = np.flatnonzero(alive)
    place = np.zeros(len(alive), dtype=np.int64)
    place[states] = np.arange(len(states))
    numbers = components(len(states), place[source], place[target])
    label = np.full(len(alive), -1, dtype=np.int64)
    label[states] = numbers
    return states, source, target, taken, label, np.bincount(numbers)


def _informal(product: Product, step: Step) -> bool:
    transition = None if step.outcome is None else product.transition(step.instance, step.outcome)
    return transition is not None and transition.informative


def answers(
    model: Model, graph: Graph, fairness: Fairness | None = None, *, avoid: frozenset[str] = frozenset()
) -> Iterator[Answer]:
    """The answer to every liveness promise that a graph was made for, in declared order."""
    for response in model.responses:
        if response.id in graph.goals:
            yield answer(model, graph, response, fairness, avoid=avoid)
