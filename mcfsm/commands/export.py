"""mcfsm export: a model in the language of another tool."""

from __future__ import annotations

from pathlib import Path

import click

from mcfsm.commands.files import tried
from mcfsm.commands.options import MODEL, constants, one_value_each
from mcfsm.commands.output import write_text


@click.command()
@MODEL
@click.option(
    "--to", "form", type=click.Choice(["transitions", "promela"]), required=True, help="What it is written for."
)
@click.option("--role", help="The role to write, for transitions.")
@click.option("--scenario", help="Which (needed where there are several).")
@click.option("-o", "--output", metavar="FILE", callback=tried, help="Write it there, not to standard output.")
@constants
def export(
    path: Path,
    form: str,
    role: str | None,
    scenario: str | None,
    output: str | None,
    changes: tuple[str, ...] | None,
    readings: tuple[tuple[str, str], ...],
    settings: tuple[tuple[str, str], ...],
) -> int:
    """Write a role for the Python library transitions, or a scenario for SPIN, which then checks it by itself.

    For transitions: a module that stands alone. Its make(instance, send) gives the machine of an instance that runs in
    production, and calls send(message, receiver, elements) for every message. For promela: a program whose states and
    steps are those of the scenario. Exit status: 0 written, 3 the model is wrong, 4 usage.
    """
    from mcfsm.questions.walk import one_model

    if (form == "transitions") is (role is None):
        raise click.UsageError(
            "--to transitions wants --role" if role is None else "--to promela is of all roles: leave --role out"
        )
    chosen = one_value_each(readings, "a program has")
    asked: list[str] | None = [] if form == "transitions" else None
    model = one_model(
        path, scenario=scenario, properties=asked, changes=changes, readings=chosen, settings=dict(settings)
    )
    if role is not None:
        from mcfsm.report.machine_code import machine_code

        code = machine_code(model, role)
    else:
        from mcfsm.report.promela.program import promela

        code = promela(model)
    if output is None or output == "-":
        click.echo(code, nl=False)
    else:
        write_text(output, code)
    return 0
