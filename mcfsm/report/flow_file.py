"""A trace as a flow file: what `mcfsm replay` reads, short enough to be edited by hand."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from mcfsm.model import Model
from mcfsm.model.digest import behaviour
from mcfsm.report.check_json import as_fault
from mcfsm.report.files import write_whole
from mcfsm.semantics.trace import Trace, TraceStep
from mcfsm.verdicts.verdict import Run

_NOTHING = ("", "~", "null")  # what YAML takes for no value where it is not quoted


def flow_text(model: Model, trace: Trace, title: str) -> str:
    """The flow file of a trace: where it was found, and a line for each step. Values are quoted as in JSON."""
    name = _quoted(model.scenario) if model.scenario in _NOTHING else model.scenario
    lines = [f"flow: {_quoted(title)}", f"scenario: {name}"]
    for key, constants in (("readings", model.readings), ("options", model.options), ("parameters", model.parameters)):
        if constants:
            lines.append(f"{key}: {_quoted({constant.name: constant.value for constant in constants})}")
    if model.changes or not model.usual_changes:
        lines.append(f"changes: {_quoted(list(model.changes))}")
    lines.append(f"digest: {behaviour(model)}")
    lines.append("steps:" if trace.steps else "steps: []")
    return "\n".join([*lines, *(f"- {_quoted(_step(step))}" for step in trace.steps), ""])


def write_flows(runs: Iterable[Run], folder: Path) -> list[Path]:
    """The flow of every verdict that has one, a file each. Raises OSError where they cannot be written."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for run in runs:
        values = [constant.value for constant in (*run.model.readings, *run.model.options)]
        for verdict in run.verdicts:
            if verdict.trace is not None:
                path = folder / f"{'.'.join([run.model.scenario, *values, verdict.id])}.yaml"
                write_whole(path, flow_text(run.model, verdict.trace, f"{verdict.id}: {verdict.text}"))
                written.append(path)
    return written


def _step(step: TraceStep) -> dict[str, Any]:
    said: dict[str, Any] = {"instance": step.instance, "transition": step.transition}
    if step.receives is not None:
        received = step.receives
        said["receives"] = {"message": received.message, "sender": received.sender, "elements": dict(received.elements)}
    if step.fault is not None:
        said["fault"] = {name: value for name, value in as_fault(step.fault).items() if value not in (None, {})}
    if step.chosen:
        said["chosen"] = dict(step.chosen)
    if step.sends:
        said["sends"] = [
            {"message": sent.message, "receiver": sent.receiver, "elements": dict(sent.elements)} for sent in step.sends
        ]
    return said


def _quoted(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
