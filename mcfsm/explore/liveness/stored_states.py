"""What a search that has ended keeps, as arrays: its states by number, their steps found again, and what holds of them.

What a step is comes from the moves of the tables, and what a state says from a program of `columns`; no Python runs for
a state or a step. States are numbered worker by worker, each in the order in which it found them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from mcfsm.explore.level_search import LevelSearch
from mcfsm.explore.paths import MOVE, StepFinder
from mcfsm.expressions import nodes as n
from mcfsm.host.memory import resident
from mcfsm.kernel import state_set as stateset
from mcfsm.kernel.programs import evaluate
from mcfsm.kernel.worker import PERMUTATION
from mcfsm.model import LivenessProperty, Property
from mcfsm.semantics.fairness import FairSet
from mcfsm.tables.properties import Properties

CHUNK = 1 << 16  # states that are asked about together
BYTES_OF_EDGE, BYTES_OF_STATE = 40, 64  # that a graph takes at most while it is put together and searched
BYTES_OF_OWNERS = 16  # that an edge takes besides, which says in which variants it is
SECONDS_OF_EDGE = 5e-8  # that looking for fair components takes, which nothing stops
_NOTHING = np.zeros(0, dtype=np.uint64)


class Edges(NamedTuple):
    """Steps: the numbers of their states and of their moves, who has them, and by which permutation.

    Who is a word of bits, of a search of one model nothing. A permutation takes the state that a step leads to, to the
    one that stands for it; the first of all, where instances are told apart, moves nothing.
    """

    source: Any
    target: Any
    move: Any
    variants: Any
    permutation: Any


class StoredStates:
    """The states of a search, of which those were expanded that `whole` counts of each worker."""

    def __init__(self, search: LevelSearch, whole: list[int]) -> None:
        self.search, self.whole = search, whole
        self.first = np.cumsum([0, *(worker.states for worker in search.workers)])  # number of each worker's states

    @property
    def states(self) -> int:
        """How many there are."""
        return int(self.first[-1])

    def place(self, number: int) -> tuple[int, int]:
        """The worker that has a state, and which of its states that is."""
        worker = int(np.searchsorted(self.first, number, side="right")) - 1
        return worker, number - int(self.first[worker])

    def row(self, number: int) -> list[int]:
        """The ids of a state's components."""
        worker, index = self.place(number)
        return self.search.store.ids_of(self.search.workers[worker].base + index)

    def ids(self, numbers: Any) -> Any:
        """The same of some states: states by components."""
        store, bases = self.search.store, np.array([worker.base for worker in self.search.workers])
        worker = np.searchsorted(self.first, numbers, side="right") - 1
        at = bases[worker] + numbers - self.first[worker]
        words = store.layout.words
        return store.layout.unpack(store.rows[at[:, None] * words + np.arange(words)])

    def number_of(self, ids: list[int]) -> int:
        """The number of the state that has some components. Raises AssertionError where there is none."""
        layout, row = self.search.store.layout, np.array([ids])
        packed, hashes = layout.pack(row), self.search.tables.components.hashes(row)
        return int(self._numbers(np.concatenate([packed, hashes[:, None], hashes[:, None]], axis=1))[0])

    def expanded(self) -> Any:
        """Which states were expanded: none that lies beyond the boundary."""
        found, outside = np.zeros(self.states, dtype=bool), self.search.outside
        for i, (first, count) in enumerate(zip(self.first, self.whole, strict=False)):
            found[first : first + count] = True if outside is None else ~outside.beyond(i, 0, count)
        return found

    def edges(self) -> Edges:
        """Every step of the states that were expanded, in the order of the states that they leave."""
        return Edges(*map(np.concatenate, zip(*self._edges(), strict=True)))

    def _edges(self) -> Iterator[Edges]:
        kind = np.int32 if self.states < np.iinfo(np.int32).max else np.int64
        yield Edges(np.zeros(0, kind), np.zeros(0, kind), np.zeros(0, np.int32), _NOTHING, np.zeros(0, np.int16))
        finder = StepFinder(self.search)
        for i, end in enumerate(self.whole):
            for states, moves, successors in finder.steps(i, 0, end):
                sources = (states + self.first[i]).astype(kind)
                variants = successors[:, -1].copy() if self.search.family_shape else _NOTHING
                permutations = (moves >> PERMUTATION).astype(np.int16)
                targets = self._numbers(successors).astype(kind)
                yield Edges(sources, targets, (moves & MOVE).astype(np.int32), variants, permutations)

    def _numbers(self, successors: Any) -> Any:
        """The number of each of some states, given as words and hash."""
        store, rows = self.search.store, np.ascontiguousarray(successors).reshape(-1)
        found = np.zeros(len(successors), dtype=np.int64)
        how = store.size, store.row_shape, self.search.family_shape
        stateset.locate(store.rows, store.slots, *how, rows, 0, len(rows), found)
        if (found < 0).any():
            raise AssertionError("a successor of a state that was expanded is not stored")
        bases = np.array([worker.base for worker in store.workers])
        return found + (self.first[:-1] - bases)[found // store.region]

    def moves(self) -> tuple[tuple[FairSet, ...], Any, Any]:
        """The fairness sets; of each move the number of its set or -1, and whether it is informal."""
        sets: dict[FairSet, int] = {}
        moves = self.search.tables.moves
        fair = (moves.meaning(move).fair for move in range(len(moves)))
        taken = [-1 if found is None else sets.setdefault(found, len(sets)) for found in fair]
        return tuple(sets), np.array(taken, dtype=np.int32), moves.non_normative()

    def values(self, said: Properties, among: Any) -> Any:
        """Of each property what it is in each expanded state `among` these, as `columns` numbers it; else 0."""
        search, count = self.search, len(said.properties)
        program = said.program(np.ones(4 * len(said.place), dtype=np.uint8), np.zeros(count, dtype=bool))
        search.arrays = search.tables.arrays(search.store.layout)
        found = np.zeros((count, self.states), dtype=np.int8)
        for i, (worker, whole) in enumerate(zip(search.workers, self.whole, strict=True)):
            at, end = worker.base, worker.base + whole
            first = self.first[i] - worker.base
            while at < end:
                stop = min(at + CHUNK, end)
                column, these = np.zeros((count, stop - at), dtype=np.int8), among[first + at : first + stop]
                how = search.store.row_shape, program, search.search(i)
                done = int(evaluate(search.arrays, *how, at, stop, these, column))
                found[:, first + at : first + done] = column[:, : done - at]
                for number in (done + np.flatnonzero(these[done - at :])).tolist():
                    if not said.fill_ahead(search.store.ids_of(number)):
                        break
                search.fill()
                at = done
        return found


def no_room(search: LevelSearch, edges: int) -> str | None:
    """The limit that keeps a graph from being put together and searched: its size is known before it is begun."""
    seconds = search.seconds_searching() + edges * SECONDS_OF_EDGE
    of_edge = BYTES_OF_EDGE + BYTES_OF_OWNERS * bool(search.family_shape)
    memory = resident() + edges * of_edge + search.store.states * BYTES_OF_STATE
    return search.limits.at_once(seconds=seconds, memory=memory)


def goal_of(name: str) -> str:
    """The id of the goal of a liveness property, as a condition of its own."""
    return f"goal of {name}"


def cause_of(name: str) -> str:
    """The same of all its causes together."""
    return f"cause of {name}"


def conditions(property_: LivenessProperty) -> list[Property]:
    """The goal of a liveness property, and all its causes where it has some, as what may be asked of every state."""
    found = [_condition(goal_of(property_.id), property_.goal)]
    if property_.causes:
        found.append(_condition(cause_of(property_.id), n.And(property_.causes[0].domain, property_.causes)))
    return found


def _condition(name: str, node: n.Node) -> Property:
    return Property(name, "", None, "never", node, None, "", (), "PROVED")
