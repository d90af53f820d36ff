"""Models explored together: each is found to be what it is alone, on random families of up to six changes."""

from __future__ import annotations

from collections import Counter
from itertools import combinations

import pytest
from hypothesis import given, seed, settings

from mcfsm.explore import reference, together
from mcfsm.explore.findings import Findings, Limits
from mcfsm.language.changes import apply
from mcfsm.language.resolve import resolve
from mcfsm.members import skeleton
from mcfsm.model import CHECKS, Model
from mcfsm.problems import ModelError
from mcfsm.testing.families import FamilyText, family_texts
from mcfsm.testing.strategies import SCENARIO

MOST_VARIANTS, MOST_STATES = 16, 300
DRAWN = 25  # families in one go


def variants(text: FamilyText) -> list[tuple[Model, Findings]]:
    """Variants of a family that are models and small, smaller sets of changes first, each with what it is alone."""
    base, found = text.baseline(), []
    sets = [names for size in range(len(text.names) + 1) for names in combinations(text.names, size)]
    for names in (names for names in sets if not text.overlap(names)):
        try:
            model = resolve(apply(base, names), SCENARIO)
            alone = reference.explore(model, limits=Limits(max_states=MOST_STATES), everything=True)
        except ModelError:
            continue
        if alone.complete:
            found.append((model, alone))
        if len(found) == MOST_VARIANTS:
            break
    return found


def alike(found: list[tuple[Model, Findings]]) -> list[list[tuple[Model, Findings]]]:
    """Those that can be explored together."""
    groups: dict[object, list[tuple[Model, Findings]]] = {}
    for model, alone in found:
        groups.setdefault(skeleton(model), []).append((model, alone))
    return [group for group in groups.values() if len(group) > 1]


def compared(number: int, seen: Counter[str]) -> None:
    """Compare the families of a chunk, with one to three workers."""

    @seed(number)
    @settings(max_examples=DRAWN, database=None)
    @given(family_texts())
    def compare(text: FamilyText) -> None:
        for group in alike(variants(text)):
            models = [model for model, _ in group]
            asked = [[*(p.id for p in model.properties), *CHECKS] for model in models]
            found = together.explore(models, asked, Limits(), True, None, 1 + seen["families"] % 3)
            for one, (_, alone) in zip(found, group, strict=True):
                assert (one.states, one.transitions, one.depth) == (alone.states, alone.transitions, alone.depth)
                assert one.complete
                assert one.paths == alone.paths
                assert one.faults == alone.faults
                assert one.fired == alone.fired
                assert one.coverage == alone.coverage
                assert one.occurred == alone.occurred
            seen["families"] += 1
            seen[f"{len(text.names)} changes"] += 1
            seen["apart"] += len({one.states for one in found}) > 1
            seen["variants"] += len(group)

    compare()


@pytest.mark.parametrize("number", range(4))
def test_each_variant_is_what_it_is_alone(number: int) -> None:
    seen: Counter[str] = Counter()
    compared(number, seen)
    assert seen["families"] >= DRAWN // 3
    assert seen["apart"] >= DRAWN // 5


@pytest.mark.slow
def test_on_five_hundred_families() -> None:
    seen: Counter[str] = Counter()
    number = 100
    while seen["families"] < 500:
        compared(number, seen)
        number += 1
    assert sum(seen[f"{count} changes"] for count in (5, 6)) >= 50
    assert seen["apart"] >= 200
