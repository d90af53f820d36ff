"""An owner of states: it expands its own, keeps what is new of them, and hands the others to their owners.

What may live here: what one machine does of a round. What may not: how rows travel, and which entries are filled when.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np

from mcfsm.explore.cluster.team import Batch, LevelEnd, Report
from mcfsm.explore.disk.runs import BytesFile
from mcfsm.explore.disk.search import DiskSearch
from mcfsm.explore.disk.store import DiskStore, Gathered
from mcfsm.explore.findings import Limits
from mcfsm.explore.level_search import NONE
from mcfsm.explore.resuming import ValueDigest
from mcfsm.host.memory import resident
from mcfsm.kernel import worker as lists
from mcfsm.kernel.arrays import UNKNOWN
from mcfsm.kernel.expand import rehash
from mcfsm.kernel.rows import Layout
from mcfsm.model import Model

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


class Owner(DiskSearch):
    """The states of one owner, with tables of its own that are filled as it is told."""

    def __init__(
        self, model: Model, property_ids: frozenset[str], avoid: frozenset[str], memory: int, me: int, owners: int
    ) -> None:
        self.me, self.owners = me, owners
        super().__init__(model, Path("/tmp"), property_ids, avoid=avoid, workers=1, limits=Limits(max_memory=memory))
        self.digest = ValueDigest(self.tables.components)
        self.pool = ThreadPoolExecutor(1)
        self.at = self.arrived = 0
        self.left: Any = NONE  # states that asked for entries, to be tried again
        self.asked: Any = np.zeros((0, lists.REQUEST), dtype=np.uint64)
        self.windows = self.store.windows(0)
        self.window_end = 0

    def new_store(self, workers: int, layout: Layout, ids: Any) -> DiskStore:  # type: ignore[override]  # as there
        assert self.limits.max_memory is not None
        mine = ids[owner_of(self.tables.components.hashes(ids), self.owners) == np.uint64(self.me)]
        store = DiskStore(self.folder, workers, layout, layout.pack(mine), self.limits.max_memory)
        with ThreadPoolExecutor(1) as pool:
            store.end_level(pool, lambda: None)
        store.gathered = [Router(store.files[0], layout, store.most, self.me, self.owners)]
        return store

    @property
    def router(self) -> Router:
        """Where what is found goes."""
        router = self.store.gathered[0]
        assert isinstance(router, Router)
        return router

    # ---- what it is told

    def learn(self, journal: list[int], values: list[int], digest: str) -> None:
        """Fill what was filled where the question is asked. Raises AssertionError where other values come of it."""
        self.tables.arena.replay(journal)
        counts = [len(names) for names in self.tables.components.names]
        if counts != values or self.digest.take(counts) != digest:
            raise AssertionError("an owner's values are not those of who asks")
        for table, row, column, variants in self.asked.tolist():
            if self.tables.arena.entry(table, row, column) == UNKNOWN:  # nobody numbers by it, so no journal has it
                self.tables.arena.fill(table, row, column, variants)
        self.asked = self.asked[:0]
        self.fit_tables()

    def begin_level(self, depth: int, fault_level: Any, hit_level: Any, seen: Any) -> None:
        """Know what all have found."""
        self.depth = depth
        self.fault_level, self.hit_level[:], self.seen[:] = fault_level.copy(), hit_level, seen
        self.write_program()
        self.windows, self.at, self.window_end, self.left = self.store.windows(depth), 0, 0, NONE
        self.arrived = 0

    # ---- what it does

    def expand_part(self, most: int) -> tuple[Report, list[Any]]:
        """Expand at most so many states, as far as entries are there; what comes of it, and batches for the others."""
        done = self._expand(most)
        counts, worker = self.workers[0].counts, self.workers[0]
        requested = self.asked = self._requested()
        self.left = worker.retry[: int(counts[lists.RETRY])].copy()
        counts[lists.RETRY] = 0
        found = worker.found[: lists.FINDING * int(counts[lists.FOUND])].reshape(-1, lists.FINDING).copy()
        counts[lists.FOUND] = 0
        if len(found):
            found[:, 2] += self.store.begin
        words = self.store.layout.words
        rows = self.store.window.reshape(-1, words)[self.left]
        report = Report(
            done and not len(self.left),
            requested,
            self.left + self.store.begin,
            self.store.layout.unpack(rows),
            found,
            int(counts[lists.TRANSITIONS]),
            worker.fired.copy(),
            self.fault_level.copy(),
            self.hit_level.copy(),
            self.seen.copy(),
            max(self.memory(), resident()),
        )
        return report, self.router.batches()

    def _expand(self, most: int) -> bool:
        """Expand states of the level; whether none is left but those to be tried again."""
        if len(self.left):
            listed, self.left = self.left, NONE
            if self.expand_slice(0, 0, len(listed), listed) != lists.DONE:
                taken = int(self.workers[0].counts[lists.NEXT])
                self._again(listed[taken:])
                return False
        if self.workers[0].counts[lists.RETRY]:
            return False
        if self.at >= self.window_end:
            following = next(self.windows, None)
            if following is None:
                return True
            self.note_window()
            self.store.show(*following, self._rehash)
            self.at, self.window_end = 0, self.store.count
        self.expand_slice(0, self.at, min(self.at + most, self.window_end), NONE)
        self.at = int(self.workers[0].counts[lists.NEXT])
        return self.at >= self.window_end and self.store.begin + self.window_end >= self.store.firsts[self.depth + 1]

    def note_window(self) -> None:
        """Note which values the components have in the window, if there is one of this level."""
        if self.window_end:
            self._note_values()

    def _again(self, states: Any) -> None:
        worker = self.workers[0]
        count = int(worker.counts[lists.RETRY])
        worker.retry = np.concatenate([worker.retry[:count], states, np.zeros(2048, dtype=np.int64)])
        worker.counts[lists.RETRY] = count + len(states)

    def take(self, *batches: Any) -> None:
        """Gather the rows that others found, all laid out as its own: they are taken before tables are filled."""
        for rows in batches:
            hashes = np.empty(len(rows) // self.store.layout.words, dtype=np.uint64)
            rehash(self.arrays, self.store.row_shape, rows, hashes, 0, len(hashes))
            self.router.take(rows, hashes)
            self.arrived += len(hashes)

    def first_level(self) -> LevelEnd:
        """The first states that it owns."""
        return LevelEnd(self.store.levels[0].count, self.values, 0)

    def end_level(self) -> LevelEnd:
        """Keep what is new as a level."""
        self.note_window()
        self.store.end_level(self.pool, lambda: None)
        return LevelEnd(self.store.levels[-1].count, self.values, self.arrived)

    def rows(self, begin: int, end: int) -> Batch:
        """Some of its states of one level."""
        return Batch(self.store.layout, self.store.rows_between(0, begin, end))

    def some_rows(self, states: Any) -> Batch:
        """Some of its states of one level, by number."""
        return Batch(self.store.layout, self.store.rows_at(0, states).reshape(-1))

    def close(self) -> None:
        """Give everything back."""
        self.pool.shutdown()
        self.store.close()
