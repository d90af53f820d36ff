"""A monitored log as text and as JSON: a run of the model, or the line at which it leaves it and what was possible."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from mcfsm import __version__
from mcfsm.problems import counted
from mcfsm.questions.monitor import LeftAt, Monitored
from mcfsm.report.check_json import FORMAT, as_steps, instance_of
from mcfsm.report.style import AnswerLine, bounds, flow, heading, label
from mcfsm.semantics.sentence import sentence

_WHOLE = 30  # steps of a run that are drawn; of a longer one the last are said
_LAST = 6


def monitored_as_text(found: Monitored, *, width: int) -> RenderableType:
    """The answer, what was possible instead, and one of the runs up to there, in `width` columns."""
    model = found.model
    answer = AnswerLine()
    if found.left is not None:
        answer.append("LEAVES THE MODEL", style="red")
        answer.append(f"  {found.path}:{found.left.logged.line}  {found.left.logged.wire}")
    elif found.undecided is not None:
        answer.append("UNDECIDED", style="yellow")
        answer.append(f"  {found.path}  after {counted(found.passed, 'message')}: {found.undecided}")
    else:
        answer.append("IN THE MODEL", style="green")
        answer.append(f"  {found.path}  {counted(found.passed, 'message')}; ")
        answer.append(f"{counted(found.states or 0, 'state')} possible at the end")
    parts: list[RenderableType] = [heading(model, label(model), bounds(model)), answer]
    if found.left is not None:
        parts += [Padding(line, (0, 0, 0, 4)) for line in _instead(found.left)]
    if found.skipped:
        said = f"{counted(found.skipped, 'message')} between others than those tapped not looked at"
        parts.append(Text(said, style="dim"))
    if found.trace.steps:
        parts += [
            Text(f"a run of the model that has the {counted(found.passed, 'message')} before:"),
            *_run(found, width),
        ]
    return Group(*parts)


def _instead(left: LeftAt) -> Iterator[Text]:
    if left.reason is not None:
        yield Text(left.reason)
    yield Text("possible there:" if left.possible else "no message is possible there")
    yield from (Text(f"  {one}") for one in left.possible)
    if not left.all_possible:
        yield Text("  and others: not every state was looked at")


def _run(found: Monitored, width: int) -> Iterator[RenderableType]:
    steps = found.trace.steps
    if len(steps) <= _WHOLE:
        yield flow(found.trace, found.model, width)
        return
    yield Text(f"  {counted(len(steps) - _LAST, 'step')}, and then:")
    for number in range(len(steps) - _LAST, len(steps)):
        yield Padding(Text(f"{number + 1}. {sentence(found.model, steps[number])}"), (0, 0, 0, 2))


def monitored_as_json(found: Monitored) -> dict[str, Any]:
    """The answer as plain data. Keys may be added, none changes its meaning or goes away."""
    left = found.left
    return {
        "format": FORMAT,
        "version": __version__,
        "model": found.model.name,
        "scenario": found.model.scenario,
        **instance_of(found.model),
        "log": found.path,
        "messages": found.messages,
        "passed": found.passed,
        "skipped": found.skipped,
        "states": found.states,
        "left": None if left is None else _left(left),
        "undecided": found.undecided,
        "stopped": found.stopped,
        "trace": as_steps(found.trace),
        "exit_status": found.exit_status,
    }


def _left(left: LeftAt) -> dict[str, Any]:
    wire = left.logged.wire
    return {
        "line": left.logged.line,
        "sender": wire.sender,
        "receiver": wire.receiver,
        "message": wire.name,
        "elements": dict(wire.elements),
        "reason": left.reason,
        "possible": list(left.possible),
        "all_possible": left.all_possible,
    }
