"""Runs: packed rows that are sorted, each once, in a file or in memory.

What may live here: where rows lie, and how few of them are read. What may not: what a row is a state of.

Of each row in a file only that is written in which it differs from the row before it, which of sorted rows is little.
A run has the first row of each of its blocks in memory, so only blocks are read in which something is looked for. Rows
stay in the layout in which they were written; who reads them says in which they are wanted. All layouts of one search
have the components in the same order, so what is sorted stays sorted.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import numpy as np

from mcfsm.explore.store import repacked
from mcfsm.kernel import sorted_rows
from mcfsm.kernel.rows import Layout

BLOCK = 1 << 13  # rows
_STRETCH = 64  # blocks that are read at once
_AT_ONCE = 1 << 18  # rows that are written at once


class RowSource(Protocol):
    """Where the rows of a run are."""

    def read(self, begin: int, end: int) -> Any:
        """Some of them, one after another. Raises OSError."""


class BytesFile:
    """A file of bytes that has no name, so that it is gone with the process, however that ends."""

    def __init__(self, folder: Path) -> None:
        """Raises OSError where none can be made in the folder."""
        self._file = tempfile.TemporaryFile(dir=folder, buffering=0)  # noqa: SIM115 - who asked for it closes it
        self.size = 0

    def append(self, content: Any) -> None:
        """Write bytes behind the others. Raises OSError."""
        left = memoryview(content.data)
        while len(left):
            done = os.pwrite(self._file.fileno(), left, self.size)
            left, self.size = left[done:], self.size + done

    def read(self, first: int, count: int) -> Any:
        """So many bytes from one on. Raises OSError, also where there are fewer."""
        found = np.empty(count, dtype=np.uint8)
        left, at = memoryview(found.data), first
        while len(left):
            done = os.preadv(self._file.fileno(), [left], at)
            if done == 0:
                raise OSError("a file of states is shorter than what was written")
            left, at = left[done:], at + done
        return found

    def cut(self, size: int) -> None:
        """Keep so many bytes, and give the room of the others back. Raises OSError."""
        self._file.truncate(size)
        self.size = size

    def close(self) -> None:
        """Give everything back."""
        self._file.close()


@dataclass(frozen=True)
class RowsInFile:
    """Rows in a file, each written as what differs from the one before it (`sorted_rows.encode`)."""

    file: BytesFile
    starts: Any  # where each block begins, and where the last one ends
    count: int
    words: int

    def read(self, begin: int, end: int) -> Any:
        """All rows of the blocks that have some of those wanted are read, and those alone are given."""
        first, last = begin // BLOCK, -(-end // BLOCK)
        if first >= last:
            return np.empty(0, dtype=np.uint64)
        count = min(last * BLOCK, self.count) - first * BLOCK
        rows = decoded(self.written(first, last), count, self.words)
        return rows[(begin - first * BLOCK) * self.words : (end - first * BLOCK) * self.words]

    def written(self, first: int, last: int) -> Any:
        """Some blocks as they are written: what `decoded` makes rows of. Raises OSError."""
        return self.file.read(int(self.starts[first]), int(self.starts[last] - self.starts[first]))


def decoded(content: Any, count: int, words: int) -> Any:
    """So many rows, from the first of a block on, one after another."""
    rows = np.empty(count * words, dtype=np.uint64)
    sorted_rows.decode(content, words, count, BLOCK, rows)
    return rows


class RowsInMemory(NamedTuple):
    """Rows that are in memory as they are: who writes into what is read writes there."""

    rows: Any
    words: int

    def read(self, begin: int, end: int) -> Any:
        """Nothing is copied."""
        return self.rows[begin * self.words : end * self.words]


class SortedRun:
    """Sorted rows, each once: `count` of them, in one layout."""

    def __init__(self, source: RowSource, count: int, layout: Layout, heads: Any) -> None:
        """`heads` are the first rows of all blocks."""
        self.source, self.count, self.layout = source, count, layout
        self._heads, self._heads_layout = heads, layout

    def read(self, begin: int, end: int, layout: Layout) -> Any:
        """Its rows `begin` to `end` in a layout. Raises OSError."""
        return repacked(self.source.read(begin, end), self.layout, layout)

    def all_rows(self, layout: Layout) -> Any:
        """All its rows in a layout. Raises OSError."""
        return self.read(0, self.count, layout)

    def heads(self, layout: Layout) -> Any:
        """The first row of each block in a layout."""
        self._heads, self._heads_layout = repacked(self._heads, self._heads_layout, layout), layout
        return self._heads

    def cuts(self, bounds: Any, layout: Layout) -> list[int]:
        """For each of some rows, which are sorted, its first row that is not before it. Raises OSError."""
        words, heads, found = layout.words, self.heads(layout), []
        for bound in range(len(bounds) // words):
            block = max(sorted_rows.first_from(heads, words, 0, len(heads) // words, bounds, bound) - 1, 0)
            begin = block * BLOCK
            end = min(begin + BLOCK, self.count)
            rows = self.read(begin, end, layout)
            found.append(begin + int(sorted_rows.first_from(rows, words, 0, end - begin, bounds, bound)))
        return found

    def take_out(self, rows: Any, count: int, layout: Layout) -> int:
        """Move those of the first `count` rows, which are sorted, that it has not to the front; how many these are.

        Of its blocks those are read that may have one. Raises OSError.
        """
        words, heads = layout.words, self.heads(layout)
        blocks = len(heads) // words
        cuts = np.empty(blocks + 1, dtype=np.int64)
        sorted_rows.cut(rows, words, 0, count, heads, blocks, cuts)
        cuts[blocks] = count
        kept = int(cuts[0])  # what comes before its first row
        for begin, end in _stretches(np.flatnonzero(cuts[1:] > cuts[:-1])):
            known = self.read(begin * BLOCK, min(end * BLOCK, self.count), layout)
            first, last = int(cuts[begin]), int(cuts[end])
            kept = int(sorted_rows.without(rows, words, first, last, kept, known, len(known) // words))
        return kept


def _stretches(blocks: Any) -> Iterator[tuple[int, int]]:
    """Blocks, by number, as stretches of such as lie side by side, each with the block after its last."""
    if not len(blocks):
        return
    gaps = np.flatnonzero(np.diff(blocks) > 1) + 1
    for part in np.split(blocks, gaps):
        for at in range(0, len(part), _STRETCH):
            yield int(part[at]), int(part[min(at + _STRETCH, len(part)) - 1]) + 1


class RunWriter:
    """A run that is written to a file piece by piece, in order."""

    def __init__(self, file: BytesFile, layout: Layout) -> None:
        self.file, self.layout, self.count = file, layout, 0
        self._heads: list[Any] = []
        self._starts: list[Any] = []
        self._before = np.zeros(layout.words, dtype=np.uint64)

    def append(self, rows: Any) -> None:
        """Write the rows that come next. Raises OSError."""
        words = self.layout.words
        for at in range(0, len(rows), _AT_ONCE * words):
            self._append(rows[at : at + _AT_ONCE * words], words)

    def _append(self, rows: Any, words: int) -> None:
        count = len(rows) // words
        out, starts = np.empty(9 * len(rows), dtype=np.uint8), np.empty(count // BLOCK + 2, dtype=np.int64)
        size = sorted_rows.encode(rows, words, count, self.count, BLOCK, self._before, out, starts)
        heads = rows.reshape(count, words)[-self.count % BLOCK :: BLOCK]
        self._starts.append(starts[: len(heads)] + self.file.size)
        self._heads.append(heads.reshape(-1).copy())
        self.file.append(out[:size])
        self.count += count

    def run(self) -> SortedRun:
        """All that was written."""
        starts = np.concatenate([*self._starts, np.array([self.file.size])])
        heads = np.concatenate([np.zeros(0, dtype=np.uint64), *self._heads])
        source = RowsInFile(self.file, starts, self.count, self.layout.words)
        return SortedRun(source, self.count, self.layout, heads)


def run_in_memory(rows: Any, layout: Layout) -> SortedRun:
    """Rows that are sorted, each once, as a run."""
    count = len(rows) // layout.words
    heads = rows.reshape(count, layout.words)[::BLOCK].reshape(-1).copy()
    return SortedRun(RowsInMemory(rows, layout.words), count, layout, heads)


class RunPart(NamedTuple):
    """Of each of some runs a stretch of rows, so that what is in one part is before all that is in the next."""

    stretches: tuple[tuple[SortedRun, int, int], ...]

    def rows(self, layout: Layout) -> Any:
        """All its rows, sorted, each once. Raises OSError."""
        found = np.concatenate([run.read(begin, end, layout) for run, begin, end in self.stretches])
        return in_order(found, layout.words)


def parts(runs: Sequence[SortedRun], most: int, layout: Layout) -> list[RunPart]:
    """Some runs, cut where their heads say that a part has some `most` rows. Raises OSError."""
    words = layout.words
    heads = in_order(np.concatenate([run.heads(layout) for run in runs]), words).reshape(-1, words)
    bounds = heads[max(1, most // BLOCK) :: max(1, most // BLOCK)]
    cuts = [[0, *run.cuts(bounds.reshape(-1), layout), run.count] for run in runs]
    return [
        RunPart(tuple((run, its[i], its[i + 1]) for run, its in zip(runs, cuts, strict=True)))
        for i in range(len(bounds) + 1)
    ]


def in_order(rows: Any, words: int) -> Any:
    """Rows sorted, each once; what is given is overwritten."""
    count = len(rows) // words
    if words == 1:
        rows.sort()
    else:
        sorted_rows.sort_rows(rows, np.empty_like(rows), words, count)
    return rows[: int(sorted_rows.once(rows, words, count)) * words]
