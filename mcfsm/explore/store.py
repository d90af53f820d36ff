"""Where a search keeps its states: rows, their hashes and the set that finds them, shared by workers; and their lists.

What may live here: memory. What may not: what a state is, and when it is expanded.

Every worker numbers the states that it finds first from a base of its own, so that those of a level lie together. All
arrays are reserved as large as they may become; only what is touched takes memory.
"""

from __future__ import annotations

import mmap
import sys
from typing import Any

import numpy as np

from mcfsm.host.memory import addresses_left, memory_allowed, physical_memory
from mcfsm.kernel import state_set as stateset
from mcfsm.kernel import worker as lists
from mcfsm.kernel.expand import LEAST_ROOM
from mcfsm.kernel.intrinsics import BUCKET
from mcfsm.kernel.rows import Layout
from mcfsm.kernel.state_set import LevelData

SLOTS, MORE_SLOTS = 1 << 16, 1 << 20  # of a set of states at first, and at least when it has grown
CHUNK = 1 << 18  # rows that are packed anew at a time
LEAST_REGION = 1 << 20  # states that a worker has numbers for at least
_LEVEL_WORDS = 4  # words that the levels keep of each state, this one and the next
_PAD = 1 << 17  # slots past the end, where entries of a full end go
_NORESERVE = getattr(mmap, "MAP_NORESERVE", 0x4000 if sys.platform == "linux" else 0)  # mmap has no name for it yet


class Worker:
    """The states that one worker found first, and its lists."""

    def __init__(self, base: int) -> None:
        self.base = base  # number of its first state
        self.counts = lists.new_counts(base)
        self.requested = np.zeros(lists.REQUEST * 8192, dtype=np.uint64)
        self.retry = np.zeros(2048, dtype=np.int64)
        self.found = np.zeros(lists.FINDING << 15, dtype=np.int64)
        self.starts = [0]  # of each level, in its states
        self.fired = np.zeros(1024, dtype=np.uint64)

    @property
    def states(self) -> int:
        """How many states it has."""
        return int(self.counts[stateset.STATES]) - self.base

    def make_room(self, properties: int) -> None:
        """Let it note, besides what it can note anyway, that one state decides so many properties."""
        self.found = np.zeros(len(self.found) + lists.FINDING * properties, dtype=np.int64)


