"""The XML of a .docx, parsed so that it can do no harm: no entities, document types, network, or trees of any size.

WordprocessingML: ISO/IEC 29500-1.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO, Any

from lxml import etree

from mcfsm.prose.blocks import cannot_be_read, refused

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


def elements(
    stream: IO[bytes], file: str, events: tuple[str, ...] = ("end",), tag: tuple[str, ...] | None = None
) -> Iterator[tuple[str, Any]]:
    """The elements of a part as they begin or end. Raises TextError where it has a document type, or is damaged."""
    parsed = etree.iterparse(
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
    checked = False
    try:
        for event, element in parsed:
            if not checked and element.getroottree().docinfo.doctype:
                raise refused(file, "declares a document type", "a .docx has none: save it anew")
            checked = True
            yield event, element
    except etree.XMLSyntaxError as error:
        raise _wrong_xml(file, error) from None


def value(element: Any, name: str) -> str | None:
    """What a child of an element says (`<w:start w:val="1"/>`); None where there is no element or no such child."""
    child = None if element is None else element.find(f"{W}{name}")
    found = None if child is None else child.get(f"{W}val")
    return None if found is None else str(found)


def _wrong_xml(file: str, error: etree.XMLSyntaxError) -> Exception:
    said = str(error.msg)
    if "depth" in said.casefold():
        return refused(file, "is nested deeper than any text", "save it anew in a word processor")
    return cannot_be_read(file, f"is damaged: {said}", "save it anew in a word processor")
