"""mcfsm clauses: which items of the text are in the model."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import click

from mcfsm.commands.files import READ, tried
from mcfsm.commands.options import JSON, MODEL, names
from mcfsm.commands.output import answer, terminal, write_text


@click.command()
@MODEL
@click.argument("others", **READ, nargs=-1)
@click.option(
    "--forbid",
    metavar="WHAT,WHAT",
    multiple=True,
    callback=names,
    help="What makes the exit status 1 (see below; repeatable).",
)
@click.option("--page", metavar="FILE", callback=tried, help="Write the report as a page in Markdown.")
@click.option(
    "--assumptions", metavar="FILE", callback=tried, help="Write what the model assumes as a page in Markdown."
)
@JSON
def clauses(
    path: Path,
    others: tuple[Path, ...],
    forbid: tuple[str, ...],
    page: str | None,
    assumptions: str | None,
    json_file: str | None,
) -> int:
    """List every item of the text with the parts of the model that rest on it, or why none does.

    Several models may follow one text: an item is covered where one of them covers it.
    The items of all change requests are among them, and so are their parts, also of those that do not go together.
    --forbid takes missing (an item that nothing rests on, without a reason) and contradictory (one that something
    rests on, although a reason is given).
    """
    from mcfsm.questions.assumptions import assumptions as assumptions_of
    from mcfsm.questions.clauses import FORBIDDEN
    from mcfsm.questions.clauses import clauses as clauses_of
    from mcfsm.report.clauses import assumptions_as_page, clauses_as_json, clauses_as_page, clauses_as_text

    unknown = [word for word in forbid if word not in FORBIDDEN]
    if unknown:
        raise click.UsageError(f"--forbid takes {', '.join(FORBIDDEN)}, not {unknown[0]}")
    found = clauses_of(path, *others)
    pages: list[Callable[[], None]] = []
    if page is not None:
        pages.append(lambda: write_text(page, clauses_as_page(found)))
    if assumptions is not None:
        pages.append(lambda: write_text(assumptions, assumptions_as_page(assumptions_of(path, *others))))
    answer(
        json_file, lambda: clauses_as_text(found, width=terminal().width), lambda: clauses_as_json(found), None, *pages
    )
    return 1 if set(forbid) & found.happened else 0
