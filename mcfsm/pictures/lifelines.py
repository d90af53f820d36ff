"""Where the lifelines of a sequence chart stand: as far apart as names and messages want, and the page allows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import accumulate, pairwise

from mcfsm.pictures.chart_words import ChartWords
from mcfsm.pictures.metrics import fitted, least_width, text_width

CM = 72 / 2.54  # points
SIZES = (9.0, 8.5, 8.0)  # of the texts, in points: the largest that fits
PAD = 7.0  # between a text and the lifelines beside it
EDGE = 4.0  # between the outermost lines and the edge of the figure
MOST_GAP = 175.0  # between two lifelines, but where a word needs more
BOX = 118.0  # how wide a box of an internal step may be
MOST_HEAD = 80.0  # a name that is wider stands on two lines
HEAD = 6.0  # of its box, beside its longest word
LOOP = 12.0  # the width of a message to oneself


@dataclass(frozen=True)
class Page:
    """How wide and how high a figure may be, in points; None: as it comes."""

    width: float
    height: float | None = None


A4 = Page(17 * CM, 24 * CM)
LONG = Page(17 * CM)


@dataclass(frozen=True)
class Lifelines:
    """The place of each, the room of a box on each, and how wide the figure is."""

    places: tuple[float, ...]
    boxes: tuple[float, ...]
    width: float
    size: float
    heads: tuple[float, ...] = ()  # how wide each name is at least

    @property
    def line(self) -> float:
        """From one line of a text to the next."""
        return self.size * 1.2


def lifelines(words: ChartWords, boxes: dict[int, list[str]], page: Page) -> Lifelines:
    """The lifelines of a chart with the largest texts that a page has room for; `boxes` are those on each lifeline."""
    for size in SIZES:
        found = _placed(words, boxes, page, size, 1.0)
        if found.width <= page.width:
            return found
    low, high = 0.0, 1.0  # words have to be broken: as little as need be
    for _ in range(12):
        middle = (low + high) / 2
        fits = _placed(words, boxes, page, SIZES[-1], middle).width <= page.width
        low, high = (middle, high) if fits else (low, middle)
    return _placed(words, boxes, page, SIZES[-1], low)


def _placed(words: ChartWords, boxes: dict[int, list[str]], page: Page, size: float, whole: float) -> Lifelines:
    """The lifelines with texts of a size; `whole` says how much of the width of the widest words is kept together."""
    names = words.names
    if not names:
        return Lifelines((), (), min(page.width, 320.0), size)

    def least(texts: Iterable[str], *, bold: bool = False) -> float:
        return whole * least_width(texts, size, bold=bold)

    # least and best: half of the heads and of the boxes, which must not touch the lifelines beside them
    heads = [((least([name], bold=True) + HEAD) / 2, _head(name, size) / 2) for name in names]
    inner = [((least(boxes.get(i, ())) + 10) / 2, _box(boxes.get(i, []), size) / 2) for i in range(len(names))]
    gaps = [
        (max(a + b + 3, inner[i][0] + 5, inner[i + 1][0] + 5), max(c + d + 8, inner[i][1] + 6, inner[i + 1][1] + 6))
        for i, ((a, c), (b, d)) in enumerate(pairwise(heads))
    ]
    edges = [(max(heads[i][0], inner[i][0]) + EDGE, max(heads[i][1], inner[i][1]) + EDGE) for i in (0, -1)]
    for arrow, text in words.messages.items():
        left, right = sorted((arrow.sender, arrow.receiver))
        low = least([text]) + 2 * PAD + 5
        high = min(text_width(text, size) + 2 * PAD + 5, MOST_GAP)
        if left == right:  # to itself: the label stands to the right of the lifeline
            if right == len(names) - 1:
                edges[1] = max(edges[1][0], low + LOOP), max(edges[1][1], high + LOOP)
            else:
                gaps[right] = max(gaps[right][0], low + LOOP), max(gaps[right][1], high + LOOP)
        for gap in range(left, right):
            share = right - left
            gaps[gap] = max(gaps[gap][0], low / share), max(gaps[gap][1], high / share)
    wanted = [(low, max(low, high)) for low, high in (edges[0], *gaps, edges[1])]
    spare = max(page.width - sum(low for low, _ in wanted), 0.0)
    asked = sum(high - low for low, high in wanted)
    given = 1.0 if asked <= spare else spare / asked
    widths = [low + (high - low) * given for low, high in wanted]
    filled = 0.0 < spare < asked  # then their sum is the page's width, but for what is lost in adding
    places = list(accumulate(widths[:-1]))
    apart = [widths[0] - EDGE + 5, *widths[1:-1], widths[-1] - EDGE + 5]
    room = [min(BOX, 2 * (min(a, b) - 5)) for a, b in pairwise(apart)]
    width = page.width if filled else sum(widths)
    return Lifelines(tuple(places), tuple(room), width, size, tuple(2 * low for low, _ in heads))


def _head(name: str, size: float) -> float:
    """How wide the box of a name is best: two lines where the name has two words or more."""
    wide = text_width(name, size, bold=True)
    return max(wide if wide < MOST_HEAD else wide * 0.6, least_width([name], size, bold=True)) + 12


def _box(texts: list[str], size: float) -> float:
    """How wide the boxes of internal steps are best."""
    lines = [line for text in texts for line in fitted(text, BOX - 10, size)]
    return max((text_width(line, size) + 10 for line in lines), default=0.0)
