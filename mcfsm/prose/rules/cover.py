"""Rules on the cover page of a change request, held against the clauses below it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mcfsm.prose.defects import TextDefect, around, parent
from mcfsm.prose.text import COVER_PAGE, NUMBER, CoverEntry, ReadText

_REMOVED = re.compile(r"\b(?:remov\w*|delet\w*|resolv\w*)\b[^.]{0,60}\bEditor.?s notes?\b", re.IGNORECASE)
_RETURNED = re.compile(r"[^.]*\bprocedure\b[^.]*\b(?:return|includ|provid|updat|carr)\w*[^.]*\.?", re.IGNORECASE)
_CONDITION = re.compile(r"\b(?:if|when|where|only)\b[^.]*", re.IGNORECASE)


def editors_note_gone(text: ReadText) -> Iterator[TextDefect]:
    """A summary that says an Editor's note is removed, and a text that still has one."""
    left = next(text.of("editors_note"), None)
    for entry in _summary(text):
        for line, said in entry.lines:
            found = _REMOVED.search(said)
            if found is not None and left is not None:
                why = f"Line {left.line} still has the note, unless it is struck out there."
                yield TextDefect(line, around(said, *found.span()), why, COVER_PAGE, (left.line,))


def summary_in_steps(text: ReadText) -> Iterator[TextDefect]:
    """Elements that the summary says the procedure handles, and no step names; the same of their condition."""
    steps = " ".join(part.text for part in text.of("step")).casefold()
    elements = {element.name: element for table in text.tables for element in table.elements}
    for entry in _summary(text):
        for line, said in entry.lines:
            for found in _RETURNED.finditer(said):
                for name, element in elements.items():
                    if name.casefold() not in found[0].casefold():
                        continue
                    if steps and name.casefold() not in steps:
                        why = f"The summary has the procedure handle the {name}, and no step names it."
                        yield TextDefect(line, " ".join(found[0].split()), why, COVER_PAGE)
                    condition = _CONDITION.search(found[0])
                    if condition is not None and element.presence == "O" and not _CONDITION.search(element.description):
                        why = (
                            f"The summary has a condition; the table (line {element.line}) has {name} as O without one."
                        )
                        yield TextDefect(line, " ".join(condition[0].split()), why, COVER_PAGE, (element.line,))


def clauses_affected(text: ReadText) -> Iterator[TextDefect]:
    """Clauses that the cover page names and the text does not have, and the other way round."""
    for entry in text.cover:
        if not entry.name.casefold().startswith("clauses affected") or not entry.text.strip():
            continue
        named = set(re.findall(NUMBER, entry.text))
        if not named:
            continue
        line = entry.lines[0][0]
        for number in sorted(named - text.numbers):
            if not any(one.startswith(f"{number}.") for one in text.numbers):
                said = f"Clause {number} is not in the text."
                yield TextDefect(line, " ".join(entry.text.split()), said, COVER_PAGE)
        changed = {part.clause for part in text.parts if part.clause}
        for number in sorted(changed - named):
            if not _above(number) & named:
                said = f"The text has clause {number}, which is not named."
                yield TextDefect(line, " ".join(entry.text.split()), said, COVER_PAGE)


def _above(number: str) -> set[str]:
    found: set[str] = set()
    while number := parent(number):
        found.add(number)
    return found


def _summary(text: ReadText) -> Iterator[CoverEntry]:
    return (entry for entry in text.cover if entry.name.casefold().startswith("summary"))
