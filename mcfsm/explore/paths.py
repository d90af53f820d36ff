"""The canonical shortest path out of a search that stores states level by level and no parents.

Backwards, level by level, over all states from which a goal is still reached in time: for each, and for each instance
that may have moved last, the fewest switches still needed. Then forwards, by `product.py`, always along a cheapest
step, the first in declared order. What comes out is what `trace.shortest` finds on stored parents.

The steps of a level are found again once for all goals that are looked for.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache, reduce
from typing import Any, NamedTuple, Protocol, TypeVar

import numpy as np

from mcfsm.explore.outside import Outside
from mcfsm.explore.store import Store
from mcfsm.kernel import worker as lists
from mcfsm.kernel.arrays import Arrays
from mcfsm.kernel.expand import MOST_FOUND, expand, rehash
from mcfsm.kernel.programs import Program
from mcfsm.kernel.sources import BLOCK
from mcfsm.kernel.state_set import NO_LEVEL
from mcfsm.kernel.variant_sets import Variants
from mcfsm.semantics.steps import State, Step
from mcfsm.tables.images import Images
from mcfsm.tables.tables import Tables

BATCH = 1 << 16  # successors looked at together
MANY = 1 << 23  # states of a search: where there are more, what leads to each goal is kept for one goal at a time
MOST_ENABLED = 1 << 10  # states whose steps are remembered while paths are put together
MOVE = (1 << lists.PERMUTATION) - 1
Key = TypeVar("Key", bound=Hashable)
Level = Sequence[tuple[int, int]]  # of each worker the first of its states, and one past the last


_ALL = np.zeros(0, dtype=np.uint64)
_NONE = np.zeros(0, dtype=np.int64)
_NO_PROGRAM = Program(*[np.zeros(0, dtype=np.int32)] * len(Program._fields))


class Kept(Protocol):
    """What a finished search, of one model or of many, keeps of the states and their steps."""

    @property
    def tables(self) -> Tables:
        """Of the model or of all of them."""

    family_shape: tuple[int, ...]
    arrays: Arrays
    store: Store
    outside: Outside | None

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

    def may_have(self, hashes: Any) -> Any:
        """Which hashes begin as one of a goal does."""
        return self.bits[hashes >> np.uint64(50)] >> (hashes >> np.uint64(44) & np.uint64(63)) & np.uint64(1)

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


class Nearest(NamedTuple):
    """What a path is to lead to: one of some states of a level, each given as worker and number."""

    level: int
    states: Sequence[tuple[int, int]]


def canonical_paths(
    search: Stored, levels: Sequence[Level], wanted: Mapping[Key, Nearest]
) -> dict[Key, tuple[Step, ...]]:
    """The canonical shortest path to each of what is wanted, in its order; `levels` are those of the search."""
    if not wanted:  # what finds steps again takes room
        return {}
    if search.store.states > MANY and len(wanted) > 1:
        return {key: canonical_paths(search, levels, {key: nearest})[key] for key, nearest in wanted.items()}
    finder, instances = StepFinder(search), search.tables.components.instances + 1
    chains: dict[Key, list[_Goals]] = {}
    for level in range(max((nearest.level for nearest in wanted.values()), default=-1), -1, -1):
        under_way = list(chains.values())
        if under_way:
            for chain, before in zip(
                under_way, _before(finder, levels[level], [chain[-1] for chain in under_way]), strict=True
            ):
                chain.append(before)
        for key, (its_level, states) in wanted.items():
            if its_level == level:
                found: dict[int, list[int]] = {}
                for worker, state in states:
                    found.setdefault(worker, []).append(state)
                rows = np.concatenate([search.store.rows_at(w, np.unique(some)) for w, some in found.items()])
                chains[key] = [_sorted(search, rows, np.zeros((len(rows), instances), dtype=np.int32))]
    enabled = lru_cache(MOST_ENABLED)(search.tables.product.steps)  # paths pass the same states, near the beginning
    return {key: tuple(_forward(search, chains[key][::-1], enabled)) for key in wanted}


def _sorted(search: Stored, rows: Any, switches: Any) -> _Goals:
    hashes = np.zeros(len(rows), dtype=np.uint64)
    rehash(search.arrays, search.store.row_shape, rows.reshape(-1), hashes, 0, len(rows))
    order = np.argsort(hashes, kind="stable")
    return _Goals(rows[order], hashes[order], switches[order])


def _before(finder: StepFinder, level: Level, all_goals: list[_Goals]) -> list[_Goals]:
    """Of each of some sets of goals the states of the level before that have a step into it."""
    search = finder.search
    instances = search.tables.components.instances + 1
    found: list[list[tuple[Any, Any]]] = [[] for _ in all_goals]
    for worker, (begin, end) in enumerate(level):
        for at, states, actors, arrived, targets in _edges(finder, worker, begin, end, all_goals):
            sources, place = np.unique(states, return_inverse=True)
            switches = np.full((len(sources), instances), np.iinfo(np.int32).max, dtype=np.int32)
            needed = all_goals[at].switches[targets, arrived]
            for last in range(instances):
                np.minimum.at(switches[:, last], place, needed + (actors != last))
            found[at].append((search.store.rows_at(worker, sources), switches))
    return [
        _sorted(
            search, np.concatenate([rows for rows, _ in parts]), np.concatenate([switches for _, switches in parts])
        )
        for parts in found
    ]


def _edges(
    finder: StepFinder, worker: int, begin: int, end: int, all_goals: list[_Goals]
) -> Iterable[tuple[int, Any, Any, Any, Any]]:
    """Steps from a worker's states into goals: which goals, and of each step state, instance, who that is there, goal.

    Every state's steps into the same goals are in one batch.
    """
    search: Stored = finder.search
    actors = search.tables.moves.actors()
    wanted = reduce(np.bitwise_or, (goals.bits for goals in all_goals))
    for states, moves, successors in finder.steps(worker, begin, end, wanted):
        rows, hashes = successors[:, :-2], successors[:, -2]
        for at, goals in enumerate(all_goals):
            maybe = np.flatnonzero(goals.may_have(hashes))
            targets = goals.find(rows[maybe], hashes[maybe])
            hit = maybe[targets >= 0]
            if len(hit):
                moving = actors[moves[hit] & MOVE]
                arrived = moving
                if search.images is not None:
                    arrived = search.images.places[moves[hit] >> lists.PERMUTATION, moving]
                yield at, states[hit], moving, arrived, targets[targets >= 0]


class StepFinder:
    """Finds the steps of stored states again. Its arrays are used again and again: what it yields is read at once."""

    def __init__(self, search: Any) -> None:
        self.search = search
        words = search.store.layout.words
        self._width, self._room = words + 2 + len(search.family_shape), BATCH
        self._hashes = np.zeros(BATCH, dtype=np.uint64)
        self._box = lists.SearchArrays(
            rows=_ALL,
            counts=lists.new_counts(),
            requested=np.zeros(lists.REQUEST * 1024, dtype=np.uint64),
            retry=np.zeros(BLOCK, dtype=np.int64),
            found=np.zeros(lists.FINDING * 2 * MOST_FOUND, dtype=np.int64),
            fault_level=np.full(len(search.tables.subjects) + 2, -2, dtype=np.int32),
            fired=np.zeros(len(search.tables.moves) + 1, dtype=np.uint64),
            out=np.zeros(self._room * self._width, dtype=np.uint64),
            now=NO_LEVEL._replace(hashes=self._hashes, starts=np.array([0])),
            steps=np.zeros(2 * self._room, dtype=np.int64),
        )

    def steps(self, worker: int, begin: int, end: int, wanted: Any = _ALL) -> Iterator[tuple[Any, Any, Any]]:
        """All steps of some of a worker's states: state, move, successor as `insert_new` takes it.

        Those of one state come together. Above the bits of a move is the permutation that makes the successor the state
        that stands for it. Of several variants a successor says in its last word which of them have the step.

        Where `wanted` is not empty, those steps only whose successor's hash has its first 20 bits set in it. States
        beyond the boundary have none.

        Raises AssertionError where an entry is missing: the search must have been there.
        """
        search, at, row_shape = self.search, begin, self.search.store.row_shape
        while at < end:
            count = min(BATCH, end - at)
            these = _NONE if search.outside is None else search.outside.within(worker, at, at + count)
            last = count if search.outside is None else len(these)
            if not last:
                at += count
                continue
            rows = search.store.rows_between(worker, at, at + count)
            rehash(search.arrays, row_shape, rows, self._hashes, 0, count)
            family = search.variant_arguments(worker, at, at + count, self._hashes)
            box = self._box._replace(rows=rows, wanted=wanted, family=family)
            counts = box.counts
            counts[:] = 0
            counts[lists.LIMIT] = np.iinfo(np.int64).max // 2
            expand(search.arrays, row_shape, search.family_shape, _NO_PROGRAM, box, 0, 0, last, these, 0)
            if int(counts[lists.RETRY]):
                raise AssertionError("a state of a finished level asks for entries")
            taken = int(counts[lists.NEXT])
            done = taken if search.outside is None else int(these[taken]) if taken < last else count
            sources, moves = box.steps.reshape(-1, 2)[: int(counts[lists.LEFT])].T
            whole = int(np.searchsorted(sources, done))  # of the state that did not fit nothing is taken
            yield sources[:whole] + at, moves[:whole], box.out.reshape(self._room, self._width)[:whole]
            if taken == 0:
                self._room *= 2
                self._box = self._box._replace(
                    out=np.zeros(self._room * self._width, dtype=np.uint64),
                    steps=np.zeros(2 * self._room, dtype=np.int64),
                )
            at += done


def _forward(search: Stored, chain: list[_Goals], enabled: Callable[[State], tuple[Step, ...]]) -> Iterable[Step]:
    """The path itself, by the definition: `enabled` are its steps of a state."""
    components, state, last = search.tables.components, search.initial, -1
    for goals in chain[1:] if state.begun else chain:
        steps = enabled(state)
        rows = [components.row_of(step.target) for step in steps]
        arrived = [step.instance for step in steps]
        if search.images is not None:
            least = [search.images.least(row) for row in rows]
            rows = [row for row, _ in least]
            arrived = [int(search.images.places[p, i]) for (_, p), i in zip(least, arrived, strict=True)]
        ids = np.array(rows, dtype=np.int64)
        found = goals.find(search.store.layout.pack(ids), components.hashes(ids)).tolist()
        ways = [
            (
                int(goals.switches[goal].min() if step.begins else goals.switches[goal, there])
                + (last not in (-1, step.instance)),
                step.order,
                step,
            )
            for step, there, goal in zip(steps, arrived, found, strict=True)
            if goal >= 0
        ]
        _, _, best = min(ways, key=lambda way: way[:2])
        yield best
        state, last = best.target, -1 if best.begins else best.instance
