"""Rules on tables of information elements: names of rows, presence, and what steps make of it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mcfsm.prose.defects import TextDefect, at, words
from mcfsm.prose.text import ElementRow, ElementTable, ReadText, TextPart

_PRESENCE = re.compile(r"[MOC](?:\s*\(.*\))?$")
_OPTIONAL = re.compile(r"\b(?:may|can|could|might|optional\w*|if|where|unless|when)\b", re.IGNORECASE)
_CARRIES = re.compile(r"\b(?:includ\w+|carr(?:y|ies|ying)|contain\w*|with|provid\w+|return\w*)\b")
_ENOUGH = 0.5  # of the telling words of a description, that make a sentence speak of the element


def names_of_rows(text: ReadText) -> Iterator[TextDefect]:
    """Rows of one table that have the same name."""
    for table in text.tables:
        rows: dict[str, list[ElementRow]] = {}
        for element in table.elements:
            rows.setdefault(element.name.casefold(), []).append(element)
        for first, *others in rows.values():
            if others:
                said = (
                    f"{len(others) + 1} rows{_of(table)} have this name, and only their descriptions tell them apart."
                )
                yield TextDefect(first.line, first.name, said, table.clause, tuple(other.line for other in others))


def presence_known(text: ReadText) -> Iterator[TextDefect]:
    """Rows whose status is none of M, O and C."""
    for table in text.tables:
        for element in table.elements:
            if element.name and _PRESENCE.match(element.presence) is None:
                said = f"Its status is {element.presence or 'empty'}; M, O or C says whether it has to be there."
                yield TextDefect(element.line, element.name, said, table.clause)


def presence_of_steps(text: ReadText) -> Iterator[TextDefect]:
    """Elements that a table leaves optional and a step always sends, or that it asks for and a step may leave out."""
    for table in text.tables:
        if table.caption is None:
            continue
        message = table.caption.title.casefold()
        shared = _shared(table)
        for element in table.elements:
            telling = set(map(_stem, words(element.description))) - shared
            for part in text.of("step"):
                for sentence in part.sentences:
                    if message in sentence.casefold():
                        yield from _against(table, element, telling, part, sentence)


def _against(
    table: ElementTable, element: ElementRow, telling: set[str], part: TextPart, sentence: str
) -> Iterator[TextDefect]:
    said = sentence.casefold()
    named = element.name.casefold() in said and _CARRIES.search(said) is not None
    twice = sum(other.name.casefold() == element.name.casefold() for other in table.elements) > 1
    told = len(telling) > 1 and len(telling & set(map(_stem, words(sentence)))) >= _ENOUGH * len(telling)
    optional = _OPTIONAL.search(sentence) is not None
    if element.presence.startswith("O") and ((named and not twice) or told) and not optional:
        why = f"The step always tells it, and the table (line {element.line}) leaves {element.name} optional."
        yield at(part, sentence, why)
    elif (
        element.presence.startswith("M")
        and named
        and not twice
        and re.search(rf"\b(?:may|can|optionally) includ\w* (?:the |a |an )?{re.escape(element.name.casefold())}", said)
    ):
        why = f"The step may leave {element.name} out, and the table (line {element.line}) does not."
        yield at(part, sentence, why)


def _shared(table: ElementTable) -> set[str]:
    """The words that most descriptions of a table have, and that so tell no row from another."""
    each = [set(map(_stem, words(element.description))) for element in table.elements]
    return {word for word in set().union(*each) if 2 * sum(word in one for one in each) > len(each)} if each else set()


def _stem(word: str) -> str:
    """A word without its ending: enough to see that "informs" and "inform" are one."""
    return re.sub(r"(?:ing|ed|s)$", "", word) if len(word) > 4 else word


def _of(table: ElementTable) -> str:
    return f" of table {table.caption.number}" if table.caption else ""
