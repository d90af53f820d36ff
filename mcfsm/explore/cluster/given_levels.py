"""A search whose states are at owners, put where another one was when it wrote its levels, wherever its states were.

What may live here: how the rows of files come to their owners. What may not: what is lost on the way (`search`).

A level is given to the owners as if they had sent it to each other, and ended as ever: so it is sorted there, in what
memory they have, and its rows are kept here again. Nothing is read of files that is as large as a level.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from mcfsm.explore.cluster.router import owner_of
from mcfsm.explore.cluster.team import Batch, LevelEnd
from mcfsm.explore.level_search import lengthened
from mcfsm.explore.resuming import ValueDigest, check_ids, fill, put_known, with_ends
from mcfsm.explore.saved_levels import CheckpointSpoiled, SavedLevels
from mcfsm.problems import ModelError

if TYPE_CHECKING:
    from mcfsm.explore.cluster.search import ClusterSearch

CHUNK = 1 << 18  # states that are given at a time
Place = tuple[int, int]  # an owner, and which of its states


class GivenLevels:
    """What files say, given to the owners of a search that was just begun."""

    def __init__(self, search: ClusterSearch, saved: list[SavedLevels]) -> None:
        self.search, self.saved, self.last = search, saved, saved[-1]
        self.wanted = np.unique(np.concatenate([levels.found[:, 2] for levels in saved]))  # that decide something
        self.places: dict[int, Place] = {}  # of these

    def put_back(self, digest: ValueDigest) -> None:
        """Put the search where what is saved ends. Raises CheckpointSpoiled where that is of another."""
        try:
            self._put_back(digest)
        except (LookupError, AttributeError, TypeError, ValueError, ModelError) as error:
            raise CheckpointSpoiled(f"it does not fit the model: {error}") from None

    def _put_back(self, digest: ValueDigest) -> None:
        search = self.search
        fill(search, self.saved, digest)
        search.fit_tables()
        search.note_part()
        search.apart = True  # owners learn of it as those do that take the place of others
        number = 0
        for levels, end in with_ends(self.saved):
            skipped = 0
            for level in range(levels.first, end):
                size = int(self.last.levels[level])
                rows = partial(_rows, levels, skipped, size)
                ends, places = search.in_spite_of_losses(partial(self._give, level, number, rows))
                if level:
                    search.end_level(ends)
                self.places |= places
                number, skipped = number + size, skipped + size
        put_known(search, self.last)
        for levels in self.saved:
            for kind, which, state in levels.found.tolist():
                search.found.setdefault((kind, which), []).append(self.places[state])
        search.before = search.mark()
        search.apart = True  # owners are told of steps and moves where a level begins

    def _give(self, level: int, number: int, rows: Any) -> tuple[list[LevelEnd], dict[int, Place]]:
        """Give a level to its owners, which have the first; its end, and where those of its states are that decide."""
        search, size = self.search, int(self.last.levels[level])
        team, layout, components = search.team, search.store.layout, search.tables.components
        counts, owners = np.array([*map(len, components.names)]), range(search.team.owners)
        if level:
            team.call("begin_level", search.same(level - 1, search.fault_level, search.hit_level, search.seen))
        at = number
        wanted: list[Any] = [self.wanted[:0]]
        their_owners: list[Any] = [np.zeros(0, dtype=np.uint64)]
        their_rows: list[Any] = [layout.pack(np.zeros((0, components.count), dtype=np.int64))]
        for ids in rows():
            check_ids(ids, counts)
            whose, packed = owner_of(components.hashes(ids), len(owners)), layout.pack(ids)
            if level:
                team.call("give", [(Batch(layout, packed[whose == np.uint64(i)].reshape(-1)),) for i in owners])
            mine = self.wanted[(self.wanted >= at) & (self.wanted < at + len(ids))]
            wanted.append(mine)
            their_owners.append(whose[mine - at])
            their_rows.append(packed[mine - at])
            if level < len(self.last.levels) - 1:
                self._note_values(ids)
            at += len(ids)
        if level:
            ends = team.call("end_level", search.same())
            search.keep_pieces(ends)
            states = sum(end.states for end in ends)
        else:
            ends, states = [], sum(firsts[1] for firsts in search.store.firsts)
        if at != number + size or states != size:
            raise IndexError("a level with other states than it should have")
        places: dict[int, Place] = {}
        numbers, whose, found = (np.concatenate(one) for one in (wanted, their_owners, their_rows))
        if len(numbers):
            batches = [(level, Batch(layout, found[whose == np.uint64(i)].reshape(-1))) for i in owners]
            for i, theirs in enumerate(team.call("places", batches)):
                places |= zip(numbers[whose == np.uint64(i)].tolist(), ((i, state) for state in theirs), strict=True)
        return ends, places

    def _note_values(self, ids: Any) -> None:
        """Note which values components have whose entries do not say it."""
        for i, seen in self.search.values.items():
            self.search.values[i] = known = lengthened(seen, len(self.search.tables.components.names[i])).copy()
            known[ids[:, i]] = True


def _rows(levels: SavedLevels, skipped: int, count: int) -> Iterator[Any]:
    """The ids of so many states of a file after some, in parts."""
    words, left = levels.layout.words, np.zeros(0, dtype=np.uint64)
    for part in levels.rows.parts():
        rows = np.concatenate([left, part])
        whole = len(rows) // words
        left = rows[whole * words :]
        mine = rows[: whole * words].reshape(-1, words)[skipped : skipped + count]
        skipped, count = max(0, skipped - whole), count - len(mine)
        for at in range(0, len(mine), CHUNK):
            yield levels.layout.unpack(mine[at : at + CHUNK])
        if not count:
            return
