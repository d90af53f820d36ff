"""Rules on numbers: of steps, notes and clauses, and where text may stand between headings."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise

from mcfsm.prose.defects import TextDefect, at, gathered, parent
from mcfsm.prose.text import ReadText, TextPart

_LEVELS = re.compile(r"(\d+)([a-z]?)(?:-([ivx]+))?$")
_ROMAN = {name: value for value, name in enumerate("i ii iii iv v vi vii viii ix x xi xii xiii xiv xv".split(), 1)}


def steps_in_order(text: ReadText) -> Iterator[TextDefect]:
    """Steps whose number does not follow that of the one before."""
    last: dict[tuple[str, str], int] = {}
    for part in text.of("step", "precondition"):
        level = _LEVELS.match(part.number)
        if level is None:
            continue
        above, own = _place(level)
        key = (f"{part.kind} {part.clause}", above)
        before = last.get(key, 0)
        if own != before + 1 and not (own == 1 or (above == "" and level[2])):
            said = f"{part.mark} follows {before or 'nothing'}: a number is left out, or stands twice."
            yield at(part, _begin(part), said)
        elif own == 1 and before:
            yield at(part, _begin(part), f"The numbers begin anew within clause {part.clause}.")
        last[key] = own
        if above == "":
            last = {one: number for one, number in last.items() if one[0] != key[0] or one[1] == ""}


def _place(level: re.Match[str]) -> tuple[str, int]:
    """What a number stands below, and which it is there."""
    step, letter, roman = level.groups()
    if roman:
        return f"{step}{letter}", _ROMAN.get(roman, 0)
    return (step, ord(letter) - ord("a") + 1) if letter else ("", int(step))


def lists_introduced(text: ReadText) -> Iterator[TextDefect]:
    """Items that others stand below, and that end as if nothing followed."""
    parts = list(text.of("step"))
    found = (
        (part.clause, at(part, _begin(part), "Others stand below it, so that it should end with a colon."))
        for part, following in pairwise(parts)
        if following.clause == part.clause
        and _is_below(following, part)
        and part.text.rstrip().endswith((";", ",", "."))
    )
    return gathered(found)


def _is_below(part: TextPart, above: TextPart) -> bool:
    return len(part.number) > len(above.number) and part.number.startswith(above.number) and not part.number.isdigit()


def notes_in_order(text: ReadText) -> Iterator[TextDefect]:
    """Notes of a clause that are not numbered as notes are: one without, several from 1 on, with a blank between."""
    for clause in text.clauses:
        notes = [part for part in text.within(clause.number) if part.kind == "note"]
        for place, note in enumerate(notes, 1):
            wanted = "NOTE:" if len(notes) == 1 else f"NOTE {place}:"
            if " ".join(note.mark.split()) != wanted:
                why = "the only note of its clause" if len(notes) == 1 else f"note {place} of {len(notes)}"
                yield at(note, _begin(note), f"It is {why}, and should be marked {wanted}")


def clauses_in_order(text: ReadText) -> Iterator[TextDefect]:
    """Clauses whose number stands twice, or before that of the clause above."""
    before: tuple[object, ...] = ()
    for clause in text.clauses:
        key = (clause.annex, *map(_in_order, clause.number.split(".")))
        if before and key <= before:
            said = "Its number stands twice, or comes after a greater one."
            yield TextDefect(clause.line, f"{clause.number} {clause.title}", said, clause.number)
        before = key


def _in_order(number: str) -> tuple[int, str]:
    """What 5 < 16 < 16a and A < B are by."""
    digits = re.match(r"\d+", number)
    return (int(digits[0]) if digits else 0, number)


def clauses_divided(text: ReadText) -> Iterator[TextDefect]:
    """Clauses divided into one part; the text goes on after it, so that no extract leaves the others out."""
    numbers = [clause.number for clause in text.clauses]
    parts = Counter(map(parent, numbers))
    for place, clause in enumerate(text.clauses[:-1]):
        above = parent(clause.number)
        following = numbers[place + 1]
        alone = parts[above] == 1
        if alone and above in text.numbers and clause.number.endswith(".1") and parent(following) == parent(above):
            said = f"It is the only part of clause {above}: a clause is divided into two or more, or not at all."
            yield TextDefect(clause.line, f"{clause.number} {clause.title}", said, clause.number)


def hanging_paragraphs(text: ReadText) -> Iterator[TextDefect]:
    """Text between the heading of a clause and that of its first part, which no number tells from the whole clause."""
    above = set(map(parent, text.numbers))
    for clause in text.clauses:
        divided = clause.number in above
        own = text.within(clause.number)
        if divided and own:
            said = f"It hangs between the headings of {clause.number} and its parts: no number tells it from them."
            yield at(own[0], _begin(own[0]), said)


def _begin(part: TextPart) -> str:
    said = f"{part.mark} {' '.join(part.text.split())}".strip()
    return said if len(said) <= 60 else said[:59].rsplit(" ", 1)[0] + "…"
