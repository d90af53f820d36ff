"""mcfsm figures: draw the figures of documents, or say which of them are stale."""

from __future__ import annotations

from pathlib import Path

import click

from mcfsm.problems import counted


@click.command()
@click.argument("documents", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True))
@click.option("--check", "checking", is_flag=True, help="Draw nothing, say what is stale.")
def figures(documents: tuple[Path, ...], checking: bool) -> int:
    """Draw each figure of DOCUMENTS whose command stands in a comment there: <!-- mcfsm draw ... -o K2.svg -->."""
    from mcfsm.commands.embedded import checked, drawn, figures_of

    total = wrong = 0
    for answer in (checked if checking else drawn)(figures_of(documents), Path.cwd()):
        total += 1
        if not answer.fine:
            wrong += 1
            click.echo(answer.sentence, err=True)
    click.echo(f"{total - wrong} of {counted(total, 'figure')} {'fresh' if checking else 'drawn'}")
    return 1 if wrong else 0
