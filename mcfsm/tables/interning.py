"""Values numbered as they are met, arrays that grow, and factors for hashing numbers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np


class Column:
    """A growing array."""

    def __init__(self, dtype: Any = np.int32) -> None:
        self.data = np.zeros(64, dtype=dtype)
        self.size = 0

    def extend(self, values: Iterable[int]) -> None:
        """Append some values."""
        for value in values:
            if self.size == len(self.data):
                self.data = np.concatenate([self.data, np.zeros_like(self.data)])
            self.data[self.size] = value
            self.size += 1

    @property
    def used(self) -> Any:
        """The values there are; one zero where there are none."""
        return self.data[: max(1, self.size)]


class Names:
    """Values numbered as they are met."""

    def __init__(self) -> None:
        self.ids: dict[Any, int] = {}
        self.values: list[Any] = []

    def of(self, value: Any) -> int:
        """The number of a value, a new one where it has none."""
        found = self.ids.get(value)
        if found is None:
            found = self.ids[value] = len(self.values)
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
