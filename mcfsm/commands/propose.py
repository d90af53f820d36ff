"""mcfsm propose: a candidate correction as a change request in a document of a word processor."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from mcfsm.commands.options import JSON, MODEL, SearchOptions, search_options, selects
from mcfsm.commands.output import deliver, effort_of, print_report, show_problems, terminal, tried, write_bytes
from mcfsm.commands.progress import ProgressLine

if TYPE_CHECKING:
    from mcfsm.language.selection import Selection


@click.command()
@MODEL
@click.option("--change", required=True, metavar="ID", help="The candidate, or another change of the model.")
@click.option("--for", "name", required=True, metavar="PROPERTY", help="The promise that is broken without it.")
@selects
@search_options
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    required=True,
    callback=tried,
    help="The change request, a .docx.",
)
@JSON
def propose(
    path: Path,
    change: str,
    name: str,
    selection: Selection,
    search: SearchOptions,
    output: Path,
    json_file: str | None,
) -> int:
    """Write a candidate correction as a change request, as .docx with tracked changes.

    It has a cover page, the flow that breaks the promise as a figure and in numbered steps, the verdicts before and
    after, what is not mended, and the clauses with what is added and removed; --with names the changes that both
    versions have. Exit status: 1 where the promise is not restored or another is lost, 2 where a search was stopped
    before it could tell, else 0.
    """
    from mcfsm.questions.propose import UntoldPromise
    from mcfsm.questions.propose import propose as propose_change
    from mcfsm.report.propose import as_document, as_json, as_text

    if output.suffix.lower() != ".docx":
        raise click.UsageError(f"{output.name} is no .docx")
    with ProgressLine() as progress:
        try:
            proposal = propose_change(path, change, name, selection, effort=effort_of(search, progress))
        except UntoldPromise as error:
            show_problems(error)
            return 2
        progress.say("drawing the flow")
        document = as_document(proposal)
    deliver(
        json_file,
        lambda: as_json(proposal),
        lambda: print_report(as_text(proposal, file=str(output), width=terminal().width)),
        lambda: write_bytes(output, document),
    )
    return proposal.exit_status
