"""mcfsm schema and mcfsm explain: what can be looked up without a model."""

from __future__ import annotations

import json

import click


@click.command()
def schema() -> int:
    """Print the JSON Schema of the files of a model, for editors."""
    from mcfsm.language.schema import json_schema

    click.echo(json.dumps(json_schema(), indent=2))
    return 0


@click.command()
@click.argument("code")
def explain(code: str) -> int:
    """Explain the code of an error message, such as M403."""
    from mcfsm.codes import CODES
    from mcfsm.problems import closest

    found = CODES.get(code.upper())
    if found is None:
        near = closest(code.upper(), CODES)
        raise click.UsageError(f"unknown code {code}: {near or 'the codes stand in error messages'}")
    click.echo(found.render())
    return 0
