"""mcfsm why: what a verdict rests on."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from mcfsm.commands.options import FAIRNESS, JSON, MODEL, NO_CACHE, SearchOptions, search_options, selects
from mcfsm.commands.output import answer, effort_of, say_known, status_of, terminal
from mcfsm.commands.progress import ProgressLine

if TYPE_CHECKING:
    from mcfsm.language.selection import Selection
    from mcfsm.model import Fairness


@click.command()
@MODEL
@click.option("--property", "name", help="The property or built-in check; without it, those that there are are said.")
@selects
@search_options
@FAIRNESS
@NO_CACHE
@JSON
def why(
    path: Path,
    name: str | None,
    selection: Selection,
    search: SearchOptions,
    fairness: Fairness | None,
    no_cache: bool,
    json_file: str | None,
) -> int:
    """Say what a verdict rests on: the clauses, assumptions and readings without which it falls.

    Each is taken away in turn and the model explored again: every transition that cites a clause, the transition that
    makes an assumption, the other values of a reading or option. Under a PROVED stands how near it comes to being
    broken.
    """
    if name is None:
        from mcfsm.commands.grouped import properties
        from mcfsm.language.files.reader import read_baseline

        raise click.UsageError(f"whose verdict? Give --property one of {', '.join(properties(read_baseline(path)))}")
    from mcfsm.questions.why import why as ask_why
    from mcfsm.report.why import why_as_json, why_as_text

    with ProgressLine() as progress:
        effort = effort_of(search, progress, cache=not no_cache)
        answers = ask_why(
            path,
            name,
            selection,
            effort=effort,
            fairness=fairness,
            asking=lambda number, count, ground: progress.lead_with(f"{number} of {count}: without {ground}  "),
        )
    answer(json_file, lambda: why_as_text(answers, width=terminal().width), lambda: why_as_json(name, answers), effort)
    say_known(effort)
    return status_of(effort, max((answer.exit_status for answer in answers), default=0))
