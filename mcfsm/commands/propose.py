"""mcfsm propose: a candidate correction as a change request in a document of a word processor."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from mcfsm.commands.files import READ, tried
from mcfsm.commands.options import JSON, MODEL, SearchOptions, search_options, selects
from mcfsm.commands.output import deliver, effort_of, print_report, show_problems, terminal, write_bytes
from mcfsm.commands.progress import ProgressLine

if TYPE_CHECKING:
    from mcfsm.language.selection import Selection
    from mcfsm.questions.trace import Traced


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
@click.option(
    "--into",
    **READ,
    metavar="FILE",
    help="Put what the change adds into a copy of this .docx, as tracked changes, in place of a document of its own.",
)
@JSON
def propose(
    path: Path,
    change: str,
    name: str,
    selection: Selection,
    search: SearchOptions,
    output: Path,
    into: Path | None,
    json_file: str | None,
) -> int:
    """Write a candidate correction as a change request, as .docx with tracked changes.

    It has a cover page, the flow that breaks the promise as a figure and in numbered steps, the verdicts before and
    after, what is not mended, and the clauses with what is added and removed; --with names the changes that both
    versions have. With --into, a copy of a text of the specification is written instead: what the change adds stands
    behind the parts on which the items before it stand, and all else is as it was. Exit status: 1 where the promise is
    not restored or another is lost, 2 where a search was stopped before it could tell, else 0.
    """
    from mcfsm.questions.insertion import insertions
    from mcfsm.questions.propose import UntoldPromise
    from mcfsm.questions.propose import propose as propose_change
    from mcfsm.report.propose import as_document, as_insertions, as_json, as_text

    if output.suffix.lower() != ".docx":
        raise click.UsageError(f"{output.name} is no .docx")
    with ProgressLine() as progress:
        traced = None if into is None else _traced(into, path, progress)
        try:
            proposal = propose_change(path, change, name, selection, effort=effort_of(search, progress))
        except UntoldPromise as error:
            show_problems(error)
            return 2
        found = None if traced is None else insertions(proposal, traced)
        if into is None or found is None:
            progress.say("drawing the flow")
            document = as_document(proposal)
        else:
            document = as_insertions(into, found)
    deliver(
        json_file,
        lambda: as_json(proposal),
        lambda: print_report(as_text(proposal, file=str(output), width=terminal().width, inserted=found)),
        lambda: write_bytes(output, document),
    )
    return proposal.exit_status


def _traced(text: Path, model: Path, progress: ProgressLine) -> Traced:
    """The text, held against the model."""
    from mcfsm.questions.trace import trace

    progress.say(f"reading {text.name}")
    return trace(text, model)
