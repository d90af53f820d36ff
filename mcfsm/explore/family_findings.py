"""What is found of each of many models that are explored together: findings with their flows, and liveness.

Flows are told of one model at a time: it is explored once more alone, as deep as its findings lie, and liveness is
asked again of its own graph. Both must agree with what the search of all found.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property

from mcfsm.explore import exhaustive
from mcfsm.explore.family import FamilySearch, VariantResult
from mcfsm.explore.findings import Answer, Findings, Limits, ProgressCallback
from mcfsm.explore.liveness.family_fair_runs import FamilyLiveness, family_answers
from mcfsm.explore.liveness.family_graph import FamilyGraph, family_graph
from mcfsm.explore.liveness.stored_states import no_room
from mcfsm.explore.stopping import SIGNALS, Stopped, reason_of
from mcfsm.model import CHECKS, LivenessProperty, Model, Status
from mcfsm.semantics.status import Statuses, of_check, of_states
from mcfsm.semantics.steps import depth_of


@dataclass(frozen=True)
class FamilyQuery:
    """What is asked of each of some models that are explored together: `family.search` says the rest."""

    models: Sequence[Model]
    property_ids: Sequence[Iterable[str]]
    limits: Limits | None = None
    full: bool = False
    on_progress: ProgressCallback | None = None
    workers: int | None = None
    partly: Callable[[str | None], bool] = lambda _: False  # told what stopped something; whether that is told

    @cached_property
    def liveness_properties(self) -> list[list[LivenessProperty]]:
        """The liveness properties asked of each model."""
        names = [set(ids) for ids in self.property_ids]
        return [
            [r for r in model.liveness_properties if r.id in ids] for model, ids in zip(self.models, names, strict=True)
        ]


def family_findings(query: FamilyQuery) -> tuple[list[Findings], list[list[Answer]]] | None:
    """What `exhaustive.explore` finds of each of some models, and the answers to what liveness is asked of it.

    Where liveness is asked of any they are explored whole, and nothing comes back where a limit keeps one from that,
    unless what is found is told partly: then what is asked of runs is incomplete. Raises ModelError as `family.search`
    does, AssertionError where a model alone has other findings, and KeyboardInterrupt where somebody interrupted it.
    """
    with _search(query) as (found, graph):
        if graph is None and any(query.liveness_properties) and not query.partly(None):
            return None
        answers = (
            [_unanswered(live, one) for live, one in zip(query.liveness_properties, found, strict=True)]
            if graph is None
            else family_answers(graph, query.liveness_properties)
        )
    return [_with_flows(query, model, one) for model, one in zip(query.models, found, strict=True)], answers


def _with_flows(query: FamilyQuery, model: Model, one: VariantResult) -> Findings:
    """What was found of one model; nothing of it where the search for its flows is stopped, and that is told partly."""
    if not one.hits and not one.faults:
        return _findings(one, None)
    if query.partly(None):
        return replace(_findings(one, None), complete=False, stopped=one.stopped or "a limit")
    try:
        return _findings(one, _flows(model, one, query.workers))
    except KeyboardInterrupt as error:
        if not query.partly(reason_of(error)):
            raise
        return replace(_findings(one, None), complete=False, stopped=reason_of(error))


def family_statuses(query: FamilyQuery) -> list[Statuses] | None:
    """The verdicts on each of some models without any flow; else as `family_findings`."""
    with _search(query) as (found, graph):
        if graph is None and any(query.liveness_properties) and not query.partly(None):
            return None
        said = None if graph is None else FamilyLiveness(graph, query.liveness_properties)
    found_statuses = []
    for variant, (model, property_ids, one) in enumerate(zip(query.models, query.property_ids, found, strict=True)):
        by_id = state_statuses(model, set(property_ids), one)
        live = query.liveness_properties[variant]
        by_id = {p.id: "INCOMPLETE" if said is None else said.status(variant, p) for p in live} | by_id
        declared = {property_.id: by_id[property_.id] for property_ in model.properties if property_.id in by_id}
        fired = one.fired if one.complete else None
        found_statuses.append(Statuses(one.states, declared | by_id, fired))
    return found_statuses


def state_statuses(model: Model, names: Container[str], one: VariantResult) -> dict[str, Status]:
    """The status of each property of states and of each check among `names`, in declared order, checks last."""
    statuses: dict[str, Status] = {}
    for property_ in model.state_properties:
        if property_.id in names:
            hit, coverage = property_.id in one.hits, one.coverage.get(property_.id, ())
            statuses[property_.id] = of_states(property_, hit=hit, complete=one.complete, coverage=coverage)
    failing = {check for check, _ in one.faults}
    checks = (check for check in CHECKS if check in names)
    return statuses | {check: of_check(found=check in failing, complete=one.complete) for check in checks}


@contextmanager
def _search(query: FamilyQuery) -> Iterator[tuple[list[VariantResult], FamilyGraph | None]]:
    """What was found of each model, and their graph if liveness was asked of any and all were explored whole."""
    search = FamilySearch(
        query.models,
        query.property_ids,
        limits=query.limits,
        full=query.full or any(query.liveness_properties),
        on_progress=query.on_progress,
        workers=query.workers,
    )
    try:
        found, _ = search.run()
        for one in found:
            if not query.partly(one.stopped) and one.stopped in SIGNALS:
                raise Stopped(one.stopped)
        whole = any(query.liveness_properties) and all(one.complete for one in found)
        no_graph = no_room(search, search.edges()) if whole else None
        whole = whole and no_graph is None
        query.partly(no_graph)
        yield found, family_graph(search, query.liveness_properties) if whole else None
    finally:
        search.store.close()


def _unanswered(live: Iterable[LivenessProperty], one: VariantResult) -> list[Answer]:
    """The answers to properties of runs of a model that was not explored whole; none where none are asked."""
    return [Answer(p.id, p.fairness, False, one.stopped or "a limit", one.states, False) for p in live]


def _flows(model: Model, one: VariantResult, workers: int | None) -> Findings:
    """What was found of one model, with paths."""
    levels, faults = one.hits.values(), one.faults.values()
    property_ids = [*one.hits, *{check for check, _ in one.faults}]
    limits = Limits(max_depth=max((*levels, *faults)))
    found = exhaustive.explore(model, property_ids=property_ids, limits=limits, full=True, workers=workers)
    if found.stopped is not None and not found.stopped.startswith("--max-depth"):
        raise Stopped(found.stopped)
    hits = {name: depth_of(path) for name, path in found.paths.items()}
    if hits != one.hits or {(f.check, f.subject): depth_of(f.path) for f in found.faults} != one.faults:
        raise AssertionError(f"{model.name} explored alone and with others has findings of different depth")
    return found


def _findings(one: VariantResult, flows: Findings | None) -> Findings:
    return Findings(
        engine=exhaustive.NAME,
        states=one.states,
        transitions=one.transitions,
        depth=one.depth,
        complete=one.complete,
        stopped=one.stopped,
        seconds=one.seconds,
        paths={} if flows is None else flows.paths,
        faults=() if flows is None else flows.faults,
        fired=one.fired,
        coverage=one.coverage,
        visited=one.visited,
    )
