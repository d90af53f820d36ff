"""Mutants of a model, explored together: which of them something notices, and which of them change nothing.

First each mutant is explored until it decides what the model itself does not, or to the end (`screen`). Those that came
to the end unnoticed are explored whole once more, beside the model (`compare`): for liveness, and to hold their graphs
against its own. What has the same states and the same steps between them cannot be told from the model by any property.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from mcfsm.explore.family import FamilySearch, VariantResult, members
from mcfsm.explore.family_findings import state_statuses
from mcfsm.explore.findings import Limits, ProgressCallback
from mcfsm.explore.liveness.family_fair_runs import FamilyLiveness
from mcfsm.explore.liveness.family_graph import FamilyGraph, family_graph
from mcfsm.explore.stopping import SIGNALS, Stopped
from mcfsm.model import Model, Status
from mcfsm.problems import ModelError


@dataclass(frozen=True)
class Screened:
    """What was found of a mutant: the statuses of what was asked, and the limit that stopped it, if one did."""

    statuses: Mapping[str, Status]
    stopped: str | None
    states: int
    unchanged: bool = False  # the same states, and the same steps between them, as the model has
    meaningless: str | None = None  # why it is no model: an expression that has no value


@dataclass(frozen=True)
class MutantQuery:
    """What is asked of each of up to 64 models, and how far they are explored."""

    models: Sequence[Model]
    property_ids: Sequence[str]
    limits: Limits | None = None
    on_progress: ProgressCallback | None = None
    workers: int | None = None


class _MutantSearch(FamilySearch):
    """A search that lets a mutant end as soon as it decides what is not in `known`, and not before."""

    def __init__(self, query: MutantQuery, known: Iterable[str]) -> None:
        asked = [query.property_ids for _ in query.models]
        self.meaningless: dict[int, str] = {}  # variant, to what has no value in it
        super().__init__(query.models, asked, limits=query.limits, on_progress=query.on_progress, workers=query.workers)
        self.known = frozenset(known)

    def decided(self, variant: int) -> bool:
        found = self.found[variant]
        return not self.known.issuperset((*found.hits, *(check for check, _ in found.faults)))

    def fill_entry(self, table: int, row: int, column: int, variants: int) -> None:
        """Fill one entry; where a value leaves its domain, for those that it has a meaning for, and drop the others."""
        try:
            super().fill_entry(table, row, column, variants)
        except ModelError:
            for variant in members(variants & int(self.active[0])):
                self.tables.moves.discard()  # what the entry that failed had come to
                try:
                    super().fill_entry(table, row, column, 1 << variant)
                except ModelError as error:
                    self.drop(variant, error.problems[0].message)
            self.tables.moves.discard()

    def no_value(self, variants: int) -> None:
        for variant in members(variants & int(self.active[0])):
            self.drop(variant, "a property has no value in some state")
        for one in self.lists:
            one.failed[0] = 0

    def drop(self, variant: int, why: str) -> None:
        """Go on without a mutant that is no model."""
        self.meaningless[variant] = why
        self.active[0] &= ~(np.uint64(1) << np.uint64(variant))


def screen(query: MutantQuery, known: Iterable[str]) -> list[Screened]:
    """What is found of each mutant by properties of states and checks; those in `known` the model decides as well.

    Raises KeyboardInterrupt where somebody interrupted it.
    """
    search = _MutantSearch(query, known)
    try:
        found = _screened(query, _found(search))
        return [replace(one, meaningless=search.meaningless.get(variant)) for variant, one in enumerate(found)]
    finally:
        search.store.close()


def compare(query: MutantQuery) -> list[Screened] | None:
    """What is found of some mutants by all that is asked, the first model being the one without mutation.

    None where a limit keeps one of them from being explored whole. Raises ModelError where an expression has no value
    in some of them, and KeyboardInterrupt.
    """
    asked = [query.property_ids for _ in query.models]
    search = FamilySearch(
        query.models, asked, limits=query.limits, full=True, on_progress=query.on_progress, workers=query.workers
    )
    try:
        found = _found(search)
        if not all(one.complete for one in found):
            return None
        live = [[p for p in model.liveness_properties if p.id in query.property_ids] for model in query.models]
        graph = family_graph(search, live)
    finally:
        search.store.close()
    said, changed = FamilyLiveness(graph, live), variants_that_differ(graph)
    return [
        Screened(
            {**one.statuses, **{p.id: said.status(variant, p) for p in live[variant]}},
            one.stopped,
            one.states,
            unchanged=not changed >> variant & 1,
        )
        for variant, one in enumerate(_screened(query, found))
    ]


def variants_that_differ(graph: FamilyGraph) -> int:
    """The models, as bits, that do not begin where the first does, or do not have just its steps, and so its states.

    Steps are told apart by the states that they join and by the fairness set that they belong to: all that a property,
    of states or of runs, can depend on.
    """
    found = sum(1 << variant for variant, first in enumerate(graph.initial) if {*first} != {*graph.initial[0]})
    if len(graph.source):
        order = np.lexsort((graph.taken, graph.target, graph.source))
        keys = np.stack([column[order] for column in (graph.source, graph.target, graph.taken)])
        first = np.flatnonzero(np.append(True, (keys[:, 1:] != keys[:, :-1]).any(axis=0)))
        owners = np.bitwise_or.reduceat(graph.edge_variants[order], first)
        found |= int(np.bitwise_or.reduce(_unlike_first(owners)))
    return found & ((1 << len(graph.initial)) - 1)


def _unlike_first(variants: np.ndarray[tuple[int], np.dtype[np.uint64]]) -> np.ndarray[tuple[int], np.dtype[np.uint64]]:
    """Of each set of models those in it where the first is not, and those not in it where the first is."""
    return variants ^ np.where(variants & np.uint64(1) != 0, ~np.uint64(0), np.uint64(0))


def _found(search: FamilySearch) -> list[VariantResult]:
    found, _ = search.run()
    signal = next((one.stopped for one in found if one.stopped in SIGNALS), None)
    if signal is not None:
        raise Stopped(signal)
    return found


def _screened(query: MutantQuery, found: Sequence[VariantResult]) -> list[Screened]:
    """The statuses of what is asked of states, with whatever stopped a search of them."""
    names = set(query.property_ids)
    return [
        Screened(state_statuses(model, names, one), one.stopped, one.states)
        for model, one in zip(query.models, found, strict=True)
    ]
