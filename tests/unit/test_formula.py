"""The weakest condition: it holds just where it should, and no shorter one does."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mcfsm.questions.families.formula import Dimension, Literal, Term, TooManyProductsError, minimal, opposite

COLOUR = Dimension("colour", ("red", "green", "blue"))
LIGHT = Dimension("light", ("off", "on"))
SIZE = Dimension("size", ("small", "large"))
SPACE = (COLOUR, LIGHT, SIZE)
POINTS = list(product(*(dimension.values for dimension in SPACE)))


def holds(terms: tuple[Term, ...], point: tuple[str, ...]) -> bool:
    chosen = dict(zip(SPACE, point, strict=True))
    return any(all(chosen[literal.dimension] in literal.values for literal in term) for term in terms)


def words(terms: tuple[Term, ...]) -> list[str]:
    return [" & ".join(f"{one.dimension.name}={'/'.join(one.values)}" for one in term) for term in terms]


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (lambda _colour, _light, _size: True, [""]),
        (lambda _colour, _light, _size: False, []),
        (lambda _colour, light, _size: light == "on", ["light=on"]),
        (lambda colour, _light, _size: colour != "red", ["colour=green/blue"]),
        (lambda _colour, light, size: light == "on" and size == "large", ["light=on & size=large"]),
        (lambda colour, light, _size: light == "on" or colour == "red", ["light=on", "colour=red"]),
        (
            lambda _colour, light, size: (light == "on") == (size == "large"),
            ["light=off & size=small", "light=on & size=large"],
        ),
    ],
)
def test_conditions_of_a_few_points(wanted: Callable[..., bool], expected: list[str]) -> None:
    assert words(minimal(SPACE, {point: wanted(*point) for point in POINTS})) == expected


def test_points_that_may_come_out_either_way_make_it_shorter() -> None:
    wanted: dict[tuple[str, ...], bool | None] = {point: point[1] == "on" and point[2] == "large" for point in POINTS}
    assert words(minimal(SPACE, wanted)) == ["light=on & size=large"]
    assert words(minimal(SPACE, {p: v if p[1] == "on" or v else None for p, v in wanted.items()})) == ["size=large"]


@settings(max_examples=150)
@given(st.lists(st.sampled_from([True, False, None]), min_size=len(POINTS), max_size=len(POINTS)))
def test_it_holds_just_where_it_should_and_none_shorter_does(values: list[bool | None]) -> None:
    wanted = dict(zip(POINTS, values, strict=True))
    terms = minimal(SPACE, wanted)
    assert [point for point, value in wanted.items() if value is not None and holds(terms, point) is not value] == []
    if True in values:
        assert len(terms) == fewest(wanted)


def fewest(wanted: dict[tuple[str, ...], bool | None]) -> int:
    """By trying: how few products cover what is wanted and nothing else."""
    sets = [
        [set(chosen) for size in range(1, len(d.values) + 1) for chosen in combinations(d.values, size)] for d in SPACE
    ]
    covers = set()
    for chosen in product(*sets):
        inside = frozenset(p for p in POINTS if all(v in s for v, s in zip(p, chosen, strict=True)))
        if not any(wanted[point] is False for point in inside):
            covers.add(frozenset(point for point in inside if wanted[point]))
    target = frozenset(point for point, value in wanted.items() if value)
    count = 1
    while not any(frozenset().union(*some) == target for some in combinations(covers, count)):
        count += 1
    return count


def test_the_opposite_of_a_literal() -> None:
    assert opposite(Literal(COLOUR, ("red",))) == Literal(COLOUR, ("green", "blue"))


def test_a_space_may_be_too_large() -> None:
    many = [Dimension(f"d{i}", ("a", "b")) for i in range(12)]
    with pytest.raises(TooManyProductsError):
        minimal(many, {("a",) * 12: True, ("b",) * 12: False})
