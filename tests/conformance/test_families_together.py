"""Models explored together: each is found to be what it is alone, on random families of up to six changes."""

from __future__ import annotations

from collections import Counter
from itertools import combinations
from types import ModuleType

import pytest
from common import plain_kernel, plant
from hypothesis import given, seed, settings

from mcfsm import filling, kernel, members, successors
from mcfsm import variants as bits
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
Group = list[tuple[Model, Findings]]  # variants, and what the reference explorer finds of each


def variants(text: FamilyText, most: int = MOST_STATES) -> Group:
    """Variants of a family that are models and small, smaller sets of changes first, each with what it is alone."""
    base, found = text.baseline(), []
    sets = [names for size in range(len(text.names) + 1) for names in combinations(text.names, size)]
    for names in (names for names in sets if not text.overlap(names)):
        try:
            model = resolve(apply(base, names), SCENARIO)
            alone = reference.explore(model, limits=Limits(max_states=most), everything=True)
        except ModelError:
            continue
        if alone.complete:
            found.append((model, alone))
        if len(found) == MOST_VARIANTS:
            break
    return found


def alike(found: Group) -> list[Group]:
    """Those that can be explored together."""
    groups: dict[object, Group] = {}
    for model, alone in found:
        groups.setdefault(skeleton(model), []).append((model, alone))
    return [group for group in groups.values() if len(group) > 1]


def assert_same(group: Group, workers: int) -> None:
    """Explored together, each is what it is alone."""
    models = [model for model, _ in group]
    asked = [[*(p.id for p in model.properties), *CHECKS] for model in models]
    found = together.explore(models, asked, Limits(), True, None, workers)
    for one, (_, alone) in zip(found, group, strict=True):
        assert (one.states, one.transitions, one.depth) == (alone.states, alone.transitions, alone.depth)
        assert one.complete
        assert one.paths == alone.paths
        assert one.faults == alone.faults
        assert one.fired == alone.fired
        assert one.coverage == alone.coverage
        assert one.occurred == alone.occurred


def compared(number: int, seen: Counter[str]) -> None:
    """Compare the families of a chunk, with one to three workers."""

    @seed(number)
    @settings(max_examples=DRAWN, database=None)
    @given(family_texts())
    def compare(text: FamilyText) -> None:
        for group in alike(variants(text)):
            assert_same(group, workers=1 + seen["families"] % 3)
            seen["families"] += 1
            seen[f"{len(text.names)} changes"] += 1
            seen["apart"] += len({alone.states for _, alone in group}) > 1

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


# what is planted, and where; each has to show in some family that is explored in plain Python
PLANTS: dict[str, tuple[ModuleType, str, str]] = {
    "states counted again for who was there before": (
        bits,
        "        count(counts, U(0), bits)",
        "        count(counts, U(0), v.marks[at + U(BEFORE)])",
    ),
    "variants that come as far as others did": (
        bits,
        "v.entries[entry + U(NEW)] = bits",
        "v.entries[entry + U(NEW)] = bits | v.marks[at + U(BEFORE)]",
    ),
    "a state that sleeps too much": (bits, "marks[at + U(AWAKE)] |= ~sleep", "marks[at + U(AWAKE)] |= ~sleep & U(15)"),
    "a move that only one of its members has": (filling, "other.bits |= bits", "pass"),
    "a move that everybody has": (successors, "& t.movers[move]", "& U(ALL)"),
    "a group that everybody is taken to know": (
        successors,
        "& ~t.known[U(group)] != U(0)):\n                    miss(",
        "& U(0) != U(0)):\n                    miss(",
    ),
    "steps that everybody takes": (
        successors,
        "U(slot * STEPS), variants)",
        "U(slot * STEPS), block.variants[U(slot)])",
    ),
    "a deadlock of everybody who is there": (kernel, "still = variants & ~block.acted[slot]", "still = variants"),
    "messages that are refused by everybody": (kernel, "variants & t.refusers[i]", "variants"),
    "a kind that stands for others": (members, "if known is definition or known == definition:", "if True:"),
}


@pytest.fixture(scope="module")
def families() -> list[Group]:
    """Small families, most of them of several kinds of models."""
    found: list[Group] = []

    @seed(7)
    @settings(max_examples=80, database=None)
    @given(family_texts())
    def draw(text: FamilyText) -> None:
        found.extend(group[:6] for group in alike(variants(text, most=60)))

    draw()
    return found


@pytest.mark.slow
@pytest.mark.parametrize("defect", PLANTS)
def test_a_planted_defect_is_found(defect: str, families: list[Group], monkeypatch: pytest.MonkeyPatch) -> None:
    plain_kernel(monkeypatch)
    module, old, new = PLANTS[defect]
    plant(monkeypatch, module, [(old, new)])

    def differs(group: Group) -> bool:
        try:
            assert_same(group, workers=1)
        except AssertionError:
            return True
        except Exception:
            return False
        return False

    assert any(differs(group) for group in families)


def test_nothing_planted(families: list[Group], monkeypatch: pytest.MonkeyPatch) -> None:
    plain_kernel(monkeypatch)
    for group in families[:6]:
        assert_same(group, workers=1)
