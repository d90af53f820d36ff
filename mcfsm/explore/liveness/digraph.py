"""Directed graphs as arrays of edges: successors, reachability, shortest ways. Vectorised over states and edges.

Strongly connected components and reachability are compiled (`mcfsm.kernel.components`), imported where they are used.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np


class Digraph(NamedTuple):
    """Edges sorted by source: those of node v stand from `first[v]` on, before `first[v + 1]`."""

    first: Any  # one more than there are nodes
    source: Any
    target: Any

    @property
    def nodes(self) -> int:
        """How many nodes it has."""
        return len(self.first) - 1


def digraph(nodes: int, source: Any, target: Any) -> Digraph:
    """The graph of some edges."""
    if len(source) > 1 and (source[1:] < source[:-1]).any():
        order = np.argsort(source, kind="stable")
        source, target = source[order], target[order]
    first = np.zeros(nodes + 1, dtype=np.int64)
    np.cumsum(np.bincount(source, minlength=nodes), out=first[1:])
    return Digraph(first, source, target)


def components(nodes: int, source: Any, target: Any) -> Any:
    """The number of the strongly connected component of each node."""
    from mcfsm.kernel.components import strong_components

    graph = digraph(nodes, source, target)
    return strong_components(graph.first, graph.target.astype(np.int64))


def reachable(nodes: int, source: Any, target: Any, starts: Any) -> Any:
    """Which nodes are reachable from some node of `starts` (a boolean array), those included."""
    from mcfsm.kernel.components import reach

    graph, found = digraph(nodes, source, target), starts.astype(bool)
    reach(graph.first, graph.target.astype(np.int64), found)
    return found


def counted(keys: Any) -> tuple[Any, Any]:
    """The keys without repetition, sorted, and how often each stands there. Ten times as fast as numpy.unique."""
    keys = np.sort(keys)
    new = np.ones(len(keys), dtype=bool)
    new[1:] = keys[1:] != keys[:-1]
    first = np.flatnonzero(new)
    return keys[first], np.diff(first, append=len(keys))


def combined(size: int, keys: Any, masks: Any, how: Any = np.bitwise_or) -> Any:
    """For each key below `size` the masks (rows of words) that stand under it in one, 0 without any. Keys in order."""
    new = np.ones(len(keys), dtype=bool)
    new[1:] = keys[1:] != keys[:-1]
    first = np.flatnonzero(new)
    found = np.zeros((size, masks.shape[1]), dtype=masks.dtype)
    found[keys[first]] = how.reduceat(masks, first, axis=0)
    return found


def out_edges(graph: Digraph, nodes: Any) -> Any:
    """The edges that leave some nodes, by number."""
    counts = graph.first[nodes + 1] - graph.first[nodes]
    ends = np.cumsum(counts)
    return np.arange(ends[-1] if len(ends) else 0) + np.repeat(graph.first[nodes] - (ends - counts), counts)


def shortest_ways(graph: Digraph, start: int, goals: Any) -> list[Any] | None:
    """All shortest ways from a node to the nearest of `goals` (a boolean array): the nodes on them, step by step.

    The first list holds `start` alone, the last the goals that are nearest. None where no goal is reachable. The search
    goes level by level and no farther than the goals.
    """
    seen = np.zeros(graph.nodes, dtype=bool)
    seen[start] = True
    level = np.array([start], dtype=np.int64)
    edges: list[Any] = []
    while not goals[level].any():
        leaving = out_edges(graph, level)
        leaving = leaving[~seen[graph.target[leaving]]]
        if not len(leaving):
            return None
        edges.append(leaving)
        level, _ = counted(graph.target[leaving])
        seen[level] = True
    ways = [level[goals[level]]]
    for leaving in reversed(edges):
        ways.append(counted(graph.source[leaving][np.isin(graph.target[leaving], ways[-1])])[0])
    return ways[::-1]
