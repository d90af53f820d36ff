"""The flow of a verdict: what was found of which promise, its steps, and what it rests on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from rich.console import RenderableType
from rich.padding import Padding
from rich.text import Text

from mcfsm.model import Model
from mcfsm.problems import counted
from mcfsm.report.last_values import values_read
from mcfsm.report.style import AnswerLine, differing, flow, status_text, together
from mcfsm.semantics.trace import Trace
from mcfsm.verdicts.finding import FaultFound, in_words
from mcfsm.verdicts.reliance import Reliance
from mcfsm.verdicts.verdict import Run, Verdict

_MOST_FAULTS = 5  # findings of one built-in check that are shown with their flow


def flows_of(runs: Sequence[Run], width: int) -> Iterator[RenderableType]:
    """Each flow once, with the runs that have it where there are several."""
    labels = differing([run.model for run in runs])
    seen: dict[tuple[str, Trace | None], list[str]] = {}
    for run, variant in zip(runs, labels, strict=True):
        for verdict in run.verdicts:
            if verdict.trace is not None:
                seen.setdefault((verdict.id, _steps(verdict.trace)), []).append(variant)
    for run in runs:
        for verdict in run.verdicts:
            if verdict.trace is None:
                continue
            having = seen.pop((verdict.id, _steps(verdict.trace)), None)
            if having is not None:
                yield from flow_of(run, verdict, " and ".join(filter(None, having)), width)


def _steps(trace: Trace) -> Trace:
    """The trace less its joint states: what makes two flows the same to a reader."""
    return Trace(trace.steps, (), (), trace.loop_start)


def flow_of(run: Run, verdict: Verdict, labels: str, width: int) -> Iterator[RenderableType]:
    """The flow of a verdict that has one, with what it rests on; `labels` says where it was found."""
    assert verdict.trace is not None
    yield from head_of(run, verdict, labels)
    shown = [fault for fault in run.faults if fault.check == verdict.id]
    if shown:
        yield from _fault_flows(run, shown, width)
        yield from _normative(run.model, verdict, width)
        yield Text("")
        return
    yield from _chart(run.model, verdict.trace, width)
    for note in _fair(verdict):
        yield Padding(Text(note, style="dim"), (0, 0, 0, 2))
    property_ = run.model.property_of.get(verdict.id) or run.model.liveness_property_of.get(verdict.id)
    if property_ is not None:
        values = together(values_read(run.model, property_, verdict.trace.states[-1]))
        if values:
            yield Padding(Text(f"after step {len(verdict.trace)}: {values}"), (0, 0, 0, 2))
    yield from _relied_on(run.model, verdict.relies_on)
    yield from _normative(run.model, verdict, width)
    yield Text("")


def head_of(run: Run, verdict: Verdict, labels: str = "") -> Iterator[RenderableType]:
    """What was found of which property, and the promise with its clause; `labels` says where it was found."""
    head = AnswerLine().append_text(status_text(verdict, run))
    title = run.model.labels.label("property", verdict.id)
    head.append(f"  {verdict.id}" + (f" {title}" if title else ""), style="bold")
    head.append(f"  {decided(run, verdict)}")
    yield head
    promise = f"{verdict.text}  [{verdict.clause}]" if verdict.clause else verdict.text
    yield Padding(Text(promise), (0, 0, 0, 2))
    if labels:
        yield Padding(Text(f"under {labels}", style="dim"), (0, 0, 0, 2))


def decided(run: Run, verdict: Verdict) -> str:
    """How a verdict was decided; a finding of a built-in check in words."""
    fault = next((fault for fault in run.faults if fault.check == verdict.id), None)
    if fault is None or not verdict.reason.startswith(fault.subject):
        return verdict.reason
    said = in_words(run.model, fault, frozenset(run.avoided)).subject
    return said + verdict.reason.removeprefix(fault.subject)


def _relied_on(model: Model, relies_on: Sequence[Reliance]) -> Iterator[RenderableType]:
    if relies_on:
        yield Padding(Text("Relies on:", style="dim"), (0, 0, 0, 2))
        for ground in _grounds(model, relies_on):
            yield Padding(Text(ground, style="dim"), (0, 0, 0, 4))


def _normative(model: Model, verdict: Verdict, width: int) -> Iterator[RenderableType]:
    """The flow on normative items alone, or that there is none; nothing where the first flow is one."""
    if verdict.normative is not None:
        steps = verdict.normative.loop_start if verdict.normative.loop_start is not None else len(verdict.normative)
        yield Padding(
            Text(f"Without assumptions and informative items, {counted(steps, 'step')}:", style="dim"), (0, 0, 0, 2)
        )
        yield from _chart(model, verdict.normative, width)
    elif verdict.normative_note:
        yield Padding(Text(verdict.normative_note, style="dim"), (0, 0, 0, 2))


def _fair(verdict: Verdict) -> Iterator[str]:
    """Why a loop is fair, and whether another fairness would rule it out."""
    if verdict.witnesses:
        yield f"The loop is fair: {'; '.join(map(str, verdict.witnesses))}."
    if verdict.fairness_note:
        yield verdict.fairness_note


def _grounds(model: Model, relies_on: Iterable[Reliance]) -> Iterator[str]:
    """What a flow rests on, a line each; the informative items on one line."""
    items = [ground.name for ground in relies_on if ground.kind == "informative"]
    yield from (ground.in_words(model.labels) for ground in relies_on if ground.kind != "informative")
    if items:
        yield f"informative: {', '.join(items)}"


def _fault_flows(run: Run, faults: list[FaultFound], width: int) -> Iterator[RenderableType]:
    avoided = frozenset(run.avoided)
    for fault in (in_words(run.model, kept, avoided) for kept in faults[:_MOST_FAULTS]):
        yield Padding(Text(fault.subject), (0, 0, 0, 2))
        for refusal in fault.refusals:
            yield Padding(Text(refusal), (0, 0, 0, 4))
        yield from _chart(run.model, fault.trace, width)
        yield from _relied_on(run.model, fault.relies_on)
        if fault.stuck is not None:
            for line in fault.stuck.lines():
                yield Padding(Text(line.lstrip()), (0, 0, 0, 6 if line.startswith(" ") else 4))
    if len(faults) > _MOST_FAULTS:
        yield Padding(Text(f"and {len(faults) - _MOST_FAULTS} more; --json has them all"), (0, 0, 0, 2))


def _chart(model: Model, trace: Trace, width: int) -> Iterator[RenderableType]:
    if trace.steps or trace.ending:
        yield flow(trace, model, width)
    else:
        yield Padding(Text("the initial state"), (0, 0, 0, 2))
