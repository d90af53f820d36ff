"""A role's state diagram and a trace's sequence chart as Mermaid text, for documents that draw it themselves.

Names become plain identifiers with the written name beside them, and whatever Mermaid reads as syntax inside a text
becomes one of its entity codes (#59; for a semicolon), so a model's text is shown and never obeyed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from mcfsm.model import Model
from mcfsm.pictures.chart import Arrow, Chart, ChartStep, chart
from mcfsm.pictures.chart_words import ChartWords, chart_words
from mcfsm.pictures.diagram import Diagram, Edge, InnerTransitions, RegionDiagram, TransitionLabel
from mcfsm.pictures.text import wrapped
from mcfsm.problems import printable
from mcfsm.semantics.trace import Trace

_PLAIN = re.compile(r"[A-Za-z0-9 _.,!?+*/=|'()\[\]{}-]")  # what stands for itself in a text
BREAK = "<br/>"
_NAME, _NOTE = 22, 30  # characters in a line of a name, and of a note on one lifeline
_WORDS = 26  # of words in such a note: its box is as wide as digits are
_LABEL = 24  # characters in a line of a state diagram: Mermaid breaks longer ones itself, also within a clause


def mermaid_state(diagram: Diagram) -> str:
    """The state diagram of a role as a Mermaid stateDiagram-v2; the regions of several as composite states."""
    lines = ["stateDiagram-v2"]
    several = len(diagram.regions) > 1
    for region in diagram.regions:
        body = list(_region(region))
        if several:
            name = _region_id(region)
            lines += [f'    state "{text(region.called)}" as {name} {{', *("    " + line for line in body), "    }"]
            lines += _note(name, region.rows, region)
        else:
            lines += body
            lines += _note(state_id(region.firsts[0]), (*region.rows, *diagram.rows), region)
    if several and diagram.rows:
        lines += _note(_region_id(diagram.regions[0]), diagram.rows, diagram.regions[0], side="left")
    finals = [state_id(state) for region in diagram.regions for state in region.final]
    if finals:
        lines += ["    classDef final stroke-width:3px", f"    class {','.join(finals)} final"]
    return "\n".join(lines) + "\n"


def mermaid_sequence(trace: Trace, model: Model, *, title: str = "") -> str:
    """The sequence chart of a trace as a Mermaid sequenceDiagram: each message in the row where it is received.

    The title is a note over all lifelines: Mermaid would crop one that is wider than its picture.
    """
    made = chart(trace, model)
    words = chart_words(model, trace, made, rows=True, elements=True)
    lines = ["sequenceDiagram"]
    for i, name in enumerate(words.names, 1):
        lines.append(f"    participant p{i} as {BREAK.join(map(text, wrapped(name, _NAME)))}")
    if title:
        lines += ("    " + line for line in _across(title, made))
    for step in made.steps:
        if (mark := made.before(step)) is not None:
            lines += ("    " + line for line in _across(mark, made))
        lines += ("    " + line for line in _step(step, made, words))
    if made.ending is not None:
        lines += ("    " + line for line in _across(made.ending, made))
    return "\n".join(lines) + "\n"


def text(written: str) -> str:
    """A text as Mermaid shows it unchanged: on one line, everything that might be syntax as an entity code."""
    flat = " ".join(printable(written).split())
    coded = "".join(c if _PLAIN.match(c) else f"#{ord(c)};" for c in flat).replace("--", "#45;#45;")
    return re.sub(r"\b(end) (?=note)", r"\1#32;", coded, flags=re.IGNORECASE)  # the words that close a note


def state_id(name: str) -> str:
    """An identifier for a state that is no word of Mermaid's; different for different names."""
    return "s_" + _identifier(name)


def _region_id(region: RegionDiagram) -> str:
    return "r_" + _identifier(region.name)


def _identifier(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9_]|_(?=x)", lambda found: f"_x{ord(found.group()):x}_", name)


def _region(region: RegionDiagram) -> Iterator[str]:
    for state in region.states:
        yield f'    state "{text(region.word(state))}" as {state_id(state)}'
    yield from (f"    [*] --> {state_id(first)}" for first in region.firsts)
    if any(not edge.sources for edge in region.edges):
        yield f'    state "any state" as any_{_identifier(region.name)}'
    for edge in region.edges:
        yield from _edge(region, edge)


def _edge(region: RegionDiagram, edge: Edge) -> Iterator[str]:
    """An edge for each source; the label stands in full at the first, and by its triggers at the others."""
    full = _lines(edge.labels)
    short = [text(label.parts[0].text) for label in edge.labels]
    first = f"any_{_identifier(region.name)}" if not edge.sources else state_id(edge.sources[0])
    yield f"    {first} --> {state_id(edge.dest)} : {BREAK.join(full)}"
    alike = [text(f"as from {region.word(edge.sources[0])}")] if len(edge.sources) > 1 else []
    for source in edge.sources[1:]:
        yield f"    {state_id(source)} --> {state_id(edge.dest)} : {BREAK.join([*short, *alike])}"


def _lines(labels: Sequence[TransitionLabel]) -> list[str]:
    """The lines of labels; an empty one between those of two, unless each is one word on what triggers it."""
    said = [[text(line) for part in label.parts for line in wrapped(part.text, _LABEL)] for label in labels]
    apart = [""] if any(len(label.parts) > 1 for label in labels) else []
    return [line for number, lines in enumerate(said) for line in [*(apart if number else []), *lines]]


def _note(name: str, rows: Iterable[InnerTransitions], region: RegionDiagram, side: str = "right") -> list[str]:
    """What happens without a change of state, as a note beside a state."""
    said = [
        line
        for number, row in enumerate(rows)
        for line in (
            *([""] if number else []),
            text(f"in {' or '.join(map(region.word, row.states)) or 'any state'}") + "#58;",
            *_lines(row.labels),
        )
    ]
    if not said:
        return []
    return [
        f"    note {side} of {name}",
        f"        without a change of state{BREAK}{BREAK.join(said)}",
        "    end note",
    ]


def _step(step: ChartStep, made: Chart, words: ChartWords) -> Iterator[str]:
    if step.arrow is not None:
        lost = step.arrow.fault == "loss"
        kind = "-)" if step.receives is not None else "-x" if lost else "--)"
        yield _arrow(step.arrow, words, kind, step.basis)
    elif step.participant is None:
        yield from _across(words.doings[step.number], made)
    else:
        said = [*wrapped(words.doings[step.number], _WORDS), *(wrapped(step.basis, _NOTE) if step.basis else [])]
        yield f"Note over p{step.participant + 1}: {BREAK.join(map(text, said))}"
    for arrow in step.pending:
        yield _arrow(arrow, words, "-x" if arrow.lost else "--)", "")


def _across(said: str, made: Chart) -> Iterator[str]:
    """A note over all lifelines, if there are any; wrapped to what stands between them."""
    if made.participants:
        ends = ",".join(sorted({"p1", f"p{len(made.participants)}"}))
        lines = wrapped(said, max(_NOTE, 25 * len(made.participants)))
        yield f"Note over {ends}: {BREAK.join(map(text, lines))}"


def _arrow(arrow: Arrow, words: ChartWords, kind: str, basis: str) -> str:
    lines = [*wrapped(words.messages[arrow]), *(wrapped(f"({basis})") if basis else [])]
    return f"p{arrow.sender + 1}{kind}p{arrow.receiver + 1}: {BREAK.join(map(text, lines))}"
