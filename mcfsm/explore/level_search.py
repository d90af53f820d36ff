"""Search over tables, level by level, in compiled code, all workers with one set of states: what all searches share.

A worker takes slices of the level, expands their states and keeps the successors that are new. Now and then all stop,
and entries that were asked for are filled, limits looked at, the set grown. After a level comes a barrier.
"""

from __future__ import annotations

import sys
import time
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import replace
from functools import reduce
from itertools import chain, groupby, pairwise
from operator import itemgetter, or_
from typing import Any

import numpy as np

from mcfsm.explore import stopping
from mcfsm.explore.findings import Limits, Progress, ProgressCallback
from mcfsm.explore.outside import Outside
from mcfsm.explore.store import Store, Worker
from mcfsm.host.memory import memory_allowed, resident
from mcfsm.host.timing import phase
from mcfsm.kernel import worker as lists
from mcfsm.kernel.compilations import ask_before_compiling
from mcfsm.kernel.expand import CHUNK, expand
from mcfsm.kernel.programs import Program
from mcfsm.kernel.rows import Layout, lay_out
from mcfsm.kernel.variant_sets import Variants
from mcfsm.problems import ModelError
from mcfsm.semantics.product import DEADLOCK
from mcfsm.tables.tables import Tables

SLICE, ALONE = 1 << 14, 1 << 16  # states that a worker takes at a time, of several and where it is the only one,
SHARE = 1 << 18  # and for each of them so many are taken before all stop
GROWTH = 1 << 11  # bytes that expanding a state may add, at a guess on the safe side
LOCAL = 1 << 9  # bytes that it takes to say of a local state that it was visited,
FEW_LOCALS = 50  # of which may be told, though a limit was passed, what takes one part in so many of it
AFTER_LIMIT = 1 << 20  # states that a level may go on for after the limit of states: about a second
FEW = 1 << 10  # states of a level that one worker expands alone: to wake the others takes longer
Slice = tuple[int, int, Any]  # first and one past the last, by number or by place in a list of numbers
NONE = np.zeros(0, dtype=np.int64)
_PAUSE = 0.25
ask_before_compiling(stopping.make_sure_of_room_to_compile)


