"""One model explored and judged, and with how much effort."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from importlib import import_module

from mcfsm.explore.findings import INTERRUPTED, Answer, Explorer, Findings, Limits, Progress
from mcfsm.explore.liveness.graph import GraphSource
from mcfsm.model import CHECKS, Fairness, Model
from mcfsm.verdicts.verdict import Run, informal_transitions, judge

ENGINES = ("exhaustive", "reference")  # modules of mcfsm.explore; the first is the default
RECEPTION = "check.reception"
ProgressCallback = Callable[[Model, Progress], None]


@dataclass(frozen=True)
class Effort:
    """How models are explored: engine, threads, where each search gives up, up to which permutations; who is told."""

    engine: str = ENGINES[0]
    workers: int | None = None
    limits: Limits | None = None
    symmetry: bool = True
    progress: ProgressCallback | None = None

    def reporter(self, model: Model) -> Callable[[Progress], None]:
        """What the explorer of a model tells how far it is."""
        return lambda state: None if self.progress is None else self.progress(model, state)

    def run(
        self, model: Model, property_ids: Iterable[str], *, full: bool = False, avoid: frozenset[str] = frozenset()
    ) -> Run:
        """One model explored and judged by its first flows. Raises KeyboardInterrupt where somebody interrupted it."""
        found = run(model, property_ids, self, full=full, avoid=avoid, normative_flows=False)
        if found.interrupted:
            raise KeyboardInterrupt
        return found


def explorer(engine: str) -> Explorer:
    """The explorer of a name: imported when it is asked for, as the compiled one brings numpy."""
    found: Explorer = import_module(f"mcfsm.explore.{engine}").explore
    return found


def graph_source(engine: str) -> GraphSource:
    """What explores a model and produces the graph that liveness is decided on."""
    found: GraphSource = import_module(f"mcfsm.explore.liveness.{engine}_graph").explored
    return found


def run(
    model: Model,
    property_ids: Iterable[str],
    effort: Effort = Effort(),
    *,
    full: bool = False,
    avoid: frozenset[str] = frozenset(),
    fairness: Fairness | None = None,
    normative_flows: bool = True,
) -> Run:
    """One model explored and judged, the transitions in `avoid` left out. Where liveness is asked, all is explored.

    `normative_flows` looks for a second flow where the first rests on assumptions or informative items.
    """
    explore, report, wanted = explorer(effort.engine), effort.reporter(model), list(property_ids)
    limits, workers = effort.limits, effort.workers

    def search(avoid: frozenset[str], property_ids: list[str], full: bool = False) -> Findings:
        return explore(
            model, property_ids=property_ids, limits=limits, full=full, avoid=avoid, on_progress=report, workers=workers
        )

    live = [property_ for property_ in model.liveness_properties if property_.id in wanted]
    others = [name for name in wanted if name not in {property_.id for property_ in live}]
    answers: list[Answer] = []
    if not live:
        findings = search(avoid, others, full)
    else:
        from mcfsm.explore.liveness.fair_runs import answers as answers_of

        findings, graph = graph_source(effort.engine)(
            model,
            property_ids=others,
            liveness_properties=live,
            limits=limits,
            avoid=avoid,
            on_progress=report,
            workers=workers,
        )
        if graph is not None:
            answers = list(answers_of(model, graph, fairness, avoid=avoid))
        else:
            answers = [Answer(r.id, fairness or r.fairness, False, INTERRUPTED, findings.states, False) for r in live]
    return judge(model, findings, others, search if normative_flows else None, answers, avoid=avoid)


def run_by_text(
    model: Model,
    property_ids: Iterable[str],
    effort: Effort = Effort(),
    *,
    full: bool = False,
    avoid: frozenset[str] = frozenset(),
    fairness: Fairness | None = None,
) -> Run:
    """What the text alone gives: assumptions and informative items are left out, beside the transitions in `avoid`.

    Receptions are asked of the whole model, and what only such a line answers has no answer: for a message that the
    text is silent about, it does not matter how the receiver came to be where it finds it. The flow says what it uses.
    """
    wanted = list(property_ids)
    promises = [name for name in wanted if name != RECEPTION]
    first = second = None
    if promises or not wanted:
        left_out = avoid | informal_transitions(model)
        first = run(model, promises, effort, full=full, avoid=left_out, fairness=fairness)
    if RECEPTION in wanted and (first is None or not first.interrupted):
        second = run(replace(model, text_alone=True), [RECEPTION], effort, full=full, avoid=avoid)
    if first is None or second is None:
        found = first or second
        assert found is not None
        return found
    verdicts = {verdict.id: verdict for verdict in (*first.verdicts, *second.verdicts)}
    ordered = (verdicts.pop(name) for name in (*(p.id for p in model.properties), *CHECKS) if name in verdicts)
    findings = second.findings if second.interrupted else first.findings
    return replace(first, findings=findings, verdicts=tuple(ordered), faults=(*first.faults, *second.faults))
