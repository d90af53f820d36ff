"""What is wrong with a model file, where, and what to do about it.

Every mistake in a model becomes a `Problem`; all problems of one stage leave together in one `ModelError`;
`render` is the one place that turns them into text. Nothing in this module knows what a model is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from typing import NamedTuple
from unicodedata import category, east_asian_width

ERROR, WARNING = "error", "warning"  # severities
MOST_FOUND = 300  # problems that one stage collects before it gives up
MOST_SHOWN = 100  # problems that are printed before the rest is only counted
_ROW_WIDTH = 120  # characters of a source line that are printed around the carets where nobody says how many columns
_LEAST_ROW = 20
_MESSAGE_WIDTH = 400
_MOST_LISTED = 12  # names that a hint lists
_NAMED = frozenset(
    {"M203", "M308", "M309", "M310", "M312", "M313", "M315", "M316", "M317", "M318", "M321", "M601", "M602"}
)  # what questions name
_MOST_SAID = 3  # problems that the sentence of an error says
_LINE_BREAK = re.compile("\r?\n")  # what every editor takes for one
_MOST_COMPARED = 24  # names that a misspelt one is held against letter by letter


class Span(NamedTuple):
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

    subject = "the model"  # what is wrong; an error of another file says another
    brought = False  # whether a value that was asked for brought it about, in a model that is right without it

    @property
    def asked(self) -> bool:
        """Whether it is the question that is wrong, and no file: it names or sets what the model does not have."""
        return self.brought or all(problem.span is None and problem.code in _NAMED for problem in self.problems)

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(set(problems), key=_position))
        more = len(self.problems) - _MOST_SAID
        said = [_said(problem) for problem in self.problems[:_MOST_SAID]]
        super().__init__("; ".join([*said, *([f"and {counted(more, 'more problem')}"] if more > 0 else [])]))

    def __reduce__(self) -> tuple[type[ModelError], tuple[tuple[Problem, ...]], dict[str, object]]:
        return type(self), (self.problems,), self.__dict__  # else the sentence alone would go from process to process


def _said(problem: Problem) -> str:
    """The problem on one line."""
    return f"{_where(problem)}{problem.code} {problem.message}" + (f" ({problem.hint})" if problem.hint else "")


def _where(problem: Problem) -> str:
    span = problem.span
    return f"{span.file}:{span.line}:{span.column}: " if span else ""


def _position(problem: Problem) -> tuple[str, int, int, str, str]:
    span = problem.span or Span("", 0, 0)
    return span.file, span.line, span.column, problem.code, problem.message


class Problems:
    """Collects the problems of one stage, so that the first does not hide the others."""

    def __init__(self) -> None:
        self._found: list[Problem] = []

    def add(self, code: str, span: Span | None, message: str, hint: str | None = None) -> None:
        """Note one problem and go on; raises ModelError past MOST_FOUND of them."""
        self.extend([Problem(code, span, message, hint)])

    def extend(self, problems: Iterable[Problem]) -> None:
        """Note the problems that an error brought, and go on; raises ModelError past MOST_FOUND of them."""
        self._found.extend(problems)
        if len(self._found) > MOST_FOUND:
            self.raise_any()

    def __len__(self) -> int:
        return len(self._found)

    def sorted(self) -> tuple[Problem, ...]:
        """What was noted, each once, in the order of the places."""
        return tuple(sorted(set(self._found), key=_position))

    def raise_any(self) -> None:
        """Raise ModelError if anything was noted."""
        if self._found:
            raise ModelError(self._found)


def closest(name: str, candidates: Iterable[str]) -> str | None:
    """The hint that names the candidate nearest to `name`, or lists them where they are few; else None."""
    known = sorted({str(candidate) for candidate in candidates})
    plain = {candidate.casefold(): candidate for candidate in known}
    written = name[:100].casefold()
    near = get_close_matches(written, _likely(written, plain), n=1, cutoff=0.65)
    if near:
        return f"did you mean {plain[near[0]]}?"
    return f"known: {', '.join(known)}" if 0 < len(known) <= _MOST_LISTED else None


def _likely(name: str, known: Iterable[str]) -> list[str]:
    """Those of some names that share most pairs of letters with one; all of them, where they are few."""
    listed = list(known)
    if len(listed) <= _MOST_COMPARED:
        return listed
    pairs = _pairs(name)
    shared = [len(pairs & _pairs(other)) for other in listed]
    order = sorted(range(len(listed)), key=lambda i: (-shared[i], abs(len(listed[i]) - len(name)), i))
    return [listed[i] for i in sorted(order[:_MOST_COMPARED])]


@lru_cache(maxsize=1 << 14)
def _pairs(name: str) -> frozenset[str]:
    padded = f" {name} "
    return frozenset(padded[i : i + 2] for i in range(len(padded) - 1))


def shorten(text: str, width: int = 60) -> str:
    """The text on one line, cut at `width` characters with an ellipsis."""
    line = " ".join(text.split())
    return line if len(line) <= width else line[: width - 1] + "…"


def split_rows(text: str) -> list[str]:
    """The lines of a text, cut where editors cut them: a file with other line ends is refused before."""
    return _LINE_BREAK.split(text)


def render(
    problems: Iterable[Problem],
    source: Callable[[str], str | None],
    *,
    severity: str = ERROR,
    width: int | None = None,
) -> str:
    """The problems as text, each with its line and carets. `severity` is the word that stands before the code.

    `source` gives the text of a file by the name that stands in the spans, or None where it cannot be shown. `width`:
    the columns that a line of it may have with its number, where these are known.
    """
    listed = list(problems)
    rows: dict[str, list[str]] = {}
    for problem in listed[:MOST_SHOWN]:
        if problem.span and problem.span.file not in rows:
            rows[problem.span.file] = split_rows(source(problem.span.file) or "")
    blocks = [_render_one(problem, rows, severity, width) for problem in listed[:MOST_SHOWN]]
    if len(listed) > MOST_SHOWN:
        more = len(listed) - MOST_SHOWN
        blocks.append(f"and {counted(more, 'more problem')}")
    return "\n".join(blocks)


def _render_one(problem: Problem, rows: dict[str, list[str]], severity: str, width: int | None) -> str:
    span = problem.span
    lines = [f"{_where(problem)}{severity} {problem.code}: {shorten(problem.message, _MESSAGE_WIDTH)}"]
    if span and span.line <= len(rows[span.file]) and rows[span.file][span.line - 1].strip():
        lines += _carets(rows[span.file][span.line - 1], span, width)
    if problem.hint:
        lines.append(f"  hint: {shorten(problem.hint, _MESSAGE_WIDTH)}")
    return "\n".join(printable(line, breaks=False) for line in lines)


_COMMAND = re.compile(r"##(?=\[|vso\[)")  # what a build server takes for one of its own, anywhere in a line


def _carets(row: str, span: Span, width: int | None) -> list[str]:
    """The line, or the part of a long one that matters, and carets under the span."""
    begin, number = span.column - 1, str(span.line)
    most = _ROW_WIDTH if width is None else max(width - len(f"  {number} | ……"), _LEAST_ROW)
    start = max(0, begin - most // 2) if begin + min(span.length, most // 3) > most else 0
    end = start + most
    row = _COMMAND.sub("#\N{REPLACEMENT CHARACTER}", row)
    shown = ("…" if start else "") + row[start:end] + ("…" if len(row) > end else "")
    at = begin - start + bool(start)
    length = max(1, min(span.length, len(shown) - at))
    pad = " " * _width(shown[:at].ljust(at))
    carets = "^" * max(1, _width(shown[at : at + length]))
    return [f"  {number} | {shown.rstrip()}", f"  {' ' * len(number)} | {pad}{carets}"]


def _width(text: str) -> int:
    """Columns on a terminal."""
    return sum(2 if east_asian_width(character) in "WF" else 1 for character in text)


def printable(text: str, *, breaks: bool = True) -> str:
    """The text without what would steer a terminal: the one function that decides what may reach it.

    The sign for an unknown character stands in place of every control, format and unassigned character; a tab is a
    blank. `breaks`: whether ends of lines stay.
    """
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else _in_place_of(c, breaks) for c in text)


def _in_place_of(character: str, breaks: bool) -> str:
    if character == "\t":
        return " "
    if category(character) == "Zs" or (breaks and character == "\n"):
        return character  # a blank that does not break is one
    return "\N{REPLACEMENT CHARACTER}"


def counted(number: int, what: str) -> str:
    """A number with its noun."""
    return f"{number:,} {what}{'' if number == 1 else 's'}"
