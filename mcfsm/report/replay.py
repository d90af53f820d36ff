"""A replayed flow as text and as JSON: allowed, or the step that is refused and why."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from mcfsm import __version__
from mcfsm.problems import counted
from mcfsm.questions.replay.orders import Orders
from mcfsm.questions.replay.replay import RefusedStep, Replayed
from mcfsm.report.check_json import FORMAT, as_steps, instance_of
from mcfsm.report.stopped import stopped_as_text
from mcfsm.report.style import AnswerLine, at_the_margin, bounds, flow, heading, label, wrapped

_MOST_REASONS = 12


def replay_as_text(replayed: Replayed, *, width: int, like: Orders | None = None) -> RenderableType:
    """The answer, why, and the chart of one run as far as it goes; `width` in columns is what the chart may take.

    `like`: the other orders of the flow, and how it can go wrong.
    """
    model, refused = replayed.model, replayed.refused
    parts: list[RenderableType] = [heading(model, label(model), bounds(model))]
    if replayed.title:
        parts.append(AnswerLine(at_the_margin(replayed.title), style="dim"))
    count = len(replayed.steps)
    answer = AnswerLine()
    if replayed.stopped is not None:
        answer.append("INCOMPLETE", style="yellow")
        answer.append(f"  {replayed.path}  allowed up to step {replayed.taken} of {count}; the others were not decided")
    elif refused is None:
        answer.append("ALLOWED", style="green")
        answer.append(f"  {replayed.path}  {counted(count, 'step')}; {counted(replayed.states, 'state')} at the end")
    else:
        place = f":{refused.step.span.line}" if refused.step.span else ""
        answer.append("REFUSED", style="red")
        answer.append(f"  {replayed.path}{place}  step {refused.step.number} of {count}: {refused.step}")
    if replayed.changed:
        said = (
            "the model has changed since this flow was written (their digests differ): it is replayed as the model is"
        )
        parts.append(Text(said, style="yellow"))
    parts += [answer, *(_why(replayed, refused) if refused else ())]
    if replayed.trace.steps:
        if not replayed.allowed:
            parts.append(Text("up to there, " + ("the flow:" if replayed.states == 1 else "one of the runs meant:")))
        parts.append(flow(replayed.trace, model, width))
    parts += _orders(replayed, like, width) if like else ()
    stopped = _stopped(replayed, like)
    return Group(*parts, *([] if stopped is None else [stopped_as_text(stopped, (), width)]))


def _stopped(replayed: Replayed, like: Orders | None) -> str | None:
    """What ended it before all was told."""
    return replayed.stopped or (None if like is None else like.stopped)


def _orders(replayed: Replayed, like: Orders, width: int) -> Iterator[RenderableType]:
    """How many orders the steps have, and the way in which the flow can go wrong."""
    steps, turn = counted(len(replayed.steps), "step"), like.turn
    if like.count is None:
        said = f"This flow is one of very many orders of its {steps}: they were not counted to the end."
    elif like.count == 1:
        said = f"Its {steps} have no other order."
    else:
        said = f"This flow is one of {like.count:,} orders of its {steps} that the model allows."
    yield Text("")
    yield wrapped(said, width)
    if turn is None:
        no = "Nothing that was promised is broken from it" + ("." if like.whole else ", as far as was looked.")
        yield wrapped(no, width)
        return
    promise = f"{turn.promise.id} is broken: {turn.promise.text}"
    if not turn.further:
        went = f"The flow itself goes wrong: after step {turn.after} {promise}"
    elif turn.after:
        went = f"It goes wrong most quickly after step {turn.after}: {counted(turn.further, 'step')} on, {promise}"
    else:
        went = f"No promise on states is broken from it. The shortest flow of the scenario in which {promise}"
    yield wrapped(went, width)
    yield flow(turn.trace, like.model, width)


def _why(replayed: Replayed, refused: RefusedStep) -> Iterator[RenderableType]:
    """The reasons, with the number of states that have each where the steps before may have led to several."""
    if replayed.states > 1:
        yield Padding(Text(f"the steps before may have led to {counted(replayed.states, 'state')}:"), (0, 0, 0, 2))
    for reason, states in refused.reasons[:_MOST_REASONS]:
        which = f"in {states} of {replayed.states}: " if replayed.states > 1 else ""
        what = f"{reason.transition}: " if reason.transition else ""
        yield Padding(Text(f"{which}{what}{reason.text}"), (0, 0, 0, 4))
    if len(refused.reasons) > _MOST_REASONS:
        yield Padding(Text(f"and {len(refused.reasons) - _MOST_REASONS} more; --json has them all"), (0, 0, 0, 4))


def replay_status(replayed: Replayed, like: Orders | None = None) -> int:
    """The exit status: that of the flow, and 2 where it is allowed and its orders were not told to the end."""
    return replayed.exit_status or (2 if _stopped(replayed, like) is not None else 0)


def replay_as_json(replayed: Replayed, like: Orders | None = None) -> dict[str, Any]:
    """The answer as plain data. Keys may be added, none changes its meaning or goes away."""
    model, refused = replayed.model, replayed.refused
    return {
        "format": FORMAT,
        "version": __version__,
        "model": model.name,
        "scenario": model.scenario,
        **instance_of(model),
        "flow": replayed.path,
        "title": replayed.title,
        "allowed": replayed.allowed,
        "model_changed": replayed.changed,
        "steps": len(replayed.steps),
        "states": replayed.states,
        "trace": as_steps(replayed.trace),
        "refused": None if refused is None else _refused(refused),
        "stopped": _stopped(replayed, like),
        "exit_status": replay_status(replayed, like),
        **({} if like is None else {"orders": like.count, "wrong_turn": _turn(like)}),
    }


def _turn(like: Orders) -> dict[str, Any] | None:
    if like.turn is None:
        return None
    steps = as_steps(like.turn.trace)
    return {"after": like.turn.after, "property": like.turn.promise.id, "trace": steps, "complete": like.whole}


def _refused(refused: RefusedStep) -> dict[str, Any]:
    span = refused.step.span
    return {
        "step": refused.step.number,
        "line": span.line if span else None,
        "asked": str(refused.step),
        "reasons": [
            {"kind": reason.kind, "transition": reason.transition, "text": reason.text, "states": states}
            for reason, states in refused.reasons
        ],
    }
