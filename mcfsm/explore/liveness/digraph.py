"""Directed graphs as arrays of edges: successors and shortest ways. Vectorised over states and edges.

Strongly connected components and reachability are compiled: `mcfsm.kernel.components`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

Out = Callable[[Any], tuple[Any, Any]]  # some nodes to the edges that leave them: sources, targets


class Digraph(NamedTuple):
    """Edges sorted by source: those of node v stand from `first[v]` on, before `first[v + 1]`."""

    first: Any  # one more than there are nodes
    source: Any
    target: Any

    @property
    def nodes(self) -> int:
        """How many nodes it has."""
        return len(self.first) - 1

    def out(self, nodes: Any) -> tuple[Any, Any]:
        """The edges that leave some nodes: sources and targets."""
        edges = out_edges(self.first, nodes)
        return self.source[edges], self.target[edges]


def digraph(nodes: int, source: Any, target: Any) -> Digraph:
    """The graph of some edges, which stand in the order of their sources."""
    first = np.zeros(nodes + 1, dtype=np.int64)
    np.cumsum(np.bincount(source, minlength=nodes), out=first[1:])
    return Digraph(first, source, target)


def distinct(keys: Any) -> Any:
    """The keys without repetition, sorted. Ten times as fast as numpy.unique."""
    keys = np.sort(keys)
    new = np.ones(len(keys), dtype=bool)
    new[1:] = keys[1:] != keys[:-1]
    return keys[new]


def out_edges(first: Any, nodes: Any) -> Any:
    """The edges that leave some nodes, by number."""
    counts = first[nodes + 1] - first[nodes]
    ends = np.cumsum(counts)
    return np.arange(ends[-1] if len(ends) else 0) + np.repeat(first[nodes] - (ends - counts), counts)


def shortest_ways(nodes: int, out: Out, starts: Sequence[int], goals: Any) -> list[Any] | None:
    """All shortest ways from some nodes to the nearest of `goals` (a boolean array): the nodes on them, step by step.

    The first list holds those of `starts` that are nearest to one, the last the goals that are nearest. None where no
    goal is reachable. The search goes level by level and no farther than the goals.
    """
    seen = np.zeros(nodes, dtype=bool)
    level = distinct(np.array(starts, dtype=np.int64))
    seen[level] = True
    passed: list[tuple[Any, Any]] = []
    while not goals[level].any():
        source, target = out(level)
        new = ~seen[target]
        if not new.any():
            return None
        passed.append((source[new], target[new]))
        level = distinct(target[new])
        seen[level] = True
    ways = [level[goals[level]]]
    for source, target in reversed(passed):
        ways.append(distinct(source[np.isin(target, ways[-1], kind="table")]))
    return ways[::-1]
