"""Which of the states that a search stores lie beyond the boundary of its scenario: found level by level.

What may live here: numbers of states. What may not: what the condition says: it is a program over the tables, as
properties are, and compiled code runs it in each state.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from mcfsm.explore import stopping
from mcfsm.explore.store import Store
from mcfsm.kernel.programs import evaluate
from mcfsm.model import Boundary, Property
from mcfsm.tables.properties import DECIDES, Properties

if TYPE_CHECKING:
    from mcfsm.explore.level_search import LevelSearch

CHUNK = 1 << 16  # states that are looked at together


class Outside:
    """The states of a search that lie beyond a boundary: of each worker a flag for each that was looked at.

    Looking may be stopped at any time: what was looked at till then is kept, and nothing is said of the others.
    """

    def __init__(self, search: LevelSearch, boundary: Boundary) -> None:
        self.search = search
        within = Property("within", "", None, "never", boundary.condition, None, "", (), "PROVED")
        self.said = Properties(search.tables, [within])
        noted = np.ones(4 * len(self.said.place), dtype=np.uint8)
        self.program = self.said.program(noted, np.zeros(1, dtype=bool))
        self.forget()

    @property
    def count(self) -> int:
        """How many states lie beyond, of those that were looked at."""
        return sum(self._counts)

    @property
    def count_within(self) -> int:
        """How many of them lie within."""
        return sum(self.looked) - self.count

    def look(self) -> None:
        """Look at all states that were stored since."""
        self.search.settle()
        for i, worker in enumerate(self.search.workers):
            flags = self._flags[i]
            if len(flags) < worker.states:
                flags = self._flags[i] = np.concatenate([flags, np.zeros(2 * worker.states - len(flags), np.bool_)])
            while self.looked[i] < worker.states:
                begin = self.looked[i]
                more = self._beyond(i, begin, min(begin + CHUNK, worker.states))
                flags[begin : begin + len(more)] = more
                with stopping.done_whole():
                    self._counts[i] += int(more.sum())
                    self.looked[i] = begin + len(more)

    def deeper(self) -> bool:
        """Whether one that is not expanded was looked at and lies within."""
        return any(len(self.within(i, one.starts[-1], one.states)) for i, one in enumerate(self.search.workers))

    def forget(self) -> None:
        """Begin anew, where the states of a search are others."""
        self.looked = [0] * len(self.search.workers)  # at how many of each worker's states
        self._counts = [0] * len(self.search.workers)  # of these lie beyond
        self._flags = [np.zeros(0, dtype=np.bool_) for _ in self.search.workers]

    def beyond(self, worker: int, begin: int, end: int) -> Any:
        """Of some of a worker's states, as far as they were looked at, whether they lie beyond."""
        return self._flags[worker][begin : min(end, self.looked[worker])]

    def within(self, worker: int, begin: int, end: int) -> Any:
        """Which of some of a worker's states lie within: their places behind the first of them."""
        return np.flatnonzero(~self.beyond(worker, begin, end))

    def values_of(self, store: Store, component: int, ends: list[int], count: int) -> Any:
        """As `Store.values_of`, of the states that lie within."""
        seen, words = np.zeros(count, dtype=np.bool_), store.layout.words
        word, shift, mask = (part[component] for part in store.layout[:3])
        for worker, last in enumerate(ends):
            column = store.rows_of(worker)[int(word) :: words]
            for begin in range(0, last, CHUNK):
                end = min(begin + CHUNK, last)
                seen[(column[begin:end][self.within(worker, begin, end)] >> shift) & mask] = True
        return seen

    def _beyond(self, i: int, begin: int, end: int) -> Any:
        """Which of a worker's states lie beyond: of one at least, or of all."""
        search, base = self.search, self.search.workers[i].base
        asked, column = np.ones(end - begin, dtype=np.bool_), np.zeros((1, end - begin), dtype=np.int8)
        done = 0
        while not done:
            how = search.store.row_shape, self.program, search.search(i)
            done = int(evaluate(search.arrays, *how, base + begin, base + end, asked, column)) - base - begin
            if done < end - begin:
                for number in range(base + begin + done, base + end):
                    if not self.said.fill_ahead(search.store.ids_of(number)):
                        break
                search.fill()
        return column[0, :done] != DECIDES
