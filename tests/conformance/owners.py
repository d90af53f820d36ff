"""Owners in this process, for what needs no Ray: what they say and send is pickled, as on the way to a machine."""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from mcfsm.explore.cluster.team import MakeOwner

MEMORY = 1 << 30


class Here:
    """Owners of one process."""

    def __init__(self, make: MakeOwner, owners: int) -> None:
        self.owners, self.hosts = owners, [str(i) for i in range(owners)]
        self._owners = [pickle.loads(pickle.dumps(make))(MEMORY, i, owners) for i in range(owners)]

    def call(self, name: str, arguments: list[tuple[Any, ...]]) -> list[Any]:
        return [self.one(i, name, *given) for i, given in enumerate(arguments)]

    def one(self, owner: int, name: str, *arguments: Any) -> Any:
        given = pickle.loads(pickle.dumps(arguments))
        return pickle.loads(pickle.dumps(getattr(self._owners[owner], name)(*given)))

    def expand(self, most: int) -> list[tuple[Any, list[Any]]]:
        return [self.one(i, "expand_part", most) for i in range(self.owners)]


def owners_here(owners: int) -> Any:
    @contextmanager
    def hire(make: MakeOwner, _: int | None, __: int | None) -> Iterator[Here]:
        team = Here(make, owners)
        try:
            yield team
        finally:
            team.call("close", [()] * owners)

    return hire


def backwards(journal: list[int]) -> list[int]:
    """A journal, its last entry first."""
    at, parts = 0, []
    while at < len(journal):
        size = 5 + journal[at + 4]
        parts.append(journal[at : at + size])
        at += size
    return [number for part in reversed(parts) for number in part]
