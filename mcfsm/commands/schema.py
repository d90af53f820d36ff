"""mcfsm schema: the shape of the files of a model, for editors."""

from __future__ import annotations

import json

import click


@click.command()
@click.argument("what", type=click.Choice(["model", "clauses"]), default="model")
def schema(what: str) -> int:
    """Print the JSON Schema of the files of a model, or of a file of clauses, for editors."""
    from mcfsm.language.files.schema import clauses_schema, json_schema

    click.echo(json.dumps(clauses_schema() if what == "clauses" else json_schema(), indent=2))
    return 0
