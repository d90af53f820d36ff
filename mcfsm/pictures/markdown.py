"""Texts of a model in Markdown: shown as they are written, never obeyed."""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape

from mcfsm.problems import printable

_SIGNS = re.compile(r"([\\`*{}\[\]#!|~]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])|://)")


def markdown(text: str) -> str:
    """A text on one line; whatever Markdown or HTML would read as a sign is escaped."""
    flat = escape(" ".join(printable(text).split()), quote=False)
    return _SIGNS.sub(lambda found: "".join(f"\\{c}" for c in found[1]), flat)


def row(cells: Iterable[str]) -> str:
    """A row of a table, of cells that are Markdown already."""
    return "| " + " | ".join(cells) + " |"


def page(lines: Iterable[str]) -> str:
    """The page of some lines that have no link and no tag of their own: what a model says makes none either."""
    return "".join(re.sub(r"<(?=[A-Za-z/!?])", "&lt;", line.replace("](", "]\\(")) + "\n" for line in lines)
