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

from mcfsm import coverage as c
from mcfsm.checking import Checked
from mcfsm.coverage import Share
from mcfsm.report.text import label
from mcfsm.verdict import Run

_MOST_NAMED = 8  # of one kind that are named; the JSON has all
Columns = Sequence[tuple[str, tuple[Share, ...]]]


def of_check(checked: Checked) -> RenderableType:
    """What every run of a check visited of what its model declares, and what all of them did together."""
    columns = [(_title(run), of_run(run)) for run in checked.runs]
    if len(columns) > 1:
        visited = c.together(c.visited_by(run.model, run.findings) for run in checked.runs)
        columns.append(("together", c.against(visited, c.together(c.whole(run.model) for run in checked.runs))))
    stopped = [_title(run) for run in checked.runs if not run.findings.complete]
    note = f"; not complete, so more may be reached: {', '.join(stopped)}" if stopped else ""
    return as_text(columns, title=f"coverage of what is declared{note}")


def of_run(run: Run) -> tuple[Share, ...]:
    """What one run visited of what its model declares."""
    return c.against(c.visited_by(run.model, run.findings), c.whole(run.model))


def as_text(columns: Columns, *, title: str) -> RenderableType:
    """A line for each kind, a column for each exploration; the last column says by name what the last one missed."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 2, 0, 0), show_edge=False)
    table.add_column("", no_wrap=True)
    for name, _ in columns:
        table.add_column(name, no_wrap=True)
    table.add_column("not visited")
    for shares in zip(*(shares for _, shares in columns), strict=True):
        table.add_row(shares[0].kind, *map(_cell, shares), _missing(shares[-1]))
    return Group(Text(title, style="bold"), Padding(table, (0, 0, 0, 2)), Text(""))


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
    return "\n".join(filter(None, [run.model.scenario, label(run.model).replace(", ", "\n")]))


def _cell(share: Share) -> str:
    return f"{share.visited:,} of {share.out_of:,}  {percent(share.percent)}"


def percent(share: Fraction) -> str:
    """A percentage with one decimal, cut and not rounded: 100.0 % is all."""
    tenths = int(share * 10)
    return f"{tenths // 10}.{tenths % 10} %"


def _missing(share: Share) -> str:
    more = len(share.missing) - _MOST_NAMED
    return ", ".join(share.missing[:_MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
