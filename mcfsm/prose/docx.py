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

from lxml import etree

from mcfsm.prose.blocks import Block, Paragraph, Row, Source, cannot_be_read, refused, too_large
from mcfsm.prose.plain import plain

MOST_FILES = 5_000  # in the zip
MOST_UNPACKED = 128 * 2**20  # bytes, of all of them
MOST_RATIO = 300  # of a file larger than a megabyte: text is compressed to a tenth, a bomb to a thousandth
MOST_PARAGRAPHS = 200_000
MOST_CELLS = 64  # of a row
_TEXT, _TYPES, _RELATIONS = "word/document.xml", "[Content_Types].xml", "word/_rels/document.xml.rels"
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_SPACES = {f"{_W}tab": "\t", f"{_W}br": "\n", f"{_W}cr": "\n", f"{_W}noBreakHyphen": "-"}
_LEFT_ASIDE = {
    f"{_W}{name}" for name in ("instrText", "delInstrText", "drawing", "pict", "object", "sdtPr", "txbxContent")
}
_LEFT_ASIDE.add("{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback")
_TEXT_OF_RUN, _TEXT_GONE, _TAB_STOPS = f"{_W}t", f"{_W}delText", f"{_W}tabs"
_ADDED, _REMOVED = {f"{_W}ins", f"{_W}moveTo"}, {f"{_W}del", f"{_W}moveFrom"}
_FOLLOWED_BY_NOBODY = ("hyperlink", "attachedTemplate")  # kinds of reference to the outside that change no text


def read_docx(path: Path) -> Source:
    """The text of a .docx, after its changes and, where it tracks any, before. Raises TextError."""
    file = str(path)
    try:
        with zipfile.ZipFile(path) as archive:
            _check_archive(archive, file)
            notices = list(_check_relations(archive, file))
            with archive.open(_TEXT) as stream:
                read = _Reader(file).read(stream)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
        raise cannot_be_read(file, f"is no .docx, or a damaged one: {error}", "save it anew") from None
    except OSError as error:
        raise cannot_be_read(file, f"cannot be read: {error.strerror or error}", "name a .docx file") from None
    except etree.XMLSyntaxError as error:
        raise _wrong_xml(file, error) from None
    if read.numbered:
        notices.append(
            f"{read.numbered} paragraphs are numbered by the word processor, and their numbers are not in the text"
        )
    return Source(file, "paragraph", tuple(read.after), tuple(read.before) if read.tracks else None, tuple(notices))


def _check_archive(archive: zipfile.ZipFile, file: str) -> None:
    """Refuse what is larger than a text, and what has macros. Raises TextError."""
    entries = archive.infolist()
    names = {entry.filename for entry in entries}
    if _TEXT not in names or _TYPES not in names:
        raise cannot_be_read(file, "is a zip, and no .docx: it has no text", "name a .docx or a .txt file")
    if len(entries) > MOST_FILES or len(names) < len(entries):
        raise refused(file, f"has {len(entries):,} parts, or two of one name", "save it anew in a word processor")
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
    for _, element in _parse(archive.open(_RELATIONS), ("end",)):
        kind = str(element.get("Type", "")).rpartition("/")[2]
        if kind in ("subDocument", "aFChunk"):
            said = f"has a part of its text in another document ({kind})"
            raise refused(file, said, "put the whole text into one document")
        if element.get("TargetMode") == "External" and kind not in _FOLLOWED_BY_NOBODY:
            outside.append(kind)
    if outside:
        kinds = ", ".join(sorted(set(outside)))
        yield f"{len(outside)} references to files outside ({kinds}) were not followed"


def _parse(stream: IO[bytes], events: tuple[str, ...], tag: tuple[str, ...] | None = None) -> Iterator[tuple[str, Any]]:
    """The elements of an XML file, without entities, document types, the network, or trees of any size."""
    return iter(
        etree.iterparse(
            stream,
            events=events,
            tag=tag,
            resolve_entities=False,
            load_dtd=False,
            no_network=True,
            huge_tree=False,
            remove_comments=True,
            remove_pis=True,
        )
    )


def _wrong_xml(file: str, error: etree.XMLSyntaxError) -> Exception:
    said = str(error.msg)
    if "depth" in said.casefold():
        return refused(file, "is nested deeper than any text", "save it anew in a word processor")
    return cannot_be_read(file, f"is damaged: {said}", "save it anew in a word processor")


@dataclass
class _Side:
    """The blocks on one side of the changes."""

    blocks: list[Block]
    pending: str = ""  # of a paragraph whose end the change takes away or has not brought yet


class _Reader:
    """Reads paragraphs and tables as they end, and lets go of each."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.after: list[Block] = []
        self.before: list[Block] = []
        self.tracks = False
        self.numbered = 0
        self._count = 0
        self._sides = (_Side(self.after), _Side(self.before))

    def read(self, stream: IO[bytes]) -> _Reader:
        """Read all of a text. Raises TextError."""
        tables = 0
        checked = False
        for event, element in _parse(stream, ("start", "end"), (f"{_W}tbl", f"{_W}p")):
            if not checked:
                checked = True
                if element.getroottree().docinfo.doctype:
                    raise refused(self.file, "declares a document type", "a .docx has none: save it anew")
            if element.tag == f"{_W}tbl":
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
        properties = element.find(f"{_W}pPr")
        if properties is not None and properties.find(f"{_W}numPr") is not None:
            self.numbered += 1
        mark = None if properties is None else properties.find(f"{_W}rPr")
        added = mark is not None and mark.find(f"{_W}ins") is not None
        removed = mark is not None and mark.find(f"{_W}del") is not None
        self.tracks |= added or removed
        for side, words, joined in zip(self._sides, self._said(element), (removed, added), strict=True):
            said = side.pending + words
            side.pending = said if joined else ""
            if not joined and said.strip():
                side.blocks.append(Paragraph(self._count, plain(said).strip()))

    def _table(self, table: Any) -> None:
        for row in table.iter(f"{_W}tr"):
            self._next()
            properties = row.find(f"{_W}trPr")
            added = properties is not None and properties.find(f"{_W}ins") is not None
            removed = properties is not None and properties.find(f"{_W}del") is not None
            self.tracks |= added or removed
            cells = list(row.iterchildren(f"{_W}tc"))[:MOST_CELLS]
            if not cells:
                continue
            for side, words, gone in zip(
                self._sides, zip(*map(self._cell, cells), strict=True), (removed, added), strict=True
            ):
                if any(words) and not gone:
                    side.blocks.append(Row(self._count, words))

    def _cell(self, cell: Any) -> tuple[str, str]:
        lines = [self._said(one) for one in cell.iterchildren(f"{_W}p")] or [("", "")]
        after, before = (plain("\n".join(side)).strip() for side in zip(*lines, strict=True))
        return after, before

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
            elif tag in _LEFT_ASIDE or not isinstance(tag, str):
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


def _within_drawing(element: Any) -> bool:
    """Whether a paragraph stands in a text box, which belongs to a figure."""
    return next(element.iterancestors(*_LEFT_ASIDE), None) is not None


def _let_go(element: Any) -> None:
    """Free what was read and what stands before it, so that a text of any length takes the memory of a paragraph."""
    element.clear()
    above = element.getparent()
    while above is not None and element.getprevious() is not None:
        del above[0]
