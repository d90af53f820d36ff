"""Where a fair run may stay in a graph that has one node for each orbit of a group. Compiled.

What may live here: edges as arrays (as in `components`), and on each edge an element of a group. What these stand for
is said by who calls.

Node v stands for its images g(v) under the elements g of the group. An edge from v to w with the element p is a step
from v to what p takes to w. So its image under g leads from g(v) to h(w), where h is g after the inverse of p: a way
from `root` comes to each node under an element, its *frame*, and to the same node by another way under another one.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from mcfsm.kernel.components import ELSEWHERE, OPEN, strong_components
from mcfsm.kernel.jit import compiled


class PermutationGroup(NamedTuple):
    """A group, whose first element moves nothing, the element on each edge, and what elements do to sets of edges."""

    times: Any  # [a, b]: first b, then a
    inverse: Any
    on_edge: Any
    on_set: Any  # [a, s]: the set that a makes of s


@compiled
def frames(
    first: Any, target: Any, edges: Any, group: PermutationGroup, label: Any, root: int, frame: Any, queue: Any
) -> int:
    """Give the nodes that `root` comes to by edges between nodes of its label a frame, and note them in `queue`.

    Those of all nodes of that label are -1 before. How many nodes there are comes back.
    """
    frame[root] = 0
    queue[0] = root
    count, at = 1, 0
    while at < count:
        node = queue[at]
        at += 1
        for edge in range(first[node], first[node + 1]):
            to = np.int64(target[edge])
            if edges[edge] and label[to] == label[root] and frame[to] < 0:
                frame[to] = group.times[frame[node], group.inverse[group.on_edge[edge]]]
                queue[count] = to
                count += 1
    return count


@compiled
def returns(
    first: Any,
    target: Any,
    edges: Any,
    group: PermutationGroup,
    label: Any,
    frame: Any,
    nodes: Any,
    seen: Any,
    found: Any,
) -> int:
    """Note in `found` the elements under which a way may come back to the first of some nodes, once each.

    The nodes are all of one component; ways that come back there do so under the products of what is noted. `seen` has
    for each element the node for which it was noted last. How many were noted comes back: none where there is no way.
    """
    count = 0
    for node in nodes:
        for edge in range(first[node], first[node + 1]):
            to = np.int64(target[edge])
            if edges[edge] and label[to] == label[node]:
                there = group.times[frame[node], group.inverse[group.on_edge[edge]]]
                element = group.times[there, group.inverse[frame[to]]]
                if seen[element] != nodes[0]:
                    seen[element] = nodes[0]
                    found[count] = element
                    count += 1
    return count


@compiled
def _orbit(of: Any, set_: int) -> int:
    """What stands for the orbit of a set; ways to it become shorter."""
    while of[set_] != set_:
        of[set_] = of[of[set_]]
        set_ = of[set_]
    return set_


@compiled
def fair_sccs_of_orbits(
    first: Any,
    target: Any,
    edges: Any,
    edge_set: Any,
    group: PermutationGroup,
    weak: Any,
    strong: Any,
    stops: Any,
    nodes: Any,
    component: Any,
) -> None:
    """Give each of `nodes` in `component` a node of the component that stands for its fair component, or -1.

    As `components.fair_sccs` does it on the graph that the nodes and their images make (Emerson and Sistla 1997): of
    that, a component has over each node the images under the products of what `returns` notes, each after the frame. So
    a set is enabled in all of its nodes if, seen from the frames, all sets of its orbit are in all nodes; and one that
    is taken at a node is taken, as are all of its orbit. Sets of a node and of its edges are seen from its frame here.

    `weak` and `strong` say of which sets which fairness is asked, alike of an orbit; `stops` where a run may end.
    """
    sets, size = len(weak), len(component)
    label = np.full(size, ELSEWHERE, np.int64)
    frame = np.empty(size, np.int64)
    left, queue = np.empty(len(nodes), np.int64), np.empty(len(nodes), np.int64)
    for i in range(len(nodes)):
        left[i] = nodes[i]
        label[nodes[i]] = OPEN
        component[nodes[i]] = -1
    seen, found = np.empty(len(group.inverse), np.int64), np.empty(len(group.inverse), np.int64)
    of, offered, last = np.empty(sets, np.int64), np.empty(sets, np.int64), np.empty(sets, np.int64)
    taking, somewhere, everywhere = np.empty(sets, np.bool_), np.empty(sets, np.bool_), np.empty(sets, np.bool_)
    count = len(nodes)
    while count > 0:
        strong_components(first, target, edges, left[:count], label)
        todo = left[:count].copy()
        for node in todo:
            frame[node] = -1
        seen[:] = -1
        count = 0
        for root in todo:
            if frame[root] >= 0:
                continue
            met = frames(first, target, edges, group, label, root, frame, queue)
            elements = returns(first, target, edges, group, label, frame, queue[:met], seen, found)
            if elements == 0:
                component[root] = root if stops[root] else -1
                label[root] = ELSEWHERE
                continue
            for s in range(sets):
                of[s], offered[s], last[s], taking[s] = s, 0, -1, False
                somewhere[s], everywhere[s] = False, True
            for element in found[:elements]:
                for s in range(sets):
                    of[_orbit(of, s)] = _orbit(of, group.on_set[element, s])
            for node in queue[:met]:
                for edge in range(first[node], first[node + 1]):
                    if edge_set[edge] >= 0:
                        set_ = group.on_set[frame[node], edge_set[edge]]
                        offered[set_] += last[set_] != node
                        last[set_] = node
                        taking[_orbit(of, set_)] |= edges[edge] and label[target[edge]] == label[root]
            for s in range(sets):
                somewhere[_orbit(of, s)] |= offered[s] > 0
                everywhere[_orbit(of, s)] &= offered[s] == met
            dropped = cut = False
            for s in range(sets):
                orbit = _orbit(of, s)
                dropped |= weak[s] and everywhere[orbit] and not taking[orbit]
                cut |= strong[s] and somewhere[orbit] and not taking[orbit]
            for node in queue[:met]:
                label[node] = ELSEWHERE
                if not dropped and not cut:
                    component[node] = root
                elif not dropped:
                    goes = False
                    for edge in range(first[node], first[node + 1]):
                        if edge_set[edge] >= 0:
                            set_ = group.on_set[frame[node], edge_set[edge]]
                            goes |= strong[set_] and not taking[_orbit(of, set_)]
                    if not goes:
                        label[node] = OPEN
                        left[count] = node
                        count += 1