class Store:
    """The states of a search, whose first are given as packed rows with their hashes."""

    def __init__(
        self,
        workers: int,
        layout: Layout,
        rows: Any,
        hashes: Any,
        *,
        memory: int | None = None,
        beside: int = 0,
    ) -> None:
        """`memory` is what the process may take at most; `beside` are the words that each state has elsewhere."""
        most = min((1 << 32) // workers - 1, physical_memory() // 16)
        self.region_bits = min(most.bit_length() - 1, region_bits(workers, layout.words + beside, memory))
        self.region = 1 << self.region_bits  # states that one worker may have
        self.workers = [Worker(i * self.region) for i in range(workers)]
        self.layout = layout
        self.rows = reserve(workers * self.region * layout.words, large=False)
        self.now, self.next = (self._level() for _ in range(2))
        self._widest = 1
        self.slots = reserve(2 * (workers * self.region + SLOTS + _PAD), large=False)
        self.size = SLOTS
        self.rows[: rows.size], self.next.hashes[: len(hashes)] = rows.reshape(-1), hashes
        filled = np.zeros(SLOTS // BUCKET, np.uint8)
        for number, hash_ in enumerate(hashes):
            stateset.insert_slot(self.slots, filled, SLOTS // BUCKET, hash_ >> 32 << 32 | np.uint64(number + 1))
        self.workers[0].counts[stateset.STATES] = len(hashes)

    @property
    def states(self) -> int:
        """The states of all workers."""
        return sum(worker.states for worker in self.workers)

    @property
    def full(self) -> bool:
        """Whether some worker has no numbers left for the states that it may find next."""
        return any(worker.states > self.region - 4 * LEAST_ROOM for worker in self.workers)

    @property
    def row_shape(self) -> tuple[int, ...]:
        """A tuple as long as a row has words."""
        return (0,) * self.layout.words

    def rows_of(self, worker: int) -> Any:
        """The rows of a worker's states, one after another."""
        return self.rows[self.workers[worker].base * self.layout.words :]

    def rows_between(self, worker: int, begin: int, end: int) -> Any:
        """The rows of some of a worker's states, one after another."""
        return self.rows_of(worker)[begin * self.layout.words : end * self.layout.words]

    def rows_at(self, worker: int, states: Any) -> Any:
        """The rows of some of a worker's states, whose numbers ascend: states x words."""
        rows, words = self.rows_of(worker), self.layout.words
        return np.stack([rows[states * words + w] for w in range(words)], axis=1)

    def ids_of(self, number: int) -> list[int]:
        """The ids of the components of a state."""
        words = self.layout.words
        row = self.rows[number * words : (number + 1) * words]
        ids: list[int] = self.layout.unpack(row[None, :])[0].tolist()
        return ids

    def owner(self, number: int) -> tuple[int, int]:
        """The worker that found a state, and which of its states that is."""
        return divmod(number, self.region)

    def _size_wanted(self) -> int:
        """How many slots the set is to have: more than it has where it is nearly full."""
        need = self.states + 2 * LEAST_ROOM * len(self.workers)
        if need <= self.size - self.size // BUCKET:
            return self.size
        return max(need + need // 4, self.size + self.size // 3, MORE_SLOTS) // BUCKET * BUCKET

    def growth(self) -> int:
        """Bytes that making room takes: it may be a seventh of all that is taken."""
        return 8 * (self._size_wanted() - self.size)

    def make_room(self) -> None:
        """Grow the set where it is nearly full, and tell every worker how many states it may add."""
        count, size = self.states, self._size_wanted()
        if size > self.size:
            before = self._enlarge(size)
            stateset.grow_in_place(self.slots[: size + _PAD], before, size)
        room = (self.size - self.size // BUCKET - count) // len(self.workers) - LEAST_ROOM
        for worker in self.workers:
            most = worker.base + self.region - 2 * LEAST_ROOM
            worker.counts[lists.LIMIT] = min(int(worker.counts[stateset.STATES]) + room, most)

    def _enlarge(self, size: int) -> int:
        """Let the set have more slots; how many it had. Large pages take more than few states, and come now."""
        before, self.size = self.size, size
        if before == SLOTS:
            levels = (array for level in (self.now, self.next) for array in (level.hashes, level.sleep_sets))
            for array in (self.rows, self.slots, *levels):
                take_large_pages(array)
        return before

    def swap_levels(self) -> None:
        """What was found last is expanded now, and what is found from now on is of the level after it."""
        self.now, self.next = self.next, self.now
        self.next.starts[:] = [worker.base + worker.states for worker in self.workers]
        widest = max(worker.states - worker.starts[-1] for worker in self.workers)
        self._widest = max(self._widest, widest)
        for worker in self.workers:  # where levels become smaller, most likely the next one does too
            for array in (self.next.hashes, self.next.sleep_sets):
                _release(array, worker.base + widest, worker.base + self._widest)

    # ---- states that were found before

    def place(self, states: list[int], starts: list[list[int]]) -> None:
        """Give every worker so many states, whose rows are to come; `starts` has the first of each level."""
        for worker, count, own in zip(self.workers, states, starts, strict=True):
            worker.counts[stateset.STATES], worker.starts = worker.base + count, own
        self.next.starts[:] = [worker.base + worker.starts[-1] for worker in self.workers]
        self._widest = max(1, *(worker.states - worker.starts[-1] for worker in self.workers))

    def put(self, number: int, rows: Any) -> None:
        """Write packed rows under a number and those after it."""
        first = number * self.layout.words
        self.rows[first : first + rows.size] = rows.reshape(-1)

    def put_frontier(self, worker: int, state: int, hashes: Any, sleep_sets: Any) -> None:
        """Write what is kept of states that are not expanded, from one of a worker's on."""
        first = self.workers[worker].base + state - self.workers[worker].starts[-1]
        self.next.hashes[first : first + len(hashes)] = hashes
        self.next.sleep_sets[first : first + len(hashes)] = sleep_sets

    def put_set(self, entries: Any) -> None:
        """Make the set anew of entries as its slots hold them, which are sorted here."""
        need = len(entries) + 2 * LEAST_ROOM * len(self.workers)
        if need > self.size - self.size // BUCKET:
            self._enlarge((need + need // 4) // BUCKET * BUCKET)
        entries.sort()
        fill_slots(self.slots, self.size, entries)

    def _level(self) -> LevelData:
        hashes, sleep_sets = (reserve(len(self.workers) * self.region, large=False) for _ in range(2))
        return LevelData(hashes, sleep_sets, np.array([worker.base for worker in self.workers]), self.region_bits)

    def values_of(self, component: int, ends: list[int], count: int) -> Any:
        """Which of `count` values a component has among the first states of each worker, as an array of truths."""
        seen = np.zeros(count, dtype=np.bool_)
        word, shift, mask = (part[component] for part in self.layout[:3])
        for worker, end in enumerate(ends):
            stateset.values_of(self.rows_of(worker), self.layout.words, 0, end, int(word), shift, mask, seen)
        return seen

    def repack(self, layout: Layout) -> None:
        """Give every row another layout."""
        old, parts, shifts = self.layout, *_moves(self.layout, layout)
        to_rows = self.rows
        if old.words != layout.words:
            to_rows = reserve(len(self.workers) * self.region * layout.words, large=self.size > SLOTS)
        for worker in self.workers:
            for begin in range(0, worker.states, CHUNK):
                first, end = worker.base + begin, worker.base + min(begin + CHUNK, worker.states)
                stateset.repack(self.rows, old.words, to_rows, layout.words, first, end, parts, shifts)
                if to_rows is not self.rows:
                    _release(self.rows, first * old.words, end * old.words)
        self.rows, self.layout = to_rows, layout

    def memory(self) -> int:
        """Bytes that states and the set of them take."""
        words = self.layout.words
        return (words * self.states + self.size + _PAD + 4 * self._widest * len(self.workers)) * 8

    def close(self) -> None:
        """Give everything back now, not when the collector comes."""
        self.rows = self.slots = nothing = np.zeros(0, dtype=np.uint64)
        self.now = self.next = LevelData(nothing, nothing, np.zeros(0, dtype=np.int64), 0)


def fill_slots(slots: Any, size: int, entries: Any) -> None:
    """Put entries in the order of their hashes into slots that are empty.

    Each goes into the first that is free from its bucket on: so every bucket is filled from its front, and what has no
    room goes to the next, as `insert_slot` does it.
    """
    free = 0
    for begin in range(0, len(entries), CHUNK):
        part = entries[begin : begin + CHUNK]
        buckets = (part >> np.uint64(32)) * np.uint64(size // BUCKET) >> np.uint64(32)
        order = np.arange(len(part))
        places = order + np.maximum(np.maximum.accumulate(buckets.astype(np.int64) * BUCKET - order), free)
        slots[places] = part
        free = int(places[-1]) + 1


def repacked(rows: Any, old: Layout, new: Layout) -> Any:
    """Packed rows, one after another, in another layout; the same array where it is no other."""
    if old is new:
        return rows
    count = len(rows) // old.words
    found = np.empty(count * new.words, dtype=np.uint64)
    stateset.repack(rows, old.words, found, new.words, 0, count, *_moves(old, new))
    return found


def _moves(old: Layout, new: Layout) -> tuple[Any, Any]:
    """What `stateset.repack` is told: fields that move together from one word to another, as one."""
    together: dict[tuple[int, int, int], int] = {}
    for word, shift, mask, to_word, to_shift in zip(*old[:3], *new[:2], strict=True):
        key = (int(word), int(to_word), int(to_shift) - int(shift))
        together[key] = together.get(key, 0) | int(mask) << int(shift)
    parts = np.array([(word, bits, to) for (word, to, _), bits in together.items()], dtype=np.uint64)
    return parts, np.array([shift for _, _, shift in together], dtype=np.int64)


def region_bits(workers: int, words: int, memory: int | None) -> int:
    """How many bits the numbers have that a worker gives its states, each of so many words: as many as can be filled.

    Nothing is reserved that could not be filled with what the process may take. Where addresses are few, half of those
    that are left are reserved: the rows may have to be laid out anew, and others want some too.
    """
    most = (memory or memory_allowed()) // (8 * (words + 1))
    bits = max(most, LEAST_REGION).bit_length()
    left = addresses_left()
    if left is not None:
        each = 8 * workers * (2 * words + _LEVEL_WORDS + 2)
        bits = min(bits, max(LEAST_REGION, left // 2 // each).bit_length() - 1)
    return bits


def _release(array: Any, begin: int, end: int) -> None:
    """Give back the memory of some of an array's entries, but for a few at either end."""
    first = -(-begin * array.itemsize // mmap.PAGESIZE) * mmap.PAGESIZE
    length = end * array.itemsize // mmap.PAGESIZE * mmap.PAGESIZE - first
    if length > 0:
        array.base.obj.madvise(mmap.MADV_DONTNEED, first, length)


def reserve(words: int, *, large: bool = True) -> Any:
    """An array of 64-bit words, of which only the pages that are touched take memory; `large` ones, of 2 MiB mostly."""
    flags = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | _NORESERVE
    memory = mmap.mmap(-1, -(-words * 8 // mmap.PAGESIZE) * mmap.PAGESIZE, flags=flags)
    array = np.frombuffer(memory, dtype=np.uint64)
    if large:
        take_large_pages(array)
    return array


def take_large_pages(array: Any) -> None:
    """Let a reserved array have large pages where it is touched from now on: what lies anywhere is found faster."""
    if hasattr(mmap, "MADV_HUGEPAGE"):
        array.base.obj.madvise(mmap.MADV_HUGEPAGE)
