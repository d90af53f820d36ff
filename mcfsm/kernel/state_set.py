"""The set of states: full rows, and slots of hash and number that find them; compiled by numba.

Rows never move, but to be packed anew; every thread that adds some has a range of numbers of its own. A slot is the
hash scaled to the number of slots (multiply and shift), a collision goes to the next; so slots stay in the order of
hashes, and growing is one pass. Nothing is compared by hash alone: a state is new if no row equals it.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mcfsm.kernel.intrinsics import BUCKET, U, claim, fetch, find, keep_bits, lowest
from mcfsm.kernel.jit import compiled
from mcfsm.kernel.variant_sets import BEFORE, HASH, MARKS, Variants, arrive

STATES, ARRIVED = 0, 1  # in a worker's counts: the number of its next state, and to how many some variant came
BATCH = 128  # rows whose places are fetched before the first of them is looked at
AHEAD = 16  # rows that are fetched before they are written


class LevelData(NamedTuple):
    """What is kept of the states of one level, as long as it is expanded or found."""

    hashes: NDArray[np.uint64]
    sleep_sets: NDArray[np.uint64]  # components, as bits, whose moves need not be expanded
    starts: NDArray[np.int64]  # of each region of numbers the first state of the level
    region_bits: int


NO_LEVEL = LevelData(np.zeros(0, np.uint64), np.zeros(0, np.uint64), np.zeros(0, np.int64), 63)


@compiled
def place_of(level: LevelData, number: Any) -> Any:
    """Where a state of a level stands in its lists."""
    region = number >> U(level.region_bits)
    return (region << U(level.region_bits)) + number - U(level.starts[region])


@compiled
def at_row(entry: Any) -> Any:
    """The row that a slot points at; of an empty one the first row, which is as good as any to compare with."""
    number = entry & U(0xFFFFFFFF)
    return number - U(number != U(0))


@compiled(inner=True)
def probe(rows: Any, slots: Any, scale: Any, row_shape: Any, source: Any, at: int) -> Any:
    """The slot of the row at `source[at]`, which its hash follows: entry and place; or 0 and a place that is free."""
    words = len(row_shape)
    tag = source[U(at + words)] >> U(32)
    bucket = ((tag * scale) >> U(32)) * U(BUCKET)
    while True:
        bits = find(slots, bucket, tag)
        free = bits >> U(BUCKET)
        same = bits & ~free & U((1 << BUCKET) - 1)
        while same != U(0):
            place = bucket + lowest(same)
            entry = slots[place]
            row = at_row(entry) * U(words)
            differs = U(0)
            for w in range(words):
                differs |= rows[row + U(w)] ^ source[U(at + w)]
            if differs == U(0):
                return entry, place
            same &= same - U(1)
        if free != U(0):
            return U(0), bucket + lowest(free)
        bucket += U(BUCKET)


@compiled
def insert_new(
    rows: Any,
    level: LevelData,
    family: Variants,
    slots: Any,
    counts: Any,
    size: int,
    row_shape: Any,
    family_shape: Any,
    source: Any,
    begin: int,
    end: int,
) -> None:
    """Keep those rows of `source[begin:end]` that are new, under numbers from `counts[STATES]` on, as of a level.

    Each row is followed by its hash and its sleep set. The sleep set of a state is the intersection over all ways to it
    on its level; what leads back to an earlier level changes nothing. In a search of a family the variants that come to
    the row follow: levels are then those of each variant by itself. Row 0 is there already.

    Of `row_shape` and `family_shape` only the lengths count, which are part of their types: loops over words are
    unrolled, and what is done for variants alone is left out where there are none. Rows are taken in batches: first
    their buckets are fetched, then the rows that may be the same, and then these are compared.

    Many threads may call this at once, each with numbers of its own. A row is written before its slot is claimed; slots
    are claimed in order and never given up, so two threads that bring the same row want the same slot, and the one that
    comes late looks again.
    """
    words = len(row_shape)
    width = words + 2 + len(family_shape)
    scale = U(size // BUCKET)
    states, arrived = counts[STATES], counts[ARRIVED]
    hashes, sleep_sets, starts, region_bits = level.hashes, level.sleep_sets, level.starts, U(level.region_bits)
    marks, arrivals = family.marks, family.arrived
    alone = len(starts) == 1
    likely = np.empty(BATCH, np.uint64)  # the row that stands first under the tag, if one does
    while begin < end:
        stop = min(begin + BATCH * width, end)
        for at in range(begin, stop, width):
            fetch(slots, (((source[U(at + words)] >> U(32)) * scale) >> U(32)) * U(BUCKET))
        for i in range((stop - begin) // width):
            tag = source[U(begin + i * width + words)] >> U(32)
            bucket = ((tag * scale) >> U(32)) * U(BUCKET)
            bits = find(slots, bucket, tag) | U(1 << BUCKET - 1)  # some slot of the bucket in any case
            number = at_row(slots[bucket + lowest(bits)])
            likely[U(i)] = number
            fetch(rows, number * U(words))
            if len(family_shape) > 0:
                fetch(marks, number * U(MARKS))
        for i in range((stop - begin) // width):
            at = begin + i * width
            number = likely[U(i)]
            differs = U(0)
            for w in range(words):
                differs |= rows[number * U(words) + U(w)] ^ source[U(at + w)]
            while differs != U(0):
                entry, place = probe(rows, slots, scale, row_shape, source, at)
                number = at_row(entry)
                if entry != U(0):
                    break
                number = U(states)
                for w in range(words):
                    rows[number * U(words) + U(w)] = source[U(at + w)]
                if len(family_shape) > 0:
                    marks[number * U(MARKS) + U(HASH)] = source[U(at + words)]
                else:
                    near = place_of(level, number)
                    hashes[near] = source[U(at + words)]
                    sleep_sets[near] = source[U(at + words + 1)]
                entry = (source[U(at + words)] >> U(32) << U(32)) | (number + U(1))
                if alone:
                    slots[place] = entry
                if alone or claim(slots, place, entry):
                    states += 1
                    fetch(rows, U(states + AHEAD) * U(words))  # a claim waits until what was written is in the cache
                    break
            if len(family_shape) > 0:
                mark = number * U(MARKS)
                fresh = source[U(at + words + 2)] & ~marks[mark + U(BEFORE)]
                if fresh != U(0) and arrive(marks, mark, fresh, source[U(at + words + 1)], alone):
                    arrivals[U(arrived)] = number
                    arrived += 1
                continue
            if np.int64(number) < starts[number >> region_bits]:
                continue
            near, bits = place_of(level, number), source[U(at + words + 1)]
            if sleep_sets[near] & ~bits != U(0):
                keep_bits(sleep_sets, near, bits)
        begin = stop
    counts[STATES], counts[ARRIVED] = states, arrived


@compiled
def locate(
    rows: Any, slots: Any, size: int, row_shape: Any, family_shape: Any, source: Any, begin: int, end: int, found: Any
) -> None:
    """The number of each row of `source[begin:end]`, each followed as `insert_new` says; -1 if it is not in the set."""
    words = len(row_shape)
    width = words + 2 + len(family_shape)
    scale = U(size // BUCKET)
    for first in range(begin, end, BATCH * width):
        stop = min(first + BATCH * width, end)
        for at in range(first, stop, width):
            fetch(slots, (((source[U(at + words)] >> U(32)) * scale) >> U(32)) * U(BUCKET))
        for at in range(first, stop, width):
            entry, _ = probe(rows, slots, scale, row_shape, source, at)
            found[(at - begin) // width] = np.int64(entry & U(0xFFFFFFFF)) - 1


@compiled
def grow_in_place(slots: Any, old: int, new: int) -> None:
    """Grow the set of states in place from `old` to `new` slots; past both is room for entries pushed beyond them.

    A bucket is the hash scaled to their number, so entries keep their order and move up only: the last goes first.
    Those near the front move less than a run of full buckets is long, so they are set aside before.
    """
    buckets = U(new // BUCKET)
    filled = np.zeros(len(slots) // BUCKET, np.uint8)
    aside = min(old, 1 << 17)
    front = slots[:aside].copy()
    slots[:aside] = U(0)
    for i in range(min(len(slots), old + (1 << 17)) - 1, aside - 1, -1):
        entry = slots[U(i)]
        slots[U(i)] = U(0)
        if entry != U(0):
            insert_slot(slots, filled, buckets, entry)
    for i in range(aside):
        if front[i] != U(0):
            insert_slot(slots, filled, buckets, front[i])


@compiled
def insert_slot(slots: Any, filled: Any, buckets: Any, entry: Any) -> None:
    """Put an entry into its bucket, or the first after it that has room; `filled` says how many each has."""
    bucket = ((entry >> U(32)) * buckets) >> U(32)
    while filled[bucket] == BUCKET:
        bucket += U(1)
    slots[bucket * U(BUCKET) + U(filled[bucket])] = entry
    filled[bucket] += np.uint8(1)


@compiled
def repack(
    rows: Any, old_words: int, to_rows: Any, new_words: int, begin: int, end: int, parts: Any, shifts: Any
) -> None:
    """Write rows `begin` to `end` in another layout; in place where a row has as many words as before.

    A line of `parts` is a word, bits of it, and the word that they go to; of `shifts`, by how much they move up.
    """
    row = np.zeros(old_words, np.uint64)
    for state in range(begin, end):
        for w in range(old_words):
            row[w] = rows[U(state * old_words + w)]
        for w in range(new_words):
            to_rows[U(state * new_words + w)] = U(0)
        for i in range(len(shifts)):
            bits, shift = row[parts[i, 0]] & parts[i, 1], shifts[i]
            bits = bits << U(shift) if shift >= 0 else bits >> U(-shift)
            to_rows[U(state * new_words) + parts[i, 2]] |= bits


@compiled
def values_of(rows: Any, words: int, begin: int, end: int, word: int, shift: Any, mask: Any, seen: Any) -> None:
    """Set `seen[v]` for every value v that a field has in rows `begin` to `end`."""
    for state in range(begin, end):
        seen[(rows[U(state * words + word)] >> shift) & mask] = True
