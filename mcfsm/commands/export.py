"""mcfsm export: a role as a program."""

from __future__ import annotations

from pathlib import Path

import click

from mcfsm.commands.options import MODEL, constants, one_value_each
from mcfsm.commands.output import tried, write_text


@click.command()
@MODEL
@click.option("--to", "form", type=click.Choice(["transitions"]), required=True, help="What it is written for.")
@click.option("--role", required=True, help="The role to write.")
@click.option("--scenario", help="Where its instances are (needed where there are several).")
@click.option("-o", "--output", metavar="FILE", callback=tried, help="Write it there, not to standard output.")
@constants
def export(
    path: Path,
    form: str,  # noqa: ARG001 - there is one
    role: str,
    scenario: str | None,
    output: str | None,
    changes: tuple[str, ...] | None,
    readings: tuple[tuple[str, str], ...],
    settings: tuple[tuple[str, str], ...],
) -> int:
    """Write a role as a Machine of the Python library transitions that runs in production.

    The module stands alone. Its make(instance, send) gives the machine of an instance, and calls send(message,
    receiver, elements) for every message. Exit status: 0 written, 3 the model is wrong, 4 usage.
    """
    from mcfsm.questions.walk import one_model
    from mcfsm.report.machine_code import machine_code

    chosen = one_value_each(readings, "a program has")
    model = one_model(path, scenario=scenario, properties=[], changes=changes, readings=chosen, settings=dict(settings))
    code = machine_code(model, role)
    if output is None or output == "-":
        click.echo(code, nl=False)
    else:
        write_text(output, code)
    return 0
