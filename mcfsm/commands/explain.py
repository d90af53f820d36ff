"""mcfsm explain: what the code of a message means."""

from __future__ import annotations

import click


@click.command()
@click.argument("code")
def explain(code: str) -> int:
    """Explain the code of an error message, such as M403."""
    from mcfsm.problems import closest
    from mcfsm.report.codes import CODES

    found = CODES.get(code.upper())
    if found is None:
        near = closest(code.upper(), CODES)
        raise click.UsageError(f"unknown code {code}: {near or 'the codes stand in error messages'}")
    click.echo(found.render())
    return 0
