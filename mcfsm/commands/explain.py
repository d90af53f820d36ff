"""mcfsm explain: what the code of a message means."""

from __future__ import annotations

import click


@click.command()
@click.argument("code")
def explain(code: str) -> int:
    """Explain the code of an error message, such as M403; the number alone will do."""
    from mcfsm.commands.output import columns
    from mcfsm.problems import closest
    from mcfsm.report.codes import CODES

    name = code.upper() if code[:1].upper() == "M" else f"M{code}"
    found = CODES.get(name)
    if found is None:
        near = closest(name, CODES)
        raise click.UsageError(f"unknown code {code}: {near or 'the codes stand in error messages'}")
    click.echo(found.render(min(columns(), 96)))
    return 0
