"""Bits that go on along the edges of a graph, compiled by numba.

What may live here: arrays of integers. What the bits and the edges stand for is said by who calls.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from mcfsm.kernel.jit import compiled


@compiled
def propagate(first: Any, target: Any, edge_bits: Any, reach: Any) -> None:
    """Propagate every bit of `reach` along the edges that have it, until no node gets another (a least fixed point)."""
    nodes = len(reach)
    queue, waits = np.empty(nodes, np.int64), np.zeros(nodes, np.bool_)
    begin = count = 0
    for node in range(nodes):
        if reach[node] != 0:
            queue[count] = node
            waits[node] = True
            count += 1
    while count > 0:
        node = queue[begin]
        begin = begin + 1 if begin + 1 < nodes else 0
        count -= 1
        waits[node] = False
        for edge in range(first[node], first[node + 1]):
            to = target[edge]
            more = reach[node] & edge_bits[edge] & ~reach[to]
            if more != 0:
                reach[to] |= more
                if not waits[to]:
                    at = begin + count
                    queue[at if at < nodes else at - nodes] = to
                    waits[to] = True
                    count += 1
