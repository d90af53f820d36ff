"""Packed rows in order, word by word, the first word above all: sorted, each once, without those of others, and short.

What may live here: arrays of rows, one after another, whose order is that of their words; compiled by numba.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from mcfsm.kernel.intrinsics import U, lowest
from mcfsm.kernel.jit import compiled

_DIGIT = 11  # bits that are sorted by at a time


@compiled
def sort_rows(rows: Any, spare: Any, words: int, count: int) -> None:
    """Sort the first `count` rows, digit by digit from the last one on; `spare` has room for as many (Knuth 5.2.5).

    A digit that is the same in all rows is left out.
    """
    source, target = rows, spare
    starts = np.zeros((1 << _DIGIT) + 1, np.int64)
    for word in range(words - 1, -1, -1):
        differs = U(0)
        for i in range(1, count):
            differs |= source[U(i * words + word)] ^ source[U(word)]
        for shift in range(0, 64, _DIGIT):
            if (differs >> U(shift)) & U((1 << _DIGIT) - 1) == U(0):
                continue
            starts[:] = 0
            for i in range(count):
                starts[((source[U(i * words + word)] >> U(shift)) & U((1 << _DIGIT) - 1)) + U(1)] += 1
            for digit in range(1 << _DIGIT):
                starts[digit + 1] += starts[digit]
            for i in range(count):
                digit = (source[U(i * words + word)] >> U(shift)) & U((1 << _DIGIT) - 1)
                at = starts[digit] * words
                starts[digit] += 1
                for w in range(words):
                    target[U(at + w)] = source[U(i * words + w)]
            source, target = target, source
    if count > 0 and source is not rows:
        rows[: count * words] = source[: count * words]


@compiled
def gather(source: Any, words: int, begin: int, end: int, known: Any, filled: Any, rows: Any, count: int) -> int:
    """Take successors `begin` to `end`, as `insert_new` has them, over behind the first `count` rows; how many then.

    Left out are those that were taken over before and are still `known`: of all rows with a hash that begins alike the
    last one is, where that is `filled`.
    """
    scale = U(len(filled))
    for i in range(begin, end):
        at = i * (words + 2)
        place = ((source[U(at + words)] >> U(32)) * scale) >> U(32)
        same = filled[place]
        for w in range(words):
            same &= known[place * U(words) + U(w)] == source[U(at + w)]
        if not same:
            filled[place] = True
            for w in range(words):
                known[place * U(words) + U(w)] = rows[U(count * words + w)] = source[U(at + w)]
            count += 1
    return count


@compiled
def compare(rows: Any, i: Any, others: Any, j: Any, words: int) -> int:
    """Below zero, zero or above it, as row `i` comes before row `j` of others, is the same, or comes after it."""
    for w in range(words):
        one, other = rows[U(i * words + w)], others[U(j * words + w)]
        if one != other:
            return -1 if one < other else 1
    return 0


@compiled
def once(rows: Any, words: int, count: int) -> int:
    """Move each of the first `count` rows, which are sorted, to the front once; how many there are."""
    kept = min(count, 1)
    for i in range(1, count):
        if compare(rows, i, rows, kept - 1, words) != 0:
            for w in range(words):
                rows[U(kept * words + w)] = rows[U(i * words + w)]
            kept += 1
    return kept


@compiled
def without(rows: Any, words: int, begin: int, end: int, kept: int, known: Any, count: int) -> int:
    """Move those of rows `begin` to `end` that are not among the first `count` known ones behind row `kept`.

    Both are sorted, and `kept` is at most `begin`. How many rows are kept now.
    """
    at = 0
    for i in range(begin, end):
        order = -1
        while at < count:
            order = compare(rows, i, known, at, words)
            if order <= 0:
                break
            at += 1
        if order != 0:
            for w in range(words):
                rows[U(kept * words + w)] = rows[U(i * words + w)]
            kept += 1
    return kept


@compiled
def first_from(rows: Any, words: int, begin: int, end: int, others: Any, which: int) -> int:
    """The first of rows `begin` to `end`, which are sorted, that is not before one row of others; `end` if none is."""
    while begin < end:
        middle = (begin + end) // 2
        if compare(rows, middle, others, which, words) < 0:
            begin = middle + 1
        else:
            end = middle
    return begin


@compiled
def cut(rows: Any, words: int, begin: int, end: int, others: Any, count: int, cuts: Any) -> None:
    """For each of the first `count` rows of others the first of rows `begin` to `end` that is not before it."""
    at = begin
    for j in range(count):
        reach = 1  # twice as far each time, then back: what is looked for may be near or far
        while at + reach < end and compare(rows, at + reach, others, j, words) < 0:
            at += reach
            reach *= 2
        at = first_from(rows, words, at, min(end, at + reach), others, j)
        cuts[j] = at


@compiled
def encode(rows: Any, words: int, count: int, number: int, block: int, before: Any, out: Any, starts: Any) -> int:
    """Write rows as what differs in each from the row before it; how many bytes `out` has then.

    Of each word there is a byte with a bit for each byte that differs, and these bytes: nine at most. Rows are numbered
    from `number` on; one that begins a block is written as if a row of zeros were before it, and `starts` says where,
    in turn. `before` is the row before the first, and the last one afterwards.
    """
    at = blocks = 0
    for i in range(count):
        if (number + i) % block == 0:
            before[:words] = U(0)
            starts[blocks] = at
            blocks += 1
        for w in range(words):
            row = rows[U(i * words + w)]
            differs, which, mask = row ^ before[w], at, U(0)
            before[w] = row
            at += 1
            while differs != U(0):
                shift = lowest(differs) & U(56)  # of the lowest byte that differs
                mask |= U(1) << (shift >> U(3))
                out[U(at)] = (row >> shift) & U(255)
                at += 1
                differs &= ~(U(255) << shift)
            out[U(which)] = mask
    return at


@compiled
def decode(source: Any, words: int, count: int, block: int, rows: Any) -> None:
    """Write `count` rows that `encode` wrote, from the first of a block on."""
    at = 0
    for i in range(count):
        for w in range(words):
            row = U(0) if i % block == 0 else rows[U((i - 1) * words + w)]
            mask = U(source[U(at)])
            at += 1
            while mask != U(0):
                shift = lowest(mask) << U(3)
                row = (row & ~(U(255) << shift)) | (U(source[U(at)]) << shift)
                at += 1
                mask &= mask - U(1)
            rows[U(i * words + w)] = row
