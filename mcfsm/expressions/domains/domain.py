"""What may be asked of a finite domain."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from functools import cached_property
from typing import Any

Value = Any
MOST_VALUES = 4096  # a domain larger than this is never listed value by value
UNCOUNTED = 10**15  # sizes are counted up to here


class TooManyValues(Exception):
    """A domain was to be listed that has more than MOST_VALUES values."""


class Domain(ABC):
    """A finite set of values, in declared order."""

    @abstractmethod
    def size(self) -> int:
        """How many values there are, counted up to UNCOUNTED."""

    @abstractmethod
    def _each(self) -> Iterator[Value]:
        """The values in declared order, one by one; `values` is what keeps them within bounds."""

    @abstractmethod
    def contains(self, value: Value) -> bool:
        """Whether `value` is one of the values."""

    @abstractmethod
    def rank(self, value: Value) -> Any:
        """A key that sorts values of this domain in declared order."""

    @abstractmethod
    def show(self, value: Value) -> str:
        """The value as an expression of the model language would name it."""

    @cached_property
    def values(self) -> tuple[Value, ...]:
        """All values in declared order. Raises TooManyValues past MOST_VALUES."""
        if self.size() > MOST_VALUES:
            count = f"{self.size():,}" if self.size() < UNCOUNTED else "very many"
            raise TooManyValues(f"{self} has {count} values; at most {MOST_VALUES:,} can be listed")
        return tuple(self._each())

    def sorted(self, values: Any) -> list[Value]:
        """The given values in declared order."""
        return sorted(values, key=self.rank)
