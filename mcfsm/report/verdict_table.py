"""The verdicts of a scenario beside their promises: a column for each run, or one where these have no room."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from rich import box
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from mcfsm.report.style import briefly, status_text, together
from mcfsm.report.verdict_flow import decided
from mcfsm.verdicts.verdict import Run

_LEAST_PROMISE = 24  # columns in which a promise can still be read
_MOST_HEAD = 20  # columns of what stands above a column of verdicts


def verdict_table(runs: Sequence[Run], width: int) -> Table:
    """Every verdict with its promise: the statuses in a column for each run, or in one where these have no room."""
    labels = briefly([run.model for run in runs])
    heads = [
        [line for part in one for line in textwrap.wrap(part, _MOST_HEAD, break_long_words=False)] for one in labels
    ]
    widest = max(len(status_text(verdict, run)) for run in runs for verdict in run.verdicts)
    each = max(widest, *(len(line) for head in heads for line in head), 0) + 2
    beside = len(runs) * each + max(len(verdict.id) for verdict in runs[0].verdicts) + _LEAST_PROMISE <= width
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 2, 0, 0), show_edge=False)
    for head in heads if beside else [[]]:
        table.add_column("\n".join(head) or "verdict", no_wrap=beside, overflow="fold")
    table.add_column("property", no_wrap=beside, overflow="fold")
    table.add_column("promise", overflow="fold")
    if len(runs) == 1:
        table.add_column("decided", overflow="fold")
    for verdicts in zip(*(run.verdicts for run in runs), strict=True):
        first = verdicts[0]
        promise = Text(first.text)
        if first.clause:
            promise.append(f" [{first.clause}]", style="dim")
        statuses = [status_text(verdict, run) for verdict, run in zip(verdicts, runs, strict=True)]
        if not beside:
            said = [
                Text(f"{together(one)}: " if one else "").append_text(s)
                for one, s in zip(labels, statuses, strict=True)
            ]
            statuses = [Text("\n").join(said)]
        cells: list[RenderableType] = [*statuses, first.id, promise]
        table.add_row(*cells, *([decided(runs[0], first)] if len(runs) == 1 else []))
    return table
