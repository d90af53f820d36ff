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
BUCKET = 8  # slots that are looked at together: a line of the cache
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


@intrinsic
def _find(typing_context: Any, slots: Any, bucket: Any, tag: Any) -> Any:  # noqa: ARG001
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        from llvmlite import ir

        word, byte = ir.IntType(64), ir.IntType(BUCKET)
        line = ir.VectorType(word, BUCKET)
        made = context.make_array(signature.args[0])(context, builder, arguments[0])
        pointer = builder.gep(made.data, [arguments[1]])
        entries = builder.load(builder.bitcast(pointer, line.as_pointer()), align=8)

        def equal(value: Any, shift: int) -> Any:
            wanted = ir.Constant(line, ir.Undefined)
            wanted = builder.insert_element(wanted, value, ir.IntType(32)(0))
            wanted = builder.shuffle_vector(
                wanted, ir.Constant(line, ir.Undefined), ir.Constant(ir.VectorType(ir.IntType(32), BUCKET), None)
            )
            shifted = builder.lshr(entries, ir.Constant(line, [word(shift)] * BUCKET)) if shift else entries
            return builder.zext(builder.bitcast(builder.icmp_unsigned("==", shifted, wanted), byte), word)

        return builder.or_(equal(arguments[2], 32), builder.shl(equal(word(0), 0), word(BUCKET)))

    return types.uint64(slots, types.uint64, types.uint64), generate


def find(slots: Any, at: Any, tag: Any) -> Any:
    """Where in the bucket at `slots[at]` a tag stands, as bits; and above those, where nothing does."""
    bits = 0
    for j in range(BUCKET):
        entry = int(slots[int(at) + j])
        bits |= (entry >> 32 == int(tag)) << j | (entry == 0) << (BUCKET + j)
    return U(bits)


@overload(find)
def _overload_find(slots, at, tag):  # type: ignore[no-untyped-def]  # noqa: ARG001
    return lambda slots, at, tag: _find(slots, at, tag)  # type: ignore[call-arg]


@njit(nogil=True, cache=True)
def at_row(entry: Any) -> Any:
    """The row that a slot points at; of an empty one the first row, which is as good as any to compare with."""
    number = entry & U(0xFFFFFFFF)
    return number - U(number != U(0))


@njit(nogil=True, cache=True)
def absorb(
    rows: Any, hashes: Any, slots: Any, counts: Any, size: int, unit: Any, source: Any, begin: int, end: int
) -> None:
    """Keep those rows of `source[begin:end]` that are new; each is followed by its hash.

    `unit` is a tuple as long as a row has words: the length is part of its type, so loops over words are unrolled. Rows
    are taken in batches: first their buckets are fetched, then the rows that may be the same, and then these are
    compared.
    """
    words = len(unit)
    width = words + 1
    scale = U(size // BUCKET)
    states = counts[STATES]
    likely = np.zeros(BATCH, np.uint64)  # the row that stands first under the tag, if one does
    while begin < end:
        stop = min(begin + BATCH * width, end)
        for at in range(begin, stop, width):
            fetch(slots, (((source[U(at + words)] >> U(32)) * scale) >> U(32)) * U(BUCKET))
        i = 0
        for at in range(begin, stop, width):
            tag = source[U(at + words)] >> U(32)
            bucket = ((tag * scale) >> U(32)) * U(BUCKET)
            bits = find(slots, bucket, tag) | U(1 << BUCKET - 1)  # some slot of the bucket in any case
            row = at_row(slots[bucket + lowest(bits)]) * U(words)
            likely[U(i)] = row
            fetch(rows, row)
            i += 1  # noqa: SIM113 - enumerate is slower here
        i = 0
        for at in range(begin, stop, width):
            differs = U(0)
            for w in range(words):
                differs |= rows[likely[U(i)] + U(w)] ^ source[U(at + w)]
            i += 1
            if differs == U(0) and states > 0:
                continue
            tag = source[U(at + words)] >> U(32)
            bucket = ((tag * scale) >> U(32)) * U(BUCKET)
            known = False
            while True:
                bits = find(slots, bucket, tag)
                same = bits & U((1 << BUCKET) - 1)
                while same != U(0):
                    row = at_row(slots[bucket + lowest(same)]) * U(words)
                    differs = U(0)
                    for w in range(words):
                        differs |= rows[row + U(w)] ^ source[U(at + w)]
                    known = known or (differs == U(0) and states > 0)
                    same &= same - U(1)
                if known or bits >> U(BUCKET) != U(0):
                    break
                bucket += U(BUCKET)
            if known:
                continue
            for w in range(words):
                rows[U(states * words + w)] = source[U(at + w)]
            hashes[U(states)] = source[U(at + words)]
            states += 1
            slots[bucket + lowest(bits >> U(BUCKET))] = (tag << U(32)) | U(states)
        begin = stop
    counts[STATES] = states


@njit(nogil=True, cache=True)
def locate(rows: Any, slots: Any, size: int, unit: Any, source: Any, begin: int, end: int, found: Any) -> None:
    """The number of each row of `source[begin:end]`, each followed by its hash; -1 for one that is not in the set."""
    words = len(unit)
    width = words + 1
    scale = U(size // BUCKET)
    for first in range(begin, end, BATCH * width):
        stop = min(first + BATCH * width, end)
        for at in range(first, stop, width):
            fetch(slots, (((source[U(at + words)] >> U(32)) * scale) >> U(32)) * U(BUCKET))
        for at in range(first, stop, width):
            tag = source[U(at + words)] >> U(32)
            bucket = ((tag * scale) >> U(32)) * U(BUCKET)
            number = np.int64(-1)
            while number < 0:
                bits = find(slots, bucket, tag)
                same = bits & U((1 << BUCKET) - 1)
                while same != U(0):
                    entry = slots[bucket + lowest(same)]
                    row = at_row(entry) * U(words)
                    differs = U(0)
                    for w in range(words):
                        differs |= rows[row + U(w)] ^ source[U(at + w)]
                    if differs == U(0) and entry != U(0):
                        number = np.int64(at_row(entry))
                    same &= same - U(1)
                if bits >> U(BUCKET) != U(0):
                    break
                bucket += U(BUCKET)
            found[(at - begin) // width] = number


@njit(nogil=True, cache=True)
def spread(slots: Any, old: int, new: int) -> None:
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
            place(slots, filled, buckets, entry)
    for i in range(aside):
        if front[i] != U(0):
            place(slots, filled, buckets, front[i])


@njit(nogil=True, cache=True)
def place(slots: Any, filled: Any, buckets: Any, entry: Any) -> None:
    """Put an entry into its bucket, or the first after it that has room; `filled` says how many each has."""
    bucket = ((entry >> U(32)) * buckets) >> U(32)
    while filled[bucket] == BUCKET:
        bucket += U(1)
    slots[bucket * U(BUCKET) + U(filled[bucket])] = entry
    filled[bucket] += np.uint8(1)


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
