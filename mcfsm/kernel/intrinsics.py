"""What the compiled search asks of the processor and numba does not offer: as plain functions, which do the same.

What may live here: single instructions. `instructions` says how each is compiled. What the processor does in one step
for all threads, a lock does in plain Python, which may change threads between any two of its own steps.
"""

from __future__ import annotations

import threading
from typing import Any

import numpy as np

from mcfsm.kernel.jit import before_compiling

BUCKET = 8  # slots that are looked at together: a line of the cache
U: Any = np.uint64  # an index of this type is used as it is; a signed one is first asked whether it is negative
before_compiling("mcfsm.kernel.instructions")
_one_step = threading.Lock()


def fetch(array: Any, index: Any) -> None:
    """Prefetch a cache line of an array; does nothing in plain Python."""


def lowest(value: Any) -> Any:
    """The number of the lowest bit that is set, in a word that is not zero."""
    return U((int(value) & -int(value)).bit_length() - 1)


def find(slots: Any, at: Any, tag: Any) -> Any:
    """Where in the bucket at `slots[at]` a tag stands, as bits; and above those, where nothing does."""
    bits = 0
    for j in range(BUCKET):
        entry = int(slots[int(at) + j])
        bits |= (entry >> 32 == int(tag)) << j | (entry == 0) << (BUCKET + j)
    return U(bits)


def claim(slots: Any, at: Any, entry: Any) -> bool:
    """Put an entry into a slot if that is empty, in one step for all threads; whether it was."""
    with _one_step:
        empty = bool(slots[at] == 0)
        if empty:
            slots[at] = entry
        return empty


def keep_bits(array: Any, at: Any, bits: Any) -> None:
    """Clear what is not among some bits in a word, in one step for all threads."""
    with _one_step:
        array[at] &= bits


def add_bits(array: Any, at: Any, bits: Any) -> Any:
    """Set some bits in a word, in one step for all threads; what it was before."""
    with _one_step:
        before = array[at]
        array[at] |= bits
        return before
