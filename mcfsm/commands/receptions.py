"""mcfsm receptions: what becomes of every message in every state of a role."""

from __future__ import annotations

from pathlib import Path

import click

from mcfsm.commands.options import JSON, MODEL, Chosen, SearchOptions, search_options, variants
from mcfsm.commands.output import answer, terminal
from mcfsm.commands.progress import ProgressLine, announce_compilation


@click.command()
@MODEL
@variants
@click.option("--role", "roles", multiple=True, help="Only this role (repeatable).")
@search_options
@JSON
def receptions(
    path: Path,
    roles: tuple[str, ...],
    chosen: Chosen,
    search: SearchOptions,
    json_file: str | None,
) -> int:
    """Print what becomes of every message in every state of a role, over all that can occur."""
    from mcfsm.questions.receptions import receptions as matrices_of
    from mcfsm.report.receptions import as_json, as_text

    announce_compilation(search.engine)
    with ProgressLine() as progress:
        matrices = matrices_of(
            path,
            **chosen,
            roles=roles or None,
            **search.how(),
            progress=progress.show,
        )
    answer(json_file, lambda: as_text(matrices, width=terminal().width), lambda: as_json(matrices))
    return 2 if any(matrix.stopped is not None for matrix in matrices) else 0
