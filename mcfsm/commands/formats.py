"""The option --format of mcfsm check: which formats go where, beside what is said to people."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from typing import TYPE_CHECKING

import click

from mcfsm.commands.files import tried
from mcfsm.commands.output import write_text

if TYPE_CHECKING:
    from mcfsm.questions.check import Checked

NAMES = ("json", "junit", "sarif", "github", "markdown")


def formats_wanted(
    context: click.Context, parameter: click.Parameter, values: tuple[str, ...]
) -> tuple[tuple[str, str], ...]:
    """Each FORMAT[=FILE] as a pair; - is standard output, which takes one of them.

    Raises BadParameter for what is no format, and for files that cannot be written or are named twice.
    """
    found: list[tuple[str, str]] = []
    for value in values:
        name, _, file = value.partition("=")
        if name not in NAMES:
            raise click.BadParameter(f"'{name}' is none of {', '.join(NAMES)}", param=parameter)
        if "=" in value and not file:
            raise click.BadParameter(f"'{value}' names no file: write {name}=FILE", param=parameter)
        found.append((name, file or "-"))
        tried(context, parameter, file or "-")
    for place in {file for _, file in found}:
        here = [name for name, file in found if file == place]
        if len(here) > 1:
            where = "standard output" if place == "-" else place
            said = f"{' and '.join(here)} both go to {where}: write {here[-1]}=FILE"
            raise click.BadParameter(said, param=parameter)
    return tuple(found)


def format_steps(formats: tuple[tuple[str, str], ...], checked: Checked, *, strict: bool) -> list[Callable[[], None]]:
    """What writes a check in each format where it is to go."""

    def step(name: str, file: str) -> Callable[[], None]:
        def write() -> None:
            from mcfsm.report.formats import FORMATS, written_as

            text = written_as(FORMATS[[str(one) for one in FORMATS].index(name)], checked, strict=strict)
            if file == "-":
                click.echo(text, nl=False)
            else:
                write_text(file, text)

        return write

    return [step(name, file) for name, file in formats]


@contextmanager
def beside(aside: bool) -> Iterator[None]:
    """Send what is printed to the error stream, where something else goes to standard output."""
    if not aside:
        yield
        return
    with redirect_stdout(sys.stderr):
        yield
