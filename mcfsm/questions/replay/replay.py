"""Is this flow allowed? A flow file replayed on one scenario of a model, with the step at which it is refused and why.

A flow leaves things open, so it may mean several runs: what is carried from step to step is the set of all states that
it may have led to so far. It is allowed iff some run matches it to its end.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from mcfsm.explore.stopping import ended_by
from mcfsm.expressions.parse import SourceText
from mcfsm.language.changes.apply import apply, select
from mcfsm.language.files.document import Document
from mcfsm.language.files.flow_file import FlowError, FlowFile, read_flow
from mcfsm.language.files.reader import read, read_baseline
from mcfsm.language.resolving.resolve import resolve
from mcfsm.language.selection import combine, known_properties, known_scenarios, known_settings
from mcfsm.model import Fairness, Model
from mcfsm.model.digest import behaviour
from mcfsm.problems import ModelError, Problem
from mcfsm.questions.replay.decided import decided
from mcfsm.questions.replay.refusal import RefusalReason, reasons
from mcfsm.questions.replay.steps import FlowStepPattern, ask, too_many
from mcfsm.semantics.product import Product
from mcfsm.semantics.steps import State, Step
from mcfsm.semantics.trace import ReplayError, Trace, describe, replay, with_flow
from mcfsm.verdicts.run import Effort, watch_over

MOST_STATES = 2000  # states that the steps so far may have led to
StepProgress = Callable[[int, int], None]  # step, states it may lead to


@dataclass(frozen=True)
class RefusedStep:
    """The step that no state allows: in each of them a reason or more, those that agree counted together."""

    step: FlowStepPattern
    reasons: tuple[tuple[RefusalReason, int], ...]  # with the number of states that have it


@dataclass(frozen=True)
class Replayed:
    """A flow replayed: one of its runs, the first in declared order, as far as it goes."""

    model: Model
    path: str
    title: str | None
    steps: tuple[FlowStepPattern, ...]
    trace: Trace
    states: int  # that the flow may have led to: at its end, or before the step that is refused
    refused: RefusedStep | None
    changed: bool = False  # whether the model is another than the one that the file was written of
    asked: str | None = None  # a property or check that the flow is to decide
    decides: bool = False  # whether some run that is the flow does
    stopped: str | None = None  # the limit or signal that ended it before it was known whether it is allowed
    taken: int = 0  # steps of the file that the model allows

    @property
    def allowed(self) -> bool:
        """Whether some run of the model is the flow."""
        return self.refused is None and self.stopped is None

    @property
    def exit_status(self) -> int:
        """0 where it is allowed, 1 where it is refused, 2 where that is not known."""
        return 1 if self.refused is not None else 0 if self.allowed else 2

    def __str__(self) -> str:
        """One sentence: "refused at step 7 of 12, server(A) A-6: A-6: state is gone, not migrated"."""
        if self.refused is not None:
            step, reason = self.refused.step, self.refused.reasons[0][0]
            why = f"{reason.transition}: {reason.text}" if reason.transition else reason.text
            return f"refused at step {step.number} of {len(self.steps)}, {step}: {why}"
        if self.stopped is not None:
            return f"stopped by {self.stopped} after step {self.taken} of {len(self.steps)}"
        if self.asked is None:
            return "allowed"
        return f"allowed, and it {'decides' if self.decides else 'says nothing of'} {self.asked}"


@dataclass(frozen=True)
class _Way:
    """How a state was reached: the last step, and the way before it."""

    step: Step
    before: _Way | None


def replay_flow(
    path: Path | str,
    flow: Path | str,
    *,
    scenario: str | None = None,
    changes: Iterable[str] | None = None,
    readings: Mapping[str, str] | None = None,
    settings: Mapping[str, str] | None = None,
    asked: str | None = None,
    loop_start: int | None = None,
    fairness: Fairness | None = None,
    progress: StepProgress | None = None,
    effort: Effort = Effort(),
) -> Replayed:
    """Whether a model allows the flow of a file.

    `asked` names a property or a built-in check, of which is then said whether the flow decides it: ends in a state
    that breaks it (that is a witness, if it is `reachable`), or goes round for ever from step `loop_start` on, fairly.
    `scenario`, `changes`, `readings` and `settings` count before what the file says. Of the `effort` the limits of
    seconds and memory hold. Raises ModelError for what is wrong with the model or with these names, and its kind
    FlowError for what is wrong with the flow: its shape, its names, values that are none, and more states than are
    followed; and KeyboardInterrupt where it was ended before a step was looked at.
    """
    with watch_over(effort):
        written = read_flow(Path(flow))
        document = _changed(path, written) if changes is None else read(path, changes)
        names = [] if asked is None else known_properties([document], [asked])
        model = _meant(document, written, scenario, readings or {}, settings or {}, names)
        steps = ask(written, document, model)
        title = None if written.flow is None else str(written.flow)
        judge = partial(decided, model=model, name=asked or "", start=loop_start, fairness=fairness)
        deciding = None if asked is None else judge
        replayed = follow(Product(model), steps, path=str(flow), title=title, deciding=deciding, progress=progress)
    elsewhere = scenario is not None or changes is not None or bool(readings) or bool(settings)
    as_written = written.digest is None or elsewhere or written.digest == behaviour(model)
    return replace(replayed, changed=not as_written, asked=asked)


def follow(
    product: Product,
    steps: tuple[FlowStepPattern, ...],
    *,
    path: str,
    title: str | None = None,
    deciding: Callable[[Trace], bool] | None = None,
    progress: StepProgress | None = None,
) -> Replayed:
    """The steps of a flow taken from the initial state, in every way that fits. Raises ModelError and FlowError.

    Of the runs that the flow may be, one that is `deciding` is shown where there is any. A limit or a signal ends it
    with what was found up to there.
    """
    ways: dict[State, _Way | None] = {product.initial(): None}
    refused: RefusedStep | None = None
    shown: Trace | None = None
    stopped, taken = None, 0
    try:
        for pattern in steps:
            following = _follow(product, ways, pattern)
            if progress is not None:
                progress(pattern.number, len(following))
            if not following:
                refused = RefusedStep(pattern, _why(product, list(ways), pattern))
                break
            ways, taken = following, taken + 1
        if deciding is not None and refused is None:
            traces = (replay(product, _steps(way)) for way in ways.values())
            shown = next((trace for trace in traces if deciding(trace)), None)
    except (KeyboardInterrupt, MemoryError) as error:
        stopped = ended_by(error)
    trace = _run(product, ways) if shown is None else shown
    decides = shown is not None
    return Replayed(
        product.model,
        path,
        title,
        steps,
        trace,
        len(ways),
        refused,
        decides=decides,
        stopped=stopped,
        taken=taken,
    )


def _follow(product: Product, ways: Mapping[State, _Way | None], pattern: FlowStepPattern) -> dict[State, _Way | None]:
    """The states that a step leads to from any of some. Raises FlowError where they are too many."""
    following: dict[State, _Way | None] = {}
    for state, way in ways.items():
        try:
            steps = product.steps(state)
        except ModelError as error:
            raise with_flow(error, product, _steps(way)) from None
        for step in steps:
            if step.target not in following and pattern.fits(describe(product, state, step)):
                following[step.target] = _Way(step, way)
        if len(following) > MOST_STATES:
            raise too_many(MOST_STATES, pattern)
    return following


def _why(product: Product, states: list[State], pattern: FlowStepPattern) -> tuple[tuple[RefusalReason, int], ...]:
    """The reasons of all states, what most of them say first. Raises ReplayError where a state has none."""
    counted: Counter[RefusalReason] = Counter()
    for state in states:
        found = reasons(product, state, pattern)
        if not found:
            raise ReplayError(f"step {pattern.number} of a flow ({pattern}) is refused without a reason")
        counted.update(found)
    return tuple(counted.most_common())


def _run(product: Product, ways: Mapping[State, _Way | None]) -> Trace:
    return replay(product, _steps(next(iter(ways.values()))))


def _steps(way: _Way | None) -> list[Step]:
    taken = []
    while way is not None:
        taken.append(way.step)
        way = way.before
    return taken[::-1]


def _changed(path: Path | str, written: FlowFile) -> Document:
    """The document with the changes that the file names, else with the default ones."""
    if written.changes is None:
        return read(path)
    baseline = read_baseline(path)
    try:
        select(baseline, written.changes)
    except ModelError as error:
        raise FlowError(error.problems) from None
    return apply(baseline, written.changes)


def _meant(
    document: Document,
    written: FlowFile,
    scenario: str | None,
    readings: Mapping[str, str],
    settings: Mapping[str, str],
    properties: list[str],
) -> Model:
    """The scenario that is meant, under the constants that are. Observers keep no step back: there are those alone
    that a property reads which is asked.
    """
    chosen: dict[str, str] = {}
    for name, value in (*written.parameters.items(), *written.options.items()):
        with _said_at(name):
            chosen.update(known_settings(document, {str(name): str(value)}))
    for name, value in written.readings.items():
        with _said_at(value if name in document.readings else name):
            chosen.update(next(iter(combine(document, {str(name): [str(value)]}))))
    names = known_scenarios(document, None if scenario is None else [scenario])
    if scenario is None and written.scenario is not None:
        with _said_at(written.scenario):
            names = known_scenarios(document, [str(written.scenario)])
    chosen.update(known_settings(document, settings))
    for combination in combine(document, {name: [value] for name, value in readings.items()}):
        chosen.update(combination)
    if len(names) > 1:
        message = f"the model has several scenarios: {', '.join(names)}"
        raise ModelError([Problem("M601", None, message, "name one: --scenario, or scenario: in the flow file")])
    return resolve(document, names[0], chosen=chosen, properties=properties, symmetry=False)


@contextmanager
def _said_at(text: SourceText) -> Iterator[None]:
    """What is wrong with a name of the flow file becomes a problem of that file."""
    try:
        yield
    except ModelError as error:
        raise FlowError(replace(problem, span=text.span) for problem in error.problems) from None
