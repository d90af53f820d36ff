"""The text of a .docx before and after its tracked changes, read so that no file can do harm.

A .docx is a zip of XML. Of all its parts only the text is read; nothing in it is run, and nothing that it refers to is
fetched. A file is refused where it has macros, entities of XML, or parts of its text elsewhere, and where it is larger
unpacked, or deeper, than a text is. WordprocessingML: ISO/IEC 29500-1, clauses 17.3 and 17.13.5 (revisions).
"""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from mcfsm.problems import counted
from mcfsm.prose.blocks import Block, Paragraph, Row, Source, cannot_be_read, refused, too_large
from mcfsm.prose.list_numbers import ListCount, Lists, Place, read_lists
from mcfsm.prose.plain import plain
from mcfsm.prose.word_xml import W, elements

MOST_FILES = 5_000  # in the zip
MOST_UNPACKED = 128 * 2**20  # bytes, of all of them
MOST_RATIO = 300  # of a file larger than a megabyte: text is compressed to a tenth, a bomb to a thousandth
MOST_PARAGRAPHS = 200_000
MOST_CELLS = 64  # of a row
MOST_OF_LISTS = 16 * 2**20  # bytes of what says how paragraphs are numbered, and of what styles say
TEXT, _TYPES, _RELATIONS = "word/document.xml", "[Content_Types].xml", "word/_rels/document.xml.rels"
_NUMBERING, _STYLES = "word/numbering.xml", "word/styles.xml"
_SPACES = {f"{W}tab": "\t", f"{W}br": "\n", f"{W}cr": "\n", f"{W}noBreakHyphen": "-"}
LEFT_ASIDE = {
    f"{W}{name}" for name in ("instrText", "delInstrText", "drawing", "pict", "object", "sdtPr", "txbxContent")
}
LEFT_ASIDE.add("{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback")
_TEXT_OF_RUN, _TEXT_GONE, _TAB_STOPS = f"{W}t", f"{W}delText", f"{W}tabs"
_ADDED, _REMOVED = {f"{W}ins", f"{W}moveTo"}, {f"{W}del", f"{W}moveFrom"}
_FOLLOWED_BY_NOBODY = ("hyperlink", "attachedTemplate")  # kinds of reference to the outside that change no text


def read_docx(path: Path, content: IO[bytes] | None = None) -> Source:
    """The text of a .docx, after its changes and, where it tracks any, before. Raises TextError.

    `content`: what the file is to hold, where it is not written yet.
    """
    file = str(path)
    try:
        with zipfile.ZipFile(content or path) as archive:
            _check_archive(archive, file)
            notices = list(_check_relations(archive, file))
            with archive.open(TEXT) as stream:
                read = _Reader(file, _lists(archive, file)).read(stream)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
        raise cannot_be_read(file, f"is no .docx, or a damaged one: {error}", "save it anew") from None
    except OSError as error:
        raise cannot_be_read(file, f"cannot be read: {error.strerror or error}", "name a .docx file") from None
    if read.unknown:
        verb = "is" if read.unknown == 1 else "are"
        notices.append(
            f"{counted(read.unknown, 'paragraph')} {verb} numbered by the word processor in a way that is not read"
        )
    return Source(file, "paragraph", tuple(read.after), tuple(read.before) if read.tracks else None, tuple(notices))


