"""What a change does, as text and as JSON."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator
from typing import Any

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from mcfsm.model import Model
from mcfsm.problems import counted
from mcfsm.questions.compare.compare import FATES, CellChange, Compared, VerdictChange
from mcfsm.questions.compare.flow_difference import FlowDifference, OnlyThere, StepLabel
from mcfsm.report.check_json import as_steps
from mcfsm.report.style import COLOURS, bounds, flow, heading, together, wrapped
from mcfsm.report.whole_words import Cell, whole_words
from mcfsm.semantics.sentence import in_full

_MOST_SHOWN = 40  # lines of one table that are printed


def compare_as_text(found: Iterable[Compared], *, width: int) -> RenderableType:
    """Each scenario with what is different in it."""
    parts: list[RenderableType] = []
    listed = list(found)
    for compared in listed:
        parts += [*_compared(compared, width), Text("")]
    lost = [(one, change) for one in listed for change in one.verdicts if change.lost and one.asked]
    if not lost:
        return Group(*parts[:-1])
    return Group(*parts, wrapped(_next(*max(lost, key=lambda loss: _has_flow(*loss))), width))


def _has_flow(compared: Compared, change: VerdictChange) -> bool:
    return any(verdict.id == change.id and verdict.trace is not None for verdict in compared.after.verdicts)


def _next(compared: Compared, change: VerdictChange) -> str:
    """What to ask next of a verdict that is lost, as a command quoted for a shell."""
    command = shlex.join(["mcfsm", "check", *compared.asked, "--property", change.id])
    what = "the flow that breaks it" if _has_flow(compared, change) else f"which is {change.after} now"
    return f"Next: {command}   ({what})"


def compare_as_json(found: Iterable[Compared]) -> dict[str, Any]:
    """The same as plain data."""
    return {"scenarios": [_json(compared) for compared in found]}


def _compared(compared: Compared, width: int) -> Iterator[RenderableType]:
    chosen = together(compared.after.model.labels.choice(name, value) for name, value in compared.chosen)
    yield heading(compared.after.model, *([chosen] if chosen else []), bounds(compared.after.model))
    yield Padding(_counts(compared), (0, 0, 1, 2))
    if compared.parts:
        yield from _list("parts of the text", compared.parts)
    else:
        yield Text("no part of the text is different")
    if compared.verdicts:
        yield Padding(_verdicts(compared, width - 2), (1, 0, 1, 2))
    else:
        yield Text("no verdict is different")
    if compared.fates:
        yield from _list("transitions", [_fate(compared, name, FATES[fate]) for name, fate in compared.fates])
    if compared.cells:
        yield from _list("receptions", [_cell(compared, cell) for cell in compared.cells])
    yield from _flows(compared.difference, compared.versions, (compared.before.model, compared.after.model), width)


def _list(title: str, lines: Iterable[str]) -> Iterator[RenderableType]:
    listed = list(lines)
    yield Text(title, style="bold")
    for line in listed[:_MOST_SHOWN]:
        yield Padding(Text(line), (0, 0, 0, 2))
    if len(listed) > _MOST_SHOWN:
        yield Padding(Text(f"and {len(listed) - _MOST_SHOWN} more"), (0, 0, 0, 2))


def _counts(compared: Compared) -> Table:
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 3, 0, 0))
    for word, title, run in zip(("before", "after"), compared.versions, (compared.before, compared.after), strict=True):
        findings = run.findings
        stopped = "" if findings.complete else f"not complete: {findings.stopped}"
        states, transitions = counted(findings.states, "state"), counted(findings.transitions, "transition")
        table.add_row(f"{word}: {title}", states, transitions, f"depth {findings.depth}", stopped)
    return table


def _verdicts(compared: Compared, width: int) -> RenderableType:
    rows: list[list[Cell]] = [
        [change.id, _status(change.before), _status(change.after), change.text] for change in compared.verdicts
    ]
    return whole_words(["property", "before", "after", "promise"], rows, width, named=3)


def _status(status: str | None) -> Text:
    return Text("-" if status is None else status, style="dim" if status is None else COLOURS[status])


def _fate(compared: Compared, name: str, fate: str) -> str:
    """What became of a transition, which both versions or one of them have."""
    for model in (compared.after.model, compared.before.model):
        role = next((role.name for role in model.roles for line in role.transitions if line.id == name), None)
        if role is not None and model.labels.label("transition", name) is not None:
            return f"{model.labels.role(role)} {model.labels.transition(name)}: {fate}"
    return f"{name} is {fate}"


def _cell(compared: Compared, cell: CellChange) -> str:
    """What became of a message in a state of a role."""
    model = max((compared.before.model, compared.after.model), key=lambda one: len(one.messages))
    words = model.labels
    became = f"{cell.before or 'no such cell'} -> {cell.after or 'no such cell'}"
    if words.label("state", cell.role, cell.state) is None:
        where = f"{cell.role}, {cell.region} {cell.state}"
    else:
        alone = all(len(role.regions) == 1 for role in model.roles if role.name == cell.role)
        region = "" if alone else f" ({words.region(cell.role, cell.region)})"
        where = f"{words.role(cell.role)}, {words.state(cell.role, cell.state)}{region}"
    return f"{where}, {words.message(cell.message)}: {became}"


def _flows(
    difference: FlowDifference, versions: tuple[str, str], models: tuple[Model, Model], width: int
) -> Iterator[RenderableType]:
    if difference.same:
        yield Text(
            f"both have the same flows ({counted(difference.nodes, 'node')}, depth {difference.depth}, exhaustive)"
        )
        return
    sides = ("before", difference.only_first), ("after", difference.only_second)
    for (word, only), title, model in zip(sides, versions, models, strict=True):
        if only is None:
            yield Text(f"no flow is possible only {word} ({title}): {_searched(difference)}")
            continue
        steps = len(only.trace)
        yield Text(f"possible only {word} ({title}), {steps} step{'' if steps == 1 else 's'}, shortest", style="bold")
        yield flow(only.trace, model, width)
        yield Padding(
            Text(f"step {steps} is the one that differs: {in_full(model, only.trace.steps[-1])}"), (0, 0, 0, 2)
        )


def _searched(difference: FlowDifference) -> str:
    if difference.stopped is None:
        return f"exhaustive, {counted(difference.nodes, 'node')}"
    return f"none of up to {counted(difference.depth, 'step')}; stopped by {difference.stopped}, raise it"


def _json(compared: Compared) -> dict[str, Any]:
    return {
        "scenario": compared.scenario,
        "chosen": dict(compared.chosen),
        "versions": [
            {
                "title": title,
                "states": run.findings.states,
                "transitions": run.findings.transitions,
                "depth": run.findings.depth,
                "complete": run.findings.complete,
            }
            for title, run in zip(compared.versions, (compared.before, compared.after), strict=True)
        ],
        "parts": list(compared.parts),
        "verdicts": [{"id": change.id, "before": change.before, "after": change.after} for change in compared.verdicts],
        "transitions": [{"id": name, "fate": fate} for name, fate in compared.fates],
        "receptions": [
            {
                "role": cell.role,
                "region": cell.region,
                "state": cell.state,
                "message": cell.message,
                "before": cell.before,
                "after": cell.after,
            }
            for cell in compared.cells
        ],
        "only_before": _only(compared.difference.only_first),
        "only_after": _only(compared.difference.only_second),
        "nodes": compared.difference.nodes,
        "stopped": compared.difference.stopped,
        "happened": sorted(compared.happened),
    }


def _only(only: OnlyThere | None) -> dict[str, Any] | None:
    if only is None:
        return None
    return {"flow": [_label(label) for label in only.labels], "trace": as_steps(only.trace)}


def _label(label: StepLabel) -> dict[str, Any]:
    return {
        "instance": label.instance,
        "receives": [{"message": m, "sender": end, "elements": dict(values)} for m, end, values in label.received],
        "sends": [{"message": m, "receiver": end, "elements": dict(values)} for m, end, values in label.sent],
        "event": label.event or None,
    }
