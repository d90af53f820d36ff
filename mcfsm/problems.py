"""What is wrong with a model file, where, and what to do about it.

Every mistake in a model becomes a `Problem`; all problems of one stage leave together in one `ModelError`;
`render` is the one place that turns them into text. Nothing in this module knows what a model is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from difflib import get_close_matches

_SHOWN_WIDTH = 120  # columns of a source line that are printed before it is cut
MOST_SHOWN = 100  # problems that are printed before the rest is only counted


@dataclass(frozen=True, order=True)
class Span:
    """A place in a file: line and column count from 1; length is in characters, on that line."""

    file: str
    line: int
    column: int
    length: int = 1

    def inside(self, offset: int, length: int) -> Span:
        """The part of this span that starts `offset` characters in."""
        return Span(self.file, self.line, self.column + offset, max(1, length))


@dataclass(frozen=True)
class Problem:
    """One mistake: a stable code (`mcfsm explain CODE`), the place, a sentence, and a hint where one helps."""

    code: str
    span: Span | None
    message: str
    hint: str | None = None


class ModelError(Exception):
    """A model is wrong. `problems` holds every problem of the stage that found the first."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(set(problems), key=_position))
        super().__init__("; ".join(f"{p.code} {p.message}" for p in self.problems[:3]))


def _position(problem: Problem) -> tuple[str, int, int, str, str]:
    span = problem.span or Span("", 0, 0)
    return span.file, span.line, span.column, problem.code, problem.message


class Problems:
    """Collects the problems of one stage, so that the first does not hide the others."""

    def __init__(self) -> None:
        self._found: list[Problem] = []

    def add(self, code: str, span: Span | None, message: str, hint: str | None = None) -> None:
        """Note one problem and go on."""
        self._found.append(Problem(code, span, message, hint))

    def extend(self, problems: Iterable[Problem]) -> None:
        """Note the problems that another stage's error brought."""
        self._found.extend(problems)

    def raise_any(self) -> None:
        """Raise ModelError if anything was noted."""
        if self._found:
            raise ModelError(self._found)


def closest(name: str, candidates: Iterable[str]) -> str | None:
    """The hint that names the candidate nearest to `name`, or lists a few; None where there are none."""
    known = sorted({str(c) for c in candidates})
    near = get_close_matches(name, known, n=1, cutoff=0.6)
    if near:
        return f"did you mean {near[0]}?"
    if not known:
        return None
    if len(known) > 8:
        return f"known are {', '.join(known[:8])} and {len(known) - 8} more"
    return f"known: {', '.join(known)}"


def shorten(text: str, width: int = 60) -> str:
    """The text on one line, cut in the middle of nothing: at most `width` characters with an ellipsis."""
    line = " ".join(text.split())
    return line if len(line) <= width else line[: width - 1] + "…"


def render(problems: Iterable[Problem], source: Callable[[str], str | None]) -> str:
    """The problems as text, each with its line and carets.

    `source` gives the text of a file by the name that stands in the spans, or None where it cannot be shown.
    """
    listed = list(problems)
    blocks = [_render_one(problem, source) for problem in listed[:MOST_SHOWN]]
    if len(listed) > MOST_SHOWN:
        blocks.append(f"and {len(listed) - MOST_SHOWN} more problems")
    return "\n".join(blocks)


def _render_one(problem: Problem, source: Callable[[str], str | None]) -> str:
    span = problem.span
    place = f"{span.file}:{span.line}:{span.column}: " if span else ""
    lines = [f"{place}error {problem.code}: {problem.message}"]
    text = source(span.file) if span else None
    if span and text is not None:
        rows = text.splitlines()
        if span.line <= len(rows):
            lines += _carets(rows[span.line - 1], span)
    if problem.hint:
        lines.append(f"  hint: {problem.hint}")
    return "\n".join(lines)


def _carets(row: str, span: Span) -> list[str]:
    start = max(0, span.column - 1 - _SHOWN_WIDTH // 2) if span.column > _SHOWN_WIDTH else 0
    shown = row[start : start + _SHOWN_WIDTH].replace("\t", " ")
    at = span.column - 1 - start
    length = max(1, min(span.length, len(shown) - at))
    number = str(span.line)
    return [f"  {number} | {shown}", f"  {' ' * len(number)} | {' ' * at}{'^' * length}"]
