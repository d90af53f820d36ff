"""What hangs together in a directed graph, and where a fair run may stay in it. Compiled.

What may live here: edges as arrays, those of node v in `target` from `first[v]` on, before `first[v + 1]`, and bits on
nodes and edges. What these stand for is said by who calls. An edge may stand there several times. `edges` says of each
edge whether it is there (an array of truths), so that nobody has to copy a part of a graph.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from mcfsm.kernel.intrinsics import U
from mcfsm.kernel.jit import compiled

ELSEWHERE, OPEN = -2, -1  # in place of the number of a component: a node that is left out; one that is in none yet


@compiled
def strong_components(first: Any, target: Any, edges: Any, nodes: Any, label: Any) -> int:
    """Give each of `nodes` in `label` the number of its strongly connected component; how many there are comes back.

    (Tarjan 1972, without recursion.) The labels of `nodes` are OPEN before; edges to nodes of any other label are none.
    """
    size = len(label)
    order = np.empty(size, np.int64)  # when a node was met; 0: not yet
    low = np.empty(size, np.int64)  # the earliest node of no component yet that is reachable, as far as is known
    edge = np.empty(size, np.int64)  # the next edge to follow
    way = np.empty(len(nodes), np.int64)  # from a root to the node at hand
    waiting = np.empty(len(nodes), np.int64)  # nodes of no component yet, as met
    for node in nodes:
        order[node] = 0
        edge[node] = first[node]
    met = count = found = 0
    for root in nodes:
        if order[root] != 0:
            continue
        depth = 0
        fresh = np.int64(root)
        while True:
            if fresh >= 0:
                met += 1
                order[fresh] = low[fresh] = met
                waiting[count] = fresh
                way[depth] = fresh
                count += 1
                depth += 1
                fresh = np.int64(-1)
            node = way[depth - 1]
            if edge[node] < first[node + 1]:
                to = np.int64(target[edge[node]])
                if edges[edge[node]] and label[to] == OPEN:
                    if order[to] == 0:
                        fresh = to
                    else:
                        low[node] = min(low[node], order[to])
                edge[node] += 1
                continue
            depth -= 1
            if low[node] == order[node]:
                while label[node] == OPEN:
                    count -= 1
                    label[waiting[count]] = found
                found += 1
            if depth == 0:
                break
            low[way[depth - 1]] = min(low[way[depth - 1]], low[node])
    return found


@compiled
def reach(first: Any, target: Any, edges: Any, room: Any, found: Any) -> None:
    """Add to the nodes in `found` (an array of truths) all that can be reached from them without leaving `room`."""
    size = len(found)
    waiting = np.empty(size, np.int64)
    count = 0
    for node in range(size):
        if found[node]:
            waiting[count] = node
            count += 1
    while count > 0:
        count -= 1
        node = waiting[count]
        for edge in range(first[node], first[node + 1]):
            to = target[edge]
            if edges[edge] and room[to] and not found[to]:
                found[to] = True
                waiting[count] = to
                count += 1


@compiled
def collect_bits(first: Any, edges: Any, edge_set: Any, bits: Any, nodes: Any, found: Any) -> None:
    """Give each of `nodes` in `found` (rows of words) the bits of the sets of all edges that leave it."""
    words = bits.shape[1]
    for node in nodes:
        for k in range(words):
            found[node, k] = U(0)
        for edge in range(first[node], first[node + 1]):
            if edges[edge]:
                for k in range(words):
                    found[node, k] |= bits[edge_set[edge], k]


@compiled
def fair_sccs(
    first: Any,
    target: Any,
    edges: Any,
    edge_set: Any,
    bits: Any,
    weak: Any,
    strong: Any,
    enabled: Any,
    stops: Any,
    nodes: Any,
    component: Any,
) -> None:
    """Give each of `nodes` in `component` a node of its fair component, or -1.

    `bits` has a row of words for each set of edges, the last one for those that are in none (-1); `weak` and `strong`
    say of which bits which fairness is asked, `enabled` which bits each node owes, `stops` where a run may end.

    Each round accepts, drops or cuts every component that is left (Emerson and Lei 1987; Henzinger and Telle 1996). A
    node that no edge leads back to is fair if it may be stopped at: a set that it enables is not taken there, and the
    cut would take the node.
    """
    words = bits.shape[1]
    label = np.full(len(component), ELSEWHERE, np.int64)
    left = np.empty(len(nodes), np.int64)
    for i in range(len(nodes)):
        left[i] = nodes[i]
        label[nodes[i]] = OPEN
        component[nodes[i]] = -1
    count = len(nodes)
    while count > 0:
        size = strong_components(first, target, edges, left[:count], label)
        somewhere = np.zeros((size, words), np.uint64)
        everywhere = np.full((size, words), ~U(0), np.uint64)
        taking = np.zeros((size, words), np.uint64)
        cyclic = np.zeros(size, np.bool_)
        one = np.zeros(size, np.int64)
        for node in left[:count]:
            c = label[node]
            one[c] = node
            for k in range(words):
                somewhere[c, k] |= enabled[node, k]
                everywhere[c, k] &= enabled[node, k]
            for edge in range(first[node], first[node + 1]):
                if edges[edge] and label[target[edge]] == c:
                    cyclic[c] = True
                    for k in range(words):
                        taking[c, k] |= bits[edge_set[edge], k]
        dropped, cut = np.zeros(size, np.bool_), np.zeros(size, np.bool_)
        for c in range(size):
            for k in range(words):
                untaken = somewhere[c, k] & ~taking[c, k]
                dropped[c] |= everywhere[c, k] & untaken & weak[k] != U(0)
                taking[c, k] = untaken & strong[k]  # what cuts it, from here on
                cut[c] |= taking[c, k] != U(0)
        kept = 0
        for node in left[:count].copy():
            c = label[node]
            label[node] = ELSEWHERE
            if not cyclic[c]:
                component[node] = node if stops[node] else -1
            elif not dropped[c] and not cut[c]:
                component[node] = one[c]
            elif not dropped[c]:
                goes = False
                for k in range(words):
                    goes |= enabled[node, k] & taking[c, k] != U(0)
                if not goes:
                    label[node] = OPEN
                    left[kept] = node
                    kept += 1
        count = kept
