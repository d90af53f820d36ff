"""mcfsm compare and mcfsm interwork: what a change does, alone and between releases."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mcfsm.commands.files import READ
from mcfsm.commands.options import JSON, MODEL, SearchOptions, names, search_options, selects
from mcfsm.commands.output import answer, effort_of, status_of, terminal
from mcfsm.commands.progress import ProgressLine

if TYPE_CHECKING:
    from mcfsm.language.selection import Selection
    from mcfsm.questions.compare.compare import Version


@click.command()
@MODEL
@click.argument("other", **READ, required=False)
@click.option(
    "--change",
    "change_ids",
    metavar="ID,ID",
    multiple=True,
    callback=names,
    help="The text without these changes, and with (repeatable).",
)
@click.option("--without", "clause", metavar="CLAUSE", help="The text, and the text less what cites this clause.")
@click.option("--since", "revision", metavar="REV", help="The model as of this git revision, and as it is.")
@selects
@search_options
@click.option(
    "--forbid",
    metavar="WHAT,WHAT",
    multiple=True,
    callback=names,
    help="What makes the exit status 1 (see below; repeatable).",
)
@JSON
def compare(
    path: Path,
    other: Path | None,
    change_ids: tuple[str, ...],
    clause: str | None,
    revision: str | None,
    selection: Selection,
    search: SearchOptions,
    forbid: tuple[str, ...],
    json_file: str | None,
) -> int:
    """Say what a change does: parts, verdicts, receptions, and the shortest flows possible only before or only after.

    Two versions are compared: with and without --change, less what cites a clause, as of a revision and now, or two
    models. --max-states counts for each search; the one for flows gives up after 200,000 nodes where it says nothing
    else. --forbid takes behaviour-added, behaviour-removed and verdict-lost. Exit status: 1 where something
    forbidden happened, 2 where a search was stopped before it could tell, else 0.
    """
    from mcfsm.explore.findings import Limits
    from mcfsm.questions.compare.compare import FORBIDDEN
    from mcfsm.questions.compare.compare import compare as compare_versions
    from mcfsm.questions.compare.flow_difference import MOST_NODES
    from mcfsm.report.compare import compare_as_json, compare_as_text

    unknown = [word for word in forbid if word not in FORBIDDEN]
    if unknown:
        raise click.UsageError(f"--forbid takes {', '.join(FORBIDDEN)}, not {unknown[0]}")
    with ProgressLine() as progress:
        effort = effort_of(search, progress)
        before, after = _versions(path, other, change_ids, clause, revision, selection.changes)
        found = compare_versions(
            before,
            after,
            selection,
            effort=effort,
            flow_limits=Limits(search.max_states or MOST_NODES, search.max_depth, search.max_seconds),
            watch=lambda what: progress.lead_with(f"{what}  "),
        )
    answer(json_file, lambda: compare_as_text(found, width=terminal().width), lambda: compare_as_json(found), effort)
    if any(set(forbid) & compared.happened for compared in found):
        return 1
    return status_of(effort, 0 if all(compared.complete for compared in found) else 2)


def _versions(
    path: Path,
    other: Path | None,
    change_ids: tuple[str, ...],
    clause: str | None,
    revision: str | None,
    changes: Sequence[str] | None,
) -> tuple[Version, Version]:
    from mcfsm.questions.compare.compare import change_versions, clause_versions, file_versions, revision_versions

    if sum([other is not None, bool(change_ids), clause is not None, revision is not None]) != 1:
        raise click.UsageError("name what is compared: --change, --without, --since, or a second model")
    if change_ids:
        return change_versions(path, change_ids, changes)
    if clause is not None:
        return clause_versions(path, clause, changes)
    if revision is not None:
        return revision_versions(path, revision, changes)
    assert other is not None
    return file_versions(path, other, changes)
