"""One verdict as text, as `mcfsm check` prints it in its report: for a test that fails, and for files."""

from __future__ import annotations

from collections.abc import Iterator
from io import StringIO

from rich.console import Console, RenderableType

from mcfsm.report.verdict_flow import flow_of, head_of
from mcfsm.verdicts.verdict import Run, Verdict


def verdict_as_text(run: Run, verdict: Verdict, *, width: int = 100) -> str:
    """The verdict with its promise, its flow where it has one, and what that relies on; plain text, without colours."""
    out = StringIO()
    console = Console(
        file=out, width=width, highlight=False, markup=False, emoji=False, no_color=True, force_terminal=False
    )
    for part in _parts(run, verdict, width):
        console.print(part)
    return "\n".join(line.rstrip() for line in out.getvalue().rstrip("\n").splitlines()) + "\n"


def _parts(run: Run, verdict: Verdict, width: int) -> Iterator[RenderableType]:
    if verdict.trace is None:
        return head_of(run, verdict)
    return flow_of(run, verdict, "", width)
