"""The least of all images of a row under the permutations of interchangeable instances; compiled by numba.

What may live here: looking images up and comparing them, integer by integer. What an image is stands in the tables that
`images` fills. A model without interchangeable instances never comes here.
"""

from __future__ import annotations

from typing import Any

from mcfsm.kernel.arrays import COMPONENT, FACTOR, MASK, SHIFT, WORD, Arrays
from mcfsm.kernel.intrinsics import U
from mcfsm.kernel.jit import compiled


@compiled(inner=True)
def canonical(t: Arrays, rows: Any, begin: int, hash_: Any, ids: Any) -> Any:
    """Put the least image of the row at `rows[begin]` in its place: its hash, and the permutation that leads there.

    Rows are compared by the ids of `t.moved`, in that order; each id of an image stands in the table of the component
    that it comes from, in the column of the permutation. Where an entry is missing, -1 and the place in `t.moved` of
    the component that has no images yet, less than -1, is the permutation; the row is then as it was. `ids` is room
    for two rows of ids: those of the row itself, and those of the least image so far.
    """
    moved = len(t.moved)
    permutations = len(t.origin) // moved
    place = t.place
    for i in range(moved):
        p = U(COMPONENT) * U(t.moved[i])
        id_ = (rows[U(begin) + place[p + U(WORD)]] >> place[p + U(SHIFT)]) & place[p + U(MASK)]
        ids[i] = id_
        ids[moved + i] = id_
    chosen = 0
    for permutation in range(1, permutations):
        less = False
        for i in range(moved):
            origin = t.origin[U(permutation * moved + i)]
            table = U(t.image_of[U(origin)])
            image = t.arena[U(t.offset[table] + ids[U(origin)] * permutations + permutation)]
            if not less:
                if image > ids[U(moved + i)]:
                    break
                less = image < ids[U(moved + i)]
            if image < 0:
                return hash_, -1 - origin
            ids[U(moved + i)] = image
        if less:
            chosen = permutation
    if chosen > 0:
        for i in range(moved):
            before, after = U(ids[i]), U(ids[moved + i])
            if before != after:
                p = U(COMPONENT) * U(t.moved[i])
                rows[U(begin) + place[p + U(WORD)]] ^= (before ^ after) << place[p + U(SHIFT)]
                hash_ += (after - before) * place[p + U(FACTOR)]
    return hash_, chosen
