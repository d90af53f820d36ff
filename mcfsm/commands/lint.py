"""mcfsm lint: what looks wrong in a model, without exploring it."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import click

from mcfsm.commands.options import JSON, MODEL, with_changes
from mcfsm.commands.output import deliver, known_columns, show_problems
from mcfsm.commands.progress import ProgressLine
from mcfsm.problems import counted

WRONG_MODEL = 3
_PAUSE = 0.2  # seconds between two looks at the files


@click.command()
@MODEL
@with_changes
@click.option("--strict", is_flag=True, help="Findings fail.")
@click.option("--watch", is_flag=True, help="Look again each time a file of the model changes, until Ctrl-C.")
@JSON
def lint(path: Path, changes: tuple[str, ...] | None, strict: bool, watch: bool, json_file: str | None) -> int:
    """Find what looks wrong in a model without exploring it; mcfsm explain CODE says more of each finding."""
    if not watch:
        return _look(path, changes, strict, json_file)
    if json_file is not None:
        raise click.UsageError("--watch does not go with --json: it never ends")
    return _watch(path, changes, strict)


def _look(path: Path, changes: tuple[str, ...] | None, strict: bool, json_file: str | None = None) -> int:
    from mcfsm.language.files.reader import source
    from mcfsm.problems import WARNING, render
    from mcfsm.questions.lint.lint import lint as lint_model
    from mcfsm.report.lint import as_json

    with ProgressLine() as progress:
        found = lint_model(path, changes, progress.say)

    def show() -> None:
        if found:
            click.echo(render(found, source, severity=WARNING, width=known_columns(sys.stdout)))
        click.echo(counted(len(found), "finding"))

    deliver(json_file, lambda: as_json(found), show)
    return 1 if strict and found else 0


def _watch(path: Path, changes: tuple[str, ...] | None, strict: bool) -> int:
    """Look, and look again when the files change; the exit status of the last look, when somebody presses Ctrl-C."""
    from mcfsm.language.files.reader import changed_since, stamps
    from mcfsm.problems import ModelError

    status = 0
    try:
        while True:
            seen = stamps(path)
            try:
                status = _look(path, changes, strict)
            except ModelError as error:
                show_problems(error)
                status = WRONG_MODEL
            click.echo(f"watching {counted(len(seen), 'file')}; Ctrl-C ends")
            while not (changed := changed_since(seen)):
                time.sleep(_PAUSE)
            click.echo(f"\n{', '.join(file.name for file in changed)} changed")
    except KeyboardInterrupt:
        click.echo()
        return status
