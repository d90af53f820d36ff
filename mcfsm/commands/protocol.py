"""mcfsm lint and mcfsm receptions: checks of a protocol beside its properties."""

from __future__ import annotations

from pathlib import Path

import click

from mcfsm.commands.options import JSON, MODEL, Chosen, Search, search_options, variants, with_changes
from mcfsm.commands.output import ProgressLine, announce_compilation, answer, terminal, write_json


@click.command()
@MODEL
@with_changes
@click.option("--strict", is_flag=True, help="Findings fail.")
@JSON
def lint(path: Path, changes: tuple[str, ...] | None, strict: bool, json_file: str | None) -> int:
    """Find what looks wrong in a model without exploring it; mcfsm explain CODE says more of each finding."""
    from mcfsm.language.reader import source
    from mcfsm.lint.findings import lint as lint_model
    from mcfsm.problems import WARNING, render
    from mcfsm.report.lint import as_json

    found = lint_model(path, changes)
    if json_file != "-":
        if found:
            click.echo(render(found, source, severity=WARNING))
        click.echo(f"{len(found)} finding{'' if len(found) == 1 else 's'}")
    if json_file is not None:
        write_json(json_file, as_json(found))
    return 1 if strict and found else 0


@click.command()
@MODEL
@variants
@click.option("--role", "roles", multiple=True, help="Only this role (repeatable).")
@search_options
@JSON
def receptions(
    path: Path,
    roles: tuple[str, ...],
    chosen: Chosen,
    search: Search,
    json_file: str | None,
) -> int:
    """Print what becomes of every message in every state of a role, over all that can occur."""
    from mcfsm.receptions import receptions as matrices_of
    from mcfsm.report.receptions import as_json, as_text

    announce_compilation(search.engine)
    with ProgressLine() as progress:
        matrices = matrices_of(
            path,
            **chosen,
            roles=roles or None,
            **search.how(),
            progress=progress.show,
        )
    answer(json_file, as_text(matrices, width=terminal().width), as_json(matrices))
    return 2 if any(matrix.stopped is not None for matrix in matrices) else 0
