"""mcfsm conditions: when a property holds."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from mcfsm.commands.options import JSON, MODEL, SearchOptions, search_options, selects
from mcfsm.commands.output import answer, effort_of, status_of, terminal
from mcfsm.commands.progress import ProgressLine

if TYPE_CHECKING:
    from mcfsm.language.selection import Selection
    from mcfsm.questions.families.in_error import InError


@click.command()
@MODEL
@click.option("--property", "name", required=True, help="The property or built-in check.")
@selects
@search_options
@JSON
def conditions(
    path: Path,
    name: str,
    selection: Selection,
    search: SearchOptions,
    json_file: str | None,
) -> int:
    """Say when a property holds: the weakest condition over changes, readings and options.

    Every set of the changes that --with names (by default of all that are no candidates) is tried with every value of
    every reading and option; --reading and --option narrow the values, --set fixes one, and so does a scenario.
    """
    from mcfsm.questions.families.conditions import conditions as conditions_of
    from mcfsm.report.conditions import conditions_as_json, conditions_as_text

    errors: list[InError] = []
    with ProgressLine() as progress:
        effort = effort_of(search, progress)
        found = conditions_of(
            path,
            name,
            selection,
            effort=effort,
            errors=errors,
        )
    answer(
        json_file,
        lambda: conditions_as_text(found, width=terminal().width),
        lambda: conditions_as_json(found),
        effort,
        errors=errors,
    )
    return status_of(effort, 2 if any(one.untold for one in found) else 0, errors)
