"""The flow of a verdict as a figure: what is shown of it, and what its caption says."""

from __future__ import annotations

from collections.abc import Iterable

from mcfsm.model import Model
from mcfsm.pictures.chart import chart
from mcfsm.pictures.chart_words import chart_words
from mcfsm.pictures.ending import Ending
from mcfsm.pictures.look import Look
from mcfsm.pictures.markdown import markdown
from mcfsm.pictures.sequence import Caption, sequence_figures
from mcfsm.pictures.shapes import Figure
from mcfsm.semantics.trace import Trace


def flow_figures(model: Model, trace: Trace, caption: Caption, ending: Ending | None, look: Look) -> list[Figure]:
    """The sequence chart of a trace, in as many parts as the page needs."""
    made = chart(trace, model)
    rows = look.style == "rows"
    words = chart_words(model, trace, made, rows=rows, elements=look.elements or rows)
    below = look.steps == "below"
    return sequence_figures(
        made, words, caption=caption, ending=ending, sentences=below, page=look.page, style=look.style
    )


def steps_in_markdown(model: Model, trace: Trace, caption: Caption) -> str:
    """The steps of a trace as a numbered list under the caption."""
    sentences = chart_words(model, trace, chart(trace, model)).sentences
    lines = [f"**{markdown(caption.title)}**", "", *(f"{markdown(line)}  " for line in caption.lines), ""]
    return "\n".join([*lines, *numbered(sentences)]) + "\n"


def numbered(sentences: Iterable[str]) -> list[str]:
    """Sentences as a numbered list in Markdown."""
    return [f"{number}. {markdown(sentence)}" for number, sentence in enumerate(sentences, 1)]
