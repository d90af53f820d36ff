"""The words of a module, each with its line and column, as lists of conjuncts are told by columns."""

from __future__ import annotations

import re
from typing import NamedTuple

_PATTERN = re.compile(
    r"""
    (?P<space>[ \t\r\n]+|\\\*[^\n]*)
  | (?P<string>"(?:[^"\\\n]|\\.)*")
  | (?P<name>\d*_*(?:[A-Za-z]|\d+_+[A-Za-z]|\d+[A-Za-z])\w*)
  | (?P<number>\d+)
  | (?P<sign>-{4,}|={4,}|\|->|<=>|=>|->|==|/\\|\\/|<<|>>|:>|@@|\.\.|~>|<>|\[\]|<=|>=|\]_(?=[a-z])
      |\\[A-Za-z]+|['!@()\[\]{},:=\#<>+\-*%~.\\_])
    """,
    re.VERBOSE,
)


class Token(NamedTuple):
    """A word: its kind (name, number, string, sign), its text, and where it begins."""

    kind: str
    text: str
    line: int
    column: int


class SyntaxMistake(Exception):
    """What is no TLA+, or not of the fragment."""


def tokens(text: str) -> list[Token]:
    """The words of a text."""
    found: list[Token] = []
    at, line, begin = 0, 1, 0
    while at < len(text):
        if text.startswith("(*", at):
            end = _comment(text, at)
            line += text.count("\n", at, end)
            if "\n" in text[at:end]:
                begin = text.rindex("\n", at, end) + 1
            at = end
            continue
        match = _PATTERN.match(text, at)
        if match is None:
            raise SyntaxMistake(f"line {line}: {text[at : at + 20]!r}")
        kind = str(match.lastgroup)
        if kind != "space":
            found.append(Token(kind, match[0], line, at - begin))
        if "\n" in match[0]:
            line += match[0].count("\n")
            begin = at + match[0].rindex("\n") + 1
        at = match.end()
    return [*found, Token("end", "", line + 1, -1)]


def _comment(text: str, at: int) -> int:
    """The end of a comment that begins there; comments may hold others."""
    depth = 0
    while True:
        opens, closes = text.find("(*", at), text.find("*)", at)
        if closes < 0:
            raise SyntaxMistake("a comment does not end")
        if 0 <= opens < closes:
            depth, at = depth + 1, opens + 2
        else:
            depth, at = depth - 1, closes + 2
        if depth == 0:
            return at
