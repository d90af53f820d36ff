"""The rows of all owners, kept where the question is asked: what a new owner is given in the place of one that is lost.

What may live here: where rows lie that nobody looks into. What may not: when an owner is replaced.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from mcfsm.explore.cluster.team import Piece
from mcfsm.explore.disk.runs import BytesFile
from mcfsm.kernel.rows import Layout


class _Kept(NamedTuple):
    """Where a piece is."""

    layout: Layout
    states: int
    first: int  # byte
    size: int


class KeptLevels:
    """The levels, of which every owner makes the first by itself; a level is there once it is whole."""

    def __init__(self, folder: Path, owners: int) -> None:
        """Raises OSError where nothing can be written to the folder."""
        self.file, self.owners = BytesFile(folder), owners
        self._levels: list[list[list[_Kept]]] = []  # of each level and owner
        self._size = 0  # bytes of these
        self._next: list[list[_Kept]] = []
        self.begin_level()

    def begin_level(self) -> None:
        """Begin a level, with nothing of what is there of one that did not become whole. Raises OSError."""
        self.file.cut(self._size)
        self._next = [[] for _ in range(self.owners)]

    def add(self, owner: int, piece: Piece) -> None:
        """Keep what comes next of an owner's part of the level. Raises OSError."""
        self._next[owner].append(_Kept(piece.layout, piece.states, self.file.size, len(piece.content)))
        self.file.append(piece.content)

    def end_level(self) -> None:
        """Have the level whole."""
        self._levels.append(self._next)
        self._size = self.file.size

    def pieces(self, owner: int, level: int) -> Iterator[Piece]:
        """An owner's part of a level. Raises OSError."""
        for kept in self._levels[level][owner]:
            yield Piece(kept.layout, kept.states, self.file.read(kept.first, kept.size))

    def close(self) -> None:
        """Give everything back."""
        self.file.close()
