"""Change requests as text and as JSON."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from mcfsm.problems import counted
from mcfsm.questions.changes import Overlap, Proposal, Proposals, Touched
from mcfsm.report.style import AnswerLine, wrapped

_LEAST_TABLE = 72  # columns in which what a change touches and its clauses stand beside each other


def changes_as_text(found: Proposals, *, width: int) -> RenderableType:
    """Each change with its title and the parts that it touches."""
    parts: list[RenderableType] = []
    for change in found.changes:
        parts += [*_change(change, width), Text("")]
    said = f"{counted(len(found.changes), 'change')} to {found.path}; {_overlapping(found)}"
    return Group(*parts, wrapped(said + _with_candidates(found), width))


def overlaps_as_text(found: Proposals, *, width: int) -> RenderableType:
    """Where changes touch the same part."""
    lines = [wrapped(_overlap(overlap), width) for overlap in found.overlaps]
    corrections = counted(found.left_out, "candidate correction")
    left = f"; {corrections} left out, unless --with names them" if found.left_out else ""
    return Group(*lines, wrapped(_overlapping(found) + left, width))


def changes_as_json(found: Proposals) -> dict[str, Any]:
    """The same as plain data."""
    return {
        "changes": [{**asdict(change), "parts": [_part(part) for part in change.parts]} for change in found.changes],
        "overlaps": [
            {"changes": list(overlap.changes), "parts": [_part(part) for part in overlap.parts]}
            for overlap in found.overlaps
        ],
    }


def _part(part: Touched) -> dict[str, Any]:
    return {
        "said": part.said,
        "grounds": list(part.grounds),
        "file": part.span.file,
        "line": part.span.line,
    }


def _change(change: Proposal, width: int) -> Iterator[RenderableType]:
    by_default = "   applied by default" if change.default else ""
    candidate = "   a candidate correction" if change.candidate else ""
    yield AnswerLine(f"{change.id}  {change.title}{by_default}{candidate}", style="bold")
    if change.base is not None:
        yield Padding(Text(f"base: {change.base}"), (0, 0, 0, 2))
    if change.clauses:
        yield Padding(Text(f"clauses: {', '.join(change.clauses)}"), (0, 0, 0, 2))
    if width >= _LEAST_TABLE:
        table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 3, 0, 0))
        for part in change.parts:
            table.add_row(part.said, ", ".join(part.grounds))
        yield Padding(table, (0, 0, 0, 2))
        return
    for part in change.parts:
        grounds = f"   {', '.join(part.grounds)}" if part.grounds else ""
        yield Padding(wrapped(f"{part.said}{grounds}", width - 2, 4), (0, 0, 0, 2))


def _overlap(overlap: Overlap) -> str:
    one, other = (
        f"{name} {part.said} ({part.span.file}:{part.span.line})"
        for name, part in zip(overlap.changes, overlap.parts, strict=True)
    )
    return f"{one}; {other}"


def _overlapping(found: Proposals) -> str:
    return counted(len(found.overlaps), "overlap") if found.overlaps else "no two touch the same part"


def _with_candidates(found: Proposals) -> str:
    """How many of the overlaps are with candidate corrections: `--overlap` counts none of these."""
    candidates = {change.id for change in found.changes if change.candidate}
    count = sum(not candidates.isdisjoint(overlap.changes) for overlap in found.overlaps)
    if not count:
        return ""
    every = len(found.overlaps)
    share = f"{count:,} of them " if count < every else "each " if every > 1 else ""
    return f", {share}with a candidate correction, which --overlap leaves out"
