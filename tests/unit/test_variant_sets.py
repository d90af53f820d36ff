"""What is counted of up to 64 variants at once is what each would count by itself."""

from __future__ import annotations

import random

import numpy as np
import pytest

from mcfsm.kernel.variant_sets import (
    BEFORE,
    ENTRY,
    HASH,
    ITS_HASH,
    MARKS,
    NEW,
    NO_VARIANTS,
    NOT_IN_SLEEP_SET,
    NOW,
    SLEEP_SET,
    SLICES,
    STATE,
    STEPS,
    add,
    arrive,
    count,
    next_level,
    numbers,
    values_of,
)

EVERYBODY = (1 << 64) - 1


def test_numbers_are_counted_by_bits() -> None:
    chance, counts, wanted = random.Random(5), np.zeros(SLICES, dtype=np.uint64), [0] * 64
    for _ in range(300):
        variants = chance.getrandbits(64) & chance.getrandbits(64)
        count.py_func(counts, np.uint64(0), np.uint64(variants))
        wanted = [number + (variants >> v & 1) for v, number in enumerate(wanted)]
    assert numbers(counts) == wanted


@pytest.mark.parametrize("at", [0, STEPS, 3 * STEPS])
def test_numbers_are_added_and_leave_zeros(at: int) -> None:
    chance = random.Random(at)
    first, more = ([chance.randrange(1000) for _ in range(64)] for _ in range(2))
    counts, block = np.zeros(SLICES, dtype=np.uint64), np.full(5 * STEPS, 9, dtype=np.uint64)
    for place, some in ((0, first), (at, more)):
        for k in range(STEPS):
            word = sum((number >> k & 1) << v for v, number in enumerate(some))
            (counts if some is first else block)[place + k] = word
    add.py_func(counts, block, at)
    assert numbers(counts) == [a + b for a, b in zip(first, more, strict=True)]
    assert block.tolist() == [0 if at <= k < at + STEPS else 9 for k in range(5 * STEPS)]


def test_variants_arrive_once_on_a_level_and_are_expanded_for_what_none_lets_sleep() -> None:
    marks = np.zeros(3 * MARKS, dtype=np.uint64)
    at = np.uint64(MARKS)
    marks[MARKS + HASH], marks[MARKS + BEFORE] = 7, 0b1000
    assert arrive.py_func(marks, at, np.uint64(0b001), np.uint64(0b1100), True)
    assert not arrive.py_func(marks, at, np.uint64(0b010), np.uint64(0b0110), True)
    assert marks[MARKS : 2 * MARKS].tolist() == [7, 0b1000, 0b011, EVERYBODY & ~0b0100]
    assert not marks[:MARKS].any()
    assert not marks[2 * MARKS :].any()


def test_a_level_has_an_entry_for_each_state_that_somebody_came_to() -> None:
    marks = np.zeros(6 * MARKS, dtype=np.uint64).reshape(6, MARKS)
    marks[2] = 11, 0b0001, 0b0110, EVERYBODY & ~0b10
    marks[5] = 12, 0b0000, 0b1000, EVERYBODY
    marks[3] = 13, 0b0001, 0b0010, 3
    known = marks.copy()
    family = NO_VARIANTS._replace(
        marks=marks.reshape(-1),
        entries=np.zeros(8 * ENTRY, dtype=np.uint64),
        arrived=np.array([5, 2, 3], dtype=np.uint64),
    )
    counts = np.zeros(SLICES, dtype=np.uint64)
    count.py_func(counts, np.uint64(0), np.uint64(0b0010))
    assert next_level.py_func(family, 2, 4, counts) == 0b1110
    entries = family.entries.reshape(-1, ENTRY)
    assert entries[[4, 5]][:, [STATE, ITS_HASH, NEW, SLEEP_SET]].tolist() == [[5, 12, 0b1000, 0], [2, 11, 0b0110, 0b10]]
    assert not entries[[0, 1, 2, 3, 6, 7]].any()
    assert numbers(counts)[:5] == [0, 2, 1, 1, 0]
    assert marks[3].tolist() == known[3].tolist()
    assert marks[2][[HASH, BEFORE, NOW, NOT_IN_SLEEP_SET]].tolist() == [11, 0b0111, 0, 0]
    assert marks[5][[HASH, BEFORE, NOW, NOT_IN_SLEEP_SET]].tolist() == [12, 0b1000, 0, 0]


def test_the_values_that_a_field_has_are_seen_for_whoever_goes_on() -> None:
    chance, words = random.Random(8), 3
    states = [[chance.getrandbits(64) for _ in range(words)] for _ in range(12)]
    entries = [[chance.randrange(12), 0, chance.getrandbits(64), 0] for _ in range(9)]
    active = chance.getrandbits(64)
    family = NO_VARIANTS._replace(
        entries=np.array(entries, dtype=np.uint64).reshape(-1), active=np.array([active], dtype=np.uint64)
    )
    reached_by, wanted = np.zeros(16, dtype=np.uint64), [0] * 16
    for state, _, variants, _ in entries[2:8]:
        wanted[states[state][1] >> 20 & 15] |= variants & active
    rows = np.array(states, dtype=np.uint64).reshape(-1)
    values_of.py_func(family, rows, words, 1, np.uint64(20), np.uint64(15), 2, 8, reached_by)
    assert reached_by.tolist() == wanted
