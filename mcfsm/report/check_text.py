"""A check as text for a terminal or a file: a header, the table of verdicts, and the flow of each that has one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import groupby

from rich import box
from rich.console import Console, Group, RenderableType
from rich.measure import Measurement
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from mcfsm.expressions import nodes as n
from mcfsm.expressions.domains import Domain
from mcfsm.model import CHECKS, Local, Model, Property, Response
from mcfsm.pictures.chart import render_text
from mcfsm.questions.check import Checked
from mcfsm.report.style import COLOURS, RESTRICTED, bounds, heading, label, marked, up_to
from mcfsm.semantics.product import State
from mcfsm.semantics.trace import Trace, shown_elements
from mcfsm.verdicts.verdict import FaultFound, Run, Verdict

_WIDE = Console(width=1000)  # to measure how wide something would be


_MOST_FAULTS = 5  # findings of one built-in check that are shown with their flow


def as_text(checked: Checked, *, width: int, brief: bool = False) -> RenderableType:
    """The whole report, scenario by scenario; `width` in columns is what flows may take.

    `brief`: one table for all scenarios, and the flows of those verdicts alone that are not as expected.
    """
    parts: list[RenderableType] = []
    scenarios = [list(group) for _, group in groupby(checked.runs, key=lambda run: run.model.scenario)]
    for runs in scenarios:
        parts += _unexpected(runs, width) if brief else _scenario(runs, width)
    if brief or len(scenarios) > 1:
        parts += _overview(scenarios, width)
    for warning in checked.warnings:
        parts.append(Text(f"warning: {warning}", style="yellow"))
    parts.append(_summary(checked))
    return Group(*parts)


def _scenario(runs: list[Run], width: int) -> Iterator[RenderableType]:
    model = runs[0].model
    yield heading(model, _shortened([instance.name for instance in model.instances]), bounds(model))
    if model.text:
        yield Text(model.text, style="dim")
    if any(run.avoided for run in runs):
        yield _left_out(runs)
    yield Padding(_counts(runs), (0, 0, 0, 2))
    yield Text("")
    yield Padding(_verdicts(runs), (0, 0, 0, 2))
    yield Text("")
    yield from _flows(runs, width)


def _unexpected(runs: list[Run], width: int) -> Iterator[RenderableType]:
    """What was explored, and the flows of what is not as expected."""
    yield heading(runs[0].model, bounds(runs[0].model))
    if any(run.avoided for run in runs):
        yield _left_out(runs)
    yield Padding(_counts(runs), (0, 0, 1, 2))
    wrong = [replace(run, verdicts=tuple(verdict for verdict in run.verdicts if not verdict.met)) for run in runs]
    yield from _flows(wrong, width)


def _left_out(runs: list[Run]) -> Text:
    """What was left out: under these verdicts nobody should read a plain PROVED."""
    named = list(dict.fromkeys(name for run in runs for name in run.avoided))
    title = "assumptions and informative items" if all(run.normative for run in runs) else "transitions"
    return Text(f"left out, so that no verdict is one on the whole model: {title} ({', '.join(named)})", style="yellow")


def _shortened(names: list[str]) -> str:
    return ", ".join(names) if len(names) <= 8 else f"{', '.join(names[:6])} ... {names[-1]} ({len(names)} instances)"


def _counts(runs: list[Run]) -> Table:
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 3, 0, 0))
    for run in runs:
        findings, model = run.findings, run.model
        observers = ", ".join(observer.name for observer in model.observers)
        table.add_row(
            *([label(model)] if label(model) else []),
            f"{findings.states:,} states",
            f"{findings.transitions:,} transitions",
            f"depth {findings.depth}",
            f"{findings.seconds:.1f} s",
            f"with observer{'s' if len(model.observers) > 1 else ''} {observers}" if observers else "",
            *([up_to(model)] if model.interchangeable else []),
            "" if findings.complete else f"not complete{': ' + findings.stopped if findings.stopped else ''}",
        )
    return table


def _verdicts(runs: list[Run]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 2, 0, 0), show_edge=False)
    for run in runs:
        table.add_column(label(run.model).replace(", ", "\n") or "verdict", no_wrap=True)
    table.add_column("property", no_wrap=True)
    table.add_column("promise")
    if len(runs) == 1:
        table.add_column("decided")
    for verdicts in zip(*(run.verdicts for run in runs), strict=True):
        first = verdicts[0]
        promise = Text(first.text)
        if first.clause:
            promise.append(f" [{first.clause}]", style="dim")
        statuses = [_status(verdict, run) for verdict, run in zip(verdicts, runs, strict=True)]
        cells: list[RenderableType] = [*statuses, first.id, promise]
        table.add_row(*cells, *([first.reason] if len(runs) == 1 else []))
    return table


def _overview(scenarios: list[list[Run]], width: int) -> Iterator[RenderableType]:
    """Every property against every scenario, as many scenarios beside each other as there is room for."""
    while scenarios:
        fitting = len(scenarios)
        while fitting > 1 and Measurement.get(_WIDE, _WIDE.options, _beside(scenarios[:fitting])).maximum > width:
            fitting -= 1
        yield _beside(scenarios[:fitting])
        yield Text("")
        scenarios = scenarios[fitting:]


def _beside(scenarios: list[list[Run]]) -> Table:
    """The statuses of all properties in some scenarios, the readings side by side: what a report should end with."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 2, 0, 0), show_edge=False)
    table.add_column("property", no_wrap=True)
    for runs in scenarios:
        values = [", ".join(reading.value for reading in run.model.readings) for run in runs]
        table.add_column(f"{runs[0].model.scenario}\n{' / '.join(values)}", no_wrap=True)
    names = dict.fromkeys(verdict.id for runs in scenarios for run in runs for verdict in run.verdicts)
    for name in sorted(names, key=lambda name: name in CHECKS):
        cells = []
        for runs in scenarios:
            found = [_brief(verdict, run) for run in runs for verdict in run.verdicts if verdict.id == name]
            cells.append(Text(" / ").join(found))
        table.add_row(name, *cells)
    table.add_section()
    for title in ("states", "transitions", "depth"):
        counts = [[f"{getattr(run.findings, title):,}" for run in runs] for runs in scenarios]
        table.add_row(title, *(" / ".join(numbers) for numbers in counts))
    return table


