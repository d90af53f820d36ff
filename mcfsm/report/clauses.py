"""The items of a text and what covers them: as text, as JSON, and as a page; what a model assumes, as a page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from itertools import groupby
from typing import Any

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from mcfsm.pictures.markdown import page
from mcfsm.problems import counted
from mcfsm.questions.assumptions import KINDS, Assumptions, Holder
from mcfsm.questions.clauses import Clauses, Defect, Item
from mcfsm.report.whole_words import Cell, whole_words

FORMAT = 1
_DEFECTS = "What the text uses and does not name, or needs and no message of it carries"
_PLURALS = {"property": "properties"}
_HEADINGS = {
    "transition": ("Transitions", "transition"),
    "property": ("Properties", "property"),
    "scenario": ("Scenarios", "scenario"),
    "edit": ("Changes", "change"),
}


def clauses_as_text(found: Clauses, *, width: int) -> RenderableType:
    """Every item with what it says, and what covers it or why nothing does; what is not said, and the sum, last."""
    rows: list[list[Cell]] = []
    for item in found.items:
        style = {"covered": "", "not_modelled": "dim", "missing": "red"}[item.coverage]
        said = Text(_said(item), style="red" if item.contradictory else style)
        rows.append([item.id, item.modality.replace("_", " "), item.text, said])
    table = whole_words(["item", "modality", "says", "in the model"], rows, width, named=2)
    parts: list[RenderableType] = [Padding(table, (0, 0, 1, 0))] if rows else []
    if found.defects:
        parts.append(Text(_DEFECTS, style="bold"))
        parts += [Padding(Text(_unsaid(defect)), (0, 0, 0, 2)) for defect in found.defects]
        parts.append(Text(""))
    return Group(*parts, Text(_sum(found)))


def clauses_as_json(found: Clauses) -> dict[str, Any]:
    """The same as plain data. Keys may be added, none changes its meaning or goes away."""
    return {
        "format": FORMAT,
        "model": found.title,
        "changes": list(found.changes),
        "items": [{**asdict(item), "coverage": item.coverage} for item in found.items],
        "defects": [{**asdict(defect), "says": _unsaid(defect)} for defect in found.defects],
    }


def clauses_as_page(found: Clauses) -> str:
    """The same as a page in Markdown, clause by clause."""
    lines = [
        f"# Coverage of the text: {found.title}",
        "",
        f"Written by `mcfsm clauses {found.path} --page`; do not edit. Every item of the text and of the change",
        f"requests to it ({', '.join(found.changes) or 'none'}), in our words, with the parts of the model that rest",
        "on it in any variant, or the reason why none does. What a change request brings stands behind its name.",
        "",
        _sum(found),
        "",
    ]
    if found.defects:
        lines += [f"## {_DEFECTS}", "", *(f"* {_unsaid(defect)}" for defect in found.defects), ""]
    for clause, items in groupby(found.items, key=lambda item: item.id.partition("-")[0]):
        lines += [f"## {clause}", "", "| item | modality | says | in the model |", "|---|---|---|---|"]
        lines += [_row(item) for item in items]
        lines.append("")
    return page(lines[:-1])


def assumptions_as_page(found: Assumptions) -> str:
    """What a model assumes as a page in Markdown, by the kind of part that rests on it."""
    lines = [
        f"# Assumptions: {found.title}",
        "",
        f"Written by `mcfsm clauses {found.path} --assumptions`; do not edit. Where the text is silent, a part of the",
        "model says in one sentence what it takes to be so. What a change request or a candidate correction brings",
        "stands behind its name. A flow that rests on one of these says so in its last lines (`Relies on`), and the",
        "shortest flow that rests on none is looked for too. `mcfsm check --normative` leaves all of these transitions",
        "out, and `mcfsm why` tries each ground of one verdict.",
        "",
    ]
    for kind in KINDS:
        rows = [(mine.holders, mine.sentence) for mine in found.found if mine.kind == kind]
        if rows:
            title, column = _HEADINGS[kind]
            lines += [f"## {title}", "", f"| {column} | assumption |", "|---|---|"]
            lines += [_cells([_holders(holders), sentence]) for holders, sentence in rows]
            lines.append("")
    return page(lines[:-1])


def _holders(holders: tuple[Holder, ...]) -> str:
    """The parts in words: those of the text, then those of each change with its name behind them."""
    said = []
    for change, mine in groupby(holders, key=lambda holder: holder.change):
        names = ", ".join(holder.name for holder in mine)
        said.append(names if change is None else f"{names} ({change})")
    return "; ".join(said)


def _row(item: Item) -> str:
    name = item.id if item.change is None else f"{item.id} ({item.change})"
    return _cells([name, item.modality.replace("_", " "), item.text, _said(item)])


def _cells(cells: list[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _sum(found: Clauses) -> str:
    counts = [f"{found.count('covered')} covered", f"{found.count('not_modelled')} not modelled, with the reason"]
    counts += [f"{found.count('missing')} missing"]
    both = sum(item.contradictory for item in found.items)
    counts += [f"{both} covered that {'is' if both == 1 else 'are'} said to be not modelled"] if both else []
    unsaid = (
        f"; {counted(len(found.defects), 'message')} or elements that the text does not name" if found.defects else ""
    )
    return f"{counted(len(found.items), 'item')}: {', '.join(counts)}{unsaid}"


def _unsaid(defect: Defect) -> str:
    """What the text leaves unsaid of a message or an element, as a sentence; which change brings it stands first."""
    items, one = listed(defect.items), len(defect.items) == 1
    what = "such a message" if defect.element is None else "it"
    if defect.kind == "unnamed":
        said = f"{items} {'uses' if one else 'use'} {what}, and the text gives it no name."
    else:
        said = f"{items} {'needs' if one else 'need'} {what}, and no message of the text carries it."
    return f"{defect.name}{'' if defect.change is None else f' ({defect.change})'}: {said}"


def listed(names: Sequence[str]) -> str:
    """Words as a sentence lists them: a, b and c."""
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))


def _said(item: Item) -> str:
    parts = ["; ".join(_covers(item))] if item.covers else []
    if item.contradictory or (item.not_modelled is not None and not item.covers):
        parts.append(f"not modelled: {item.not_modelled}")
    both = "CONTRADICTORY: " if item.contradictory else ""
    return both + ". ".join(parts) if parts else "MISSING"


def _covers(item: Item) -> Iterator[str]:
    """What covers an item, in words: by the change that brings it, then by kind."""
    for change, mine in groupby(item.covers, key=lambda cover: cover.change):
        kinds: dict[str, list[str]] = {}
        for cover in mine:
            kinds.setdefault(cover.kind, []).append(cover.name)
        said = [_kind(kind, names) for kind, names in kinds.items()]
        yield ("" if change is None else f"{change}: ") + ", ".join(said)


def _kind(kind: str, names: list[str]) -> str:
    if kind == "edit":
        return ", ".join(names)
    word = kind if len(names) == 1 else _PLURALS.get(kind, f"{kind}s")
    return f"{word} {', '.join(names)}" if kind != "assumption" else f"{word} of {', '.join(names)}"
