"""The index of a folder of pictures as a page in Markdown: what each picture shows, in words.

What may live here: words about pictures that are drawn elsewhere. What may not: a picture, and anything that looks into
a folder; what is written there is the business of those who draw.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

FILE = "README.md"  # shown with its folder where code is hosted
_WRITTEN = "Written with the pictures; do not edit."


@dataclass(frozen=True)
class IndexEntry:
    """What one picture shows: a role or a promise, and where. `formats` are the suffixes of its files."""

    name: str
    formats: tuple[str, ...]
    subject: str
    where: str
    verdict: str = ""  # of a flow: what it decides


def index_page(title: str, diagrams: Iterable[IndexEntry], flows: Iterable[IndexEntry]) -> str:
    """The page: a table of state diagrams and a table of flows, in the order given; what is empty is left out."""
    lines = [f"# {title}", "", _WRITTEN, ""]
    for heading, columns, entries in (
        ("Roles as state diagrams", ("role", "in", "picture"), diagrams),
        ("Flows as sequence charts", ("promise", "in", "the flow shows", "picture"), flows),
    ):
        rows = [_cells(_words(entry)) for entry in entries]
        if rows:
            lines += [f"## {heading}", "", _cells(columns), "|---" * len(columns) + "|", *rows, ""]
    return "\n".join(lines[:-1]) + "\n"


def written_here(text: str) -> bool:
    """Whether a page is an index that was written here, and not somebody's own."""
    return _WRITTEN in text.splitlines()[:4]


def _words(entry: IndexEntry) -> list[str]:
    files = ", ".join(f"[{suffix.removeprefix('.')}]({entry.name}{suffix})" for suffix in entry.formats)
    return [entry.subject, entry.where, *([entry.verdict] if entry.verdict else []), files]


def _cells(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
