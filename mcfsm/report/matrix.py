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

ROOM = 90  # of the columns together, one for each set; if they need more, those with the same verdicts share one


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
                "lacking": [list(changes) for changes in matrix.lacking],
                "together": [{"id": name, "changes": list(changes)} for name, changes in matrix.together],
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
    alike = _alike(matrix)
    for number, group in enumerate(alike, start=1):
        title = changes_title(matrix.columns[group[0]])
        table.add_column(title if len(alike) == len(matrix.columns) else f"({number})", no_wrap=True)
    for row in matrix.rows:
        table.add_row(row.id, *(_status(row.statuses[group[0]]) for group in alike))
    yield Padding(table, (1, 0, 1, 2))
    if len(alike) < len(matrix.columns):
        for number, group in enumerate(alike, start=1):
            sets = ", ".join(changes_title(matrix.columns[position]) for position in group)
            yield Padding(Text(f"({number}) {sets}"), (0, 0, 0, 2))
        yield Text("")
    if matrix.lacking:
        sets = f"{len(matrix.lacking)} of {len(matrix.lacking) + len(matrix.columns)} sets"
        yield Padding(Text(f"{sets} have no scenario {matrix.scenario}, and are not asked"), (0, 0, 0, 2))
    for row in matrix.rows:
        yield from (Padding(Text(sentence), (0, 0, 0, 2)) for sentence in _effects(row))
    if matrix.complete and not matrix.together and len(matrix.columns) > 2:
        yield Padding(Text("no changes break together what fewer of them do not break"), (0, 0, 0, 2))
    for changes in matrix.excluded:
        yield Padding(Text(f"left out: {changes_title(changes)} touch the same part"), (0, 0, 0, 2))


def _alike(matrix: VariantMatrix) -> list[list[int]]:
    """The columns, by position; where they are too many, those with the same verdicts together."""
    if sum(max(len(changes_title(changes)), len("VIOLATED")) + 2 for changes in matrix.columns) <= ROOM:
        return [[position] for position in range(len(matrix.columns))]
    groups: dict[tuple[str | None, ...], list[int]] = {}
    for position in range(len(matrix.columns)):
        groups.setdefault(tuple(row.statuses[position] for row in matrix.rows), []).append(position)
    return list(groups.values())


def _status(status: str | None) -> Text:
    return Text("-" if status is None else status, style="dim" if status is None else COLOURS[status])


def _effects(row: MatrixRow) -> Iterator[str]:
    if row.breaks:
        yield f"{row.id} is broken by {_sets(row.breaks)}"
    if row.mends:
        yield f"{row.id} is mended by {_sets(row.mends)}"


def _sets(sets: Iterable[Changes]) -> str:
    return ", and by ".join(changes_title(changes) for changes in sets)
