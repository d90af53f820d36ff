"""A state diagram laid out on a page: each region by the `dot` program, what happens without a move in words below.

Every text is measured here and `dot` is given boxes of fixed sizes, so it decides nothing by the fonts of a machine. A
label stands on its edge as a box of its own; the labels are wrapped the more, the less room there is. Where they would
not fit the page at all, each edge carries a number and the labels stand below.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from mcfsm.pictures.diagram import Diagram, Edge, InnerTransitions, RegionDiagram, Style, TransitionLabel
from mcfsm.pictures.dot import levels, plain
from mcfsm.pictures.lifelines import EDGE, Page
from mcfsm.pictures.metrics import fitted, text_width
from mcfsm.pictures.sequence import Caption
from mcfsm.pictures.shapes import Box, Figure, Ink, Line, Mark, TextLine, head, moved

SIZE, LINE = 8.0, 9.6  # of every text, in points, and from one line to the next
NAME = 9.0  # the size of the names of states
WRAPS = (170.0, 145.0, 120.0, 100.0, 84.0, 70.0)  # widths at which labels are broken, tried in this order
APART = 10.0
BETWEEN = 4.0  # two labels on one edge
_LEAST = 300.0  # the least width of a figure, which its caption needs
NAMES = (92.0, 56.0, 36.0)  # widths at which names of states are broken
Draw = Callable[[float, float], list[Mark]]  # a node, given its middle
_INKS: dict[Style, Ink] = {"trigger": "ink", "guard": "ink", "send": "ink", "effect": "grey", "basis": "grey"}


@dataclass(frozen=True)
class _Text:
    """One line of a label."""

    text: str
    bold: bool = False
    italic: bool = False
    ink: Ink = "ink"

    @property
    def width(self) -> float:
        return text_width(self.text, SIZE, bold=self.bold)


@dataclass(frozen=True)
class _Block:
    """A piece of a figure that is not cut."""

    width: float
    height: float
    marks: tuple[Mark, ...]
    centred: bool = True


def state_figures(drawn: Diagram, caption: Caption, page: Page) -> list[Figure]:
    """The state diagram of a role in as many parts as the page needs. Raises DotMissing without the program."""
    width = page.width - 2 * EDGE
    height = _room(caption, page, min(_LEAST, width))
    blocks: list[_Block] = []
    several = len(drawn.regions) > 1
    for region in drawn.regions:
        blocks += _region(region, width, height, several=several)
    if drawn.rows:
        blocks += _rows("In any state, without a change of state", (), drawn.rows, width, {})
    return _paged(blocks, caption, page)


def sources(drawn: Diagram, caption: Caption, page: Page) -> str:
    """All that a figure is made of as one text: what `dot` is asked, and every word."""
    return repr((drawn, caption, page, WRAPS, SIZE))


# ---- a region


def _region(region: RegionDiagram, width: float, height: float | None, *, several: bool) -> list[_Block]:
    """A region with its title, and below it what happens there without a move."""
    blocks = []
    title = [_Text(region.called, bold=True)] if several else []
    numbers: list[Edge] = []
    for wrap, name in (*((wrap, NAMES[0]) for wrap in WRAPS), *((None, name) for name in NAMES)):
        numbers = [] if wrap else list(region.edges)
        block = _titled(title, _Graph(region, wrap, name, width).drawn())
        if block.width <= width and (height is None or block.height <= height):
            break
    blocks.append(block)
    if numbers:
        blocks += _numbered(numbers, width)
    if region.rows:
        blocks += _rows("Without a change of state", region.states, region.rows, width, region.words)
    return blocks


def _titled(title: list[_Text], block: _Block) -> _Block:
    if not title:
        return block
    width = max(block.width, title[0].width)
    words = TextLine(width / 2, LINE, title[0].text, NAME, bold=True, anchor="middle")
    marks = moved(block.marks, (width - block.width) / 2, LINE + 6)
    return _Block(width, block.height + LINE + 6, (words, *marks))


class _Graph:
    """A region as boxes and edges for `dot`, and back as marks."""

    def __init__(self, region: RegionDiagram, wrap: float | None, name: float, room: float) -> None:
        self.region, self.wrap, self.name, self.room = region, wrap, name, room
        self.sizes: list[tuple[float, float]] = []  # of each node
        self.draw: list[Draw] = []
        self.edges: list[tuple[int, int, bool, bool, TransitionLabel | None, tuple[TransitionLabel, ...]]] = []
        joined = {*region.firsts, *(state for edge in region.edges for state in (*edge.sources, edge.dest))}
        self.states = {state: self.node(*self.state(state)) for state in region.states if state in joined}
        self.alone = [self.state(state) for state in region.states if state not in joined]
        self.place()

    def node(self, width: float, height: float, draw: Draw) -> int:
        self.sizes.append((width, height))
        self.draw.append(draw)
        return len(self.sizes) - 1

    def state(self, name: str) -> tuple[float, float, Draw]:
        """A box with rounded corners; a final one has two borders, one that is not reached a broken one."""
        region = self.region
        lines = fitted(region.word(name), self.name, NAME, bold=name in region.visited)
        bold = name in region.visited
        width = max(text_width(line, NAME, bold=bold) for line in lines) + 16
        height = len(lines) * NAME * 1.2 + 10
        unreached = name in region.unreached
        ink: Ink = "grey" if unreached else "ink"
        dash, stroke = ("3 2" if unreached else ""), (1.6 if bold else 0.75)

        def draw(x: float, y: float) -> list[Mark]:
            left, top = x - width / 2, y - height / 2
            marks: list[Mark] = [Box(left, top, width, height, "fill", ink, 6, stroke, dash)]
            if name in region.final:
                marks.append(Box(left + 2.2, top + 2.2, width - 4.4, height - 4.4, None, ink, 4.4, 0.6, dash))
            for i, line in enumerate(lines):
                base = top + 5 + NAME * 0.95 + i * NAME * 1.2
                marks.append(TextLine(x, base, line, NAME, bold=bold, anchor="middle", ink=ink))
            return marks

        return width, height, draw

    def place(self) -> None:
        """Every node and edge of the region."""
        region = self.region
        start = self.node(8, 8, lambda x, y: [Box(x - 4, y - 4, 8, 8, "ink", None, 4)])
        self.edges += [(start, self.states[first], False, True, None, ()) for first in region.firsts]
        anywhere = None
        if any(not edge.sources for edge in region.edges):
            wide = text_width("any state", NAME) + 14
            anywhere = self.node(wide, 18, lambda x, y: _any_state(x, y, wide))
        depth = levels(region)
        for number, edge in enumerate(region.edges, 1):
            said = [[_Text(str(number), bold=True)]]
            if self.wrap:
                said = [_said(label, self.wrap) for label in edge.labels]
            width = max(line.width for lines in said for line in lines) + 6
            height = _height(said) + 3
            name = self.node(width, height, partial(_label, said=said, width=width))
            origins = [self.states[source] for source in edge.sources]
            if not edge.sources and anywhere is not None:
                origins = [anywhere]
            upward = any(depth[source] > depth[edge.dest] for source in edge.sources)
            for origin in origins:
                pair = (name, origin) if upward else (origin, name)
                self.edges.append((*pair, upward, False, None, edge.labels))
            pair = (self.states[edge.dest], name) if upward else (name, self.states[edge.dest])
            self.edges.append((*pair, upward, True, None, edge.labels))

    def drawn(self) -> _Block:
        """The region as `dot` lays it out."""
        placed, lines, (width, height) = plain(self.sizes, [(edge[0], edge[1]) for edge in self.edges])
        under: list[Mark] = []
        for (_, _, upward, ends, _, labels), points in zip(self.edges, lines, strict=True):
            way = tuple(reversed(points)) if upward else points
            taken = [label for label in labels if label.steps]
            unreached = bool(labels) and not any(label.reached for label in labels)
            ink: Ink = "mark" if any(label.breaks for label in taken) else "grey" if unreached else "ink"
            stroke = 1.7 if taken else 0.75
            under.append(Line(way, ink, stroke, "3 2" if unreached else "", curved=True))
            if ends:
                under.append(head(way[-1], way[-2], ink=ink, length=6.0))
        over = [mark for draw, (x, y) in zip(self.draw, placed, strict=True) for mark in draw(x, y)]
        rows = self.rows_of_those_alone()
        wide = max([width, *(sum(box[0] + APART for box in row) - APART for row in rows)])
        marks = moved([*under, *over], (wide - width) / 2, 0)
        for row in rows:
            height += APART
            x = (wide - sum(box[0] + APART for box in row) + APART) / 2
            for box, high, draw in row:
                marks += draw(x + box / 2, height + high / 2)
                x += box + APART
            height += max(high for _, high, _ in row)
        return _Block(wide, height, tuple(marks))

    def rows_of_those_alone(self) -> list[list[tuple[float, float, Draw]]]:
        """The states that no edge leads to or from, in rows that are no wider than the page."""
        rows: list[list[tuple[float, float, Draw]]] = []
        left = 0.0
        for box in self.alone:
            if not rows or left < box[0]:
                rows.append([])
                left = self.room
            rows[-1].append(box)
            left -= box[0] + APART
        return rows


def _any_state(x: float, y: float, wide: float) -> list[Mark]:
    box = Box(x - wide / 2, y - 9, wide, 18, "paper", "grey", 6, 0.75, "3 2")
    return [box, TextLine(x, y + NAME * 0.35, "any state", NAME, italic=True, anchor="middle", ink="grey")]


def _height(said: Sequence[Sequence[_Text]]) -> float:
    """How high some labels are, one below the other."""
    return sum(len(lines) for lines in said) * LINE + BETWEEN * (len(said) - 1)


def _label(x: float, y: float, said: Sequence[Sequence[_Text]], width: float) -> list[Mark]:
    top = y - _height(said) / 2
    marks: list[Mark] = [Box(x - width / 2, top - 1, width, _height(said) + 2, "paper", None)]
    for lines in said:
        marks += _written(lines, x - width / 2 + 3, top)
        top += len(lines) * LINE + BETWEEN
    return marks


def _written(lines: Iterable[_Text], x: float, y: float) -> list[Mark]:
    return [
        TextLine(x, y + i * LINE + SIZE * 0.95, line.text, SIZE, line.bold, line.italic, "start", line.ink)
        for i, line in enumerate(lines)
    ]


def _said(label: TransitionLabel, width: float) -> list[_Text]:
    """The lines of a label; with the steps of the flow that take it."""
    found = []
    for part in label.parts:
        bold, italic = part.style == "trigger", part.style == "basis"
        ink: Ink = _INKS[part.style] if label.reached else "grey"
        for line in fitted(_kept(part.text), width, SIZE, bold=bold):
            found.append(_Text(line, bold, italic, ink))
    if label.steps:
        steps = ", ".join(map(str, label.steps))
        said = f"step{'s' if len(label.steps) > 1 else ''} {steps}" + (": the promise breaks" if label.breaks else "")
        found += [_Text(line, True, True, "mark" if label.breaks else "ink") for line in fitted(said, width, SIZE)]
    return found


def _kept(text: str) -> str:
    """The sign of a message stays with its first word."""
    return text[0] + "\N{NO-BREAK SPACE}" + text[2:] if text[:2] in ("? ", "! ") else text


# ---- in words


def _numbered(edges: Sequence[Edge], width: float) -> list[_Block]:
    """The labels of edges that carry a number alone."""
    entries = []
    column = (width - APART) / 2
    for number, edge in enumerate(edges, 1):
        for i, label in enumerate(edge.labels):
            said = _said(label, column - 16)
            first = [_Text(str(number) if i == 0 else "", bold=True)]
            marks = (*_written(first, 0, 0), *_written(said, 16, 0))
            entries.append(_Block(column, len(said) * LINE + 4, marks))
    return _columns(None, entries, width)


def _rows(
    title: str, order: Sequence[str], rows: Iterable[InnerTransitions], width: float, words: dict[str, str] | object
) -> list[_Block]:
    """What happens without a move: under the states in which it does, two columns of labels."""
    names = words if isinstance(words, dict) else {}
    column = (width - APART) / 2
    entries = []
    for row in rows:
        where = ", ".join(names.get(state, state) for state in row.states)
        everywhere = not row.states or (bool(order) and set(row.states) == set(order))
        told = "any state" if everywhere else where
        for i, label in enumerate(row.labels):
            named = fitted(f"in {told}:", column, SIZE) if i == 0 and (order or row.states) else []
            lines = [_Text(line, italic=True) for line in named]
            said = _said(label, column - 10)
            marks = (*_written(lines, 0, 0), *_written(said, 10, len(lines) * LINE))
            entries.append(_Block(column, (len(lines) + len(said)) * LINE + 4, marks))
    return _columns(title, entries, width)


def _columns(title: str | None, entries: Sequence[_Block], width: float) -> list[_Block]:
    """Entries in two columns, pair by pair, so that they may be cut between any two pairs."""
    left: list[_Block] = []
    right: list[_Block] = []
    half = sum(entry.height for entry in entries) / 2
    for entry in entries:
        done = sum(one.height for one in left)
        (left if done + entry.height / 2 <= half or not left else right).append(entry)
    marks: list[Mark] = []
    top = 0.0
    if title:
        marks += [Line(((0, 2), (width, 2)), "rule"), *_written([_Text(title, bold=True)], 0, 5)]
        top = LINE + 9
    heights = []
    for column, x in ((left, 0.0), (right, width / 2 + APART / 2)):
        y = top
        for entry in column:
            marks += moved(entry.marks, x, y)
            y += entry.height
        heights.append(y)
    return [_Block(width, max(heights), tuple(marks), centred=False)]


# ---- pages


def _caption_lines(caption: Caption, width: float) -> Iterator[tuple[str, bool]]:
    """The lines of a caption in so much room; the title is bold."""
    yield from ((line, True) for line in fitted(caption.title, width, NAME, bold=True))
    yield from ((line, False) for text in caption.lines for line in fitted(text, width, SIZE))


def _room(caption: Caption, page: Page, width: float) -> float | None:
    """How high what stands above the caption may be on a page; None on one without an end."""
    below = len(list(_caption_lines(caption, width))) * 11.0 + 8
    return None if page.height is None else page.height - below - 2 * EDGE - 12


def _paged(blocks: Sequence[_Block], caption: Caption, page: Page) -> list[Figure]:
    """Blocks one below the other, a new part where the page ends; the caption under the last."""
    width = max([block.width for block in blocks], default=0.0)
    width = min(max(width, _LEAST), page.width - 2 * EDGE)
    lines = list(_caption_lines(caption, width))
    room = _room(caption, page, width)
    pages: list[list[_Block]] = [[]]
    filled = 0.0
    for block in blocks:
        if room is not None and pages[-1] and filled + block.height > room:
            pages.append([])
            filled = 0.0
        pages[-1].append(block)
        filled += block.height + APART
    figures = []
    for number, part in enumerate(pages, 1):
        marks: list[Mark] = []
        y = EDGE
        for block in part:
            x = EDGE + ((width - block.width) / 2 if block.centred else 0.0)
            marks += moved(block.marks, x, y)
            y += block.height + APART
        notes = [(f"part {number} of {len(pages)}", False)] if len(pages) > 1 else []
        for line, bold in [*lines, *notes]:
            size = NAME if bold else SIZE
            marks.append(TextLine(width / 2 + EDGE, y + size, line, size, bold=bold, anchor="middle"))
            y += 11.0
        figures.append(Figure(width + 2 * EDGE, y + EDGE + 2, tuple(marks), caption.title, "; ".join(caption.lines)))
    return figures
