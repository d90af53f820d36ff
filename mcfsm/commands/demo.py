"""mcfsm demo: a finding of the migration model, which comes with the package."""

from __future__ import annotations

import click

FIRST = "F2"
AT_ONCE = ["--engine", "reference"]  # the definition in plain Python: nothing has to be compiled for it first


@click.command()
@click.argument("finding", default=FIRST)
@click.option("--list", "listed", is_flag=True, help="List the findings that can be shown.")
def demo(finding: str, listed: bool) -> int:
    """Show a finding of the migration model that comes with mcfsm (default: F2), by the command that finds it."""
    from mcfsm.commands.check import check
    from mcfsm.problems import closest
    from mcfsm.questions.start.findings import findings
    from mcfsm.questions.start.shared import shared

    known = findings()
    if listed:
        for one in known.values():
            click.echo(f"{one.id:4} {one.title} [{one.clause}]")
        return 0
    chosen = known.get(finding.upper())
    if chosen is None:
        near = closest(finding.upper(), known)
        raise click.UsageError(f"no finding {finding}: {near or 'mcfsm demo --list has all'}")
    model = str(shared("models/mc_migration"))
    asked = [model, *chosen.broken, "--property", chosen.promise, *AT_ONCE]
    click.echo(f"{chosen.id}  {chosen.title} [{chosen.clause}]\nFor a user: {chosen.for_user}\n")
    click.echo(f"$ mcfsm check {' '.join(asked)}\n")
    status = int(check.main(args=asked, prog_name="mcfsm check", standalone_mode=False, obj={}) or 0)
    click.echo(f"\nMended by {chosen.mended_by}. Here it holds:\n")
    click.echo(f"$ mcfsm check {' '.join([model, *chosen.holds, '--property', chosen.promise])}\n")
    click.echo("mcfsm demo --list has the other findings; mcfsm new NAME begins a model of your own.")
    return 0 if status == 1 else status  # the finding is what was asked for
