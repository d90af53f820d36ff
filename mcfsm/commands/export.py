"""mcfsm export: a model in the language of another tool."""

from __future__ import annotations

from pathlib import Path

import click

from mcfsm.commands.files import not_read, tried
from mcfsm.commands.options import MODEL, constants, one_value_each
from mcfsm.commands.output import write_files, write_text


@click.command()
@MODEL
@click.option(
    "--to",
    "form",
    type=click.Choice(["transitions", "promela", "tla"]),
    required=True,
    help="What it is written for.",
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
    """Write a role for the Python library transitions, or a scenario for SPIN or TLC, which then check it.

    For transitions: a module that stands alone. Its make(instance, send) gives the machine of an instance that runs in
    production, and calls send(message, receiver, elements) for every message. For promela: a program whose states and
    steps are those of the scenario. For tla: a module with an action for each transition, and beside it the .cfg that
    TLC reads; the module is called as its file. Exit status: 0 written, 3 the model is wrong, 4 usage.
    """
    from mcfsm.questions.walk import one_model

    if (form == "transitions") is (role is None):
        raise click.UsageError(
            "--to transitions wants --role" if role is None else f"--to {form} is of all roles: leave --role out"
        )
    files = _module_files(output) if form == "tla" and output not in (None, "-") else None
    chosen = one_value_each(readings, "a program has")
    asked: list[str] | None = [] if form == "transitions" else None
    model = one_model(
        path, scenario=scenario, properties=asked, changes=changes, readings=chosen, settings=dict(settings)
    )
    if role is not None:
        from mcfsm.report.machine_code import machine_code

        code = machine_code(model, role)
    elif form == "promela":
        from mcfsm.report.promela.program import promela

        code = promela(model)
    else:
        from mcfsm.report.tla.module import tla

        exported = tla(model, None if files is None else files[0].stem)
        if files is not None:
            write_files({files[0]: exported.module.encode(), files[1]: exported.config.encode()})
            return 0
        code = f"{exported.module}\n{exported.config}"  # what stands behind a module is no part of it
    if output is None or output == "-":
        click.echo(code, nl=False)
    else:
        write_text(output, code)
    return 0


def _module_files(output: str | None) -> tuple[Path, Path]:
    """A module's file and its configuration's. Raises UsageError where no module can be called so."""
    from mcfsm.report.tla.module import module_name

    module = Path(output or "")
    if module.suffix != ".tla" or module_name(module.stem) != module.stem:
        raise click.UsageError(f"a module is called as its file is: {module.name} is no name like lossy.tla")
    context = click.get_current_context()
    parameter = next(one for one in context.command.params if one.name == "output")
    return module, not_read(context, parameter, module.with_suffix(".cfg"))
