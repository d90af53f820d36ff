"""Situations in which nothing was found, remembered each in one place, where another may take it; compiled by numba.

What may live here: keys and their places. What may not: what a situation is, which `programs` says.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mcfsm.kernel.arrays import ALL, Ints
from mcfsm.kernel.intrinsics import U, fetch
from mcfsm.kernel.jit import compiled

PLACES = 1 << 16  # of situations that a worker remembers
USED = 63  # bits of a word of a situation: none is ALL, the first word of what is not there
MIX = 0x9E3779B97F4A7C15
CLASSES = 5  # how long the line of a component is: which it is, where its classes are looked up, and where in a
OF, TABLE, IN_WORD, BY_SHIFT, BITS = range(CLASSES)  # situation they stand
LOOK = 9  # of each component, what is read to find its class and put it into a situation:
ID_WORD, ID_SHIFT, ID_MASK, OFFSET, WIDTH, ASKED, TO_WORD, TO_SHIFT, TO_BITS = range(LOOK)


class Judged(NamedTuple):
    """Situations in which nothing was found and all is noted: of each component that a program reads, its class.

    Values of a component that no column of the program tells apart are of one class. A promise looks at little of what
    an instance knows, so situations are few. A worker keeps them from one slice to the next (decision 0051).
    """

    classes: Ints  # component: a line of CLASSES
    looks: NDArray[np.uint64]  # the same: a line of LOOK
    key: NDArray[np.uint64]  # the situations of the rows that are looked at,
    told: NDArray[np.bool_]  # which of them could be told,
    place: NDArray[np.uint64]  # and where each would be remembered
    long: Ints  # how many words a situation has
    keys: NDArray[np.uint64]  # those that are remembered


def nothing_judged(classes: Ints, at_once: int, places: int = PLACES) -> Judged:
    """Room for situations of some classes, of which none is there; and for so many that are looked at at once."""
    components = len(classes) // CLASSES
    words = int(classes[-CLASSES + IN_WORD]) + 1 if components else 1
    return Judged(
        classes,
        looks=np.zeros(LOOK * components, np.uint64),
        key=np.zeros(at_once * words, np.uint64),
        told=np.zeros(at_once, np.bool_),
        place=np.zeros(at_once, np.uint64),
        long=np.array([words], np.int32),
        keys=np.full(places * words, ALL, np.uint64),
    )


NOTHING = nothing_judged(np.zeros(0, np.int32), 1, 1)


@compiled(inner=True)
def find_keys(key: Any, place: Any, long: Any, keys: Any, count: int) -> None:
    """Find the place of each of some keys of so many words, which is fetched before the first of them is looked at."""
    for i in range(count):
        at, hash_ = U(i * long), U(0)
        for w in range(long):
            hash_ = (hash_ ^ hash_ >> U(32) ^ key[at + U(w)]) * U(MIX)
        first = (((hash_ >> U(32)) * U(len(keys) // long)) >> U(32)) * U(long)  # by the high bits: all has told on them
        place[U(i)] = first
        fetch(keys, first)


@compiled
def is_remembered(key: Any, at: Any, long: Any, keys: Any, place: Any) -> bool:
    """Whether a key is the one that is remembered in its place."""
    differs = U(0)
    for w in range(long):
        differs |= keys[place + U(w)] ^ key[at + U(w)]
    return bool(differs == U(0))


@compiled
def remember(key: Any, at: Any, long: Any, keys: Any, place: Any) -> None:
    """Remember a key in its place, from where another goes."""
    for w in range(long):
        keys[place + U(w)] = key[at + U(w)]
