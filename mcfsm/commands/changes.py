"""mcfsm changes: the change requests to a model."""

from __future__ import annotations

from pathlib import Path

import click

from mcfsm.commands.options import JSON, MODEL, names
from mcfsm.commands.output import answer, terminal


@click.command()
@MODEL
@click.option("--with", "change_ids", metavar="ID,ID", multiple=True, callback=names, help="Only these (repeatable).")
@click.option("--overlap", is_flag=True, help="Only where two touch the same part; exit status 1 where any do.")
@JSON
def changes(path: Path, change_ids: tuple[str, ...], overlap: bool, json_file: str | None) -> int:
    """List the change requests to a model, with the parts of it that each touches.

    Candidate corrections are among them; --overlap leaves them out unless --with names them.
    """
    from mcfsm.questions.changes import proposals
    from mcfsm.report.changes import changes_as_json, changes_as_text, overlaps_as_text

    found = proposals(path, change_ids or None, candidates=not overlap)
    as_text = overlaps_as_text if overlap else changes_as_text
    answer(json_file, lambda: as_text(found, width=terminal().width), lambda: changes_as_json(found))
    return 1 if overlap and found.overlaps else 0
