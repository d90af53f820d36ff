"""What a graph of orbits says of the joint states: permutations on its edges, and a fair component unfolded again.

A search up to permutation leaves one state of each orbit, and steps that lead to what stands for where they lead. With
the permutation of each step that is all there is to know: whose duty is done on a cycle on which instances change
places is seen by following the permutations along it (Emerson and Sistla, Utilizing Symmetry when Model-Checking under
Fairness Assumptions, ACM TOPLAS 19(4), 1997). Whether a fair run may stay somewhere is decided on orbits
(`kernel.quotient`). A loop is one of joint states: for it the component that it lies in is unfolded.

What may live here: how permutations compose, and what they make of nodes, edges and fairness sets. What may not: what
fairness asks.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from mcfsm.explore.liveness.digraph import distinct, out_edges
from mcfsm.explore.liveness.graph import Graph, Quotient
from mcfsm.explore.symmetry import Symmetry
from mcfsm.kernel.components import ELSEWHERE
from mcfsm.kernel.quotient import PermutationGroup, frames, returns
from mcfsm.model.permutation import Permutation, neighbours
from mcfsm.semantics.fairness import FairSet
from mcfsm.semantics.steps import State


class Compositions:
    """How the permutations of some instances compose, by index."""

    def __init__(self, symmetry: Symmetry) -> None:
        self.symmetry, model = symmetry, symmetry.model
        self._places = np.array([permutation.instances for permutation in symmetry.permutations], dtype=np.int64)
        self._digit = np.zeros(self._places.shape[1], dtype=np.int64)  # of each instance its place in its set
        self._weight = np.zeros(self._places.shape[1], dtype=np.int64)
        count = 1
        for members in model.interchangeable:
            for place, name in enumerate(members):
                self._digit[model.index_of[name]], self._weight[model.index_of[name]] = place, count
                count *= len(members)
        self._index = np.zeros(count, dtype=np.int64)
        self._index[self._code(self._places)] = np.arange(len(self._places))
        self.times = np.array([self._find(places[self._places]) for places in self._places], dtype=np.int64)
        self.inverse = np.array(symmetry.inverses, dtype=np.int64)

    def _code(self, places: Any) -> Any:
        return (self._digit[places] * self._weight).sum(axis=-1)

    def _find(self, places: Any) -> Any:
        return self._index[self._code(places)]

    def index(self, permutation: Permutation) -> int:
        """The number of a permutation."""
        return int(self._find(np.array(permutation.instances)))

    def of_sets(self, sets: dict[FairSet, int]) -> Any:
        """What each permutation makes of each fairness set, by number; images that are none yet are added to `sets`."""
        exchanges = list(neighbours(self.symmetry.model))
        images: list[list[int]] = []
        for set_ in (waiting := list(sets)):
            found = [image_of_set(exchange, set_) for exchange in exchanges]
            waiting += [one for one in dict.fromkeys(found) if one not in sets]
            images.append([sets.setdefault(one, len(sets)) for one in found])
        by_exchange = np.array(images, dtype=np.int64).reshape(-1, len(exchanges)).T
        known = {0: np.arange(len(sets))}
        for element in (reached := [0]):
            for exchange, image in zip(map(self.index, exchanges), by_exchange, strict=True):
                after = int(self.times[element, exchange])
                if after not in known:
                    known[after] = known[element][image]
                    reached.append(after)
        return np.array([known[element] for element in range(len(self.inverse))], dtype=np.int64)


def image_of_set(permutation: Permutation, set_: FairSet) -> FairSet:
    """The fairness set of the images of a set's steps."""
    sender = None if set_.sender is None else permutation.names.get(set_.sender, set_.sender)
    message = None if set_.message is None else permutation.message(set_.message)
    return FairSet(permutation.instances[set_.instance], set_.trigger, sender, message)


