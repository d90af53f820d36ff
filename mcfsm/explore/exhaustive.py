"""Exhaustive search over tables: level by level, in compiled code, each worker owning the states that hash to it.

`expand` (successors of a slice of the level), exchange (to the owner), absorb (the owner keeps what is new); between
two slices, entries that were asked for are filled. After a level comes a barrier. States lie in the order of their
levels, so traces need no stored parents: `paths` goes back level by level.
"""

from __future__ import annotations

import mmap
import os
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from mcfsm import kernel as k
from mcfsm import stateset
from mcfsm.columns import FAILED, Properties
from mcfsm.explore.findings import INTERRUPTED, Findings, Limits, Progress, Report
from mcfsm.explore.occurred import occurred_in
from mcfsm.explore.paths import canonical_path
from mcfsm.filling import FilledTables
from mcfsm.images import Images
from mcfsm.layout import Layout, lay_out
from mcfsm.model import CHECKS, Model
from mcfsm.problems import ModelError
from mcfsm.product import DEADLOCK, State, Step
from mcfsm.properties import Watch
from mcfsm.symmetry import Symmetry
from mcfsm.trace import with_flow

NAME = "exhaustive"
SLICE = 1 << 18  # states a worker expands before the search looks at its limits
SLOTS = 1 << 20  # of a set of states at first
EXCHANGE = 1 << 16  # successors for one other worker before they are exchanged
_PAUSE = 0.25


def explore(
    model: Model,
    *,
    asked: Iterable[str] | None = None,
    limits: Limits | None = None,
    everything: bool = False,
    avoid: frozenset[str] = frozenset(),
    report: Report | None = None,
    workers: int | None = None,
) -> Findings:
    """All reachable joint states of a model, level by level; the same findings as the reference explorer's.

    Parameters and errors are those of `reference.explore`. `workers` is the number of threads (default: all cores); the
    findings do not depend on it.
    """
    wanted = [*CHECKS, *(p.id for p in model.properties)] if asked is None else list(asked)
    search = Search(model, wanted, limits=limits, everything=everything, avoid=avoid, report=report, workers=workers)
    try:
        return search.run()
    finally:
        search.workers.clear()  # their memory goes now, not when the collector comes


class _Worker:
    """The states that one worker owns, and its lists."""

    def __init__(self, reserve: int) -> None:
        self.rows = _reserve(reserve)
        self.hashes = _reserve(reserve)
        self.slots = _reserve(reserve)
        self.size = SLOTS
        self.counts = np.zeros(64, dtype=np.int64)  # wider than used: no two workers write into one line of the cache
        self.missed = np.zeros(3 * 8192, dtype=np.int32)
        self.again = np.zeros(2048, dtype=np.int64)
        self.found = np.zeros(1 << 16, dtype=np.int64)
        self.starts = [0]  # of each level, in its states
        self.fired = np.zeros(1024, dtype=np.uint8)

    @property
    def states(self) -> int:
        """How many states it has."""
        return int(self.counts[stateset.STATES])


