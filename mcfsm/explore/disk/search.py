"""The exhaustive search with its states in files: what differs from that in memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np

from mcfsm.explore.disk.store import DiskStore
from mcfsm.explore.exhaustive import ExhaustiveSearch, carried_out, everything_asked
from mcfsm.explore.findings import Findings, Limits, ProgressCallback, Visited
from mcfsm.explore.level_search import Slice, lengthened
from mcfsm.explore.paths import Level
from mcfsm.explore.stopping import NO_DISK, ended_by
from mcfsm.explore.visited_in_tables import visited_in_tables
from mcfsm.kernel import worker as lists
from mcfsm.kernel.expand import rehash
from mcfsm.kernel.rows import Layout, lay_out
from mcfsm.model import Model
from mcfsm.semantics.steps import State

MOST_SUSPECTS = 1 << 16  # states beyond a window that are asked, one by one, whether they lead to an error too
ROOM = 1 << 16  # successors that compiled code hands out at a time, at first


def explore(
    model: Model,
    *,
    folder: Path,
    property_ids: Iterable[str] | None = None,
    limits: Limits | None = None,
    full: bool = False,
    avoid: frozenset[str] = frozenset(),
    on_progress: ProgressCallback | None = None,
    workers: int | None = None,
) -> Findings:
    """What `exhaustive.explore` finds, with its states in files of a folder, which are gone when it ends.

    Where the disk fails or is full, the search is stopped by that. Raises OSError where nothing can be written there to
    begin with, and ValueError for a model with a boundary.
    """
    if model.boundary is not None:
        raise ValueError("a scenario with `within` is not searched with its states in files")
    wanted = everything_asked(model, property_ids)
    search = DiskSearch(
        model, folder, wanted, limits=limits, full=full, avoid=avoid, on_progress=on_progress, workers=workers
    )
    return carried_out(search)


class DiskSearch(ExhaustiveSearch):
    """A search whose states lie in files; `explore` says what its parameters are."""

    store: DiskStore  # type: ignore[assignment]  # it has what those that expand and find flows ask of a store

    def __init__(self, model: Model, folder: Path, property_ids: Iterable[str], **how: Any) -> None:
        self.folder = folder
        super().__init__(model, property_ids, **how)
        self.values = {
            i: np.zeros(0, dtype=np.bool_) for i in range(self.tables.components.instances) if not self.tables.acts(i)
        }

    def new_store(self, workers: int, layout: Layout, ids: Any) -> DiskStore:  # type: ignore[override]  # see `store`
        assert self.limits.max_memory is not None
        store = DiskStore(self.folder, workers, layout, layout.pack(ids), self.limits.max_memory)
        with ThreadPoolExecutor(1) as pool:
            store.end_level(pool, lambda: None)
        return store

    def lay_out(self) -> Layout:
        return lay_out([len(names) for names in self.tables.components.names], ordered=True)

    def make_boxes(self) -> None:
        width = self.store.layout.words + 2
        self.box = [np.zeros(ROOM * width, dtype=np.uint64) for _ in self.workers]
        self.steps = [np.zeros(2 * ROOM, dtype=np.int64) for _ in self.workers]

    def search(self, i: int) -> lists.SearchArrays:
        return super().search(i)._replace(steps=self.steps[i])

    def state(self, worker: int, index: int) -> State:
        ids = self.store.layout.unpack(self.store.rows_at(worker, np.array([index])))[0]
        return self.tables.components.state_of(ids.tolist())

    # ---- the search

    def next_level(self, pool: ThreadPoolExecutor) -> str | None:
        stopped = None
        try:
            for begin, end in self.store.windows(self.depth):
                self.store.show(begin, end, self._rehash)
                stopped = self.try_level([0] * len(self.workers), [end - begin, *[0] * (len(self.workers) - 1)], pool)
                if stopped is not None:
                    break
                self._note_values()
            self.check_values()
            if stopped is not None:
                return stopped
            self.write_program()
            return self.store.end_level(pool, self.stopped_at_once)
        except KeyboardInterrupt as error:
            self.settle()
            return ended_by(error)
        except OSError:
            return NO_DISK

    def _rehash(self, rows: Any, hashes: Any, count: int) -> None:
        rehash(self.arrays, self.store.row_shape, rows, hashes, 0, count)

    def expand_slice(self, i: int, begin: int, end: int, listed: Any) -> int:
        """Expand some states of the window, and gather what they lead to."""
        store, counts, at = self.store, self.workers[i].counts, begin
        while True:
            code = super().expand_slice(i, at, end, listed)
            taken = int(counts[lists.NEXT])
            store.gathered[i].add(self.box[i], int(counts[lists.LEFT]))
            if code != lists.OUT:
                return code
            if taken == at:
                self.box[i] = np.zeros(2 * len(self.box[i]), dtype=np.uint64)
                self.steps[i] = np.zeros(2 * len(self.steps[i]), dtype=np.int64)
            at = taken

    def deeper(self) -> bool:
        return len(self.store.levels) <= self.depth + 1 or self.store.levels[self.depth + 1].count > 0

    @property
    def states(self) -> int:
        return self.store.states

    def report_progress(self, frontier: int) -> None:
        super().report_progress(max(frontier, self.store.levels[self.depth].count))

    # ---- what was found

    def suspects(self, todo: Iterable[Slice]) -> Iterator[tuple[int, int]]:
        """Those of the window that are to come again, and all that come after it, where these are not too many."""
        yield from super().suspects(todo)
        begin, end = self.store.begin + self.store.count, self.store.firsts[self.depth + 1]
        yield from ((0, index) for index in range(begin, min(end, begin + MOST_SUSPECTS)))

    def levels(self, depth: int) -> list[Level]:
        return [[(self.store.firsts[d], self.store.firsts[d + 1])] for d in range(depth + 1)]

    def _note_values(self) -> None:
        """Note which values the components have in the window whose entries say nothing of it."""
        for i, seen in self.values.items():
            self.values[i] = lengthened(seen, len(self.tables.components.names[i]))
            self.store.values_of(i, self.values[i])

    def visited(self) -> Visited:
        idle = {
            i: lengthened(seen, len(self.tables.components.names[i])).astype(np.uint64)
            for i, seen in self.values.items()
        }
        (found,) = visited_in_tables(self.tables, np.ones(len(self.tables.moves.filled_for), dtype=np.uint64), idle)
        return self.symmetry.close_under_symmetry(found)
