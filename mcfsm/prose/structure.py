"""Blocks of a text as what they are: cover page, headings, preconditions, steps, notes, figures, tables of elements."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from mcfsm.prose.blocks import Blocks, Paragraph, Row
from mcfsm.prose.text import (
    NUMBER,
    CaptionLine,
    CoverEntry,
    ElementRow,
    ElementTable,
    Heading,
    PartKind,
    ReadText,
    Specification,
    TextPart,
)

_HEADING = re.compile(rf"(?:({NUMBER})[\t ]+|(Annex [A-Z])\b\W*(?:\((?:informative|normative)\))?:?\s*)(.{{1,160}})")
_CAPTION = re.compile(r"(Figure|Table)\s+([\w.]+(?:-\d+\w?)?):\s*(.*)", re.DOTALL)
_STEP = re.compile(r"(\d+[a-z]?)([.)])\s+(?=\S)")
_LETTER = re.compile(r"([a-z])\)\s+")
_ROMAN = re.compile(r"([ivx]+)\)\s+")
_BULLET = re.compile(r"[-\N{BULLET}\N{EN DASH}\N{MINUS SIGN}]\s+")
_NOTE = re.compile(r"NOTE\s*(\d*)\s*:\s*")
_EDITORS_NOTE = re.compile(r"Editor.?s note(?:\s*\d+)?\s*:\s*", re.IGNORECASE)
_PRECONDITIONS = re.compile(r"Pre-?conditions?\s*:?\s*$", re.IGNORECASE)
_MARK = re.compile(r"[\s*]*\*\s*\*[\s*]*.*\bchanges?\b[\s*]*$", re.IGNORECASE)
_NOTES_OF_NAME = re.compile(r"\s*\((?:see )?NOTES?[^)]*\)")
_COVER = re.compile(
    r"(Title|Source to (?:WG|TSG)|Work item code|Date|Category|Release|Reason for change|Summary of change|"
    r"Consequences if not approved|Clauses affected|Other specs affected|Other specifications affected|Other comments|"
    r"This CR's revision history)\s*:?\s*$",
    re.IGNORECASE,
)


def structured(blocks: Blocks, specification: Specification = Specification()) -> ReadText:
    """What the blocks of a text are, which is one of a specification."""
    reading = _Reading(any(isinstance(block, Row) and _COVER.match(block.cells[0]) for block in blocks if _said(block)))
    for block in blocks:
        if isinstance(block, Paragraph):
            reading.paragraph(block)
        else:
            reading.row(block)
    return reading.text(specification)


def _said(block: Paragraph | Row) -> bool:
    return bool(block.text) if isinstance(block, Paragraph) else any(block.cells)


@dataclass
class _Reading:
    """What was read so far, and where in a clause the next paragraph stands."""

    on_cover: bool
    cover: list[CoverEntry] = field(default_factory=list)
    clauses: list[Heading] = field(default_factory=list)
    parts: list[TextPart] = field(default_factory=list)
    figures: list[CaptionLine] = field(default_factory=list)
    captions: list[CaptionLine] = field(default_factory=list)
    tables: list[ElementTable] = field(default_factory=list)
    clause: str = ""
    in_preconditions: bool = False
    outer: str = ""  # the step that letters stand below
    inner: str = ""  # the letter that Roman numbers stand below
    counts: dict[tuple[str, PartKind], int] = field(default_factory=dict)
    rows: list[Row] = field(default_factory=list)  # of a table, while it is read
    caption: CaptionLine | None = None  # that waits for its table

    def text(self, specification: Specification) -> ReadText:
        """All of it, when everything was read."""
        self._end_table()
        return ReadText(
            tuple(self.cover),
            tuple(self.clauses),
            tuple(self.parts),
            tuple(self.figures),
            tuple(self.captions),
            tuple(self.tables),
            specification,
        )

    def paragraph(self, block: Paragraph) -> None:
        """Read one paragraph."""
        self._end_table()
        said = block.text
        if _MARK.match(said):
            self.on_cover = False
            return
        heading = _heading(said)
        if heading is not None:
            self.on_cover, self.in_preconditions, self.outer, self.inner = False, False, "", ""
            self.clause = heading[0]
            self.clauses.append(Heading(*heading, block.line))
            return
        if self.on_cover:
            self._to_cover(block.line, said)
            return
        caption = _CAPTION.match(said)
        if caption is not None:
            self._caption(block, *caption.groups())
        elif _PRECONDITIONS.match(said):
            self.in_preconditions = True
        else:
            self._part(block.line, said)

    def row(self, block: Row) -> None:
        """Read one row of a table."""
        if self.on_cover:
            self._cover_row(block)
        elif any(block.cells):
            self.rows.append(block)

    def _to_cover(self, line: int, said: str) -> None:
        if self.cover and said:
            last = self.cover[-1]
            self.cover[-1] = CoverEntry(last.name, last.line, (*last.lines, (line, said)))

    def _cover_row(self, block: Row) -> None:
        for offset, cell in enumerate(block.cells):
            named = _COVER.match(cell)
            if named is not None:
                self.cover.append(CoverEntry(named[1], block.line + offset, ()))
            else:
                self._to_cover(block.line + offset, cell)

    def _caption(self, block: Paragraph, what: str, number: str, title: str) -> None:
        caption = CaptionLine(number, title.strip().rstrip("."), block.line, self.clause)
        self.in_preconditions, self.outer, self.inner = False, "", ""
        if what == "Table":
            self.captions.append(caption)
            self.caption = caption
        else:
            self.figures.append(caption)
            again = self._count("figure")
            self.parts.append(TextPart("figure", self.clause, "" if again == 1 else str(again), block.line, block.text))

    def _part(self, line: int, said: str) -> None:
        kind, number, rest = self._kind(said)
        mark = said[: len(said) - len(rest)].strip()
        self.parts.append(TextPart(kind, self.clause, number, line, rest, mark))

    def _kind(self, said: str) -> tuple[PartKind, str, str]:
        """What a paragraph is, its number, and what it says without it."""
        note, editors = _NOTE.match(said), _EDITORS_NOTE.match(said)
        if note is not None:
            return "note", note[1], said[note.end() :]
        if editors is not None:
            again = self._count("editors_note")
            return "editors_note", "" if again == 1 else str(again), said[editors.end() :]
        step, bullet = _STEP.match(said), _BULLET.match(said)
        if step is not None:
            return self._numbered(step[1], said[step.end() :])
        below = self._below(said)
        if below is not None:
            return below
        if bullet is not None:
            kind: PartKind = "precondition" if self.in_preconditions else "bullet"
            return kind, str(self._count(kind)), said[bullet.end() :]
        self.in_preconditions = False
        return "statement", str(self._count("statement")), said

    def _numbered(self, number: str, rest: str) -> tuple[PartKind, str, str]:
        again = number == "1" and self.counts.get((self.clause, "precondition"), 0) > 0
        if self.in_preconditions and not again:
            self._count("precondition")
            return "precondition", number, rest
        self.in_preconditions = False
        self.outer, self.inner = number, ""
        return "step", number, rest

    def _below(self, said: str) -> tuple[PartKind, str, str] | None:
        """A letter below a step, or a Roman number below a letter."""
        roman, letter = _ROMAN.match(said), _LETTER.match(said)
        follows = letter is not None and bool(self.inner) and ord(letter[1]) == ord(self.inner) + 1
        if roman is not None and self.inner and not follows:
            return "step", f"{self.outer}{self.inner}-{roman[1]}", said[roman.end() :]
        if letter is not None and self.outer:
            self.inner = letter[1]
            return "step", f"{self.outer}{letter[1]}", said[letter.end() :]
        return None

    def _count(self, kind: PartKind) -> int:
        count = self.counts.get((self.clause, kind), 0) + 1
        self.counts[self.clause, kind] = count
        return count

    def _end_table(self) -> None:
        """The table that was read, if there was one: its rows as parts, and its elements where it is one of those."""
        rows, self.rows = self.rows, []
        if not rows:
            return
        caption, self.caption = self.caption, None
        of_elements = rows[0].cells[0].casefold().startswith("information element")
        elements: list[ElementRow] = []
        for row in rows[1:] if of_elements else rows:
            note = _NOTE.match(row.cells[0])
            if note is not None:
                whole = " ".join(row.cells)
                self.parts.append(
                    TextPart("table_note", self.clause, note[1], row.line, whole[note.end() :], note[0].strip())
                )
            elif of_elements:
                name, presence, description = (*row.cells, "", "", "")[:3]
                elements.append(ElementRow(_NOTES_OF_NAME.sub("", name), presence, description, row.line))
                number = str(self._count("element"))
                self.parts.append(TextPart("element", self.clause, number, row.line, " | ".join(row.cells)))
        if of_elements:
            self.tables.append(ElementTable(caption, self.clause, rows[0].line, tuple(elements)))


def _heading(said: str) -> tuple[str, str] | None:
    """The number and the title, where a paragraph is a heading and no sentence."""
    found = _HEADING.fullmatch(said)
    if found is None or said.endswith((".", ";", ",")):
        return None
    title = found[3].strip()
    return (found[1] or found[2], title) if title[0].isupper() or not title[0].isalpha() else None
