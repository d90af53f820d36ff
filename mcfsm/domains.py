"""The finite domains that values of a model come from, and what may be asked of them.

Values are plain hashable Python: bool, int, str (enumeration values, states, instances), None, a tuple (a record's
fields in order, or a map's values in the order of its keys), a frozenset. A value does not know its domain; whoever
shows, orders or checks one passes it to the domain.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain, combinations, product
from math import prod
from typing import Any

Value = Any
MOST_VALUES = 4096  # a domain larger than this is never listed value by value
UNCOUNTED = 10**15  # sizes are counted up to here


class TooManyValues(Exception):  # noqa: N818
    """A domain was to be listed that has more than MOST_VALUES values."""


class Domain:
    """A finite set of values, in declared order."""

    def size(self) -> int:
        """How many values there are, counted up to UNCOUNTED."""
        raise NotImplementedError

    def _each(self) -> Iterator[Value]:
        raise NotImplementedError

    def contains(self, value: Value) -> bool:
        """Whether `value` is one of the values."""
        raise NotImplementedError

    def rank(self, value: Value) -> Any:
        """A key that sorts values of this domain in declared order."""
        raise NotImplementedError

    def show(self, value: Value) -> str:
        """The value as an expression of the model language would name it."""
        raise NotImplementedError

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


@dataclass(frozen=True)
class Nothing(Domain):
    """No value at all: the elements of `{}`, the inside of `none`."""

    def __str__(self) -> str:
        return "nothing"

    def size(self) -> int:
        return 0

    def _each(self) -> Iterator[Value]:
        yield from ()

    def contains(self, value: Value) -> bool:  # noqa: ARG002
        return False

    def rank(self, value: Value) -> Any:  # noqa: ARG002
        return 0

    def show(self, value: Value) -> str:
        return str(value)


def _power(base: int, exponent: int) -> int:
    """base ** exponent, counted up to UNCOUNTED: the number itself may not fit into memory."""
    if base > 1 and exponent * (base.bit_length() - 1) >= UNCOUNTED.bit_length():
        return UNCOUNTED
    return int(min(base**exponent, UNCOUNTED)) if base > 1 else int(base**exponent)


def within(source: Domain, target: Domain) -> bool:
    """Whether every value of `source` is certainly a value of `target`."""
    match source, target:
        case Nothing(), _:
            return True
        case Boolean(), Boolean():
            return True
        case Integer(), Integer():
            return target.low <= source.low and source.high <= target.high
        case Instances(), Instances():
            return set(source.names) <= set(target.names)
        case (Instances(), _) | (_, Instances()) if not isinstance(target, Maybe):
            return False
        case Enumeration(), Enumeration():
            return set(source.names) <= set(target.names)
        case Record(), Record():
            return source == target
        case Maybe(), Maybe():
            return within(source.inner, target.inner)
        case _, Maybe():
            return within(source, target.inner)
        case SetOf(), SetOf():
            return within(source.element, target.element)
        case Map(), Map():
            return source.key == target.key and within(source.value, target.value)
    return False


def overlaps(first: Domain, second: Domain) -> bool:
    """Whether some value may belong to both: what comparing or assigning asks of two domains."""
    match first, second:
        case Boolean(), Boolean():
            return True
        case Integer(), Integer():
            return max(first.low, second.low) <= min(first.high, second.high)
        case Enumeration(), Enumeration():
            same_sort = isinstance(first, Instances) == isinstance(second, Instances)
            return same_sort and not set(first.names).isdisjoint(second.names)
        case Record(), Record():
            return first == second
        case Maybe(), Maybe():
            return True
        case Maybe(), _:
            return overlaps(first.inner, second)
        case _, Maybe():
            return overlaps(first, second.inner)
        case SetOf(), SetOf():
            empty = isinstance(first.element, Nothing) or isinstance(second.element, Nothing)
            return empty or overlaps(first.element, second.element)
        case Map(), Map():
            return first.key == second.key and overlaps(first.value, second.value)
    return False


def join(first: Domain, second: Domain) -> Domain | None:
    """The smallest domain that holds the values of both, or None where they are of different sorts."""
    if within(first, second):
        return second
    if within(second, first):
        return first
    match first, second:
        case Integer(), Integer():
            return Integer(min(first.low, second.low), max(first.high, second.high))
        case Instances(), Instances():
            return Instances(_merge(first.names, second.names))
        case Enumeration(), Enumeration() if isinstance(first, Instances) == isinstance(second, Instances):
            return Enumeration(_merge(first.names, second.names))
        case SetOf(), SetOf():
            inner = join(first.element, second.element)
            return SetOf(inner) if inner else None
        case (Maybe(), _) | (_, Maybe()):
            inner = join(_inside(first), _inside(second))
            return Maybe(inner) if inner else None
    return None


def _inside(domain: Domain) -> Domain:
    return domain.inner if isinstance(domain, Maybe) else domain


def _merge(first: tuple[str, ...], second: tuple[str, ...]) -> tuple[str, ...]:
    return first + tuple(name for name in second if name not in first)


def natural_default(domain: Domain) -> tuple[bool, Value]:
    """Whether a variable of this domain may go without an initial value, and the value it then has."""
    match domain:
        case Boolean():
            return True, False
        case SetOf():
            return True, frozenset()
        case Maybe():
            return True, None
        case Map():
            known, value = natural_default(domain.value)
            return known, (value,) * domain.key.size() if known else None
    return False, None
