"""Where the words of slanted messages stand: by their own line, and never where another's would make them its own."""

from __future__ import annotations

import pytest

from mcfsm.pictures.shapes import Box, Line, Mark, TextLine
from mcfsm.pictures.slanted import Slant, worded

SIZE, STEP = 9.0, 11.0
FIRST = Slant((20, 20), (220, 220), ("7. De-registration",), (209, 221.5))  # from left to right, its words to the left
SECOND = Slant((20, 190), (220, 250), ("8. Registration request",), (209, 251.5))  # runs through the words of FIRST
RETURN = Slant((220, 20), (20, 220), ("9. Answer",), (31, 221.5))


def line(of: Slant) -> Line:
    return Line((of.origin, of.tip))


def words(*slants: Slant, others: tuple[Mark, ...] = (), breaks: tuple[float, ...] = ()) -> list[Box]:
    """The grounds of the words, in order."""
    found = worded(slants, [*map(line, slants), *others], STEP, SIZE, breaks)
    return [mark for marks in found for mark in marks if isinstance(mark, Box)]


def above(box: Box, of: Slant, x: float) -> float:
    """How far above the line of a message the bottom of a box is, at a place; negative beneath it."""
    (x1, y1), (x2, y2) = of.origin, of.tip
    return y1 + (y2 - y1) * (x - x1) / (x2 - x1) - (box.y + box.height)


def test_words_stand_beneath_the_head_where_nothing_else_runs() -> None:
    (box,) = words(FIRST)
    assert (box.x + box.width - 1.5, box.y) == (209, 221.5)
    (box,) = words(RETURN)
    assert (box.x + 1.5, box.y) == (31, 221.5)


def test_words_stand_on_their_own_line_where_another_runs_beneath_the_head() -> None:
    first, second = words(FIRST, SECOND)
    middle = first.x + first.width / 2, first.y + first.height / 2
    assert middle == (120, 120)  # half way of its own line
    assert all(above(first, SECOND, x) > 0 for x in (first.x, first.x + first.width))  # and the other runs below it
    assert (second.x + second.width - 1.5, second.y) == (209, 251.5)


def test_words_stand_off_what_stands_on_their_line() -> None:
    (free, _) = words(FIRST, SECOND)
    taken = Box(free.x, free.y, free.width, free.height, "fill")
    (moved, _) = words(FIRST, SECOND, others=(taken,))
    assert moved.y + moved.height <= taken.y or moved.y >= taken.y + taken.height


def test_words_go_over_no_end_of_a_page() -> None:
    (box, _) = words(FIRST, SECOND, breaks=(120.0,))
    assert not box.y < 120.0 < box.y + box.height


def test_words_of_several_lines_stay_together() -> None:
    folded = Slant(FIRST.origin, FIRST.tip, ("7. De-", "registration"), FIRST.corner)
    (marks,) = worded([folded], [line(folded), line(SECOND)], STEP, SIZE, ())
    said = [mark for mark in marks if isinstance(mark, TextLine)]
    assert [mark.text for mark in said] == ["7. De-", "registration"]
    assert said[1].y - said[0].y == pytest.approx(STEP)
