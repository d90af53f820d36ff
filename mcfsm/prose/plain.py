"""A text as a word processor saves it: one line for each paragraph, and one for each cell of a table.

A cell begins with a tab, and a line without any word ends a row.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from mcfsm.prose.blocks import Block, Blocks, Paragraph, Row

_BOOKMARK = re.compile(r"\[bookmark: [^\]]*\]")
_BLANKS = str.maketrans({"\N{NO-BREAK SPACE}": " ", "\N{NARROW NO-BREAK SPACE}": " ", "\N{NON-BREAKING HYPHEN}": "-"})


def blocks_of(text: str) -> Blocks:
    """The paragraphs and rows of a text, without bookmarks."""
    return tuple(_blocks(text))


def plain(text: str) -> str:
    """A paragraph with ordinary blanks, and without what a word processor marks in it."""
    return _BOOKMARK.sub("", text).translate(_BLANKS)


def _blocks(text: str) -> Iterator[Block]:
    cells: list[str] = []
    begun = 0
    for number, line in enumerate(re.split("\r\n|\n|\r", text), 1):
        said = plain(line)
        is_cell = said.lstrip(" ").startswith("\t")
        if cells and not is_cell:
            yield Row(begun, tuple(cells))
            cells = []
        if is_cell:
            begun = begun if cells else number
            cells.append(said.strip())
        elif said.strip():
            yield Paragraph(number, said.strip())
    if cells:
        yield Row(begun, tuple(cells))
