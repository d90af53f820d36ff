"""How wide a text is, by the metrics of a font, and how it is broken into lines.

The font is Liberation Sans, whose letters are as wide as those of Arial and Helvetica: a figure drawn here keeps its
measure in a document of 3GPP. The advance widths come with this package (`liberation_sans.json`, all characters of
version 2.1.5 of the font, by width), so that every machine lays a figure out alike, whatever fonts it has.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable
from functools import cache
from importlib.resources import files

FAMILY = "Arial, 'Liberation Sans', Helvetica, sans-serif"
_SOFT = re.compile(r"(?<=[_/,;:)=.-])(?=[^\s_/,;:)=.-])|(?<=[a-z])(?=[A-Z(])")  # where a long word is best broken


def text_width(text: str, size: float, *, bold: bool = False) -> float:
    """The width of a text in the unit of its size."""
    widths, unit = _widths(bold)
    return sum(widths[c] if c in widths else _unknown(c, unit) for c in text) * size / unit


@cache
def _widths(bold: bool) -> tuple[dict[str, int], int]:
    """The advance of each character of the font, and how many units make an em."""
    known = json.loads((files(__package__) / "liberation_sans.json").read_text(encoding="utf-8"))
    face = known["bold" if bold else "regular"]
    return {c: int(width) for width, characters in face.items() for c in characters}, known["units_per_em"]


def _unknown(c: str, unit: int) -> int:
    """The width of a character that another font will draw: none for what stands on another, else a full em."""
    return 0 if unicodedata.combining(c) or unicodedata.category(c) == "Cf" else unit


def fitted(text: str, width: float, size: float, *, bold: bool = False) -> list[str]:
    """The lines of a text, none wider than `width`, and none of its characters lost but blanks.

    It is broken at blanks; a word that is wider goes on in the next line after an underscore or another sign, and
    inside of a part only where that is wider too.
    """
    lines: list[str] = []
    for word in words_of(text):
        if lines and text_width(f"{lines[-1]} {word}", size, bold=bold) <= width:
            lines[-1] += f" {word}"
        else:
            lines += _broken(word, width, size, bold)
    return lines


def balanced(text: str, width: float, size: float, *, bold: bool = False) -> list[str]:
    """As few lines as `fitted` makes, of about the same width: no word alone on the last."""
    lines = fitted(text, width, size, bold=bold)
    low, high = 0.0, width
    for _ in range(7 if len(lines) > 1 else 0):
        middle = (low + high) / 2
        fits = len(fitted(text, middle, size, bold=bold)) <= len(lines) and middle >= least_width(
            [text], size, bold=bold
        )
        low, high = (low, middle) if fits else (middle, high)
    return fitted(text, high, size, bold=bold) if len(lines) > 1 else lines


def words_of(text: str) -> list[str]:
    """What blanks part; a no-break space parts nothing."""
    return [word for word in re.split(r"[^\S\xa0]+", text) if word]


def _broken(word: str, width: float, size: float, bold: bool) -> list[str]:
    """The lines of one word."""
    if text_width(word, size, bold=bold) <= width:
        return [word]
    lines = [""]
    for part in _SOFT.split(word):
        if lines[-1] and text_width(lines[-1] + part, size, bold=bold) > width:
            lines.append("")
        for c in part:
            if lines[-1] and text_width(lines[-1] + c, size, bold=bold) > width:
                lines.append("")
            lines[-1] += c
    return lines


def least_width(texts: Iterable[str], size: float, *, bold: bool = False) -> float:
    """How wide a column has to be for some texts if no part of a word is to be broken."""
    parts = (part for text in texts for word in words_of(text) for part in _SOFT.split(word))
    return max((text_width(part, size, bold=bold) for part in parts), default=0.0)
