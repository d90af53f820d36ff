"""One model explored and judged, and with how much effort."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any, TypeVar

from mcfsm.explore.findings import Answer, Explorer, Findings, Limits, Progress, Visited
from mcfsm.explore.stopping import (
    INTERRUPTED,
    NO_BOUNDARY,
    NO_GRAPH,
    NO_SHARED_BOUNDARY,
    NO_SHARED_GRAPH,
    SIGNALS,
    Stopped,
    Watch,
    ended_by,
    reason_of,
)
from mcfsm.host.memory import memory_allowed
from mcfsm.host.places import Owners, Workplace
from mcfsm.host.timing import phase
from mcfsm.model import CHECKS, Fairness, LivenessProperty, Model
from mcfsm.semantics.product import Product
from mcfsm.semantics.trace import ReplayError
from mcfsm.verdicts.budget import QuestionBudget
from mcfsm.verdicts.kept.keeping import KnownFindings
from mcfsm.verdicts.kept.question import Question
from mcfsm.verdicts.kept.records import Found
from mcfsm.verdicts.verdict import Run, informal_transitions, judge

if TYPE_CHECKING:
    from pathlib import Path

    from mcfsm.explore.liveness.graph import GraphSource
    from mcfsm.verdicts.checkpoints import Checkpoints

ENGINES = ("exhaustive", "reference")  # modules of mcfsm.explore; the first is the default
RECEPTION = "check.reception"
_GRACE = 2.0  # seconds to put a part of an answer together, after it was stopped
ProgressCallback = Callable[[Model, Progress], None]
T = TypeVar("T")
P = TypeVar("P")


@dataclass(frozen=True)
class Effort:
    """How models are explored: engine, threads, where each search gives up, up to which permutations; who is told.

    With a budget the seconds of its limits are those of all searches together, and a signal ends all of them alike;
    without one they are those of each search, and a signal is raised.
    """

    engine: str = ENGINES[0]
    workers: int | None = None
    limits: Limits | None = None
    symmetry: bool = True
    progress: ProgressCallback | None = None
    kept: KnownFindings | None = None  # what was found out before; None: everything is searched
    budget: QuestionBudget | None = None
    checkpoints: Checkpoints | None = None  # where the levels of searches are written, and gone on from
    disk: Path | None = None  # the folder in whose files the states are kept; None: in memory
    owners: Owners | None = None  # what gives the owners of the states, on several machines; None: they are here
    place: Workplace | None = None  # where scenarios are asked about; None: in this process, or beside it
    reduce: bool = False  # whether only such steps are taken as suffice, where no property of runs is asked

    @property
    def left(self) -> Limits:
        """The limits of a search that begins now."""
        limits = self.limits or Limits()
        return limits if self.budget is None else replace(limits, spent=self.budget.spent())

    @property
    def over(self) -> str | None:
        """What ended the whole question, if something did."""
        return None if self.budget is None else self.budget.over()

    def each(self, parts: Iterable[P], of: Callable[[P], Iterable[T]]) -> Iterator[T]:
        """What is found of one part of a question after another: where there is a budget, as far as that reaches."""
        if self.budget is not None:
            return self.budget.each(parts, of, lambda: watch_over(self, grace=_GRACE))
        return (one for part in parts for one in of(part))

    def reporter(self, model: Model) -> Callable[[Progress], None]:
        """What the explorer of a model tells how far it is."""
        return lambda state: None if self.progress is None else self.progress(model, state)

    def run(
        self, model: Model, property_ids: Iterable[str], *, full: bool = False, avoid: frozenset[str] = frozenset()
    ) -> Run:
        """One model explored and judged by its first flows.

        Raises KeyboardInterrupt where somebody interrupted it, and no budget takes notice of that.
        """
        found = run(model, property_ids, self, full=full, avoid=avoid, normative_flows=False)
        if found.interrupted and self.budget is None:
            raise Stopped(found.stopped or INTERRUPTED)
        return found


def explorer(engine: str, disk: Path | None = None, owners: Owners | None = None) -> Explorer:
    """The explorer of a name: imported when it is asked for, as the compiled one brings numpy."""
    if owners is not None:
        return partial(import_module("mcfsm.explore.cluster.search").explore, hire=owners.hire)
    if disk is not None:
        return partial(import_module("mcfsm.explore.disk.search").explore, folder=disk)
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

    `normative_flows` looks for a second flow where the first rests on assumptions or informative items. Limits hold for
    all of it. Where it is stopped, by one of them or by a signal, what is decided is kept, and the rest is INCOMPLETE.
    Where the effort has it from before, nothing is searched.
    """
    over, wanted = effort.over, list(property_ids)
    effort = replace(effort, limits=effort.left, kept=None if effort.reduce else effort.kept)
    live = [property_ for property_ in model.liveness_properties if property_.id in wanted]
    others = [name for name in wanted if name not in {property_.id for property_ in live}]
    question = Question(model, frozenset(wanted), effort.engine, full, avoid, fairness, normative_flows)
    if effort.checkpoints is not None:
        effort.checkpoints.ask(question)
        known = _known(question, effort, effort.checkpoints.found, others)
        if known is not None:
            return replace(known, taken=False)
    known = _known(question, effort, effort.kept, others)
    if known is not None:
        return known
    found, watch = None, watch_over(effort)
    elsewhere = effort.disk is not None or effort.owners is not None
    if elsewhere and model.boundary is not None:
        over = over or (NO_BOUNDARY if effort.owners is None else NO_SHARED_BOUNDARY)
    try:
        if over is not None:
            raise Stopped(over)
        with watch:
            searching = _Searching(question, effort, watch)
            found = searching.run(live, others, full, normative_flows)
            searching.keep(Found(found.findings, found.answers, searching.without))
    except (KeyboardInterrupt, MemoryError) as error:
        if found is None:
            why = reason_of(error)
            nothing = nothing_found(model, effort.engine, why, watch.seconds())
            found = judge(model, nothing, others, None, unanswered(live, fairness, why, 0), avoid=avoid)
    finally:
        watch.close()
    if effort.budget is not None:
        effort.budget.note(found.stopped)
    return found


