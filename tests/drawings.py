"""A second reader of flows in text: whether a name stands in the drawing whole, however it was broken into lines.

It knows only that a text goes on behind its last word, or in the line below, not far to the right of where it began.
"""

from __future__ import annotations

import re

FARTHEST = 24  # columns to the right of its first word that a line of a text may begin


def pieces(text: str) -> list[str]:
    """What may stand in a line by itself: words, and the parts of one that end in an underscore."""
    return [piece for word in text.split() for piece in re.findall(r"[^_]*_+|[^_]+", word)]


def stands(text: str, lines: list[str]) -> bool:
    """Whether a text stands in a drawing, all its words in order."""
    words = pieces(text)
    begins = [
        (row, found.start()) for row, line in enumerate(lines) for found in re.finditer(re.escape(words[0]), line)
    ]
    return any(_goes_on(words, lines, row, column, column) for row, column in begins)


def _goes_on(words: list[str], lines: list[str], row: int, column: int, first: int) -> bool:
    end = column + len(words[0])
    if len(words) == 1:
        return True
    rest = words[1:]
    for behind in (end, end + 1):
        if lines[row].startswith(rest[0], behind) and _goes_on(rest, lines, row, behind, first):
            return True
    if row + 1 == len(lines):
        return False
    below = (found.start() for found in re.finditer(re.escape(rest[0]), lines[row + 1]))
    return any(at <= first + FARTHEST and _goes_on(rest, lines, row + 1, at, first) for at in below)


def cited(item: str, lines: list[str]) -> bool:
    """Whether an item of a text stands there as a word of its own: no clause number is cropped or goes on."""
    return any(re.search(rf"(?<![\w.-]){re.escape(item)}(?![\w-]|\.\w)", line) for line in lines)
