"""Coverage as a table, with the names of what is missing, and as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from rich import box
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from mcfsm.questions.check import Checked
from mcfsm.report.style import label
from mcfsm.verdicts import coverage as c
from mcfsm.verdicts.coverage import Share
from mcfsm.verdicts.verdict import Run

_MOST_NAMED = 8  # of one kind that are named; the JSON has all
Rows = Sequence[tuple[str, tuple[Share, ...]]]


def of_check(checked: Checked) -> RenderableType:
    """What every run of a check visited of what its model declares, and what all of them did together."""
    rows = [(_title(run), of_run(run)) for run in checked.runs]
    if len(rows) > 1:
        visited = c.together(c.visited_by(run.model, run.findings) for run in checked.runs)
        rows.append(("together", c.against(visited, c.together(c.whole(run.model) for run in checked.runs))))
    stopped = [_title(run) for run in checked.runs if not run.findings.complete]
    note = f"; not complete, so more may be reached: {', '.join(stopped)}" if stopped else ""
    return as_text(rows, title=f"coverage of what is declared{note}")


def of_run(run: Run) -> tuple[Share, ...]:
    """What one run visited of what its model declares."""
    return c.against(c.visited_by(run.model, run.findings), c.whole(run.model))


def as_text(rows: Rows, *, title: str) -> RenderableType:
    """A row for each exploration, a column for each kind; below, by name, what the last exploration did not visit."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 2, 0, 0), show_edge=False)
    table.add_column("")
    for share in rows[0][1]:
        table.add_column(share.kind, no_wrap=True)
    for name, shares in rows:
        table.add_row(name, *map(_cell, shares))
    parts: list[RenderableType] = [table]
    parts += [Text(f"{share.kind} not visited: {_missing(share)}") for share in rows[-1][1] if share.missing]
    return Group(Text(title, style="bold"), Padding(Group(*parts), (0, 0, 0, 2)), Text(""))


def as_json(shares: Sequence[Share]) -> dict[str, Any]:
    """Kind to counts and names. Keys may be added, none changes its meaning or goes away."""
    return {
        share.kind: {
            "visited": share.visited,
            "of": share.out_of,
            "percent": round(float(share.percent), 3),
            "missing": list(share.missing),
        }
        for share in shares
    }


def _title(run: Run) -> str:
    return ", ".join(filter(None, [run.model.labels.scenario(run.model.scenario), label(run.model)]))


def _cell(share: Share) -> str:
    return f"{share.visited:,}/{share.out_of:,} {percent(share.percent)}"


def percent(share: Fraction) -> str:
    """A percentage with one decimal, cut and not rounded: 100.0 % is all."""
    tenths = int(share * 10)
    return f"{tenths // 10}.{tenths % 10} %"


def _missing(share: Share) -> str:
    more = len(share.missing) - _MOST_NAMED
    return ", ".join(share.missing[:_MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
