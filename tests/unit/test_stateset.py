"""The set of states: every row once, whoever brings it, and what its states need not expand."""

from __future__ import annotations

import mmap
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import numpy as np
import pytest

from mcfsm.explore import store
from mcfsm.kernel.intrinsics import BUCKET, add_bits, claim, keep_bits
from mcfsm.kernel.state_set import STATES, LevelData, grow_in_place, insert_new, locate
from mcfsm.kernel.variant_sets import NO_VARIANTS
from mcfsm.kernel.worker import new_counts

PAGE = mmap.PAGESIZE // 8  # words

SIZE = 1 << 12
REGION_BITS = 20
NONE = np.uint64(0)
HASHES = [0, 0x9E3779B97F4A7C15]  # the factor of a row's first word: all in one bucket, or spread


class Set:
    """A set of rows of two words, of which (0, 0) is the first."""

    def __init__(self, workers: int, factor: int) -> None:
        self.factor = factor
        self.rows = np.zeros(2 * (workers << REGION_BITS), dtype=np.uint64)
        starts = np.array([worker << REGION_BITS for worker in range(workers)])
        lists = (np.zeros(workers << REGION_BITS, dtype=np.uint64) for _ in range(2))
        self.level = LevelData(*lists, starts, REGION_BITS)
        self.slots = np.zeros(SIZE + 8 * SIZE, dtype=np.uint64)
        self.slots[0] = 1
        self.counts = [new_counts(int(start)) for start in starts]
        self.counts[0][STATES] = 1

    def source(self, rows: Any, sleep_set: Any = NONE) -> Any:
        """Rows as `insert_new` takes them."""
        with np.errstate(over="ignore"):
            hashes = rows[:, 0] * np.uint64(self.factor)
        return np.stack([rows[:, 0], rows[:, 1], hashes, np.full(len(rows), sleep_set)], axis=1).reshape(-1)

    def insert_new(self, worker: int, rows: Any, sleep_set: Any = NONE) -> None:
        source = self.source(rows, sleep_set)
        where = self.rows, self.level, NO_VARIANTS, self.slots, self.counts[worker], SIZE
        insert_new(*where, (0, 0), (), source, 0, len(source))

    def numbers(self, rows: Any) -> Any:
        source, found = self.source(rows), np.zeros(len(rows), dtype=np.int64)
        locate(self.rows, self.slots, SIZE, (0, 0), (), source, 0, len(source), found)
        return found

    def stored(self, worker: int) -> Any:
        first, end = worker << REGION_BITS, int(self.counts[worker][STATES])
        return self.rows[2 * first : 2 * end].reshape(-1, 2)


def some_rows(count: int, seed: int) -> Any:
    return np.random.default_rng(seed).integers(1, 1500, (count, 2)).astype(np.uint64) // np.uint64(37)


@pytest.mark.long
@pytest.mark.parametrize("factor", HASHES)
@pytest.mark.parametrize("workers", [1, 2, 4])
def test_every_row_once(workers: int, factor: int) -> None:
    """Threads that bring the same rows at the same time store each of them once."""
    for seed in range(5):
        known = Set(workers, factor)
        brought = [some_rows(4000, 10 * seed + worker) for worker in range(workers)]
        with ThreadPoolExecutor(workers) as pool:
            list(pool.map(known.insert_new, range(workers), brought))
        expected = {(0, 0), *(tuple(row) for rows in brought for row in rows.tolist())}
        found = [tuple(row) for worker in range(workers) for row in known.stored(worker).tolist()]
        assert len(found) == len(expected)
        assert set(found) == expected
        numbers = known.numbers(np.array(found, dtype=np.uint64))
        assert sorted(numbers.tolist()) == sorted(
            (worker << REGION_BITS) + i for worker in range(workers) for i in range(len(known.stored(worker)))
        )


