"""What was made of an object before, for whoever has that very object: records and parts of files never change."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Generic, TypeVar

_T = TypeVar("_T")


class IdentityCache(Generic[_T]):
    """Results by the identity of an object and a key; at most so many, then all are forgotten."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._results: dict[tuple[int, Hashable], tuple[object, _T]] = {}

    def get(self, one: object, key: Hashable = None) -> _T | None:
        """What was made of this very object under a key, or None."""
        found = self._results.get((id(one), key))
        return None if found is None else found[1]

    def keep(self, one: object, result: _T, key: Hashable = None) -> None:
        """Keep a result; and the object beside it, so that no other takes its identity."""
        if len(self._results) >= self.most:
            self._results.clear()
        self._results[id(one), key] = one, result
