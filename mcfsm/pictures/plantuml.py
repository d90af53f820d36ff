"""A role's state diagram and a trace's sequence chart as PlantUML, for those who keep their figures in it.

Only what stands for itself is written as it is; every other character of a model is one of PlantUML's codes (<U+003B>
for a semicolon), so a text is shown and never obeyed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from mcfsm.model import Model
from mcfsm.pictures.chart import Arrow, ChartStep, chart
from mcfsm.pictures.chart_words import ChartWords, chart_words
from mcfsm.pictures.diagram import Diagram, Edge, InnerTransitions, RegionDiagram, TransitionLabel
from mcfsm.pictures.text import wrapped
from mcfsm.problems import printable
from mcfsm.semantics.trace import Trace

_PLAIN = re.compile(r"[A-Za-z0-9 .,()=?+]|(?<![-_])[-_](?![-_])")
_BREAK = r"\n"


def plantuml_sequence(trace: Trace, model: Model, *, title: str = "") -> str:
    """The sequence chart of a trace; each message in the row where it is received."""
    made = chart(trace, model)
    words = chart_words(model, trace, made, rows=True, elements=True)
    lines = ["@startuml", "hide footbox", *([f"title {_lines(title, 80)}"] if title else [])]
    lines += [f'participant "{_lines(name, 22)}" as p{i}' for i, name in enumerate(words.names, 1)]
    for step in made.steps:
        if (mark := made.before(step)) is not None:
            lines.append(f"loop {text(mark)}")
        lines += _step(step, words, len(words.names))
    looped = made.loop_start is not None and made.loop_start < len(made.steps)
    lines += ["end"] if looped else []
    if made.ending is not None and made.participants:
        lines.append(_across(made.ending, len(words.names)))
    return "\n".join([*lines, "@enduml"]) + "\n"


def plantuml_state(diagram: Diagram) -> str:
    """The state diagram of a role; the regions of several as composite states."""
    lines = ["@startuml", "hide empty description", f"title {text(diagram.called)}"]
    several = len(diagram.regions) > 1
    for number, region in enumerate(diagram.regions, 1):
        body = list(_region(region, number))
        if several:
            lines += [f'state "{text(region.called)}" as r{number} {{', *(f"  {line}" for line in body), "}"]
        else:
            lines += body
    if diagram.rows and diagram.regions:
        name = "r1" if several else _state(1, diagram.regions[0], diagram.regions[0].firsts[0])
        lines += _note(name, "left", diagram.rows, diagram.regions[0])
    return "\n".join([*lines, "@enduml"]) + "\n"


def text(written: str) -> str:
    """A text as PlantUML shows it unchanged, on one line."""
    flat = " ".join(printable(written).split())
    return "".join(c if _PLAIN.match(flat, i) else f"<U+{ord(c):04X}>" for i, c in enumerate(flat))


def _lines(written: str, width: int) -> str:
    return _BREAK.join(map(text, wrapped(written, width)))


# ---- a chart


def _step(step: ChartStep, words: ChartWords, lifelines: int) -> Iterator[str]:
    if step.arrow is not None:
        kind = "->" if step.receives is not None else "->x" if step.arrow.fault == "loss" else "-->"
        yield _arrow(step.arrow, words, kind, step.basis)
    elif step.participant is None:
        if lifelines:
            yield _across(words.doings[step.number], lifelines)
    else:
        said = _lines(words.doings[step.number], 30) + (_BREAK + _lines(step.basis, 30) if step.basis else "")
        yield f"rnote over p{step.participant + 1} : {said}"
    for arrow in step.pending:
        yield _arrow(arrow, words, "->x" if arrow.lost else "-->", "")


def _arrow(arrow: Arrow, words: ChartWords, kind: str, basis: str) -> str:
    said = _lines(words.messages[arrow], 44) + (_BREAK + _lines(f"({basis})", 44) if basis else "")
    return f"p{arrow.sender + 1} {kind} p{arrow.receiver + 1} : {said}"


def _across(said: str, lifelines: int) -> str:
    ends = ", ".join(sorted({"p1", f"p{lifelines}"}))
    return f"rnote over {ends} : {_lines(said, max(30, 25 * lifelines))}"


# ---- a role


def _state(number: int, region: RegionDiagram, state: str) -> str:
    return f"s{number}_{region.states.index(state) + 1}"


def _region(region: RegionDiagram, number: int) -> Iterator[str]:
    for state in region.states:
        yield f'state "{text(region.word(state))}" as {_state(number, region, state)}'
    yield from (f"[*] --> {_state(number, region, first)}" for first in region.firsts)
    if any(not edge.sources for edge in region.edges):
        yield f'state "any state" as any{number}'
    for edge in region.edges:
        yield from _edge(region, number, edge)
    for state in region.final:
        yield f"{_state(number, region, state)} : final"
    if region.rows:
        yield from _note(_state(number, region, region.firsts[0]), "right", region.rows, region)


def _edge(region: RegionDiagram, number: int, edge: Edge) -> Iterator[str]:
    said = _BREAK.join(_said(edge.labels))
    for source in (_state(number, region, state) for state in edge.sources) if edge.sources else (f"any{number}",):
        yield f"{source} --> {_state(number, region, edge.dest)} : {said}"


def _said(labels: Iterable[TransitionLabel]) -> list[str]:
    return [text(line) for label in labels for part in label.parts for line in wrapped(part.text)]


def _note(name: str, side: str, rows: Iterable[InnerTransitions], region: RegionDiagram) -> Iterator[str]:
    """What happens without a change of state, beside a state."""
    yield f"note {side} of {name}"
    yield "without a change of state"
    for row in rows:
        yield text(f"in {' or '.join(map(region.word, row.states)) or 'any state'}")
        yield from _said(row.labels)
    yield "end note"
