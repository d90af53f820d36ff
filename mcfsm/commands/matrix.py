"""mcfsm matrix: every set of changes against every property."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from mcfsm.commands.options import CLUSTER, JSON, MODEL, SearchOptions, search_options, selects
from mcfsm.commands.output import answer, effort_of, status_of, terminal
from mcfsm.commands.progress import ProgressLine

if TYPE_CHECKING:
    from mcfsm.host.places import Workplace
    from mcfsm.language.selection import Selection
    from mcfsm.questions.families.in_error import InError


@click.command()
@MODEL
@selects
@click.option("--property", "properties", multiple=True, help="Only this property or check (repeatable).")
@search_options
@CLUSTER
@JSON
def matrix(
    path: Path,
    selection: Selection,
    search: SearchOptions,
    place: Workplace | None,
    json_file: str | None,
) -> int:
    """Check every set of changes against every property; say which sets break a property, and which mend it.

    The sets are those of the changes that --with names, by default of all that are no candidates.
    """
    from mcfsm.questions.families.matrix import matrix as matrices_of
    from mcfsm.report.matrix import matrix_as_json, matrix_as_text

    errors: list[InError] = []
    with ProgressLine() as progress:
        effort = effort_of(search, progress, place=place)
        matrices = matrices_of(
            path,
            selection,
            effort=effort,
            beside=True,
            watch=lambda what: progress.lead_with(f"{what}  "),
            errors=errors,
        )
    answer(
        json_file,
        lambda: matrix_as_text(matrices, width=terminal().width),
        lambda: matrix_as_json(matrices),
        effort,
        errors=errors,
    )
    return status_of(effort, 0 if all(matrix.complete for matrix in matrices) else 2, errors)
