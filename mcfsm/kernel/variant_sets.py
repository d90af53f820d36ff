"""Which variants of a family reach a state, take a step, meet a finding: sets of up to 64 as the bits of a word.

What may live here: what is kept of each state beside its row, and counting by bits; compiled by numba. A search of one
model has none of it: what is done for variants alone stands under `len(several) > 0`, which is known to the compiler.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mcfsm.kernel.intrinsics import U, add_bits
from mcfsm.kernel.jit import compiled

MOST = 64  # variants together
MARKS = 4  # what is kept of a state:
HASH, BEFORE, NOW, AWAKE = range(MARKS)  # the variants that came to it before this level and by it; what may not sleep
ENTRY = 4  # what is kept of a state on the level that is expanded: its number, its hash,
STATE, ITS_HASH, NEW, ASLEEP = range(ENTRY)  # the variants that came to it now, and what need not be expanded
SLICES = 48  # bits of a count
STEPS = 16  # bits of the number of steps of one state


class Variants(NamedTuple):
    """What a search of many variants keeps of its states, and what a worker found out for which of them."""

    marks: NDArray[np.uint64]  # state x MARKS
    entries: NDArray[np.uint64]  # of the level that is expanded
    arrived: NDArray[np.uint64]  # states to which a variant came, each once
    active: NDArray[np.uint64]  # one word: the variants that go on
    taken: NDArray[np.uint64]  # how many steps there are, a bit of each variant's number in each word
    faults: NDArray[np.uint64]  # fault: who met it
    hits: NDArray[np.uint64]  # property: in whom some state decides it
    failed: NDArray[np.uint64]  # one word: in whom some property cannot be evaluated
    seen: NDArray[np.uint64]  # covered operation x value: who had it
    met: NDArray[np.uint64]  # group: who was in such a state
    programs: NDArray[np.int64]  # the properties' programs, one after another: what is whose
    askers: NDArray[np.uint64]  # and who asks
    noters: NDArray[np.uint64]  # of each operation that is noted, for whom


_NOTHING = np.zeros(0, dtype=np.uint64)
ALONE = Variants._make(
    [*[_NOTHING] * 10, np.zeros(0, dtype=np.int64), _NOTHING, _NOTHING]
)  # what a search of one model keeps


@compiled
def count(counts: Any, at: Any, bits: Any) -> None:
    """Add one to the number of each of some variants; a bit of each number lies in each of `counts[at]` and on."""
    while bits != U(0):
        before = counts[at]
        counts[at] = before ^ bits
        bits &= before
        at += U(1)


@compiled
def add(counts: Any, more: Any, at: int) -> None:
    """Add numbers of STEPS bits, which lie in `more[at]` and on, and leave zeros there."""
    for k in range(STEPS):
        bits = more[U(at + k)]
        if bits != U(0):
            count(counts, U(k), bits)
            more[U(at + k)] = U(0)


def numbers(counts: Any) -> list[int]:
    """The number of each variant."""
    return [sum((int(word) >> variant & 1) << k for k, word in enumerate(counts)) for variant in range(MOST)]


@compiled(inline="always")
def arrive(marks: Any, at: Any, fresh: Any, sleep: Any, alone: bool) -> Any:
    """Let variants come to a state that are new there, all but `sleep` of which is to be expanded for them.

    Its marks stand at `marks[at]`. Whether it is the first time on this level comes back.
    """
    if alone:
        before = marks[at + U(NOW)]
        marks[at + U(NOW)] = before | fresh
        marks[at + U(AWAKE)] |= ~sleep
    else:
        before = add_bits(marks, at + U(NOW), fresh)
        add_bits(marks, at + U(AWAKE), ~sleep)
    return before == U(0)


@compiled
def next_level(v: Variants, arrived: int, begin: int, counts: Any) -> Any:
    """Make entries, from `begin` on, of the states that a worker let variants arrive at; all these variants come back.

    `counts` has the numbers of states of each variant, to which these are added.
    """
    everybody = U(0)
    for i in range(arrived):
        number = v.arrived[U(i)]
        at, entry = number * U(MARKS), U(ENTRY * (begin + i))
        bits = v.marks[at + U(NOW)]
        v.entries[entry + U(STATE)] = number
        v.entries[entry + U(ITS_HASH)] = v.marks[at + U(HASH)]
        v.entries[entry + U(NEW)] = bits
        v.entries[entry + U(ASLEEP)] = ~v.marks[at + U(AWAKE)]
        v.marks[at + U(BEFORE)] |= bits
        v.marks[at + U(NOW)] = U(0)
        v.marks[at + U(AWAKE)] = U(0)
        count(counts, U(0), bits)
        everybody |= bits
    return everybody


@compiled
def values_of(
    v: Variants, rows: Any, words: int, word: int, shift: Any, mask: Any, begin: int, end: int, who: Any
) -> None:
    """Add to `who[x]`, for every value x that a field has in the states of some entries, those that came there."""
    for i in range(begin, end):
        entry = U(ENTRY * i)
        value = (rows[v.entries[entry + U(STATE)] * U(words) + U(word)] >> shift) & mask
        who[value] |= v.entries[entry + U(NEW)] & v.active[0]
