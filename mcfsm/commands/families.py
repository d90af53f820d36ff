"""mcfsm matrix, mcfsm conditions and mcfsm overview: questions to all variants of a model."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mcfsm.commands.options import JSON, MODEL, Chosen, Search, search_options, variants
from mcfsm.commands.output import ProgressLine, announce_compilation, answer

if TYPE_CHECKING:
    from mcfsm.exploring import Effort


def effort_of(search: Search, progress: ProgressLine) -> Effort:
    """How variants are explored, as the options of a search say."""
    from mcfsm.exploring import Effort

    announce_compilation(search.engine)
    return Effort(**search.how(), progress=progress.show)


@click.command()
@MODEL
@variants
@click.option("--property", "properties", multiple=True, help="Only this property or check (repeatable).")
@search_options
@JSON
def matrix(
    path: Path,
    properties: tuple[str, ...],
    chosen: Chosen,
    search: Search,
    json_file: str | None,
) -> int:
    """Check every set of changes against every property; say which sets break a property, and which mend it.

    The sets are those of the changes that --with names, by default of all that are no candidates.
    """
    from mcfsm.matrix import matrix as matrices_of
    from mcfsm.report.matrix import matrix_as_json, matrix_as_text

    with ProgressLine() as progress:
        matrices = matrices_of(
            path,
            **chosen,
            properties=properties or None,
            effort=effort_of(search, progress),
        )
    answer(json_file, matrix_as_text(matrices), matrix_as_json(matrices))
    return 0 if all(matrix.complete for matrix in matrices) else 2


@click.command()
@MODEL
@click.option("--property", "name", required=True, help="The property or built-in check.")
@variants
@search_options
@JSON
def conditions(
    path: Path,
    name: str,
    chosen: Chosen,
    search: Search,
    json_file: str | None,
) -> int:
    """Say when a property holds: the weakest condition over changes, readings and options.

    Every set of the changes that --with names (by default of all that are no candidates) is tried with every value of
    every reading and option; --reading and --option narrow the values, --set fixes one, and so does a scenario.
    """
    from mcfsm.conditions import conditions as conditions_of
    from mcfsm.report.conditions import conditions_as_json, conditions_as_text

    with ProgressLine() as progress:
        found = conditions_of(
            path,
            name,
            **chosen,
            effort=effort_of(search, progress),
        )
    answer(json_file, conditions_as_text(found), conditions_as_json(found))
    return 2 if any(one.untold for one in found) else 0


@click.command()
@MODEL
@variants
@click.option("--property", "properties", multiple=True, help="Only this property or check (repeatable).")
@click.option("--except", "without", multiple=True, help="All scenarios but this one (repeatable).")
@click.option("--pairs/--no-pairs", default=True, show_default=True, help="Whether pairs of switches are tried.")
@search_options
@JSON
def overview(
    path: Path,
    properties: tuple[str, ...],
    without: tuple[str, ...],
    pairs: bool,
    chosen: Chosen,
    search: Search,
    json_file: str | None,
) -> int:
    """Say what the verdicts depend on: each property by scenario, and which switches change it, alone or in pairs.

    A switch is another value of a reading or option, or a change that is applied or not, against the default variant.
    --with names the changes of the default variant, --reading and --option the values that are tried (the default one
    among them, else the first, is that of the default variant), --set fixes one; what a scenario fixes is no switch.
    """
    from mcfsm.overview import overview as overview_of
    from mcfsm.report.overview import overview_as_json, overview_as_text

    began = time.monotonic()
    with ProgressLine() as progress:
        found = overview_of(
            path,
            **chosen,
            properties=properties or None,
            without=without,
            pairs=pairs,
            effort=effort_of(search, progress),
            beside=True,
            watch=lambda what: progress.lead_with(f"{what}  "),
        )
    answer(json_file, overview_as_text(found, seconds=time.monotonic() - began), overview_as_json(found))
    return 2 if any(one.incomplete for one in found) else 0
