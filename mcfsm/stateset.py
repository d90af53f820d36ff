"""The set of states: full rows, and slots of hash and number that find them; compiled by numba.

Rows lie one after another and never move, but to be packed anew. A slot is the hash scaled to the number of slots
(multiply and shift), a collision goes to the next; so slots stay in the order of hashes, and growing is one pass.
Nothing is compared by hash alone: a state is new if no row equals it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit, types
from numba.core import cgutils
from numba.extending import intrinsic, overload

STATES = 0  # where the number of states stands in a worker's counts
BATCH = 128  # rows whose places are fetched before the first of them is looked at
U: Any = np.uint64  # an index of this type is used as it is; a signed one is first asked whether it is negative


@intrinsic
def _prefetch(typing_context: Any, array: Any, index: Any) -> Any:  # noqa: ARG001
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        from llvmlite import ir

        made = context.make_array(signature.args[0])(context, builder, arguments[0])
        pointer = builder.gep(made.data, [arguments[1]])
        byte = builder.bitcast(pointer, ir.IntType(8).as_pointer())
        i32 = ir.IntType(32)
        kind = ir.FunctionType(ir.VoidType(), [byte.type, i32, i32, i32])
        function = cgutils.get_or_insert_function(builder.module, kind, "llvm.prefetch.p0")  # type: ignore[no-untyped-call]
        builder.call(function, [byte, i32(0), i32(3), i32(1)])
        return context.get_dummy_value()

    return types.void(array, index), generate


def fetch(array: Any, index: Any) -> None:
    """Bring a place of an array near; does nothing in plain Python."""


@overload(fetch)
def _fetch(array, index):  # type: ignore[no-untyped-def]  # noqa: ARG001
    return lambda array, index: _prefetch(array, index)  # type: ignore[call-arg]


@njit(nogil=True, cache=True)
def absorb(
    rows: Any, hashes: Any, slots: Any, counts: Any, size: int, unit: Any, source: Any, begin: int, end: int
) -> None:
    """Keep those rows of `source[begin:end]` that are new; each is followed by its hash.

    `unit` is a tuple as long as a row has words: the length is part of its type, so loops over words are unrolled. Rows
    are taken in batches: first their slots are fetched, then the rows these point at, and then they are compared.
    """
    words = len(unit)
    width = words + 1
    scale = U(size)
    states = counts[STATES]
    while begin < end:
        stop = min(begin + BATCH * width, end)
        for at in range(begin, stop, width):
            fetch(slots, ((source[U(at + words)] >> U(32)) * scale) >> U(32))
        for at in range(begin, stop, width):
            entry = slots[((source[U(at + words)] >> U(32)) * scale) >> U(32)]
            fetch(rows, (entry & U(0xFFFFFFFF)) * U(words))  # one row on: the number is one more, and 0 is no row
        for at in range(begin, stop, width):
            tag = source[U(at + words)] >> U(32)
            slot = (tag * scale) >> U(32)
            while True:
                entry = slots[slot]
                if entry == U(0):
                    for w in range(words):
                        rows[U(states * words + w)] = source[U(at + w)]
                    hashes[U(states)] = source[U(at + words)]
                    states += 1
                    slots[slot] = (tag << U(32)) | U(states)
                    break
                if entry >> U(32) == tag:
                    row = ((entry & U(0xFFFFFFFF)) - U(1)) * U(words)
                    differs = U(0)
                    for w in range(words):
                        differs |= rows[row + U(w)] ^ source[U(at + w)]
                    if differs == U(0):
                        break
                slot += U(1)
        begin = stop
    counts[STATES] = states


@intrinsic
def _count_zeros(typing_context: Any, value: Any) -> Any:  # noqa: ARG001
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:  # noqa: ARG001
        from llvmlite import ir

        return builder.cttz(arguments[0], ir.IntType(1)(True))

    return types.uint64(types.uint64), generate


def lowest(value: Any) -> Any:
    """The number of the lowest bit that is set, in a word that is not zero."""
    return U((int(value) & -int(value)).bit_length() - 1)


@overload(lowest)
def _lowest(value):  # type: ignore[no-untyped-def]  # noqa: ARG001
    return lambda value: _count_zeros(value)  # type: ignore[call-arg]


@njit(nogil=True, cache=True)
def spread(slots: Any, old: int, new: int) -> None:
    """Grow the set of states in place from `old` to `new` slots; both end with room for entries pushed beyond them.

    A slot is the hash scaled to the size, so entries keep their order and move up only: the last goes first. Those near
    the front move less than a run of full slots is long, so they are set aside before.
    """
    aside = min(old, 1 << 17)
    kept = np.zeros(aside, np.uint64)
    for i in range(aside):
        kept[i] = slots[i]
        slots[i] = np.uint64(0)
    i = len(slots) - 1
    while i >= aside:
        entry = slots[i]
        if entry != np.uint64(0):
            slots[i] = np.uint64(0)
            place(slots, new, entry)
        i -= 1
    for i in range(aside):
        if kept[i] != np.uint64(0):
            place(slots, new, kept[i])


@njit(nogil=True, cache=True)
def place(slots: Any, size: int, entry: Any) -> None:
    """Put an entry into the first free slot from its own."""
    slot = np.int64(((entry >> np.uint64(32)) * np.uint64(size)) >> np.uint64(32))
    while slots[slot] != np.uint64(0):
        slot += 1
    slots[slot] = entry


@njit(nogil=True, cache=True)
def repack(rows: Any, count: int, old: Any, old_words: int, new: Any, new_words: int) -> None:
    """Write every row in another layout, in place: from the last where rows grow."""
    word, shift, mask = old
    to_word, to_shift, _ = new
    ids = np.zeros(len(word), np.uint64)
    for i in range(count):
        state = count - 1 - i if new_words > old_words else i
        for c in range(len(word)):
            ids[c] = (rows[state * old_words + word[c]] >> shift[c]) & mask[c]
        for w in range(new_words):
            rows[state * new_words + w] = np.uint64(0)
        for c in range(len(word)):
            rows[state * new_words + to_word[c]] |= ids[c] << to_shift[c]
