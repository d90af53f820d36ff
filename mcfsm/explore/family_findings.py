"""What is found of each of many models that are explored together: findings with their flows, and liveness.

Flows are told of one model at a time: it is explored once more alone, as deep as its findings lie, and liveness is
asked again of its own graph. Both must agree with what the search of all found.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property

from mcfsm.explore import exhaustive
from mcfsm.explore.family import Alone, Together
from mcfsm.explore.findings import INTERRUPTED, Answer, Findings, Limits, Report
from mcfsm.explore.liveness.family_fair_runs import Said, answers_in_each
from mcfsm.explore.liveness.family_graph import SharedGraph, shared_graph
from mcfsm.model import CHECKS, Model, Response
from mcfsm.semantics.status import Told, of_check, of_states


@dataclass(frozen=True)
class Question:
    """What is asked of each of some models that are explored together: `together.search` says the rest."""

    models: Sequence[Model]
    asked: Sequence[Iterable[str]]
    limits: Limits | None = None
    everything: bool = False
    report: Report | None = None
    workers: int | None = None

    @cached_property
    def live(self) -> list[list[Response]]:
        """The liveness promises asked of each model."""
        names = [set(ids) for ids in self.asked]
        return [[r for r in model.responses if r.id in ids] for model, ids in zip(self.models, names, strict=True)]


def explore(question: Question) -> tuple[list[Findings], list[list[Answer]]] | None:
    """What `exhaustive.explore` finds of each of some models, and the answers to what liveness is asked of it.

    Where liveness is asked of any they are explored whole, and nothing comes back where a limit keeps one from that.
    Raises ModelError as `together.search` does, AssertionError where a model alone has other findings, and
    KeyboardInterrupt where somebody interrupted it.
    """
    with _searched(question) as (found, graph):
        if graph is None and any(question.live):
            return None
        answers = [[] for _ in found] if graph is None else answers_in_each(graph, question.live)
    findings = [
        _findings(one, _flows(model, one, question.workers) if one.hits or one.faults else None)
        for model, one in zip(question.models, found, strict=True)
    ]
    return findings, answers


def tell(question: Question) -> list[Told] | None:
    """The verdicts on each of some models without any flow; else as `explore`."""
    with _searched(question) as (found, graph):
        if graph is None and any(question.live):
            return None
        said = None if graph is None else Said(graph, question.live)
    told = []
    for member, (model, asked, one) in enumerate(zip(question.models, question.asked, found, strict=True)):
        names, statuses = set(asked), {}
        for promise in model.promises:
            if promise.id not in names:
                continue
            if isinstance(promise, Response):
                assert said is not None
                statuses[promise.id] = said.status(member, promise)
                continue
            hit, coverage = promise.id in one.hits, one.coverage.get(promise.id, ())
            statuses[promise.id] = of_states(promise, hit=hit, complete=one.complete, coverage=coverage)
        failing = {check for check, _ in one.faults}
        checks = (check for check in CHECKS if check in names)
        statuses |= {check: of_check(found=check in failing, complete=one.complete) for check in checks}
        told.append(Told(one.states, statuses))
    return told


@contextmanager
def _searched(question: Question) -> Iterator[tuple[list[Alone], SharedGraph | None]]:
    """What was found of each model, and their graph if liveness was asked of any and all were explored whole."""
    search = Together(
        question.models,
        question.asked,
        limits=question.limits,
        everything=question.everything or any(question.live),
        report=question.report,
        workers=question.workers,
    )
    try:
        found, _ = search.run()
        if any(one.stopped == INTERRUPTED for one in found):
            raise KeyboardInterrupt
        whole = any(question.live) and all(one.complete for one in found)
        yield found, shared_graph(search, question.live) if whole else None
    finally:
        search.store.close()


def _flows(model: Model, one: Alone, workers: int | None) -> Findings:
    """What was found of one model, with paths."""
    levels, faults = one.hits.values(), one.faults.values()
    asked = [*one.hits, *{check for check, _ in one.faults}]
    limits = Limits(max_depth=max((*levels, *faults)))
    found = exhaustive.explore(model, asked=asked, limits=limits, everything=True, workers=workers)
    hits = {name: len(path) for name, path in found.paths.items()}
    if hits != one.hits or {(f.check, f.subject): len(f.path) for f in found.faults} != one.faults:
        raise AssertionError(f"{model.name} explored alone and with others has findings of different depth")
    return found


def _findings(one: Alone, flows: Findings | None) -> Findings:
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
        occurred=one.occurred,
    )
