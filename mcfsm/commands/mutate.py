"""mcfsm mutate: what nothing that is promised would notice."""

from __future__ import annotations

import time
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
@click.option("--property", "properties", multiple=True, help="Ask only this property or check (repeatable).")
@search_options
@JSON
def mutate(path: Path, selection: Selection, search: SearchOptions, json_file: str | None) -> int:
    """Change one thing at a time, and say which changes no verdict takes notice of: what the text does not promise.

    One condition is not asked, one variable not set, another state entered, one message not sent, or one of its
    elements has another value. --max-states counts for each mutant; without it one is given up at ten times the
    states of the model. Mutants are explored together, so interchangeable instances are told apart.
    """
    from mcfsm.questions.mutate import mutate as mutate_model
    from mcfsm.report.mutate import mutate_as_json, mutate_as_text

    if search.engine != "exhaustive":
        raise click.UsageError("mutants are explored many at a time, which only --engine exhaustive does")
    began = time.monotonic()
    with ProgressLine() as progress:
        effort = effort_of(search, progress)
        found = mutate_model(path, selection, effort=effort, watch=progress.lead_with)
    seconds = time.monotonic() - began
    answer(
        json_file,
        lambda: mutate_as_text(found, width=terminal().width, seconds=seconds),
        lambda: mutate_as_json(found),
        effort,
    )
    return status_of(effort, found.exit_status)
