"""Where the words of slanted messages stand: beneath the arrowhead, or on the message's own line, clear of all others.

Others may run through the place beneath an arrowhead, and then its words would be read as theirs. All lines are known
once the last row is drawn, so the words are placed then: where the fewest lines of others run, beneath the head before
other places.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise

from mcfsm.pictures.metrics import text_width
from mcfsm.pictures.shapes import Box, Line, Mark, Point, TextLine

Rectangle = tuple[float, float, float, float]  # left, top, right, bottom
ALONG = (0.5, 0.45, 0.55, 0.4, 0.6, 0.35, 0.65, 0.3, 0.7, 0.25, 0.75)  # parts of its line, the middle first
AROUND = 2.0  # what is kept clear around words


@dataclass(frozen=True)
class Slant:
    """A message from where it is sent to where it arrives, and the corner of its words beneath the head."""

    origin: Point
    tip: Point
    lines: tuple[str, ...]
    corner: Point


def worded(
    slants: Iterable[Slant], drawn: Sequence[Mark], step: float, size: float, breaks: Sequence[float]
) -> list[list[Mark]]:
    """The words of each slanted message, on a ground of their own; none goes over one of the `breaks`."""
    found: list[list[Mark]] = []
    for slant in slants:
        others = [mark for mark in drawn if not (isinstance(mark, Line) and mark.points == (slant.origin, slant.tip))]
        free = [place for place in _places(slant, step, size) if not any(place[1] < y < place[3] for y in breaks)]
        best = min(
            free or [_beneath(slant, step, size)], key=lambda place: _met(place, [*others, *chain.from_iterable(found)])
        )
        found.append(_put(slant, best, step, size))
    return found


def _places(slant: Slant, step: float, size: float) -> Iterable[Rectangle]:
    """Where the words may stand, the best first."""
    yield _beneath(slant, step, size)
    width, height = _extent(slant, step, size)
    (x1, y1), (x2, y2) = slant.origin, slant.tip
    for part in ALONG:
        x, y = x1 + (x2 - x1) * part, y1 + (y2 - y1) * part
        if abs(x2 - x1) * min(part, 1 - part) > width / 4:  # its line is seen on both sides
            yield x - width / 2, y - height / 2, x + width / 2, y + height / 2


def _beneath(slant: Slant, step: float, size: float) -> Rectangle:
    width, height = _extent(slant, step, size)
    x, y = slant.corner
    left = x - width if slant.tip[0] > slant.origin[0] else x
    return left, y, left + width, y + height


def _extent(slant: Slant, step: float, size: float) -> tuple[float, float]:
    return max(text_width(line, size) for line in slant.lines), len(slant.lines) * step


def _met(place: Rectangle, marks: Iterable[Mark]) -> int:
    """How much stands or runs in a place: boxes and words count more than lines, which are seen on both sides."""
    left, top, right, bottom = place
    around = left - AROUND, top - AROUND, right + AROUND, bottom + AROUND
    met = 0
    for mark in marks:
        match mark:
            case Line(points=points):
                met += sum(_runs_through(around, *ends) for ends in pairwise(points))
            case Box(x=x, y=y, width=width, height=height):
                met += 10 * (x < right and left < x + width and y < bottom and top < y + height)
    return met


def _runs_through(place: Rectangle, one: Point, other: Point) -> bool:
    """Whether a straight line has a part within a rectangle."""
    left, top, right, bottom = place
    (x1, y1), (x2, y2) = one, other
    first, last = 0.0, 1.0
    for begin, way, low, high in ((x1, x2 - x1, left, right), (y1, y2 - y1, top, bottom)):
        if way == 0:
            if not low <= begin <= high:
                return False
            continue
        enters, leaves = sorted(((low - begin) / way, (high - begin) / way))
        first, last = max(first, enters), min(last, leaves)
    return first < last


def _put(slant: Slant, place: Rectangle, step: float, size: float) -> list[Mark]:
    left, top, right, _ = place
    beneath = place == _beneath(slant, step, size)
    marks: list[Mark] = []
    for i, line in enumerate(slant.lines):
        wide, y = text_width(line, size), top + i * step
        at = (left + right - wide) / 2
        if beneath:
            at = right - wide if slant.tip[0] > slant.origin[0] else left
        marks.append(Box(at - 1.5, y, wide + 3, step, "paper", None))
        marks.append(TextLine(at, y + size * 0.95, line, size))
    return marks
