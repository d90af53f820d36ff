"""Domains whose values have no parts: truth values, integers, names; and the domain of nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from mcfsm.expressions.domains.domain import Domain, Value


@dataclass(frozen=True)
class Boolean(Domain):
    """true and false."""

    def __str__(self) -> str:
        return "bool"

    def size(self) -> int:
        return 2

    def _each(self) -> Iterator[Value]:
        yield from (False, True)

    def contains(self, value: Value) -> bool:
        return isinstance(value, bool)

    def rank(self, value: Value) -> Any:
        return int(value)

    def show(self, value: Value) -> str:
        return "true" if value else "false"


@dataclass(frozen=True)
class Integer(Domain):
    """The integers from low to high, both included."""

    low: int
    high: int

    def __str__(self) -> str:
        if self == ANY_INTEGER:
            return "int"
        return str(self.low) if self.low == self.high else f"{self.low}..{self.high}"

    def size(self) -> int:
        return max(0, self.high - self.low + 1)

    def _each(self) -> Iterator[Value]:
        yield from range(self.low, self.high + 1)

    def contains(self, value: Value) -> bool:
        return isinstance(value, int) and not isinstance(value, bool) and self.low <= value <= self.high

    def rank(self, value: Value) -> Any:
        return value

    def show(self, value: Value) -> str:
        return str(value)


ANY_INTEGER = Integer(-(2**31), 2**31 - 1)  # the type of a parameter: one integer, not known when types are checked


@dataclass(frozen=True)
class Enumeration(Domain):
    """Named values. Enumerations that share a value share it: `Partner: [B, C]` is a part of `System: [A, B, C]`."""

    names: tuple[str, ...]
    title: str = field(default="", compare=False)

    def __str__(self) -> str:
        return self.title or (self.names[0] if len(self.names) == 1 else f"[{', '.join(self.names)}]")

    @cached_property
    def _order(self) -> dict[str, int]:
        return {name: i for i, name in enumerate(self.names)}

    def size(self) -> int:
        return len(self.names)

    def _each(self) -> Iterator[Value]:
        yield from self.names

    def contains(self, value: Value) -> bool:
        return isinstance(value, str) and value in self._order

    def rank(self, value: Value) -> Any:
        return self._order[value]

    def show(self, value: Value) -> str:
        return str(value)


@dataclass(frozen=True)
class Instances(Enumeration):
    """Instances of roles, by name, in the order in which the scenario lists them."""

    def __str__(self) -> str:
        return self.title or (self.names[0] if len(self.names) == 1 else f"instances [{', '.join(self.names)}]")


@dataclass(frozen=True)
class Nothing(Domain):
    """No value at all: the elements of `{}`, the inside of `none`."""

    def __str__(self) -> str:
        return "nothing"

    def size(self) -> int:
        return 0

    def _each(self) -> Iterator[Value]:
        yield from ()

    def contains(self, value: Value) -> bool:  # noqa: ARG002 - no value is one of none
        return False

    def rank(self, value: Value) -> Any:  # noqa: ARG002 - there is no value to rank
        return 0

    def show(self, value: Value) -> str:
        return str(value)