def _check_archive(archive: zipfile.ZipFile, file: str) -> None:
    """Refuse what is larger than a text, and what has macros. Raises TextError."""
    entries = archive.infolist()
    names = {entry.filename for entry in entries}
    if TEXT not in names or _TYPES not in names:
        raise cannot_be_read(file, "is a zip, and no .docx: it has no text", "name a .docx or a .txt file")
    if len(entries) > MOST_FILES or len(names) < len(entries):
        raise refused(
            file, f"has {counted(len(entries), 'part')}, or two of one name", "save it anew in a word processor"
        )
    if any(entry.flag_bits & 1 for entry in entries):
        raise cannot_be_read(file, "is encrypted", "save it without a password")
    for entry in entries:
        if entry.file_size > 2**20 and entry.file_size > MOST_RATIO * max(entry.compress_size, 1):
            said = f"{entry.filename} would grow from {entry.compress_size:,} to {entry.file_size:,} bytes"
            raise too_large(file, said, "no text is like that: save it anew in a word processor")
    size = sum(entry.file_size for entry in entries)
    if size > MOST_UNPACKED:
        raise too_large(file, f"has {size >> 20} MB unpacked", "trace the clauses that are changed alone")
    macros = [name for name in sorted(names) if name.casefold().endswith(("vbaproject.bin", "vbadata.xml"))]
    if macros or b"macroEnabled" in archive.read(_TYPES):
        raise refused(file, f"has macros ({', '.join(macros) or 'by its type'})", "save it as .docx, which has none")


def _check_relations(archive: zipfile.ZipFile, file: str) -> Iterator[str]:
    """What the text refers to outside of the file, as a sentence. Raises TextError where text of it is there."""
    if _RELATIONS not in archive.namelist():
        return
    outside: list[str] = []
    for _, element in elements(archive.open(_RELATIONS), file):
        kind = str(element.get("Type", "")).rpartition("/")[2]
        if kind in ("subDocument", "aFChunk"):
            said = f"has a part of its text in another document ({kind})"
            raise refused(file, said, "put the whole text into one document")
        if element.get("TargetMode") == "External" and kind not in _FOLLOWED_BY_NOBODY:
            outside.append(kind)
    if outside:
        kinds = ", ".join(sorted(set(outside)))
        yield f"not followed: {counted(len(outside), 'reference')} to files outside ({kinds})"


def _lists(archive: zipfile.ZipFile, file: str) -> Lists:
    """The lists of a document. Raises TextError where there is more on them than on any text."""
    parts: list[Iterator[Any]] = []
    for name, tags in ((_NUMBERING, (f"{W}abstractNum", f"{W}num")), (_STYLES, (f"{W}style",))):
        size = archive.getinfo(name).file_size if name in archive.namelist() else 0
        if size > MOST_OF_LISTS:
            raise too_large(file, f"has {size >> 20} MB in {name}", "save it anew in a word processor")
        found = elements(archive.open(name), file, tag=tags) if size else iter(())
        parts.append(element for _, element in found)
    return read_lists(*parts)


@dataclass
class _Side:
    """The blocks on one side of the changes, and how far its lists are counted."""

    blocks: list[Block]
    count: ListCount
    pending: str = ""  # of a paragraph whose end the change takes away or has not brought yet


