"""Which variants of a family reach a state, take a step, meet a finding: sets of up to 64 as the bits of a word.

What may live here: what is kept of each state beside its row, and counting by bits; compiled by numba. A search of one
model has none of it: what is done for variants alone
stands under `len(family_shape) > 0`, which is known to the compiler.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mcfsm.kernel.intrinsics import U, add_bits
from mcfsm.kernel.jit import compiled

MOST = 64  # variants together
MARKS = 4  # what is kept of a state:
HASH, BEFORE, NOW, NOT_IN_SLEEP_SET = range(MARKS)  # its hash, the variants that came before this level and on it
ENTRY = 4  # what is kept of a state on the level that is expanded: its number, its hash,
STATE, ITS_HASH, NEW, SLEEP_SET = range(ENTRY)  # the variants that came to it now, and what need not be expanded
SLICES = 48  # bits of a count
STEPS = 16  # bits of the number of steps of one state


class Variants(NamedTuple):
    """What a search of many variants keeps of its states, and what a worker found out for which of them."""

    marks: NDArray[np.uint64]  # state x MARKS
    entries: NDArray[np.uint64]  # of the level that is expanded
    arrived: NDArray[np.uint64]  # states to which a variant came, each once
    active: NDArray[np.uint64]  # one word: the variants that go on
    taken: NDArray[np.uint64]  # how many steps there are, a bit of each variant's number in each word
    faults: NDArray[np.uint64]  # fault: the variants that met it
    hits: NDArray[np.uint64]  # property: the variants in which some state decides it
    failed: NDArray[np.uint64]  # one word: the variants in which some property cannot be evaluated
    seen: NDArray[np.uint64]  # covered operation x value: the variants that had it
    variants_in_group: NDArray[np.uint64]  # group: the variants that were in such a state
    program_bounds: NDArray[np.int64]  # where each of the properties' programs begins and ends
    variants_asking: NDArray[np.uint64]  # program: the variants that ask it
    variants_noting: NDArray[np.uint64]  # covered operation: the variants for which it is noted


_NOTHING = np.zeros(0, dtype=np.uint64)
NO_VARIANTS = Variants._make(
    [*[_NOTHING] * 10, np.zeros(0, dtype=np.int64), _NOTHING, _NOTHING]
)  # what a search of one model keeps


@compiled
def count(counts: Any, at: Any, variants: Any) -> None:
    """Add one to the number of each of some variants; a bit of each number lies in each of `counts[at]` and on."""
    while variants != U(0):
        before = counts[at]
        counts[at] = before ^ variants
        variants &= before
        at += U(1)


@compiled
def add(counts: Any, more: Any, at: int) -> None:
    """Add numbers of STEPS bits, which lie in `more[at]` and on, and leave zeros there."""
    for k in range(STEPS):
        variants = more[U(at + k)]
        if variants != U(0):
            count(counts, U(k), variants)
            more[U(at + k)] = U(0)


def numbers(counts: Any) -> list[int]:
    """The number of each variant."""
    return [sum((int(word) >> variant & 1) << k for k, word in enumerate(counts)) for variant in range(MOST)]


@compiled(inline="always")
def arrive(marks: Any, at: Any, fresh: Any, sleep_set: Any, alone: bool) -> Any:
    """Let variants come to a state that are new there, all but `sleep_set` of which is to be expanded for them.

    Its marks stand at `marks[at]`. Whether it is the first time on this level comes back.
    """
    if alone:
        before = marks[at + U(NOW)]
        marks[at + U(NOW)] = before | fresh
        marks[at + U(NOT_IN_SLEEP_SET)] |= ~sleep_set
    else:
        before = add_bits(marks, at + U(NOW), fresh)
        add_bits(marks, at + U(NOT_IN_SLEEP_SET), ~sleep_set)
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
        variants = v.marks[at + U(NOW)]
        v.entries[entry + U(STATE)] = number
        v.entries[entry + U(ITS_HASH)] = v.marks[at + U(HASH)]
        v.entries[entry + U(NEW)] = variants
        v.entries[entry + U(SLEEP_SET)] = ~v.marks[at + U(NOT_IN_SLEEP_SET)]
        v.marks[at + U(BEFORE)] |= variants
        v.marks[at + U(NOW)] = U(0)
        v.marks[at + U(NOT_IN_SLEEP_SET)] = U(0)
        count(counts, U(0), variants)
        everybody |= variants
    return everybody


@compiled
def values_of(
    v: Variants, rows: Any, words: int, word: int, shift: Any, mask: Any, begin: int, end: int, reached_by: Any
) -> None:
    """Add the variants that reached the states of some entries to `reached_by[x]`, x being what a field has there."""
    for i in range(begin, end):
        entry = U(ENTRY * i)
        value = (rows[v.entries[entry + U(STATE)] * U(words) + U(word)] >> shift) & mask
        reached_by[value] |= v.entries[entry + U(NEW)] & v.active[0]
