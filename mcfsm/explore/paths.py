"""The canonical shortest path out of a search that stores states level by level and no parents.

Backwards, level by level, over all states from which a goal is still reached in time: for each, and for each instance
that may have moved last, the fewest switches still needed. Then forwards, by `product.py`, always along a cheapest
step, the first in declared order. What comes out is what `trace.shortest` finds on stored parents.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

import numpy as np

from mcfsm.explore.store import Store
from mcfsm.kernel import worker as lists
from mcfsm.kernel.arrays import Arrays
from mcfsm.kernel.expand import MOST_FOUND, expand, rehash
from mcfsm.kernel.programs import Program
from mcfsm.kernel.state_set import NO_LEVEL
from mcfsm.kernel.successors import BLOCK
from mcfsm.kernel.variant_sets import Variants
from mcfsm.semantics.product import State, Step
from mcfsm.tables.images import Images
from mcfsm.tables.tables import Tables

BATCH = 1 << 16  # successors looked at together
MOVE = (1 << lists.PERMUTATION) - 1


class Kept(Protocol):
    """What a finished search, of one model or of many, keeps of the states and their steps."""

    @property
    def tables(self) -> Tables:
        """Of the model or of all of them."""

    family_shape: tuple[int, ...]
    arrays: Arrays
    store: Store

    def variant_arguments(self, worker: int, begin: int, end: int, hashes: Any) -> Variants:
        """As `LevelSearch.variant_arguments`."""


class Stored(Kept, Protocol):
    """What a finished search of one model is asked for."""

    images: Images | None
    initial: State


@dataclass(frozen=True)
class _Goals:
    """States of one level from which a goal is reached, sorted by hash, and the switches each still needs."""

    rows: Any
    hashes: Any
    switches: Any  # state x instance that moved last

    @cached_property
    def bits(self) -> Any:
        """A bit for each first 20 bits of a hash that a goal has."""
        bits = np.zeros(1 << 14, dtype=np.uint64)
        np.bitwise_or.at(
            bits, self.hashes >> np.uint64(50), np.uint64(1) << (self.hashes >> np.uint64(44) & np.uint64(63))
        )
        return bits

    def find(self, rows: Any, hashes: Any) -> Any:
        """For each row the number of the goal that it is, or -1."""
        at = np.searchsorted(self.hashes, hashes)
        found = np.full(len(rows), -1, dtype=np.int64)
        open_ = np.arange(len(rows))
        while len(open_):  # more than one goal may have a hash
            inside = at[open_] < len(self.hashes)
            open_ = open_[inside]
            same = self.hashes[at[open_]] == hashes[open_]
            open_ = open_[same]
            equal = (self.rows[at[open_]] == rows[open_]).all(axis=1)
            found[open_[equal]] = at[open_[equal]]
            open_ = open_[~equal]
            at[open_] += 1
        return found


def canonical_path(
    search: Stored, bounds: list[list[tuple[int, int]]], goals: Iterable[tuple[int, int]]
) -> tuple[Step, ...]:
    """The canonical shortest path to one of `goals`, given as (worker, state), all of the last level.

    `bounds` gives for every level and worker the first state and one past the last.
    """
    words = search.store.layout.words
    rows = np.array([search.store.rows_of(w)[i * words : (i + 1) * words] for w, i in goals], dtype=np.uint64)
    instances = search.tables.components.instances + 1
    chain = [_sorted(search, rows, np.zeros((len(rows), instances), dtype=np.int32))]
    for level in reversed(bounds[:-1]):
        chain.append(_before(search, level, chain[-1]))
    chain.reverse()
    return tuple(_forward(search, chain))


def _sorted(search: Stored, rows: Any, switches: Any) -> _Goals:
    hashes = np.zeros(len(rows), dtype=np.uint64)
    rehash(search.arrays, search.store.row_shape, rows.reshape(-1), hashes, 0, len(rows))
    order = np.argsort(hashes, kind="stable")
    return _Goals(rows[order], hashes[order], switches[order])


def _before(search: Stored, level: list[tuple[int, int]], goals: _Goals) -> _Goals:
    """The states of the level before that have a step into the goals."""
    words, instances = search.store.layout.words, search.tables.components.instances + 1
    found_rows, found_switches = [], []
    for worker, (begin, end) in enumerate(level):
        for states, actors, arrived, targets in _edges(search, worker, begin, end, goals):
            sources, place = np.unique(states, return_inverse=True)
            switches = np.full((len(sources), instances), np.iinfo(np.int32).max, dtype=np.int32)
            needed = goals.switches[targets, arrived]
            for last in range(instances):
                np.minimum.at(switches[:, last], place, needed + (actors != last))
            rows = search.store.rows_of(worker)
            found_rows.append(np.stack([rows[sources * words + w] for w in range(words)], axis=1))
            found_switches.append(switches)
    return _sorted(search, np.concatenate(found_rows), np.concatenate(found_switches))


def _edges(search: Stored, worker: int, begin: int, end: int, goals: _Goals) -> Iterable[tuple[Any, Any, Any, Any]]:
    """Steps from a worker's states into the goals: state, instance, who that is in the goal, goal.

    Every state's steps are in one batch.
    """
    actors = search.tables.moves.actors()
    for states, moves, successors in steps_of(search, worker, begin, end, goals.bits):
        targets = goals.find(successors[:, :-2], successors[:, -2])
        hit = targets >= 0
        if hit.any():
            moving = actors[moves[hit] & MOVE]
            arrived = moving if search.images is None else search.images.places[moves[hit] >> lists.PERMUTATION, moving]
            yield states[hit], moving, arrived, targets[hit]


def steps_of(search: Kept, worker: int, begin: int, end: int, wanted: Any) -> Iterator[tuple[Any, Any, Any]]:
    """All steps of some of a worker's states: state, move, successor as `insert_new` takes it; never part of a state's.

    Above the bits of a move is the permutation that makes the successor the state that stands for it. Of several
    variants a successor says in its last word which of them have the step.

    Where `wanted` is not empty, those steps only whose successor's hash has its first 20 bits set in it.

    Raises AssertionError where an entry is missing: the search must have been there.
    """
    rows, words = search.store.rows_of(worker), search.store.layout.words
    hashes = np.zeros(BATCH, dtype=np.uint64)
    nothing = Program(*[np.zeros(0, dtype=np.int32)] * len(Program._fields))
    none = np.zeros(0, dtype=np.int64)
    row_shape, family_shape, room, at = search.store.row_shape, search.family_shape, BATCH, begin
    width = words + 2 + len(family_shape)
    while at < end:
        count = min(BATCH, end - at)
        rehash(search.arrays, row_shape, rows[at * words :], hashes, 0, count)
        counts = lists.new_counts()
        counts[lists.LIMIT] = np.iinfo(np.int64).max // 2
        box = lists.SearchArrays(
            rows=rows[at * words :],
            counts=counts,
            requested=np.zeros(lists.REQUEST * 1024, dtype=np.uint64),
            retry=np.zeros(BLOCK, dtype=np.int64),
            found=np.zeros(lists.FINDING * 2 * MOST_FOUND, dtype=np.int64),
            fault_level=np.full(len(search.tables.subjects) + 2, -2, dtype=np.int32),
            fired=np.zeros(len(search.tables.moves) + 1, dtype=np.uint64),
            out=np.zeros(room * width, dtype=np.uint64),
            now=NO_LEVEL._replace(hashes=hashes, starts=np.array([0])),
            steps=np.zeros(2 * room, dtype=np.int64),
            wanted=wanted,
            family=search.variant_arguments(worker, at, at + count, hashes),
        )
        expand(search.arrays, row_shape, family_shape, nothing, box, 0, 0, count, none, 0)
        if int(counts[lists.RETRY]):
            raise AssertionError("a state of a finished level asks for entries")
        done = int(counts[lists.NEXT])
        sources, moves = box.steps.reshape(-1, 2)[: int(counts[lists.LEFT])].T
        whole = int(np.searchsorted(sources, done))  # of the state that did not fit nothing is taken
        yield sources[:whole] + at, moves[:whole], box.out.reshape(room, width)[:whole]
        room *= 1 + (done == 0)
        at += done


def _forward(search: Stored, chain: list[_Goals]) -> Iterable[Step]:
    """The path itself, by the definition."""
    product, state, last = search.tables.product, search.initial, -1
    for goals in chain[1:]:
        ways = []
        for step in product.steps(state):
            row, arrived = search.tables.components.row_of(step.target), step.instance
            if search.images is not None:
                row, permutation = search.images.least(row)
                arrived = int(search.images.places[permutation, arrived])
            ids = np.array([row], dtype=np.int64)
            found = goals.find(search.store.layout.pack(ids), search.tables.components.hashes(ids))[0]
            if found >= 0:
                cost = int(goals.switches[found, arrived]) + (last not in (-1, step.instance))
                ways.append((cost, step.order, step))
        _, _, best = min(ways, key=lambda way: way[:2])
        yield best
        state, last = best.target, best.instance
