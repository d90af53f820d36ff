"""Exhaustive search that takes, where these suffice, only some of the steps of a state.

What may live here: how steps that were found in compiled code are chosen from, and what is kept of them. What may not:
which suffice. It is the search of `exhaustive`, by one worker; sleep sets are left out of it.
"""

from __future__ import annotations

from collections import deque
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import numpy as np

from mcfsm.explore import stopping
from mcfsm.explore.exhaustive import ExhaustiveSearch
from mcfsm.explore.findings import Findings, Limits, ProgressCallback, Reduction
from mcfsm.explore.level_search import Slice
from mcfsm.explore.stubborn.choice import StubbornSets
from mcfsm.explore.stubborn.dependences import WrittenDependences
from mcfsm.explore.stubborn.goals import Goals
from mcfsm.host.timing import phase
from mcfsm.kernel import worker as lists
from mcfsm.kernel.expand import expand
from mcfsm.kernel.state_set import STATES, insert_new, locate
from mcfsm.kernel.stubborn import choose
from mcfsm.kernel.variant_sets import NO_VARIANTS
from mcfsm.model import Model

MOST_STEPS = 1 << 14  # that are looked at together, where no state has more
AT_ONCE = 1 << 12  # steps whose states are stored before there is a look at the room


class ReducedSearch(ExhaustiveSearch):
    """A search by stubborn sets, of a model without interchangeable instances."""

    def __init__(
        self,
        model: Model,
        property_ids: set[str],
        *,
        limits: Limits | None,
        full: bool,
        avoid: frozenset[str],
        on_progress: ProgressCallback | None,
    ) -> None:
        assert not model.interchangeable, "instances are told apart where only some steps are taken"
        super().__init__(model, property_ids, limits=limits, full=full, avoid=avoid, on_progress=on_progress, workers=1)
        product = self.tables.product
        self.goals = Goals(model, self.properties, product.beginnings[0])
        self.dependences = WrittenDependences(StubbornSets(product, self.goals), self.tables.components)
        self.waited_for: Any = np.zeros(self.dependences.words, dtype=np.int64)
        self.taken = self.partly = self.left_out = 0
        self._room = MOST_STEPS

    def next_level(self, pool: ThreadPoolExecutor) -> str | None:
        """Expand the states that were found last, given the goals that are still waited for."""
        decided = [p.id for p, level in zip(self.properties, self.hit_level.tolist(), strict=False) if level >= 0]
        goals = self.goals.waited_for(decided, self.columns.coverage(self.seen))
        self.waited_for = np.array(self.dependences.word(goals), dtype=np.int64)
        return super().next_level(pool)

    def expand_some(self, todo: deque[Slice], pool: ThreadPoolExecutor) -> None:  # noqa: ARG002 - nobody else works
        """Expand some states, and keep what those of their steps lead to that are taken."""
        begin, end, listed = todo.popleft()
        store, worker = self.store, self.workers[0]
        width = store.layout.words + 2
        out, steps = np.zeros(self._room * width, dtype=np.uint64), np.zeros(2 * self._room, dtype=np.int64)
        box = self.search(0)._replace(out=out, steps=steps)
        how = store.row_shape, self.family_shape, self.program, box, store.size
        expand(self.arrays, *how, begin, end, listed, self.depth)
        done = int(worker.counts[lists.NEXT])
        if done < end:
            todo.append((done, end, listed))
        count = int(worker.counts[lists.LEFT])
        if done == begin and not count:
            self._room *= 2
        sources, moves = steps.reshape(-1, 2)[:count].T
        again = worker.retry[: int(worker.counts[lists.RETRY])]
        whole = ~np.isin(sources, again)
        if whole.any():
            self.take(sources[whole], moves[whole], out.reshape(-1, width)[:count][whole])

    def take(self, sources: Any, moves: Any, rows: Any) -> None:
        """Keep what some steps lead to: all steps of some states, those of each one after another."""
        words, layout = self.store.layout.words, self.store.layout
        rows[:, words + 1] = 0  # nobody sleeps
        states, of_state = np.unique(sources, return_inverse=True)
        tables, taken = self.tables, np.zeros(len(moves), dtype=np.bool_)
        with phase("reducing"):
            choose(
                self.dependences.now(),
                self.waited_for,
                tables.moves.flags.data,
                tables.moves.effects.data,
                layout.unpack(self.store.rows_at(0, states)),
                layout.unpack(rows[:, :words]),
                of_state.astype(np.int64),
                moves.astype(np.int64),
                tables.moves.actors()[moves],
                taken,
            )
        whole = np.bincount(of_state, ~taken) == 0  # states of which all steps are taken
        chosen = taken & ~whole[of_state]
        new = np.zeros(len(states), dtype=np.bool_)
        new[of_state[chosen][self.is_new(rows[chosen])]] = True
        taken |= ~new[of_state]
        partly = new & ~whole
        self.partly += int(partly.sum())
        self.left_out += int((~taken).sum())
        self.taken += int(taken.sum())
        self.store_all(rows[taken])

    def is_new(self, rows: Any) -> Any:
        """Which rows are of no state that is expanded, or is about to be."""
        found, store = np.zeros(len(rows), dtype=np.int64), self.store
        locate(store.rows, store.slots, store.size, store.row_shape, (), rows.reshape(-1), 0, rows.size, found)
        return (found < 0) | (found >= int(store.next.starts[0]))

    def store_all(self, rows: Any) -> None:
        """Store the states of some rows, as far as they are new. Raises Stopped where there is no memory for more."""
        counts = self.workers[0].counts
        for first in range(0, len(rows), AT_ONCE):
            if counts[STATES] > counts[lists.LIMIT]:
                stopped = self.stopped_by_growth()
                if stopped is not None:
                    raise stopping.Stopped(stopped)
                with stopping.done_whole():
                    self.store.make_room()
            store, some = self.store, rows[first : first + AT_ONCE].reshape(-1)
            insert_new(
                store.rows, store.next, NO_VARIANTS, store.slots, counts, store.size, store.row_shape, (), some, 0,
                len(some),
            )  # fmt: skip

    def transitions(self) -> int:
        """How many steps were taken."""
        return self.taken

    def findings(self, depth: int, complete: bool, stopped: str | None) -> Findings:
        """What was found, and what was left out."""
        found = super().findings(depth, complete, stopped)
        return replace(found, reduction=Reduction(self.partly, self.left_out))
