"""Rows in order: sorted, each once, without others, and found by those of another list; as Python's lists say it."""

from __future__ import annotations

import random
from bisect import bisect_left
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mcfsm.explore.disk import runs
from mcfsm.explore.disk.runs import BytesFile, RunWriter, in_order, parts, run_in_memory
from mcfsm.explore.disk.store import Gathered
from mcfsm.kernel import sorted_rows
from mcfsm.kernel.rows import lay_out

Row = tuple[int, ...]
WORDS = [1, 2, 3]
LAYOUT = lay_out([1 << 31] * 3, ordered=True)  # of two words


def some(count: int, words: int, seed: int) -> list[Row]:
    """Random rows, of which some are there several times, and whose words differ in some digits, or in all."""
    dice = random.Random(seed)
    few = (0, 1, 1 << 60, 255, 256, (1 << 64) - 3, dice.getrandbits(63), dice.getrandbits(63))
    return [tuple(dice.choice(few) + dice.randrange(3) for _ in range(words)) for _ in range(count)]


def packed(rows: list[Row]) -> Any:
    return np.array([word for row in rows for word in row], dtype=np.uint64)


def unpacked(rows: Any, words: int) -> list[Row]:
    return [tuple(row) for row in rows.reshape(-1, words).tolist()]


@pytest.mark.parametrize("words", WORDS)
@pytest.mark.parametrize("count", [0, 1, 2, 60])
def test_sorted_each_once(words: int, count: int) -> None:
    rows = some(count, words, seed=count)
    assert unpacked(in_order(packed(rows), words), words) == sorted(set(rows))


@pytest.mark.parametrize("words", WORDS)
def test_a_row_that_comes_again_stays_in_the_order_of_the_others(words: int) -> None:
    rows, spare = packed(some(50, words, 3)), packed(some(50, words, 4))
    expected = sorted(unpacked(rows, words))
    sorted_rows.sort_rows(rows, spare, words, 50)
    assert unpacked(rows, words) == expected


@pytest.mark.parametrize("words", WORDS)
@pytest.mark.parametrize("known", [0, 1, 40])
def test_without_those_that_are_known(words: int, known: int) -> None:
    mine, others = sorted(set(some(60, words, 5))), sorted(set(some(known, words, 6)))
    rows = packed(mine)
    kept = sorted_rows.without(rows, words, 0, len(mine), 0, packed(others), len(others))
    assert unpacked(rows[: kept * words], words) == [row for row in mine if row not in others]


@pytest.mark.parametrize("words", WORDS)
@pytest.mark.parametrize("begin", [0, 7])
def test_cut_where_others_begin(words: int, begin: int) -> None:
    mine, others = sorted(set(some(200, words, 7))), sorted(set(some(30, words, 8)))
    cuts = np.zeros(len(others), dtype=np.int64)
    sorted_rows.cut(packed(mine), words, begin, len(mine), packed(others), len(others), cuts)
    assert cuts.tolist() == [max(begin, bisect_left(mine, one)) for one in others]


@pytest.fixture
def four_in_a_block(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "BLOCK", 4)
    monkeypatch.setattr(runs, "_STRETCH", 2)


@pytest.mark.usefixtures("four_in_a_block")
@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("pieces", [[50], [1, 3, 46], [5, 9, 2, 34]])
def test_a_run_in_a_file_takes_out_what_it_has(tmp_path: Path, pieces: list[int], seed: int) -> None:
    layout, words = LAYOUT, 2
    known, file = sorted(set(some(200, words, seed)))[:50], BytesFile(tmp_path)
    file.append(np.ones(3, dtype=np.uint8))  # of somebody else
    writer, at = RunWriter(file, layout), 0
    for piece in pieces:
        writer.append(packed(known[at : at + piece]))
        at += piece
    run = writer.run()
    assert unpacked(run.all_rows(layout), words) == known
    for count in (1, 5, 60):
        mine = sorted(set(some(count, words, 100 + seed)))
        rows = packed(mine)
        kept = run.take_out(rows, len(mine), layout)
        assert unpacked(rows[: kept * words], words) == [row for row in mine if row not in known]
    file.close()


@pytest.mark.usefixtures("four_in_a_block")
@pytest.mark.parametrize("most", [4, 12, 1000])
def test_runs_are_cut_into_parts_of_which_each_is_before_the_next(most: int) -> None:
    layout = LAYOUT
    rows = [sorted(set(some(count, 2, seed))) for seed, count in enumerate([80, 50, 1, 0])]
    found = [
        unpacked(part.rows(layout), 2)
        for part in parts([run_in_memory(packed(one), layout) for one in rows], most, layout)
    ]
    assert [row for part in found for row in part] == sorted({row for one in rows for row in one})
    assert (len(found) > 1) == (most < 100)


