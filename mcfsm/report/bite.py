"""How near each PROVED comes to being broken, as text: a sentence for each, and the flow where one alone is asked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import RenderableType
from rich.padding import Padding
from rich.text import Text

from mcfsm.report.style import differing, flow, wrapped
from mcfsm.verdicts.verdict import Run

_NOT_NEAR = {"nothing", "undecided"}


def bites_of(runs: Sequence[Run], width: int) -> Iterator[RenderableType]:
    """A paragraph for each run; nothing where that was not asked, or nothing is proved."""
    for run, variant in zip(runs, differing([run.model for run in runs]), strict=True):
        told = [(verdict.id, verdict.bite) for verdict in run.verdicts if verdict.bite is not None]
        if not told:
            continue
        yield Text(f"How near {'it' if len(told) == 1 else 'each PROVED'} comes to being broken", style="bold")
        if variant:
            yield Text(f"  {variant}", style="dim")
        widest = max(len(name) for name, _ in told)
        for name, bite in told:
            style = "yellow" if bite.kind in _NOT_NEAR else ""
            said = wrapped(f"{name.ljust(widest)}  {bite.text}", width - 2, widest + 2, style)
            yield Padding(said, (0, 0, 0, 2))
        trace = told[0][1].trace if len(told) == 1 else None
        if trace is not None and trace.steps:
            yield flow(trace, run.model, width)
        yield Text("")
