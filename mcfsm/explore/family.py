"""Exhaustive search of many models at once: states that are equal are one, and know in which models they are reached.

The models are variants of a family; every move knows whose it is, and a state is expanded for those that
come to it first on a level. So each variant's search is the breadth-first search of that model alone, and all that is
found is known of each by itself: no part of a level is done twice that several variants have.
"""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import reduce
from operator import or_
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mcfsm.explore.family_properties import FamilyProperties
from mcfsm.explore.findings import Limits, ProgressCallback, Visited
from mcfsm.explore.level_search import LevelSearch, Slice, lengthened
from mcfsm.explore.stopping import ended_by
from mcfsm.explore.store import reserve
from mcfsm.explore.visited_in_tables import visited_in_tables
from mcfsm.kernel import state_set as stateset
from mcfsm.kernel import variant_sets
from mcfsm.kernel import worker as lists
from mcfsm.kernel.arrays import ALL
from mcfsm.model import CHECKS, Model
from mcfsm.problems import ModelError, Problem
from mcfsm.semantics.properties import Coverage
from mcfsm.semantics.together import check_together
from mcfsm.tables.tables import Tables

Subject = tuple[str, str]  # a check, and the words that group its findings


@dataclass
class VariantResult:
    """What a search of many found out of one of them: as a search of it alone does, but for the paths."""

    states: int = 0
    transitions: int = 0
    depth: int = 0
    complete: bool = False
    stopped: str | None = None
    seconds: float = 0.0
    hits: dict[str, int] = field(default_factory=dict)  # property to the level of the first states that decide it
    faults: dict[Subject, int] = field(default_factory=dict)  # the same of what checks find
    fired: frozenset[str] = frozenset()
    coverage: dict[str, tuple[Coverage, ...]] = field(default_factory=dict)
    visited: Visited = field(default_factory=Visited)


@dataclass(frozen=True)
class FamilyStats:
    """How much a search of many did: distinct states, and how often one was expanded, for some variants each time."""

    states: int
    expanded: int
    seconds: float


def search(
    models: Sequence[Model],
    property_ids: Sequence[Iterable[str]],
    *,
    limits: Limits | None = None,
    full: bool = False,
    on_progress: ProgressCallback | None = None,
    workers: int | None = None,
) -> tuple[list[VariantResult], FamilyStats]:
    """What is found of each of up to 64 models with one `family_signature`, none of them with interchangeable parts.

    `asked` are the properties of states and the checks asked of each. Limits of states and depth are for each alone,
    those of time and memory for all. Raises ModelError where an expression has no value in some model: exploring that
    model alone says which, and how one comes there.
    """
    found = FamilySearch(models, property_ids, limits=limits, full=full, on_progress=on_progress, workers=workers)
    try:
        return found.run()
    finally:
        found.store.close()


