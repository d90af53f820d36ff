"""mcfsm demo: a finding of the migration model, which comes with the package."""

from __future__ import annotations

from textwrap import fill, wrap

import click

from mcfsm.commands.output import columns

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
            _say(f"{one.id:4} {one.title} [{one.clause}]", 5)
        return 0
    chosen = known.get(finding.upper())
    if chosen is None:
        near = closest(finding.upper(), known)
        raise click.UsageError(f"no finding {finding}: {near or 'mcfsm demo --list has all'}")
    model = str(shared("models/mc_migration"))
    asked = [model, *chosen.broken, "--property", chosen.promise, *AT_ONCE]
    _say(f"{chosen.id}  {chosen.title} [{chosen.clause}]")
    _say(f"For a user: {chosen.for_user}")
    _command(asked)
    status = int(check.main(args=asked, prog_name="mcfsm check", standalone_mode=False, obj={}) or 0)
    click.echo()
    _say(f"Mended by {chosen.mended_by}. Here it holds:")
    _command([model, *chosen.holds, "--property", chosen.promise])
    _say("mcfsm demo --list has the other findings; mcfsm new NAME begins a model of your own.")
    return 0 if status == 1 else status  # the finding is what was asked for


def _say(sentence: str, indent: int = 0) -> None:
    click.echo(fill(sentence, columns(), subsequent_indent=" " * indent, break_on_hyphens=False))


def _command(arguments: list[str]) -> None:
    """Show a command; what a line has no room for stands on the next, in the form in which a shell takes it."""
    words = f"$ mcfsm check {' '.join(arguments)}"
    lines = wrap(words, columns() - 2, subsequent_indent="    ", break_long_words=False, break_on_hyphens=False)
    click.echo("\n" + " \\\n".join(lines) + "\n")
