"""mcfsm new: a small model to begin with."""

from __future__ import annotations

from pathlib import Path

import click

_FILES = ("the model: a comment on each line says what it is", "a test: pytest runs it", "for CI", "for editors")


@click.command()
@click.argument("name", type=click.Path(path_type=Path))
@click.option(
    "--template",
    type=click.Choice(["request_response", "client_server", "handover"]),
    default="request_response",
    show_default=True,
    help="What it begins as: a request that is repeated until it is answered; what only one of several clients may "
    "have at a time; a user who moves between two servers.",
)
def new(name: Path, template: str) -> int:
    """Begin a model: a folder with a small one that works, a test, a snippet for CI, and the schema for editors."""
    from mcfsm.questions.start.new import TEMPLATES
    from mcfsm.questions.start.new import new as new_model

    chosen = TEMPLATES[[str(one) for one in TEMPLATES].index(template)]
    try:
        written = new_model(name, chosen)
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    wide = max(len(path.as_posix()) for path in written)
    for path, what in zip(written, _FILES, strict=True):
        click.echo(f"{path.as_posix():{wide}}  {what}")
    click.echo(
        f"\nNext: mcfsm check {name.as_posix()}   (then change a line, and mcfsm lint {name.as_posix()} --watch)"
    )
    return 0
