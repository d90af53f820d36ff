"""What a figure is made of, in points, and how it is written as SVG.

Lines, boxes and words with places: whoever lays out a figure makes these and knows no SVG. A figure that is too long
for a page is cut between its rows (`cut`), and a line that crosses the cut goes on in the next part. Arrow heads are
shapes of their own and colours are attributes, which every program that reads SVG understands; for a reader's dark
background there is a style sheet beside them. No colour says what a shape or a word does not say too.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from html import escape
from math import hypot
from typing import Literal

from mcfsm.pictures.metrics import FAMILY, text_width
from mcfsm.problems import printable

Ink = Literal["ink", "grey", "rule", "fill", "paper", "mark", "tint"]
Theme = Literal["auto", "light", "dark"]
Point = tuple[float, float]
LIGHT: dict[Ink, str] = {
    "ink": "#1a1a1a",
    "grey": "#595959",  # 7 to 1 on white
    "rule": "#8c8c8c",
    "fill": "#f2f5f9",
    "paper": "#ffffff",
    "mark": "#b00020",
    "tint": "#fdecee",
}
DARK: dict[Ink, str] = {
    "ink": "#ececec",
    "grey": "#b4b4b4",
    "rule": "#7d7d7d",
    "fill": "#26303c",
    "paper": "#14181d",
    "mark": "#ff8a95",
    "tint": "#3d1f24",
}


@dataclass(frozen=True)
class Line:
    """A line through some points; `curved`: the points are those of cubic Bezier curves, end to end."""

    points: tuple[Point, ...]
    ink: Ink = "ink"
    width: float = 0.75
    dash: str = ""
    curved: bool = False


@dataclass(frozen=True)
class Area:
    """A filled shape with straight sides: the head of an arrow."""

    points: tuple[Point, ...]
    ink: Ink = "ink"


@dataclass(frozen=True)
class Box:
    """A rectangle, with its rounded corners; `ink` None: no border."""

    x: float
    y: float
    width: float
    height: float
    fill: Ink | None = "fill"
    ink: Ink | None = "ink"
    radius: float = 0.0
    stroke: float = 0.75
    dash: str = ""


@dataclass(frozen=True)
class TextLine:
    """A text on one line; `x` is its start, middle or end, `y` the line that it stands on."""

    x: float
    y: float
    text: str
    size: float
    bold: bool = False
    italic: bool = False
    anchor: Literal["start", "middle", "end"] = "start"
    ink: Ink = "ink"

    @property
    def width(self) -> float:
        """How wide it is."""
        return text_width(printable(self.text), self.size, bold=self.bold)

    @property
    def left(self) -> float:
        """Where it starts."""
        return self.x - {"start": 0.0, "middle": 0.5, "end": 1.0}[self.anchor] * self.width


Mark = Line | Area | Box | TextLine


@dataclass(frozen=True)
class Figure:
    """A figure of some size, whose later marks lie over its earlier ones; its name and description are read aloud."""

    width: float
    height: float
    marks: tuple[Mark, ...]
    name: str = ""
    description: str = ""


def head(tip: Point, came_from: Point, *, ink: Ink = "ink", length: float = 6.5) -> Area:
    """The filled head of an arrow that ends at `tip`."""
    dx, dy = tip[0] - came_from[0], tip[1] - came_from[1]
    long = hypot(dx, dy) or 1.0
    ux, uy = dx / long, dy / long
    x, y, half = tip[0] - ux * length, tip[1] - uy * length, length * 0.36
    return Area((tip, (x - uy * half, y + ux * half), (x + uy * half, y - ux * half)), ink)


def cross(x: float, y: float, half: float = 3.2, *, ink: Ink = "ink", width: float = 1.1) -> list[Line]:
    """An x: a message that is lost, a promise that is broken."""
    return [
        Line(((x - half, y - half), (x + half, y + half)), ink, width),
        Line(((x - half, y + half), (x + half, y - half)), ink, width),
    ]


def cut(marks: Iterable[Mark], top: float, bottom: float) -> list[Mark]:
    """What lies between two heights, moved up so that `top` becomes 0. Straight lines are cut where they cross."""
    kept: list[Mark] = []
    for mark in marks:
        match mark:
            case Line(points=((x1, y1), (x2, y2)), curved=False):
                if max(y1, y2) < top or min(y1, y2) >= bottom:
                    continue
                ends = []
                for x, y in mark.points:
                    inside = min(max(y, top), bottom)
                    ends.append((x if y == inside else x1 + (x2 - x1) * (inside - y1) / (y2 - y1), inside - top))
                kept.append(replace(mark, points=tuple(ends)))
            case Line(points=points) | Area(points=points):
                if top <= points[0][1] < bottom:
                    kept.append(replace(mark, points=tuple((x, y - top) for x, y in points)))
            case Box(y=y) | TextLine(y=y):
                if top <= y < bottom:
                    kept.append(replace(mark, y=y - top))
    return kept


def moved(marks: Iterable[Mark], dx: float, dy: float) -> list[Mark]:
    """The marks elsewhere."""
    return [
        replace(mark, points=tuple((x + dx, y + dy) for x, y in mark.points))
        if isinstance(mark, Line | Area)
        else replace(mark, x=mark.x + dx, y=mark.y + dy)
        for mark in marks
    ]


# ---- as SVG


def svg(figure: Figure, *, theme: Theme = "auto") -> str:
    """The figure as SVG, in points; `auto` is light, and dark where the reader asks for dark."""
    colours = DARK if theme == "dark" else LIGHT
    wide, high = _number(figure.width), _number(figure.height)
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{wide}pt" height="{high}pt" viewBox="0 0 {wide} {high}"'
        f' role="img" font-family="{FAMILY}">',
    ]
    lines += [f"<title>{clean(figure.name)}</title>"] if figure.name else []
    lines += [f"<desc>{clean(figure.description)}</desc>"] if figure.description else []
    lines += [f"<style>{_DARK_SHEET}</style>"] if theme == "auto" else []
    lines.append(_mark(Box(0, 0, figure.width, figure.height, "paper", None), colours))
    lines += [_mark(mark, colours) for mark in figure.marks]
    return "\n".join([*lines, "</svg>"]) + "\n"


def clean(text: str) -> str:
    """The text for use in XML, escaped, on one line."""
    return escape(" ".join(printable(text).split()), quote=True)


_DARK_RULES = " ".join(f".f-{ink} {{fill: {colour}}} .s-{ink} {{stroke: {colour}}}" for ink, colour in DARK.items())
_DARK_SHEET = f"@media (prefers-color-scheme: dark) {{{_DARK_RULES}}}"


def _number(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")


def _mark(mark: Mark, colours: dict[Ink, str]) -> str:
    match mark:
        case Line():
            return _line(mark, colours)
        case Area():
            return f'<path d="{_path(mark.points)} Z" fill="{colours[mark.ink]}" class="f-{mark.ink}"/>'
        case Box():
            return _box(mark, colours)
        case TextLine():
            look = (' font-weight="bold"' if mark.bold else "") + (' font-style="italic"' if mark.italic else "")
            anchor = "" if mark.anchor == "start" else f' text-anchor="{mark.anchor}"'
            place = f'x="{_number(mark.x)}" y="{_number(mark.y)}" font-size="{_number(mark.size)}"'
            paint = f'fill="{colours[mark.ink]}" class="f-{mark.ink}"'
            return f"<text {place}{anchor}{look} {paint}>{clean(mark.text)}</text>"


def _path(points: Sequence[Point]) -> str:
    return "M" + " L".join(f"{_number(x)},{_number(y)}" for x, y in points)


def _line(mark: Line, colours: dict[Ink, str]) -> str:
    path = _path(mark.points)
    if mark.curved:
        first, *rest = (f"{_number(x)},{_number(y)}" for x, y in mark.points)
        path = f"M{first} C{' '.join(rest)}"
    dash = f' stroke-dasharray="{mark.dash}"' if mark.dash else ""
    paint = f'fill="none" stroke="{colours[mark.ink]}" stroke-width="{_number(mark.width)}" class="s-{mark.ink}"'
    return f'<path d="{path}" {paint}{dash}/>'


def _box(mark: Box, colours: dict[Ink, str]) -> str:
    place = f'x="{_number(mark.x)}" y="{_number(mark.y)}"'
    size = f'width="{_number(mark.width)}" height="{_number(mark.height)}"'
    names = [f"f-{mark.fill}"] if mark.fill else []
    names += [f"s-{mark.ink}"] if mark.ink else []
    paint = f'fill="{colours[mark.fill] if mark.fill else "none"}"'
    if mark.ink:
        paint += f' stroke="{colours[mark.ink]}" stroke-width="{_number(mark.stroke)}"'
    paint += f' rx="{_number(mark.radius)}"' if mark.radius else ""
    paint += f' stroke-dasharray="{mark.dash}"' if mark.dash else ""
    return f'<rect {place} {size} {paint} class="{" ".join(names)}"/>'
