"""The records of a text: its cover page, clauses, parts, figures and tables, each with its place and its address.

The address of a part is that by which a catalogue of items names it: 10.16.5.3-4 is step 4 of a clause, -pre-1 its
first precondition, -NOTE2 a note, -EN an Editor's note, -fig the figure; -IE3 is a row of a table of
information elements.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

PartKind = Literal[
    "statement", "step", "precondition", "bullet", "note", "editors_note", "figure", "element", "table_note"
]
_PREFIXES: dict[PartKind, str] = {
    "statement": "p",
    "step": "",
    "precondition": "pre-",
    "bullet": "list-",
    "note": "NOTE",
    "editors_note": "EN",
    "figure": "fig",
    "element": "IE",
    "table_note": "NOTE",
}
NUMBER = r"(?:\d+[a-z]?|[A-Z])(?:\.\d+[a-z]?)+"  # of a clause
COVER_PAGE = "cover page"  # where its lines stand, in place of a clause
_END = re.compile(r"(?<=[.!?])\s+(?=[\"“'(]?[A-Z])")
_NO_END = re.compile(r"(?:\b(?:e\.g|i\.e|etc|cf|vs|No|cl)\.)$")
_ANNEX = re.compile(r"[A-Z](?:\.|$)|Annex")


@dataclass(frozen=True)
class Heading:
    """A heading."""

    number: str
    title: str
    line: int

    @property
    def annex(self) -> bool:
        """Whether it stands in an annex."""
        return _ANNEX.match(self.number) is not None


@dataclass(frozen=True)
class TextPart:
    """A paragraph of a clause, or a row of a table: `number` as it is written, without the word before it."""

    kind: PartKind
    clause: str
    number: str
    line: int
    text: str  # without its mark
    mark: str = ""  # what stands before it: "NOTE 1:", "4."

    @property
    def address(self) -> str:
        """How a catalogue names it."""
        return f"{self.clause}-{_PREFIXES[self.kind]}{self.number}"

    @cached_property
    def sentences(self) -> tuple[str, ...]:
        """Its sentences, as they are written."""
        return sentences_of(self.text)


@dataclass(frozen=True)
class CaptionLine:
    """The line below a figure or above a table."""

    number: str
    title: str
    line: int
    clause: str


@dataclass(frozen=True)
class ElementRow:
    """A row of a table of information elements."""

    name: str
    presence: str
    description: str
    line: int


@dataclass(frozen=True)
class ElementTable:
    """A table of information elements. `caption` is None where it has none."""

    caption: CaptionLine | None
    clause: str
    line: int
    elements: tuple[ElementRow, ...]


@dataclass(frozen=True)
class CoverEntry:
    """An entry of the cover page of a change request."""

    name: str
    line: int
    lines: tuple[tuple[int, str], ...]

    @property
    def text(self) -> str:
        """All of it."""
        return "\n".join(said for _, said in self.lines)


@dataclass(frozen=True)
class Specification:
    """What is known of the document that a text belongs to, beside the text."""

    number: str | None = None  # "23.280"
    clauses: frozenset[str] = frozenset()


@dataclass(frozen=True)
class ReadText:
    """What a text holds, in its order."""

    cover: tuple[CoverEntry, ...]
    clauses: tuple[Heading, ...]
    parts: tuple[TextPart, ...]
    figures: tuple[CaptionLine, ...]
    captions: tuple[CaptionLine, ...]  # of all tables
    tables: tuple[ElementTable, ...]
    specification: Specification = Specification()

    def of(self, *kinds: PartKind) -> Iterator[TextPart]:
        """The parts of some kinds, in order."""
        return (part for part in self.parts if part.kind in kinds)

    def within(self, clause: str) -> list[TextPart]:
        """The parts of one clause."""
        return self._by_clause.get(clause, [])

    @cached_property
    def _by_clause(self) -> dict[str, list[TextPart]]:
        found: dict[str, list[TextPart]] = {}
        for part in self.parts:
            found.setdefault(part.clause, []).append(part)
        return found

    @property
    def with_cover(self) -> Iterator[TextPart]:
        """Every line of the cover page, and then every part."""
        for entry in self.cover:
            yield from (TextPart("statement", COVER_PAGE, "", line, said) for line, said in entry.lines)
        yield from self.parts

    @cached_property
    def annexes(self) -> frozenset[str]:
        """The numbers of the clauses that stand in an annex."""
        return frozenset(clause.number for clause in self.clauses if clause.annex)

    @cached_property
    def numbers(self) -> frozenset[str]:
        """The numbers of all clauses that it has."""
        return frozenset(clause.number for clause in self.clauses)


def sentences_of(text: str) -> tuple[str, ...]:
    """The sentences of a paragraph, as they are written."""
    found: list[str] = []
    for piece in _END.split(text.strip()):
        if found and _NO_END.search(found[-1]):
            found[-1] = f"{found[-1]} {piece}"
        elif piece:
            found.append(piece)
    return tuple(found)
