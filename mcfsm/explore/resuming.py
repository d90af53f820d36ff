"""A search put where another one was when it wrote its levels; also with another number of workers.

What may live here: where a state that was saved comes to lie. Every state is looked at before it is believed that its
values are there; that none is missing is not looked at, as that would be the search itself.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from mcfsm.explore.saved_levels import CheckpointSpoiled, SavedLevels
from mcfsm.expressions.domains import Value
from mcfsm.host.timing import phase
from mcfsm.kernel import worker as lists
from mcfsm.kernel.state_set import STATES
from mcfsm.problems import ModelError
from mcfsm.tables.components import Components

if TYPE_CHECKING:
    from mcfsm.explore.exhaustive import ExhaustiveSearch

CHUNK = 1 << 18  # states that are put back at a time
_NO_ROWS = np.zeros(0, dtype=np.uint64)


class ValueDigest:
    """The digest of the values of all components, as far as they were taken in: numbers are told by it from others."""

    def __init__(self, components: Components) -> None:
        self.components, self.hash = components, hashlib.sha256()
        self.taken = [0] * components.count

    def take(self, counts: list[int]) -> str:
        """Take values in, up to a count of each component; the digest then, as hexadecimal."""
        for c, count in enumerate(counts):
            values = self.components.names[c].values
            for value in values[self.taken[c] : count]:
                self.hash.update(f"{c} {_canonical(value)}\n".encode())
        self.taken = counts
        return self.hash.hexdigest()


def _canonical(value: Value) -> str:
    """A value as a text that does not depend on the process: sets have no order."""
    if isinstance(value, frozenset):
        return f"{{{','.join(sorted(map(_canonical, value)))}}}"
    if isinstance(value, tuple):
        return f"({','.join(map(_canonical, value))})"
    return repr(value)


class _Places:
    """Where states come to lie that are numbered level by level: each level is shared out evenly among the workers.

    The first level is the first worker's alone.
    """

    def __init__(self, levels: Any, workers: int) -> None:
        shares = np.arange(workers + 1)
        cuts = -(-levels[:, None] * shares // workers)  # of each level, what the workers before one have of it
        cuts[0, 1:] = levels[0]
        self.first = np.cumsum(levels) - levels  # number of each level's first state
        self._cuts = cuts
        self.starts = np.cumsum(np.diff(cuts), axis=0) - np.diff(cuts)  # level x worker
        self.states = np.diff(cuts).sum(axis=0)

    def of(self, number: int) -> tuple[int, int]:
        """The worker of a state, and which of its states it is."""
        level = int(np.searchsorted(self.first, number, side="right")) - 1
        at = number - int(self.first[level])
        worker = int(np.searchsorted(self._cuts[level], at, side="right")) - 1
        return worker, int(self.starts[level, worker]) + at - int(self._cuts[level, worker])

    def pieces(self, level: int) -> Iterator[tuple[int, int, int, int]]:
        """A level in parts: a worker, the first of its states, and where in the level they begin and end.

        None is too long to be looked at at once.
        """
        for worker, (first, stop) in enumerate(pairwise(self._cuts[level].tolist())):
            at = int(self.starts[level, worker])
            for cut in range(first, stop, CHUNK):
                yield worker, at + cut - first, cut, min(cut + CHUNK, stop)


def resume(search: ExhaustiveSearch, saved: list[SavedLevels], digest: ValueDigest) -> None:
    """Put a search that was just begun where what is saved ends. Raises CheckpointSpoiled where it is of another."""
    try:
        fill(search, saved, digest)
        places = _Places(saved[-1].levels, len(search.workers))
        _put_states(search, saved, places)
        _put_findings(search, saved, places)
    except (LookupError, AttributeError, TypeError, ValueError, ModelError) as error:
        raise CheckpointSpoiled(f"it does not fit the model: {error}") from None


def fill(search: ExhaustiveSearch, saved: list[SavedLevels], digest: ValueDigest) -> None:
    """Fill the tables as files say. Raises CheckpointSpoiled where other values come of it."""
    names = search.tables.components.names
    for levels in saved:
        with phase("filling"):
            search.tables.arena.replay(levels.journal.tolist())
        counts = [*map(len, names)]
        if counts != levels.values.tolist() or digest.take(counts) != levels.digest:
            raise CheckpointSpoiled("its states have other values than the model's")


def _put_states(search: ExhaustiveSearch, saved: list[SavedLevels], places: _Places) -> None:
    search.store.close()
    search.begin([], len(search.workers))
    store, components = search.store, search.tables.components
    if max(places.states) > store.region:
        raise MemoryError
    store.place(places.states.tolist(), places.starts.T.tolist())
    counts, last = np.array([*map(len, components.names)]), saved[-1]
    entries = np.empty(int(last.levels.sum()), dtype=np.uint64)
    at = 0
    sleep_sets = last.sleep_sets if len(last.sleep_sets) else np.zeros(last.levels[-1], dtype=np.uint64)
    for levels, end in with_ends(saved):
        rows, row = np.concatenate([_NO_ROWS, *levels.rows.parts()]).reshape(-1, levels.layout.words), 0
        for level in range(levels.first, end):
            for worker, state, first, stop in places.pieces(level):
                ids = levels.layout.unpack(rows[row + first : row + stop])
                check_ids(ids, counts)
                hashes, number = components.hashes(ids), store.workers[worker].base + state
                store.put(number, store.layout.pack(ids))
                if level == len(last.levels) - 1:
                    store.put_frontier(worker, state, hashes, sleep_sets[first:stop])
                numbers = np.arange(number + 1, number + 1 + len(ids), dtype=np.uint64)
                entries[at : at + len(ids)] = hashes >> np.uint64(32) << np.uint64(32) | numbers
                at += len(ids)
            row += int(levels.levels[level])
    store.put_set(entries)
    if search.outside is not None:
        search.outside.forget()
        search.outside.look()


def with_ends(saved: list[SavedLevels]) -> Iterator[tuple[SavedLevels, int]]:
    """Each file with the level after the last of those whose rows are taken from it: one may be in the next, too."""
    first, ends = 0, [*(levels.first for levels in saved[1:]), len(saved[-1].levels)]
    for levels, end in zip(saved, ends, strict=True):
        levels_of_all = saved[-1].levels[: len(levels.levels)]
        fit = levels.first == first and end in (len(levels.levels) - 1, len(levels.levels))
        if not fit or len(levels_of_all) < len(levels.levels) or (levels.levels != levels_of_all).any():
            raise IndexError("levels that are not those of the file before")
        first = end
        yield levels, end


def check_ids(ids: Any, counts: Any) -> None:
    """Raise IndexError where a state has values that there are not."""
    if (ids >= counts).any():
        raise IndexError("a state with values that there are not")


def put_known(search: ExhaustiveSearch, last: SavedLevels) -> None:
    """Have a search know what the last file says of it, but for the states that decide something."""
    if last.hit_level.shape != search.hit_level.shape or last.seen.shape != search.seen.shape:
        raise IndexError("other properties")
    if len(last.fired) > len(search.tables.moves) or len(last.fault_level) <= len(search.tables.subjects):
        raise IndexError("other moves")
    first = search.workers[0]
    first.counts[lists.TRANSITIONS] = last.transitions
    for worker in search.workers:
        worker.make_room(len(search.properties))
        worker.fired = np.zeros(max(1024, len(search.tables.moves)), dtype=np.uint64)
    first.fired[: len(last.fired)] = last.fired
    search.fault_level, search.hit_level[:], search.seen[:] = last.fault_level.copy(), last.hit_level, last.seen
    search.depth = last.depth + (not last.ended)
    search.write_program()


def _put_findings(search: ExhaustiveSearch, saved: list[SavedLevels], places: _Places) -> None:
    put_known(search, saved[-1])
    for levels in saved:
        for kind, which, number in levels.found.tolist():
            search.found.setdefault((kind, which), []).append(places.of(number))
    search.whole = [worker.starts[-1] for worker in search.workers]
    assert all(int(worker.counts[STATES]) == worker.base + worker.states for worker in search.workers)