class LevelSearch(ABC):
    """The tables, the store and the workers of a search, and how a level is expanded."""

    store: Store
    program: Program
    family_shape: tuple[int, ...] = ()  # what the kernel is told of variants: nothing, or that there are some
    outside: Outside | None = None  # the states beyond the boundary, of a search that has one
    words_beside = 0  # that a search reserves for each state beside its row

    def __init__(self, tables: Tables, limits: Limits | None, on_progress: ProgressCallback | None) -> None:
        limits = limits or Limits()
        if limits.max_memory is None:
            limits = replace(limits, max_memory=memory_allowed())
        self.tables, self.limits, self.on_progress = tables, limits, on_progress
        self.fault_level = np.full(1024, -1, dtype=np.int32)
        self.began = self.reported = time.monotonic()
        self.compiled_before = stopping.seconds_compiling()
        self.depth = self.told = 0

    def begin(self, rows: list[list[int]], workers: int) -> None:
        """Lay out the tables, and a store of the first states."""
        layout = self.lay_out()
        self.arrays = self.tables.arrays(layout)
        ids = np.array(rows, dtype=np.int64).reshape(-1, self.tables.components.count)
        self.store = self.new_store(workers, layout, ids)
        self.make_boxes()

    def lay_out(self) -> Layout:
        """A layout of rows in which all values of today have room."""
        return lay_out([len(names) for names in self.tables.components.names])

    def new_store(self, workers: int, layout: Layout, ids: Any) -> Store:
        """A store of first states, each given by the ids of its components."""
        hashes = self.tables.components.hashes(ids)
        memory, beside = self.limits.max_memory, self.words_beside
        return Store(workers, layout, layout.pack(ids), hashes, memory=memory, beside=beside)

    def make_boxes(self) -> None:
        """Make room for the successors that were not looked up yet, of each worker."""
        width = self.store.layout.words + 2 + len(self.family_shape)
        self.box = [np.zeros(CHUNK * width, dtype=np.uint64) for _ in self.workers]

    @property
    def workers(self) -> list[Worker]:
        """What each worker found."""
        return self.store.workers

    def search(self, i: int) -> lists.SearchArrays:
        """What the kernel gets of a worker; a search adds what it records of properties or variants."""
        store, worker = self.store, self.workers[i]
        return lists.SearchArrays(
            rows=store.rows,
            now=store.now,
            next=store.next,
            slots=store.slots,
            counts=worker.counts,
            requested=worker.requested,
            retry=worker.retry,
            found=worker.found,
            fault_level=self.fault_level,
            fired=worker.fired,
            out=self.box[i],
        )

    @abstractmethod
    def variant_arguments(self, worker: int, begin: int, end: int, hashes: Any) -> Variants:
        """What the kernel gets of some of a worker's states to find all their steps again, in whoever has them."""

    def subjects(self) -> list[tuple[str, str]]:
        """What the faults are, by number: each a check, and the words that group its findings."""
        return [DEADLOCK, *self.tables.subjects.values]

    @abstractmethod
    def explained(self, error: ModelError, todo: deque[Slice]) -> ModelError:
        """The error of an entry that states in `todo` ask for, with the flow to one of them where that is known."""

    @abstractmethod
    def fill_ahead(self, number: int) -> bool:
        """Fill all that properties look up in a state, named as for the kernel; whether anything was missing."""

    @abstractmethod
    def keep_found(self, i: int) -> None:
        """Take a worker's findings over."""

    def expand_level(self, starts: list[int], ends: list[int], pool: ThreadPoolExecutor) -> str | None:
        """Expand one level; the limit that stopped it, if one did."""
        todo = self.slices(starts, ends)
        with stopping.done_whole():
            self.store.swap_levels()
        while todo:
            stopped = self.stopped_by_growth()
            if stopped is not None:
                return stopped
            with stopping.done_whole():
                self.store.make_room()
            self.expand_some(todo, pool)
            again = []
            for i, worker in enumerate(self.workers):
                self.keep_found(i)
                count = int(worker.counts[lists.RETRY])
                if count:
                    again.append(worker.retry[:count].copy())
                    todo.appendleft((0, count, again[-1]))
                worker.counts[lists.RETRY] = 0
            try:
                self.fill(chain.from_iterable(listed.tolist() for listed in again))
            except ModelError as error:
                raise self.explained(error, todo) from None
            self.report_progress(sum(ends) - sum(starts))
            stopped = self.stopped_at_once()
            if stopped is not None:
                return stopped
        return None

    def found_within(self) -> int:
        """How many states were found, less those of which is known that they lie beyond the boundary."""
        return self.store.states - (0 if self.outside is None else self.outside.count)

    def stopped_at_once(self) -> str | None:
        """The limit that stops the search within a level: of states only where the level goes on far beyond it."""
        most = self.limits.max_states
        if most is not None and self.found_within() > most + max(most // 10, AFTER_LIMIT):
            return self.limits.after_level(states=self.found_within(), depth=self.depth)
        memory = sys.maxsize if self.store.full else max(self.memory(), resident())
        return stopping.noted(self.limits.at_once(seconds=self.seconds_searching(), memory=memory))

    def stopped_by_growth(self) -> str | None:
        """The limit of memory, where there is not enough left for the set of states to grow, which it does at once."""
        more = self.store.growth()
        memory = max(self.memory(), resident()) + more if more else 0
        return stopping.noted(self.limits.at_once(seconds=0, memory=memory))

    def share(self) -> int:
        """How many states a worker expands before all stop: fewer where little of the memory is left."""
        assert self.limits.max_memory is not None
        left = self.limits.max_memory - max(self.memory(), resident())
        return max(SLICE, min(SHARE, left // (GROWTH * len(self.workers))))

    def slices(self, starts: list[int], ends: list[int]) -> deque[Slice]:
        """A level in parts that all workers end at about the same time: the less is left, the smaller they are.

        One that shares its core with something else takes longer for a part (guided self-scheduling, Polychronopoulos
        and Kuck, IEEE Transactions on Computers C-36(12), 1987).
        """
        left, parts, alone = sum(ends) - sum(starts), [], len(self.workers) == 1
        for i, (start, end) in enumerate(zip(starts, ends, strict=True)):
            at = start
            while at < end:
                size = min(end - at, ALONE if alone else min(SLICE, max(FEW, left // (4 * len(self.workers)))))
                parts.append((i, at, at + size))
                at, left = at + size, left - size
        bases, outside = [worker.base for worker in self.workers], self.outside
        if outside is None:
            return deque((bases[i] + at, bases[i] + end, NONE) for i, at, end in parts)
        listed = [bases[i] + at + outside.within(i, at, end) for i, at, end in parts]
        return deque((0, len(numbers), numbers) for numbers in listed if len(numbers))

    def expand_some(self, todo: deque[Slice], pool: ThreadPoolExecutor) -> None:
        """Let every worker take slices and expand them, until all have their shares together or one has to stop.

        A worker that gets less of the machine than another so does less, and nobody waits for more than a slice of it.
        """
        left = [self.share() * len(self.workers)]

        def work(i: int, part: Slice) -> None:
            worker = self.workers[i]
            while True:
                begin, end, listed = part
                code = self.expand_slice(i, begin, end, listed)
                if worker.counts[lists.NEXT] < end:
                    todo.append((int(worker.counts[lists.NEXT]), end, listed))
                left[0] = left[0] - (end - begin) if code == lists.DONE else 0
                if left[0] <= 0:
                    break
                try:
                    part = todo.popleft()
                except IndexError:  # nothing is left, or another worker was faster
                    break

        parts = [todo.popleft() for _ in range(min(len(todo), len(self.workers)))]
        if len(parts) == 1:
            work(0, parts[0])
            return
        working = [pool.submit(work, i, part) for i, part in enumerate(parts)]
        try:
            for one in working:
                one.result()
        except BaseException:  # nobody is left at work where somebody interrupts
            todo.clear()
            wait(working)
            raise

    def expand_slice(self, i: int, begin: int, end: int, listed: Any) -> int:
        """Expand some states as a worker; why compiled code came back."""
        how = self.store.row_shape, self.family_shape, self.program, self.search(i), self.store.size
        return int(expand(self.arrays, *how, begin, end, listed, self.depth))

    def fill(self, again: Iterable[int] = ()) -> None:
        """Fill the entries that were asked for, in an order that does not depend on the workers.

        Where only properties lack some, all that they look up in states that are to come `again` is filled at once,
        until one lacks nothing: compiled code would ask for one entry after another.
        """
        requested = self._requested()
        if not len(requested):
            return
        if requested[0, 0] >= self.tables.of_moves:
            with phase("properties"):
                any(not self.fill_ahead(number) for number in again)
        self.fill_entries(requested)
        self.fit_tables()

    def fit_tables(self) -> None:
        """Have lists and rows as large as the tables ask, after entries were filled; compiled code sees these."""
        moves = len(self.tables.moves)
        for worker in self.workers:
            if moves > len(worker.fired):
                worker.fired = np.concatenate([worker.fired, np.zeros(moves, dtype=np.uint64)])
        if len(self.tables.subjects) + 1 > len(self.fault_level):
            more = np.full(len(self.tables.subjects), -1, dtype=np.int32)
            self.fault_level = np.concatenate([self.fault_level, more])
        counts = [len(names) for names in self.tables.components.names]
        if any(count - 1 > int(mask) for count, mask in zip(counts, self.store.layout.mask, strict=True)):
            self.fit_rows()
        self.arrays = self.tables.arrays(self.store.layout)

    def fit_rows(self) -> None:
        """Lay rows out anew, with room for all values of today."""
        with stopping.done_whole():
            self.store.repack(self.lay_out())
            self.make_boxes()

    def settle(self) -> None:
        """Have compiled code see the tables as they are, where the search was stopped while entries were filled."""
        with stopping.done_whole():  # they may grow once more, and a second stop would end what is told of the search
            self.arrays = self.tables.arrays(self.store.layout)

    def fill_entries(self, requested: Any) -> None:
        """Fill what `_requested` gave, table by table. Raises ModelError where a value leaves its domain."""
        begins = np.flatnonzero(np.append(True, (requested[1:, :2] != requested[:-1, :2]).any(axis=1))).tolist()
        rows = zip(requested[begins, 0].tolist(), pairwise((*begins, len(requested))), strict=True)
        for table, some in groupby(rows, itemgetter(0)):
            count, began = 0, time.perf_counter()
            with phase(self.tables.phase_of(table)):
                for _, (first, end) in some:
                    self.fill_row(requested[first:end])
                    count += end - first
            self.tables.note(table, count, time.perf_counter() - began)

    def fill_row(self, requested: Any) -> None:
        """Fill entries of one row of a table. Raises ModelError where a value leaves its domain."""
        table, row = requested[0, :2].tolist()
        self.tables.fill_row(table, row, requested[:, 2].tolist())

    def _requested(self) -> Any:
        """Each entry that was asked for, once, in order: its table, row and column, and the variants that ask."""
        lines = []
        for worker in self.workers:
            lines.append(worker.requested[: lists.REQUEST * int(worker.counts[lists.REQUESTED])])
            worker.counts[lists.REQUESTED] = 0
        asked = np.concatenate(lines).reshape(-1, lists.REQUEST)
        if not len(asked):
            return asked
        asked = asked[np.lexsort((asked[:, 2], asked[:, 1], asked[:, 0]))]
        first = np.flatnonzero(np.append(True, (asked[1:, :3] != asked[:-1, :3]).any(axis=1)))
        once = asked[first]
        once[:, 3] = np.bitwise_or.reduceat(asked[:, 3], first)
        return once

    def room_for_visited(self) -> bool:
        """Whether the limit of memory leaves room to say which local states were visited, if these are not few."""
        assert self.limits.max_memory is not None
        needed = LOCAL * sum(map(len, self.tables.components.names[: self.tables.components.instances]))
        return needed < self.limits.max_memory // FEW_LOCALS or resident() + needed < self.limits.max_memory

    def memory(self) -> int:
        """Bytes that states, the set of them and tables take."""
        return self.store.memory() + int(self.arrays.arena.nbytes)

    def seconds_searching(self) -> float:
        """How long the search takes up to now, without what was compiled meanwhile: that is done once for a machine."""
        return time.monotonic() - self.began - (stopping.seconds_compiling() - self.compiled_before)

    def report_progress(self, frontier: int) -> None:
        """Report how far the search is, now and then."""
        now = time.monotonic()
        if self.on_progress is None:
            return
        violated = self.violated()
        if now - self.reported >= _PAUSE or len(violated) > self.told:
            self.reported, self.told = now, len(violated)
            self.on_progress(
                Progress(self.found_within(), self.transitions(), self.depth, frontier, self.memory(), violated)
            )

    def violated(self) -> tuple[tuple[str, int], ...]:
        """What `Progress` says of this search: nothing, where it does not tell one model from another."""
        return ()

    def transitions(self) -> int:
        """How many steps the states have that are done with."""
        return sum(int(worker.counts[lists.TRANSITIONS]) for worker in self.workers)

    def fired_moves(self) -> Any:
        """Of each move the variants, as bits, that took it.

        Idle moves of one model are not fired one by one: they are taken where their group was asked for.
        """
        fired = reduce(or_, (lengthened(worker.fired, len(self.tables.moves)) for worker in self.workers))
        if self.family_shape:
            return fired
        return fired[: len(self.tables.moves)] | self.tables.moves.idle().astype(np.uint64)

    def fired(self) -> dict[str, int]:
        """Of each transition that was taken the variants, as bits, that took it."""
        found: dict[str, int] = {}
        for meaning, variants in self.tables.moves.by_meaning(self.fired_moves()):
            if meaning.transition is not None:
                found[meaning.transition] = found.get(meaning.transition, 0) | variants
        return found


def lengthened(array: Any, least: int) -> Any:
    """An array, or a longer one that begins with it."""
    return array if len(array) >= least else np.concatenate([array, np.zeros(least, dtype=array.dtype)])
