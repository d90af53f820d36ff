"""One model explored and judged, and with how much effort."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib import import_module

from mcfsm.explore.findings import INTERRUPTED, Answer, Explorer, Findings, Limits, Progress
from mcfsm.explore.liveness.graph import GraphSource
from mcfsm.model import Fairness, Model
from mcfsm.verdicts.verdict import Run, judge

ENGINES = ("exhaustive", "reference")  # modules of mcfsm.explore; the first is the default
Watcher = Callable[[Model, Progress], None]


def explorer(engine: str) -> Explorer:
    """The explorer of a name: imported when it is asked for, as the compiled one brings numba."""
    found: Explorer = import_module(f"mcfsm.explore.{engine}").explore
    return found


def graph_source(engine: str) -> GraphSource:
    """What explores a model and produces the graph that liveness is decided on."""
    found: GraphSource = import_module(f"mcfsm.explore.liveness.{engine}_graph").explored
    return found


def run(
    model: Model,
    asked: list[str],
    engine: str,
    limits: Limits | None,
    everything: bool,
    progress: Watcher | None,
    workers: int | None = None,
    *,
    avoid: frozenset[str] = frozenset(),
    fairness: Fairness | None = None,
    normative_flows: bool = True,
) -> Run:
    """One model explored and judged, the transitions in `avoid` left out. Where liveness is asked, all is explored.

    `normative_flows` looks for a second flow where the first rests on assumptions or informative items.
    """
    explore = explorer(engine)

    def report(state: Progress) -> None:
        if progress is not None:
            progress(model, state)

    def search(avoid: frozenset[str], asked: list[str], everything: bool = False) -> Findings:
        return explore(
            model,
            asked=asked,
            limits=limits,
            everything=everything,
            avoid=avoid,
            on_progress=report,
            workers=workers,
        )

    live = [response for response in model.responses if response.id in asked]
    asked = [name for name in asked if name not in {response.id for response in live}]
    answers: list[Answer] = []
    if not live:
        findings = search(avoid, asked, everything)
    else:
        from mcfsm.explore.liveness.fair_runs import answers as answers_of

        findings, graph = graph_source(engine)(
            model, asked=asked, responses=live, limits=limits, avoid=avoid, on_progress=report, workers=workers
        )
        if graph is not None:
            answers = list(answers_of(model, graph, fairness, avoid=avoid))
        else:
            answers = [Answer(r.id, fairness or r.fairness, False, INTERRUPTED, findings.states, False) for r in live]
    return judge(model, findings, asked, search if normative_flows else None, answers, avoid=avoid)


@dataclass(frozen=True)
class Effort:
    """How variants are explored: engine, threads, where each search gives up, up to which permutations; who watches."""

    engine: str = ENGINES[0]
    workers: int | None = None
    limits: Limits | None = None
    symmetry: bool = True
    progress: Watcher | None = None

    def run(
        self, model: Model, asked: Iterable[str], *, everything: bool = False, avoid: frozenset[str] = frozenset()
    ) -> Run:
        """One model explored and judged. Raises KeyboardInterrupt where somebody interrupted it."""
        how = self.engine, self.limits, everything, self.progress, self.workers
        found = run(model, list(asked), *how, avoid=avoid, normative_flows=False)
        if found.interrupted:
            raise KeyboardInterrupt
        return found