def test_what_is_sorted_stays_sorted_in_a_wider_layout() -> None:
    dice = random.Random(1)
    ids = np.array([[dice.randrange(5), dice.randrange(300), dice.randrange(2)] for _ in range(200)])
    narrow = lay_out([5, 300, 2], ordered=True)
    order = np.lexsort(narrow.pack(ids).T[::-1])
    for counts in ([5, 1 << 30, 2], [1 << 31] * 3, [6, 300, 1 << 20]):
        wide = lay_out(counts, ordered=True).pack(ids[order])
        rows = [tuple(row) for row in wide.tolist()]
        assert rows == sorted(rows)


@pytest.mark.parametrize("words", WORDS)
@pytest.mark.parametrize("pieces", [[61], [1, 3, 57], [4, 4, 53]])
def test_what_is_written_short_is_read_as_it_was(words: int, pieces: list[int]) -> None:
    rows = sorted(set(some(200, words, seed=words)))[:61]
    before, content, starts = np.zeros(words, dtype=np.uint64), [], [np.array([0])]
    count = size = 0
    for piece in pieces:
        part = rows[count : count + piece]
        out, begun = np.zeros(9 * words * max(1, len(part)), dtype=np.uint8), np.zeros(40, dtype=np.int64)
        length = sorted_rows.encode(packed(part), words, len(part), count, 4, before, out, begun)
        blocks = -(-(count + len(part)) // 4) - -(-count // 4)
        starts.append(begun[:blocks] + size)
        content.append(out[:length])
        count, size = count + len(part), size + length
    source, at = np.concatenate(content), np.concatenate(starts)[1:]
    for first in range(0, len(rows), 8):  # from every second block to the end
        found = np.zeros((len(rows) - first) * words, dtype=np.uint64)
        sorted_rows.decode(source[at[first // 4] :], words, len(rows) - first, 4, found)
        assert unpacked(found, words) == rows[first:]


def test_what_was_gathered_in_another_layout_is_not_taken_for_what_looks_alike(tmp_path: Path) -> None:
    narrow, wide, file = lay_out([2, 2], ordered=True), lay_out([2, 1 << 40], ordered=True), BytesFile(tmp_path)
    (alike,) = narrow.pack(np.array([[1, 0]]))[0].tolist()
    other = wide.unpack(np.array([[alike]], dtype=np.uint64))[0].tolist()
    assert other != [1, 0]
    gathered = Gathered(file, narrow, 16)
    gathered.add(np.array([alike, 7, 0, alike, 7, 0], dtype=np.uint64), 2)  # row, hash and sleep set, of two
    assert gathered.count == 1
    gathered.repack(wide)
    gathered.add(np.array([alike, 7, 0], dtype=np.uint64), 1)
    (run,) = gathered.finish()
    assert wide.unpack(run.all_rows(wide).reshape(-1, 1)).tolist() == sorted([[1, 0], other])
    file.close()


@pytest.mark.parametrize("words", WORDS)
def test_of_rows_whose_hashes_begin_alike_the_last_is_known(words: int) -> None:
    """Those that come again right away are left out; nothing is left out that is not there."""
    mine = [row for row in some(20, words, 9) for _ in range(2)]
    hashes = [row[0] % 5 << 61 for row in mine]
    source = np.array([[*row, hash_, 0] for row, hash_ in zip(mine, hashes, strict=True)], dtype=np.uint64).reshape(-1)
    known, filled = np.zeros(8 * words, dtype=np.uint64), np.zeros(8, dtype=np.bool_)
    rows = np.full(50 * words, 7, dtype=np.uint64)
    count = sorted_rows.gather.py_func(source, words, 0, 25, known, filled, rows, 3)
    count = sorted_rows.gather.py_func(source, words, 25, 40, known, filled, rows, count)
    last: dict[int, Row] = {}
    wanted = []
    for row, hash_ in zip(mine, hashes, strict=True):
        if last.get(hash_) != row:
            wanted.append(row)
        last[hash_] = row
    assert unpacked(rows[3 * words : count * words], words) == wanted
    assert len(wanted) < len(mine)
    assert set(rows[: 3 * words].tolist()) == {7}


def test_a_file_that_is_shorter_than_it_was_is_an_error(tmp_path: Path) -> None:
    file = BytesFile(tmp_path)
    file.append(np.arange(5, dtype=np.uint8))
    assert file.read(1, 3).tolist() == [1, 2, 3]
    file.cut(0)
    with pytest.raises(OSError, match="shorter"):
        file.read(1, 3)
    file.close()
    assert not list(tmp_path.iterdir())  # it has no name
