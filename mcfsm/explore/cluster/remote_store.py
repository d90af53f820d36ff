"""The states of a search, which are at owners, as `Store` to whoever finds flows.

What may live here: how a state is named, and fetched. What may not: what becomes of an owner that is lost.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from mcfsm.explore.cluster.team import Batch, Team
from mcfsm.explore.store import Worker, repacked
from mcfsm.kernel.rows import Layout

OWNER = 44  # bits of a number that say which state of its owner it is


class RemoteStore:
    """The states of a search, which are its owners': as `Store` to whoever finds flows."""

    def __init__(self, team: Team, layout: Layout) -> None:
        self.team, self.layout = team, layout
        self.workers = [Worker(0) for _ in range(team.owners)]
        self.firsts: list[list[int]] = [[0] for _ in self.workers]  # of each owner, its first state of each level
        self.taken = 0  # bytes of memory, as the owners say
        self.full = False

    @property
    def states(self) -> int:
        """The states of all levels that are known whole."""
        return sum(firsts[-1] for firsts in self.firsts)

    @property
    def row_shape(self) -> tuple[int, ...]:
        """A tuple as long as a row has words."""
        return (0,) * self.layout.words

    def owner(self, number: int) -> tuple[int, int]:
        """Who owns a state, and its number there."""
        return number >> OWNER, number & (1 << OWNER) - 1

    def rows_between(self, owner: int, begin: int, end: int) -> Any:
        """The rows of some states of one level, one after another."""
        if begin == end:
            return np.zeros(0, dtype=np.uint64)
        return self._as_here(self.team.one(owner, "rows", begin, end))

    def rows_at(self, owner: int, states: Any) -> Any:
        """The rows of some states of one level, whose numbers ascend: states x words."""
        return self._as_here(self.team.one(owner, "some_rows", states)).reshape(-1, self.layout.words)

    def _as_here(self, batch: Batch) -> Any:
        return np.array(repacked(batch.rows, Layout(*batch.layout), self.layout))

    def repack(self, layout: Layout) -> None:
        """Go on in another layout: owners do by themselves."""
        self.layout = layout

    def memory(self) -> int:
        """Bytes that the owners take, on the machine where they take most."""
        return self.taken

    def close(self) -> None:
        """Nothing: who hired the owners lets them go."""
