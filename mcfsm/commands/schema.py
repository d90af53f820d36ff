"""mcfsm schema: the shape of the files of a model, for editors."""

from __future__ import annotations

import json

import click


@click.command()
def schema() -> int:
    """Print the JSON Schema of the files of a model, for editors."""
    from mcfsm.language.files.schema import json_schema

    click.echo(json.dumps(json_schema(), indent=2))
    return 0
