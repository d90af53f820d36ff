"""What the compiled search is given and hands back: the states of all workers, and the lists of one.

What may live here: what stands where in these lists, and small functions that write into them; compiled by numba.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mcfsm.kernel.arrays import MASK, SHIFT, WORD
from mcfsm.kernel.intrinsics import U
from mcfsm.kernel.jit import compiled
from mcfsm.kernel.state_set import ARRIVED, LevelData
from mcfsm.kernel.variant_sets import Variants

DONE, REQUESTS, GROW, HITS, OUT = range(5)  # why `expand` came back
LIMIT, TRANSITIONS, REQUESTED, RETRY, FOUND, NEXT, LEFT = range(
    ARRIVED + 1, ARRIVED + 8
)  # what stands where in `counts`
PERMUTATION = 32  # in `steps`, the bits of a move below the permutation of its successor
DEADLOCK = 0  # among the faults; then the tables' subjects
REQUEST = 4  # words of a request
FAULT, DECIDED, FAILED = range(3)  # kinds of findings: a fault, or the value that a property's root has in the state
FINDING = 3  # what is noted of a finding: its kind, which fault or property, the state


class SearchArrays(NamedTuple):
    """The states that all workers share, the set of them, and the lists that one worker hands back."""

    rows: NDArray[np.uint64]
    now: LevelData
    next: LevelData
    slots: NDArray[np.uint64]  # 0, or hash << 32 | state + 1
    counts: NDArray[np.int64]  # of this worker
    requested: NDArray[np.uint64]  # table, row, column of each entry requested, and the variants that ask
    retry: NDArray[np.int64]  # states to be retried
    found: NDArray[np.int64]  # kind, fault or property, state of each finding
    fault_level: NDArray[np.int32]  # fault: the level it was first met at, or -1
    hit_level: NDArray[np.int32]  # property: the same
    fired: NDArray[np.uint64]  # move: the variants that took it, as bits
    seen: NDArray[np.uint8]  # covered operation x value: 1 once it had it
    out: NDArray[np.uint64]  # successors: words, hash, sleep set
    steps: NDArray[np.int64]  # of each, if asked for: its state; its move and, above it, a permutation
    wanted: NDArray[np.uint64]  # if not empty, a bit for each beginning of a hash: what has none is not handed out
    family: Variants


@compiled
def request_entry(requested: Any, counts: Any, table: Any, row: Any, column: Any, variants: Any) -> None:
    """Request an entry that is not filled, if there is room: a state that finds it missing is retried."""
    at = REQUEST * counts[REQUESTED]
    if at < len(requested):
        requested[at] = U(table)
        requested[at + 1] = U(row)
        requested[at + 2] = U(column)
        requested[at + 3] = variants
        counts[REQUESTED] += 1


@compiled
def note_finding(found: Any, counts: Any, levels: Any, kind: Any, which: Any, state: Any, level: Any) -> None:
    """Keep a finding if it is of the first level that has it."""
    if levels[which] == -1:
        levels[which] = level
    at = FINDING * counts[FOUND]
    if levels[which] == level and at < len(found):
        found[at] = kind
        found[at + 1] = which
        found[at + 2] = state
        counts[FOUND] += 1


@compiled
def field(place: Any, rows: Any, row: Any, p: Any) -> Any:
    """The id of the component whose record is `place[p]`, in the row that begins at `rows[row]`."""
    return (rows[row + place[p + U(WORD)]] >> place[p + U(SHIFT)]) & place[p + U(MASK)]
