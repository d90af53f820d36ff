"""Values numbered as they are met, arrays that grow, and factors for hashing numbers."""

from __future__ import annotations

from typing import Any

import numpy as np

FEW = 1 << 16  # entries up to which an array is doubled


def grown(length: int) -> int:
    """How long an array is made that is full: what is there lies twice for a moment, and may be most of memory."""
    return 2 * length if length < FEW else length + length // 4


class GrowingArray:
    """A growing array. What is appended waits in a list until somebody looks."""

    def __init__(self, dtype: Any = np.int32) -> None:
        self._array = np.zeros(64, dtype=dtype)
        self._written = 0
        self._waiting: list[int] = []
        self.append, self.extend = self._waiting.append, self._waiting.extend

    def __len__(self) -> int:
        return self._written + len(self._waiting)

    def extend_by(self, values: Any) -> None:
        """Append an array at once."""
        self._reach(len(self) + len(values))
        self._array[self._written : self._written + len(values)] = values
        self._written += len(values)

    @property
    def data(self) -> Any:
        """The array; past the values there are it has zeros."""
        if self._waiting:
            self._reach(len(self))
        return self._array

    def _reach(self, size: int) -> None:
        """Have room for so many, and nothing waiting."""
        if size > len(self._array):
            longer = np.zeros(max(size, grown(len(self._array))), dtype=self._array.dtype)
            longer[: self._written] = self._array[: self._written]
            self._array = longer
        if self._waiting:
            end = len(self)
            self._array[self._written : end] = self._waiting
            self._written = end
            self._waiting.clear()

    @property
    def used(self) -> Any:
        """The values there are; one zero where there are none."""
        return self.data[: max(1, len(self))]


class Interner:
    """Values numbered as they are met."""

    def __init__(self) -> None:
        self._ids: dict[Any, int] = {}
        self.values: list[Any] = []

    def intern(self, value: Any) -> int:
        """The number of a value, a new one where it has none."""
        found = self._ids.get(value)
        if found is None:
            found = self._ids[value] = len(self.values)
            self.values.append(value)
        return found

    def __len__(self) -> int:
        return len(self.values)


def odd_factors(count: int) -> Any:
    """Odd numbers of 64 bits that look random: the finaliser of SplitMix64 (Steele, Lea, Flood 2014) of 1, 2, ..."""
    with np.errstate(over="ignore"):
        z = np.arange(1, count + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return (z ^ (z >> np.uint64(31))) | np.uint64(1)
