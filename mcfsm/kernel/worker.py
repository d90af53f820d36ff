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
from mcfsm.kernel.remembered import NOTHING, Judged
from mcfsm.kernel.state_set import ARRIVED, NO_LEVEL, STATES, LevelData
from mcfsm.kernel.variant_sets import NO_VARIANTS, Variants

DONE, REQUESTS, GROW, HITS, OUT = range(5)  # why `expand` came back
LIMIT, TRANSITIONS, REQUESTED, RETRY, FOUND, NEXT, LEFT = range(
    ARRIVED + 1, ARRIVED + 8
)  # what stands where in `counts`
PERMUTATION = 32  # in `steps`, the bits of a move below the permutation of its successor
DEADLOCK = 0  # among the faults; then the tables' subjects
REQUEST = 4  # words of a request
FAULT, DECIDED, FAILED = range(3)  # kinds of findings: a fault, or the value that a property's root has in the state
FINDING = 3  # what is noted of a finding: its kind, which fault or property, the state


def new_counts(first: int = 0) -> NDArray[np.int64]:
    """The counts of a worker that has no states yet, and numbers them from `first` on."""
    counts = np.zeros(64, dtype=np.int64)  # wider than used: no two workers write into one line of the cache
    counts[STATES] = first
    return counts


_NOTHING, _NOBODY = np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.uint64)


class SearchArrays(NamedTuple):
    """The states that all workers share, the set of them, and the lists that one worker hands back.

    What stands for nothing by default is left out of a search: its sleep sets, properties, recorded steps, variants.
    """

    rows: NDArray[np.uint64]
    counts: NDArray[np.int64]  # of this worker: `new_counts`
    requested: NDArray[np.uint64]  # table, row, column of each entry requested, and the variants that ask
    retry: NDArray[np.int64]  # states to be retried
    found: NDArray[np.int64]  # kind, fault or property, state of each finding
    fault_level: NDArray[np.int32]  # fault: the level it was first met at, or -1
    fired: NDArray[np.uint64]  # move: the variants that took it, as bits
    out: NDArray[np.uint64]  # successors: words, hash, sleep set
    now: LevelData
    next: LevelData = NO_LEVEL
    slots: NDArray[np.uint64] = _NOBODY  # 0, or hash << 32 | state + 1
    hit_level: NDArray[np.int32] = _NOTHING.astype(np.int32)  # property: the level that first decides it, or -1
    seen: NDArray[np.uint8] = _NOTHING.astype(np.uint8)  # covered operation x value: 1 once it had it
    judged: Judged = NOTHING  # what is remembered of properties
    steps: NDArray[np.int64] = (
        _NOTHING  # of each successor, if asked for: its state; its move and, above, a permutation
    )
    wanted: NDArray[np.uint64] = _NOBODY  # if not empty, a bit for each beginning of a hash of what is handed out
    family: Variants = NO_VARIANTS


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
