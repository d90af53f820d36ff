"""mcfsm draw: state diagrams and sequence charts."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mcfsm.commands.files import not_read
from mcfsm.commands.options import MODEL, selects
from mcfsm.commands.output import write_bytes
from mcfsm.commands.progress import ProgressLine
from mcfsm.problems import counted

if TYPE_CHECKING:
    from mcfsm.language.selection import Selection
    from mcfsm.pictures.folder import Picture
    from mcfsm.pictures.look import Look


STATES = ("labels", "unreachable", "regions")


def looks(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that say how a figure looks; the command takes what they say as one `look`."""

    @wraps(command)
    def gathered(*arguments: Any, **given: Any) -> Any:
        from mcfsm.pictures.look import PAGES, Look

        chosen = {name: given.pop(name) for name in ("style", "theme", "steps", "elements", *STATES)}
        return command(*arguments, look=Look(page=PAGES[given.pop("page")], **chosen), **given)

    for flag, values, text in (
        ("--regions", ("together", "apart"), "The regions of a role in one figure, or each in its own."),
        ("--unreachable", ("hide", "grey", "show"), "States and transitions that the scenario cannot reach."),
        (
            "--labels",
            ("full", "guards", "trigger"),
            "How much a transition says; guards: not its variables and clauses.",
        ),
        (
            "--steps",
            ("below", "apart", "none"),
            "The steps of a flow as sentences: below it, in a file, or not at all.",
        ),
        ("--theme", ("auto", "light", "dark"), "Colours; auto: dark where the reader has asked for dark."),
        ("--page", ("long", "a4"), "long: 17 cm wide, of any length; a4: in parts that fit the page."),
        ("--style", ("3gpp", "rows"), "Messages slanted where others come between, or in the row where they arrive."),
    ):
        option = click.option(flag, type=click.Choice(values), default=values[0], show_default=True, help=text)
        gathered = option(gathered)
    text = "The elements of messages in the figure, and not in its sentences alone."
    return click.option("--elements", is_flag=True, help=text)(gathered)


@click.command()
@MODEL
@selects
@click.option("--role", "roles", multiple=True, help="The state diagram of this role (repeatable; default: all).")
@click.option(
    "--trace",
    "traced",
    metavar="PROPERTY",
    help="The sequence chart of this property's flow; with --role the flow in its state diagram.",
)
@click.option(
    "--everything", is_flag=True, help="Every role and the flow of every property, with an index, into a directory."
)
@click.option("--check", "checking", is_flag=True, help="Write nothing, say what of the output is stale.")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    callback=not_read,
    help="A file (.svg .png .pdf .emf .mmd .puml .msc .dot .md .txt) or a directory.",
)
@looks
def draw(
    path: Path,
    selection: Selection,
    roles: tuple[str, ...],
    traced: str | None,
    everything: bool,
    checking: bool,
    output: Path | None,
    look: Look,
) -> int:
    """Draw state diagrams of roles, or the sequence chart of a flow. Without -o: dot, or text, to the terminal."""
    from mcfsm.questions.draw import FLOW_FORMATS, ROLE_FORMATS, flow_pictures, followed_diagrams, role_diagrams
    from mcfsm.questions.gallery import all_pictures
    from mcfsm.verdicts.run import Effort

    if checking and output is None:
        raise click.UsageError("--check wants to know what: -o diagrams")
    if everything and output is None:
        raise click.UsageError("--everything wants a directory: -o diagrams")
    known = (".svg",) if everything else FLOW_FORMATS if traced and not roles else ROLE_FORMATS
    formats = _formats(output, known, shown=".txt" if traced and not roles else ".dot")
    with ProgressLine() as progress:
        effort = Effort(progress=progress.show)
        if everything:
            pictures = all_pictures(path, selection, effort, look)
        elif traced is not None and roles:
            pictures = followed_diagrams(path, roles, traced, selection, effort, look, formats)
        elif traced is not None:
            pictures = flow_pictures(path, traced, selection, effort, look, formats)
        else:
            pictures = role_diagrams(path, roles, selection, look, formats)
    if output is None:
        click.echo("\n".join(str(p.render()) for p in pictures if p.tail in formats), nl=False)
        return 0
    if output.suffix:
        return _one_file(pictures, output, checking=checking)
    return _folder(pictures, output, whole=everything, checking=checking)


def _formats(output: Path | None, known: tuple[str, ...], *, shown: str) -> tuple[str, ...]:
    """The formats that are wanted: what goes to a terminal, that of a file, or those of a folder."""
    if output is None:
        return (shown,)
    if not output.suffix:
        return known[:3]
    if output.suffix not in known:
        raise click.UsageError(f"{output.name}: the formats here are {', '.join(known)}")
    return (output.suffix,)


def _folder(pictures: list[Picture], output: Path, *, whole: bool, checking: bool) -> int:
    """Write pictures into a directory, or say which of them are stale there."""
    from mcfsm.pictures.folder import foreign, stale, write

    if not checking:
        taken = foreign(pictures, output)
        if taken:
            others = f" and {len(taken) - 1} more were" if len(taken) > 1 else " was"
            raise click.UsageError(
                f"{taken[0]}{others} not drawn by mcfsm: move what is there, or name another directory"
            )
        click.echo(f"{counted(len(write(pictures, output, whole=whole)), 'file')} in {output}")
        return 0
    wrong = stale(pictures, output) if whole else [p.name for p in pictures if not p.fresh(output / p.name)]
    return _say_stale([output / name for name in wrong], len(pictures))


def _say_stale(wrong: list[Path], total: int) -> int:
    for file in wrong:
        click.echo(f"{file} is stale", err=True)
    click.echo(f"{max(total - len(wrong), 0)} of {counted(total, 'file')} {'is' if total == 1 else 'are'} fresh")
    return 1 if wrong else 0


def _one_file(pictures: list[Picture], output: Path, *, checking: bool) -> int:
    """Write the picture of one role or flow; one in parts, or with its steps apart, into files beside each other."""
    figures = list(dict.fromkeys(picture.figure for picture in pictures))
    if len(figures) > 1:
        names = ", ".join(figures)
        raise click.UsageError(f"{len(figures)} pictures ({names}) do not fit one file: name a directory, or a --role")
    files = {output.with_name(output.stem + picture.tail): picture for picture in pictures}
    if checking:
        return _say_stale([file for file, picture in files.items() if not picture.fresh(file)], len(files))
    contents = {file: picture.content() for file, picture in files.items()}
    for file, content in contents.items():
        write_bytes(file, content)
    if list(files) != [output]:
        click.echo(", ".join(map(str, files)))
    return 0