@pytest.mark.parametrize("factor", [*HASHES, 0x1000000000000])  # the last: runs of full buckets, one after another
def test_slots_that_are_filled_at_once(factor: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every row is found in slots that are filled in the order of hashes, and found again once they have grown."""
    monkeypatch.setattr(store, "CHUNK", 7)
    known, rows = Set(1, factor), np.unique(some_rows(1500, 3), axis=0)
    known.insert_new(0, rows)
    entries = np.sort(known.slots[known.slots != 0])
    known.slots[:] = 0
    store.fill_slots(known.slots, SIZE, entries)
    assert (known.numbers(rows) >= 0).all()
    assert len(np.unique(known.numbers(rows))) == len(rows)
    grown = SIZE // BUCKET * 3 // 2 * BUCKET
    grow_in_place(known.slots, SIZE, grown)
    found = np.zeros(len(rows), dtype=np.int64)
    locate(known.rows, known.slots, grown, (0, 0), (), known.source(rows), 0, 4 * len(rows), found)
    assert (found >= 0).all()


def test_a_row_that_is_not_there() -> None:
    known = Set(1, HASHES[1])
    known.insert_new(0, np.array([[1, 2]], dtype=np.uint64))
    assert known.numbers(np.array([[1, 2], [2, 1], [0, 0]], dtype=np.uint64)).tolist() == [1, -1, 0]


def test_of_some_rows_the_numbers_come_first() -> None:
    known, rows = Set(1, HASHES[1]), np.array([[i, 7] for i in range(1, 9)], dtype=np.uint64)
    known.insert_new(0, rows)
    source, found = known.source(rows), np.full(8, -7, dtype=np.int64)
    locate(known.rows, known.slots, SIZE, (0, 0), (), source, 4 * 3, 4 * 6, found)
    assert found.tolist() == [4, 5, 6, -7, -7, -7, -7, -7]


@pytest.mark.parametrize("start", [0, 1])  # of the level; the state is its second, or its first
def test_a_state_sleeps_what_every_way_to_it_lets_it_sleep(start: int) -> None:
    known, row = Set(1, HASHES[1]), np.array([[1, 2]], dtype=np.uint64)
    known.level.starts[0] = start
    for sleep_set, kept in ((0b1110, 0b1110), (0b0111, 0b0110), (0b1111, 0b0110), (0b1001, 0)):
        known.insert_new(0, row, np.uint64(sleep_set))
        assert int(known.level.sleep_sets[1 - start]) == kept


def test_a_state_of_an_earlier_level_is_done_with() -> None:
    known, row = Set(1, HASHES[1]), np.array([[1, 2]], dtype=np.uint64)
    known.insert_new(0, row, np.uint64(0b11))
    known.level.starts[0] = 2
    known.level.sleep_sets[:] = 7
    known.insert_new(0, row, np.uint64(0))
    assert int(known.counts[0][STATES]) == 2
    assert (known.level.sleep_sets == 7).all()


def test_a_full_bucket_goes_on_in_the_next() -> None:
    known = Set(1, 0)
    rows = np.array([[i, 0] for i in range(1, 2 * BUCKET)], dtype=np.uint64)
    known.insert_new(0, rows)
    assert known.slots[: 2 * BUCKET].all()
    assert known.numbers(rows).tolist() == list(range(1, 2 * BUCKET))


def test_a_bucket_that_is_full_of_others_is_passed_by() -> None:
    """Rows with tags of their own: none of those in the bucket may be what the next ones are, and no slot is free."""
    known = Set(1, 1 << 32)
    rows = np.array([[i, 0] for i in range(1, 3 * BUCKET)], dtype=np.uint64)
    for some in (rows[: BUCKET - 1], rows[BUCKET - 1 :]):  # row 0 has a slot of it, too
        known.insert_new(0, some)
    assert known.slots[: 3 * BUCKET].all()
    assert known.numbers(rows).tolist() == list(range(1, 3 * BUCKET))


@pytest.mark.parametrize("factor", HASHES)
def test_a_set_that_grew_finds_what_it_held(factor: int) -> None:
    known, larger = Set(1, factor), SIZE + SIZE // 2
    rows = np.array([[i, 0] for i in range(1, 5 * BUCKET)], dtype=np.uint64)
    known.insert_new(0, rows)
    grow_in_place(known.slots[: 2 * SIZE], SIZE, larger)
    source, found = known.source(rows), np.zeros(len(rows), dtype=np.int64)
    locate(known.rows, known.slots, larger, (0, 0), (), source, 0, len(source), found)
    assert found.tolist() == list(range(1, 5 * BUCKET))
    assert np.count_nonzero(known.slots) == 5 * BUCKET


def test_a_set_that_grew_has_every_entry_in_its_bucket() -> None:
    """Of a set larger than what is set aside of it, with entries at both ends and in the middle, two in each bucket."""
    size, larger, pad = 1 << 18, (1 << 18) + (1 << 16), 1 << 10
    slots = np.zeros(larger + pad, dtype=np.uint64)
    buckets = np.array([*range(200), *range(16_300, 16_500), *range(size // BUCKET - 200, size // BUCKET)])
    hashes = -(-(buckets.astype(object) << 32) // (size // BUCKET))  # the first hash of each of these buckets
    for way in (0, 1):
        slots[buckets * BUCKET + way] = np.array([(h + 5 * way) << 32 | (i + 1) for i, h in enumerate(hashes)])
    before = np.sort(slots[slots != 0])
    grow_in_place(slots, size, larger)
    at = np.flatnonzero(slots)
    assert (np.sort(slots[at]) == before).all()
    assert (at // BUCKET == (slots[at] >> np.uint64(32)) * np.uint64(larger // BUCKET) >> np.uint64(32)).all()
    assert (np.diff(slots[at] >> np.uint64(32)) > 0).sum() > 1000


class Watched(list[int]):
    """Words of which none is given before another thread asks for one too, or has let half a second pass."""

    def __init__(self, *words: int) -> None:
        super().__init__(words)
        self.both = threading.Barrier(2, timeout=0.5)

    def __getitem__(self, at: Any) -> Any:
        found = super().__getitem__(at)
        with suppress(threading.BrokenBarrierError):
            self.both.wait()
        return found


def test_in_plain_python_too_one_thread_alone_gets_a_slot() -> None:
    slots = Watched(0)
    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(lambda entry: claim(slots, 0, entry), [1, 2])) == [False, True]


@pytest.mark.parametrize(("change", "before", "after"), [(add_bits, 0b00, 0b11), (keep_bits, 0b11, 0b00)])
def test_in_plain_python_too_no_thread_undoes_what_another_did_to_a_word(change: Any, before: int, after: int) -> None:
    words = Watched(before)
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda bits: change(words, 0, bits), [0b01, 0b10]))
    assert list(words) == [after]


def test_what_is_released_is_given_back_but_for_its_ends() -> None:
    array = store.reserve(8 * PAGE)
    array[:] = 1
    store._release(array, PAGE + 1, 6 * PAGE + 3)
    assert array[: 2 * PAGE].all()
    assert array[6 * PAGE :].all()
    assert not array[2 * PAGE : 6 * PAGE].any()  # what is touched again is new
