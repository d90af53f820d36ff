"""mcfsm assumptions: the sentences that verdicts stand on."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, cast

import click

from mcfsm.commands.files import tried
from mcfsm.commands.options import CLUSTER, JSON, MODEL, SearchOptions, search_options, selects
from mcfsm.commands.output import answer, effort_of, status_of, terminal, write_text
from mcfsm.commands.progress import ProgressLine

if TYPE_CHECKING:
    from mcfsm.host.places import Workplace
    from mcfsm.language.selection import Selection
    from mcfsm.questions.families.in_error import InError
    from mcfsm.questions.families.ledger import Pairs
    from mcfsm.report.ledger import Flows


@click.command()
@MODEL
@selects
@click.option("--property", "properties", multiple=True, help="Only this property or check (repeatable).")
@click.option(
    "--pairs",
    type=click.Choice(["none", "assumptions", "all"]),
    default="assumptions",
    show_default=True,
    help="Which two are switched together: an assumption and anything else, or any two.",
)
@click.option(
    "--flows",
    type=click.Choice(["none", "shortest", "all"]),
    default="shortest",
    show_default=True,
    help="Under each switch the shortest flow of what it breaks, all of them, or none.",
)
@click.option("--page", metavar="FILE", callback=tried, help="Write all scenarios as one page in Markdown.")
@search_options
@CLUSTER
@JSON
def assumptions(
    path: Path,
    pairs: str,
    flows: str,
    page: str | None,
    selection: Selection,
    search: SearchOptions,
    place: Workplace | None,
    json_file: str | None,
) -> int:
    """Say which sentences each verdict stands on, and how it falls without them.

    Every assumption is dropped (no transition is taken that rests on it), every reading and option is turned to each
    other value, also where the scenario fixes it: alone, and two together. --reading and --option narrow the values
    that are tried, --set fixes one. Exit status: 2 where something could not be told.
    """
    from mcfsm.questions.families.ledger import ledger
    from mcfsm.report.ledger import ledger_as_text
    from mcfsm.report.ledger_json import ledger_as_json
    from mcfsm.report.ledger_page import ledger_as_page

    began = time.monotonic()
    errors: list[InError] = []
    with ProgressLine() as progress:
        effort = effort_of(search, progress, place=place)
        found = ledger(
            path,
            selection,
            pairs=cast("Pairs", pairs),
            effort=effort,
            beside=True,
            watch=lambda what: progress.lead_with(f"{what}  "),
            errors=errors,
        )
    pages = [] if page is None else [lambda: write_text(page, ledger_as_page(str(path), found, errors))]
    seconds, shown = time.monotonic() - began, cast("Flows", flows)
    answer(
        json_file,
        lambda: ledger_as_text(found, width=terminal().width, flows=shown, seconds=seconds),
        lambda: ledger_as_json(found),
        effort,
        *pages,
        errors=errors,
    )
    return status_of(effort, 2 if any(one.incomplete for one in found) else 0, errors)
