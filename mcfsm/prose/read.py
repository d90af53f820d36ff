"""A text from a file: .txt as a word processor saves it, or .docx with its tracked changes."""

from __future__ import annotations

from pathlib import Path

from mcfsm.prose.blocks import Source, cannot_be_read, too_large
from mcfsm.prose.plain import blocks_of

MOST_BYTES = 32 * 2**20  # of a .txt
_OLD_WORD = b"\xd0\xcf\x11\xe0"  # how a .doc begins, and a .docx with a password


def read(path: Path | str) -> Source:
    """The text of a file, told by what it begins with. Raises TextError where it cannot be read or is refused."""
    place = Path(path)
    try:
        with place.open("rb") as file:
            begin = file.read(4)
            content = b"" if begin[:2] == b"PK" else begin + file.read(MOST_BYTES)
    except (OSError, ValueError) as error:
        said = getattr(error, "strerror", None) or error
        raise cannot_be_read(str(path), f"cannot be read: {said}", "name a .txt or a .docx file") from None
    if begin[:2] == b"PK":
        from mcfsm.prose.docx import read_docx  # what reads XML is loaded where it is needed

        return read_docx(place)
    if begin == _OLD_WORD:
        said = "is a .doc, or a .docx with a password, and neither is read"
        raise cannot_be_read(str(path), said, "save it as .docx without a password")
    if len(content) > MOST_BYTES:
        raise too_large(str(path), f"has more than {MOST_BYTES >> 20} MB", "trace the clauses that are changed alone")
    return Source(str(path), "line", blocks_of(_decoded(content, str(path))))


def _decoded(content: bytes, file: str) -> str:
    """The characters. Raises TextError where they are no UTF-8, or no text."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise cannot_be_read(file, f"line {line} is not in UTF-8", "save it as text in UTF-8, or as .docx") from None
    if "\0" in text:
        raise cannot_be_read(file, "has characters that no text has", "save it as text in UTF-8, or as .docx")
    return text
