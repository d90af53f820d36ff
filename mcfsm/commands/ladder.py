"""mcfsm ladder: how many faults a model survives."""

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
@click.option("--most", type=click.IntRange(0, 4), default=1, show_default=True, help="Most faults together.")
@click.option(
    "--faults",
    metavar="KIND,KIND",
    multiple=True,
    callback=names,
    help="Of loss, duplication, reordering, crash (these four, if left out), corruption (repeatable).",
)
@click.option("--flows", is_flag=True, help="Show the flow of each.")
@click.option("--property", "properties", multiple=True, help="Only this property or check (repeatable).")
@selects
@search_options
@JSON
def ladder(
    path: Path,
    most: int,
    faults: tuple[str, ...],
    flows: bool,
    selection: Selection,
    search: SearchOptions,
    json_file: str | None,
) -> int:
    """Say for each property which smallest set of faults breaks it.

    Faults may strike any channel, a crash any instance; the scenario's own are set aside.
    """
    from mcfsm.questions.families.ladder import FAULTS, USUAL
    from mcfsm.questions.families.ladder import ladder as ladders_of
    from mcfsm.report.repair import ladder_as_json, ladder_as_text

    unknown = [kind for kind in faults if kind not in FAULTS]
    if unknown:
        raise click.UsageError(f"--faults takes {', '.join(FAULTS)}, not {unknown[0]}")
    errors: list[InError] = []
    with ProgressLine() as progress:
        effort = effort_of(search, progress)
        found = ladders_of(
            path,
            selection,
            most=most,
            faults=faults or USUAL,
            effort=effort,
            errors=errors,
        )
    answer(
        json_file,
        lambda: ladder_as_text(found, width=terminal().width, flows=flows),
        lambda: ladder_as_json(found),
        effort,
        errors=errors,
    )
    return status_of(effort, 0 if all(one.complete for one in found) else 2, errors)
