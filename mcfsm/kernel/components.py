"""What hangs together in a directed graph: its strongly connected components, and what can be reached. Compiled.

What may live here: edges as arrays, those of node v in `target` from `first[v]` on, before `first[v + 1]`. What nodes
and edges stand for is said by who calls. An edge may stand there several times.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from mcfsm.kernel.jit import compiled


@compiled
def strong_components(first: Any, target: Any) -> Any:
    """The number of the strongly connected component of each node (Tarjan 1972, without recursion)."""
    nodes = len(first) - 1
    label = np.full(nodes, -1, np.int64)
    order = np.zeros(nodes, np.int64)  # when a node was met; 0: not yet
    low = np.zeros(nodes, np.int64)  # the earliest node of no component yet that is reachable, as far as is known
    edge = first[:nodes].copy()  # the next edge to follow
    way = np.empty(nodes, np.int64)  # from a root to the node at hand
    waiting = np.empty(nodes, np.int64)  # nodes of no component yet, as met
    met = count = found = 0
    for root in range(nodes):
        if order[root] != 0:
            continue
        depth = 0
        fresh = root
        while True:
            if fresh >= 0:
                met += 1
                order[fresh] = low[fresh] = met
                waiting[count] = fresh
                way[depth] = fresh
                count += 1
                depth += 1
                fresh = -1
            node = way[depth - 1]
            if edge[node] < first[node + 1]:
                to = target[edge[node]]
                edge[node] += 1
                if order[to] == 0:
                    fresh = to
                elif label[to] < 0:
                    low[node] = min(low[node], order[to])
                continue
            depth -= 1
            if low[node] == order[node]:
                while label[node] < 0:
                    count -= 1
                    label[waiting[count]] = found
                found += 1
            if depth == 0:
                break
            low[way[depth - 1]] = min(low[way[depth - 1]], low[node])
    return label


@compiled
def reach(first: Any, target: Any, found: Any) -> None:
    """Add to the nodes in `found` (a boolean array) all that can be reached from them."""
    nodes = len(found)
    waiting = np.empty(nodes, np.int64)
    count = 0
    for node in range(nodes):
        if found[node]:
            waiting[count] = node
            count += 1
    while count > 0:
        count -= 1
        node = waiting[count]
        for edge in range(first[node], first[node + 1]):
            to = target[edge]
            if not found[to]:
                found[to] = True
                waiting[count] = to
                count += 1
