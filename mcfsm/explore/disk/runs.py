"""Runs: packed rows that are sorted, each once, in a file or in memory.

What may live here: where rows lie, and how few of them are read. What may not: what a row is a state of.

A run has the first row of each of its blocks in memory, so only blocks are read in which something is looked for. Rows
stay in the layout in which they were written; who reads them says in which they are wanted. All layouts of one search
have the components in the same order, so what is sorted stays sorted.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import numpy as np

from mcfsm.explore.store import repacked
from mcfsm.kernel import sorted_rows
from mcfsm.kernel.rows import Layout

BLOCK = 1 << 13  # rows
_STRETCH = 64  # blocks that are read at once


class WordSource(Protocol):
    """Words that are read from a place on."""

    def read(self, first: int, count: int) -> Any:
        """So many words from one on. Raises OSError."""


class WordsFile:
    """A file of 64-bit words that has no name, so that it is gone with the process, however that ends."""

    def __init__(self, folder: Path) -> None:
        """Raises OSError where none can be made in the folder."""
        self._file = tempfile.TemporaryFile(dir=folder, buffering=0)  # noqa: SIM115 - who asked for it closes it
        self.words = 0

    def append(self, words: Any) -> None:
        """Write words behind the others. Raises OSError."""
        left = memoryview(np.ascontiguousarray(words).data).cast("B")
        at = self.words * 8
        while len(left):
            done = os.pwrite(self._file.fileno(), left, at)
            left, at = left[done:], at + done
        self.words = at // 8

    def read(self, first: int, count: int) -> Any:
        """So many words from one on. Raises OSError, also where there are fewer."""
        found = np.empty(count, dtype=np.uint64)
        left, at = memoryview(found.data).cast("B"), first * 8
        while len(left):
            done = os.preadv(self._file.fileno(), [left], at)
            if done == 0:
                raise OSError("a file of states is shorter than what was written")
            left, at = left[done:], at + done
        return found

    def empty(self) -> None:
        """Give the room on the disk back. Raises OSError."""
        self._file.truncate(0)
        self.words = 0

    def close(self) -> None:
        """Give everything back."""
        self._file.close()


class WordsInMemory:
    """Words that are in memory."""

    def __init__(self, words: Any) -> None:
        self._words = words

    def read(self, first: int, count: int) -> Any:
        """So many words from one on, as they are: who writes into them writes there."""
        return self._words[first : first + count]


class SortedRun:
    """Sorted rows, each once: `count` of them from a word of a source on, in one layout."""

    def __init__(self, source: WordSource, first: int, count: int, layout: Layout, heads: Any) -> None:
        """`heads` are the first rows of all blocks."""
        self.source, self.first, self.count, self.layout = source, first, count, layout
        self._heads, self._heads_layout = heads, layout

    def read(self, begin: int, end: int, layout: Layout) -> Any:
        """Its rows `begin` to `end` in a layout. Raises OSError."""
        words = self.layout.words
        return repacked(self.source.read(self.first + begin * words, (end - begin) * words), self.layout, layout)

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

    def __init__(self, file: WordsFile, layout: Layout) -> None:
        self.file, self.layout, self.first, self.count = file, layout, file.words, 0
        self._heads: list[Any] = []

    def append(self, rows: Any) -> None:
        """Write the rows that come next. Raises OSError."""
        words = self.layout.words
        count = len(rows) // words
        self._heads.append(rows[: count * words].reshape(count, words)[-self.count % BLOCK :: BLOCK].reshape(-1).copy())
        self.file.append(rows)
        self.count += count

    def run(self) -> SortedRun:
        """All that was written."""
        heads = np.concatenate([np.zeros(0, dtype=np.uint64), *self._heads])
        return SortedRun(self.file, self.first, self.count, self.layout, heads)


def run_in_memory(rows: Any, layout: Layout) -> SortedRun:
    """Rows that are sorted, each once, as a run."""
    count = len(rows) // layout.words
    heads = rows.reshape(count, layout.words)[::BLOCK].reshape(-1).copy()
    return SortedRun(WordsInMemory(rows), 0, count, layout, heads)


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
