"""What commands write: reports to the terminal, JSON and pictures to files."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

import click

from mcfsm.commands.progress import ProgressLine, announce_compilation
from mcfsm.explore.stopping import told_to_the_end

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

    from mcfsm.commands.options import SearchOptions
    from mcfsm.host.places import Workplace
    from mcfsm.problems import ModelError
    from mcfsm.questions.families.in_error import InError
    from mcfsm.verdicts.run import Effort


FILE_WIDTH = 120  # columns where the output is no terminal, and nobody says how many
LEAST_WIDTH = 40
INCOMPLETE = 2  # the exit status where something was not told
WRONG_MODEL = 3  # that where the model is in error
Step = Callable[[], object]


def terminal() -> Console:
    """The standard output for rich; where it is no terminal as wide as COLUMNS says, or else of a fixed width."""
    from rich.console import Console

    here = sys.stdout.isatty()
    return Console(width=None if here else _file_width(), highlight=False, markup=False, emoji=False, soft_wrap=False)


def columns() -> int:
    """As many columns as `terminal` has, for text that needs no more than that."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else _file_width()


def _file_width() -> int:
    """The columns of what is written into a file or a pipe: a shell that exports COLUMNS means it."""
    said = os.environ.get("COLUMNS", "")
    return max(int(said), LEAST_WIDTH) if said.isascii() and said.isdigit() and int(said) else FILE_WIDTH


def known_columns(stream: TextIO) -> int | None:
    """The columns of a stream, as a terminal has them or COLUMNS says; None where nobody says."""
    return shutil.get_terminal_size().columns if stream.isatty() or "COLUMNS" in os.environ else None


def print_report(report: RenderableType) -> None:
    """Print a report; into a file without the blanks that fill its lines."""
    console = terminal()
    if console.is_terminal:
        console.print(report)
        return
    with console.capture() as captured:
        console.print(report)
    click.echo("\n".join(line.rstrip() for line in captured.get().splitlines()))  # and flushes


def answer(
    json_file: str | None,
    report: Callable[[], RenderableType],
    record: Callable[[], Any],
    effort: Effort | None = None,
    *files: Step,
    errors: Sequence[InError] | None = None,
) -> None:
    """Write files and a record where --json says, then show the report; standard output takes one of the last two.

    Both say what ended the `effort` before all of it was answered, or else a search of it; and what is missing as it is
    in error, where a question goes on in spite of that. Raises Stopped where nothing was answered.
    """
    if errors is not None:
        report, record = _beside(report, errors), _with(record, errors)
    from mcfsm.report.stopped import limited_as_text, stopped_as_json, stopped_as_text

    budget = None if effort is None else effort.budget
    stopped, limited = (None, None) if budget is None else (budget.stopped, budget.limited)
    if budget is not None:
        budget.raise_if_nothing()
    left = () if budget is None else tuple(budget.left)

    def show() -> None:
        print_report(report())
        if stopped is not None:
            print_report(stopped_as_text(stopped, left, terminal().width))
        elif limited is not None:
            print_report(limited_as_text(limited, terminal().width))

    def whole() -> Any:
        if stopped is None:
            return record() if limited is None else record() | {"limited": limited}
        said: dict[str, Any] = record()
        status = {"exit_status": INCOMPLETE} if said.get("exit_status") == 0 else {}
        return said | stopped_as_json(stopped, left) | status

    deliver(json_file, whole, show, *files)


def _beside(report: Callable[[], RenderableType], errors: Sequence[InError]) -> Callable[[], RenderableType]:
    """A report that says under it what is in error."""

    def whole() -> RenderableType:
        from rich.console import Group

        from mcfsm.report.in_error import in_error_as_text

        return Group(report(), "", *in_error_as_text(errors, terminal().width)) if errors else report()

    return whole


def _with(record: Callable[[], Any], errors: Sequence[InError]) -> Callable[[], Any]:
    """A record that has what is in error."""

    def whole() -> Any:
        from mcfsm.report.in_error import in_error_as_json

        return record() | {"errors": in_error_as_json(errors)}

    return whole


def status_of(effort: Effort, status: int, errors: Sequence[InError] = ()) -> int:
    """The exit status of an answer; 2 for 0 where it was ended before all of it was there.

    Where something is in error it is 3, and the error stream has the problems.
    """
    for one in errors:
        show_problems(one.error)
    if errors:
        return WRONG_MODEL
    stopped = effort.budget is not None and effort.budget.stopped is not None
    return INCOMPLETE if stopped and status == 0 else status