def _brief(verdict: Verdict, run: Run) -> Text:
    """The status in a narrow column; marked also where it is not what was expected."""
    text = marked(verdict, run)
    if not verdict.met:
        text.append(f" not {verdict.expected}", style="bold red")
    return text


def _status(verdict: Verdict, run: Run) -> Text:
    text = Text(verdict.status + (RESTRICTED if run.avoided else ""), style=COLOURS[verdict.status])
    if verdict.met and verdict.status != "PROVED":
        text.append(" (expected)", style="dim")
    elif not verdict.met:
        text.append(f" (not {verdict.expected})", style="bold red")
    return text


def _flows(runs: list[Run], width: int) -> Iterator[RenderableType]:
    """Each flow once, with the runs that have it."""
    seen: dict[tuple[str, Trace | None], list[str]] = {}
    for run in runs:
        for verdict in run.verdicts:
            if verdict.trace is not None:
                seen.setdefault((verdict.id, _steps(verdict.trace)), []).append(label(run.model))
    for run in runs:
        for verdict in run.verdicts:
            if verdict.trace is None:
                continue
            labels = seen.pop((verdict.id, _steps(verdict.trace)), None)
            if labels is not None:
                yield from flow_of(run, verdict, " and ".join(filter(None, labels)), width)


def _steps(trace: Trace) -> Trace:
    """The trace less its joint states: what makes two flows the same to a reader."""
    return Trace(trace.steps, (), (), trace.loop_start)


def flow_of(run: Run, verdict: Verdict, labels: str, width: int) -> Iterator[RenderableType]:
    """The flow of a verdict that has one, with what it rests on; `labels` says where it was found."""
    assert verdict.trace is not None
    head = _status(verdict, run)
    head.append(f"  {verdict.id}", style="bold")
    head.append(f"  {labels}: " if labels else "  ")
    head.append(verdict.reason)
    yield head
    yield Text(f"  {verdict.text}" + (f"  [{verdict.clause}]" if verdict.clause else ""))
    shown = [fault for fault in run.faults if fault.check == verdict.id]
    if shown:
        yield from _fault_flows(run, shown, width)
        return
    yield from _chart(run.model, verdict.trace, width)
    for note in _fair(verdict):
        yield Padding(Text(note, style="dim"), (0, 0, 0, 2))
    property_ = run.model.property_of.get(verdict.id) or run.model.response_of.get(verdict.id)
    if property_ is not None:
        values = ", ".join(values_read(run.model, property_, verdict.trace.states[-1]))
        if values:
            yield Padding(Text(f"after step {len(verdict.trace)}: {values}"), (0, 0, 0, 2))
    if verdict.relies_on:
        yield Padding(Text("Relies on:", style="dim"), (0, 0, 0, 2))
        for ground in _grounds(verdict.relies_on):
            yield Padding(Text(ground, style="dim"), (0, 0, 0, 4))
    if verdict.normative is not None:
        steps = verdict.normative.loop_start if verdict.normative.loop_start is not None else len(verdict.normative)
        yield Padding(Text(f"Without assumptions and informative items, {steps} steps:", style="dim"), (0, 0, 0, 2))
        yield from _chart(run.model, verdict.normative, width)
    elif verdict.normative_note:
        yield Padding(Text(verdict.normative_note, style="dim"), (0, 0, 0, 2))
    yield Text("")


