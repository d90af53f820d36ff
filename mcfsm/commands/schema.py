"""mcfsm schema: the shape of the files of a model, for editors, and of the report of a check, for programs."""

from __future__ import annotations

import json

import click


@click.command()
@click.argument("what", type=click.Choice(["model", "clauses", "report"]), default="model")
def schema(what: str) -> int:
    """Print the JSON Schema of a model's files, of a file of clauses, or of the report of mcfsm check --json."""
    from mcfsm.language.files.schema import clauses_schema, json_schema
    from mcfsm.report.check_schema import check_schema

    made = {"model": json_schema, "clauses": clauses_schema, "report": check_schema}[what]
    click.echo(json.dumps(made(), indent=2))
    return 0