def deliver(json_file: str | None, record: Callable[[], Any], show: Callable[[], None], *files: Step) -> None:
    """Write the files that were asked for, the record where --json says, and show the answer unless it went out there.

    None of them takes another with it: whatever goes wrong first is raised when all have been tried.
    """
    steps = list(files)
    if json_file is not None:
        steps.append(lambda: write_json(json_file, record()))
    if json_file != "-":
        steps.append(show)
    failed: Exception | None = None
    with told_to_the_end(last=True):
        for step in steps:
            try:
                step()
            except Exception as error:
                failed = failed or error
    if failed is not None:
        raise failed


def print_or_say(report: Callable[[], RenderableType], plain: Callable[[], str]) -> None:
    """Print a report; where it cannot be drawn say plainly what it would have said, and raise what went wrong."""
    try:
        print_report(report())
    except OSError:  # nobody reads on, or there is no room
        raise
    except Exception:
        click.echo(plain())
        click.echo("the report could not be drawn; what stands above is all that it would have said", err=True)
        raise


def write_json(file: str, data: dict[str, Any]) -> None:
    """Write data as JSON to a file, or to standard output (-). Raises UsageError where it cannot be written."""
    plain = file == "-" and not (sys.stdout.encoding or "").lower().startswith("utf")
    text = json.dumps(data, indent=2, ensure_ascii=plain)
    if file == "-":
        click.echo(text)
    else:
        write_text(file, text + "\n")


def write_text(file: str, text: str) -> None:
    """Write a text to a file, all of it or nothing. Raises UsageError where it cannot be written."""
    write_bytes(Path(file), text.encode("utf-8"))


def write_bytes(file: Path, content: bytes) -> None:
    """Write a file, all of it or nothing. Raises UsageError where it cannot be written."""
    from mcfsm.host.whole_files import write_whole

    try:
        write_whole(file, content)
    except OSError as error:
        raise click.UsageError(f"{file} cannot be written: {error.strerror}") from None


def write_files(contents: Mapping[Path, bytes]) -> None:
    """Write several files, all of them or none. Raises UsageError where one cannot be written."""
    from mcfsm.host.whole_files import write_together

    try:
        write_together(contents)
    except OSError as error:
        raise click.UsageError(f"{', '.join(map(str, contents))} cannot be written: {error.strerror}") from None


def show_problems(error: ModelError) -> None:
    """Say on the error stream what is wrong with a file of the user's: each problem with its line."""
    from mcfsm.language.files.reader import source
    from mcfsm.problems import counted, render

    click.echo(render(error.problems, source, width=known_columns(sys.stderr)), err=True)
    subject = "what was asked" if error.asked else error.subject
    click.echo(f"{counted(len(error.problems), 'problem')} in {subject}; mcfsm explain CODE says more", err=True)


def effort_of(
    search: SearchOptions,
    progress: ProgressLine,
    *,
    each: bool = False,
    cache: bool = False,
    place: Workplace | None = None,
) -> Effort:
    """How models are explored, as the options of a search say; what has to be compiled for it is said.

    `each`: its seconds are those of each scenario, not those of all. With `cache` what was found out before is taken,
    and what is found out now is kept. `place`: where scenarios are asked about, if not here.
    """
    announce_compilation(search.engine)
    effort = replace(search.effort(progress.show, each=each), place=place)
    if not cache:
        return effort
    from mcfsm.verdicts.kept.keeping import KnownFindings

    return replace(effort, kept=KnownFindings.of_user())


def say_known(effort: Effort) -> None:
    """Say on the error stream how many searches were known from before, where an answer does not say it itself."""
    if effort.kept is not None and effort.kept.taken:
        known = f"{effort.kept.taken} of {effort.kept.asked} searches known from before"
        click.echo(f"{known}; --no-cache searches all again", err=True)
    say_unkept(effort)


def say_unkept(effort: Effort) -> None:
    """Say on the error stream why what was found out could not be kept, if it could not."""
    if effort.kept is not None and effort.kept.files.failed is not None:
        click.echo(f"what was found out could not be kept for next time: {effort.kept.files.failed}", err=True)
