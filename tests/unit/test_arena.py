"""Tables that grow where they are written: what was entered is there, and nothing else is."""

from __future__ import annotations

import random

import pytest

from mcfsm.kernel.arrays import UNKNOWN
from mcfsm.tables.arena import Arena, Entry


def hundreds(entry: Entry) -> int:
    return 100 * entry.row + entry.column


def hundreds_at_once(row: int, columns: list[int]) -> list[int]:
    return [100 * row + column for column in columns]


@pytest.mark.parametrize("seed", range(8))
def test_what_was_filled_is_there_and_nothing_else(seed: int) -> None:
    chance, arena = random.Random(seed), Arena()
    tables = [arena.table(hundreds, 1, 2), arena.table(hundreds, 2, 1, hundreds_at_once), arena.table(hundreds, 2, 3)]
    filled: dict[int, set[tuple[int, int]]] = {table: set() for table in tables}
    for most in (2, 3, 5, 9, 40):
        for _ in range(6):
            table, row = chance.choice(tables), chance.randrange(most)
            columns = [chance.randrange(most) for _ in range(3)]
            if chance.random() < 0.5:
                assert arena.fill(table, row, columns[0], 1) == 100 * row + columns[0]
                columns = columns[:1]
            else:
                arena.fill_row(table, row, columns, 1)
            filled[table].update((row, column) for column in columns)
    for table, entries in filled.items():
        for row in range(45):
            expected = [100 * row + column if (row, column) in entries else UNKNOWN for column in range(45)]
            assert [arena.entry(table, row, column) for column in range(45)] == expected
            assert arena.row(table, row) == [(at, value) for at, value in enumerate(expected) if value != UNKNOWN]
        assert arena.asked_for(table) == [list(entry) for entry in sorted(entries)]


def test_shapes_are_those_of_now() -> None:
    arena = Arena()
    first, second = arena.table(hundreds, 1, 2), arena.table(hundreds, 3, 1)
    assert arena.shapes.tolist() == [[0, 1, 2], [2, 3, 1]]
    arena.fill(first, 0, 2, 1)
    assert arena.shapes.tolist() == [[5, 1, 4], [2, 3, 1]]
    third = arena.table(hundreds, 1, 1)
    arena.fill(second, 3, 0, 1)
    assert arena.shapes.tolist() == [[5, 1, 4], [10, 6, 1], [9, 1, 1]]
    assert arena.entry(third, 0, 0) == UNKNOWN
