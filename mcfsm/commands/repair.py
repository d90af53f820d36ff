"""mcfsm repair: which correction would do."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from mcfsm.commands.options import JSON, MODEL, SearchOptions, names, search_options, selects
from mcfsm.commands.output import answer, effort_of, status_of, terminal
from mcfsm.commands.progress import ProgressLine

if TYPE_CHECKING:
    from mcfsm.language.selection import Selection


@click.command()
@MODEL
@click.option("--property", "name", required=True, help="The property or built-in check.")
@click.option(
    "--candidates",
    metavar="ID,ID",
    multiple=True,
    callback=names,
    help="Changes to try (repeatable; default: all marked so).",
)
@click.option("--most", type=click.IntRange(1, 10), default=2, show_default=True, help="Most candidates together.")
@click.option(
    "--flows", is_flag=True, help="Show the flow that remains with each candidate that does not do by itself."
)
@selects
@search_options
@JSON
def repair(
    path: Path,
    name: str,
    candidates: tuple[str, ...],
    most: int,
    flows: bool,
    selection: Selection,
    search: SearchOptions,
    json_file: str | None,
) -> int:
    """Say which candidate changes restore a property and lose no other, and what each leaves by itself.

    Where none do, the flow that remains is shown.

    A set of changes has to restore it in every scenario and under every value asked for; larger sets are tried where
    smaller ones do not, up to --most. Exit status: 1 where nothing
    restores it without a loss, 2 where that could not be told.
    """
    from mcfsm.questions.families.repair import repair as corrections_of
    from mcfsm.report.repair import repair_as_json, repair_as_text

    with ProgressLine() as progress:
        effort = effort_of(search, progress)
        found = corrections_of(
            path,
            name,
            selection,
            candidates=candidates or None,
            most=most,
            effort=effort,
        )
    answer(
        json_file,
        lambda: repair_as_text(found, width=terminal().width, flows=flows),
        lambda: repair_as_json(found),
        effort,
    )
    if found.holds or found.corrections:
        return status_of(effort, 0)
    return 2 if found.untold or effort.over is not None else 1
