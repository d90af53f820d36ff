"""A defect of a text, a rule that finds some, and what several rules look for."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from mcfsm.prose.text import ReadText, TextPart

_WORD = re.compile(r"[A-Za-z][\w'’-]*")
_SMALL = frozenset(
    "a an and are as at be by can could due each for from had has have if in into is it its may might of on or other "
    "shall should so such than that the their then there these this to was were what when whether which who will with "
    "would not no any all been also only either both".split()
)


@dataclass(frozen=True)
class TextDefect:
    """Something in a text that its author can mend: where, the words, and a sentence."""

    line: int
    quote: str
    said: str
    clause: str
    also: tuple[int, ...] = ()  # other lines of the same


@dataclass(frozen=True)
class Rule:
    """One rule: its name, what a text should be like, and what finds where it is not."""

    name: str
    asks: str
    find: Callable[[ReadText], Iterable[TextDefect]]


def at(part: TextPart, quote: str, said: str) -> TextDefect:
    """A defect of a part."""
    return TextDefect(part.line, quote, said, part.clause)


def gathered(found: Iterable[tuple[str, TextDefect]]) -> Iterator[TextDefect]:
    """Those of one key as one, with the other lines."""
    groups: dict[str, list[TextDefect]] = {}
    for key, defect in found:
        groups.setdefault(key, []).append(defect)
    for first, *others in groups.values():
        also = tuple(dict.fromkeys(other.line for other in others if other.line != first.line))
        yield TextDefect(first.line, first.quote, first.said, first.clause, also)


def around(text: str, begin: int, end: int, room: int = 28) -> str:
    """The words from one place to another with a few around them, on one line."""
    start = max(0, begin - room)
    stop = min(len(text), end + room)
    while start and not text[start - 1].isspace():
        start -= 1
    while stop < len(text) and not text[stop].isspace():
        stop += 1
    said = " ".join(text[start:stop].split())
    return ("…" if start else "") + said + ("…" if stop < len(text) else "")


def words(text: str) -> list[str]:
    """The words of a text that mean something, in small letters."""
    return [word for word in (one.casefold() for one in _WORD.findall(text)) if word not in _SMALL]


def parent(number: str) -> str:
    """The clause that a clause stands in."""
    return number.rpartition(".")[0]
