"""The figures of documents: a picture in the ordinary way, and in a comment the command that draws it.

In Markdown                                                  In reStructuredText

    <!-- mcfsm draw model.yaml --trace K2 -o K2.svg -->          .. mcfsm draw model.yaml --trace K2 -o K2.svg
    ![K2](K2.svg)                                                .. image:: K2.svg

So a document shows its figures wherever it is read, and whoever builds it can ask whether they are fresh. The command
is as one would type it where the project begins, so its paths are seen from there. Nothing but `mcfsm draw` is run.
"""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from itertools import pairwise
from pathlib import Path

from mcfsm.explore.stopping import as_held_before

SUFFIXES = (".md", ".rst", ".txt")
_FENCED = re.compile(r"^ {0,3}(```+|~~~+).*?^ {0,3}\1", re.M | re.DOTALL)  # code that is shown
_COMMANDS = (
    re.compile(r"^ {0,3}<!--\s*mcfsm draw (.*?)\s*-->[ \t]*$", re.M | re.DOTALL),
    re.compile(r"^[ \t]*\.\.[ \t]+mcfsm draw (.*)$", re.M),
)


@dataclass(frozen=True)
class EmbeddedFigure:
    """A figure of a document: where the command stands, and its arguments."""

    document: Path
    line: int
    arguments: tuple[str, ...]

    @property
    def place(self) -> str:
        """Document and line."""
        return f"{self.document}:{self.line}"


@dataclass(frozen=True)
class FigureCheck:
    """What became of a figure: whether it is as it should be, and what was said if not."""

    figure: EmbeddedFigure
    fine: bool
    said: str = ""

    @property
    def sentence(self) -> str:
        """Where, and what is wrong."""
        return f"{self.figure.place}: {self.said}"


def figures_of(documents: Iterable[Path]) -> Iterator[EmbeddedFigure]:
    """Every command in a comment of some documents; a folder stands for all documents below it."""
    for document in documents:
        if document.is_dir():
            inside = sorted(file for file in document.rglob("*") if file.suffix in SUFFIXES and file.is_file())
            yield from figures_of(inside)
            continue
        text = document.read_text(encoding="utf-8", errors="replace")
        text = _FENCED.sub(lambda shown: re.sub(r"[^\n]", " ", shown[0]), text)
        found = sorted((match.start(1), match[1]) for pattern in _COMMANDS for match in pattern.finditer(text))
        for start, command in found:
            yield EmbeddedFigure(document, text.count("\n", 0, start) + 1, tuple(shlex.split(command)))


def checked(figures: Iterable[EmbeddedFigure], root: Path) -> Iterator[FigureCheck]:
    """Whether each figure is fresh, as the command in the document would draw it. `root`: where the project begins."""
    for figure in figures:
        yield _asked(figure, root, "--check", "is stale or missing; mcfsm figures draws it")


def drawn(figures: Iterable[EmbeddedFigure], root: Path) -> Iterator[FigureCheck]:
    """Draw each figure."""
    for figure in figures:
        yield _asked(figure, root, None, "could not be drawn")


def _asked(figure: EmbeddedFigure, root: Path, more: str | None, wrong: str) -> FigureCheck:
    """Run the command of a figure where the project begins."""
    from mcfsm.commands.cli import run

    arguments = ["draw", *figure.arguments, *([more] if more else [])]
    output = next((b for a, b in pairwise(arguments) if a in ("-o", "--output")), None)
    if output is None:
        return FigureCheck(figure, False, "the command says no file: -o FIGURE.svg")
    said = StringIO()
    with _inside(root), redirect_stdout(said), redirect_stderr(said), as_held_before():
        status = run(arguments)
    if status == 0:
        return FigureCheck(figure, True)
    told = [line for line in said.getvalue().splitlines() if line and "states/s" not in line]
    if status == 1:
        return FigureCheck(figure, False, f"{output} {wrong}")
    return FigureCheck(figure, False, f"{output} could not be drawn: {' '.join(told[:3])}")


@contextmanager
def _inside(folder: Path) -> Iterator[None]:
    """As long as this lasts, paths are seen from a folder."""
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)
