"""A sequence chart laid out as the specifications of 3GPP draw procedures.

A box with the name of each entity, a lifeline below it, numbered messages, and a box on the lifeline where an entity
does something by itself. Steps follow one another down the page. A message is straight where the step that receives it
follows the one that sends it, and slanted where others come between: it leaves where it is sent and ends where it
arrives, so an overtaking is two lines that cross. (`rows` draws each message straight where it arrives, and says when
it was sent.) Under the last step stands the state that contradicts the promise, under the figure its caption, and if
wanted each step in a sentence. What is too long for a page goes on in a further part, under the same names.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from mcfsm.pictures.chart import Arrow, Chart, ChartStep
from mcfsm.pictures.chart_words import ChartWords
from mcfsm.pictures.ending import Ending
from mcfsm.pictures.lifelines import EDGE, HEAD, LONG, LOOP, PAD, Page, lifelines
from mcfsm.pictures.metrics import balanced, fitted, text_width
from mcfsm.pictures.shapes import Area, Box, Figure, Ink, Line, Mark, Point, TextLine, cross, cut, head, moved
from mcfsm.pictures.slanted import Slant, worded

Style = Literal["3gpp", "rows"]
STYLES: tuple[Style, ...] = ("3gpp", "rows")
APART = 7.0  # between two rows
BETWEEN = 3.0  # two heads


@dataclass(frozen=True)
class Caption:
    """What stands under a figure: a title, and lines that say where it holds."""

    title: str
    lines: tuple[str, ...] = ()


def sequence_figures(
    made: Chart,
    words: ChartWords,
    *,
    caption: Caption | None = None,
    ending: Ending | None = None,
    sentences: bool = False,
    page: Page = LONG,
    style: Style = "3gpp",
) -> list[Figure]:
    """The figure of a chart, in as many parts as the page needs; `sentences`: with each step as one below it."""
    said = words.sentences if sentences else ()
    return _Layout(made, words, ending, page, style).figures(caption or Caption(""), said)


class _Layout:
    """Places the rows one below the other as if there were no page, then cuts between them."""

    def __init__(self, made: Chart, words: ChartWords, ending: Ending | None, page: Page, style: Style) -> None:
        self.chart, self.words, self.ending, self.page, self.style = made, words, ending, page, style
        boxes: dict[int, list[str]] = {}
        for step in made.steps:
            if step.arrow is None and step.participant is not None:
                boxes.setdefault(step.participant, []).append(words.doings[step.number])
        for name, values in ending.values if ending else ():
            if name in made.participants:
                boxes.setdefault(made.participants.index(name), []).extend(values)
        self.at = lifelines(words, boxes, page)
        self.size, self.step_down = self.at.size, self.at.line
        self.under: list[Mark] = []  # messages, below everything that has words
        self.over: list[Mark] = []
        self.sent: dict[int, float] = {}  # step: where its messages leave
        self.slants: list[tuple[int, Slant]] = []  # whose words are placed once all lines are drawn, and behind what
        self.ends: list[float] = []  # where each row ends
        self.frame: float | None = None  # where the loop begins
        self.wide = 0.0  # how wide the words below are

    # ---- rows

    def figures(self, caption: Caption, sentences: Sequence[str]) -> list[Figure]:
        """All parts, the last with the caption and the sentences below it."""
        y = 0.0
        for step in self.chart.steps:
            if self.chart.before(step) is not None:
                self.frame = y
            y = self.row(step, y)
        y = self.close(y)
        slants = [slant for _, slant in self.slants]
        placed = worded(slants, [*self.under, *self.over], self.step_down, self.size, self.breaks())
        for (behind, _), marks in reversed(list(zip(self.slants, placed, strict=True))):
            self.over[behind:behind] = marks
        words, ends = self.below(caption, sentences, y)
        return self.parts(caption, words, [*self.ends, *ends], y)

    def row(self, step: ChartStep, y: float) -> float:
        """Draw a step from a height on; where the next one begins."""
        if step.arrow is not None:
            bottom = self.arrow(step.arrow, y)
            self.sent[step.number] = bottom + 2
        elif step.participant is None:
            bottom = self.sent[step.number] = self.across(self.words.doings[step.number], y)
        else:
            bottom = self.sent[step.number] = self.box(step.participant, [self.words.doings[step.number]], y)
        for arrow in step.pending:
            bottom = self.arrow(arrow, bottom + APART)
        self.ends.append(bottom + APART)
        return bottom + APART

    def box(self, participant: int, texts: Sequence[str], y: float, *, ink: Ink = "ink", fill: Ink = "fill") -> float:
        """A box on a lifeline; where it ends."""
        lines = [line for text in texts for line in balanced(text, self.at.boxes[participant] - 8, self.size)]
        width = max(text_width(line, self.size) for line in lines) + 10
        height, place = len(lines) * self.step_down + 6, self.at.places[participant]
        self.over.append(Box(place - width / 2, y, width, height, fill, ink))
        self.text(place, y + 3, lines)
        return y + height

    def text(self, x: float, y: float, lines: Sequence[str], *, bold: bool = False) -> None:
        """Lines in the middle of a place, from a height on."""
        for i, line in enumerate(lines):
            base = y + i * self.step_down + self.size * 0.95
            self.over.append(TextLine(x, base, line, self.size, bold=bold, anchor="middle"))

    def across(self, text: str, y: float, *, ink: Ink = "ink", fill: Ink = "fill", bold: bool = False) -> float:
        """A box over all lifelines: what concerns everybody; where it ends."""
        left, right = self.ends_across()
        lines = fitted(text, right - left - 16, self.size, bold=bold)
        height = len(lines) * self.step_down + 6
        self.over.append(Box(left, y, right - left, height, fill, ink))
        self.text((left + right) / 2, y + 3, lines, bold=bold)
        return y + height

    def ends_across(self) -> Point:
        """Where what concerns everybody begins and ends."""
        if len(self.at.places) < 2:
            return EDGE, self.at.width - EDGE
        return max(EDGE, self.at.places[0] - 40), min(self.at.width - EDGE, self.at.places[-1] + 40)

    def arrow(self, arrow: Arrow, y: float) -> float:
        """A message with its words above its end; where it ends."""
        places, words = self.at.places, self.words.messages[arrow]
        start, end = places[arrow.sender], places[arrow.receiver]
        if arrow.sender == arrow.receiver:
            return self.own(start, words, y)
        way = 1 if end > start else -1
        undone = arrow.received is None or arrow.fault is not None
        if self.style == "3gpp" and arrow.delayed and arrow.sent in self.sent and not undone:
            return self.slanted(arrow, words, y)
        beside = self.until(words, start, [places[i] for i in range(arrow.sender, arrow.receiver, way)][1:], end)
        lines = balanced(words, abs(beside - start) - 2 * PAD, self.size)
        self.ground((start + beside) / 2, y, lines)
        height = y + len(lines) * self.step_down + 3
        if undone:
            stop = (end - way * min(16.0, abs(end - start) / 4), height)
            self.under.append(Line(((start, height), stop), dash="4 2.5"))
            self.under += cross(*stop) if arrow.lost or arrow.fault == "loss" else open_head(stop, way)
            return height + 3
        self.under += [Line(((start, height), (end, height))), head((end, height), (start, height))]
        return height

    def slanted(self, arrow: Arrow, words: str, y: float) -> float:
        """A message that others overtake: from where it is sent; there is room for its words where it arrives."""
        start, end = self.at.places[arrow.sender], self.at.places[arrow.receiver]
        way = 1 if end > start else -1
        origin, tip = (start, self.sent[arrow.sent or 0]), (end, y + 4)
        self.under += [Line((origin, tip)), head(tip, origin)]
        self.under.append(Box(start - 1.6, origin[1] - 1.6, 3.2, 3.2, "ink", None, 1.6))
        between = [self.at.places[i] for i in range(arrow.receiver, arrow.sender, -way)][1:]
        near = self.until(words, end, between, start)
        lines = balanced(words, abs(end - near) - 2 * PAD - 4, self.size)
        self.slants.append((len(self.over), Slant(origin, tip, tuple(lines), (end - way * (PAD + 4), y + 1.5))))
        return y + 1.5 + len(lines) * self.step_down

    def breaks(self) -> list[float]:
        """Where a page may end, so that no words go over it."""
        return [] if self.page.height is None else self.ends

    def until(self, words: str, begin: float, between: Sequence[float], end: float) -> float:
        """The lifeline up to which a text beside another one is written: the nearest where it takes no more lines."""
        fewest = len(fitted(words, abs(end - begin) - 2 * PAD - 4, self.size))
        for place in between:
            if len(fitted(words, abs(place - begin) - 2 * PAD - 4, self.size)) <= fewest:
                return place
        return end

    def ground(self, x: float, y: float, lines: Sequence[str]) -> None:
        """Words over lines: on a ground of their own."""
        for i, line in enumerate(lines):
            width = text_width(line, self.size) + 3
            self.over.append(Box(x - width / 2, y + i * self.step_down, width, self.step_down, "paper", None))
        self.text(x, y, lines)

    def own(self, place: float, words: str, y: float) -> float:
        """A message to oneself: a hook to the right, its words beside it."""
        index = self.at.places.index(place)
        far = self.at.places[index + 1] if index + 1 < len(self.at.places) else self.at.width
        lines = fitted(words, far - place - LOOP - 2 * PAD, self.size)
        bottom = y + max(len(lines) * self.step_down, 12.0)
        for i, line in enumerate(lines):
            base = y + i * self.step_down + self.size * 0.95
            self.over.append(TextLine(place + LOOP + 4, base, line, self.size))
        self.under.append(Line(((place, y + 3), (place + LOOP, y + 3))))
        self.under.append(Line(((place + LOOP, y + 3), (place + LOOP, bottom))))
        self.under += [Line(((place + LOOP, bottom), (place, bottom))), head((place, bottom), (place + LOOP, bottom))]
        return bottom + 2

    # ---- the end

    def close(self, y: float) -> float:
        """The end of a loop, and the state in which the flow ends."""
        if self.chart.ending is not None:
            if self.frame is not None:
                y += self.step_down
                self.loop(self.frame - 4, y)
                y += 5
            else:
                y = self.across(self.chart.ending, y) + APART
            self.ends.append(y)
        if self.ending is None:
            return y
        ink: Ink = "mark" if self.ending.broken else "ink"
        fill: Ink = "tint" if self.ending.broken else "fill"
        top = y
        y = self.across(self.ending.said, y, ink=ink, fill=fill, bold=True)
        if self.ending.broken:
            left, right = self.ends_across()
            self.over += [*cross(left + 7, (top + y) / 2, ink="mark"), *cross(right - 7, (top + y) / 2, ink="mark")]
        y += 4
        bottoms = [y]
        rest = list(self.ending.others)
        for name, values in self.ending.values:
            if name in self.chart.participants:
                bottoms.append(self.box(self.chart.participants.index(name), values, y, ink=ink, fill=fill))
            else:
                rest += [f"{name}: {', '.join(values)}"]
        y = max(bottoms)
        if rest:
            y = self.across("; ".join(rest), y + (4 if len(bottoms) > 1 else 0), ink=ink, fill=fill)
        self.ends.append(y + APART)
        return y + APART

    def loop(self, top: float, bottom: float) -> None:
        """The frame around the steps that are done again and again."""
        left, right = EDGE / 2, self.at.width - EDGE / 2
        for one, other in (
            ((left, top), (right, top)),
            ((left, bottom), (right, bottom)),
            ((left, top), (left, bottom)),
            ((right, top), (right, bottom)),
        ):
            self.under.append(Line((one, other), "grey", dash="6 3"))
        said = f"loop: {self.chart.ending}"
        width = text_width(said, self.size) + 8
        self.over.append(Box(left, bottom - self.step_down - 2, width, self.step_down + 2, "paper", "grey"))
        self.over.append(TextLine(left + 4, bottom - self.size * 0.35 - 1, said, self.size, ink="grey"))

    # ---- below and around

    def below(self, caption: Caption, sentences: Sequence[str], y: float) -> tuple[list[Mark], list[float]]:
        """The caption and the sentences, from a height on, with the heights where each line ends."""
        most = self.at.width - 2 * EDGE
        if caption.title or sentences:
            most = max(most, min(self.page.width, 420.0) - 2 * EDGE)
        said = [(line, True) for line in balanced(caption.title, most, self.size, bold=True)]
        said += [(line, False) for text in caption.lines for line in fitted(text, most, self.size)]
        widest = max((text_width(line, self.size, bold=bold) for line, bold in said), default=0.0)
        width = most if sentences else max(self.at.width - 2 * EDGE, widest)
        marks: list[Mark] = []
        ends: list[float] = []
        y += 4

        def put(text: str, x: float, *, bold: bool = False, anchor: Literal["start", "middle"] = "start") -> None:
            marks.append(TextLine(x, y + self.size * 0.95, text, self.size, bold=bold, anchor=anchor))

        for line, bold in said:
            put(line, width / 2 + EDGE, bold=bold, anchor="middle")
            y += self.step_down
        ends += [y] if said else []
        self.wide = width + 2 * EDGE
        y += 4 if sentences else 0
        indent = text_width(f"{len(sentences)}. ", self.size) + 3
        for number, sentence in enumerate(sentences, 1):
            put(f"{number}.", EDGE)
            for line in fitted(sentence, width - indent, self.size):
                put(line, EDGE + indent)
                y += self.step_down
            y += 2
            ends.append(y)
        return marks, ends

    def parts(self, caption: Caption, words: list[Mark], ends: list[float], rows: float) -> list[Figure]:
        """The figure cut where a row ends, each part under the names of the entities as long as there are rows."""
        top = self.heads()
        high = max((mark.y + mark.height for mark in top if isinstance(mark, Box)), default=0.0) + APART
        room = None if self.page.height is None else self.page.height - high - 2 * EDGE - self.step_down - 2
        cuts = [0.0]
        for before, end in zip([0.0, *ends], ends, strict=False):
            if room is not None and end - cuts[-1] > room and before > cuts[-1]:
                cuts.append(before)
        last = max([rows, *ends])
        width = max(self.at.width, self.wide)
        shift = (width - self.at.width) / 2
        figures = []
        for number, (begin, end) in enumerate(zip(cuts, [*cuts[1:], last + 1], strict=True), 1):
            shown = min(end, rows - APART + 3)
            marks: list[Mark] = []
            head_room = high if begin < rows - APART else 0.0
            if head_room:
                lines = [Line(((x, high - APART), (x, high + shown - begin)), "rule") for x in self.at.places]
                drawn = [*lines, *top, *moved(cut([*self.under, *self.over], begin, end), 0, high)]
                marks += moved(drawn, shift, 0)
            marks += moved(cut(words, begin, end), 0, head_room)
            height = head_room + min(end, last) - begin
            if len(cuts) > 1:
                note = f"part {number} of {len(cuts)}"
                marks.append(TextLine(width / 2, height + self.size, note, self.size, anchor="middle", ink="grey"))
                height += self.step_down
            figures.append(Figure(width, height + EDGE + 2, tuple(marks), caption.title, "; ".join(caption.lines)))
        return figures

    def heads(self) -> list[Mark]:
        """The boxes with the names of the entities."""
        names: list[list[str]] = []
        taken = EDGE - BETWEEN  # by the head before
        for i, name in enumerate(self.words.names):
            place = self.at.places[i]
            after = self.at.width - EDGE + BETWEEN
            if i + 1 < len(self.at.places):
                after = self.at.places[i + 1] - self.at.heads[i + 1] / 2
            room = 2 * (min(place - taken, after - place) - BETWEEN)
            names.append(balanced(name, max(room, self.at.heads[i]) - HEAD, self.size, bold=True))
            taken = place + (max(text_width(line, self.size, bold=True) for line in names[-1]) + HEAD) / 2
        rows = max(map(len, names), default=0)
        marks: list[Mark] = []
        for place, lines in zip(self.at.places, names, strict=True):
            width = max(text_width(line, self.size, bold=True) for line in lines) + HEAD
            height = rows * self.step_down + 8
            marks.append(Box(place - width / 2, EDGE / 2, width, height, "fill", "ink", stroke=1.0))
            top = EDGE / 2 + 4 + (rows - len(lines)) * self.step_down / 2
            for i, line in enumerate(lines):
                base = top + i * self.step_down + self.size * 0.95
                marks.append(TextLine(place, base, line, self.size, bold=True, anchor="middle"))
        return marks


def open_head(tip: Point, way: int) -> list[Line | Area]:
    """The open head of a message that is still under way."""
    x, y = tip
    return [Line(((x - way * 5, y - 2.6), tip)), Line(((x - way * 5, y + 2.6), tip))]