def _fair(verdict: Verdict) -> Iterator[str]:
    """Why a loop is fair, and whether another fairness would rule it out."""
    if verdict.witnesses:
        yield f"The loop is fair: {'; '.join(map(str, verdict.witnesses))}."
    if verdict.fairness_note:
        yield verdict.fairness_note


def _grounds(relies_on: Iterable[str]) -> Iterator[str]:
    """What a flow rests on, a line each; the informative items on one line."""
    suffix = " (informative)"
    items = [ground.removesuffix(suffix) for ground in relies_on if ground.endswith(suffix) and "=" not in ground]
    yield from (ground for ground in relies_on if ground.removesuffix(suffix) not in items)
    if items:
        yield f"informative: {', '.join(items)}"


def _fault_flows(run: Run, faults: list[FaultFound], width: int) -> Iterator[RenderableType]:
    for fault in faults[:_MOST_FAULTS]:
        yield Padding(Text(fault.subject), (0, 0, 0, 2))
        for refusal in fault.refusals:
            yield Padding(Text(refusal), (0, 0, 0, 4))
        yield from _chart(run.model, fault.trace, width)
        if fault.stuck is not None:
            for line in fault.stuck.lines():
                yield Padding(Text(line.lstrip()), (0, 0, 0, 6 if line.startswith(" ") else 4))
    if len(faults) > _MOST_FAULTS:
        yield Padding(Text(f"and {len(faults) - _MOST_FAULTS} more; --json has them all"), (0, 0, 0, 2))
    yield Text("")


def _chart(model: Model, trace: Trace, width: int) -> Iterator[RenderableType]:
    if trace.steps or trace.ending:
        yield Padding(Text(render_text(trace, model, width=width - 2), no_wrap=True, overflow="ignore"), (0, 0, 0, 2))
    else:
        yield Padding(Text("the initial state"), (0, 0, 0, 2))


def values_read(model: Model, property_: Property | Response, state: State) -> Iterator[str]:
    """What a property reads, with its values in a state: "server(A).record = B", and messages in flight if it asks."""
    seen: dict[tuple[int, bool, int], str] = {}
    asks_channels = False
    if isinstance(property_, Response):
        roots = [*property_.causes, property_.goal]
    else:
        roots = [*([property_.premise] if property_.premise else []), property_.condition]
    for root in roots:
        for node in root.walk():
            asks_channels = asks_channels or isinstance(node, n.InFlight)
            if isinstance(node, n.Attribute):
                wanted = node.target.value if isinstance(node.target, n.Constant) else None
                for slot in node.slots:
                    if wanted in (None, slot.owner):
                        seen[slot.instance, slot.in_states, slot.position] = slot.owner
    for (instance, in_states, position), owner in sorted(seen.items(), key=lambda item: item[0]):
        yield _value(model, state.locals[instance], instance, owner, in_states, position)
    if asks_channels:
        flying = [
            f"{message.name}({', '.join(value for _, value in shown_elements(model, message))}) {channel.name}"
            for channel, content in zip(model.channels, state.channels, strict=True)
            for message in content
        ]
        yield f"in flight: {'; '.join(flying) or 'nothing'}"


def _value(model: Model, local: Local, instance: int, owner: str, in_states: bool, position: int) -> str:
    if instance < len(model.instances):
        role = model.role_of[owner]
        regions, variables = role.regions, role.variables
    else:
        observer = model.observers[instance - len(model.instances)]
        regions, variables = (observer.region,), observer.variables
    if in_states:
        return f"{owner}.{regions[position].name} = {local.states[position]}"
    domain: Domain = variables[position].domain
    return f"{owner}.{variables[position].name} = {domain.show(local.values[position])}"


def _summary(checked: Checked) -> Text:
    verdicts = [verdict for run in checked.runs for verdict in run.verdicts]
    unmet = [verdict for verdict in verdicts if not verdict.met]
    violated = _number(verdicts, "VIOLATED")
    text = f"{len(verdicts)} verdicts: {_number(verdicts, 'PROVED')} proved, {violated} violated"
    for status in ("VACUOUS", "INCOMPLETE"):
        if _number(verdicts, status):
            text += f", {_number(verdicts, status)} {status.lower()}"
    text += f"; {len(unmet)} not as expected." if unmet else "; all as expected."
    if any(run.avoided for run in checked.runs):
        text += " Transitions were left out: this says nothing of the whole model."
    return Text(text, style="bold red" if checked.exit_status == 1 else "bold")


def _number(verdicts: Iterable[Verdict], status: str) -> int:
    return sum(verdict.status == status for verdict in verdicts)