def _known(question: Question, effort: Effort, kept: KnownFindings | None, others: list[str]) -> Run | None:
    """The run of a question that was asked before, if that is kept: judged anew, each flow replayed."""
    if kept is None:
        return None

    def judged(found: Found, product: Product) -> Run:
        def second(_: frozenset[str], __: list[str]) -> Findings:
            if found.without is None:
                raise ReplayError("no flow on normative items was looked for")
            return found.without

        search = second if question.normative_flows else None
        run = judge(question.model, found.findings, others, search, found.answers, product=product)
        return replace(run, taken=True)

    with phase("known"):
        return kept.take(question, effort.limits or Limits(), judged)


def watch_over(effort: Effort, **grace: float) -> Watch:
    """What ends whatever is done under it, once a limit is passed; all the memory there is, where none is given."""
    limits = effort.left
    return Watch(limits if limits.max_memory is not None else replace(limits, max_memory=memory_allowed()), **grace)


def nothing_found(model: Model, engine: str, why: str, seconds: float) -> Findings:
    """The findings of a search that was stopped before it could say anything."""
    return Findings(engine, 0, 0, 0, complete=False, stopped=why, seconds=seconds, visited=Visited.nothing(model))


def unanswered(
    properties: Iterable[LivenessProperty], fairness: Fairness | None, why: str, states: int
) -> list[Answer]:
    """The answers to properties of runs that nobody looked for, as the search was stopped."""
    return [Answer(p.id, fairness or p.fairness, False, why, states, False) for p in properties]


