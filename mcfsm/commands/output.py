"""What commands write: reports to the terminal, JSON and pictures to files, a line of progress to the error stream."""

from __future__ import annotations

import importlib
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import click

if TYPE_CHECKING:
    from types import ModuleType

    from rich.console import Console, RenderableType

    from mcfsm.commands.options import Search
    from mcfsm.verdicts.run import Effort


FILE_WIDTH = 120  # columns where the output is no terminal
Step = Callable[[], object]


def terminal() -> Console:
    """The standard output for rich; of a fixed width where it is no terminal."""
    from rich.console import Console

    here = sys.stdout.isatty()
    return Console(width=None if here else FILE_WIDTH, highlight=False, markup=False, emoji=False, soft_wrap=False)


def print_report(report: RenderableType) -> None:
    """Print a report; into a file without the blanks that fill its lines."""
    console = terminal()
    if console.is_terminal:
        console.print(report)
        return
    with console.capture() as captured:
        console.print(report)
    click.echo("\n".join(line.rstrip() for line in captured.get().splitlines()))  # and flushes


def answer(json_file: str | None, report: Callable[[], RenderableType], record: Callable[[], Any]) -> None:
    """Write a record where --json says, then show the report; standard output takes one of them."""
    deliver(json_file, record, lambda: print_report(report()))


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
    text = json.dumps(data, indent=2, ensure_ascii=False)
    if file == "-":
        click.echo(text)
    else:
        write_text(file, text + "\n")


def write_text(file: str, text: str) -> None:
    """Write a text to a file. Raises UsageError where it cannot be written."""
    try:
        Path(file).write_text(text, encoding="utf-8")
    except OSError as error:
        raise click.UsageError(f"{file} cannot be written: {error.strerror}") from None


def announce_compilation(engine: str) -> None:
    """Say why the first search ever takes longer, where the engine is one that is compiled."""
    if engine != "exhaustive":
        return
    _load_numba()
    from mcfsm.kernel.expand import expand
    from mcfsm.kernel.jit import CACHE, is_compiled

    if CACHE is None:
        click.echo("compiling the search: some 10 seconds in every run, since no cache can be written", err=True)
    elif not is_compiled(expand):
        click.echo("compiling the search, once: some 10 seconds", err=True)


def _load_numba() -> None:
    """Load numba's array functions without SciPy's BLAS, which is slow to load and which no kernel calls.

    numba does without where there is no SciPy. This is for the process of a command, which compiles nothing else.
    """
    if "scipy.linalg" in sys.modules or "numba" in sys.modules:
        return
    sys.modules["scipy.linalg"] = cast("ModuleType", None)  # what is None there cannot be imported
    try:
        importlib.import_module("numba.np.arraymath")
    finally:
        del sys.modules["scipy.linalg"]


class ProgressLine:
    """A line on the terminal while something takes long; nothing where the error stream is no terminal."""

    def __init__(self) -> None:
        self.lead = ""  # stands before every line: where in a longer question the search is
        self._status: Any = None
        self._model: Any = None
        self._last = (0.0, 0)  # when, and how many states there were
        self._rate = 0.0

    def __enter__(self) -> ProgressLine:
        return self

    def __exit__(self, *_: object) -> None:
        self.pause()

    def pause(self) -> None:
        """Take the line away until the next is said: a report is about to be printed."""
        if self._status is not None:
            self._status.stop()
            self._status = None

    def show(self, model: Any, state: Any) -> None:
        """Say how far the search has come."""
        if not sys.stderr.isatty():
            return
        now = time.monotonic()
        if self._model is not model or state.states < self._last[1]:
            self._model, self._last, self._rate = model, (now, state.states), 0.0
        elif now > self._last[0]:
            self._rate = (state.states - self._last[1]) / (now - self._last[0])
            self._last = (now, state.states)
        constants = " ".join(f"{c.name}={c.value}" for c in model.readings)
        self.say(
            f"{model.scenario} {constants}  {state.states:,} states  {self._rate:,.0f}/s  depth {state.depth}  "
            f"frontier {state.frontier:,}  {state.memory / 2**20:,.0f} MiB"
        )

    def lead_with(self, text: str) -> None:
        """Begin every line from here on with a text, and show it at once."""
        self.lead = text
        self.say("")

    def say(self, text: str) -> None:
        """Show a line of text in place of the last."""
        if not sys.stderr.isatty():
            return
        if self._status is None:
            from rich.console import Console

            self._status = Console(stderr=True).status("")
            self._status.start()
        self._status.update(f"{self.lead}{text}")


def effort_of(search: Search, progress: ProgressLine) -> Effort:
    """How variants are explored, as the options of a search say."""
    from mcfsm.verdicts.run import Effort

    announce_compilation(search.engine)
    return Effort(**search.how(), progress=progress.show)