class Search:
    """A search and what it has found so far; `explore` says what its parameters are."""

    def __init__(
        self,
        model: Model,
        asked: Iterable[str],
        *,
        limits: Limits | None = None,
        everything: bool = False,
        avoid: frozenset[str] = frozenset(),
        report: Report | None = None,
        workers: int | None = None,
    ) -> None:
        asked, limits, workers = set(asked), limits or Limits(), workers or os.cpu_count() or 1
        if limits.max_memory is None:
            limits = replace(limits, max_memory=_physical_memory() * 8 // 10)
        self.model, self.limits, self.everything, self.report = model, limits, everything, report
        self.tables = FilledTables(model, avoid=avoid)
        self.symmetry = Symmetry(model)
        self.images = Images(self.tables, self.symmetry) if self.symmetry else None
        self.initial = self.tables.product.initial()
        self.avoid = avoid
        self.properties = [p for p in model.properties if p.id in asked]
        self.checks = asked & set(CHECKS)
        self.asked = asked
        first = self.tables.row_of(self.initial)
        self.columns = Properties(self.tables, self.properties)
        self.seen = np.zeros(max(1, 4 * len(self.columns.place)), dtype=np.uint8)
        self.hit_level = np.full(max(1, len(self.properties)), -1, dtype=np.int32)
        self.program = self.columns.program(self.seen, self.hit_level >= 0)
        self.fault_level = np.full(1024, -1, dtype=np.int32)
        self.layout = lay_out([len(names) for names in self.tables.names])
        self.arrays = self.tables.arrays(self.layout)
        self.workers = [_Worker(_physical_memory()) for _ in range(workers)]
        self.exchange_room = EXCHANGE if workers > 1 else stateset.BATCH
        self.out = [self._outbox() for _ in self.workers]
        self.found: dict[int, list[tuple[int, int]]] = {}  # fault or property to states, as (worker, state)
        self.began = self.reported = time.monotonic()
        self.depth = 0
        self.whole = [0] * workers  # of each worker's states those whose level is done
        self.home = self._place(first)  # the worker that owns the initial state

    def _outbox(self) -> Any:
        """Successors for each worker, and how many there are; its own are absorbed batch by batch."""
        rows = len(self.workers) * self.exchange_room
        return np.zeros(rows * (self.layout.words + 1), dtype=np.uint64), np.zeros(64, dtype=np.int64)

    def _place(self, ids: list[int]) -> int:
        one = np.array([ids], dtype=np.int64)
        row, hash_ = self.layout.pack(one)[0], self.tables.hashes(one)[0]
        owner = ((int(hash_) >> 16 & 0xFFFF) * len(self.workers)) >> 16
        self.absorb(self.workers[owner], np.array([*row, hash_], dtype=np.uint64), 0, len(row) + 1)
        return owner

    def state(self, worker: int, index: int) -> State:
        """The joint state that a worker keeps under a number."""
        words = self.layout.words
        row = self.workers[worker].rows[index * words : (index + 1) * words].reshape(1, words)
        return self.tables.state_of(self.layout.unpack(row)[0].tolist())

    def search(self, worker: _Worker, index: int) -> k.Search:
        """What the kernel gets of a worker."""
        box, counts = self.out[index]
        return k.Search(
            rows=worker.rows,
            hashes=worker.hashes,
            slots=worker.slots,
            counts=worker.counts,
            missed=worker.missed,
            again=worker.again,
            found=worker.found,
            fault_level=self.fault_level,
            hit_level=self.hit_level,
            fired=worker.fired,
            seen=self.seen,
            out=box,
            out_count=counts,
            steps=_NONE,
            wanted=_NONE.view(np.uint64),
        )

    @property
    def unit(self) -> tuple[int, ...]:
        """A tuple as long as a row has words."""
        return (0,) * self.layout.words

    # ---- the search

    def run(self) -> Findings:
        stopped = None
        with ThreadPoolExecutor(len(self.workers)) as pool:
            while True:
                ends = [worker.states for worker in self.workers]
                stopped = self.try_level([worker.starts[-1] for worker in self.workers], ends, pool)
                self.check_values()
                self.whole = ends if stopped is None else self.whole
                self.program = self.columns.program(self.seen, self.hit_level >= 0)
                for worker, end in zip(self.workers, ends, strict=True):
                    worker.starts.append(end)
                    _release(worker.hashes, end)
                deeper = any(worker.states > end for worker, end in zip(self.workers, ends, strict=True))
                if deeper and stopped is None:
                    stopped = self.limits.after_level(states=self.states, depth=self.depth)
                if not deeper or stopped is not None or (self.decided() and not self.everything):
                    return self.findings(self.depth + deeper, stopped is None and not deeper, stopped)
                self.depth += 1

    def try_level(self, starts: list[int], ends: list[int], pool: ThreadPoolExecutor) -> str | None:
        """Expand one level; what stopped the search, if something did."""
        try:
            return self.level(starts, ends, pool)
        except KeyboardInterrupt:
            for i in range(len(self.workers)):
                self.keep_found(i)
            return INTERRUPTED

    def decided(self) -> bool:
        """Whether everything that was asked for is decided."""
        names = {subject[0] for i, subject in enumerate(self.subjects()) if self.fault_level[i] >= 0}
        return bool((self.hit_level[: len(self.properties)] >= 0).all()) and self.checks <= names

    def subjects(self) -> list[tuple[str, str]]:
        """What the faults are, by number."""
        return [DEADLOCK, *self.tables.subjects.values]

    def level(self, starts: list[int], ends: list[int], pool: ThreadPoolExecutor) -> str | None:
        """Expand one level; the limit that stopped it, if one did."""
        todo: list[list[tuple[int, int, Any]]] = [
            [(at, min(at + SLICE, end), _NONE) for at in range(start, end, SLICE)]
            for start, end in zip(starts, ends, strict=True)
        ]
        while any(todo):
            jobs = [(i, parts.pop(0)) for i, parts in enumerate(todo) if parts]
            results = list(pool.map(self.expand, jobs)) if len(self.workers) > 1 else [self.expand(job) for job in jobs]
            self.exchange(pool)
            for (i, (begin, end, listed)), code in zip(jobs, results, strict=True):
                worker = self.workers[i]
                self.keep_found(i)
                at = int(worker.counts[k.NEXT])
                if at < end:
                    todo[i].insert(0, (at, end, listed))
                again = int(worker.counts[k.AGAIN])
                if again:
                    todo[i].insert(0, (0, again, worker.again[:again].copy()))
                worker.counts[k.AGAIN] = 0
                if code == k.OUT and at == begin:  # one state has more successors than there is room for
                    self.exchange_room *= 2
                    self.out = [self._outbox() for _ in self.workers]
            try:
                self.fill()
            except ModelError as error:
                raise self.with_flow(error, todo) from None
            self.grow()
            self.tell(sum(ends) - sum(starts))
            stopped = self.limits.at_once(seconds=time.monotonic() - self.began, memory=self.memory())
            if stopped is not None:
                return stopped
        return None

    def expand(self, job: tuple[int, tuple[int, int, Any]]) -> int:
        i, (begin, end, listed) = job
        worker = self.workers[i]
        return int(
            k.expand(
                self.arrays, self.unit, self.program, self.search(worker, i), worker.size,
                begin, end, listed, self.depth, i, len(self.workers),
            )
        )  # fmt: skip

    def exchange(self, pool: ThreadPoolExecutor) -> None:
        """Every worker absorbs what the others found for it."""
        if len(self.workers) == 1:
            return
        width = self.layout.words + 1
        for i, worker in enumerate(self.workers):
            coming = sum(int(counts[i]) for _, counts in self.out)
            self.make_room(worker, coming)

        def take(i: int) -> None:
            worker = self.workers[i]
            for box, counts in self.out:
                part = len(box) // len(self.workers) // width * width
                count = int(counts[i])
                if count:
                    self.absorb(worker, box, i * part, i * part + count * width)

        list(pool.map(take, range(len(self.workers))))
        for _, counts in self.out:
            counts[:] = 0

    def absorb(self, worker: _Worker, source: Any, begin: int, end: int) -> None:
        """Let a worker keep what is new of some successors."""
        stateset.absorb(
            worker.rows, worker.hashes, worker.slots, worker.counts, worker.size, self.unit, source, begin, end
        )

    def keep_found(self, i: int) -> None:
        """Take a worker's findings over."""
        worker = self.workers[i]
        for at in range(int(worker.counts[k.FOUND])):
            code, state = int(worker.found[2 * at]), int(worker.found[2 * at + 1])
            self.found.setdefault(code, []).append((i, state))
        worker.counts[k.FOUND] = 0

    def fill(self) -> None:
        """Fill the entries that were asked for, in an order that does not depend on the workers."""
        asked: set[tuple[int, int, int]] = set()
        for worker in self.workers:
            count = int(worker.counts[k.MISSED])
            asked |= {(t, r, c) for t, r, c in worker.missed[: 3 * count].reshape(-1, 3).tolist()}
            worker.counts[k.MISSED] = 0
        if not asked:
            return
        for table, row, column in sorted(asked):
            self.tables.fill(table, row, column)
        moves = len(self.tables.move_steps)
        for worker in self.workers:
            if moves > len(worker.fired):
                worker.fired = np.concatenate([worker.fired, np.zeros(moves, dtype=np.uint8)])
        if len(self.tables.subjects) + 1 > len(self.fault_level):
            more = np.full(len(self.tables.subjects), -1, dtype=np.int32)
            self.fault_level = np.concatenate([self.fault_level, more])
        counts = [len(names) for names in self.tables.names]
        if any(count - 1 > int(mask) for count, mask in zip(counts, self.layout.mask, strict=True)):
            self.repack(lay_out(counts))
        self.arrays = self.tables.arrays(self.layout)

    def repack(self, layout: Layout) -> None:
        """Give every row the layout that the ids now need."""
        for worker in self.workers:
            old, new = tuple(self.layout[:3]), tuple(layout[:3])
            stateset.repack(worker.rows, worker.states, old, self.layout.words, new, layout.words)
        self.layout = layout
        self.out = [self._outbox() for _ in self.workers]

    def grow(self) -> None:
        """Make room for what the next slices may find."""
        for worker in self.workers:
            self.make_room(worker, 0)

    def make_room(self, worker: _Worker, coming: int) -> None:
        need = worker.states + coming + 2 * k.LEAST_ROOM
        if need > worker.size - worker.size // stateset.BUCKET:
            size = max(need + need // 2, worker.size + worker.size // 2) // stateset.BUCKET * stateset.BUCKET
            stateset.spread(worker.slots[: size + _PAD], worker.size, size)
            worker.size = size

    @property
    def states(self) -> int:
        """The states of all workers."""
        return sum(worker.states for worker in self.workers)

    def memory(self) -> int:
        """Bytes that states, the set of them, tables and lists take."""
        words = self.layout.words
        states = (
            sum(
                worker.states * (words + 1) - worker.starts[-1] + worker.size + _PAD  # rows, this level's hashes, slots
                for worker in self.workers
            )
            * 8
        )
        lists = sum(box.nbytes for box, _ in self.out)
        return int(states + lists + self.arrays.arena.nbytes)

    def tell(self, frontier: int) -> None:
        now = time.monotonic()
        if self.report is not None and now - self.reported >= _PAUSE:
            self.reported = now
            transitions = sum(int(worker.counts[k.TRANSITIONS]) for worker in self.workers)
            self.report(Progress(self.states, transitions, self.depth, frontier, self.memory()))

    # ---- what was found

    def check_values(self) -> None:
        """Raise the ModelError of a property that could not be evaluated on a state of the level just done."""
        for i, property_ in enumerate(self.properties):
            failing = self.found.get(-1000 - i, [])
            if failing:
                watch, path = Watch(self.model, property_), self.path(failing, self.depth)
                try:
                    watch.decides(path[-1].target if path else self.initial)
                except ModelError as error:
                    raise with_flow(error, self.tables.product, path) from None
                raise AssertionError(f"{property_.id} fails in the tables only ({FAILED})")

    def with_flow(self, error: ModelError, todo: list[list[tuple[int, int, Any]]]) -> ModelError:
        """The error of an entry with the flow to a state that asks for it, of those that are to come again."""
        failing = []
        for i, parts in enumerate(todo):
            for state in (int(index) for _, _, listed in parts for index in listed):
                try:
                    self.tables.product.expand(self.state(i, state))
                except ModelError:
                    failing.append((i, state))
        if not failing:
            return error
        path = self.path(failing, self.depth)
        try:
            self.tables.product.expand(path[-1].target if path else self.initial)
        except ModelError as first:
            return with_flow(first, self.tables.product, path)
        return error

    def path(self, states: list[tuple[int, int]], depth: int) -> tuple[Step, ...]:
        """The canonical shortest path to one of some states of one level."""
        bounds = [
            [(w.starts[d], w.starts[d + 1] if d + 1 < len(w.starts) else w.states) for w in self.workers]
            for d in range(depth + 1)
        ]
        return canonical_path(self, bounds, states)

    def expanded(self, component: int) -> list[int]:
        """The ids that a component has in the states of the levels that were expanded."""
        found = np.zeros(len(self.tables.names[component]), dtype=bool)
        words, (at, shift, mask) = self.layout.words, (part[component] for part in self.layout[:3])
        for worker in self.workers:
            for begin in range(0, worker.starts[-1], SLICE):
                end = min(begin + SLICE, worker.starts[-1])
                found[(worker.rows[begin * words + at : end * words : words] >> shift) & mask] = True
        return [int(id_) for id_ in np.flatnonzero(found)]

    def findings(self, depth: int, complete: bool, stopped: str | None) -> Findings:
        paths = {
            property_.id: self.path(self.found[-1 - i], int(self.hit_level[i]))
            for i, property_ in enumerate(self.properties)
            if self.hit_level[i] >= 0
        }
        together = self.symmetry.together(
            self.tables.product,
            (
                (subject, int(self.fault_level[i]), self.found[i])
                for i, subject in enumerate(self.subjects())
                if self.fault_level[i] >= 0 and subject[0] in self.checks
            ),
            lambda state: self.state(*state),
        )
        fired = np.zeros(len(self.tables.move_steps), dtype=bool)
        for worker in self.workers:
            fired |= worker.fired[: len(fired)].astype(bool)
        product = self.tables.product
        names = (
            product.transition(i, outcome)
            for (i, _, outcome), f in zip(self.tables.move_steps, fired, strict=True)
            if f and outcome is not None
        )
        return Findings(
            engine=NAME,
            states=self.states,
            transitions=sum(int(worker.counts[k.TRANSITIONS]) for worker in self.workers),
            depth=depth,
            complete=complete,
            stopped=stopped,
            seconds=time.monotonic() - self.began,
            paths=paths,
            faults=self.symmetry.faults(
                product, [(found, self.path(states, level)) for found, level, states in together]
            ),
            fired=frozenset(t.id for t in names if t is not None),
            coverage=self.columns.coverage(self.seen),
            occurred=self.symmetry.everywhere(occurred_in(self.tables, self.expanded)),
        )


_NONE = np.zeros(0, dtype=np.int64)
_PAD = 1 << 17  # slots past the end, where entries of a full end go


def compiled() -> bool:
    """Whether the kernel lies compiled in numba's cache: where not, the first search takes some seconds longer."""
    return bool(k.expand.signatures) or any(Path(k.expand.stats.cache_path or ".").glob("kernel.expand-*.nbc"))


def _physical_memory() -> int:
    """Bytes of memory that the machine has."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def _release(array: Any, end: int) -> None:
    """Give back the memory of an array's first entries, but for a few."""
    pages = end * array.itemsize // mmap.PAGESIZE
    if pages:
        array.base.obj.madvise(mmap.MADV_DONTNEED, 0, pages * mmap.PAGESIZE)


def _reserve(size: int) -> Any:
    """An array of 64-bit words over `size` bytes, of which only those that are touched take memory."""
    flags = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | getattr(mmap, "MAP_NORESERVE", 0)
    memory = mmap.mmap(-1, size // mmap.PAGESIZE * mmap.PAGESIZE, flags=flags)
    if hasattr(mmap, "MADV_HUGEPAGE"):
        memory.madvise(mmap.MADV_HUGEPAGE)
    return np.frombuffer(memory, dtype=np.uint64)
