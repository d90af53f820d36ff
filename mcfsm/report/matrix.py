"""The matrix of changes and properties as text and as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from rich import box
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from mcfsm.questions.families.family import changes_title
from mcfsm.questions.families.matrix import Changes, MatrixRow, VariantMatrix
from mcfsm.report.style import COLOURS, all_bounds


def matrix_as_text(matrices: Iterable[VariantMatrix]) -> RenderableType:
    """Each matrix as a table, and under it what the changes break and mend."""
    parts: list[RenderableType] = []
    for matrix in matrices:
        parts += [*_matrix(matrix), Text("")]
    return Group(*parts[:-1])


def matrix_as_json(matrices: Iterable[VariantMatrix]) -> dict[str, Any]:
    """The same as plain data."""
    return {
        "matrices": [
            {
                "scenario": matrix.scenario,
                "chosen": dict(matrix.chosen),
                "columns": [list(changes) for changes in matrix.columns],
                "excluded": [list(changes) for changes in matrix.excluded],
                "states": [run.findings.states for run in matrix.runs],
                "properties": [
                    {
                        "id": row.id,
                        "statuses": list(row.statuses),
                        "breaks": [list(changes) for changes in row.breaks],
                        "mends": [list(changes) for changes in row.mends],
                    }
                    for row in matrix.rows
                ],
            }
            for matrix in matrices
        ]
    }


def _matrix(matrix: VariantMatrix) -> Iterator[RenderableType]:
    found = all_bounds(run.model for run in matrix.runs)
    head = Text(f"scenario {matrix.scenario}", style="bold")
    head.append("   " + "; ".join([*(f"{name}={value}" for name, value in matrix.chosen), found]))
    yield head
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 2, 0, 0), show_edge=False)
    table.add_column("property", no_wrap=True)
    for changes in matrix.columns:
        table.add_column(changes_title(changes), no_wrap=True)
    for row in matrix.rows:
        table.add_row(row.id, *(_status(status) for status in row.statuses))
    yield Padding(table, (1, 0, 1, 2))
    for row in matrix.rows:
        yield from (Padding(Text(sentence), (0, 0, 0, 2)) for sentence in _effects(row))
    for changes in matrix.excluded:
        yield Padding(Text(f"left out: {changes_title(changes)} touch the same part"), (0, 0, 0, 2))


def _status(status: str | None) -> Text:
    return Text("-" if status is None else status, style="dim" if status is None else COLOURS[status])


def _effects(row: MatrixRow) -> Iterator[str]:
    if row.breaks:
        yield f"{row.id} is broken by {_sets(row.breaks)}"
    if row.mends:
        yield f"{row.id} is mended by {_sets(row.mends)}"


def _sets(sets: Iterable[Changes]) -> str:
    return ", and by ".join(changes_title(changes) for changes in sets)
