"""The states of a search in files: the levels, what was found lately, and a window of the level that is expanded.

What may live here: which rows are in memory, and how much of it they take. What may not: how a state is expanded.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from mcfsm.explore import stopping
from mcfsm.explore.disk.runs import BLOCK, BytesFile, RunWriter, SortedRun, in_order, parts, run_in_memory
from mcfsm.explore.store import Worker, repacked, reserve
from mcfsm.host.memory import resident
from mcfsm.kernel import sorted_rows
from mcfsm.kernel import state_set as stateset
from mcfsm.kernel import worker as lists
from mcfsm.kernel.rows import Layout
from mcfsm.kernel.state_set import NO_LEVEL

_LEAST_ROWS = 1 << 15  # that are gathered before they are written
_MOST_ROWS = 1 << 25
_SHARE = 24  # part of the memory allowed that one of a worker's lists may take
_KNOWN = 1 << 18  # rows that are known to be gathered: what most states lead to was come to lately
_FEW = 8  # a level with less than such a part of a list is looked at together with others
_NOTHING = np.zeros(0, dtype=np.uint64)


class Gathered:
    """Rows that a worker found since a level began: those in memory, and runs of those before them in a file."""

    def __init__(self, file: BytesFile, layout: Layout, most: int) -> None:
        self.file, self.layout, self.most = file, layout, most
        self.rows, self.count = reserve(most * layout.words), 0
        self.runs: list[SortedRun] = []
        self._forget()

    def add(self, successors: Any, count: int) -> None:
        """Take in so many successors, as compiled code hands them out. Raises OSError."""
        begin = 0
        while begin < count:
            end = min(count, begin + self.most - self.count)
            self.count = int(
                sorted_rows.gather(
                    successors, self.layout.words, begin, end, self.known, self.filled, self.rows, self.count
                )
            )
            begin = end
            if self.count == self.most:
                self._sort()
                if self.count > self.most // 2:
                    self._write()

    def put(self, rows: Any) -> None:
        """Take in the rows of the first states, one after another."""
        self.rows[: len(rows)], self.count = rows, len(rows) // self.layout.words

    def finish(self) -> list[SortedRun]:
        """All that was found, as runs; then begin anew."""
        self._sort()
        words = self.layout.words
        found = [*self.runs, run_in_memory(self.rows[: self.count * words].copy(), self.layout)]
        self.runs, self.count = [], 0
        return found

    def clear(self) -> None:
        """Begin anew, without what was found; also what is only known to be gathered is forgotten."""
        self.runs, self.count = [], 0
        self._forget()

    def repack(self, layout: Layout) -> None:
        """Go on in another layout."""
        rows = repacked(self.rows[: self.count * self.layout.words].copy(), self.layout, layout)
        if layout.words != self.layout.words:
            self.rows = reserve(self.most * layout.words)
        self.rows[: len(rows)], self.layout = rows, layout
        self._forget()

    def _forget(self) -> None:
        """Begin anew with the rows that are known to be gathered, on this level or on one before."""
        places = min(self.most, _KNOWN)
        self.known, self.filled = reserve(places * self.layout.words), np.zeros(places, dtype=np.bool_)

    def _sort(self) -> None:
        words = self.layout.words
        self.count = len(in_order(self.rows[: self.count * words], words)) // words

    def _write(self) -> None:
        writer = RunWriter(self.file, self.layout)
        writer.append(self.rows[: self.count * self.layout.words])
        self.runs.append(writer.run())
        self.count = 0


class LevelMark(NamedTuple):
    """What a store has at the end of a level, to go back to."""

    firsts: list[int]
    levels: list[SortedRun]
    visited: list[SortedRun]
    recent: list[SortedRun]
    size: int  # of the file of levels


class DiskStore:
    """The states of a search, whose first are given as packed rows; as `Store` to whoever expands them.

    States are numbered level by level, in the order of their rows; one that is expanded by its place in the window.
    """

    def __init__(self, folder: Path, workers: int, layout: Layout, rows: Any, memory: int) -> None:
        """`memory` is what the process may take at most. Raises OSError where nothing can be written to the folder."""
        room = max(memory - resident(), 0) // (_SHARE * 8 * layout.words * workers)
        self.most = min(max(room, _LEAST_ROWS), _MOST_ROWS)  # rows in one list
        self.layout = layout
        self.levels_file = BytesFile(folder)
        self.workers = [Worker(0) for _ in range(workers)]
        for worker in self.workers:
            worker.counts[lists.LIMIT] = np.iinfo(np.int64).max // 2
        self.files = [BytesFile(folder) for _ in self.workers]
        self.gathered = [Gathered(file, layout, self.most) for file in self.files]
        self.levels: list[SortedRun] = []
        self.firsts = [0]  # number of the first state of each level, and of the one that is found next
        self.visited: list[SortedRun] = []  # the newest last
        self.recent: list[SortedRun] = []  # of small levels, in memory: each has at least twice what the next one has
        self.window, self.begin, self.count = _NOTHING, 0, 0  # rows of states of one level, the first, how many
        self.now, self.next = NO_LEVEL, NO_LEVEL
        self.slots, self.size, self.full = _NOTHING, 0, False
        self.gathered[0].put(rows.reshape(-1))

    # ---- what is expanded

    @property
    def rows(self) -> Any:
        """The rows of the window."""
        return self.window

    @property
    def states(self) -> int:
        """The states of all levels that are known whole."""
        return self.firsts[-1]

    @property
    def row_shape(self) -> tuple[int, ...]:
        """A tuple as long as a row has words."""
        return (0,) * self.layout.words

    def windows(self, level: int) -> Iterator[tuple[int, int]]:
        """The states of a level, in parts that fit into the window: the first of each, and one past the last."""
        for at in range(self.firsts[level], self.firsts[level + 1], self.most):
            yield at, min(at + self.most, self.firsts[level + 1])

    def show(self, begin: int, end: int, hashes_of: Callable[[Any, Any, int], None]) -> None:
        """Have some states of one level in the window. Raises OSError."""
        self.window, self.begin, self.count = self.rows_between(0, begin, end), begin, end - begin
        hashes = np.empty(self.count, dtype=np.uint64)
        hashes_of(self.window, hashes, self.count)
        nothing = np.zeros(self.count, dtype=np.uint64)
        self.now = NO_LEVEL._replace(hashes=hashes, sleep_sets=nothing, starts=np.zeros(1, dtype=np.int64))

    def owner(self, number: int) -> tuple[int, int]:
        """Who keeps a state of the window, and its number."""
        return 0, self.begin + number

    def ids_of(self, number: int) -> list[int]:
        """The ids of the components of a state of the window."""
        words = self.layout.words
        ids: list[int] = self.layout.unpack(self.window[number * words :][None, :words])[0].tolist()
        return ids

    def swap_levels(self) -> None:
        """Nothing: no state is stored while others are expanded."""

    def make_room(self) -> None:
        """Nothing, as for `swap_levels`."""

    def growth(self) -> int:
        """Nothing, as no room is made."""
        return 0

    def values_of(self, component: int, seen: Any) -> None:
        """Set which values a component has in the window."""
        word, shift, mask = (part[component] for part in self.layout[:3])
        stateset.values_of(self.window, self.layout.words, 0, self.count, int(word), shift, mask, seen)

    def repack(self, layout: Layout) -> None:
        """Go on in another layout: what is in files stays as it is."""
        self.window = repacked(self.window, self.layout, layout)
        for gathered in self.gathered:
            gathered.repack(layout)
        self.layout = layout

    # ---- levels

    def end_level(self, pool: ThreadPoolExecutor, look: Callable[[], str | None]) -> str | None:
        """Make what was gathered a level, less what was known before; what stopped it, if something did.

        Where it was stopped there is no such level. Raises OSError.
        """
        writer, layout = RunWriter(self.levels_file, self.layout), self.layout
        gathered = [run for one in self.gathered for run in one.finish()]
        some = sum(run.count for run in gathered) // (2 * len(self.workers))  # so that every worker has its part
        ordered = parts(gathered, max(BLOCK, min(self.most, some)), layout)
        known = [*reversed(self.recent), *reversed(self.visited)]
        for run in known:
            run.heads(layout)  # made once, not by each thread

        def fresh(part: Any) -> Any:
            rows = part.rows(layout)
            for run in known:
                rows = rows[: run.take_out(rows, len(rows) // layout.words, layout) * layout.words]
            return rows

        at_once = len(self.workers)
        for at in range(0, len(ordered), at_once):
            together = [pool.submit(fresh, part) for part in ordered[at : at + at_once]]
            try:
                for rows in together:
                    writer.append(rows.result())
            finally:
                wait(together)
            stopped = look()
            if stopped is not None:
                return stopped
        with stopping.done_whole():
            self.keep(writer.run())
        for file in self.files:
            file.cut(0)
        return None

    def mark(self) -> LevelMark:
        """Where it is now, between two levels."""
        firsts, levels, visited, recent = (
            self.firsts.copy(),
            self.levels.copy(),
            self.visited.copy(),
            self.recent.copy(),
        )
        return LevelMark(firsts, levels, visited, recent, self.levels_file.size)

    def go_back(self, mark: LevelMark) -> None:
        """Be as it was at a mark, but for the layout; what was gathered since is forgotten. Raises OSError."""
        self.firsts, self.levels = mark.firsts.copy(), mark.levels.copy()
        self.visited, self.recent = mark.visited.copy(), mark.recent.copy()
        self.levels_file.cut(mark.size)
        for gathered in self.gathered:
            gathered.clear()
        for file in self.files:
            file.cut(0)

    def keep(self, level: SortedRun) -> None:
        """Add a level; small ones are kept together, as each run that is looked at costs something."""
        self.levels.append(level)
        self.firsts.append(self.firsts[-1] + level.count)
        if level.count >= self.most // _FEW:
            self.visited.append(level)
            return
        self.recent.append(run_in_memory(level.read(0, level.count, self.layout), self.layout))
        while len(self.recent) > 1 and self.recent[-2].count < 2 * self.recent[-1].count:
            last = [self.recent.pop().all_rows(self.layout) for _ in range(2)]
            self.recent.append(run_in_memory(in_order(np.concatenate(last), self.layout.words), self.layout))
        if self.recent and self.recent[0].count > self.most // 2:
            writer = RunWriter(self.levels_file, self.layout)
            writer.append(self.recent.pop(0).all_rows(self.layout))
            self.visited.append(writer.run())

    def rows_between(self, _: int, begin: int, end: int) -> Any:
        """The rows of some states of one level, one after another. Raises OSError."""
        level = bisect_right(self.firsts, begin) - 1
        first = self.firsts[level]
        return self.levels[level].read(begin - first, end - first, self.layout)

    def rows_at(self, worker: int, states: Any) -> Any:
        """The rows of some states of one level, whose numbers ascend: states x words. Raises OSError."""
        words, found = self.layout.words, []
        for part in np.split(states, np.flatnonzero(np.diff(states // BLOCK)) + 1):
            first, last = int(part[0]), int(part[-1])
            rows = self.rows_between(worker, first, last + 1).reshape(-1, words)
            found.append(rows[part - first])
        return np.concatenate(found)

    # ---- memory

    def memory(self) -> int:
        """Bytes that rows take in memory."""
        lists_ = 8 * sum(one.count * self.layout.words for one in self.gathered)
        recent = 8 * sum(run.count * run.layout.words for run in self.recent)
        return lists_ + recent + self.window.nbytes + 16 * self.count

    def close(self) -> None:
        """Give everything back now."""
        for file in (self.levels_file, *self.files):
            file.close()
        self.window, self.recent, self.gathered = _NOTHING, [], []
