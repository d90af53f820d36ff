"""Paragraphs put into a .docx as tracked insertions; everything else in it stays byte for byte as it is.

The text is not written anew from what was read of it: the new paragraphs are spliced into its bytes, where `expat` says
that a paragraph or a table ends, counted as `docx` counts them. What came of it is then read again and compared.
"""

from __future__ import annotations

import copy
import zipfile
from collections.abc import Mapping, Sequence
from io import BytesIO
from itertools import count
from pathlib import Path
from xml.parsers import expat
from xml.sax.saxutils import escape, quoteattr

from mcfsm.prose.blocks import Block, Blocks, Paragraph, has_no_place
from mcfsm.prose.docx import LEFT_ASIDE, TEXT, read_docx
from mcfsm.prose.plain import plain
from mcfsm.prose.word_xml import W

_DATE = "2000-01-01T00:00:00Z"  # the same text makes the same document


def with_insertions(path: Path, behind: Mapping[int, Sequence[str]], author: str) -> bytes:
    """A .docx with new paragraphs behind some of its own, by number, as changes that an author inserts.

    Behind a row of a table they stand behind the table. Raises TextError where the file cannot be read, or where what
    comes of it is not the same text with the changes rejected, and with them accepted the same and the new paragraphs.
    """
    source = read_docx(path)
    with zipfile.ZipFile(path) as archive:
        parts = [(copy.copy(entry), archive.read(entry)) for entry in archive.infolist()]
    text = next(content for entry, content in parts if entry.filename == TEXT)
    found = _Ends(text)
    last = {end: place for place, end in found.ends.items()}  # the last row of a table stands for all of them
    new: dict[int, list[str]] = {}
    for place in sorted(behind):
        new.setdefault(last[found.ends[place]], []).extend(behind[place])
    numbers = (str(number) for number in count(1) if str(number) not in found.revisions)
    for place in sorted(new, reverse=True):
        end = found.ends[place]
        added = "".join(_paragraph(said, author, next(numbers), next(numbers)) for said in new[place])
        text = text[:end] + added.encode() + text[end:]
    written = BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        for entry, content in parts:
            archive.writestr(entry, text if entry.filename == TEXT else content)
    _check(path, written, source.after, source.before or source.after, new)
    return written.getvalue()


class _Ends:
    """Where each paragraph ends, and the table of each row, in bytes; and the numbers that revisions have."""

    def __init__(self, text: bytes) -> None:
        self.ends: dict[int, int] = {}
        self.revisions: set[str] = set()
        self._text, self._tables, self._aside, self._rows = text, 0, 0, 0
        self._parser = expat.ParserCreate(namespace_separator=" ")
        self._parser.StartElementHandler = self._begin
        self._parser.EndElementHandler = self._end
        self._parser.Parse(text, True)

    def _begin(self, name: str, attributes: dict[str, str]) -> None:
        self.revisions.add(attributes.get(f"{W[1:-1]} id", ""))
        tag = _tag(name)
        self._aside += tag in LEFT_ASIDE
        self._tables += tag == f"{W}tbl"
        self._rows += tag == f"{W}tr"

    def _end(self, name: str) -> None:
        tag = _tag(name)
        self._aside -= tag in LEFT_ASIDE
        self._tables -= tag == f"{W}tbl"
        if self._tables or (tag == f"{W}p" and self._aside):
            return
        if tag == f"{W}tbl":
            numbers = range(len(self.ends) + 1, len(self.ends) + 1 + self._rows)
            self._rows = 0
        else:
            numbers = range(len(self.ends) + 1, len(self.ends) + 1 + (tag == f"{W}p"))
        if numbers:
            end = self._text.index(b">", self._parser.CurrentByteIndex) + 1
            self.ends.update(dict.fromkeys(numbers, end))


def _tag(name: str) -> str:
    """A name as lxml has it."""
    namespace, _, local = name.rpartition(" ")
    return f"{{{namespace}}}{local}"


def _paragraph(said: str, author: str, *numbers: str) -> str:
    """A paragraph of which the words and the end are inserted."""
    by = f'w:author={quoteattr(author)} w:date="{_DATE}"'
    of_mark, of_words = (f'w:id="{number}" {by}' for number in numbers)
    words = "<w:tab/>".join(f'<w:t xml:space="preserve">{escape(part)}</w:t>' for part in said.split("\t"))
    return (
        f'<w:p xmlns:w="{W[1:-1]}"><w:pPr><w:rPr><w:ins {of_mark}/></w:rPr></w:pPr>'
        f"<w:ins {of_words}><w:r>{words}</w:r></w:ins></w:p>"
    )


def _check(path: Path, written: BytesIO, after: Blocks, before: Blocks, new: Mapping[int, Sequence[str]]) -> None:
    """Raise TextError where the changes do not read as they should."""
    wanted = [(block.line, _words(block)) for block in after]
    wanted += [(place, plain(said).strip()) for place, all_said in new.items() for said in all_said]
    wanted.sort(key=lambda pair: pair[0])  # keeps what is new behind what was there
    again = read_docx(path, written)
    accepted, rejected = [*map(_words, again.after)], [*map(_words, again.before or ())]
    if accepted != [words for _, words in wanted] or rejected != [*map(_words, before)]:
        raise has_no_place(str(path), "is not the same text with the change put into it", "use -o without --into")


def _words(block: Block) -> str:
    return block.text if isinstance(block, Paragraph) else "\t".join(block.cells)
