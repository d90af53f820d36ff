"""mcfsm report: all that a check knows, as one page to open, or as Markdown or a document from the same records."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mcfsm.commands.files import tried
from mcfsm.commands.options import MODEL, SearchOptions, search_options, selects
from mcfsm.commands.output import effort_of, write_bytes
from mcfsm.commands.progress import ProgressLine

if TYPE_CHECKING:
    from mcfsm.language.selection import Selection
    from mcfsm.questions.dossier import Dossier

SUFFIXES = (".html", ".md", ".docx")


@click.command()
@MODEL
@selects
@click.option("--property", "properties", multiple=True, help="Only this property (repeatable).")
@click.option("--corrections", is_flag=True, help="Look for the smallest candidate that restores what is broken.")
@click.option("--receptions", is_flag=True, help="With what becomes of every message in every state.")
@click.option("--families", is_flag=True, help="With what the verdicts depend on: each reading, option and change.")
@click.option("--no-diagrams", "diagrams", is_flag=True, flag_value=False, default=True, help="Draw no roles.")
@search_options
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    required=True,
    callback=tried,
    help=f"The report: {', '.join(SUFFIXES)}.",
)
def report(
    path: Path,
    selection: Selection,
    corrections: bool,
    receptions: bool,
    families: bool,
    diagrams: bool,
    search: SearchOptions,
    output: Path,
) -> int:
    """Check a model, and write what came out as one file: what is broken first, and each flow step by step.

    The page is self-contained: it asks no network, and a strict content security policy lets its own script run alone.
    Exit status: that of the check.
    """
    from mcfsm.questions.dossier import dossier
    from mcfsm.report.dossier_words import first_sentence

    if output.suffix.lower() not in SUFFIXES:
        raise click.UsageError(f"{output.name} is none of {', '.join(SUFFIXES)}")
    with ProgressLine() as progress:
        found = dossier(
            path,
            selection,
            effort_of(search, progress),
            corrections=corrections,
            receptions=receptions,
            families=families,
            diagrams=diagrams and output.suffix.lower() == ".html",
            asking=lambda number, of, name: progress.lead_with(f"flow {number} of {of}, {name}  "),
        )
        progress.say("drawing")
        content = _writer(output.suffix.lower())(found)
    write_bytes(output, content)
    click.echo(f"{output}: {first_sentence(found)}")
    return found.exit_status


def _writer(suffix: str) -> Callable[[Dossier], bytes]:
    if suffix == ".html":
        from mcfsm.report.page.page import as_html

        return lambda found: as_html(found).encode()
    if suffix == ".md":
        from mcfsm.report.dossier_markdown import as_markdown

        return lambda found: as_markdown(found).encode()
    from mcfsm.report.dossier_document import as_document

    return as_document
