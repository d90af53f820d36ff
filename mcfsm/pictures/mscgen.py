"""A trace's sequence chart in the language of mscgen: each message in the row where it is received.

mscgen can slant a message, and then writes its words over those of others: so when it was sent is said instead. A
quotation mark and a backslash are escaped.
"""

from __future__ import annotations

from mcfsm.model import Model
from mcfsm.pictures.chart import Arrow, ChartStep, chart
from mcfsm.pictures.chart_words import ChartWords, chart_words
from mcfsm.pictures.text import wrapped
from mcfsm.problems import printable
from mcfsm.semantics.trace import Trace


def mscgen(trace: Trace, model: Model, *, title: str = "") -> str:
    """The sequence chart of a trace."""
    made = chart(trace, model)
    words = chart_words(model, trace, made, rows=True, elements=True)
    lines = ["msc {", f'  hscale="{max(1.0, 0.4 * len(words.names)):.2f}";']
    if words.names:
        named = [f'p{i} [label="{_lines(name, 20)}"]' for i, name in enumerate(words.names, 1)]
        lines.append(f"  {', '.join(named)};")
    lines += [_across(title, len(words.names))] if title else []
    for step in made.steps:
        if (mark := made.before(step)) is not None:
            lines.append(_across(mark, len(words.names)))
        lines.append(_step(step, words))
        lines += [_arrow(arrow, words, "-x" if arrow.lost else ">>") for arrow in step.pending]
    lines += [_across(made.ending, len(words.names))] if made.ending is not None else []
    return "\n".join([*lines, "}"]) + "\n"


def text(written: str) -> str:
    """A text between quotation marks, on one line."""
    return " ".join(printable(written).split()).replace("\\", "\\\\").replace('"', '\\"')


def _lines(written: str, width: int) -> str:
    return "\\n".join(map(text, wrapped(written, width)))


def _across(said: str, lifelines: int) -> str:
    """What concerns everybody."""
    return f'  --- [label="{_lines(said, max(30, 25 * lifelines))}"];'


def _step(step: ChartStep, words: ChartWords) -> str:
    if step.arrow is not None:
        return _arrow(step.arrow, words, "-x" if step.arrow.fault == "loss" else "=>")
    if step.participant is None:
        return _across(words.doings[step.number], len(words.names))
    here = f"p{step.participant + 1}"
    return f'  {here} box {here} [label="{_lines(words.doings[step.number], 24)}"];'


def _arrow(arrow: Arrow, words: ChartWords, kind: str) -> str:
    return f'  p{arrow.sender + 1} {kind} p{arrow.receiver + 1} [label="{_lines(words.messages[arrow], 30)}"];'
