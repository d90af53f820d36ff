"""What a text is made of before anybody knows what it says: paragraphs and rows of tables, each with its place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from mcfsm.problems import ModelError, Problem, Span


@dataclass(frozen=True)
class Paragraph:
    """One paragraph. `line` counts lines of a .txt from 1, and paragraphs of a .docx."""

    line: int
    text: str


@dataclass(frozen=True)
class Row:
    """One row of a table."""

    line: int
    cells: tuple[str, ...]


Block = Paragraph | Row
Blocks = tuple[Block, ...]


@dataclass(frozen=True)
class Source:
    """A text as it was read: after its changes and, where the file tracks them, before."""

    file: str
    unit: Literal["line", "paragraph"]
    after: Blocks
    before: Blocks | None = None
    notices: tuple[str, ...] = ()  # what of the file was left aside, as sentences


class TextError(ModelError):
    """A text cannot be read, or is refused."""

    subject = "the text"


def cannot_be_read(file: str, said: str, hint: str) -> TextError:
    """The file is no text, or none that is understood."""
    return _error("M951", file, said, hint)


def refused(file: str, said: str, hint: str) -> TextError:
    """The file holds what a text has no need of, and what could do harm."""
    return _error("M952", file, said, hint)


def too_large(file: str, said: str, hint: str) -> TextError:
    """The file goes beyond what is read of one text."""
    return _error("M953", file, said, hint)


def has_no_place(file: str, said: str, hint: str) -> TextError:
    """A change cannot be put into the file."""
    return _error("M954", file, said, hint)


def _error(code: str, file: str, said: str, hint: str) -> TextError:
    return TextError([Problem(code, Span(file, 1, 1), said, hint)])
