"""A check as text for a terminal or a file: a header, the table of verdicts, and the flow of each that has one."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from rich import box
from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from mcfsm.explore.stopping import NO_MEMORY, SIGNALS
from mcfsm.expressions import nodes as n
from mcfsm.expressions.domains import Domain
from mcfsm.model import LivenessProperty, Local, Message, Model, Property
from mcfsm.problems import counted
from mcfsm.questions.check import Checked
from mcfsm.report.bite import bites_of
from mcfsm.report.grid import Grid
from mcfsm.report.style import (
    COLOURS,
    RESTRICTED,
    all_bounds,
    apart,
    briefly,
    differing,
    flow,
    heading,
    in_common,
    label,
    left_out,
    together,
    up_to,
    wrapped,
)
from mcfsm.semantics.steps import State
from mcfsm.semantics.trace import Trace, shown_elements
from mcfsm.verdicts.finding import FaultFound, in_words
from mcfsm.verdicts.reliance import Reliance
from mcfsm.verdicts.verdict import Run, Verdict

_LEAST_PROMISE = 24  # columns in which a promise can still be read
_MOST_HEAD = 20  # columns of what stands above a column of verdicts
_MOST_FAULTS = 5  # findings of one built-in check that are shown with their flow
_MOST_NAMED = 5  # verdicts that the last line names


class CheckReport:
    """The text of a check, in parts that can be shown as soon as a scenario is done."""

    def __init__(self, property_ids: Mapping[str, Sequence[str]], *, width: int, grid: bool = False) -> None:
        """Begin a report on what each scenario is `asked`; `width` in columns is what flows may take.

        `grid`: all scenarios in one grid, and the flows of those verdicts alone that are not as expected.
        """
        self.width, self.alone = width, grid
        self.grid = Grid(property_ids, width)
        self.scenarios: list[Sequence[Run]] = []

    def scenario(self, runs: Sequence[Run]) -> Iterator[RenderableType]:
        """What there is to say of one scenario: its block, or its rows in the grid."""
        self.scenarios.append(runs)
        yield from self.grid.rows(runs) if self.alone else _scenario(runs, self.width)

    def closing(self, checked: Checked) -> Iterator[RenderableType]:
        """What there is to say when all are done: the grid where there is none yet, flows, warnings, and a summary."""
        if len(self.scenarios) > 1 and not self.alone:
            for runs in self.scenarios:
                yield from self.grid.rows(runs)
        if len(self.scenarios) > 1 or self.alone:
            yield from self.grid.legend()
            yield Text("")
        for runs in self.scenarios if self.alone else ():
            yield from _unexpected(runs, self.width)
        for warning in checked.warnings:
            yield Text(f"warning: {warning}", style="yellow")
        if checked.stopped is not None:
            yield wrapped(
                f"Stopped by {checked.stopped}; not checked to the end: {', '.join(checked.left)}.", self.width
            )
        yield _summary(checked)
        yield from _taken(checked, self.width)
        following = _next(checked, flows=not self.alone)
        if any(run.avoided for run in checked.runs):
            yield Text("Transitions were left out: this says nothing of the whole model.", style="bold")
        elif any(run.restricted for run in checked.runs):
            yield Text("Receptions by the text alone: this says nothing of the whole model.", style="bold")
        elif following:
            yield wrapped(f"Next: {following}", self.width)


def _scenario(runs: Sequence[Run], width: int) -> Iterator[RenderableType]:
    model = runs[0].model
    names = _shortened([model.labels.instance(instance.name) for instance in model.instances])
    yield heading(model, names, all_bounds(run.model for run in runs))
    if model.text:
        yield Padding(Text(model.text, style="dim"), (0, 0, 0, 2))  # at the margin stand our own lines alone
    said = in_common([run.model for run in runs])
    if said:
        yield Text(said if said.startswith("with ") else f"under {said}", style="dim")
    if any(run.restricted for run in runs):
        yield left_out(runs)
    yield from _counts(runs)
    yield Text("")
    yield Padding(_verdicts(runs, width - 2), (0, 0, 0, 2))
    yield Text("")
    yield from _flows(runs, width)
    yield from bites_of(runs, width)


def _unexpected(runs: Sequence[Run], width: int) -> Iterator[RenderableType]:
    """The flows of what is not as expected, each under the name of its scenario."""
    wrong = [replace(run, verdicts=tuple(verdict for verdict in run.verdicts if not verdict.met)) for run in runs]
    flows = list(_flows(wrong, width))
    if flows:
        yield heading(runs[0].model, all_bounds(run.model for run in runs))
        if len(runs) == 1 and (said := label(runs[0].model)):
            yield Text(said if said.startswith("with ") else f"under {said}", style="dim")
        yield from flows


def _shortened(names: list[str]) -> str:
    return ", ".join(names) if len(names) <= 8 else f"{', '.join(names[:6])} ... {names[-1]} ({len(names)} instances)"


def _counts(runs: Sequence[Run]) -> Iterator[Text]:
    """How much was explored, a line for each run; then what is to be said of how."""
    labels = [together(brief) for brief in briefly([run.model for run in runs])]
    for run, variant in zip(runs, labels, strict=True):
        found = run.findings
        states, transitions = counted(found.states, "state"), counted(found.transitions, "transition")
        counts = f"{states}   {transitions}   depth {found.depth}"
        when = "found out before" if run.taken else f"{found.seconds:.1f} s"
        line = f"  {variant.ljust(max(map(len, labels)) + 3) if variant else ''}{counts}   {when}"
        incomplete = f"   not complete{': ' + found.stopped if found.stopped else ''}"
        yield Text(line if found.complete else line + incomplete)
    model = runs[0].model
    if model.observers:
        names = ", ".join(observer.name for observer in model.observers)
        yield Text(f"  with observer{'s' if len(model.observers) > 1 else ''} {names}")
    if model.interchangeable:
        yield Text(f"  {up_to(model)}")


def _verdicts(runs: Sequence[Run], width: int) -> Table:
    """Every verdict with its promise: the statuses in a column for each run, or in one where these have no room."""
    labels = briefly([run.model for run in runs])
    heads = [
        [line for part in one for line in textwrap.wrap(part, _MOST_HEAD, break_long_words=False)] for one in labels
    ]
    widest = max(len(_status(verdict, run)) for run in runs for verdict in run.verdicts)
    each = max(widest, *(len(line) for head in heads for line in head), 0) + 2
    beside = len(runs) * each + max(len(verdict.id) for verdict in runs[0].verdicts) + _LEAST_PROMISE <= width
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 2, 0, 0), show_edge=False)
    for head in heads if beside else [[]]:
        table.add_column("\n".join(head) or "verdict", no_wrap=beside, overflow="fold")
    table.add_column("property", no_wrap=beside, overflow="fold")
    table.add_column("promise", overflow="fold")
    if len(runs) == 1:
        table.add_column("decided", overflow="fold")
    for verdicts in zip(*(run.verdicts for run in runs), strict=True):
        first = verdicts[0]
        promise = Text(first.text)
        if first.clause:
            promise.append(f" [{first.clause}]", style="dim")
        statuses = [_status(verdict, run) for verdict, run in zip(verdicts, runs, strict=True)]
        if not beside:
            said = [
                Text(f"{together(one)}: " if one else "").append_text(s)
                for one, s in zip(labels, statuses, strict=True)
            ]
            statuses = [Text("\n").join(said)]
        cells: list[RenderableType] = [*statuses, first.id, promise]
        table.add_row(*cells, *([_reason(runs[0], first)] if len(runs) == 1 else []))
    return table


def _status(verdict: Verdict, run: Run) -> Text:
    text = Text(verdict.status + (RESTRICTED if run.restricted else ""), style=COLOURS[verdict.status])
    if verdict.status == verdict.expected and verdict.status != "PROVED":
        text.append(" (expected)", style="dim")
    elif not verdict.met:
        text.append(f" ({verdict.against})", style="bold red")
    return text


def _flows(runs: Sequence[Run], width: int) -> Iterator[RenderableType]:
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
    head = _status(verdict, run)
    title = run.model.labels.label("property", verdict.id)
    head.append(f"  {verdict.id}" + (f" {title}" if title else ""), style="bold")
    head.append(f"  {_reason(run, verdict)}")
    yield head
    promise = f"{verdict.text}  [{verdict.clause}]" if verdict.clause else verdict.text
    yield Padding(Text(promise), (0, 0, 0, 2))
    if labels:
        yield Padding(Text(f"under {labels}", style="dim"), (0, 0, 0, 2))


def _reason(run: Run, verdict: Verdict) -> str:
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


def values_read(model: Model, property_: Property | LivenessProperty, state: State) -> Iterator[str]:
    """What a property reads, with its values in a state: "server(A).record = B", and messages in flight if it asks."""
    seen: dict[tuple[int, bool, int], str] = {}
    asks_channels = False
    if isinstance(property_, LivenessProperty):
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
    said: dict[str, list[str]] = {}  # by instance, states first; what has no label is said by itself
    for (instance, in_states, position), owner in sorted(seen.items(), key=lambda item: item[0]):
        value = _value(model, state.locals[instance], instance, owner, in_states, position)
        if model.labels.label("instance", owner) is None:
            said[value] = []
        else:
            values = said.setdefault(f"{model.labels.instance(owner)}: ", [])
            values.insert(0 if in_states else len(values), value)
    yield from (f"{name}{', '.join(values)}" for name, values in said.items())
    if asks_channels:
        words = model.labels
        flying = [
            f"{_content(model, message)} {words.instance(channel.sender)} -> {words.instance(channel.receiver)}"
            for channel, content in zip(model.channels, state.channels, strict=True)
            for message in content
        ]
        yield f"in flight: {'; '.join(flying) or 'nothing'}"


def _content(model: Model, message: Message) -> str:
    carried = ", ".join(value for _, value in shown_elements(model, message))
    label = model.labels.label("message", message.name)
    return label if label and not carried else f"{label or message.name}({carried})"


def _value(model: Model, local: Local, instance: int, owner: str, in_states: bool, position: int) -> str:
    if instance < len(model.instances):
        role = model.role_of[owner]
        regions, variables = role.regions, role.variables
    else:
        observer = model.observers[instance - len(model.instances)]
        regions, variables = (observer.region,), observer.variables
    known = model.labels.label("instance", owner) is not None
    what = "" if known else f"{owner}."
    if in_states:
        region, state = regions[position].name, local.states[position]
        if known:
            of = model.role_of[owner].name
            where = f" ({model.labels.region(of, region)})" if len(regions) > 1 else ""
            return f"{model.labels.state(of, state)}{where}"
        return f"{what}{region} = {state}"
    domain: Domain = variables[position].domain
    return f"{what}{variables[position].name} = {domain.show(local.values[position])}"


def _summary(checked: Checked) -> Text:
    """How many verdicts there are of which kind, and which are not as expected."""
    told = [(run, verdict) for run in checked.runs for verdict in run.verdicts]
    met: Counter[str] = Counter(verdict.status for _, verdict in told if verdict.met or verdict.status == "INCOMPLETE")
    parts = [f"{met['PROVED']:,} proved"]
    for status, word in (("VIOLATED", "violated as expected"), ("VACUOUS", "vacuous as expected")):
        if met[status]:
            parts.append(f"{met[status]:,} {word}")
    if met["INCOMPLETE"]:
        parts.append(f"{met['INCOMPLETE']:,} incomplete")
    wrong = _wrong(checked)
    unexpected = [(run, verdict) for run, verdict in wrong if verdict.expected is not None]
    unsaid = [(run, verdict) for run, verdict in wrong if verdict.expected is None]
    if unexpected:
        parts.append(f"{len(unexpected):,} not as expected ({_named(unexpected)})")
    if unsaid:
        kinds = " or ".join(dict.fromkeys(verdict.status.lower() for _, verdict in unsaid))
        said = f"{len(unsaid):,} {kinds} of which nothing is expected with these changes"
        parts.append(f"{said} ({_named(unsaid)})")
    scenarios = len({run.model.scenario for run in checked.runs})
    text = f"{counted(scenarios, 'scenario')}, {counted(len(told), 'verdict')}: {', '.join(parts)}."
    return Text(text, style="bold red" if checked.exit_status == 1 else "bold")


def _taken(checked: Checked, width: int) -> Iterator[Text]:
    """What was found out before and is as it was; what had to be searched now. Nothing where all was searched."""
    taken = sum(run.taken for run in checked.runs)
    if not taken:
        return
    now = list(dict.fromkeys(run.model.scenario for run in checked.runs if not run.taken))
    more = f" and {len(now) - _MOST_NAMED} more" if len(now) > _MOST_NAMED else ""
    searched = f"searched now: {', '.join(now[:_MOST_NAMED])}{more}" if now else "nothing was searched now"
    every = f"{taken} of {counted(len(checked.runs), 'run')}" if now else "All"
    yield wrapped(f"{every} as found out before; {searched}. --no-cache searches all again.", width)


def _named(some: Sequence[tuple[Run, Verdict]]) -> str:
    """The first of some verdicts by property and scenario."""
    names = list(
        dict.fromkeys(f"{verdict.id} in {run.model.labels.scenario(run.model.scenario)}" for run, verdict in some)
    )
    return ", ".join(names[:_MOST_NAMED]) + (" ..." if len(names) > _MOST_NAMED else "")


def _wrong(checked: Checked) -> list[tuple[Run, Verdict]]:
    """The verdicts that are not as expected, but for those that a search was too short for."""
    told = ((run, verdict) for run in checked.runs for verdict in run.verdicts)
    return [(run, verdict) for run, verdict in told if not verdict.met and verdict.status != "INCOMPLETE"]


def _next(checked: Checked, *, flows: bool) -> str | None:
    """What to ask next, as a command; nothing where everything is said."""
    shown = [(run, verdict) for run, verdict in _wrong(checked) if verdict.trace is not None]
    if shown:
        return f"mcfsm why {_one(checked, *shown[0])}   (which clauses and assumptions it rests on)"
    stopped = next((run.stopped for run in checked.runs if run.stopped), None)
    if stopped is not None and stopped not in (*SIGNALS, NO_MEMORY):
        return f"raise {stopped.split()[0]}: {stopped} was not enough"
    found = ((run, v) for run in checked.runs for v in run.verdicts if v.status == "VIOLATED" and v.trace is not None)
    violated = None if flows else next(found, None)
    return violated and f"mcfsm check {_one(checked, *violated)}   (the flow of this violation)"


def _one(checked: Checked, run: Run, verdict: Verdict) -> str:
    """The arguments that ask for one verdict again."""
    beside = [other for other in checked.runs if other.model.scenario == run.model.scenario]
    chosen = apart([other.model for other in beside])[beside.index(run)]
    readings = [f"--reading {one.name}={one.value}" for one in chosen]
    return " ".join([checked.path, f"--scenario {run.model.scenario}", f"--property {verdict.id}", *readings])
