"""Models explored together: each is found to be what it is alone, on random families of up to six changes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from types import ModuleType

import pytest
from common import Drawn, is_found, plain_kernel, plant, until
from hypothesis import given, seed, settings
from randomized.families import FamilyText, family_texts
from randomized.strategies import SCENARIO, resolve_text
from randomized.together import Group, alone, assert_same

from mcfsm.explore.liveness import causes_and_goals
from mcfsm.kernel import expand as kernel
from mcfsm.kernel import sources, successors
from mcfsm.kernel import variant_sets as bits
from mcfsm.language.changes.apply import Baseline, apply
from mcfsm.language.files.reader import read_baseline
from mcfsm.language.resolving.resolve import resolve
from mcfsm.model.digest import digest, meaning
from mcfsm.problems import ModelError
from mcfsm.tables import moves, variant_encoding
from mcfsm.tables.variant_encoding import family_signature

MOST_VARIANTS, MOST_STATES = 16, 300
MOST_FAMILIES = 100  # until a planted defect has to show
KEPT = Path(__file__).parent / "kept" / "family"


def variants(text: FamilyText, most: int = MOST_STATES) -> Group:
    """Variants of a family, of changes that do not overlap."""
    return small(text.baseline(), [names for names in subsets(text.names) if not text.overlap(names)], most)


def subsets(names: list[str]) -> list[tuple[str, ...]]:
    """Every set of changes, smaller ones first."""
    return [some for size in range(len(names) + 1) for some in combinations(names, size)]


def small(base: Baseline, sets: Iterable[tuple[str, ...]], most: int) -> Group:
    """Of some variants those that are models and small, each with what it is alone."""
    found: Group = []
    for names in sets:
        try:
            one = alone(resolve(apply(base, names), SCENARIO), most)
        except ModelError:
            continue
        if one.findings.complete:
            found.append(one)
        if len(found) == MOST_VARIANTS:
            break
    return found


def alike(found: Group) -> list[Group]:
    """Those that can be explored together."""
    groups: dict[object, Group] = {}
    for one in found:
        groups.setdefault(family_signature(one.model), []).append(one)
    return [group for group in groups.values() if len(group) > 1]


def compared(number: int, count: int, seen: Counter[str], *, live: bool) -> None:
    """Compare so many random families, with one to three workers each."""

    @seed(number)
    @settings(max_examples=count, database=None)
    @given(family_texts(live=live))
    def compare(text: FamilyText) -> None:
        for group in alike(variants(text)):
            assert_same(group, workers=1 + seen["families"] % 3)
            seen["families"] += 1
            seen[f"{len(text.names)} changes"] += 1
            seen["apart"] += len({one.findings.states for one in group}) > 1
            broken = {tuple(answer.lasso is None for answer in one.answers) for one in group}
            seen["broken in some"] += len(broken) > 1

    compare()


def test_each_variant_of_some_is_what_it_is_alone(families: Drawn[Group]) -> None:
    """Each defect that is planted below shows in the first eight, but that which the family that is kept shows."""
    for number, group in enumerate(families.first(8)):
        assert_same(group, workers=1 + number % 3)


@pytest.mark.parametrize(
    ("number", "live"),
    [pytest.param(*which, marks=pytest.mark.slow) for which in ((0, True), (0, False), (1, False), (1, True))],
)
def test_each_variant_is_what_it_is_alone(number: int, live: bool) -> None:
    seen: Counter[str] = Counter()
    until(
        lambda: seen["families"] >= 5 + 20 * number and seen["apart"] >= 4,
        lambda part: compared(1000 * number + part, 3, seen, live=live),
        most=40,
    )


def thinned(group: Group) -> Group:
    """The first variants, each also without one and without two of the transitions that it takes."""
    found = group[:4]
    for one in group[:4]:
        fired = sorted(one.findings.fired)
        some = [frozenset(names) for names in (fired[:1], fired[-1:], fired[1:3]) if names]
        found += [alone(replace(one.model, avoided=names), MOST_STATES) for names in dict.fromkeys(some)]
    return [one for one in found if one.findings.complete]


@pytest.mark.parametrize("live", [pytest.param(False, marks=pytest.mark.slow), True])
def test_a_variant_that_avoids_transitions_is_what_it_is_alone(live: bool) -> None:
    seen: Counter[str] = Counter()
    until(lambda: seen["apart"] >= 3, lambda part: compare_thinned(drawn(900 + part, live=live), seen), most=40)


def compare_thinned(groups: list[Group], seen: Counter[str]) -> None:
    """The family of each, and whether what is avoided makes a difference."""
    for group in groups[:3]:
        some = thinned(group)
        assert_same(some, workers=1 + seen["families"] % 3)
        seen["families"] += 1
        seen["apart"] += any(one.findings.states != group[0].findings.states for one in some[4:])


def test_a_model_says_what_it_avoids_in_its_digest() -> None:
    (model, *_), *_ = owed()
    (line, *_) = model.roles[0].transitions
    thin = replace(model, avoided=frozenset({line.id}))
    assert (digest(model) != digest(thin), meaning(model) != meaning(thin)) == (True, True)
    assert digest(replace(model, avoided=frozenset())) == digest(model)


@pytest.mark.slow
def test_on_five_hundred_families() -> None:
    seen: Counter[str] = Counter()

    def enough() -> bool:
        many = sum(seen[f"{count} changes"] for count in (5, 6))
        return seen["families"] >= 500 and many >= 50 and seen["apart"] >= 200 and seen["broken in some"] >= 20

    until(enough, lambda part: compared(100 + part, 25, seen, live=bool(part % 2)), most=100)


# what is planted, and where; each has to show in some family that is explored in plain Python
PLANTS: dict[str, tuple[ModuleType, str, str]] = {
    "states counted again for who was there before": (
        bits,
        "        count(counts, U(0), variants)",
        "        count(counts, U(0), v.marks[at + U(BEFORE)])",
    ),
    "variants that come as far as others did": (
        bits,
        "v.entries[entry + U(NEW)] = variants",
        "v.entries[entry + U(NEW)] = variants | v.marks[at + U(BEFORE)]",
    ),
    "a state that sleeps too much": (
        bits,
        "marks[at + U(NOT_IN_SLEEP_SET)] |= ~sleep_set",
        "marks[at + U(NOT_IN_SLEEP_SET)] |= ~sleep_set & U(15)",
    ),
    "a move that only one of its members has": (moves, "known[0] |= variants", "pass"),
    "a move that everybody has": (successors, "& t.move_variants[move]", "& U(ALL)"),
    "a group that everybody is taken to know": (
        sources,
        "variants & ~t.filled_for[U(group)] != U(0)",
        "variants & U(0) != U(0)",
    ),
    "a reception that everybody is taken to know": (
        sources,
        "concerned & ~t.filled_for[U(group)] == U(0)",
        "concerned & U(0) == U(0)",
    ),
    "a content that everybody is taken to know": (
        sources,
        "variants & ~t.filled_for[U(faults)] != U(0)",
        "variants & U(0) != U(0)",
    ),
    "a message that channels of every kind offer": (sources, "concerned &= t.offered_by[U(offer)]", "pass"),
    "a message deferred by all where it is by one": (
        sources,
        "left &= t.deferred[U(group)] | ~concerned",
        "left = left if t.deferred[U(group)] != U(0) else left & ~concerned",
    ),
    "steps that everybody takes": (
        successors,
        "U(slot * STEPS), variants)",
        "U(slot * STEPS), block.variants[U(slot)])",
    ),
    "a deadlock of everybody who is there": (kernel, "still = variants & ~block.acted[slot]", "still = variants"),
    "messages that are refused by everybody": (kernel, "concerned & t.refused_variants[i]", "concerned"),
    "what one avoids taken all the same": (
        variant_encoding,
        "variants=class_.variants & ~avoiding",
        "variants=class_.variants",
    ),
    "a class that stands for others": (variant_encoding, "if known is definition or known == definition:", "if True:"),
}


# the same of liveness, which no kernel knows anything of
OF_LIVENESS: dict[str, tuple[ModuleType, str, str]] = {
    "fairness sets that are those of another variant": (
        moves,
        "key = meaning,",
        "key = next(i for i, m in enumerate(self.meanings.values) if m[:2] == self.meanings.values[meaning][:2]),",
    ),
    "goals that nobody comes to": (
        causes_and_goals,
        "goals[name] = holds[goal]",
        "goals[name] = np.zeros_like(holds[goal])",
    ),
}


def drawn(number: int, *, live: bool) -> list[Group]:
    """Small families, most of them of several kinds of models."""
    found: list[Group] = []

    @seed(number)
    @settings(max_examples=10, database=None)
    @given(family_texts(live=live))
    def draw(text: FamilyText) -> None:
        found.extend(group[:6] for group in alike(variants(text, most=60)))

    draw()
    return found + [thinned(group) for group in found[:2]]


OWED = """
model: owed
roles:
  r:
    states: [a, b]
    initial: a
    final: [a, b]
    transitions:
    - {id: r.stay, trigger: stay, kind: protocol, source: a}
    - {id: r.go, trigger: go, kind: protocol, source: a, dest: b}
