"""Rows of bits: what is packed is unpacked, fields have room and do not touch, and rows go over into another layout."""

from __future__ import annotations

import random

import numpy as np
import pytest

from mcfsm.kernel.rows import Layout, lay_out
from mcfsm.kernel.state_set import repack, values_of

COUNTS = [
    [1],
    [2, 1, 2],
    [5, 3, 9, 1, 2],
    [1 << 20, 1 << 20, 1 << 20, 1 << 20, 4],
    [1 << 31, (1 << 31) + 1, 7, 1 << 16, 2, 2],
    [3] * 40,
    [200_000] * 7 + [2],
]


def fields(layout: Layout) -> list[set[tuple[int, int]]]:
    """Of each component the bits that it has: word and place."""
    return [
        {(int(word), int(shift) + i) for i in range(int(mask).bit_length())}
        for word, shift, mask in zip(layout.word, layout.shift, layout.mask, strict=True)
    ]


def ids(counts: list[int], rows: int, seed: int) -> np.ndarray:
    chance = random.Random(seed)
    found = [[chance.randrange(count) for count in counts] for _ in range(rows)]
    return np.array([[0] * len(counts), [count - 1 for count in counts], *found], dtype=np.int64)


@pytest.mark.parametrize("counts", COUNTS)
def test_fields_have_room_and_do_not_touch(counts: list[int]) -> None:
    layout = lay_out(counts)
    bits = fields(layout)
    assert all(len(of) >= max(1, (count - 1).bit_length()) for of, count in zip(bits, counts, strict=True))
    assert all(len(of) <= 32 for of in bits)
    assert sum(map(len, bits)) == len(set().union(*bits)) <= 64 * layout.words
    assert all(word < layout.words and place < 64 for of in bits for word, place in of)
    assert {word for of in bits for word, _ in of} == {*range(layout.words)}


@pytest.mark.parametrize(
    ("counts", "widths", "words"),
    [
        pytest.param([1], [1], 1, id="one value"),
        pytest.param([2, 1, 2], [32, 1, 1], 1, id="no id is wider than half a word"),
        pytest.param([5, 3, 9, 1, 2], [21, 20, 21, 1, 1], 1, id="all that may grow does, in turn, and fills the word"),
        pytest.param([1 << 20] * 4 + [4], [32, 32, 31, 31, 2], 2, id="beside what has the rest of a word"),
        pytest.param([1 << 31, (1 << 31) + 1, 7, 1 << 16, 2, 2], [32, 32, 18, 30, 15, 1], 2, id="the widest first"),
        pytest.param([3] * 40, [4] * 8 + [3] * 31 + [2], 2, id="the first have more where not all can"),
        pytest.param([200_000] * 7 + [2], [32, 32, 32, 31, 22, 21, 21, 1], 3, id="three words"),
    ],
)
def test_bits_that_are_left_are_given_to_what_grows(counts: list[int], widths: list[int], words: int) -> None:
    layout = lay_out(counts)
    assert ([len(of) for of in fields(layout)], layout.words) == (widths, words)


@pytest.mark.parametrize("counts", COUNTS)
def test_what_is_packed_is_unpacked(counts: list[int]) -> None:
    layout, rows = lay_out(counts), ids(counts, 20, 1)
    packed = layout.pack(rows)
    assert packed.shape == (22, layout.words)
    assert layout.unpack(packed).tolist() == rows.tolist()
    assert packed[0].tolist() == [0] * layout.words


@pytest.mark.parametrize("counts", COUNTS)
def test_bits_belong_to_components(counts: list[int]) -> None:
    layout = lay_out(counts)
    some = [*range(0, len(counts), 2)]
    at = layout.component_at(some).tolist()
    wanted = {(word, place): c for c, of in enumerate(fields(layout)) for word, place in of if c in some}
    assert at == [wanted.get((i // 64, i % 64), -1) for i in range(64 * layout.words)]
    bits = [sum(1 << place for word, place in wanted if word == w) for w in range(layout.words)]
    assert layout.bits(some).tolist() == bits


@pytest.mark.parametrize(("before", "after"), [(2, 3), (2, 5), (4, 3), (3, 6), (5, 6)])
def test_rows_go_over_into_another_layout(before: int, after: int) -> None:
    """Layouts of the same components in which these have other numbers of values; down as well as up, in any words."""
    counts = [3, 2, 7, 12, 2, 5, 3]
    old, new = (lay_out([1 << min(31, count * k) for count in counts]) for k in (before, after))
    rows = ids([1 << min(31, count * min(before, after)) for count in counts], 30, before + after)
    parts = np.array([[old.word[c], old.mask[c] << old.shift[c], new.word[c]] for c in range(len(counts))], np.uint64)
    shifts = new.shift.astype(np.int64) - old.shift.astype(np.int64)
    source, target = old.pack(rows).reshape(-1), np.full(len(rows) * new.words, 77, dtype=np.uint64)
    repack.py_func(source, old.words, target, new.words, 2, len(rows) - 1, parts, shifts)
    found = target.reshape(-1, new.words)
    assert new.unpack(found[2:-1]).tolist() == rows[2:-1].tolist()
    assert found[[0, 1, -1]].tolist() == [[77] * new.words] * 3


def test_the_values_that_a_field_has_are_seen() -> None:
    counts = [9, 300, 5, 1 << 30, 1 << 30]
    layout, rows = lay_out(counts), ids([9, 60, 5, 100, 100], 12, 3)
    rows[1] = 1
    packed, seen = layout.pack(rows).reshape(-1), np.zeros(512, dtype=np.bool_)
    values_of.py_func(packed, layout.words, 1, 9, layout.word[1], layout.shift[1], layout.mask[1], seen)
    assert set(np.flatnonzero(seen).tolist()) == set(rows[1:9, 1].tolist())
