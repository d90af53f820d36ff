"""Liveness against a second implementation, on random models and random graphs; and planted defects, which must show.

Every promise of 500 random models is decided under each fairness, and the lassos found are replayed. The lasso must not
depend on how a producer numbers states and sets and lists edges.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest
from common import Drawn, is_found, plant
from hypothesis import HealthCheck, assume, given, seed, settings
from naive_liveness import Runs, broken_strongly, broken_weakly, fair_subset
from randomized.strategies import model_texts, resolve_text

from mcfsm.explore.findings import Limits
from mcfsm.explore.liveness import digraph, exhaustive_graph, lasso, reference_graph
from mcfsm.explore.liveness import fair_runs as liveness
from mcfsm.explore.liveness.graph import Graph
from mcfsm.explore.liveness.reference_graph import graph_of
from mcfsm.kernel import components as kernel
from mcfsm.language.files.reader import read
from mcfsm.language.resolving.resolve import resolve
from mcfsm.model import CHECKS, Fairness, LivenessProperty, Model
from mcfsm.problems import ModelError
from mcfsm.semantics import fairness as fairnesses
from mcfsm.semantics.fairness import FairSet
from mcfsm.semantics.product import Product
from mcfsm.verdicts.lasso_witness import replay_lasso

CHUNKS, EACH, RUN = 10, 50, 10
MOST_STATES = 80
MOST_MODELS = 400  # until a planted defect has to show
ALTERNATING_BIT = Path(__file__).parents[2] / "models" / "textbook" / "alternating_bit.yaml"


def live_models(number: int, count: int, check: Callable[[Model, Graph], None]) -> None:
    """Call `check` with random models that have liveness properties, and their graphs."""
    seen: set[str] = set()

    def one(text: str) -> None:
        assume(text not in seen)
        model = resolve_text(text)
        try:
            graph = graph_of(
                model, liveness_properties=model.liveness_properties, limits=Limits(max_states=MOST_STATES)
            )
        except ModelError:
            graph = None
        assume(graph is not None and graph.complete)
        assert graph is not None
        check(model, graph)
        seen.add(text)

    for part in range(-(-count // RUN)):
        draw(number * 1_000_000 + part, one)


def draw(number: int, one: Callable[[str], None]) -> None:
    """Let Hypothesis draw a few texts with liveness properties."""
    examples = settings(max_examples=RUN, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    seed(number)(examples(given(text=model_texts(live=True))(one)))()


def expected(runs: Runs, property_: LivenessProperty, fairness: Fairness) -> bool | None:
    """Whether a promise is broken, by the second implementation; None where it does not know."""
    if fairness == "strong":
        return broken_strongly(runs, property_)
    return broken_weakly(runs, property_, fair=fairness == "weak")


def assert_same_answers(model: Model, graph: Graph) -> None:
    """Decide every promise under each fairness, twice, and replay what breaks it."""
    runs, product = Runs(model), Product(model)
    for property_ in model.liveness_properties:
        for fairness in cast("tuple[Fairness, ...]", ("none", "weak", "strong")):
            found = liveness.find_lasso(product, graph, property_, fairness)
            wanted = expected(runs, property_, fairness)
            assert wanted in (None, found is not None), (
                f"{property_.id} under {fairness} fairness: {wanted} is expected"
            )
            if found is not None:
                replay_lasso(product, property_, found, fairness)


def content(graph: Graph) -> tuple[Counter[Any], dict[Any, Any]]:
    """What a graph says, whatever its numbers: its steps by their joint states, and what holds in each state."""
    states = [graph.state_at(number) for number in range(graph.states)]
    edges = zip(
        graph.source.tolist(), graph.target.tolist(), graph.taken.tolist(), graph.informal.tolist(), strict=True
    )
    steps = Counter(
        (states[source], states[target], None if taken < 0 else graph.sets[taken], informal)
        for source, target, taken, informal in edges
    )
    promises = [*graph.causes.items(), *graph.goals.items()]
    facts = {
        state: (
            number in graph.initial,
            bool(graph.expanded[number]),
            [(name, bool(c[number])) for name, c in promises],
        )
        for number, state in enumerate(states)
    }
    assert len(facts) == graph.states
    return steps, facts


def assert_same_graph(model: Model, graph: Graph) -> None:
    """The graph of the compiled search, with some number of workers, says what that of the definition says."""
    workers = 1 + graph.states % 3
    found, fast = exhaustive_graph.explored(
        model, property_ids=CHECKS, liveness_properties=model.liveness_properties, workers=workers
    )
    known, _ = reference_graph.explored(model, property_ids=CHECKS, liveness_properties=model.liveness_properties)
    assert fast is not None
    assert content(fast) == content(graph)
    assert (found.states, found.transitions, found.depth) == (known.states, known.transitions, known.depth)
    assert [(fault.subject, fault.path) for fault in found.faults] == [(f.subject, f.path) for f in known.faults]
    for property_ in model.liveness_properties:
        wanted = liveness.find_lasso(Product(model), graph, property_, property_.fairness)
        assert liveness.find_lasso(Product(model), fast, property_, property_.fairness) == wanted
    shallow = Limits(max_depth=graph.states % 4)
    part = graph_of(model, liveness_properties=model.liveness_properties, limits=shallow)
    _, fast_part = exhaustive_graph.explored(
        model, property_ids=(), liveness_properties=model.liveness_properties, limits=shallow
    )
    assert fast_part is not None
    assert content(fast_part) == content(part)
    assert fast_part.stopped == part.stopped


@pytest.mark.parametrize(
    ("chunk", "count"), [(0, EACH // 2), *(pytest.param(more, EACH, marks=pytest.mark.slow) for more in range(5))]
)
def test_the_compiled_graph_on_random_models(chunk: int, count: int) -> None:
    live_models(200 + chunk, count, assert_same_graph)


@pytest.mark.parametrize(
    "chunk", [pytest.param(chunk, marks=[pytest.mark.slow] if chunk else []) for chunk in range(CHUNKS)]
)
def test_five_hundred_models(chunk: int) -> None:
    live_models(chunk, EACH, assert_same_answers)


@pytest.mark.parametrize(
    ("scenario", "broken"),
    [("lossy", True), ("few_copies", True), ("few_faults", False), ("careless_transmitter", True)],
)
def test_alternating_bit_under_weak_fairness(scenario: str, broken: bool) -> None:
    model = resolve(read(ALTERNATING_BIT), scenario)
    runs = Runs(model)
    assert [broken_weakly(runs, property_) for property_ in model.liveness_properties] == [broken] * 3


def test_incomplete_searches_prove_nothing_and_find_real_lassos() -> None:
    def check(model: Model, _: Graph) -> None:
        for depth in (0, 1, 3):
            graph = graph_of(model, liveness_properties=model.liveness_properties, limits=Limits(max_depth=depth))
            for answer in liveness.answers(model, graph):
                assert answer.complete is (graph.stopped is None)
                if answer.lasso is not None:
                    replay_lasso(Product(model), model.liveness_property_of[answer.id], answer.lasso, answer.fairness)

    live_models(100, 30, check)


def shuffled(graph: Graph, chance: random.Random) -> Graph:
    """The same graph, its states and fairness sets numbered otherwise, the edges of a state in another order."""
    states = list(range(graph.states))  # old number to new
    chance.shuffle(states)
    sets = list(range(len(graph.sets)))
    chance.shuffle(sets)
    renamed, back = np.array(states), np.argsort(states)
    edges = list(range(len(graph.source)))
    chance.shuffle(edges)
    edges.sort(key=renamed[graph.source].tolist().__getitem__)
    taken = np.array([*sets, -1])[graph.taken]
    old = {new: number for number, new in enumerate(sets)}
    return replace(
        graph,
        initial=tuple(states[number] for number in graph.initial),
        source=renamed[graph.source][edges],
        target=renamed[graph.target][edges],
        taken=taken[edges],
        informal=graph.informal[edges],
        sets=tuple(graph.sets[old[new]] for new in range(len(sets))),
        causes={name: column[back] for name, column in graph.causes.items()},
        goals={name: column[back] for name, column in graph.goals.items()},
        expanded=graph.expanded[back],
        state_at=lambda number: graph.state_at(int(back[number])),
    )


def test_the_lasso_does_not_depend_on_numbers() -> None:
    chance = random.Random(1)

    def check(model: Model, graph: Graph) -> None:
        other, product = shuffled(graph, chance), Product(model)
        for property_ in model.liveness_properties:
            for fairness in cast("tuple[Fairness, ...]", ("none", "weak", "strong")):
                one = liveness.find_lasso(product, graph, property_, fairness)
                assert one == liveness.find_lasso(product, other, property_, fairness)

    live_models(200, 20, check)


# ---- random graphs, with both strengths at once


def random_graph(chance: random.Random) -> tuple[Graph, Any]:
    """A small graph of no model, and a promise about it."""
    count, width = chance.randint(1, 6), chance.randint(0, 3)
    sets = tuple(FairSet(i, "t") if chance.random() < 0.5 else FairSet(i, None, "x") for i in range(width))
    edges = [
        (chance.randrange(count), chance.randrange(count), chance.randint(-1, width - 1))
        for _ in range(chance.randint(0, 2 * count + 2))
    ]
    edges.sort(key=lambda edge: edge[0])
    columns = np.array(edges, dtype=np.int32).reshape(-1, 3)
    every = np.ones(count, dtype=bool)
    graph = Graph(
        states=count,
        initial=(0,),
        source=columns[:, 0],
        target=columns[:, 1],
        taken=columns[:, 2],
        informal=np.zeros(len(edges), dtype=bool),
        sets=sets,
        causes={"L": every},
        goals={"L": np.array([chance.random() < 0.25 for _ in range(count)])},
        expanded=every,
        state_at=lambda number: cast("Any", number),
    )
    return graph, SimpleNamespace(id="L")


def differs(graph: Graph, property_: Any, fairness: Fairness) -> bool:
    """Whether trying every set of states says something else of a graph."""
    fair = liveness.fair_components(graph, liveness.fairness_problem(graph, property_, fairness))
    region = [i for i in range(graph.states) if not graph.goals["L"][i]]
    edges = list(zip(graph.source.tolist(), graph.target.tolist(), graph.taken.tolist(), strict=True))
    on = {s: {label for source, _, label in edges if source == s} for s in region}
    kinds = {i: fairnesses.strength(fairness, set_) for i, set_ in enumerate(graph.sets)}
    return bool((fair.component >= 0).any()) is not fair_subset(region, edges, on, kinds)


def random_graphs(count: int) -> Iterator[tuple[Graph, Any]]:
    chance = random.Random(2)
    for _ in range(count):
        yield random_graph(chance)


@pytest.mark.parametrize("count", [400, pytest.param(3000, marks=pytest.mark.slow)])
def test_thousands_of_graphs(count: int) -> None:
    """The 729th shows the last of the subtle defects below."""
    for graph, property_ in random_graphs(count):
        for fairness in cast("tuple[Fairness, ...]", ("none", "weak", "strong")):
            assert not differs(graph, property_, fairness), (graph, fairness)


CUT = ("enabled[node, k] & taking[c, k]", "enabled[node, k] & somewhere[c, k]")


@pytest.mark.parametrize(("planted", "component"), [([], [1, 1, -1, -1]), ([CUT], [-1, -1, -1, -1])])
def test_a_cut_takes_only_what_enables_the_set_that_is_not_taken(
    planted: list[tuple[str, str]], component: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a cycle 0 1 by one set and a cycle 1 2, state 2 enables another set, which leads to 3 alone, the goal."""
    plant(monkeypatch, kernel, planted)
    every = np.ones(4, dtype=bool)
    graph = Graph(
        states=4,
        initial=(0,),
        source=np.array([0, 1, 1, 2, 2], dtype=np.int32),
        target=np.array([1, 0, 2, 1, 3], dtype=np.int32),
        taken=np.array([0, 0, -1, -1, 1], dtype=np.int32),
        informal=np.zeros(5, dtype=bool),
        sets=(FairSet(0, "t"), FairSet(1, None, "x")),
        causes={"L": every},
        goals={"L": np.array([False, False, False, True])},
        expanded=every,
        state_at=lambda number: cast("Any", number),
    )
    problem = liveness.fairness_problem(graph, cast("Any", SimpleNamespace(id="L")), "strong")
    assert liveness.fair_components(graph, problem).component.tolist() == component


