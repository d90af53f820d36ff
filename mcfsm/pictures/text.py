"""Texts of a model on their way into a picture that is text itself: in lines of so many characters."""

from __future__ import annotations

import re
import textwrap

WRAP = 44  # characters in a line of a label
_VALUE = re.compile(r"\w*\([^()]{1,16}\)")  # Id(u2, B), (next = B)


def wrapped(text: str, width: int = WRAP) -> list[str]:
    """The lines of a text, none longer than `width`: broken at blanks, and inside a word only where it is longer.

    The sign of a message received or sent stays with the message, and a value in one line; a longer word is broken
    behind a dot or an underscore, if it has one.
    """
    words = (part for word in text.split() for part in _pieces(word, width))
    joined = re.sub(r"^([?!]) ", "\\1\0", " ".join(words))
    joined = _VALUE.sub(lambda found: found.group().replace(" ", "\0"), joined)
    lines = textwrap.wrap(joined, width, break_on_hyphens=False) or [""]
    return [line.replace("\0", " ") for line in lines]


def _pieces(word: str, width: int) -> list[str]:
    """A word, or where it is too long its pieces, each as long as may be, so that no two fit on one line."""
    pieces = [""]
    for part in re.findall(r"[^._]*[._]?", word) if len(word) > width else (word,):
        if pieces[-1] and len(pieces[-1] + part) > width:
            pieces.append("")
        pieces[-1] += part
    return pieces
