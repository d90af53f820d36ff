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
from mcfsm.kernel.remembered import (
    ASKED,
    BITS,
    BY_SHIFT,
    CLASSES,
    ID_MASK,
    ID_SHIFT,
    ID_WORD,
    IN_WORD,
    LOOK,
    OF,
    OFFSET,
    TABLE,
    TO_BITS,
    TO_SHIFT,
    TO_WORD,
    WIDTH,
    Judged,
)
from mcfsm.kernel.worker import REQUEST, REQUESTED, SearchArrays, field, request_entry

FIRST, SECOND, ENTRIES, ELSE, END = range(5)  # what an operation of a program says,
OPERATION = 5  # and how long it is
LEAF, SKIP = -1, -2  # in the place of the second operand
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


@compiled(inner=True)
def find_places(t: Arrays, judged: Judged) -> None:
    """Find where the components that a program reads stand in rows, and their classes in tables."""
    classes, looks = judged.classes, judged.looks
    for i in range(len(classes) // CLASSES):
        at, line = LOOK * i, CLASSES * i
        p, table = COMPONENT * classes[line + OF], classes[line + TABLE]
        looks[at + ID_WORD], looks[at + ID_SHIFT] = t.place[p + WORD], t.place[p + SHIFT]
        looks[at + ID_MASK], looks[at + OFFSET] = t.place[p + MASK], t.offset[table]
        looks[at + WIDTH], looks[at + ASKED] = t.stride[table], table
        looks[at + TO_WORD], looks[at + TO_SHIFT] = classes[line + IN_WORD], classes[line + BY_SHIFT]
        looks[at + TO_BITS] = classes[line + BITS]


@compiled(inner=True)
def classify(arena: Any, judged: Judged, rows: Any, words: int, count: int, requested: Any, counts: Any) -> None:
    """Write down the situations of some rows of so many words, and which of them could be told.

    A class that is missing is asked for, and one that has no room will have some when the program is written anew.
    """
    looks, key, told, long = judged.looks, judged.key, judged.told, judged.long[0]
    for i in range(count * long):
        key[U(i)] = U(0)
    for slot in range(count):
        told[U(slot)] = True
    for i in range(len(looks) // LOOK):
        at = U(LOOK * i)
        word, shift, mask = looks[at + U(ID_WORD)], looks[at + U(ID_SHIFT)], looks[at + U(ID_MASK)]
        offset, width, bits = looks[at + U(OFFSET)], looks[at + U(WIDTH)], np.int64(looks[at + U(TO_BITS)])
        to_word, to_shift = looks[at + U(TO_WORD)], looks[at + U(TO_SHIFT)]
        for slot in range(count):
            id_ = (rows[U(slot * words) + word] >> shift) & mask
            class_ = np.int64(arena[offset + id_]) if id_ < width else np.int64(UNKNOWN)
            if class_ >> bits == 0:
                key[U(slot * long) + to_word] |= U(class_) << to_shift
                continue
            told[U(slot)] = False
            if class_ < 0:
                request_entry(requested, counts, looks[at + U(ASKED)], U(0), id_, U(ALL))


@compiled(inner=True)
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
