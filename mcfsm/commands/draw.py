"""mcfsm draw: state diagrams and sequence charts."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from mcfsm.commands.options import MODEL, selects
from mcfsm.commands.output import write_text
from mcfsm.commands.progress import ProgressLine
from mcfsm.problems import counted

if TYPE_CHECKING:
    from mcfsm.language.selection import Selection
    from mcfsm.questions.draw import Picture


@click.command()
@MODEL
@selects
@click.option("--role", "roles", multiple=True, help="The state diagram of this role (repeatable; default: all).")
@click.option("--trace", "traced", metavar="PROPERTY", help="The sequence chart of this property's flow instead.")
@click.option(
    "--everything", is_flag=True, help="Every role and the flow of every property, with an index, into a directory."
)
@click.option("--check", "checking", is_flag=True, help="With --everything: write nothing, say what is stale.")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="A file (.dot .svg .mmd .txt) or a directory.")
def draw(
    path: Path,
    selection: Selection,
    roles: tuple[str, ...],
    traced: str | None,
    everything: bool,
    checking: bool,
    output: Path | None,
) -> int:
    """Draw state diagrams of roles, or the sequence chart of a flow. Without -o: dot, or text, to the terminal."""
    from mcfsm.questions.draw import all_pictures, flow_pictures, role_diagrams, stale, write
    from mcfsm.verdicts.run import Effort

    if checking and not everything:
        raise click.UsageError("--check goes with --everything")
    with ProgressLine() as progress:
        effort = Effort(progress=progress.show)
        if everything:
            pictures = all_pictures(path, selection, effort)
        elif traced is not None:
            pictures = flow_pictures(path, traced, selection, effort)
        else:
            pictures = role_diagrams(path, roles, selection)
    if everything and output is None:
        raise click.UsageError("--everything wants a directory: -o diagrams")
    if checking and output is not None:
        wrong = stale(pictures, output)
        for name in wrong:
            click.echo(f"{output / name} is stale", err=True)
        fresh, are = len(pictures) - len(wrong), "is" if len(pictures) == 1 else "are"
        click.echo(f"{fresh} of {counted(len(pictures), 'file')} {are} fresh")
        return 1 if wrong else 0
    if output is None:
        first = ".txt" if traced is not None else ".dot"
        click.echo("\n".join(picture.render() for picture in pictures if picture.name.endswith(first)), nl=False)
        return 0
    if output.suffix:
        _write_picture(pictures, output)
    else:
        click.echo(f"{counted(len(write(pictures, output, whole=everything)), 'file')} in {output}")
    return 0


def _write_picture(pictures: list[Picture], output: Path) -> None:
    from mcfsm.questions.draw import FORMATS

    fitting = [picture for picture in pictures if picture.name.endswith(output.suffix)]
    if output.suffix not in FORMATS or not fitting:
        known = sorted({Path(picture.name).suffix for picture in pictures} & set(FORMATS))
        raise click.UsageError(f"{output.name}: the formats here are {', '.join(known)}")
    if len(fitting) > 1:
        names = ", ".join(Path(picture.name).stem for picture in fitting)
        raise click.UsageError(f"{len(fitting)} pictures ({names}) do not fit one file: name a directory, or a --role")
    write_text(str(output), fitting[0].render())
