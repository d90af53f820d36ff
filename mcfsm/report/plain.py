"""The verdicts of a check as plain lines: what is said where the report itself cannot be drawn.

What may live here: text that needs nothing but the verdicts. What may not: anything that is laid out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from mcfsm.verdicts.verdict import Run


def plainly(runs: Iterable[Run], warnings: Iterable[str]) -> str:
    """Every verdict on a line of its own: scenario, constants, status, property, and how it was decided."""
    return "\n".join([*_lines(runs), *(f"warning: {warning}" for warning in warnings)])


def _lines(runs: Iterable[Run]) -> Iterator[str]:
    for run in runs:
        constants = [f"{constant.name}={constant.value}" for constant in (*run.model.readings, *run.model.options)]
        where = " ".join([run.model.scenario, *constants])
        for verdict in run.verdicts:
            met = "" if verdict.met else f" ({verdict.against})"
            yield f"{where}: {verdict.status}{met} {verdict.id}: {verdict.reason}"