class _Searching:
    """One model that is explored and judged, under the eyes of a watch."""

    def __init__(self, question: Question, effort: Effort, watch: Watch) -> None:
        self.question, self.effort, self.watch = question, effort, watch
        self.model, self.avoid, self.fairness = question.model, question.avoid, question.fairness
        self.without: Findings | None = None  # what was found on normative items alone

    def search(self, avoid: frozenset[str], property_ids: list[str], full: bool = False) -> Findings:
        """One search, in what is left of the time."""
        limits = self.effort.limits or Limits()
        return explorer(self.effort.engine, self.effort.disk, self.effort.owners)(
            self.model,
            property_ids=property_ids,
            limits=replace(limits, spent=limits.spent + self.watch.seconds()),
            full=full,
            avoid=avoid,
            on_progress=self.effort.reporter(self.model),
            workers=self.effort.workers,
            **self.checkpoint(avoid, property_ids, full),
            **({"reduce": True} if self.effort.reduce else {}),
        )

    def checkpoint(self, avoid: frozenset[str], property_ids: list[str], full: bool) -> dict[str, Any]:
        """The argument that says where a search writes its levels, for those that can."""
        checkpoints = self.effort.checkpoints
        if checkpoints is None:
            return {}
        return {"checkpoint": checkpoints.of(self.question, avoid, property_ids, full=full)}

    def keep(self, found: Found) -> None:
        """Keep what was found, for whoever asks the same."""
        if self.effort.kept is not None:
            self.effort.kept.keep(self.question, found)
        if self.effort.checkpoints is not None:
            self.effort.checkpoints.found.keep(self.question, found)
            self.effort.checkpoints.done(self.question)

    def run(self, live: list[LivenessProperty], others: list[str], full: bool, normative_flows: bool) -> Run:
        answers: list[Answer] = []
        if not live:
            findings = self.search(self.avoid, others, full)
        else:
            findings, answers = self.answers(live, others)
        second = self.search_without if normative_flows and not _out_of_time(findings) else None
        try:
            return judge(self.model, findings, others, second, answers, avoid=self.avoid)
        except KeyboardInterrupt as error:
            if findings.stopped is not None:
                raise
            ended = replace(findings, complete=False, stopped=ended_by(error))
            return judge(self.model, ended, others, None, answers, avoid=self.avoid)

    def search_without(self, avoid: frozenset[str], property_ids: list[str]) -> Findings:
        """A search on normative items alone, for flows that rest on nothing else."""
        self.without = self.search(avoid, property_ids)
        return self.without

    def answers(self, live: list[LivenessProperty], others: list[str]) -> tuple[Findings, list[Answer]]:
        """What was asked of states, and of runs; what of it was not come to is incomplete."""
        if self.effort.disk is not None or self.effort.owners is not None:
            findings = self.search(self.avoid, others, full=True)
            why = findings.stopped or (NO_GRAPH if self.effort.owners is None else NO_SHARED_GRAPH)
            return findings, unanswered(live, self.fairness, why, findings.states)
        from mcfsm.explore.liveness.fair_runs import answers as answers_of

        with phase("searching"):
            findings, graph = graph_source(self.effort.engine)(
                self.model,
                property_ids=others,
                liveness_properties=live,
                limits=self.effort.limits,
                avoid=self.avoid,
                on_progress=self.effort.reporter(self.model),
                workers=self.effort.workers,
                **self.checkpoint(self.avoid, others, True),
            )
        found: list[Answer] = []
        if isinstance(graph, str):
            return findings, unanswered(live, self.fairness, graph, findings.states)
        try:
            with phase("liveness"):
                for answer in answers_of(self.model, graph, self.fairness, avoid=self.avoid):
                    found.append(answer)  # one by one, as the next may be stopped
        except KeyboardInterrupt as error:
            rest = live[len(found) :]
            found += unanswered(rest, self.fairness, ended_by(error), findings.states)
        return findings, found


def _out_of_time(findings: Findings) -> bool:
    """Whether nothing more is to be looked for: a signal came, or there is no time or memory for it."""
    why = findings.stopped
    return why is not None and (why in SIGNALS or why.startswith(("--max-seconds", "--max-memory")))


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
