"""mcfsm interwork: whether old and new releases understand each other."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from mcfsm.commands.options import JSON, MODEL, SearchOptions, names, search_options, selects
from mcfsm.commands.output import answer, effort_of, status_of, terminal
from mcfsm.commands.progress import ProgressLine

if TYPE_CHECKING:
    from mcfsm.language.selection import Selection
    from mcfsm.questions.families.in_error import InError


@click.command()
@MODEL
@click.option(
    "--change",
    "change_ids",
    metavar="ID,ID",
    multiple=True,
    callback=names,
    required=True,
    help="What the new release has (repeatable).",
)
@selects
@search_options
@JSON
def interwork(
    path: Path,
    change_ids: tuple[str, ...],
    selection: Selection,
    search: SearchOptions,
    json_file: str | None,
) -> int:
    """Say whether releases interwork: each role that a change touches with it and without, in all combinations.

    Exit status: 1 where a mixture does not hold what the old and the new release hold, 2 where a search was stopped.
    """
    from mcfsm.questions.families.interwork import interwork as interworking_of
    from mcfsm.report.interwork import interwork_as_json, interwork_as_text

    errors: list[InError] = []
    with ProgressLine() as progress:
        effort = effort_of(search, progress)
        found = interworking_of(
            path,
            change_ids,
            selection,
            effort=effort,
            errors=errors,
        )
    answer(
        json_file,
        lambda: interwork_as_text(found, width=terminal().width),
        lambda: interwork_as_json(found),
        effort,
        errors=errors,
    )
    status = 0 if all(one.complete for one in found) else 2
    return status_of(effort, status if all(one.works for one in found) else 1, errors)