class FamilySearch(LevelSearch):
    """A search of many models and what it has found so far; `explore` says what its parameters are."""

    family_shape = (0,)
    words_beside = variant_sets.MARKS + variant_sets.ENTRY + 1

    def __init__(
        self,
        models: Sequence[Model],
        property_ids: Sequence[Iterable[str]],
        *,
        limits: Limits | None = None,
        full: bool = False,
        on_progress: ProgressCallback | None = None,
        workers: int | None = None,
    ) -> None:
        for model in models:
            check_together(model)
        super().__init__(Tables(*models), limits, on_progress)
        self.models, self.full = list(models), full
        names = [set(ids) for ids in property_ids]
        self.checks = [ids & set(CHECKS) for ids in names]
        properties = [
            [p for p in model.state_properties if p.id in ids] for model, ids in zip(models, names, strict=True)
        ]
        self.family_properties = FamilyProperties(self.tables, properties)
        firsts: dict[tuple[int, ...], int] = {}
        self.first_of: list[tuple[int, ...]] = []  # variant: the numbers of the states that it may begin in
        for variant in range(len(models)):
            own = self.tables.encoding.beginnings(variant)
            rows = [tuple(self.tables.components.encode_row(variant, state)) for state in own]
            for row in rows:
                firsts[row] = firsts.get(row, 0) | 1 << variant
            places = {row: i for i, row in enumerate(firsts)}
            self.first_of.append(tuple(places[row] for row in rows))
        self.variants_with_fault: dict[int, int] = {}  # fault: who met it
        self.program, self.program_bounds, self.variants_asking, self.variants_noting = self.family_properties.program()
        self.begin([list(row) for row in firsts], workers or os.cpu_count() or 1)
        count = len(self.workers)
        self.active = np.array([(1 << len(models)) - 1], dtype=np.uint64)
        whole = count * self.store.region
        self.marks, self.entries = reserve(variant_sets.MARKS * whole), reserve(variant_sets.ENTRY * whole)
        self.lists = [self._lists() for _ in range(count)]
        self.found = [VariantResult() for _ in models]
        self.counted = np.zeros(variant_sets.SLICES, dtype=np.uint64)
        nobody = np.zeros(0, dtype=np.uint64)  # of what never acts by itself, who had which local state
        self.idle: dict[int, Any] = {
            i: nobody for i in range(self.tables.components.instances) if not self.tables.acts(i)
        }
        self.expanded = 0
        for number, variants in enumerate(firsts.values()):
            at = variant_sets.MARKS * number
            self.marks[at + variant_sets.HASH] = self.store.next.hashes[number]
            self.marks[at + variant_sets.NOW], self.marks[at + variant_sets.NOT_IN_SLEEP_SET] = variants, ALL
            self.lists[0].arrived[number] = number
        self.workers[0].counts[stateset.ARRIVED] = len(firsts)

    def _lists(self) -> variant_sets.Variants:
        """What a worker notes for which variants."""
        return variant_sets.Variants(
            marks=self.marks,
            entries=self.entries,
            arrived=reserve(self.store.region),
            active=self.active,
            taken=np.zeros(variant_sets.SLICES, dtype=np.uint64),
            faults=np.zeros(len(self.fault_level), dtype=np.uint64),
            hits=np.zeros(max(1, len(self.family_properties.properties)), dtype=np.uint64),
            failed=np.zeros(1, dtype=np.uint64),
            seen=np.zeros_like(self.family_properties.seen),
            variants_in_group=np.zeros(1024, dtype=np.uint64),
            program_bounds=self.program_bounds,
            variants_asking=self.variants_asking,
            variants_noting=self.variants_noting,
        )

    def keep_found(self, i: int) -> None:
        pass  # all that is found is noted by variant

    def explained(self, error: ModelError, _: deque[Slice]) -> ModelError:
        return error

    def variants_reached(self, worker: int) -> Any:
        """Of each of a worker's states the variants that ever came there."""
        first, end = self.workers[worker].base, self.workers[worker].base + self.workers[worker].states
        return self.marks[variant_sets.MARKS * first : variant_sets.MARKS * end][
            variant_sets.BEFORE :: variant_sets.MARKS
        ]

    def variant_arguments(self, worker: int, begin: int, end: int, hashes: Any) -> variant_sets.Variants:
        entries = np.zeros((end - begin, variant_sets.ENTRY), dtype=np.uint64)
        entries[:, variant_sets.STATE] = np.arange(end - begin)
        entries[:, variant_sets.ITS_HASH] = hashes[: end - begin]
        entries[:, variant_sets.NEW] = self.variants_reached(worker)[begin:end]
        one, nobody = self.lists[worker], np.zeros(0, dtype=np.uint64)
        return one._replace(
            entries=entries.reshape(-1),
            active=np.array([ALL], dtype=np.uint64),
            taken=np.zeros_like(one.taken),
            faults=np.zeros(len(self.tables.subjects) + 1, dtype=np.uint64),
            variants_in_group=np.zeros_like(one.variants_in_group),
            variants_asking=nobody,
        )

    def search(self, i: int) -> lists.SearchArrays:
        bounds, asking, noting = self.program_bounds, self.variants_asking, self.variants_noting
        family = self.lists[i]._replace(program_bounds=bounds, variants_asking=asking, variants_noting=noting)
        return super().search(i)._replace(family=family)

    # ---- the search

    def run(self) -> tuple[list[VariantResult], FamilyStats]:
        """Level by level, until no variant goes on."""
        with ThreadPoolExecutor(len(self.workers)) as pool:
            ends, _ = self.arrived()
            while True:
                stopped = self.try_level(ends, pool)
                self.expanded += sum(ends)
                self.note(ends)
                ends, coming = self.arrived()
                if not self.go_on(coming, stopped):
                    return self.findings()
                self.depth += 1

    def arrived(self) -> tuple[list[int], int]:
        """Make the entries of the next level: how many each worker has, and the variants that have some."""
        ends, coming = [], 0
        for one, worker in zip(self.lists, self.workers, strict=True):
            ends.append(int(worker.counts[stateset.ARRIVED]))
            coming |= int(variant_sets.next_level(one, ends[-1], worker.base, self.counted))
            worker.counts[stateset.ARRIVED] = 0
        return ends, coming

    def try_level(self, ends: list[int], pool: ThreadPoolExecutor) -> str | None:
        """Expand one level; what stopped the search, if something did."""
        try:
            return self.expand_level([0] * len(ends), ends, pool)
        except KeyboardInterrupt as error:
            self.settle()
            return ended_by(error)

    def fill_ahead(self, number: int) -> bool:
        entry = self.entries[variant_sets.ENTRY * number : variant_sets.ENTRY * (number + 1)]
        came = int(entry[variant_sets.NEW] & self.active[0])
        return self.family_properties.fill_ahead(self.store.ids_of(int(entry[variant_sets.STATE])), came)

    def fill_row(self, requested: Any) -> None:
        for table, row, column, variants in requested.tolist():
            self.fill_entry(table, row, column, variants)

    def fill_entry(self, table: int, row: int, column: int, variants: int) -> None:
        """Fill one entry for some variants. Raises ModelError where a value leaves its domain."""
        self.tables.fill(table, row, column, variants)

    def fill(self, again: Iterable[int] = ()) -> None:
        super().fill(again)
        for i, one in enumerate(self.lists):
            faults = lengthened(one.faults, len(self.tables.subjects) + 1)
            self.lists[i] = one._replace(
                faults=faults, variants_in_group=lengthened(one.variants_in_group, len(self.arrays.filled_for))
            )

    def note(self, ends: list[int]) -> None:
        """Take over what the workers noted on the level just done. Raises ModelError where something had no value."""
        for one in self.lists:
            if one.failed[0]:
                self.no_value(int(one.failed[0]))
            self.family_properties.seen |= one.seen
            for place, (property_, variants) in enumerate(
                zip(self.family_properties.properties, one.hits.tolist(), strict=False)
            ):
                for variant in members(variants & ~self.family_properties.hit[place]):
                    self.found[variant].hits[property_.id] = self.depth
                self.family_properties.hit[place] |= variants
            for fault in np.flatnonzero(one.faults).tolist():
                subject, variants = self.subjects()[fault], int(one.faults[fault])
                for variant in members(variants & ~self.variants_with_fault.get(fault, 0)):
                    if subject[0] in self.checks[variant]:
                        self.found[variant].faults[subject] = self.depth
                self.variants_with_fault[fault] = self.variants_with_fault.get(fault, 0) | variants
        self.program, self.program_bounds, self.variants_asking, self.variants_noting = self.family_properties.program()
        layout = self.store.layout
        for instance in self.idle:
            reached_by = lengthened(self.idle[instance], len(self.tables.components.names[instance]))
            where = layout.words, int(layout.word[instance]), layout.shift[instance], layout.mask[instance]
            for i, end in enumerate(ends):
                base = self.workers[i].base
                variant_sets.values_of(self.lists[i], self.store.rows, *where, base, base + end, reached_by)
            self.idle[instance] = reached_by

    def no_value(self, variants: int) -> None:  # noqa: ARG002 - which these are matters to searches that do without them
        """Raise ModelError for variants in which a property could not be evaluated."""
        raise ModelError([Problem("M701", None, "a property has no value in some state of some variant")])

    def go_on(self, coming: int, stopped: str | None) -> bool:
        """Let those end that have nothing left to do; whether others go on. `coming` have states on the next level."""
        active = int(self.active[0])
        states = variant_sets.numbers(self.counted)
        for variant in members(active):
            deeper, limit = bool(coming >> variant & 1), stopped
            if deeper and limit is None:
                limit = self.limits.after_level(states=states[variant], depth=self.depth)
            if not deeper or limit is not None or (self.decided(variant) and not self.full):
                one = self.found[variant]
                one.states, one.depth, one.stopped = states[variant], self.depth + deeper, limit
                one.complete = limit is None and not deeper
                one.seconds = time.monotonic() - self.began
                active &= ~(1 << variant)
        self.active[0] = active
        return active != 0

    def decided(self, variant: int) -> bool:
        """Whether everything that is asked of a variant is decided."""
        found = self.found[variant]
        return len(found.hits) == self.family_properties.of(variant) and self.checks[variant] <= {
            check for check, _ in found.faults
        }

    # ---- what was found

    def transitions(self) -> int:
        """How many steps the states have that are done with, in all variants together."""
        return sum(self._steps())

    def edges(self) -> int:
        """About how many steps that is where a step that several variants have counts once."""
        return self.transitions() * self.store.states // max(1, sum(variant_sets.numbers(self.counted)))

    def _steps(self) -> list[int]:
        each = [variant_sets.numbers(one.taken) for one in self.lists]
        return [sum(column) for column in zip(*each, strict=True)]

    def findings(self) -> tuple[list[VariantResult], FamilyStats]:
        """What was found of each variant, and how much was done for it."""
        steps, fired = self._steps(), self.fired()
        visited = [Visited.nothing(self.tables.model)] * len(self.found)
        if all(one.stopped is None for one in self.found) or self.room_for_visited():
            visited = visited_in_tables(self.tables, self._variants_in_group(), self.idle)
        for variant, one in enumerate(self.found):
            one.transitions = steps[variant]
            one.fired = frozenset(name for name, variants in fired.items() if variants >> variant & 1)
            one.visited = visited[variant]
            one.coverage = self.family_properties.coverage(variant)
        seconds = time.monotonic() - self.began
        return self.found, FamilyStats(self.store.states, self.expanded, seconds)

    def _variants_in_group(self) -> NDArray[np.uint64]:
        """Group to those that were in such a state; what came in the place of another group has its variants too."""
        known = (lengthened(one.variants_in_group, len(self.arrays.filled_for)) for one in self.lists)
        variants_in_group: NDArray[np.uint64] = reduce(or_, known).copy()
        for group, older in sorted(self.tables.moves.replaced.items()):
            variants_in_group[group] |= variants_in_group[older]
        return variants_in_group


def members(variants: int) -> Iterable[int]:
    """The numbers of some variants that are bits."""
    while variants:
        yield (variants & -variants).bit_length() - 1
        variants &= variants - 1
