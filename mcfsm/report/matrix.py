"""The matrix of changes and properties as text and as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from rich import box
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from mcfsm.model.labels import in_all
from mcfsm.questions.families.family import changes_title
from mcfsm.questions.families.matrix import Changes, MatrixRow, VariantMatrix
from mcfsm.report.style import COLOURS, all_bounds, beside, chosen_words, heading, wrapped

_GAP, _INDENT = 2, 2


def matrix_as_text(matrices: Iterable[VariantMatrix], *, width: int) -> RenderableType:
    """Each matrix as a table, and under it what the changes break and mend."""
    parts: list[RenderableType] = []
    for matrix in matrices:
        parts += [*_matrix(matrix, width), Text("")]
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


def _matrix(matrix: VariantMatrix, width: int) -> Iterator[RenderableType]:
    models = [run.model for run in matrix.runs]
    yield heading(models[0], chosen_words(in_all(model.labels for model in models), matrix.chosen), all_bounds(models))
    room = width - _INDENT - max(len("property"), *(len(row.id) for row in matrix.rows)) - _GAP
    groups = [[position] for position in range(len(matrix.columns))]
    titles = [changes_title(changes) for changes in matrix.columns]
    numbered = sum(_widths(matrix, groups, titles)) > room
    if numbered:
        groups = _alike(matrix)
        titles = [f"({number})" for number in range(1, len(groups) + 1)]
    yield Text("")
    for part in beside(_widths(matrix, groups, titles), room):
        yield Padding(_table(matrix, [(titles[at], groups[at][0]) for at in part]), (0, 0, 1, _INDENT))
    for title, group in zip(titles, groups, strict=True) if numbered else ():
        sets = ", ".join(changes_title(matrix.columns[position]) for position in group)
        yield Padding(wrapped(f"{title} {sets}", width - _INDENT, len(title) + 1), (0, 0, 0, _INDENT))
    if numbered:
        yield Text("")
    if matrix.lacking:
        sets = f"{len(matrix.lacking)} of {len(matrix.lacking) + len(matrix.columns)} sets"
        yield Padding(Text(f"{sets} have no scenario {matrix.scenario}, and are not asked"), (0, 0, 0, 2))
    for row in matrix.rows:
        yield from (Padding(Text(sentence), (0, 0, 0, 2)) for sentence in _effects(row))
    if matrix.complete and not matrix.errors and not matrix.together and len(matrix.columns) > 2:
        yield Padding(Text("no changes break together what fewer of them do not break"), (0, 0, 0, 2))
    for changes in matrix.excluded:
        yield Padding(Text(f"left out: {changes_title(changes)} touch the same part"), (0, 0, 0, 2))


def _table(matrix: VariantMatrix, columns: Iterable[tuple[str, int]]) -> Table:
    """Every property under some sets of changes, by their title and position."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, _GAP, 0, 0), show_edge=False)
    table.add_column("property", no_wrap=True)
    shown = list(columns)
    for title, _ in shown:
        table.add_column(title, no_wrap=True)
    for row in matrix.rows:
        table.add_row(row.id, *(_status(row.statuses[position]) for _, position in shown))
    return table


def _widths(matrix: VariantMatrix, groups: Iterable[Sequence[int]], titles: Iterable[str]) -> list[int]:
    """How many columns of the terminal a column takes for each group, with the gap before it."""
    longest = (max(len(row.statuses[group[0]] or "-") for row in matrix.rows) for group in groups)
    return [_GAP + 1 + max(len(title), status) for title, status in zip(titles, longest, strict=True)]


def _alike(matrix: VariantMatrix) -> list[list[int]]:
    """The columns, by position: those with the same verdicts together."""
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
