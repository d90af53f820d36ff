"""Exhaustive search over tables, one model at a time: what is kept of it, and what it found.

States lie in the order of their levels, so traces need no stored parents: `paths` goes back level by level.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from functools import partial
from typing import Any

import numpy as np

from mcfsm.explore.checkpoint import Checkpoint, Saving
from mcfsm.explore.findings import Findings, Limits, ProgressCallback, Visited
from mcfsm.explore.level_search import LevelSearch, Slice
from mcfsm.explore.outside import Outside
from mcfsm.explore.paths import Level, Nearest, canonical_paths
from mcfsm.explore.resuming import ValueDigest, resume
from mcfsm.explore.saved_levels import SavedLevels
from mcfsm.explore.stopping import ended_by
from mcfsm.explore.symmetry import Symmetry
from mcfsm.explore.visited_in_tables import visited_in_tables
from mcfsm.host.timing import phase
from mcfsm.kernel import worker as lists
from mcfsm.kernel.remembered import NOTHING, Judged, nothing_judged
from mcfsm.kernel.sources import BLOCK
from mcfsm.kernel.variant_sets import NO_VARIANTS, Variants
from mcfsm.model import CHECKS, Model
from mcfsm.problems import ModelError
from mcfsm.semantics.properties import PropertyMonitor
from mcfsm.semantics.steps import State, Step
from mcfsm.semantics.trace import with_flow
from mcfsm.tables.properties import FAILED, Properties
from mcfsm.tables.situations import SituationLayout
from mcfsm.tables.tables import Tables

NAME = "exhaustive"
MOST_REDUCED = 60  # instances among which steps are chosen: a bit each, in one word


def explore(
    model: Model,
    *,
    property_ids: Iterable[str] | None = None,
    limits: Limits | None = None,
    full: bool = False,
    avoid: frozenset[str] = frozenset(),
    on_progress: ProgressCallback | None = None,
    workers: int | None = None,
    checkpoint: Checkpoint | None = None,
    reduce: bool = False,
) -> Findings:
    """All reachable joint states of a model, level by level; the same findings as the reference explorer's.

    Parameters and errors are those of `reference.explore`. `workers` is the number of threads (default: all cores); the
    findings do not depend on it, nor on a `checkpoint`: where the levels are written as they are done, and where a
    search goes on that wrote some there before. A search that is to `reduce` has one worker, and no checkpoint. Raises
    CheckpointSpoiled where those are of another model.
    """
    wanted = everything_asked(model, property_ids)
    search: ExhaustiveSearch
    if reduce and len(model.instances) <= MOST_REDUCED:
        from mcfsm.explore.stubborn.search import ReducedSearch

        search = ReducedSearch(model, set(wanted), limits=limits, full=full, avoid=avoid, on_progress=on_progress)
    else:
        search = ExhaustiveSearch(
            model,
            wanted,
            limits=limits,
            full=full,
            avoid=avoid,
            on_progress=on_progress,
            workers=workers,
            checkpoint=checkpoint,
        )
    return carried_out(search)


def everything_asked(model: Model, property_ids: Iterable[str] | None) -> list[str]:
    """The properties and checks that are asked: where none are named, the checks and all properties of states."""
    return [*CHECKS, *(p.id for p in model.state_properties)] if property_ids is None else list(property_ids)


def carried_out(search: ExhaustiveSearch) -> Findings:
    """What a search finds; its states are given back."""
    try:
        with phase("searching"):
            found = search.run()
        search.tables.note_sizes()
        return found
    finally:
        search.store.close()


class ExhaustiveSearch(LevelSearch):
    """A search and what it has found so far; `explore` says what its parameters are."""

    def __init__(
        self,
        model: Model,
        property_ids: Iterable[str],
        *,
        limits: Limits | None = None,
        full: bool = False,
        avoid: frozenset[str] = frozenset(),
        on_progress: ProgressCallback | None = None,
        workers: int | None = None,
        checkpoint: Checkpoint | None = None,
    ) -> None:
        property_ids, workers = set(property_ids), workers or os.cpu_count() or 1
        self.symmetry = Symmetry(model)
        super().__init__(Tables(model, avoid=avoid, permutations=self.symmetry.permutations), limits, on_progress)
        self.model, self.full = model, full
        self.images = self.tables.images if self.symmetry else None
        self.initial = self.tables.product.initial()
        self.avoid = avoid
        self.properties = [p for p in model.state_properties if p.id in property_ids]
        self.checks = property_ids & set(CHECKS)
        self.property_ids = property_ids
        firsts = [self.tables.components.row_of(state) for state in self.tables.product.beginnings]
        if self.images is not None and len(firsts) > 1:
            firsts = [self.images.least(row)[0] for row in firsts]
        self.columns = Properties(self.tables, self.properties)
        self.seen = np.zeros(max(1, 4 * len(self.columns.place)), dtype=np.uint8)
        self.hit_level = np.full(max(1, len(self.properties)), -1, dtype=np.int32)
        self.program = self.columns.program(self.seen, self.hit_level >= 0)
        self.situations = SituationLayout(self.columns.parts)
        self.situations.fit(self.program)
        self.judged = [NOTHING] * workers  # by whom, in situations as they were laid out then
        firsts = [list(row) for row in dict.fromkeys(map(tuple, firsts))]
        self.beginnings = len(firsts)  # up to permutation; they are the first states of all
        self.begin(firsts, workers)
        if model.boundary is not None:
            self.outside = Outside(self, model.boundary)
            self.outside.look()
        for worker in self.workers:
            worker.make_room(len(self.properties))
        self.found: dict[tuple[int, int], list[tuple[int, int]]] = {}  # kind, which to states, as (worker, state)
        self.whole = [0] * workers  # of each worker's states those whose level is done
        self.saving = None if checkpoint is None else Saving(self, checkpoint)

    def state(self, worker: int, index: int) -> State:
        """The joint state that a worker keeps under a number."""
        return self.tables.components.state_of(self.store.ids_of(self.workers[worker].base + index))

    def variant_arguments(self, _: int, __: int, ___: int, ____: Any) -> Variants:
        return NO_VARIANTS

    def fill_ahead(self, number: int) -> bool:
        return self.columns.fill_ahead(self.store.ids_of(number))

    def search(self, i: int) -> lists.SearchArrays:
        return super().search(i)._replace(hit_level=self.hit_level, seen=self.seen, judged=self.judged_by(i))

    def judged_by(self, i: int) -> Judged:
        """The situations that a worker has judged; none of those that were laid out otherwise."""
        if self.judged[i].classes is not self.situations.classes:
            self.judged[i] = nothing_judged(self.situations.classes, BLOCK)
        return self.judged[i]

    # ---- the search

    def run(self) -> Findings:
        stopped, ended = None, self.saving is not None and self.saving.go_on()
        with ThreadPoolExecutor(len(self.workers)) as pool:
            while not ended:
                stopped = self.next_level(pool) or self.look()
                deeper = self.deeper()
                ended = not deeper or (self.decided() and not self.full)
                if stopped is None:
                    stopped = self.keep_level(ended=ended)
                if deeper and stopped is None:
                    stopped = self.limits.after_level(states=self.states, depth=self.depth)
                ended = ended or stopped is not None
                self.depth += not ended
        depth, complete = self.depth + self.deeper(), stopped is None and not self.deeper()
        with nullcontext() if self.saving is None else self.saving.finished_meanwhile():
            try:
                return self.findings(depth, complete=complete, stopped=stopped)
            except KeyboardInterrupt as error:
                if stopped is not None:
                    raise
                self.settle()
                return self.findings(depth, complete=False, stopped=ended_by(error))

    def next_level(self, pool: ThreadPoolExecutor) -> str | None:
        """Expand the states that were found last; what stopped it, if something did."""
        ends = [worker.states for worker in self.workers]
        stopped = self.try_level([worker.starts[-1] for worker in self.workers], ends, pool)
        self.check_values()
        self.whole = ends if stopped is None else self.whole
        self.write_program()
        for worker, end in zip(self.workers, ends, strict=True):
            worker.starts.append(end)
        return stopped

    def write_program(self) -> None:
        """Have the program ask what is still open; compiled code sees the tables that it then needs."""
        self.program = self.columns.program(self.seen, self.hit_level >= 0)
        if self.situations.fit(self.program):
            self.arrays = self.tables.arrays(self.store.layout)

    def look(self) -> str | None:
        """Look which states that were found last lie beyond the boundary; what stopped it, if something did."""
        if self.outside is not None:
            try:
                self.outside.look()
            except KeyboardInterrupt as error:
                self.settle()
                return ended_by(error)
        return None

    def deeper(self) -> bool:
        """Whether there are states that are to be expanded and are not."""
        if self.outside is not None:
            return self.outside.deeper()
        return any(worker.states > worker.starts[-1] for worker in self.workers)

    def keep_level(self, *, ended: bool) -> str | None:
        """Have the level that is done written where somebody wants that; what stopped it, if something did."""
        if self.saving is not None:
            try:
                self.saving.level_done(ended=ended)
            except KeyboardInterrupt as error:
                return ended_by(error)
        return None

    # ---- what is written of it, and put back

    def go_on_from(self, saved: list[SavedLevels], digest: ValueDigest) -> int:
        """Be where another search was that wrote some levels; how many of them need not be written again.

        Raises CheckpointSpoiled where it was another search.
        """
        resume(self, saved, digest)
        return len(saved[-1].levels)

    def note_journal(self, journal: list[int]) -> None:
        """Note from now on there what is asked of the tables."""
        self.tables.arena.journal = journal

    def rows_to_write(self, starts: Any, sizes: Any, _: int, /) -> Callable[[], Iterator[Any]]:
        """What gives the rows of the levels from one on, each worker's after another's, as they are now laid out."""
        parts = [
            self.store.rows_between(worker, start, start + size)
            for level in zip(starts.T.tolist(), sizes.T.tolist(), strict=True)
            for worker, (start, size) in enumerate(zip(*level, strict=True))
        ]
        return lambda: iter(parts)

    def fit_rows(self) -> None:
        if self.saving is not None:
            self.saving.wait()  # what is being written are these very rows
        super().fit_rows()

    def sleep_sets_to_write(self, sizes: Any) -> Any:
        """The sleep sets of the states that were found last, of so many of each worker."""
        found = zip(self.workers, sizes.tolist(), strict=True)
        return np.concatenate([self.store.next.sleep_sets[one.base : one.base + size] for one, size in found])

    @property
    def beyond(self) -> int:
        """How many states lie beyond the boundary."""
        return 0 if self.outside is None else self.outside.count

    @property
    def states(self) -> int:
        """How many states lie within it, of those that were looked at."""
        return self.store.states if self.outside is None else self.outside.count_within

    def try_level(self, starts: list[int], ends: list[int], pool: ThreadPoolExecutor) -> str | None:
        """Expand one level; what stopped the search, if something did."""
        try:
            return self.expand_level(starts, ends, pool)
        except KeyboardInterrupt as error:
            self.settle()
            for i in range(len(self.workers)):
                self.keep_found(i)
            return ended_by(error)

    def decided(self) -> bool:
        """Whether everything that was asked for is decided."""
        names = {subject[0] for i, subject in enumerate(self.subjects()) if self.fault_level[i] >= 0}
        return bool((self.hit_level[: len(self.properties)] >= 0).all()) and self.checks <= names

    def keep_found(self, i: int) -> None:
        """Take a worker's findings over."""
        worker = self.workers[i]
        count = int(worker.counts[lists.FOUND])
        for kind, which, state in worker.found[: lists.FINDING * count].reshape(-1, lists.FINDING).tolist():
            self.found.setdefault((kind, which), []).append(self.store.owner(state))
        worker.counts[lists.FOUND] = 0

    def violated(self) -> tuple[tuple[str, int], ...]:
        """The properties and checks that are known to be violated, each with the depth of the first state."""
        hits = enumerate(zip(self.properties, self.hit_level.tolist(), strict=False))
        found = {p.id: depth for i, (p, depth) in hits if p.form != "reachable" and (lists.DECIDED, i) in self.found}
        for (check, _), depth in zip(self.subjects(), self.fault_level.tolist(), strict=False):
            if depth >= 0 and check in self.checks:
                found[check] = min(depth, found.get(check, depth))
        return tuple(found.items())

    # ---- what was found

    def check_values(self) -> None:
        """Raise the ModelError of a property that could not be evaluated on a state of the level just done."""
        for i, property_ in enumerate(self.properties):
            failing = self.found.get((lists.FAILED, i), [])
            if failing:
                monitor, path = PropertyMonitor(self.model, property_), self.path(failing, self.depth)
                try:
                    monitor.decides(path[-1].target if path else self.initial)
                except ModelError as error:
                    raise with_flow(error, self.tables.product, path) from None
                raise AssertionError(f"{property_.id} fails in the tables only ({FAILED})")

    def explained(self, error: ModelError, todo: Iterable[Slice]) -> ModelError:
        """The error of an entry with the flow to a state that asks for it, of those that are to come again."""
        failing = []
        for place in self.suspects(todo):
            try:
                self.tables.product.expand(self.state(*place))
            except ModelError:
                failing.append(place)
        if not failing:
            return error
        path = self.path(failing, self.depth)
        try:
            self.tables.product.expand(path[-1].target if path else self.initial)
        except ModelError as first:
            return with_flow(first, self.tables.product, path)
        return error

    def suspects(self, todo: Iterable[Slice]) -> Iterator[tuple[int, int]]:
        """The states of the level that may lead to what the model cannot mean: those that are to come again."""
        return (self.store.owner(int(number)) for _, _, listed in todo for number in listed)

    def path(self, states: list[tuple[int, int]], depth: int) -> tuple[Step, ...]:
        """The canonical shortest path to one of some states of one level."""
        return canonical_paths(self, self.levels(depth), {0: Nearest(depth, states)})[0]

    def levels(self, depth: int) -> list[Level]:
        """Of each level, the last being of some depth, which states it has."""
        return [
            [(w.starts[d], w.starts[d + 1] if d + 1 < len(w.starts) else w.states) for w in self.workers]
            for d in range(depth + 1)
        ]

    def visited(self) -> Visited:
        """What was visited in the states of the levels that were expanded, and in all that are alike."""
        ends = [worker.starts[-1] for worker in self.workers]
        values_of = self.store.values_of if self.outside is None else partial(self.outside.values_of, self.store)
        idle = {
            i: values_of(i, ends, len(self.tables.components.names[i])).astype(np.uint64)
            for i in range(self.tables.components.instances)
            if not self.tables.acts(i)
        }
        (found,) = visited_in_tables(self.tables, np.ones(len(self.tables.moves.filled_for), dtype=np.uint64), idle)
        return self.symmetry.close_under_symmetry(found)

    def findings(self, depth: int, complete: bool, stopped: str | None) -> Findings:
        merged = self.symmetry.merge_orbits(
            self.tables.product,
            (
                (subject, int(self.fault_level[i]), self.found[lists.FAULT, i])
                for i, subject in enumerate(self.subjects())
                if self.fault_level[i] >= 0 and subject[0] in self.checks
            ),
            lambda state: self.state(*state),
        )
        wanted: dict[str | int, Nearest] = {
            property_.id: Nearest(int(self.hit_level[i]), self.found[lists.DECIDED, i])
            for i, property_ in enumerate(self.properties)
            if self.hit_level[i] >= 0
        }
        wanted |= {i: Nearest(level, states) for i, (_, level, states) in enumerate(merged)}
        with phase("flows"):
            paths = canonical_paths(self, self.levels(self.depth), wanted)
        return Findings(
            engine=NAME,
            states=self.states,
            beyond=self.beyond,
            transitions=self.transitions(),
            depth=depth,
            complete=complete,
            stopped=stopped,
            seconds=time.monotonic() - self.began,
            paths={name: path for name, path in paths.items() if isinstance(name, str)},
            faults=self.symmetry.faults(
                self.tables.product, [(found, paths[i]) for i, (found, _, _) in enumerate(merged)]
            ),
            fired=frozenset(self.fired()),
            coverage=self.columns.coverage(self.seen),
            visited=self.visited() if stopped is None or self.room_for_visited() else Visited.nothing(self.model),
        )
