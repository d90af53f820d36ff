"""Where a text may be broken into lines: nothing is ever cut off, and no word is broken but after an underscore."""

from __future__ import annotations

import re

_CALL = re.compile(r"(?<=\w)\([^()]*\)")  # of a value: Id(u2, B)
_STICKY = "\0"


def pieces(word: str) -> list[str]:
    """The parts that a word may be broken into: migration_ and request."""
    return re.findall(r"[^_]*_+|[^_]+", word) or [word]


def longest_piece(text: str) -> int:
    """The width without which a text has a line that is too long."""
    return max((len(piece) for word in text.split() for piece in pieces(word)), default=0)


def lines_of(text: str, width: int) -> list[str]:
    """The lines of a text, broken at blanks, and inside a word that is longer than a line, after an underscore.

    A value such as Id(u2, B) stays in one line where it can. None is longer than `width`, unless a piece alone is.
    """

    def whole(found: re.Match[str]) -> str:
        start = found.string.rfind(" ", 0, found.start()) + 1
        return found.group().replace(" ", _STICKY) if found.end() - start <= width else found.group()

    lines: list[str] = []
    for word in _CALL.sub(whole, text).split(" "):
        if not word:
            continue
        if lines and len(lines[-1]) + 1 + len(word) <= width:
            lines[-1] += f" {word}"
            continue
        if len(word) <= width:
            lines.append(word)
            continue
        for i, piece in enumerate(pieces(word)):
            if i and len(lines[-1]) + len(piece) <= width:
                lines[-1] += piece
            else:
                lines.append(piece)
    return [line.replace(_STICKY, " ") for line in lines] or [""]
