"""mcfsm receptions: what becomes of every message in every state of a role."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from mcfsm.commands.options import JSON, MODEL, SearchOptions, search_options, selects
from mcfsm.commands.output import answer, effort_of, status_of, terminal
from mcfsm.commands.progress import ProgressLine

if TYPE_CHECKING:
    from mcfsm.language.selection import Selection


@click.command()
@MODEL
@selects
@click.option("--role", "roles", multiple=True, help="Only this role (repeatable).")
@search_options
@JSON
def receptions(
    path: Path,
    roles: tuple[str, ...],
    selection: Selection,
    search: SearchOptions,
    json_file: str | None,
) -> int:
    """Print what becomes of every message in every state of a role, over all that can occur."""
    from mcfsm.questions.receptions import receptions as matrices_of
    from mcfsm.report.receptions import as_json, as_text

    with ProgressLine() as progress:
        effort = effort_of(search, progress)
        matrices = matrices_of(
            path,
            selection,
            roles=roles or None,
            effort=effort,
        )
    answer(json_file, lambda: as_text(matrices, width=terminal().width), lambda: as_json(matrices), effort)
    return status_of(effort, 2 if any(matrix.stopped is not None for matrix in matrices) else 0)
