"""In which of many models a liveness property is violated: the question of `liveness`, asked of one graph for all.

What is true of one model is true bit by bit: a state may stop a run where it enables nothing that fairness asks for,
and who comes from a cause to a state without meeting the goal comes to what lies behind it. Only inside components of
the graph of all, where models may have different components of their own, each model is looked at by itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from mcfsm.explore.findings import Answer
from mcfsm.explore.liveness.digraph import digraph, distinct, out_edges
from mcfsm.explore.liveness.fair_runs import FairnessProblem, answer, bits_of, components
from mcfsm.explore.liveness.family_graph import FamilyGraph
from mcfsm.explore.liveness.graph import Graph
from mcfsm.kernel.components import collect_bits, fair_sccs
from mcfsm.kernel.propagate import propagate
from mcfsm.model import Fairness, LivenessProperty, Status
from mcfsm.semantics.fairness import strength
from mcfsm.semantics.product import Product
from mcfsm.semantics.status import of_runs


def violating_variants(graph: FamilyGraph, name: str, fairness: Fairness, variants: int) -> int:
    """Those of `variants` in which a fair run violates a property, as bits."""
    mask = np.uint64(variants)
    waiting = graph.reached_by & ~graph.goals[name] & mask
    starts = graph.causes[name] & waiting
    if not starts.any():
        return 0
    kinds = [strength(fairness, set_) for set_ in graph.sets]
    weak, strong = (np.array([kind == which for kind in kinds], dtype=bool) for which in ("weak", "strong"))
    owed = np.flatnonzero(np.append(weak | strong, False)[graph.taken])
    enabled = np.zeros(len(waiting), dtype=np.uint64)
    np.bitwise_or.at(enabled, graph.source[owed], graph.edge_variants[owed])
    inside = graph.edge_variants & waiting[graph.source] & waiting[graph.target]
    fair = waiting & ~enabled
    problem = FairnessProblem(starts, waiting, None, weak, strong)
    for states, bits in _cyclic(graph, problem, fair, inside, variants):
        fair[states] |= bits
    ending = np.bitwise_or.reduce(fair)
    if not ending:
        return 0
    kept = np.flatnonzero(inside & ending)
    ways = digraph(len(waiting), graph.source[kept], graph.target[kept])
    reach = starts & ending
    propagate(ways.first, ways.target, inside[kept], reach)
    return int(np.bitwise_or.reduce(reach & fair))


def _cyclic(
    graph: FamilyGraph, problem: FairnessProblem, stops: Any, inside: Any, variants: int
) -> Iterator[tuple[Any, Any]]:
    """For each model the states of its fair components, and its bit, of those that lie in components of all models."""
    kept = np.flatnonzero(inside)
    source, target = graph.source[kept], graph.target[kept]
    label = components(digraph(len(stops), source, target))
    inner = kept[label[source] == label[target]]
    states = distinct(graph.source[inner])
    if not len(states):
        return
    ways, bits = graph.ways, bits_of(problem)
    leaving = out_edges(ways.first, states)
    enabled = np.empty((len(stops), bits.sets.shape[1]), dtype=np.uint64)
    component = np.empty(len(stops), dtype=np.int64)
    own, own_inner = np.zeros((2, len(inside)), dtype=bool)  # edges of a variant, of those that leave `states`
    for variant in (variant for variant in range(64) if variants >> variant & 1):
        bit = np.uint64(1 << variant)
        own[leaving], own_inner[inner] = graph.edge_variants[leaving] & bit != 0, inside[inner] & bit != 0
        mine = states[problem.waiting[states] & bit != 0]
        collect_bits(ways.first, own, graph.taken, bits.sets, mine, enabled)
        how = own_inner, graph.taken, *bits, enabled, stops & bit != 0, mine, component
        fair_sccs(ways.first, ways.target, *how)
        yield mine[component[mine] >= 0], bit


class FamilyLiveness:
    """What the graph of many models says of each property of each."""

    def __init__(self, graph: FamilyGraph, liveness_properties: Sequence[Sequence[LivenessProperty]]) -> None:
        variants_asking: dict[tuple[str, Fairness], int] = {}
        for variant, mine in enumerate(liveness_properties):
            for property_ in mine:
                key = property_.id, property_.fairness
                variants_asking[key] = variants_asking.get(key, 0) | 1 << variant
        self._broken = {key: violating_variants(graph, *key, bits) for key, bits in variants_asking.items()}
        self._held = {name: int(np.bitwise_or.reduce(column)) for name, column in graph.causes.items()}

    def broken(self, variant: int, property_: LivenessProperty) -> bool:
        """Whether some fair run of a model violates a property of it."""
        return bool(self._broken[property_.id, property_.fairness] >> variant & 1)

    def held(self, variant: int, property_: LivenessProperty) -> bool:
        """Whether its cause held in some state."""
        return bool(self._held[property_.id] >> variant & 1)

    def status(self, variant: int, property_: LivenessProperty) -> Status:
        """What that makes of it."""
        return of_runs(broken=self.broken(variant, property_), complete=True, held=self.held(variant, property_))


def family_answers(graph: FamilyGraph, liveness_properties: Sequence[Sequence[LivenessProperty]]) -> list[list[Answer]]:
    """The answer to each property of each model; a property that is violated is asked again of the model's own graph.

    Raises AssertionError where that does not agree.
    """
    said, answers = FamilyLiveness(graph, liveness_properties), []
    for variant, mine in enumerate(liveness_properties):
        broken = any(said.broken(variant, property_) for property_ in mine)
        own = (Product(graph.encoding.models[variant]), graph.graph(variant)) if broken else None
        states = int((graph.reached_by & np.uint64(1 << variant) != 0).sum())
        answers.append([_answer(states, own, said, variant, property_) for property_ in mine])
    return answers


def _answer(
    states: int, own: tuple[Product, Graph] | None, said: FamilyLiveness, variant: int, property_: LivenessProperty
) -> Answer:
    if own is None or not said.broken(variant, property_):
        held = said.held(variant, property_)
        return Answer(property_.id, property_.fairness, complete=True, stopped=None, states=states, held=held)
    product, its = own
    found = answer(product, its, property_)
    if found.lasso is None:
        raise AssertionError(f"{property_.id} of {product.model.name} is broken in the graph of many models only")
    return found
