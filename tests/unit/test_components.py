"""Strongly connected components and what can be reached, held against the transitive closure of small graphs."""

import inspect
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from mcfsm.kernel import components as compiled

Graph = tuple[int, Any, Any, Any]  # nodes; sources and targets of edges; nodes to begin at


def random_graphs(count: int) -> list[Graph]:
    chance = np.random.default_rng(7)
    found = []
    for _ in range(count):
        nodes = int(chance.integers(1, 9))
        edges = int(chance.integers(0, 16))
        source, target = np.sort(chance.integers(0, nodes, edges)), chance.integers(0, nodes, edges)
        found.append((nodes, source, target, chance.random(nodes) < 0.3))
    return found


def differs(kernel: Any, graph: Graph) -> bool:
    """Whether components or what is reachable are not what the closure says."""
    nodes, source, target, starts = graph
    closure = np.eye(nodes, dtype=bool)
    closure[source, target] = True
    for node in range(nodes):
        closure |= closure[:, [node]] & closure[[node], :]
    first = np.searchsorted(source, np.arange(nodes + 1))
    label = kernel.strong_components(first, target)
    together = label[:, None] == label[None, :]
    found = starts.copy()
    kernel.reach(first, target, found)
    wanted = closure[starts].any(axis=0)
    return bool(
        (together != (closure & closure.T)).any()
        or (found != wanted).any()
        or set(label) != set(range(len(set(label))))
    )


def test_on_random_graphs() -> None:
    assert [graph for graph in random_graphs(2000) if differs(compiled, graph)] == []


def test_a_long_way_takes_no_stack() -> None:
    nodes = 200_000
    first, target = np.arange(nodes + 1), (np.arange(nodes) + 1) % nodes
    assert set(compiled.strong_components(first, target)) == {0}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("low[node] = min(low[node], order[to])", "pass"),
        ("low[way[depth - 1]] = min(low[way[depth - 1]], low[node])", "pass"),
        ("elif label[to] < 0:", "else:"),
        ("range(first[node], first[node + 1])", "range(first[node] + 1, first[node + 1])"),
    ],
)
def test_a_planted_defect_is_found(old: str, new: str) -> None:
    source = inspect.getsource(compiled)
    assert source.count(old) == 1
    changed: Any = ModuleType("changed")
    text = source.replace(old, new).replace("@compiled\n", "")
    exec(compile(text, "changed", "exec"), vars(changed))
    assert any(differs(changed, graph) for graph in random_graphs(300))
