"""Liveness asked of the graph of many models gives what it gives of the graph of each."""

from __future__ import annotations

from typing import Any, cast

import numpy as np
import pytest
from common import plant

from mcfsm.explore.liveness import fair_runs as liveness
from mcfsm.explore.liveness import family_fair_runs as liveness_in_each
from mcfsm.explore.liveness.family_graph import FamilyGraph
from mcfsm.kernel import propagate
from mcfsm.model import Fairness, LivenessProperty
from mcfsm.semantics.fairness import FairSet
from mcfsm.tables.variant_encoding import VariantEncoding

SETS = (FairSet(0, "repeat"), FairSet(1, None, "a"), FairSet(1, None, "b"))
MEMBERS = 5
NAME = "P"
APART = 100  # graphs that are to tell models apart; each planted defect shows in the first 51 graphs


def random_graph(seed: int) -> FamilyGraph:
    """Up to a dozen states in five models: edges that some of those have that have their source."""
    dice = np.random.default_rng(seed)
    states, every = int(dice.integers(2, 13)), (1 << MEMBERS) - 1

    def bits(count: int) -> Any:
        return (dice.integers(0, every, count, endpoint=True) | dice.integers(0, every, count)).astype(np.uint64)

    edges = int(dice.integers(1, 3 * states))
    source = np.sort(dice.integers(0, states, edges)).astype(np.int32)
    target = dice.integers(0, states, edges).astype(np.int32)
    reached_by = bits(states)
    reached_by[0] = every
    return FamilyGraph(
        encoding=cast("VariantEncoding", None),
        reached_by=reached_by,
        initial=((0,),) * MEMBERS,
        source=source,
        target=target,
        edge_variants=bits(edges) & reached_by[source] & reached_by[target],
        taken=dice.integers(-1, len(SETS), edges).astype(np.int32),
        informal=np.zeros(edges, dtype=bool),
        sets=SETS,
        causes={NAME: bits(states) & bits(states) & reached_by},
        goals={NAME: bits(states) & bits(states) & bits(states) & reached_by},
        state_at=lambda member, number: cast("Any", (member, number)),
    )


def alone(graph: FamilyGraph, member: int, fairness: Fairness) -> bool:
    """Whether a fair run of one model breaks the promise, asked of its own graph."""
    own = graph.graph(member)
    problem = liveness.fairness_problem(own, cast("LivenessProperty", type("P", (), {"id": NAME})), fairness)
    return bool((liveness.fair_components(own, problem).component >= 0).any())


def told(graph: FamilyGraph, fairness: Fairness) -> list[bool]:
    """The same of all models, asked of the graph of all."""
    found = liveness_in_each.violating_variants(graph, NAME, fairness, (1 << MEMBERS) - 1)
    return [bool(found >> member & 1) for member in range(MEMBERS)]


@pytest.mark.parametrize("fairness", ["none", "weak", "strong"])
def test_on_random_graphs(fairness: Fairness) -> None:
    apart = 0
    for seed in range(1500):
        graph = random_graph(seed)
        wanted = [alone(graph, member, fairness) for member in range(MEMBERS)]
        assert told(graph, fairness) == wanted, seed
        apart += len(set(wanted)) > 1
        if apart == APART:
            break
    assert apart == APART


def test_of_some_models_only() -> None:
    for seed in range(200):
        graph = random_graph(seed)
        few = [liveness_in_each.violating_variants(graph, NAME, "weak", 1 << member) != 0 for member in range(MEMBERS)]
        assert few == told(graph, "weak"), seed


PLANTS = {
    "an edge that everybody has": ("reach[node] & edge_bits[edge]", "reach[node]"),
    "runs that stop where something is owed": ("fair = waiting & ~enabled", "fair = waiting"),
    "what somebody owes is owed by all": (
        "graph.edge_variants[owed])",
        "graph.edge_variants[owed] | mask)",
    ),
    "cycles that somebody else goes round": (
        "inside[inner] & bit != 0",
        "problem.waiting[graph.source[inner]] & problem.waiting[graph.target[inner]] & bit != 0",
    ),
    "sets enabled in another model": (
        "graph.edge_variants[leaving] & bit != 0",
        "graph.edge_variants[leaving] != 0",
    ),
}


@pytest.mark.parametrize("defect", PLANTS)
def test_a_planted_defect_is_found(defect: str, monkeypatch: pytest.MonkeyPatch) -> None:
    plant(monkeypatch, propagate if "edge_bits" in PLANTS[defect][0] else liveness_in_each, [PLANTS[defect]])
    wanted = ((graph, [alone(graph, m, "weak") for m in range(MEMBERS)]) for graph in map(random_graph, range(1500)))
    assert any(told(graph, "weak") != each for graph, each in wanted)


def test_the_graph_of_each_has_its_own_states_edges_and_sets() -> None:
    graph = random_graph(3)
    for member in range(MEMBERS):
        bit, own = np.uint64(1 << member), graph.graph(member)
        mine = np.flatnonzero(graph.reached_by & bit)
        edges = np.flatnonzero(graph.edge_variants & bit)
        assert own.states == len(mine)
        assert own.initial == (0,)
        assert mine[own.source].tolist() == graph.source[edges].tolist()
        assert mine[own.target].tolist() == graph.target[edges].tolist()
        sets = [None if taken < 0 else own.sets[taken] for taken in own.taken]
        assert sets == [None if taken < 0 else SETS[taken] for taken in graph.taken[edges]]
        assert [own.state_at(number) for number in range(own.states)] == [(member, number) for number in mine]