def quotient(
    symmetry: Symmetry,
    sets: dict[FairSet, int],
    on_edge: Any,
    orbit_of: Callable[[State], tuple[int, int]],
    fixing: Callable[[Any], Any],
) -> Quotient:
    """What is to be known of a graph of orbits. `sets` gets the images of its fairness sets as well."""
    made = Compositions(symmetry)
    on_set = made.of_sets(sets)
    return Quotient(symmetry, PermutationGroup(made.times, made.inverse, on_edge, on_set), orbit_of, fixing)


class Unfolded(NamedTuple):
    """The joint states of a component as a graph, whose last state stands for all others."""

    graph: Graph
    allowed: Any  # of its edges
    inside: Any
    entry: int


def unfolded(graph: Graph, node: int, element: int, inside: Any, allowed: Any) -> Unfolded:
    """The strongly connected part of the joint states over some nodes in which the image of `node` under `element` is.

    `inside` are the nodes of a component by edges that are allowed.
    """
    quotient, ways, nodes = graph.quotient, graph.ways, np.flatnonzero(inside)
    assert quotient is not None, "joint states are told apart"
    group, size = quotient.group, len(quotient.group.inverse)
    place = np.full(graph.states, -1, dtype=np.int64)
    place[nodes] = np.arange(len(nodes))
    label, frame = np.where(inside, np.int64(0), ELSEWHERE), np.full(graph.states, -1, dtype=np.int64)
    how, queue, found = (ways.first, ways.target, allowed, group, label), nodes.copy(), np.zeros(size, dtype=np.int64)
    frames(*how, node, frame, queue)
    back = returns(*how, frame, queue, np.full(size, -1, dtype=np.int64), found)
    images = group.times[element, generated(group, found[:back])]  # of `node` in this part
    same = Cosets(group, quotient.fixing(nodes))
    keys = distinct(same.keys(np.arange(len(nodes)), group.times[images[:, None], frame[nodes]]).ravel())
    at, image = keys // size, keys % size
    edges = out_edges(ways.first, nodes[at])
    source = np.repeat(np.arange(len(keys)), (ways.first[nodes + 1] - ways.first[nodes])[at])
    to = place[graph.target[edges]]
    key = same.keys(to, group.times[image[source], group.inverse[group.on_edge[edges]]])
    target = np.searchsorted(keys, key)
    there = (to >= 0) & (target < len(keys))
    there[there] = keys[target[there]] == key[there]
    target[~there] = len(keys)  # outside, or by edges that are not allowed only
    taken = graph.taken[edges]
    every = np.ones(len(keys) + 1, dtype=bool)
    part = replace(
        graph,
        states=len(keys) + 1,
        initial=(),
        source=source,
        target=target,
        taken=np.where(taken < 0, -1, group.on_set[image[source], taken]),
        informal=graph.informal[edges],
        causes={},
        goals={},
        expanded=every,
        state_at=lambda number: quotient.symmetry.image(
            quotient.symmetry.permutations[image[number]], graph.state_at(int(nodes[at[number]]))
        ),
        quotient=None,
    )
    entry = int(np.searchsorted(keys, same.keys(place[[node]], np.array([element]))[0]))
    return Unfolded(part, allowed[edges], every & (np.arange(len(every)) < len(keys)), entry)


class Cosets:
    """Images of some states, of which several permutations may make the same."""

    def __init__(self, group: PermutationGroup, fixing: Any) -> None:
        """`fixing` says of each state which permutations leave it as it is."""
        kinds, self._kind = np.unique(fixing, axis=0, return_inverse=True)
        self._first = np.array([group.times[:, np.flatnonzero(kind)].min(axis=1) for kind in kinds], dtype=np.int64)

    def keys(self, states: Any, elements: Any) -> Any:
        """A number for each image, the same where it is the same state."""
        return states * self._first.shape[1] + self._first[self._kind.reshape(-1)[states], elements]


def generated(group: PermutationGroup, elements: Any) -> Any:
    """The products of some elements, ascending."""
    found = np.zeros(len(group.inverse), dtype=bool)
    found[0] = True
    waiting = [0]
    for element in waiting:
        new = group.times[element, elements]
        new = distinct(new[~found[new]])
        found[new] = True
        waiting += new.tolist()
    return np.flatnonzero(found)