class _Reader:
    """Reads paragraphs and tables as they end, and lets go of each."""

    def __init__(self, file: str, lists: Lists) -> None:
        self.file = file
        self.after: list[Block] = []
        self.before: list[Block] = []
        self.tracks = False
        self.unknown = 0  # paragraphs whose number is not known
        self._count = 0
        self._lists = lists
        self._sides = (_Side(self.after, ListCount(lists)), _Side(self.before, ListCount(lists)))

    def read(self, stream: IO[bytes]) -> _Reader:
        """Read all of a text. Raises TextError."""
        tables = 0
        for event, element in elements(stream, self.file, ("start", "end"), (f"{W}tbl", f"{W}p")):
            if element.tag == f"{W}tbl":
                tables += 1 if event == "start" else -1
                if event == "end" and tables == 0:
                    self._table(element)
                    _let_go(element)
            elif event == "end" and tables == 0 and not _within_drawing(element):
                self._paragraph(element)
                _let_go(element)
        for side in self._sides:
            if side.pending:
                side.blocks.append(Paragraph(self._count, side.pending))
        return self

    def _paragraph(self, element: Any) -> None:
        self._next()
        mark = element.find(f"{W}pPr/{W}rPr")
        added, removed = _has(mark, _ADDED), _has(mark, _REMOVED)
        self.tracks |= added or removed
        parts = zip(self._sides, self._said(element), self._places(element), (removed, added), strict=True)
        for side, words, place, joined in parts:
            side.pending += words
            if not joined:  # else it is a part of the next paragraph, and has the number of that
                number = self._number(side, place)
                if side.pending.strip():
                    side.blocks.append(Paragraph(self._count, plain(number + side.pending).strip()))
                side.pending = ""

    def _table(self, table: Any) -> None:
        for row in table.iter(f"{W}tr"):
            self._next()
            properties = row.find(f"{W}trPr")
            added, removed = _has(properties, _ADDED), _has(properties, _REMOVED)
            self.tracks |= added or removed
            cells = list(row.iterchildren(f"{W}tc"))[:MOST_CELLS]
            for place, gone in enumerate((removed, added)):
                words = () if gone else tuple(self._cell(cell, place) for cell in cells)
                if any(words):
                    self._sides[place].blocks.append(Row(self._count, words))

    def _cell(self, cell: Any, place: int) -> str:
        """The words of a cell on one side, with the numbers of its paragraphs."""
        lines = []
        for one in cell.iterchildren(f"{W}p"):
            number, words = self._number(self._sides[place], self._places(one)[place]), self._said(one)[place]
            lines.append(number + words if words.strip() else words)
        return plain("\n".join(lines)).strip()

    def _places(self, paragraph: Any) -> tuple[Place | None, Place | None]:
        """Where in a list a paragraph stands after and before the changes."""
        after = paragraph.find(f"{W}pPr")
        place = self._lists.place(after)
        if after is None:
            return place, place
        if after.find(f"{W}numPr/{W}ins") is not None:
            return place, None
        was = after.find(f"{W}pPrChange")
        return place, place if was is None else self._lists.place(was.find(f"{W}pPr"))

    def _number(self, side: _Side, place: Place | None) -> str:
        number = side.count.next(place)
        if number is None and side is self._sides[0]:
            self.unknown += 1
        return number or ""

    def _said(self, element: Any) -> tuple[str, str]:
        """The words of a paragraph after and before the changes."""
        after: list[str] = []
        before: list[str] = []
        open_elements = [(element, True, True)]
        while open_elements:
            one, is_after, is_before = open_elements.pop()
            tag = one.tag
            if tag in (_TEXT_OF_RUN, _TEXT_GONE):
                words = one.text or ""
            elif tag in LEFT_ASIDE or not isinstance(tag, str):
                continue
            else:
                words = _SPACES.get(tag, "") if one.getparent().tag != _TAB_STOPS else ""
                added, removed = tag in _ADDED, tag in _REMOVED
                self.tracks |= added or removed
                below = is_after and not removed, is_before and not added
                if any(below):
                    open_elements.extend((inner, *below) for inner in reversed(one))
            if words and is_after:
                after.append(words)
            if words and is_before:
                before.append(words)
        return "".join(after), "".join(before)

    def _next(self) -> None:
        self._count += 1
        if self._count > MOST_PARAGRAPHS:
            said = f"has more than {MOST_PARAGRAPHS:,} paragraphs"
            raise too_large(self.file, said, "trace the clauses that are changed alone")


def _has(properties: Any, tags: set[str]) -> bool:
    return properties is not None and any(properties.find(tag) is not None for tag in tags)


def _within_drawing(element: Any) -> bool:
    """Whether a paragraph stands in a text box, which belongs to a figure."""
    return next(element.iterancestors(*LEFT_ASIDE), None) is not None


def _let_go(element: Any) -> None:
    """Free what was read and what stands before it, so that a text of any length takes the memory of a paragraph."""
    element.clear()
    above = element.getparent()
    while above is not None and element.getprevious() is not None:
        del above[0]
