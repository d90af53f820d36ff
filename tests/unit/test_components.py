"""Strongly connected components and what can be reached, held against the transitive closure of small graphs."""

import inspect
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from mcfsm.kernel import components as compiled

# nodes; sources and targets of edges, and which of these are there; nodes that are there, nodes to begin at
Graph = tuple[int, Any, Any, Any, Any, Any]


def random_graphs(count: int) -> list[Graph]:
    chance = np.random.default_rng(7)
    found = []
    for _ in range(count):
        nodes = int(chance.integers(1, 9))
        edges = int(chance.integers(0, 16))
        source, target = np.sort(chance.integers(0, nodes, edges)), chance.integers(0, nodes, edges)
        there, room = chance.random(edges) < 0.9, chance.random(nodes) < 0.9
        found.append((nodes, source, target, there, room, chance.random(nodes) < 0.3))
    return found


def labels(kernel: Any, first: Any, target: Any, there: Any, room: Any) -> Any:
    label = np.where(room, kernel.OPEN, kernel.ELSEWHERE)
    count = kernel.strong_components(first, target, there, np.flatnonzero(room), label)
    return label if set(label[room]) == set(range(count)) else np.full(len(room), -1)  # no numbering at all


def differs(kernel: Any, graph: Graph) -> bool:
    """Whether components or what is reachable are not what the closure says."""
    nodes, source, target, there, room, starts = graph
    inside = there & room[target]
    closure = np.eye(nodes, dtype=bool)
    closure[source[inside], target[inside]] = True
    within = closure & room[:, None] & room[None, :]
    for node in range(nodes):
        closure |= closure[:, [node]] & closure[[node], :]
        within |= within[:, [node]] & within[[node], :]
    first = np.searchsorted(source, np.arange(nodes + 1))
    label = labels(kernel, first, target, there, room)
    together = (label[:, None] == label[None, :]) & room[:, None] & room[None, :]
    found = starts.copy()
    kernel.reach(first, target, there, room, found)
    wanted = closure[starts].any(axis=0)
    return bool((together != (within & within.T)).any() or (found != wanted).any())


def test_on_random_graphs() -> None:
    assert [graph for graph in random_graphs(2000) if differs(compiled, graph)] == []


def test_a_long_way_takes_no_stack() -> None:
    nodes = 200_000
    first, target, everywhere = np.arange(nodes + 1), (np.arange(nodes) + 1) % nodes, np.ones(nodes, dtype=bool)
    assert set(labels(compiled, first, target, everywhere, everywhere)) == {0}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("low[node] = min(low[node], order[to])", "pass"),
        ("low[way[depth - 1]] = min(low[way[depth - 1]], low[node])", "pass"),
        ("if edges[edge[node]] and label[to] == OPEN:", "if edges[edge[node]]:"),
        ("if edges[edge] and room[to]", "if room[to]"),
        ("if edges[edge] and room[to]", "if edges[edge]"),
        ("edge[node] = first[node]", "edge[node] = first[node] + 1"),
    ],
)
def test_a_planted_defect_is_found(old: str, new: str) -> None:
    source = inspect.getsource(compiled)
    assert source.count(old) == 1, old
    changed: Any = ModuleType("changed")
    text = source.replace(old, new).replace("@compiled\n", "")
    exec(compile(text, "changed", "exec"), vars(changed))
    assert any(differs(changed, graph) for graph in random_graphs(300))
