"""Models explored together: each is found to be what it is alone, on random families of up to six changes."""

from __future__ import annotations

from collections import Counter
from itertools import combinations
from types import ModuleType
from typing import NamedTuple

import pytest
from common import plain_kernel, plant
from hypothesis import given, seed, settings
from hypothesis.strategies import one_of

from mcfsm import filling, kernel, members, successors
from mcfsm import variants as bits
from mcfsm.explore import each, liveness, liveness_in_each, reference_graph, shared_graph
from mcfsm.explore.each import Question
from mcfsm.explore.findings import Answer, Findings, Limits
from mcfsm.language.changes import apply
from mcfsm.language.resolve import resolve
from mcfsm.members import skeleton
from mcfsm.model import CHECKS, Model
from mcfsm.problems import ModelError
from mcfsm.testing.families import FamilyText, family_texts
from mcfsm.testing.strategies import SCENARIO
from mcfsm.verdict import judge

MOST_VARIANTS, MOST_STATES = 16, 300
DRAWN = 25  # families in one go


class Alone(NamedTuple):
    """A variant, and what the reference explorer finds of it."""

    model: Model
    findings: Findings
    answers: list[Answer]

    @property
    def asked(self) -> list[str]:
        """Everything that may be asked."""
        return [*(promise.id for promise in self.model.promises), *CHECKS]


Group = list[Alone]


def variants(text: FamilyText, most: int = MOST_STATES) -> Group:
    """Variants of a family that are models and small, smaller sets of changes first, each with what it is alone."""
    base, found = text.baseline(), []
    asked = [*text.data["properties"], *CHECKS]
    sets = [names for size in range(len(text.names) + 1) for names in combinations(text.names, size)]
    for names in (names for names in sets if not text.overlap(names)):
        try:
            model = resolve(apply(base, names), SCENARIO)
            how = {"asked": asked, "responses": model.responses, "limits": Limits(max_states=most)}
            alone, graph = reference_graph.explored(model, **how)
            answers = [] if graph is None else list(liveness.answers(model, graph))
        except ModelError:
            continue
        if alone.complete:
            found.append(Alone(model, alone, answers))
        if len(found) == MOST_VARIANTS:
            break
    return found


def alike(found: Group) -> list[Group]:
    """Those that can be explored together."""
    groups: dict[object, Group] = {}
    for alone in found:
        groups.setdefault(skeleton(alone.model), []).append(alone)
    return [group for group in groups.values() if len(group) > 1]


def assert_same(group: Group, workers: int) -> None:
    """Explored together, each is what it is alone."""
    models, asked = [alone.model for alone in group], [alone.asked for alone in group]
    explored = each.explore(Question(models, asked, Limits(), True, None, workers))
    told = each.tell(Question(models, asked, workers=workers))
    assert explored is not None
    assert told is not None
    for one, answers, few, (model, alone, wanted) in zip(*explored, told, group, strict=True):
        assert (one.states, one.transitions, one.depth) == (alone.states, alone.transitions, alone.depth)
        assert one.complete
        assert one.paths == alone.paths
        assert one.faults == alone.faults
        assert one.fired == alone.fired
        assert one.coverage == alone.coverage
        assert one.occurred == alone.occurred
        assert answers == wanted
        verdicts = judge(model, alone, asked[0], None, wanted).verdicts
        assert few.statuses == {verdict.id: verdict.status for verdict in verdicts}


def compared(number: int, seen: Counter[str]) -> None:
    """Compare the families of a chunk, with one to three workers; of every second chunk liveness is asked too."""

    @seed(number)
    @settings(max_examples=DRAWN, database=None)
    @given(family_texts(live=bool(number % 2)))
    def compare(text: FamilyText) -> None:
        for group in alike(variants(text)):
            assert_same(group, workers=1 + seen["families"] % 3)
            seen["families"] += 1
            seen[f"{len(text.names)} changes"] += 1
            seen["apart"] += len({alone.findings.states for alone in group}) > 1
            broken = {tuple(answer.lasso is None for answer in alone.answers) for alone in group}
            seen["broken in some"] += len(broken) > 1

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
    assert seen["broken in some"] >= 20


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
    "fairness sets that are those of another variant": (filling, "meant, chained, changes", "chained, changes"),
    "an edge that everybody has": (liveness_in_each, "reach[node] & bits[edge]", "reach[node]"),
    "runs that stop where something is owed": (liveness_in_each, "fair = waiting & ~enabled", "fair = waiting"),
    "what somebody owes is owed by all": (
        liveness_in_each,
        "combined(len(waiting), graph.source[owed], graph.bits[owed][:, None])[:, 0]",
        "combined(len(waiting), graph.source[owed], (graph.bits[owed] | asked)[:, None])[:, 0]",
    ),
    "cycles that somebody else goes round": (
        liveness_in_each,
        "edges = inner[inside[inner] & bit != 0]",
        "edges = inner",
    ),
    "goals that nobody comes to": (
        shared_graph,
        "goals[name] = holds[goal]",
        "goals[name] = np.zeros_like(holds[goal])",
    ),
    "a kind that stands for others": (members, "if known is definition or known == definition:", "if True:"),
}


@pytest.fixture(scope="module")
def families() -> list[Group]:
    """Small families, most of them of several kinds of models."""
    found: list[Group] = []

    @seed(7)
    @settings(max_examples=80, database=None)
    @given(one_of(family_texts(), family_texts(live=True)))
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
