"""Properties as programs over small values, and how they are run on a row; compiled by numba.

What may live here: the operations, and looking values up. What may not: what a property means, which its tables say.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mcfsm.kernel.arrays import ALL, COMPONENT, MASK, SHIFT, UNKNOWN, WORD, Arrays
from mcfsm.kernel.intrinsics import U
from mcfsm.kernel.jit import compiled
from mcfsm.kernel.worker import REQUEST, REQUESTED, SearchArrays, field, request_entry

FIRST, SECOND, ENTRIES, ELSE, END = range(5)  # what an operation of a program says,
OPERATION = 5  # and how long it is
LEAF, SKIP = -1, -2  # in the place of the second operand
JUDGED = 1 << 17  # situations that a worker remembers, a power of 2: they stay in a near cache
MIX = 0x9E3779B97F4A7C15
PROGRAM = 6  # where each of some programs begins and ends that lie one after another
FIRST_CODE, LAST_CODE, FIRST_ROOT, LAST_ROOT, FIRST_COVER, LAST_COVER = range(PROGRAM)


class Program(NamedTuple):
    """Properties as straight-line code over small values.

    An operation is a leaf (the value of one component: component, LEAF, table), a join of two earlier values
    (operation, operation, table), or a skip: where an earlier value is what `ENTRIES` says, the operation before END
    has the value ELSE, and those up to END are left out.
    """

    code: NDArray[np.int32]
    roots: NDArray[np.int32]  # operations that say of a property 0 (no), 1 (decides) or 2 (an error)
    rooted: NDArray[np.int32]  # and of which
    covers: NDArray[np.int32]  # operations whose values are noted
    noted: NDArray[np.int32]  # and where


class Situations(NamedTuple):
    """Situations in which nothing was found and all is noted: the bits of a row that a program reads, and their values.

    Most steps change nothing that a property reads, and states that lie near each other were reached by such steps. A
    worker keeps them from one slice to the next (decision 0051): they are the same for one program and one layout.
    """

    mask: NDArray[np.uint64]  # of each word of a row
    rows: NDArray[np.uint64]
    there: NDArray[np.bool_]


def nothing_judged(words: int) -> tuple[NDArray[np.uint64], NDArray[np.bool_]]:
    """Room for situations, of which none is there."""
    return np.empty(JUDGED * words, np.uint64), np.zeros(JUDGED, np.bool_)


@compiled
def situations(t: Arrays, code: Any, words: int, rows: Any, there: Any) -> Situations:
    """Those of a program, in the room that a worker has for them."""
    mask = np.zeros(words, np.uint64)
    for op in range(len(code) // OPERATION):
        if code[op * OPERATION + SECOND] == LEAF:
            p = U(COMPONENT * code[op * OPERATION + FIRST])
            mask[t.place[p + U(WORD)]] |= U(t.place[p + U(MASK)]) << U(t.place[p + U(SHIFT)])
    return Situations(mask, rows, there)


@compiled
def place_among(judged: Situations, rows: Any, row: Any) -> Any:
    """The place that the situation of a row has among those that are remembered."""
    hash_ = U(0)
    for w in range(len(judged.mask)):
        hash_ = (hash_ ^ (rows[row + U(w)] & judged.mask[w])) * U(MIX)
    return (hash_ >> U(40)) & U(len(judged.there) - 1)


@compiled
def is_judged(judged: Situations, place: Any, rows: Any, row: Any) -> bool:
    """Whether the situation of a row is the one that is remembered in its place."""
    if not judged.there[place]:
        return False
    for w in range(len(judged.mask)):
        if judged.rows[place * U(len(judged.mask)) + U(w)] != rows[row + U(w)] & judged.mask[w]:
            return False
    return True


@compiled
def remember(judged: Situations, place: Any, rows: Any, row: Any) -> None:
    """Remember the situation of a row, in the place of another."""
    judged.there[place] = True
    for w in range(len(judged.mask)):
        judged.rows[place * U(len(judged.mask)) + U(w)] = rows[row + U(w)] & judged.mask[w]


@compiled
def run_program(t: Arrays, code: Any, rows: Any, row: Any, values: Any, requested: Any, counts: Any) -> bool:
    """Run the properties' program on the row that begins at `rows[row]`; whether every entry was there.

    Where one is not, whatever does not depend on it is looked up all the same, so that all that is missing is asked for
    at once; nothing else is.
    """
    op, end, known = 0, len(code) // OPERATION, True
    while op < end:
        at = U(op * OPERATION)
        first, second, table = code[at + U(FIRST)], code[at + U(SECOND)], code[at + U(ENTRIES)]
        if second == SKIP:
            if values[U(first)] == table:
                op = code[at + U(END)]
                values[U(op - 1)] = code[at + U(ELSE)]
            elif values[U(first)] < 0:
                op = code[at + U(END)]
                values[U(op - 1)] = UNKNOWN
            else:
                op += 1
            continue
        if second == LEAF:
            line, column = 0, np.int64(field(t.place, rows, row, U(COMPONENT * first)))
        else:
            line, column = values[U(first)], values[U(second)]
            if line < 0 or column < 0:
                values[U(op)] = UNKNOWN
                op += 1
                continue
        value = UNKNOWN
        if line < t.height[U(table)] and column < t.stride[U(table)]:
            value = t.arena[U(t.offset[U(table)] + line * t.stride[U(table)] + column)]
        if value < 0:
            request_entry(requested, counts, U(table), U(line), U(column), U(ALL))
            known = False
        values[U(op)] = value
        op += 1
    return known


@compiled
def evaluate(
    t: Arrays, row_shape: Any, program: Program, search: SearchArrays, begin: int, end: int, asked: Any, column: Any
) -> int:
    """What the roots of a program say of states `begin` to `end`, into `column[root, state - begin]` where it is asked.

    The first state comes back for which entries are missing, or `end`: `search` then names those, and some of others.
    """
    words, done = len(row_shape), end
    values = np.zeros(max(1, len(program.code) // OPERATION), np.int64)
    for state in range(begin, end):
        if REQUEST * search.counts[REQUESTED] >= len(search.requested):
            break
        if not asked[state - begin]:
            continue
        if not run_program(t, program.code, search.rows, U(state * words), values, search.requested, search.counts):
            done = min(done, state)
            continue
        for i in range(len(program.roots)):
            column[i, state - begin] = values[program.roots[i]]
    return done
