"""Tables that grow where they are written: what was entered is there, and nothing else is."""

from __future__ import annotations

import random

import pytest

from mcfsm.kernel.arrays import UNKNOWN
from mcfsm.problems import ModelError
from mcfsm.tables import arena as arena_module
from mcfsm.tables.arena import ONE, ROW, Arena, Entry


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
        rows, columns, values = (part.tolist() for part in arena.asked_for(table))
        assert [*zip(rows, columns, strict=True)] == sorted(entries)
        assert values == [100 * row + column for row, column in sorted(entries)]


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


def test_a_journal_fills_again_what_was_filled_in_its_order() -> None:
    asked: list[Entry] = []

    def noted(entry: Entry) -> int:
        asked.append(entry)
        return hundreds(entry)

    def tables() -> Arena:
        arena = Arena()
        arena.table(noted, 1, 2)
        arena.table(noted, 2, 1, hundreds_at_once)
        return arena

    arena = tables()
    arena.journal = []
    arena.fill(0, 1, 2, 5)
    arena.fill_row(1, 1, [0, 3], 1)
    arena.fill_row(0, 0, [2, 0], 3)
    assert arena.journal == [ONE, 0, 1, 5, 1, 2, ROW, 1, 1, 1, 2, 0, 3, ROW, 0, 0, 3, 2, 2, 0]
    again, once = tables(), [*asked]
    asked.clear()
    again.replay(arena.journal)
    assert asked == once == [Entry(1, 2, 5), Entry(0, 2, 3), Entry(0, 0, 3)]
    rows, columns, _ = zip(*(again.asked_for(table) for table in (0, 1)), strict=True)
    assert [part.tolist() for part in rows] == [[0, 0, 1], [1, 1]]
    assert [part.tolist() for part in columns] == [[0, 2, 2], [0, 3]]
    assert again.shapes.tolist() == arena.shapes.tolist()


@pytest.mark.parametrize(
    "journal",
    [
        pytest.param([ROW + 1, 0, 0, 1, 1, 0], id="how"),
        pytest.param([ONE, 1, 0, 1, 1, 0], id="table"),
        pytest.param([ROW, 0, 0, 1, 2, 0], id="cut off"),
        pytest.param([ROW, 0, 0, 1, 0], id="nothing"),
    ],
)
def test_a_journal_of_other_tables_is_refused(journal: list[int]) -> None:
    arena = Arena()
    arena.table(hundreds, 1, 2)
    with pytest.raises(IndexError, match="a journal of other tables"):
        arena.replay(journal)
    assert not any(map(len, arena.asked_for(0)))


@pytest.mark.parametrize(("most", "fits"), [(6 << 10, True), ((6 << 10) - 1, False)])
def test_tables_that_outgrow_memory_are_refused(most: int, fits: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arena_module, "MOST_ENTRIES", most)
    arena = Arena()
    table = arena.table(hundreds, 1, 1 << 11)
    if fits:
        assert arena.fill(table, 0, 1 << 11, 1) == 1 << 11
        assert len(arena.entries) == 6 << 10  # two thousand that were left, and four
    else:
        with pytest.raises(ModelError, match="M706"):
            arena.fill(table, 0, 1 << 11, 1)


def test_all_tables_together_take_a_gibibyte_at_most() -> None:
    assert arena_module.MOST_ENTRIES * Arena().entries.itemsize == 1 << 30
