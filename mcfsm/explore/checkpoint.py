"""A search that writes its levels as they are done, so that another process may go on from there.

What may live here: what of a search is written, and when. What may not: how it is put back (`resuming`), and what a
file is (`saved_levels`).

Rows are written as they are. Tables are not: they are made of what was asked of them, so the journal of that is
written, and filling it again, in its order, gives every value the number that it had. docs/decisions/0043 says why.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from mcfsm.explore.resuming import ValueDigest
from mcfsm.explore.saved_levels import CheckpointSpoiled, RowParts, SavedLevels, read
from mcfsm.explore.stopping import as_held_before, told_to_the_end
from mcfsm.host.file_store import FileStore
from mcfsm.host.timing import phase

if TYPE_CHECKING:
    from mcfsm.explore.exhaustive import ExhaustiveSearch

LEAST_SECONDS = 1.0  # between two files: levels that take less are written together


class Checkpoint:
    """The files of one search, and what could not be written; `search` is the digest of all that it depends on."""

    def __init__(self, files: FileStore, search: str, least_seconds: float = LEAST_SECONDS) -> None:
        self.files, self.search, self.least_seconds = files, search, least_seconds
        self.failed: str | None = None
        self.damaged: str | None = None  # a file that cannot be read, so that those after it are of no use

    def saved(self) -> list[SavedLevels]:
        """What was written, in order, up to the first file that cannot be read; those after it are removed.

        Raises CheckpointSpoiled where it is not to be reached.
        """
        found: list[SavedLevels] = []
        try:
            names = self.files.names()
            while self.damaged is None and len(found) < len(names):
                found += self._next(names, len(found))
            for name in names[len(found) :]:
                self.files.remove(name)
        except OSError as error:
            raise CheckpointSpoiled(error.strerror or str(error)) from None
        return found

    def _next(self, names: list[str], number: int) -> list[SavedLevels]:
        """The levels of the file of a number; none, and why, where it is damaged or not there."""
        name = _name(number)
        if name not in names:
            self.damaged = f"{name} is not there"
            return []
        try:
            return [read(partial(self.files.open, name), self.search, number)]
        except CheckpointSpoiled as error:
            self.damaged = f"{name}: {error}"
            return []

    def write(self, levels: SavedLevels) -> bool:
        """Write some levels; whether they are there. What goes wrong is noted, and no error of the search."""
        try:
            self.files.write(_name(levels.number), levels.write)
        except OSError as error:
            self.failed = error.strerror or str(error)
            return False
        self.failed = None
        return True


def _name(number: int) -> str:
    return f"{number:06}.npz"


@dataclass
class _LevelEnd:
    """What a search knows where a level is done, less what is only added to."""

    depth: int
    ended: bool
    transitions: int
    starts: Any  # worker x level
    sizes: Any
    journal: int  # how long it is
    values: list[int]
    found: dict[tuple[int, int], int]  # how many there are of each
    fault_level: Any
    hit_level: Any
    seen: Any
    fired: Any


class Saving:
    """What a search tells of each level that is done, and what was written of it."""

    def __init__(self, search: ExhaustiveSearch, checkpoint: Checkpoint) -> None:
        self.search, self.checkpoint = search, checkpoint
        self.digest = ValueDigest(search.tables.components)
        self.journal: list[int] = []  # what was asked of the tables and is in no file
        self.number = self.forgotten = 0  # files that there are; and how much of the journal they have
        self.levels = 0  # whose states files have
        self.found: dict[tuple[int, int], int] = {}
        self.last: _LevelEnd | None = None  # what no file has yet
        self.writing: tuple[Future[bool], _LevelEnd] | None = None  # a file, and what it will have
        self.written_at = time.monotonic()
        self.pool = ThreadPoolExecutor(1)

    def go_on(self) -> bool:
        """Put the search where what was saved of it ends, if anything was; whether nothing is left to be done.

        From now on what is asked of the tables is noted: up to here all searches of a model fill them alike. Raises
        CheckpointSpoiled where what was saved is of another model, or not to be reached.
        """
        saved = self.checkpoint.saved()
        if saved:
            self.levels = self.search.go_on_from(saved, self.digest)
            self.number = len(saved)
            self.found = {key: len(states) for key, states in self.search.found.items()}
        self.search.note_journal(self.journal)
        return bool(saved) and saved[-1].ended

    def level_done(self, *, ended: bool) -> None:
        """Take a level in that is expanded, and write it if the last file was written some time ago."""
        search, bounds = self.search, np.array(self.search.levels(self.search.depth + 1), dtype=np.int64)
        self.last = _LevelEnd(
            depth=search.depth,
            ended=ended,
            transitions=search.transitions(),
            starts=bounds[:, :, 0].T,
            sizes=(bounds[:, :, 1] - bounds[:, :, 0]).T,
            journal=self.forgotten + len(self.journal),
            values=[len(names) for names in search.tables.components.names],
            found={key: len(states) for key, states in search.found.items()},
            fault_level=search.fault_level.copy(),
            hit_level=search.hit_level.copy(),
            seen=search.seen.copy(),
            fired=search.fired_moves()[: len(search.tables.moves)].copy(),
        )
        if time.monotonic() - self.written_at >= self.checkpoint.least_seconds and not self._busy():
            self._begin()

    @contextmanager
    def finished_meanwhile(self) -> Iterator[None]:
        """Write what is in no file yet while something else is done, and wait then until it is there."""
        with _uninterrupted():
            if not self._busy():
                self._begin()
        try:
            yield
        finally:
            self.finish()

    def finish(self) -> None:
        """Write what is in no file yet, and wait until it is there."""
        with _uninterrupted():
            while self.last is not None:
                if self.writing is None:
                    self._begin()
                if not self._wait():
                    break
        self.close()

    def close(self) -> None:
        """Wait until nothing is being written."""
        self.pool.shutdown()

    def wait(self) -> None:
        """Wait until no rows of the search are being written."""
        if self.writing is not None:
            with phase("checkpoints"):
                self._wait()

    def _begin(self) -> None:
        """Have the levels written that are done and in no file yet, while the search goes on."""
        if self.last is not None:
            with phase("checkpoints"):
                levels = self._levels(self.last)
            self.writing = self.pool.submit(self.checkpoint.write, levels), self.last

    def _busy(self) -> bool:
        """Whether a file is still being written."""
        if self.writing is not None and self.writing[0].done():
            self._wait()
        return self.writing is not None

    def _wait(self) -> bool:
        """Wait for the file that is being written; whether it is there now."""
        assert self.writing is not None
        (future, written), self.writing = self.writing, None
        there = future.result()
        self.written_at = time.monotonic()
        if there:
            del self.journal[: written.journal - self.forgotten]
            self.forgotten, self.levels, self.found = written.journal, written.starts.shape[1], written.found
            self.number += 1
            if self.last is written:
                self.last = None
        return there

    def _levels(self, last: _LevelEnd) -> SavedLevels:
        sizes, layout = last.sizes, self.search.store.layout
        found = [
            (*key, worker, state)
            for key, count in last.found.items()
            for worker, state in self.search.found[key][self.found.get(key, 0) : count]
        ]
        return SavedLevels(
            search=self.checkpoint.search,
            number=self.number,
            depth=last.depth,
            ended=last.ended,
            transitions=last.transitions,
            digest=self.digest.take(last.values),
            values=np.array(last.values, dtype=np.int64),
            levels=sizes.sum(axis=0),
            first=self.levels,
            layout=layout,
            rows=RowParts(
                int(sizes[:, self.levels :].sum()) * layout.words,
                self.search.rows_to_write(last.starts[:, self.levels :], sizes[:, self.levels :], self.levels),
            ),
            sleep_sets=self.search.sleep_sets_to_write(sizes[:, -1]),
            journal=np.array(self.journal[: last.journal - self.forgotten], dtype=np.uint64),
            found=_numbered(np.array(found, dtype=np.int64).reshape(-1, 4), last.starts, sizes),
            fault_level=last.fault_level,
            hit_level=last.hit_level,
            seen=last.seen,
            fired=last.fired,
        )


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Let signals wait, and count the time as that of checkpoints."""
    with phase("checkpoints"), as_held_before(), told_to_the_end(last=True):
        yield


def _numbered(found: Any, starts: Any, sizes: Any) -> Any:
    """Findings with the numbers of their states, level by level, in place of a worker and which of its states it is."""
    numbers = np.zeros(len(found), dtype=np.int64)
    before = np.cumsum(sizes.sum(axis=0)) - sizes.sum(axis=0) + np.cumsum(sizes, axis=0) - sizes  # worker x level
    for worker, own in enumerate(starts):
        mine = found[:, 2] == worker
        states = found[mine, 3]
        level = np.searchsorted(own, states, side="right") - 1
        numbers[mine] = before[worker, level] + states - own[level]
    return np.concatenate([found[:, :2], numbers[:, None]], axis=1)
