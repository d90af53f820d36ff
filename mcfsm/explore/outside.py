"""Which of the states that a search stores lie beyond the boundary of its scenario: found level by level.

What may live here: numbers of states. What may not: what beyond means, which `semantics.boundary` says. It is asked
once for all states that look alike to the condition.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from mcfsm.explore.store import Store
from mcfsm.expressions import nodes as n
from mcfsm.model import Boundary
from mcfsm.semantics.product import Product
from mcfsm.tables.components import Components

CHUNK = 1 << 18  # states that are looked at together


class Outside:
    """The states of a store that lie beyond a boundary: of each worker a flag for each that was looked at."""

    def __init__(self, components: Components, product: Product, boundary: Boundary, workers: int) -> None:
        self.components, self.product = components, product
        self.first = components.row_of(product.beginnings[0])
        self.read = np.array(sorted(_read(components, boundary.condition)), dtype=np.int64)
        self.flags = [np.zeros(0, dtype=np.bool_) for _ in range(workers)]
        self._known: dict[tuple[int, ...], bool] = {}

    @property
    def count(self) -> int:
        """How many states lie beyond."""
        return sum(int(flags.sum()) for flags in self.flags)

    def look(self, store: Store) -> bool:
        """Look at all states that were stored since; whether one that is not expanded lies within."""
        for i, worker in enumerate(store.workers):
            for begin in range(len(self.flags[i]), worker.states, CHUNK):
                more = self._beyond(store, i, begin, min(begin + CHUNK, worker.states))
                self.flags[i] = np.concatenate([self.flags[i], more])
        return any(not flags[one.starts[-1] :].all() for flags, one in zip(self.flags, store.workers, strict=True))

    def forget(self) -> None:
        """Begin anew, where the states of a store are others."""
        self.flags = [flags[:0] for flags in self.flags]

    def within(self, worker: int, begin: int, end: int) -> Any:
        """Which of some of a worker's states lie within: their places behind the first of them."""
        return np.flatnonzero(~self.flags[worker][begin:end])

    def values_of(self, store: Store, component: int, ends: list[int], count: int) -> Any:
        """As `Store.values_of`, of the states that lie within."""
        seen = np.zeros(count, dtype=np.bool_)
        for worker, last in enumerate(ends):
            for begin in range(0, last, CHUNK):
                end = min(begin + CHUNK, last)
                ids = self._ids(store, worker, begin, end)[self.within(worker, begin, end)]
                seen[ids[:, component]] = True
        return seen

    def _beyond(self, store: Store, worker: int, begin: int, end: int) -> Any:
        alike, which = np.unique(self._ids(store, worker, begin, end)[:, self.read], axis=0, return_inverse=True)
        return np.array([self._judged(tuple(ids)) for ids in alike.tolist()], dtype=np.bool_)[which.reshape(-1)]

    def _ids(self, store: Store, worker: int, begin: int, end: int) -> Any:
        words = store.layout.words
        return store.layout.unpack(store.rows_of(worker)[begin * words : end * words].reshape(-1, words))

    def _judged(self, ids: tuple[int, ...]) -> bool:
        found = self._known.get(ids)
        if found is None:
            row = list(self.first)
            for component, id_ in zip(self.read.tolist(), ids, strict=True):
                row[component] = id_
            found = self._known[ids] = self.product.beyond(self.components.state_of(row))
        return found


def _read(components: Components, condition: n.Node) -> set[int]:
    """The components that a condition on joint states may read."""
    found: set[int] = set()
    for node in condition.walk():
        if isinstance(node, n.Attribute):
            found.update(slot.instance for slot in node.slots)
        elif isinstance(node, n.InFlight):
            found.update(components.first_channel + c for c in range(components.channels))
        elif isinstance(node, n.Frozen):
            found.add(components.freeze)
    return found
