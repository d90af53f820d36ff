"""The columns of a chart in text: where each lifeline stands, so that every name has room beside every other."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from mcfsm.pictures.breaking import lines_of, longest_piece

LEAST_GAP = 12  # columns between two lifelines
MOST_GAP = 44
_HEADS = (44, 20, 14)  # columns in which names are written where messages have room too
_TALL = 0  # where nothing has: a line for each word


class NameSpan(NamedTuple):
    """A name that is written between two lifelines; on one lifeline, to the right of it."""

    low: int
    high: int
    name: str


@dataclass(frozen=True)
class Lanes:
    """The column of each lifeline, the lines of the name at its head, and the columns that all of it takes."""

    places: tuple[int, ...]
    heads: tuple[tuple[str, ...], ...]
    edge: int

    def widest(self, low: int, high: int) -> tuple[int, int]:
        """The columns of the two neighbours between which, from one lifeline to another, there is most room."""
        pairs = list(zip(self.places[low:high], self.places[low + 1 : high + 1], strict=True))
        return max(pairs, key=lambda pair: pair[1] - pair[0])

    def tallest(self, spans: Iterable[NameSpan]) -> int:
        """The most lines that a name at a head, or between two lifelines, takes."""
        between = [(self.widest(span.low, span.high), span.name) for span in spans if span.low < span.high]
        lines = [len(lines_of(name, right - left - 3)) for (left, right), name in between]
        return max([*map(len, self.heads), *lines])

    def heading(self) -> list[str]:
        """The lines of the names, each in the middle over its lifeline, the last of all in one row."""
        rows = max(map(len, self.heads))
        lines = []
        for row in range(rows):
            line = [" "] * self.edge
            for place, head in zip(self.places, self.heads, strict=True):
                at = row - (rows - len(head))
                if at >= 0:
                    start = max(0, place - (len(head[at]) - 1) // 2)
                    line[start : start + len(head[at])] = head[at]
            lines.append("".join(line).rstrip())
        return lines


def lanes(names: Sequence[str], spans: Iterable[NameSpan], room: int) -> Lanes | None:
    """The lanes of some names with everything written between them in lines of whole words; None where they need more.

    Where there is room, messages stand in one line.
    """
    listed = list(spans)
    tight: Lanes | None = None
    for most in _HEADS:
        made, content = _laid_out(_heads(names, most), listed, room)
        if made is not None and content:
            return made
        tight = made or tight
    return tight or _laid_out(_heads(names, _TALL), listed, room)[0]


def _heads(names: Sequence[str], most: int) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(lines_of(name, max(most, longest_piece(name)))) for name in names)


def _laid_out(heads: tuple[tuple[str, ...], ...], spans: list[NameSpan], room: int) -> tuple[Lanes | None, bool]:
    """The lanes under these heads, if there is room, and whether each message has the room for one line."""
    widths = [max(map(len, head)) for head in heads]
    least = [max(LEAST_GAP, (a + b) // 2 + 2) for a, b in pairwise(widths)]
    right = (widths[-1] + 1) // 2 + 1
    for span in spans:
        needed = longest_piece(span.name) + 3
        if span.low == span.high == len(heads) - 1:
            right = max(right, needed)
        elif span.low == span.high:
            least[span.low] = max(least[span.low], needed)
        elif max(least[span.low : span.high]) < needed:
            widest = max(range(span.low, span.high), key=lambda i: least[i])
            least[widest] = needed
    wanted = list(least)
    for span in spans:
        if span.low < span.high and max(wanted[span.low : span.high]) < len(span.name) + 8:
            for i in range(span.low, span.high):  # an arrow over several lanes has its name in one of them
                share = len(span.name) + 8 if span.high == span.low + 1 else -(-(len(span.name) + 8) // 2)
                wanted[i] = max(wanted[i], min(share, MOST_GAP))
    first = (widths[0] + 1) // 2
    spare, more = room - first - right - sum(least), sum(wanted) - sum(least)
    if spare < 0:
        return None, False
    places = [first]
    for low, high in zip(least, wanted, strict=True):
        places.append(places[-1] + low + (high - low if more <= spare else (high - low) * spare // more))
    return Lanes(tuple(places), heads, places[-1] + right), more <= spare
