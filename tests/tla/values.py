"""The values of TLA+ in Python: numbers, truth values, strings, frozensets, functions, and model values.

A function whose domain is 1..n is a sequence, and a tuple here; every other one is a Function. TLC refuses to compare
values of two kinds, and so does this: only a model value may be compared with anything.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import chain, combinations, product
from typing import Any

Value = Any
MOST = 100_000  # elements of a set that is written out


_PLAIN = frozenset({int, bool, str})


class Refused(Exception):
    """What TLC would stop at."""


class ModelValue:
    """A constant of which is known only that it is itself."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return self.name


class Function:
    """A function that is no sequence."""

    __slots__ = ("_hash", "of")

    def __init__(self, of: dict[Value, Value]) -> None:
        self.of = of
        self._hash: int | None = None

    def __hash__(self) -> int:
        if self._hash is None:
            self._hash = hash(frozenset(self.of.items()))
        return self._hash

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Function) and self.of == other.of

    def __repr__(self) -> str:
        return "[" + ", ".join(f"{key!r} |-> {value!r}" for key, value in self.of.items()) + "]"


def function(of: dict[Value, Value]) -> Value:
    """A function by its pairs."""
    if all(type(key) is int for key in of) and sorted(of) == list(range(1, len(of) + 1)):
        return tuple(of[i] for i in range(1, len(of) + 1))
    return Function(of)


def pairs(value: Value) -> dict[Value, Value]:
    """The pairs of a function."""
    if isinstance(value, tuple):
        return dict(enumerate(value, 1))
    if isinstance(value, Function):
        return value.of
    raise Refused(f"{value!r} is no function")


def domain(value: Value) -> frozenset[Value]:
    """The domain of a function."""
    return frozenset(range(1, len(value) + 1)) if isinstance(value, tuple) else frozenset(pairs(value))


def applied(value: Value, key: Value) -> Value:
    """A function at a point of its domain."""
    if isinstance(value, tuple):
        if type(key) is int and 1 <= key <= len(value):
            return value[key - 1]
    elif key in pairs(value):
        return value.of[key]
    raise Refused(f"{key!r} is not in the domain of {value!r}")


def kind(value: Value) -> str:
    """What may be compared with what."""
    for types, name in (((bool,), "truth"), ((int,), "number"), ((str,), "string"), ((frozenset,), "set")):
        if isinstance(value, types):
            return name
    return "model" if isinstance(value, ModelValue) else "function"


def comparable(one: Value, other: Value) -> None:
    """Raise Refused where TLC does not compare two values: tuples are compared from the left until they differ."""
    if type(one) is type(other) and type(one) in _PLAIN:
        return
    kinds = kind(one), kind(other)
    if "model" in kinds:
        return
    if kinds[0] != kinds[1]:
        raise Refused(f"{one!r} is compared with {other!r}")
    if isinstance(one, tuple) and isinstance(other, tuple):
        if len(one) == len(other):
            for a, b in zip(one, other, strict=True):
                comparable(a, b)
                if a != b:
                    return
    elif isinstance(one, Function) and isinstance(other, Function) and one.of.keys() == other.of.keys():
        for key, value in one.of.items():
            comparable(value, other.of[key])


def equal(one: Value, other: Value) -> bool:
    """Whether two values are equal. Raises Refused."""
    if one == other and type(one) is type(other):
        return True
    comparable(one, other)
    return False


def elements(value: Value) -> frozenset[Value]:
    """The elements of a set."""
    if not isinstance(value, frozenset):
        raise Refused(f"{value!r} is no set")
    return value


def set_of(values: Iterable[Value]) -> frozenset[Value]:
    """A set, whose elements can be compared."""
    found = frozenset(values)
    first = None
    for value in found:
        if not isinstance(value, ModelValue):
            first = value if first is None else first
            comparable(first, value)
    return found


def listed(value: Value) -> list[Value]:
    """The elements of a set, in any order."""
    return list(elements(value))


def truth(value: Value) -> bool:
    """A truth value."""
    if not isinstance(value, bool):
        raise Refused(f"{value!r} is no truth value")
    return value


def number(value: Value) -> int:
    """A number."""
    if type(value) is not int:
        raise Refused(f"{value!r} is no number")
    return value


def subsets(value: Value) -> frozenset[Value]:
    """All subsets."""
    found = listed(value)
    if 2 ** len(found) > MOST:
        raise Refused("too many subsets")
    return frozenset(map(frozenset, chain.from_iterable(combinations(found, n) for n in range(len(found) + 1))))


def functions(of: Value, to: Value) -> frozenset[Value]:
    """All functions from one set to another."""
    keys, values = listed(of), listed(to)
    if len(values) ** len(keys) > MOST:
        raise Refused("too many functions")
    return frozenset(function(dict(zip(keys, each, strict=True))) for each in product(values, repeat=len(keys)))


def records(parts: dict[str, Value]) -> frozenset[Value]:
    """All records with values of some sets."""
    each = product(*(listed(part) for part in parts.values()))
    return frozenset(Function(dict(zip(parts, values, strict=True))) for values in each)


def _sequence(value: Value) -> tuple[Value, ...]:
    if not isinstance(value, tuple):
        raise Refused(f"{value!r} is no sequence")
    return value


def _joined(one: Value, other: Value) -> Value:
    return function({**pairs(other), **pairs(one)})


STANDARD: dict[str, Callable[..., Value]] = {
    "Len": lambda q: len(_sequence(q)),
    "Head": lambda q: applied(_sequence(q), 1),
    "Tail": lambda q: _sequence(q)[1:],
    "Append": lambda q, x: (*_sequence(q), x),
    "SubSeq": lambda q, m, n: _sequence(q)[m - 1 : n] if n >= m else (),
    "SelectSeq": lambda q, test: tuple(x for x in _sequence(q) if truth(test(x))),
    "Cardinality": lambda s: len(elements(s)),
}

OPERATORS: dict[str, Callable[[Value, Value], Value]] = {
    "=": equal,
    "#": lambda a, b: not equal(a, b),
    "<": lambda a, b: number(a) < number(b),
    ">": lambda a, b: number(a) > number(b),
    "<=": lambda a, b: number(a) <= number(b),
    ">=": lambda a, b: number(a) >= number(b),
    "+": lambda a, b: number(a) + number(b),
    "-": lambda a, b: number(a) - number(b),
    "*": lambda a, b: number(a) * number(b),
    "\\div": lambda a, b: number(a) // number(b),
    "%": lambda a, b: number(a) % number(b),
    "..": lambda a, b: frozenset(range(number(a), number(b) + 1)),
    "\\cup": lambda a, b: set_of(elements(a) | elements(b)),
    "\\cap": lambda a, b: elements(a) & elements(b),
    "\\": lambda a, b: elements(a) - elements(b),
    "\\subseteq": lambda a, b: elements(a) <= elements(b),
    "\\o": lambda a, b: _sequence(a) + _sequence(b),
    ":>": lambda a, b: function({a: b}),
    "@@": _joined,
    "<=>": lambda a, b: truth(a) is truth(b),
}
