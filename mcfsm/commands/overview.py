"""mcfsm overview: what the verdicts depend on."""

from __future__ import annotations

import time
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
@click.option("--except", "without", multiple=True, help="All scenarios but this one (repeatable).")
@click.option("--pairs/--no-pairs", default=True, show_default=True, help="Whether pairs of switches are tried.")
@search_options
@CLUSTER
@JSON
def overview(
    path: Path,
    without: tuple[str, ...],
    pairs: bool,
    selection: Selection,
    search: SearchOptions,
    place: Workplace | None,
    json_file: str | None,
) -> int:
    """Say what the verdicts depend on: each property by scenario, and which switches change it, alone or in pairs.

    A switch is another value of a reading or option, or a change that is applied or not, against the default variant.
    --with names the changes of the default variant, --reading and --option the values that are tried (the default one
    among them, else the first, is that of the default variant), --set fixes one; what a scenario fixes is no switch.
    """
    from mcfsm.questions.families.overview import overview as overview_of
    from mcfsm.report.overview import overview_as_json, overview_as_text

    began = time.monotonic()
    errors: list[InError] = []
    with ProgressLine() as progress:
        effort = effort_of(search, progress, place=place)
        found = overview_of(
            path,
            selection,
            without=without,
            pairs=pairs,
            effort=effort,
            beside=True,
            watch=lambda what: progress.lead_with(f"{what}  "),
            errors=errors,
        )
    seconds = time.monotonic() - began
    answer(
        json_file,
        lambda: overview_as_text(found, width=terminal().width, seconds=seconds),
        lambda: overview_as_json(found),
        effort,
        errors=errors,
    )
    return status_of(effort, 2 if any(one.incomplete for one in found) else 0, errors)
