"""What is said on the error stream while something takes long: a line that changes, or, into a file, one now and then.

What may live here: words on what is going on. Nothing here is an answer, and nothing is said of what is over at once.
"""

from __future__ import annotations

import itertools
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import cache
from typing import TYPE_CHECKING

import click

from mcfsm.problems import counted

if TYPE_CHECKING:
    from mcfsm.explore.findings import Progress
    from mcfsm.model import Model
    from mcfsm.verdicts.verdict import Run

_POLL = 0.1  # seconds between two looks at the clock
_LONG = 2.0  # seconds after which something takes long
_EVERY = 10.0  # seconds between two lines into a file


def _say(line: str) -> None:
    """Say a line on the error stream; where nobody can take it, nobody misses it."""
    with suppress(OSError):
        click.echo(line, err=True)


class _Compiling:
    """Since when the search is being compiled, if it is."""

    since: float | None = None


def announce_compilation(engine: str) -> None:
    """Say it where the search has to be compiled, and how long that took; where the engine is one that is compiled."""
    if engine == "exhaustive":
        _watch_compilation()


def is_compiling() -> bool:
    """Whether the search is being compiled now."""
    return _Compiling.since is not None


@cache
def _watch_compilation() -> None:
    from mcfsm.kernel.compilations import watch_compilation

    def begun() -> None:
        _Compiling.since = time.monotonic()

    def done(seconds: float) -> None:
        _Compiling.since = None
        if seconds >= _LONG:
            from mcfsm.kernel.jit import CACHE

            kept = "kept for the next time" if CACHE is not None else "not kept, as no cache can be written"
            _say(f"compiled a part of the search in {seconds:.1f} s: {kept}")

    watch_compilation(begun, done)


def _ticks() -> Iterator[float]:
    """When something is said into a file, in seconds: soon, and then every ten."""
    yield _LONG
    yield from itertools.count(_EVERY, _EVERY)


class _Shown:
    """The line on the terminal: rich's own, with how long it has been there."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.progress import Progress as Bar
        from rich.progress import SpinnerColumn, TextColumn, TimeElapsedColumn
        from rich.table import Column

        whole = Column(no_wrap=True, overflow="ellipsis")  # one line, however narrow: what it says is said again
        said = TextColumn("{task.description}", markup=False, table_column=whole)
        console = Console(stderr=True)
        self._bar = Bar(
            SpinnerColumn(), TimeElapsedColumn(), said, console=console, transient=True, refresh_per_second=5
        )
        self._task = self._bar.add_task("", total=None)
        self._bar.start()

    def update(self, text: str) -> None:
        """Show a text in place of the last."""
        self._bar.update(self._task, description=text)

    def above(self, line: str) -> None:
        """Print a line that stays."""
        self._bar.console.print(line, markup=False, highlight=False)

    def stop(self) -> None:
        """Take the line away."""
        self._bar.stop()


class ProgressLine:
    """What is going on: a line on the terminal, or a line every ten seconds where there is none.

    With `violations`, those that a search meets are said: at once where nobody expects them, else where it takes long.
    """

    def __init__(self, *, violations: bool = False) -> None:
        self.lead = ""  # stands before every line: where in a longer question the search is
        self.violations = violations
        self._text = "reading the model"
        self._shown: _Shown | None = None
        self._verdicts: Counter[str] = Counter()  # so far, by status
        self._model: Model | None = None
        self._last = (0.0, 0)  # when, and how many states there were
        self._rate = 0.0
        self._told: set[str] = set()  # of this model: what is known to be violated, and was said
        self._since = 0.0  # when something was shown of this model first
        self._over = threading.Event()
        self._began, self._due = time.monotonic(), _ticks()
        self._next = next(self._due)

    def __enter__(self) -> ProgressLine:
        self._restart()
        threading.Thread(target=self._tick, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self.pause()

    def pause(self) -> None:
        """Take the line away until the next is said: a report is about to be printed, which says enough for a while."""
        if self._shown is not None:
            self._shown.stop()
            self._shown = None
        self._text = "going on"
        self._restart()

    def show(self, model: Model, state: Progress) -> None:
        """Say how far the search has come, and what is known to be violated."""
        now = time.monotonic()
        if self._model is not model:
            self._told, self._since = set(), now
        if self._model is not model or state.states < self._last[1]:
            self._model, self._last, self._rate = model, (now, state.states), 0.0
        elif now > self._last[0]:
            self._rate = (state.states - self._last[1]) / (now - self._last[0])
            self._last = (now, state.states)
        name = " ".join([model.scenario, *(f"{c.name}={c.value}" for c in model.readings if not c.default)])
        if self.violations:
            self._say_violations(name, model, state, now - self._since >= _LONG)
        rate = [f"{self._rate:,.0f}/s"] if self._rate >= 1 else []  # of a search that has just begun nobody knows one
        counts = [counted(state.states, "state"), *rate, f"depth {state.depth}"]
        memory = [f"{state.memory / 2**20:,.0f} MiB"] if state.memory else []
        said = [*counts, f"frontier {state.frontier:,}", *memory, *([self.verdicts] if self._verdicts else [])]
        self.say(f"{name}: {', '.join(said)}")

    def done(self, runs: Iterable[Run]) -> None:
        """Count the verdicts of runs that are done: every line from here on has them."""
        self._verdicts.update(verdict.status.lower() for run in runs for verdict in run.verdicts)

    @property
    def verdicts(self) -> str:
        """The verdicts so far."""
        return ", ".join(f"{count:,} {status}" for status, count in sorted(self._verdicts.items()))

    def lead_with(self, text: str) -> None:
        """Begin every line from here on with a text, and show it at once."""
        self.lead = text
        self.say("")

    def say(self, text: str) -> None:
        """Show a line of text in place of the last."""
        self._text = text
        if not sys.stderr.isatty():
            return
        if self._shown is None:
            self._shown = _Shown()
        self._shown.update(f"{self.lead}{text}")

    def _say_violations(self, name: str, model: Model, state: Progress, long: bool) -> None:
        expected: list[str] = []
        for what, depth in state.violated:
            if what in self._told:
                continue
            if model.expected(what) != "VIOLATED":
                self._told.add(what)
                self._print(f"{name}: {what} violated at depth {depth}, which is not expected; searching on")
            elif long:
                self._told.add(what)
                expected.append(f"{what} at depth {depth}")
        if expected:
            self._print(f"{name}: violated as expected: {', '.join(expected)}; searching on")

    def _print(self, line: str) -> None:
        if self._shown is not None:
            self._shown.above(line)
        else:
            _say(line)

    def _restart(self) -> None:
        self._began, self._due = time.monotonic(), _ticks()
        self._next = next(self._due)

    def _tick(self) -> None:
        """Say what is going on when it is time, where nobody sees a line that changes."""
        while not self._over.wait(_POLL):
            passed = time.monotonic() - self._began
            if passed >= self._next:
                self._next = next(self._due)
                compiling = _Compiling.since is not None
                text = "compiling the search, once" if compiling else f"{self.lead}{self._text}"
                if self._shown is not None:
                    self._shown.update(text)
                else:
                    _say(f"{text.rstrip()}, {passed:.0f} s")
