"""A trace as a flow file that `mcfsm replay` reads, one that can be edited by hand; and as a test that replays it."""

from __future__ import annotations

import json
import re
from typing import Any

from mcfsm.model import CHECKS, Model
from mcfsm.model.digest import behaviour
from mcfsm.semantics.trace import Disturbance, Trace, TraceStep
from mcfsm.verdicts.verdict import Run

_NOTHING = ("", "~", "null")  # what YAML takes for no value where it is not quoted
_TEST = '''\
"""{title}

Written by mcfsm from what it found ({reason}). It passes as long as the model has this flow, and the flow shows that.
"""

from pathlib import Path

import mcfsm

MODEL = {model}
FLOW = {flow}


def {name}(tmp_path: Path) -> None:
    flow = tmp_path / "flow.yaml"
    flow.write_text(FLOW, encoding="utf-8")
    replayed = mcfsm.replay(MODEL, flow, {asked})
    assert replayed.decides, str(replayed)
'''


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


def test_text(run: Run, name: str) -> str:
    """A test for pytest that replays the flow of a verdict, and asserts that it decides the property or check.

    Raises KeyError where there is no such verdict, and ValueError where it has no flow, or one that says nothing of the
    whole model.
    """
    verdict, model = run[name], run.model
    if verdict.trace is None:
        raise ValueError(f"{name} is {verdict.status}, and no flow shows that")
    if run.restricted and name in CHECKS:
        raise ValueError(f"{name} was asked {run.without}: its flow says nothing of the whole model")
    asked = [f"asked={_quoted(name)}"]
    if verdict.trace.loop_start is not None:
        asked.append(f"loop_start={verdict.trace.loop_start}")
        asked.append(f"fairness={_quoted(verdict.fairness)}")
    flow = flow_text(model, verdict.trace, f"{name}: {verdict.text}")
    return _TEST.format(
        title=_docstring(f"{name} in {run.name}: {verdict.text}"),
        reason=_docstring(f"{verdict.status}, {verdict.reason}"),
        model=_quoted(model.file),
        flow=_literal(flow),
        name=identifier(f"test_{name}_in_{run.name}"),
        asked=", ".join(asked),
    )


def identifier(text: str) -> str:
    """A name of Python that reads as a text does."""
    return re.sub(r"\W+", "_", text, flags=re.ASCII).strip("_").lower()


def _docstring(text: str) -> str:
    return " ".join(text.split()).replace("\\", "\\\\").replace('"', "'")


def _literal(text: str) -> str:
    """A text of several lines as Python reads it back."""
    escaped = text.replace("\\", "\\\\").replace('"""', '\\"\\"\\"')
    return f'"""\\\n{escaped}"""'


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


def as_fault(fault: Disturbance) -> dict[str, Any]:
    """A fault or a restart as plain data."""
    return {
        "fault": fault.kind,
        "instance": fault.instance,
        "sender": fault.sender,
        "receiver": fault.receiver,
        "message": fault.message,
        "elements": dict(fault.elements),
        "position": fault.position,
        "becomes": None if fault.becomes is None else dict(fault.becomes),
    }
