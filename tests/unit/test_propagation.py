"""Bits that go on along the edges of a graph: what a plain fixed point finds, on graphs whose queue goes round."""

from __future__ import annotations

import numpy as np
import pytest

from mcfsm.explore.liveness.digraph import digraph
from mcfsm.kernel.propagate import propagate


@pytest.mark.parametrize("nodes", [1, 2, 3, 5, 9])
def test_every_bit_reaches_what_it_can(nodes: int) -> None:
    random = np.random.default_rng(nodes)
    for _ in range(20):
        source = np.sort(random.integers(0, nodes, 2 * nodes))
        target = random.integers(0, nodes, 2 * nodes)
        bits = random.integers(0, 16, 2 * nodes).astype(np.uint64)
        reach = random.integers(0, 16, nodes).astype(np.uint64) * (random.random(nodes) < 0.7)
        expected = reach.tolist()
        for _ in range(nodes):
            for from_, to, passed in zip(source.tolist(), target.tolist(), bits.tolist(), strict=True):
                expected[to] |= expected[from_] & passed
        ways = digraph(nodes, source, target)
        propagate.py_func(ways.first, ways.target, bits, reach)
        assert reach.tolist() == expected


def test_who_waits_already_waits_once() -> None:
    """All four wait; two of them get more from the first: they take the place of nobody in the queue."""
    ways = digraph(4, np.array([0, 0, 1]), np.array([2, 3, 3]))
    reach = np.array([1, 2, 4, 8], dtype=np.uint64)
    propagate.py_func(ways.first, ways.target, np.full(3, 15, np.uint64), reach)
    assert reach.tolist() == [1, 2, 5, 11]
