"""A state diagram as tables in Markdown: state by trigger, with conditions, the next state, messages and clauses."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from mcfsm.pictures.diagram import Diagram, RegionDiagram, Style, TransitionLabel
from mcfsm.pictures.markdown import markdown, row

COLUMNS = ("state", "trigger", "where", "next state", "messages sent", "changes", "clause")


def state_table(drawn: Diagram) -> str:
    """The tables of a role, one for each region; every state in declared order with each of its triggers."""
    lines = [f"# {markdown(drawn.called)}", ""]
    for region in drawn.regions:
        if len(drawn.regions) > 1:
            lines += [f"## {markdown(region.called)}", ""]
        lines += [*_table(_region(region)), ""]
    if drawn.rows:
        everywhere = (["any", *_cells(label, "the same")] for entry in drawn.rows for label in entry.labels)
        lines += ["## In any state", "", *_table(everywhere), ""]
    return "\n".join(lines[:-1]) + "\n"


def _table(rows: Iterable[list[str]]) -> list[str]:
    return [row(COLUMNS), "|---" * len(COLUMNS) + "|", *map(row, rows)]


def _region(region: RegionDiagram) -> Iterator[list[str]]:
    """The rows of a region; a state with nothing to do has one too."""
    for state in region.states:
        name = markdown(region.word(state))
        name += " (initial)" if state in region.firsts else ""
        name += " (final)" if state in region.final else ""
        name += " (not reached)" if state in region.unreached else ""
        told = 0
        for edge in region.edges:
            if state in edge.sources:
                for label in edge.labels:
                    told += 1
                    yield [name, *_cells(label, region.word(edge.dest))]
        for entry in region.rows:
            if state in entry.states:
                for label in entry.labels:
                    told += 1
                    yield [name, *_cells(label, "the same")]
        if not told:
            yield [name, *[""] * (len(COLUMNS) - 1)]
    anywhere = [(label, region.word(edge.dest)) for edge in region.edges if not edge.sources for label in edge.labels]
    anywhere += [(label, "the same") for entry in region.rows if not entry.states for label in entry.labels]
    yield from (["any", *_cells(label, dest)] for label, dest in anywhere)


def _bare(text: str) -> str:
    """A part of a label less the signs that say in a diagram what it is; the column says it here."""
    text = text[2:] if text[:2] in ("? ", "! ") else text
    return text[1:-1] if text[:1] == "[" and text[-1:] == "]" else text


def _cells(label: TransitionLabel, dest: str) -> list[str]:
    """The cells of a transition behind the state."""

    def said(style: Style) -> str:
        return "<br>".join(markdown(_bare(part.text)) for part in label.parts if part.style == style)

    return [said("trigger"), said("guard"), markdown(dest), said("send"), said("effect"), said("basis")]
