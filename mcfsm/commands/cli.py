"""The command line: the commands of `mcfsm.commands` under one name, and what becomes of their mistakes.

Exit status, the first that holds: 4 usage or internal error, 3 the model is wrong, 1 a verdict against expectation,
2 incomplete, 0 otherwise.
"""

from __future__ import annotations

import gc
import io
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mcfsm import __version__
from mcfsm.commands.assumptions import assumptions
from mcfsm.commands.changes import changes
from mcfsm.commands.check import check
from mcfsm.commands.clauses import clauses
from mcfsm.commands.compare import compare
from mcfsm.commands.conditions import conditions
from mcfsm.commands.demo import demo
from mcfsm.commands.draw import draw
from mcfsm.commands.explain import explain
from mcfsm.commands.export import export
from mcfsm.commands.figures import figures
from mcfsm.commands.grouped import GroupedCommands
from mcfsm.commands.interwork import interwork
from mcfsm.commands.ladder import ladder
from mcfsm.commands.lint import lint
from mcfsm.commands.matrix import matrix
from mcfsm.commands.monitor import monitor
from mcfsm.commands.mutate import mutate
from mcfsm.commands.new import new
from mcfsm.commands.options import JSON_FILE
from mcfsm.commands.output import show_problems, write_json
from mcfsm.commands.overview import overview
from mcfsm.commands.progress import is_compiling
from mcfsm.commands.propose import propose
from mcfsm.commands.receptions import receptions
from mcfsm.commands.repair import repair
from mcfsm.commands.replay import replay
from mcfsm.commands.report import report
from mcfsm.commands.schema import schema
from mcfsm.commands.trace import trace
from mcfsm.commands.verify import verify
from mcfsm.commands.walk import walk
from mcfsm.commands.why import why
from mcfsm.explore.stopping import SIGNALS, Stopped, all_told, listen, reason_of

if TYPE_CHECKING:
    from mcfsm.problems import ModelError

USAGE, WRONG_MODEL, INCOMPLETE = 4, 3, 2
NOBODY_READS = 141  # what a shell says of every program that writes into a pipe whose reader is gone
SELDOM = 50_000, 20, 100  # what is read and filled stays: a tenth of a run would go to looking for cycles in it


@click.group(cls=GroupedCommands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="mcfsm")
def group() -> None:
    """Check the text of protocols: roles as state machines, promises as properties, message flows as verdicts."""


for command in (
    new,
    demo,
    check,
    verify,
    changes,
    compare,
    overview,
    assumptions,
    matrix,
    conditions,
    interwork,
    repair,
    propose,
    report,
    ladder,
    why,
    mutate,
    replay,
    monitor,
    lint,
    receptions,
    clauses,
    trace,
    draw,
    figures,
    export,
    walk,
    schema,
    explain,
):
    group.add_command(command)


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and exit with its status."""
    gc.set_threshold(*SELDOM)
    _open_streams()
    listen(told=_say_what_waits)
    sys.unraisablehook = _lost
    try:
        status = run(arguments)
    except OSError:  # what went wrong could not be said
        status = USAGE
    all_told()
    gc.freeze()  # nobody looks for cycles in what a process leaves behind
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError as error:
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())  # or Python would try again as it ends
            if stream is sys.stdout and not isinstance(error, BrokenPipeError):
                status = USAGE
                with suppress(OSError):
                    _not_written(error)
    sys.exit(status)


def _say_what_waits(signal: str) -> None:
    """Say it where a signal ends nothing before the compiler is done with what it is at."""
    if is_compiling():
        with suppress(OSError, ValueError):
            click.echo(f"{signal}: finishing what is being compiled, which is kept for the next time", err=True)


def _lost(what: sys.UnraisableHookArgs) -> None:
    """Say nothing of a signal or limit that was lost in a callback: the watch brings it again."""
    if not issubclass(what.exc_type, Stopped):
        sys.__unraisablehook__(what)


def _open_streams() -> None:
    """Let whatever is printed go somewhere: nowhere where it is closed, and escaped where a character has no code."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115 - as long as the process
        elif isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def run(arguments: list[str] | None = None) -> int:
    """Run the command line; the exit status. No mistake of a user ends in a traceback."""
    from mcfsm.host.places import PlaceRefused
    from mcfsm.problems import ModelError

    noted: dict[str, str | None] = {}  # what options note for the time after their command
    try:
        return int(group.main(args=arguments, prog_name="mcfsm", standalone_mode=False, obj=noted) or 0)
    except click.exceptions.Exit as error:
        return error.exit_code
    except click.ClickException as error:
        _with_the_option_meant(error).show()
        return USAGE
    except (click.Abort, KeyboardInterrupt) as error:
        return _interrupted(error, noted.get(JSON_FILE))
    except ModelError as error:
        return _wrong(error, noted.get(JSON_FILE))
    except (BrokenPipeError, SystemExit):  # click and rich exit by themselves when nobody reads on
        return NOBODY_READS
    except OSError as error:
        return _not_written(error)
    except PlaceRefused as error:
        click.echo(f"Error: --cluster: {error}", err=True)
        return USAGE
    except MemoryError:
        click.echo("Error: there is not enough memory; --max-memory stops a search before that", err=True)
        return INCOMPLETE
    except Exception as error:
        return _internal(error)


def _interrupted(error: BaseException, json_file: str | None) -> int:
    """Say that something ended it before anything was found, and write it where --json says; the exit status."""
    why = reason_of(error)
    word = "interrupted" if why in SIGNALS else "stopped"
    click.echo(f"{word} by {why}: nothing was found yet", err=True)
    if json_file is not None:
        nothing = {"format": 1, "version": __version__, "stopped": why, "scenarios": [], "exit_status": INCOMPLETE}
        with suppress(click.ClickException, OSError):
            write_json(json_file, nothing)
    return INCOMPLETE


def _with_the_option_meant(error: click.ClickException) -> click.ClickException:
    """The error; one about a word too many says that scenarios are named by an option, where the command has it."""
    context = error.ctx if isinstance(error, click.UsageError) else None
    options = {option for one in context.command.params for option in one.opts} if context else set()
    if "unexpected extra argument" in error.message and "--scenario" in options:
        return click.UsageError(f"{error.message}: a scenario is named with --scenario", ctx=context)
    return error


def _wrong(error: ModelError, json_file: str | None) -> int:
    """Say what is wrong with a file of the user's, and write it where --json says; the exit status."""
    from mcfsm.report.problems import problems_as_json

    status = USAGE if error.asked else WRONG_MODEL
    show_problems(error)
    if json_file is None:
        return status
    try:
        write_json(json_file, problems_as_json(error, status))
    except click.ClickException as failed:
        failed.show()
        return USAGE
    except OSError as failed:
        return USAGE if isinstance(failed, BrokenPipeError) else _not_written(failed)
    return status


def _not_written(error: OSError) -> int:
    where = f"{error.filename}: " if error.filename else ""
    click.echo(f"Error: {where}{error.strerror or error}", err=True)
    return USAGE


def _internal(error: Exception) -> int:
    """A defect of mcfsm: said as such, with the traceback that a report of it needs. A missing program is none."""
    import traceback

    from mcfsm.pictures.programs import ProgramMissing

    if isinstance(error, ProgramMissing):
        click.echo(f"Error: {error}", err=True)
        return USAGE
    click.echo("".join(traceback.format_exception(error)), err=True)
    click.echo("this is a defect of mcfsm, not of the model: please report it with the lines above", err=True)
    return USAGE
