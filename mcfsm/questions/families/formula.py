"""The shortest condition that tells some points from others: a minimal disjunction of products of value sets.

Each dimension of the space has a few values. A product gives for each dimension the values it allows; it is an
*implicant* where it covers no point that is to be left out, and *prime* where it cannot be widened. The condition is
the smallest set of primes that covers every point that is wanted (Quine and McCluskey, for values in place of bits).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import chain, combinations, product
from operator import and_, or_

MOST_PRODUCTS = 300_000
MOST_TRIED = 200_000  # choices in the search for the smallest set of primes
Point = tuple[str, ...]


@dataclass(frozen=True)
class Dimension:
    """Something that can be chosen."""

    name: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class Literal:
    """That a dimension has one of some values, but not any."""

    dimension: Dimension
    values: tuple[str, ...]


Term = tuple[Literal, ...]  # all of them


def opposite(literal: Literal) -> Literal:
    """That the dimension has one of the other values."""
    others = tuple(value for value in literal.dimension.values if value not in literal.values)
    return Literal(literal.dimension, others)


class TooManyProductsError(Exception):
    """A space has more products than are looked at."""


def minimal(dimensions: Sequence[Dimension], wanted: Mapping[Point, bool | None]) -> tuple[Term, ...]:
    """The terms of which one holds at a point iff the point is wanted; none: at no point; the empty term: at every one.

    Points that are not given, or with None, may come out either way. Of the shortest conditions (terms, then literals)
    the first in declared order. Raises TooManyProductsError.
    """
    points = [point for point, value in wanted.items() if value is not None]
    bit = {point: 1 << i for i, point in enumerate(points)}
    yes = reduce(or_, (bit[point] for point in points if wanted[point]), 0)
    if not yes:
        return ()
    having = [
        {value: reduce(or_, (bit[p] for p in points if p[i] == value), 0) for value in dimension.values}
        for i, dimension in enumerate(dimensions)
    ]
    allowed = [_value_sets(dimension.values) for dimension in dimensions]
    count = reduce(lambda total, sets: total * len(sets), allowed, 1)
    if count > MOST_PRODUCTS:
        raise TooManyProductsError
    primes: list[tuple[tuple[tuple[str, ...], ...], int]] = []
    for sets in product(*allowed):  # wider products come first
        covers = reduce(and_, (reduce(or_, (having[i][v] for v in values)) for i, values in enumerate(sets)), -1)
        covers &= (1 << len(points)) - 1
        if covers & yes and not covers & ~yes and not any(_inside(sets, wider) for wider, _ in primes):
            primes.append((sets, covers))
    primes = [one for one in primes if not any(_inside(one[0], other[0]) for other in primes if other is not one)]
    chosen = _cover([(covers, _size(dimensions, sets)) for sets, covers in primes], yes)
    return tuple(_term(dimensions, primes[i][0]) for i in chosen)


def _value_sets(values: tuple[str, ...]) -> list[tuple[str, ...]]:
    """Every set of values but the empty one, larger ones first."""
    return list(chain.from_iterable(combinations(values, size) for size in range(len(values), 0, -1)))


def _inside(sets: tuple[tuple[str, ...], ...], wider: tuple[tuple[str, ...], ...]) -> bool:
    return all(set(mine) <= set(others) for mine, others in zip(sets, wider, strict=True))


def _size(dimensions: Sequence[Dimension], sets: tuple[tuple[str, ...], ...]) -> int:
    return sum(len(values) < len(d.values) for d, values in zip(dimensions, sets, strict=True))


def _cover(primes: Sequence[tuple[int, int]], wanted: int) -> list[int]:
    """The fewest primes that cover what is wanted, of these the ones with fewest literals: branch and bound.

    After MOST_TRIED choices the best found so far is taken; the first found takes the widest prime each time.
    """
    best: tuple[tuple[int, int], list[int]] | None = None
    tried = 0

    def search(left: int, chosen: list[int], cost: int) -> None:
        nonlocal best, tried
        if not left:
            if best is None or (len(chosen), cost) < best[0]:
                best = (len(chosen), cost), sorted(chosen)
            return
        lowest = left & -left
        fitting = [(-(mine & left).bit_count(), size, i) for i, (mine, size) in enumerate(primes) if mine & lowest]
        for _, size, i in sorted(fitting):
            tried += 1
            if best is None or (tried <= MOST_TRIED and (len(chosen) + 1, cost + size) < best[0]):
                search(left & ~primes[i][0], [*chosen, i], cost + size)

    search(wanted, [], 0)
    assert best is not None
    return best[1]


def _term(dimensions: Sequence[Dimension], sets: tuple[tuple[str, ...], ...]) -> Term:
    return tuple(
        Literal(dimension, values)
        for dimension, values in zip(dimensions, sets, strict=True)
        if len(values) < len(dimension.values)
    )
