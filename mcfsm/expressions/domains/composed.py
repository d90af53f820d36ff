"""Domains made of other domains: records, maps, sets, and a value or none."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, combinations, product
from math import prod
from typing import Any

from mcfsm.expressions.domains.domain import UNCOUNTED, Domain, Value


@dataclass(frozen=True)
class Record(Domain):
    """A tuple of named fields; `Id(u2, B)` in expressions."""

    title: str
    fields: tuple[tuple[str, Domain], ...]

    def __str__(self) -> str:
        return self.title

    def size(self) -> int:
        return min(prod(domain.size() for _, domain in self.fields), UNCOUNTED)

    def _each(self) -> Iterator[Value]:
        yield from product(*(domain.values for _, domain in self.fields))

    def contains(self, value: Value) -> bool:
        return (
            isinstance(value, tuple)
            and len(value) == len(self.fields)
            and all(domain.contains(part) for (_, domain), part in zip(self.fields, value, strict=True))
        )

    def rank(self, value: Value) -> Any:
        return tuple(domain.rank(part) for (_, domain), part in zip(self.fields, value, strict=True))

    def show(self, value: Value) -> str:
        parts = ", ".join(domain.show(part) for (_, domain), part in zip(self.fields, value, strict=True))
        return f"{self.title}({parts})"

    def position(self, name: str) -> int | None:
        """The index of a field, or None."""
        return next((i for i, (field_name, _) in enumerate(self.fields) if field_name == name), None)


@dataclass(frozen=True)
class Map(Domain):
    """A total map: one value for every value of the key domain, kept in the order of the keys."""

    key: Domain
    value: Domain

    def __str__(self) -> str:
        return f"map[{self.key}, {self.value}]"

    @cached_property
    def _order(self) -> dict[Value, int]:
        return {key: i for i, key in enumerate(self.key.values)}

    def size(self) -> int:
        return _power(self.value.size(), self.key.size())

    def _each(self) -> Iterator[Value]:
        yield from product(self.value.values, repeat=self.key.size())

    def contains(self, value: Value) -> bool:
        return isinstance(value, tuple) and len(value) == self.key.size() and all(self.value.contains(v) for v in value)

    def rank(self, value: Value) -> Any:
        return tuple(self.value.rank(v) for v in value)

    def show(self, value: Value) -> str:
        pairs = zip(self.key.values, value, strict=True)
        return "{" + ", ".join(f"{self.key.show(k)}: {self.value.show(v)}" for k, v in pairs) + "}"

    def index(self, key: Value) -> int:
        """The position of a key in a map value. Raises KeyError for a value that is no key."""
        return self._order[key]


@dataclass(frozen=True)
class SetOf(Domain):
    """Sets of elements of one domain."""

    element: Domain

    def __str__(self) -> str:
        return f"set[{self.element}]"

    def size(self) -> int:
        return _power(2, self.element.size())

    def _each(self) -> Iterator[Value]:
        elements = self.element.values
        subsets = chain.from_iterable(combinations(elements, n) for n in range(len(elements) + 1))
        yield from map(frozenset, subsets)

    def contains(self, value: Value) -> bool:
        return isinstance(value, frozenset) and all(self.element.contains(v) for v in value)

    def rank(self, value: Value) -> Any:
        return len(value), tuple(sorted(self.element.rank(v) for v in value))

    def show(self, value: Value) -> str:
        return "{" + ", ".join(self.element.show(v) for v in self.element.sorted(value)) + "}"


@dataclass(frozen=True)
class Maybe(Domain):
    """A value of another domain, or none: `T?`."""

    inner: Domain

    def __str__(self) -> str:
        return f"{self.inner}?"

    def size(self) -> int:
        return self.inner.size() + 1

    def _each(self) -> Iterator[Value]:
        yield None
        yield from self.inner.values

    def contains(self, value: Value) -> bool:
        return value is None or self.inner.contains(value)

    def rank(self, value: Value) -> Any:
        return (0,) if value is None else (1, self.inner.rank(value))

    def show(self, value: Value) -> str:
        return "none" if value is None else self.inner.show(value)


def _power(base: int, exponent: int) -> int:
    """base ** exponent, counted up to UNCOUNTED: the number itself may not fit into memory."""
    if base > 1 and exponent * (base.bit_length() - 1) >= UNCOUNTED.bit_length():
        return UNCOUNTED
    return int(min(base**exponent, UNCOUNTED)) if base > 1 else int(base**exponent)