properties: {P: {text: It gets on., leads_to: [i.state == a, i.state == b]}}
scenarios: {s: {instances: {i: r}, channels: {}}}
"""


def owed() -> Group:
    """Two models that differ only in what a fair run owes: whether staying does for going on."""
    return [
        alone(resolve_text(OWED.replace("trigger: go", f"trigger: {name}")), MOST_STATES) for name in ("go", "stay")
    ]


def test_what_is_owed_in_one_variant_only() -> None:
    assert [answers[0].lasso is None for _, _, answers in owed()] == [True, False]
    assert_same(owed(), workers=1)


@pytest.fixture(scope="module")
def families() -> Drawn[Group]:
    return Drawn(lambda number: drawn(700 + number, live=False))


@pytest.fixture(scope="module")
def live_families() -> Drawn[Group]:
    return Drawn(lambda number: drawn(800 + number, live=True) if number else [owed()])


def differs(group: Group) -> bool:
    try:
        assert_same(group, workers=1)
    except AssertionError:
        return True
    except Exception:
        return False
    return False


@pytest.mark.slow
@pytest.mark.parametrize("defect", PLANTS)
def test_a_planted_defect_is_found(defect: str, families: Drawn[Group]) -> None:
    module, old, new = PLANTS[defect]

    def planting(patch: pytest.MonkeyPatch) -> None:
        plain_kernel(patch)
        plant(patch, module, [(old, new)])

    assert is_found(families, MOST_FAMILIES, planting, differs)


@pytest.mark.slow
@pytest.mark.parametrize("defect", OF_LIVENESS)
def test_a_planted_defect_of_liveness_is_found(defect: str, live_families: Drawn[Group]) -> None:
    module, old, new = OF_LIVENESS[defect]
    assert is_found(live_families, MOST_FAMILIES, lambda patch: plant(patch, module, [(old, new)]), differs)


def test_a_family_that_is_kept_shows_what_others_hardly_ever_do(monkeypatch: pytest.MonkeyPatch) -> None:
    """It was the 32nd drawn; each of the other defects shows in one of the first five."""
    (group, *_) = alike(small(read_baseline(KEPT), subsets(["c0", "c1", "c2", "c3"]), most=60))
    plain_kernel(monkeypatch)
    assert not differs(group[:6])
    module, old, new = PLANTS["a group that everybody is taken to know"]
    plant(monkeypatch, module, [(old, new)])
    assert differs(group[:6])


@pytest.mark.slow  # as are those that it is the control of
def test_nothing_planted(families: Drawn[Group], monkeypatch: pytest.MonkeyPatch) -> None:
    plain_kernel(monkeypatch)
    for group in families.first(6):
        assert_same(group, workers=1)
