"""mcfsm lint: what looks wrong in a model, without exploring it."""

from __future__ import annotations

from pathlib import Path

import click

from mcfsm.commands.options import JSON, MODEL, with_changes
from mcfsm.commands.output import deliver


@click.command()
@MODEL
@with_changes
@click.option("--strict", is_flag=True, help="Findings fail.")
@JSON
def lint(path: Path, changes: tuple[str, ...] | None, strict: bool, json_file: str | None) -> int:
    """Find what looks wrong in a model without exploring it; mcfsm explain CODE says more of each finding."""
    from mcfsm.language.files.reader import source
    from mcfsm.problems import WARNING, render
    from mcfsm.questions.lint.lint import lint as lint_model
    from mcfsm.report.lint import as_json

    found = lint_model(path, changes)

    def show() -> None:
        if found:
            click.echo(render(found, source, severity=WARNING))
        click.echo(f"{len(found)} finding{'' if len(found) == 1 else 's'}")

    deliver(json_file, lambda: as_json(found), show)
    return 1 if strict and found else 0
