"""An owner of states: it expands its own, keeps what is new of them, and hands the others to their owners.

What may live here: what one machine does of a round. What may not: how rows travel, and which entries are filled when.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np

from mcfsm.explore.cluster.router import Router, owner_of
from mcfsm.explore.cluster.team import Batch, LevelEnd, Piece, Report, Told
from mcfsm.explore.disk.runs import BLOCK, RowsInFile, RunWriter, decoded
from mcfsm.explore.disk.search import DiskSearch
from mcfsm.explore.disk.store import DiskStore
from mcfsm.explore.findings import Limits
from mcfsm.explore.level_search import NONE, lengthened
from mcfsm.explore.resuming import ValueDigest
from mcfsm.explore.store import repacked
from mcfsm.host.memory import resident
from mcfsm.kernel import worker as lists
from mcfsm.kernel.arrays import UNKNOWN
from mcfsm.kernel.expand import rehash
from mcfsm.kernel.rows import Layout
from mcfsm.model import Model

PIECE = 1 << 7  # blocks of rows in a piece


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
        self.learned = 0  # how many parts of what is told
        self.mark = self.store.mark()
        self.writer: RunWriter | None = None  # of a level that is put back

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

    def learn(self, first: int, parts: list[Told]) -> None:
        """Fill what was filled where the question is asked: parts from a number on, less those that are known.

        Raises AssertionError where other values come of it.
        """
        for journal, values, digest in parts[self.learned - first :]:
            self.tables.arena.replay(journal.tolist())
            counts = [len(names) for names in self.tables.components.names]
            if counts != values or self.digest.take(counts) != digest:
                raise AssertionError("an owner's values are not those of who asks")
            self.fit_tables()  # after each, so that rows are laid out as those of all others
        self.learned = first + len(parts)
        for table, row, column, variants in self.asked.tolist():
            if self.tables.arena.entry(table, row, column) == UNKNOWN:  # nobody numbers by it, so no journal has it
                self.tables.arena.fill(table, row, column, variants)
        self.asked = self.asked[:0]
        self.fit_tables()

    def begin_level(self, depth: int, fault_level: Any, hit_level: Any, seen: Any) -> None:
        """Know what all have found."""
        self.depth, self.mark = depth, self.store.mark()
        self.fault_level, self.hit_level[:], self.seen[:] = fault_level.copy(), hit_level, seen
        self.write_program()
        self.windows, self.at, self.window_end, self.left = self.store.windows(depth), 0, 0, NONE
        self.arrived = 0

    def roll_back(self, levels: int, transitions: int, fired: Any) -> tuple[int, int]:
        """Be as it was when it had so many levels and steps; how many parts it has learned, and levels it has.

        A new owner has fewer, and is given the others.
        """
        if len(self.store.levels) >= levels:
            self.store.go_back(self.mark if len(self.store.levels) > levels else self.store.mark())
        worker = self.workers[0]
        worker.counts[lists.TRANSITIONS] = transitions
        worker.fired = lengthened(fired, len(worker.fired)).copy()
        self.writer, self.asked = None, self.asked[:0]
        return self.learned, len(self.store.levels)

    def put_back(self, piece: Piece) -> None:
        """Have rows of the next level that the one before it in this place had."""
        was, layout = Layout(*piece.layout), self.store.layout
        self.writer = self.writer or RunWriter(self.store.levels_file, layout)
        self.writer.append(repacked(decoded(piece.content, piece.states, was.words), was, layout))

    def level_is_back(self) -> None:
        """Have what was put back as a level."""
        self.store.keep((self.writer or RunWriter(self.store.levels_file, self.store.layout)).run())
        self.writer = None

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

    def give(self, batch: Batch) -> None:
        """Gather rows of its own, in whatever layout, which another search found."""
        self.take(repacked(batch.rows, Layout(*batch.layout), self.store.layout))

    def places(self, level: int, batch: Batch) -> list[int]:
        """The numbers of some of its states of a level, by their rows."""
        run, layout = self.store.levels[level], self.store.layout
        rows = repacked(batch.rows, Layout(*batch.layout), layout)
        return [self.store.firsts[level] + at for at in run.cuts(rows, layout)]

    def first_level(self) -> LevelEnd:
        """The first states that it owns."""
        return LevelEnd(self.store.levels[0].count, self.values, 0)

    def end_level(self) -> LevelEnd:
        """Keep what is new as a level."""
        self.note_window()
        self.store.end_level(self.pool, lambda: None)
        return LevelEnd(self.store.levels[-1].count, self.values, self.arrived)

    def piece(self, number: int) -> Piece:
        """A piece of the level that was found last; an empty one behind its end."""
        run = self.store.levels[-1]
        assert isinstance(run.source, RowsInFile)
        blocks = -(-run.count // BLOCK)
        first, last = (min(at * PIECE, blocks) for at in (number, number + 1))
        count = min(last * BLOCK, run.count) - min(first * BLOCK, run.count)
        return Piece(run.layout, count, run.source.written(first, last))

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
