"""Rows as a table that breaks no word: its columns share the room, and where they cannot, the rows stand as blocks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich import box
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

Cell = str | Text
LEAST_PROSE = 16  # columns in which a sentence can still be read
_GAP = 3  # columns from one column to the next


def whole_words(titles: Sequence[str], rows: Sequence[Sequence[Cell]], width: int, *, named: int) -> RenderableType:
    """A table of these rows in so many columns of characters, or a block for each row where words would be broken.

    The first `named` cells of a row are names, which stand on a line each; the others are sentences.
    """
    columns = _columns(titles, rows)
    least, room = _least(columns, named, LEAST_PROSE), _room(columns, width)
    if sum(least) > room:
        return Group(*(line for row in rows for line in _block([_text(cell) for cell in row], named)))
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, _GAP - 1, 0, 0), show_edge=False)
    for title, wide in zip(
        titles, _shared([max(map(_longest_line, one)) for one in columns], least, room), strict=True
    ):
        table.add_column(title, width=wide)
    for row in rows:
        table.add_row(*row)
    return table


def has_room(titles: Sequence[str], rows: Sequence[Sequence[Cell]], width: int, *, named: int, prose: int) -> bool:
    """Whether these rows have room as a table, with so many columns at least for each sentence."""
    columns = _columns(titles, rows)
    return sum(_least(columns, named, prose)) <= _room(columns, width)


def _columns(titles: Sequence[str], rows: Sequence[Sequence[Cell]]) -> list[list[Text]]:
    return [list(map(_text, column)) for column in zip(titles, *rows, strict=True)]


def _room(columns: Sequence[object], width: int) -> int:
    return width - _GAP * (len(columns) - 1)


def _least(columns: Sequence[Sequence[Text]], named: int, prose: int) -> list[int]:
    """How narrow each column may be: a name stays whole, and of a sentence each word."""
    natural = [max(map(_longest_line, column)) for column in columns]
    words = [max(len(word) for text in column for word in ["", *text.plain.split()]) for column in columns]
    sentences = zip(natural[named:], words[named:], strict=True)
    return [*natural[:named], *(max(word, min(wide, prose)) for wide, word in sentences)]


def _block(row: Sequence[Text], named: int) -> Iterator[RenderableType]:
    """The names that are one line beside each other, then what else there is, a little further in."""
    names = [text for text in row[:named] if text]
    yield Text("  ").join(text for text in names if "\n" not in text.plain)
    others = [*(text for text in names if "\n" in text.plain), *(text for text in row[named:] if text)]
    yield from (Padding(text, (0, 0, 0, 2)) for text in others)


def _shared(natural: Sequence[int], least: Sequence[int], room: int) -> list[int]:
    """How wide each column is: as it wants to be, and the widest that can be narrower gives way."""
    widths = list(natural)
    while sum(widths) > room:
        place = max((place for place, wide in enumerate(widths) if wide > least[place]), key=widths.__getitem__)
        widths[place] -= 1
    return widths


def _text(cell: Cell) -> Text:
    return Text(cell) if isinstance(cell, str) else cell


def _longest_line(text: Text) -> int:
    return max(map(len, text.plain.split("\n")))
