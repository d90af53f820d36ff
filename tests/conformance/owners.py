"""Owners in this process, for what needs no Ray: what they say and send is pickled, as on the way to a machine."""

from __future__ import annotations

import pickle
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from mcfsm.explore.cluster.team import MakeOwner
from mcfsm.host.places import OwnerLost

MEMORY = 1 << 30


class Here:
    """Owners of one process."""

    def __init__(self, make: MakeOwner, owners: int) -> None:
        self.owners, self.hosts, self.make = owners, [str(i) for i in range(owners)], make
        self._owners: list[Any] = [None] * owners
        self.replace()

    def call(self, name: str, arguments: list[tuple[Any, ...]]) -> list[Any]:
        """All of them do it, also where one is lost: who asks hears of that alone."""
        found = [self.tried(i, name, *given) for i, given in enumerate(arguments)]
        if any(isinstance(one, OwnerLost) for one in found):
            raise OwnerLost
        return found

    def one(self, owner: int, name: str, *arguments: Any) -> Any:
        return self.call_one(owner, name, *arguments)

    def tried(self, owner: int, name: str, *arguments: Any) -> Any:
        try:
            return self.one(owner, name, *arguments)
        except OwnerLost as lost:
            return lost

    def call_one(self, owner: int, name: str, *arguments: Any) -> Any:
        if self._owners[owner] is None:
            raise OwnerLost
        given = pickle.loads(pickle.dumps(arguments))
        return pickle.loads(pickle.dumps(getattr(self._owners[owner], name)(*given)))

    def expand(self, most: int) -> list[tuple[Any, list[Any]]]:
        return self.call("expand_part", [(most,)] * self.owners)

    def lose(self, owner: int) -> None:
        """Let an owner be gone."""
        if self._owners[owner] is not None:
            self._owners[owner].close()
        self._owners[owner] = None

    def replace(self) -> None:
        for i, owner in enumerate(self._owners):
            if owner is None:
                self._owners[i] = pickle.loads(pickle.dumps(self.make))(MEMORY, i, self.owners)

    def close(self) -> None:
        for i in range(self.owners):
            self.lose(i)


MOST_LOST = 15  # fewer than end a search, if all were on one level


class Losing(Here):
    """Owners that are lost at random moments: before they do what they are asked to, or before they answer."""

    def __init__(self, make: MakeOwner, owners: int, seed: int, every: float) -> None:
        super().__init__(make, owners)
        self.random, self.every = random.Random(seed), every
        self.lost: list[str] = []  # what they were asked to do

    def one(self, owner: int, name: str, *arguments: Any) -> Any:
        lost = self.random.random() * self.every < 1 and len(self.lost) < MOST_LOST
        if lost and self.random.random() < 0.5:
            self.call_one(owner, name, *arguments)
        if lost:
            self.lost.append(name)
            self.lose(owner)
        return self.call_one(owner, name, *arguments)


def owners_here(owners: int, kind: Callable[..., Here] = Here, *arguments: Any) -> Any:
    @contextmanager
    def hire(make: MakeOwner, _: int | None, __: int | None) -> Iterator[Here]:
        team = kind(make, owners, *arguments)
        try:
            yield team
        finally:
            team.close()

    return hire


def backwards(journal: list[int]) -> list[int]:
    """A journal, its last entry first."""
    at, parts = 0, []
    while at < len(journal):
        size = 5 + journal[at + 4]
        parts.append(journal[at : at + size])
        at += size
    return [number for part in reversed(parts) for number in part]
