"""Tables of integers in one array, whose entries are computed when they are asked for.

What may live here: where an entry lies. What may not: what it means, which its filler knows.

An entry that the kernel asks for and does not find is filled by one call into Python, between two batches of states.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

import numpy as np

from mcfsm.kernel.arrays import UNKNOWN, Ints
from mcfsm.problems import ModelError, Problem
from mcfsm.tables.interning import grown

MOST_ENTRIES = 1 << 28  # of all tables together
ONE, ROW = range(
    2
)  # in a journal: how entries were asked for; then table, row, variants, and the columns by their count


class Entry(NamedTuple):
    """An entry of a table that is asked for, and the variants that ask (bit mask)."""

    row: int
    column: int
    variants: int


class Filler(Protocol):
    """What computes the entries of a table. Raises ModelError where a value leaves its domain."""

    def __call__(self, entry: Entry, /) -> int: ...


class Bulk(Protocol):
    """What computes many entries of a row of a table at once, each for all variants. Raises ModelError likewise."""

    def __call__(self, row: int, columns: list[int], /) -> Sequence[int] | Ints: ...


class Arena:
    """All tables, one after another. A table is known by its number."""

    def __init__(self) -> None:
        self.entries: Ints = np.full(1 << 12, UNKNOWN, dtype=np.int32)
        self._used = 0
        self._shapes: list[list[int]] = []  # table: offset, rows, columns
        self._written: list[int] = []  # the tables whose shape is another since `shapes` was asked for
        self._array: Ints = np.zeros((0, 3), dtype=np.int32)
        self._fillers: list[Filler] = []
        self._bulks: list[Bulk | None] = []
        self._journaled: list[bool] = []
        self.journal: list[int] | None = None  # of what was asked for, where somebody wants it: see `replay`

    def table(
        self, filler: Filler, rows: int, columns: int, bulk: Bulk | None = None, *, journaled: bool = True
    ) -> int:
        """A new table, its entries unknown. Its number comes back. `bulk` fills many at once, if it can be done so.

        What is asked of a table is not `journaled` where nobody numbers anything by it.
        """
        self._journaled.append(journaled)
        self._shapes.append([self._allocate(rows * columns), rows, columns])
        self._fillers.append(filler)
        self._bulks.append(bulk)
        return len(self._shapes) - 1

    @property
    def shapes(self) -> Ints:
        """Table: its offset, rows and columns."""
        if len(self._array) < len(self._shapes):
            self._array = np.array(self._shapes, dtype=np.int32)
        elif self._written:
            self._array[self._written] = [self._shapes[table] for table in self._written]
        self._written.clear()
        return self._array

    def fill(self, table: int, row: int, column: int, variants: int) -> int:
        """Compute one entry. Raises ModelError where a value leaves its domain."""
        if self.journal is not None and self._journaled[table]:
            self.journal += (ONE, table, row, variants, 1, column)
        return self._fill(table, row, column, variants)

    def fill_row(self, table: int, row: int, columns: list[int], variants: int) -> None:
        """Compute entries of a row, for some variants; at once where the table has a way to. Raises as `fill` does."""
        if self.journal is not None and self._journaled[table]:
            self.journal += (ROW, table, row, variants, len(columns), *columns)
        bulk = self._bulks[table]
        if bulk is None:
            for column in columns:
                self._fill(table, row, column, variants)
        else:
            self.enter_row(table, row, columns, bulk(row, columns))

    def replay(self, journal: list[int]) -> None:
        """Fill what a journal says, in its order: all tables, and whatever was numbered by filling, are as they were.

        Raises IndexError where the journal is of other tables, and ModelError as `fill` does.
        """
        at = 0
        while at < len(journal):
            how, table, row, variants, count = journal[at : at + 5]
            at += 5
            columns = journal[at : at + count]
            at += count
            if how not in (ONE, ROW) or table >= len(self._shapes) or len(columns) != count or not count:
                raise IndexError("a journal of other tables")
            if how == ONE:
                self.fill(table, row, columns[0], variants)
            else:
                self.fill_row(table, row, columns, variants)

    def _fill(self, table: int, row: int, column: int, variants: int) -> int:
        value = self._fillers[table](Entry(row, column, variants))
        self.enter(table, row, column, value)
        return value

    def enter_row(self, table: int, row: int, columns: list[int], values: Sequence[int] | Ints) -> None:
        """Write entries of a row."""
        self.reach(table, row, max(columns))
        offset, _, stride = self._shapes[table]
        self.entries[np.array(columns) + (offset + row * stride)] = values

    def enter(self, table: int, row: int, column: int, value: int) -> None:
        """Write one entry; the table is moved to a larger place where it does not reach so far."""
        offset, rows, columns = self._shapes[table]
        if row >= rows or column >= columns:
            self.reach(table, row, column)
            offset, rows, columns = self._shapes[table]
        self.entries[offset + row * columns + column] = value

    def reach(self, table: int, row: int, column: int = 0) -> None:
        """Make a table large enough for a row and a column."""
        offset, rows, columns = self._shapes[table]
        more_rows, more_columns = rows, columns
        while row >= more_rows:
            more_rows *= 2
        while column >= more_columns:
            more_columns *= 2
        if (more_rows, more_columns) == (rows, columns):
            return
        moved = self._allocate(more_rows * more_columns)
        old = self.entries[offset : offset + rows * columns].reshape(rows, columns)
        self.entries[moved : moved + more_rows * more_columns].reshape(more_rows, more_columns)[:rows, :columns] = old
        self._shapes[table] = [moved, more_rows, more_columns]
        self._written.append(table)

    def entry(self, table: int, row: int, column: int) -> int:
        """One entry; UNKNOWN where nobody computed it."""
        offset, rows, columns = self._shapes[table]
        return self.entries.item(offset + row * columns + column) if row < rows and column < columns else UNKNOWN

    def row(self, table: int, row: int) -> list[tuple[int, int]]:
        """Column and value of every known entry of a row of a table."""
        offset, rows, columns = self._shapes[table]
        if row >= rows:
            return []
        entries = self.entries[offset + row * columns : offset + (row + 1) * columns]
        return [(int(at), int(entries[at])) for at in np.flatnonzero(entries != UNKNOWN)]

    def asked_for(self, table: int) -> tuple[Ints, Ints, Ints]:
        """Row, column and value of every entry of a table that was ever asked for, in order."""
        offset, rows, columns = self._shapes[table]
        entries = self.entries[offset : offset + rows * columns]
        (at,) = np.nonzero(entries != UNKNOWN)
        return *np.divmod(at, columns), entries[at]

    def _allocate(self, size: int) -> int:
        needed, there = self._used + size, len(self.entries)
        if needed > there:
            if needed > MOST_ENTRIES:
                raise ModelError([Problem("M706", None, "the tables of this model outgrow memory", "lower its bounds")])
            longer = np.empty(max(needed, min(grown(there), MOST_ENTRIES)), dtype=np.int32)
            longer[:there], longer[there:] = self.entries, UNKNOWN
            self.entries = longer
        offset = self._used
        self._used += size
        return offset
