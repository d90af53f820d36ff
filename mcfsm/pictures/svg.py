"""The sequence chart of a trace as SVG, drawn without any program.

By the rule of `report.chart`: an arrow lies in the row of the step that receives the message. One that was sent earlier
than the step before starts with a dot where it was sent, and runs down beside its sender's lifeline, broken, to the
row where it is received. Widths are those of a wide sans-serif font, so that with a narrower one nothing overlaps.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

from mcfsm.model import Model
from mcfsm.pictures.chart import Arrow, Chart, ChartStep, chart, undelivered
from mcfsm.pictures.dot import clean, stamped
from mcfsm.pictures.mermaid import sequence_source
from mcfsm.semantics.trace import Trace

SIZE, LINE = 12, 15  # of the text, and from one line of it to the next
INK, GREY, BOX = "#202020", "#606060", "#f4f6f9"
LEAST_GAP, MOST_GAP = 150, 270
BESIDE = 200  # width at which remarks and clauses are wrapped
LANE = 7  # between a lifeline and a message that waits beside it


def sequence_svg(trace: Trace, model: Model, *, title: str = "") -> str:
    """The sequence chart of a trace as SVG, carrying the digest of its Mermaid source."""
    made = chart(trace, model, title=title)
    return stamped(_Drawing(made).svg(), sequence_source(made))


def text_width(text: str, size: float = SIZE) -> float:
    """How wide a text is at most, roughly, in a wide sans-serif font."""
    ems = {"narrow": 0.42, "wide": 1.0, "large": 0.74, "other": 0.64}
    total = 0.0
    for c in text:
        if c in "iljtfrI.,:;'|!()[] -":
            total += ems["narrow"]
        elif c in "mwMW@%" or ord(c) > 0x2000:
            total += ems["wide"]
        else:
            total += ems["large" if c.isupper() or c in "=+<>" else "other"]
    return total * size


def fitted(text: str, width: float) -> list[str]:
    """The lines of a text, none wider than `width`: broken at blanks, and inside a word only where it is wider."""
    lines: list[str] = []
    for word in text.split():
        if lines and text_width(f"{lines[-1]} {word}") <= width:
            lines[-1] += f" {word}"
            continue
        rest = word
        while text_width(rest) > width and len(rest) > 1:
            fits = max(1, sum(1 for i in range(1, len(rest)) if text_width(rest[:i]) <= width))
            lines.append(rest[:fits])
            rest = rest[fits:]
        lines.append(rest)
    return lines


class _Drawing:
    """Places every step of a chart, top down, and collects lines below texts."""

    def __init__(self, made: Chart) -> None:
        self.chart = made
        self.lines: list[str] = []
        self.texts: list[str] = []
        self.lanes: dict[tuple[int, int], int] = {}  # (sent, received): lane beside the sender
        self.sides: dict[tuple[int, int], int] = {}  # (participant, direction): lanes there
        self.starts: dict[int, float] = {}  # step: the height at which its messages leave
        self.assign_lanes()
        self.places = self.lifelines()
        self.edge = (self.places[-1] if self.places else 170) + 90
        remarks = [text for step in made.steps for text in self.remarks(step)]
        told = max([text_width(line) for text in remarks for line in fitted(text, BESIDE)], default=0)
        self.cited = self.edge + (told + 16 if told else 0)
        cited = max([text_width(line) for step in made.steps for line in fitted(step.basis, BESIDE)], default=0)
        self.width = max(self.cited + cited + 16, text_width(made.title, 14) * 1.1 + 24)

    def remarks(self, step: ChartStep) -> Iterable[str]:
        yield from step.remarks
        yield from (undelivered(arrow) for arrow in step.pending)

    def assign_lanes(self) -> None:
        """For each message that waits, the lane nearest to its sender's lifeline that is free as long as it waits."""
        taken: dict[tuple[int, int, int], int] = {}  # (participant, direction, lane): free from this step on
        waiting = [arrow for step in self.chart.steps for arrow in step.sends]
        waiting += [step.receives for step in self.chart.steps if step.receives and step.receives.copied]
        for arrow in sorted(waiting, key=lambda arrow: arrow.sent or 0):
            if arrow.delayed and arrow.sent is not None and arrow.received is not None:
                side = arrow.sender, 1 if arrow.receiver >= arrow.sender else -1
                lane = next(i for i in range(len(self.chart.steps)) if taken.get((*side, i), 0) <= arrow.sent)
                taken[*side, lane] = arrow.received + 1
                self.lanes[self.key(arrow)] = max(lane, self.lanes.get(self.key(arrow), 0))
                self.sides[side] = max(self.sides.get(side, 0), lane + 1)

    @staticmethod
    def key(arrow: Arrow) -> tuple[int, int]:
        return arrow.sent or 0, arrow.received or 0

    def pad(self, participant: int, direction: int) -> float:
        """What a label keeps clear beside a lifeline."""
        return 10.0 + LANE * self.sides.get((participant, direction), 0)

    def lifelines(self) -> list[float]:
        """Where each lifeline stands: far enough apart for names, boxes, and every word of a label."""
        names = self.chart.participants
        gaps: list[float] = [
            max(LEAST_GAP, (text_width(a) + text_width(b)) / 2 + 40 + LANE * self.sides.get((i, 1), 0))
            for i, (a, b) in enumerate(pairwise(names))
        ]
        for arrow in self.arrows():
            low, high = sorted((arrow.sender, arrow.receiver))
            pads = self.pad(low, 1) + self.pad(high, -1)
            for gap in range(low, high):
                whole = text_width(arrow.label) + pads + 4
                wanted = min((whole if whole < MOST_GAP else whole / 2 + 30) / (high - low), MOST_GAP)
                longest = min(max(map(text_width, arrow.label.split()), default=0), 2 * MOST_GAP) + pads + 6
                gaps[gap] = max(gaps[gap], wanted, longest / (high - low))
        places = [36 + max(75.0, text_width(names[0]) / 2 + 10)] if names else []
        for wide in gaps:
            places.append(places[-1] + wide)
        return [float(round(place)) for place in places]

    def arrows(self) -> Iterable[Arrow]:
        for step in self.chart.steps:
            yield from [step.arrow] if step.arrow else []
            yield from step.pending

    # ---- primitives

    def text(self, x: float, y: float, text: str, *, anchor: str = "start", style: str = "") -> None:
        self.texts.append(f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{style}>{clean(text)}</text>')

    def label(self, x: float, y: float, text: str) -> None:
        """A text on the lifelines, on a ground that hides the lines behind it."""
        width = text_width(text) + 4
        place = f'x="{x - width / 2:.1f}" y="{y - SIZE + 1:.1f}" width="{width:.1f}" height="{SIZE + 2}"'
        self.texts.append(f'<rect {place} fill="white"/>')
        self.text(x, y, text, anchor="middle")

    def line(self, points: list[tuple[float, float]], *, dash: str = "", end: str = "", colour: str = INK) -> None:
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        extra = (f' stroke-dasharray="{dash}"' if dash else "") + (f' marker-end="url(#{end})"' if end else "")
        self.lines.append(f'<polyline points="{path}" fill="none" stroke="{colour}"{extra}/>')

    # ---- steps

    def svg(self) -> str:
        """The whole picture."""
        top = 34.0 if self.chart.title else 10.0
        if self.chart.title:
            self.text(12, 22, self.chart.title, style=' font-size="14" font-weight="bold"')
        for place, name in zip(self.places, self.chart.participants, strict=True):
            half = text_width(name) / 2 + 8
            self.box(place - half, top, 2 * half, 26, 2)
            self.text(place, top + 17, name, anchor="middle", style=' font-weight="bold"')
        y = top + 26 + 10
        for step in self.chart.steps:
            if (mark := self.chart.before(step)) is not None:
                y = self.across(mark, y)[1] + 12
            y = self.step(step, y)
        if self.chart.ending is not None:
            y = self.across(self.chart.ending, y)[1] + 12
        under = [
            f'<line x1="{place:.1f}" y1="{top + 26:.1f}" x2="{place:.1f}" y2="{y:.1f}" stroke="#a0a0a0"/>'
            for place in self.places
        ]
        width, height = round(self.width), round(y + 12)
        head = (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}"'
            f' font-family="Helvetica, Arial, sans-serif" font-size="{SIZE}" fill="{INK}">'
        )
        parts = ['<?xml version="1.0" encoding="UTF-8"?>', head, _MARKERS]
        parts += [f'<rect width="{width}" height="{height}" fill="white"/>', *under, *self.lines, *self.texts]
        return "\n".join([*parts, "</svg>"]) + "\n"

    def box(self, x: float, y: float, width: float, height: float, radius: float) -> None:
        self.texts.append(
            f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" rx="{radius}" fill="{BOX}"'
            f' stroke="{INK}"/>'
        )

    def step(self, step: ChartStep, y: float) -> float:
        """Draw a step from height `y` on; the height at which the next one begins."""
        remarks = [line for text in step.remarks for line in fitted(text, BESIDE)]
        cited = fitted(step.basis, BESIDE)
        beside = max(len(remarks), len(cited)) * LINE
        if step.arrow is not None:
            middle, bottom = self.arrow(step.arrow, y)
        elif step.participant is None:
            middle, bottom = self.across(step.action or "", y)
        else:
            middle, bottom = self.action(step, step.participant, y)
        self.starts[step.number] = bottom
        self.text(12, middle + 4, str(step.number), style=f' fill="{GREY}"')
        for i, line in enumerate(remarks):
            self.text(self.edge, middle + 4 + i * LINE, line, style=f' fill="{GREY}"')
        for i, line in enumerate(cited):
            self.text(self.cited, middle + 4 + i * LINE, line, style=f' fill="{GREY}" font-style="italic"')
        y = max(bottom, middle + beside - LINE / 2) + 12
        for arrow in step.pending:
            middle, bottom = self.arrow(arrow, y)
            for i, line in enumerate(fitted(undelivered(arrow), BESIDE)):
                self.text(self.edge, middle + 4 + i * LINE, line, style=f' fill="{GREY}"')
            y = bottom + 12
        return y

    def across(self, text: str, y: float) -> tuple[float, float]:
        """What concerns everybody: a line across all lifelines."""
        middle = y + 9
        left, right = (self.places[0] - 60, self.places[-1] + 60) if self.places else (40.0, 240.0)
        self.line([(left, middle), (right, middle)], dash="6 3", colour=GREY)
        self.label((left + right) / 2, middle + 4, text)
        return middle, y + 18

    def action(self, step: ChartStep, participant: int, y: float) -> tuple[float, float]:
        """A box on the lifeline of an instance that acts of itself."""
        lines = fitted(step.action or "", 118)
        width = max(map(text_width, lines)) + 16
        height, place = len(lines) * LINE + 8, self.places[participant]
        self.box(place - width / 2, y, width, height, 8)
        for i, line in enumerate(lines):
            self.text(place, y + 15 + i * LINE, line, anchor="middle")
        return y + height / 2, y + height

    def arrow(self, arrow: Arrow, y: float) -> tuple[float, float]:
        """An arrow with its label above it."""
        start, end = self.places[arrow.sender], self.places[arrow.receiver]
        direction = 1 if end >= start else -1
        undone = arrow.received is None or arrow.fault is not None
        if arrow.sender == arrow.receiver:
            low, high = start + self.pad(arrow.sender, 1), start + 110
        else:
            left, right = sorted((arrow.sender, arrow.receiver))
            low, high = min(start, end) + self.pad(left, 1), max(start, end) - self.pad(right, -1)
            near = arrow.sender, arrow.sender + direction  # the gap beside the sender, if the label fits into it
            beside = self.places[min(near)] + self.pad(min(near), 1), self.places[max(near)] - self.pad(max(near), -1)
            if text_width(arrow.label) <= beside[1] - beside[0]:
                low, high = beside
        label = fitted(arrow.label, high - low)
        for i, line in enumerate(label):
            self.label((low + high) / 2, y + 11 + i * LINE, line)
        height = y + len(label) * LINE + 4
        mark = "lost" if arrow.lost or arrow.fault == "loss" else "open" if undone else "head"
        if arrow.sender == arrow.receiver:
            side = start + 40
            self.line([(start, height), (side, height), (side, height + 12), (start, height + 12)], end=mark)
            return height, height + 14
        dash = "2 4" if undone else ""
        stop = end - direction * (14 if undone else 1)
        if arrow.delayed and arrow.sent in self.starts:
            lane = start + direction * LANE * (self.lanes.get(self.key(arrow), 0) + 1)
            sent = self.starts[arrow.sent] + 5
            self.lines.append(f'<circle cx="{start:.1f}" cy="{sent:.1f}" r="2.5"/>')
            self.line([(start, sent), (lane, sent), (lane, height)], dash="3 2")
            self.line([(lane, height), (stop, height)], end=mark)
        else:
            self.line([(start, height), (stop, height)], dash=dash, end=mark)
        return height, height + 4


def _marker(name: str, shape: str, tip: int, height: int, look: str) -> str:
    size = f'markerWidth="11" markerHeight="{height}" refX="{tip}" refY="{height // 2}" orient="auto"'
    return f'<marker id="{name}" {size}><path d="{shape}" {look}/></marker>'


_STROKE = f'fill="none" stroke="{INK}"'
_MARKERS = "\n".join([
    "<defs>",
    _marker("head", "M0,0 L10,4 L0,8 z", 9, 8, f'fill="{INK}"'),
    _marker("open", "M0,1 L9,5 L0,9", 9, 10, _STROKE),
    _marker("lost", "M1,1 L9,9 M1,9 L9,1", 5, 10, _STROKE),
    "</defs>",
])  # fmt: skip
