"""A document of a word processor with tracked changes: paragraphs, tables and figures, as change requests have them.

What may live here: how a thing is written in WordprocessingML. Revisions are those of ISO/IEC 29500-1, clause 17.13.5.
"""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from typing import Any

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt

from mcfsm.problems import printable

AUTHOR = "mcfsm"
_WIDTH = Cm(16.5)  # of the words on a page of A4
_TALLEST = Cm(18.5)  # so that it has room below a paragraph that leads to it
_DATE = "2000-01-01T00:00:00Z"  # the same text makes the same document


class TrackedDocument:
    """A document that is written from its beginning to its end."""

    def __init__(self, title: str) -> None:
        self._document = Document()
        self._revisions = 0
        section = self._document.sections[0]
        section.page_width, section.page_height = Cm(21), Cm(29.7)
        section.left_margin = section.right_margin = Cm(2.25)
        style = self._document.styles["Normal"]
        style.font.name, style.font.size = "Times New Roman", Pt(10)
        style.paragraph_format.space_after = Pt(9)
        for level in range(1, 5):
            heading = self._document.styles[f"Heading {level}"]
            heading.font.name, heading.font.size, heading.font.bold = "Arial", Pt(16 - 2 * level), False
            heading.font.color.rgb = None
        properties = self._document.core_properties
        properties.title, properties.author, properties.comments = printable(title, breaks=False), AUTHOR, ""

    def content(self) -> bytes:
        """The file."""
        written = BytesIO()
        self._document.save(written)
        return written.getvalue()

    def heading(self, text: str, level: int) -> None:
        """A heading, which no change touches."""
        self._document.add_heading(clean(text), level)

    def paragraph(self, text: str, *, bold: bool = False, centred: bool = False, mark: str | None = None) -> None:
        """A paragraph; with a mark ("4.") before it, one that hangs on it, as a step does."""
        added = self._document.add_paragraph()
        if mark is not None:
            added.paragraph_format.left_indent, added.paragraph_format.first_line_indent = Cm(1), Cm(-1)
            added.paragraph_format.tab_stops.add_tab_stop(Cm(1))
        if centred:
            added.alignment = WD_ALIGN_PARAGRAPH.CENTER
        added.add_run(clean(text if mark is None else f"{mark}\t{text}")).bold = bold

    def revised(self, before: str | None, after: str | None) -> None:
        """A paragraph that a change adds (nothing before), removes (nothing after), or writes anew."""
        added = self._document.add_paragraph()
        if before is None or after is None:
            self._mark_end(added, "w:ins" if before is None else "w:del")
        if before is not None:
            added._p.append(self._revision("w:del", before))
        if after is not None:
            added._p.append(self._revision("w:ins", after))

    def table(self, rows: Sequence[Sequence[str]], widths: Sequence[float], *, head: bool = True) -> None:
        """A table, its first row as a head; widths in centimetres."""
        table = self._document.add_table(rows=0, cols=len(widths))
        table.style = "Table Grid"
        table.autofit = False
        for number, row in enumerate(rows):
            cells = table.add_row().cells
            for cell, text, width in zip(cells, row, widths, strict=True):
                cell.width = Cm(width)
                lines = text.split("\n")
                for place, line in enumerate(lines):
                    paragraph = cell.paragraphs[0] if place == 0 else cell.add_paragraph()
                    paragraph.paragraph_format.space_after = Pt(3)
                    paragraph.add_run(clean(line)).bold = (head and number == 0) or (not head and cell is cells[0])
        for column, width in zip(table.columns, widths, strict=True):
            column.width = Cm(width)
        self._document.add_paragraph()

    def figure(self, png: bytes) -> None:
        """A figure in the width of the page, and no taller than it."""
        picture = self._document.add_picture(BytesIO(png), width=_WIDTH)
        if picture.height > _TALLEST:
            picture.width, picture.height = int(picture.width * _TALLEST / picture.height), _TALLEST
        self._document.paragraphs[-1].alignment = WD_ALIGN_PARAGRAPH.CENTER

    def page_break(self) -> None:
        """What follows begins a page."""
        self._document.add_paragraph().paragraph_format.page_break_before = True

    def _revision(self, kind: str, text: str) -> Any:
        """A run of words that a change adds or takes away."""
        revision = self._tracked(kind)
        run = OxmlElement("w:r")
        for place, words in enumerate(clean(text).split("\t")):
            if place:
                run.append(OxmlElement("w:tab"))
            piece = OxmlElement("w:t" if kind == "w:ins" else "w:delText")
            piece.set(qn("xml:space"), "preserve")
            piece.text = words
            run.append(piece)
        revision.append(run)
        return revision

    def _mark_end(self, paragraph: Any, kind: str) -> None:
        """Let the end of a paragraph be added or taken away too, so that none is left empty."""
        properties = paragraph._p.get_or_add_pPr()
        of_mark = OxmlElement("w:rPr")
        of_mark.append(self._tracked(kind))
        properties.append(of_mark)

    def _tracked(self, kind: str) -> Any:
        self._revisions += 1
        made = OxmlElement(kind)
        for name, value in (("w:id", str(self._revisions)), ("w:author", AUTHOR), ("w:date", _DATE)):
            made.set(qn(name), value)
        return made


def clean(text: str) -> str:
    """The text without characters that XML does not take, or that steer anything."""
    return "\t".join(printable(part, breaks=False) for part in text.split("\t"))
