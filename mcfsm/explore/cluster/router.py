"""Which owner a state belongs to, and what is found of a level: one's own rows, and those that go to others.

What may live here: rows that wait. What may not: when they are sent.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from mcfsm.explore.disk.runs import BytesFile
from mcfsm.explore.disk.store import Gathered
from mcfsm.kernel.rows import Layout

SENT = 1 << 18  # rows of a batch that are kept in memory, until they are sent
_MIXED = np.uint64(0x9E3779B97F4A7C15)


def owner_of(hashes: Any, owners: int) -> Any:
    """Who owns the states with some hashes."""
    return ((hashes * _MIXED) >> np.uint64(33)) % np.uint64(owners)


class Router(Gathered):
    """What is found of a level: this owner's own rows are gathered, others lie ready for theirs."""

    def __init__(self, file: BytesFile, layout: Layout, most: int, me: int, owners: int) -> None:
        super().__init__(file, layout, most)
        self.me = me
        self.others = [Gathered(file, layout, min(most, SENT)) if i != me else None for i in range(owners)]

    def add(self, successors: Any, count: int) -> None:
        width = self.layout.words + 2
        lines = successors[: count * width].reshape(-1, width)
        owners = owner_of(lines[:, self.layout.words], len(self.others))
        for i, other in enumerate(self.others):
            some = lines[owners == i].reshape(-1)
            if other is None:
                super().add(some, len(some) // width)
            else:
                other.add(some, len(some) // width)

    def repack(self, layout: Layout) -> None:
        super().repack(layout)
        for other in self.others:
            if other is not None:
                other.repack(layout)

    def clear(self) -> None:
        super().clear()
        for other in self.others:
            if other is not None:
                other.clear()

    def batches(self) -> list[Any]:
        """The rows for each owner; none of them is kept."""
        nothing = np.zeros(0, dtype=np.uint64)
        found = []
        for other in self.others:
            runs = [] if other is None else other.finish()
            found.append(np.concatenate([nothing, *(run.all_rows(self.layout) for run in runs)]))
        return found

    def take(self, rows: Any, hashes: Any) -> None:
        """Gather rows that came from another owner."""
        words = self.layout.words
        lines = np.zeros((len(hashes), words + 2), dtype=np.uint64)
        lines[:, :words], lines[:, words] = rows.reshape(-1, words), hashes
        super().add(lines.reshape(-1), len(hashes))
