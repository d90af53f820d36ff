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
SLOT_AHEAD, ROW_AHEAD = 40, 16  # how far ahead of its use a slot, and then a row, is fetched


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
def absorb(rows: Any, slots: Any, counts: Any, size: int, unit: Any, source: Any, at: int, hash_: Any) -> bool:
    """Whether the row at `source[at:]` is new; if so it is kept."""
    words = len(unit)
    tag = hash_ >> np.uint64(32)
    slot = np.int64((tag * np.uint64(size)) >> np.uint64(32))
    while True:
        entry = slots[np.uint64(slot)]
        if entry == np.uint64(0):
            state = counts[STATES]
            for w in range(words):
                rows[state * words + w] = source[at + w]
            slots[slot] = (tag << np.uint64(32)) | np.uint64(state + 1)
            counts[STATES] = state + 1
            return True
        if entry >> np.uint64(32) == tag:
            state = np.int64(entry & np.uint64(0xFFFFFFFF)) - 1
            same = True
            for w in range(words):
                if rows[state * words + w] != source[at + w]:
                    same = False
                    break
            if same:
                return False
        slot += 1


@njit(nogil=True, cache=True)
def absorb_all(rows: Any, slots: Any, counts: Any, size: int, unit: Any, source: Any, count: int) -> None:
    """Absorb many rows, each followed by its hash, fetching ahead."""
    words = len(unit)
    width = words + 1
    for i in range(count + SLOT_AHEAD):
        if i < count:
            tag = source[i * width + words] >> np.uint64(32)
            fetch(slots, np.int64((tag * np.uint64(size)) >> np.uint64(32)))
        j = i - (SLOT_AHEAD - ROW_AHEAD)
        if 0 <= j < count:
            near(rows, slots, size, words, source[j * width + words])
        k = i - SLOT_AHEAD
        if k >= 0:
            absorb(rows, slots, counts, size, unit, source, k * width, source[k * width + words])


@njit(nogil=True, cache=True)
def near(rows: Any, slots: Any, size: int, words: int, hash_: Any) -> None:
    """Fetch the row that a hash's slot points at."""
    tag = hash_ >> np.uint64(32)
    entry = slots[(tag * np.uint64(size)) >> np.uint64(32)]
    if entry >> np.uint64(32) == tag:
        fetch(rows, (np.int64(entry & np.uint64(0xFFFFFFFF)) - 1) * words)


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