def test_more_fairness_sets_than_bits_in_a_word() -> None:
    """The sets of small graphs, moved so far up that they stand in two or three words."""
    for number, (graph, property_) in enumerate(random_graphs(600)):
        more = 62 + number % 4 + 64 * (number % 2)
        others = tuple(FairSet(len(graph.sets) + i, "t") for i in range(more))
        taken = np.where(graph.taken < 0, -1, graph.taken + more)
        wide = replace(graph, sets=(*others, *graph.sets), taken=taken)
        for fairness in cast("tuple[Fairness, ...]", ("weak", "strong")):
            one, other = (
                liveness.fair_components(each, liveness.fairness_problem(each, property_, fairness))
                for each in (graph, wide)
            )
            assert all((a == b).all() for a, b in zip(one, other, strict=True))


def test_edges_that_are_alike_do_no_harm() -> None:
    """Two steps may lead from one state to another, and so may two edges."""
    chance = np.random.default_rng(3)
    source, target = np.repeat(np.arange(200), 3), chance.integers(0, 200, 600)
    once = np.unique(source * 200 + target)
    wanted = liveness.components(digraph.digraph(200, once // 200, once % 200))
    found = liveness.components(digraph.digraph(200, np.repeat(source, 2), np.repeat(target, 2)))
    pairs = {(int(a), int(b)) for a, b in zip(found, wanted, strict=True)}
    assert len(pairs) == len(set(found.tolist())) == len(set(wanted.tolist()))


# ---- planted defects

GOOD = "elif not dropped[c] and not cut[c]:"
REACHED = "component[~region] = -1"
SINGLE = "np.bincount(component + 1, minlength=graph.states + 1)[component + 1] == 1"
WAITING = "waiting = ~graph.goals[property_.id]"
PLANTS: dict[str, list[tuple[ModuleType, str, str]]] = {
    "a fairness set ignored": [
        (
            liveness,
            '[kind == "weak" for kind in strengths]',
            '[kind == "weak" and i > 0 for i, kind in enumerate(strengths)]',
        ),
    ],
    "enabledness computed inside the component only": [
        (liveness, "np.ones_like(problem.allowed)", "problem.waiting[graph.target]"),
    ],
    "stutter forgotten": [
        (kernel, "component[node] = node if stops[node] else -1", "pass"),
        (liveness, "np.where(stops, every, -1)", "np.full(graph.states, -1)"),
    ],
    "stutter forgotten where no way leads back": [
        (liveness, "np.where(stops, every, -1)", "np.full(graph.states, -1)"),
    ],
    "single states skipped": [(liveness, REACHED, f"component[~region | ({SINGLE})] = -1")],
    "steps that leave the component count as taken": [
        (kernel, "label[target[edge]] == c", "label[target[edge]] != ELSEWHERE"),
    ],
    "components that are not reachable from the cause": [(liveness, REACHED, "pass")],
    "what a user does is fair": [(fairnesses, 'FAIR = frozenset({"protocol"', 'FAIR = frozenset({"user", "protocol"')],
    "goals that come with the cause are not seen": [
        (liveness, WAITING, "waiting = (graph.causes[property_.id] | ~graph.goals[property_.id])"),
    ],
}


LATE = {"steps that leave the component count as taken"}  # which some hundred models have to be drawn for
SUBTLE: dict[str, tuple[ModuleType, str, str]] = {  # random models hardly ever show these
    "a component that is cut passes all the same": (kernel, GOOD, "elif not dropped[c]:"),
    "a component that is cut is dropped": (kernel, "elif not dropped[c]:\n", "elif False:\n"),
    "a set enabled somewhere is taken for enabled everywhere": (
        kernel,
        "everywhere[c, k] & untaken",
        "somewhere[c, k] & untaken",
    ),
    "a step that leads back at once is no cycle": (
        liveness,
        "label[source] == label[target]",
        "(label[source] == label[target]) & (source != target)",
    ),
    "only steps that lead back at once are cycles": (
        liveness,
        "label[source] == label[target]",
        "source == target",
    ),
}


def chunk(number: int) -> list[tuple[Model, Runs]]:
    """Some random models, and their runs by the second implementation."""
    found: list[tuple[Model, Runs]] = []
    live_models(3000 + number, RUN, lambda model, _: found.append((model, Runs(model))))
    return found


@pytest.fixture(scope="module")
def models() -> Drawn[tuple[Model, Runs]]:
    return Drawn(chunk)


def wrong(model: Model, runs: Runs) -> bool:
    """Whether some verdict on a model is another than that of the second implementation."""
    graph = graph_of(model, liveness_properties=model.liveness_properties)
    for property_ in model.liveness_properties:
        for fairness in cast("tuple[Fairness, ...]", ("weak", "strong")):
            fair = liveness.fair_components(graph, liveness.fairness_problem(graph, property_, fairness))
            if expected(runs, property_, fairness) not in (None, bool((fair.component >= 0).any())):
                return True
    return False


def test_nothing_planted(models: Drawn[tuple[Model, Runs]], monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (fairnesses, kernel, lasso, liveness):
        plant(monkeypatch, module, [])
    assert not any(wrong(*one) for one in models.first(50))  # each defect shows in these, or in the first models above


@pytest.mark.parametrize("defect", [pytest.param(name, marks=[pytest.mark.slow] * (name in LATE)) for name in PLANTS])
def test_is_found(defect: str, models: Drawn[tuple[Model, Runs]]) -> None:
    def planting(patch: pytest.MonkeyPatch) -> None:
        for module, old, new in PLANTS[defect]:
            plant(patch, module, [(old, new)])

    assert is_found(models, MOST_MODELS, planting, lambda one: wrong(*one)), f"{MOST_MODELS} models show no difference"


@pytest.mark.parametrize("defect", SUBTLE)
def test_is_found_on_random_graphs(defect: str, monkeypatch: pytest.MonkeyPatch) -> None:
    module, old, new = SUBTLE[defect]
    plant(monkeypatch, module, [(old, new)])
    assert any(
        differs(graph, property_, fairness)
        for graph, property_ in random_graphs(3000)
        for fairness in cast("tuple[Fairness, ...]", ("weak", "strong"))
    )
