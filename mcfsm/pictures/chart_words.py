"""The words of a sequence chart: names of entities, numbered messages, what an entity does, each step as a sentence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from mcfsm.model import Model
from mcfsm.pictures.chart import Arrow, Chart, ChartStep, undelivered
from mcfsm.semantics.sentence import choices, first_values, sentence
from mcfsm.semantics.trace import BEGIN, FREEZE, IGNORED, LOST, Trace, TraceStep

NUMBER = ".\N{NO-BREAK SPACE}"  # the number of a step stays with its first word


@dataclass(frozen=True)
class ChartWords:
    """What is written on a chart."""

    names: tuple[str, ...]  # of those who take part
    messages: Mapping[Arrow, str]
    doings: Mapping[int, str]  # by the number of the step: what is not a message
    sentences: tuple[str, ...]


def chart_words(model: Model, trace: Trace, made: Chart, *, rows: bool = False, elements: bool = False) -> ChartWords:
    """The words of a chart; `elements`: of messages too, `rows`: beside each message when it was sent, if earlier."""
    messages: dict[Arrow, str] = {}
    doings: dict[int, str] = {}
    for step, drawn in zip(trace.steps, made.steps, strict=True):
        if drawn.arrow is None:
            doings[drawn.number] = f"{drawn.number}{NUMBER}{_doing(model, step)}"
        else:
            messages[drawn.arrow] = _message(model, drawn.arrow, step, drawn, rows, elements)
        for arrow in drawn.pending:
            messages[arrow] = f"{_named(model, arrow, elements)} ({undelivered(arrow)})"
    names = tuple(map(model.labels.instance, made.participants))
    return ChartWords(names, messages, doings, tuple(_sentence(model, step) for step in trace.steps))


def _named(model: Model, arrow: Arrow, elements: bool) -> str:
    return model.labels.message(arrow.message) + (f" {arrow.elements}" if elements and arrow.elements else "")


def _message(model: Model, arrow: Arrow, step: TraceStep, drawn: ChartStep, rows: bool, elements: bool) -> str:
    """A message with the number of the step that receives it, and what becomes of it there."""
    said = [f"{arrow.fault}, a fault"] if arrow.fault else []
    said += [] if arrow.becomes is None else [f"becomes {arrow.becomes}"]
    if step.kind == "ignore":
        said += ["lost: the receiver is down"] if step.transition == LOST else ["ignored"]
    said += choices(model, step)
    if arrow.since is not None and (rows or arrow.sent == 0):
        said.append(arrow.since)
    return f"{drawn.number}{NUMBER}{_named(model, arrow, elements)}" + (f" ({'; '.join(said)})" if said else "")


def _doing(model: Model, step: TraceStep) -> str:
    """What an entity, or the environment, does by itself."""
    if step.kind == BEGIN:
        return f"The scenario begins ({', '.join(first_values(model, step))})"
    if step.transition == FREEZE:
        return "The environment freezes"
    if step.fault is not None:
        return f"{step.fault.kind.capitalize()}{', a fault' if step.kind == 'fault' else ''}"
    own = model.labels.label("transition", step.transition)
    said = own[:1].upper() + own[1:] if own else f"{step.trigger} ({step.kind})"
    chosen = choices(model, step)
    return said + (f" ({', '.join(chosen)})" if chosen else "")


def _sentence(model: Model, step: TraceStep) -> str:
    """A step as a sentence, with the elements of the message it takes, the values chosen, and what it rests on."""
    values = [] if step.kind == BEGIN else choices(model, step)
    if step.receives is not None:
        label = model.labels
        elements = [f"{label.element(step.receives.message, name)} = {v}" for name, v in step.receives.elements]
        values = elements + values
    rests = step.clause or ("assumption" if step.assumption is not None and step.transition != IGNORED else "")
    return " ".join(
        [sentence(model, step), *([f"({', '.join(values)})"] if values else []), *([f"[{rests}]"] if rests else [])]
    )
