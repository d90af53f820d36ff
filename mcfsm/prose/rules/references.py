"""Rules on what a text refers to: figures and tables, clauses, steps, documents and their numbers in brackets."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from mcfsm.prose.defects import TextDefect, around, at, gathered, parent
from mcfsm.prose.text import NUMBER, CaptionLine, ReadText, TextPart

_DOCUMENT = r"(?:T[SR])\s(\d\d\.\d{3}(?:-\d+)?)"
_REFERENCE = re.compile(
    rf"(?:{_DOCUMENT}\s*(?:\[\d+\])?,?\s*\(?)?\b(?:sub)?clauses?\s({NUMBER})(?:\s\([^)]*\))?"
    rf"(?:,?\s(?:of|in)\s(?:3GPP\s)?{_DOCUMENT})?"
)
_CITED = re.compile(rf"{_DOCUMENT}\s*(\[\d+\])?")
_STEP = re.compile(r"\bsteps?\s(\d+[a-z]?)\b(?!\.\d)")
_BACKWARD = re.compile(r"\b(?:mentioned|noted|discussed|listed|stated|introduced)\s(?:above\s)?(?:in|by)\s$")
_FIGURE = re.compile(r"\b[Ff]igure\s([\w.]+-\d+\w?)")
_TABLE = re.compile(r"\b[Tt]able\s([\w.]+-\d+\w?)")


@dataclass(frozen=True)
class ClauseReference:
    """A clause that a part refers to; `document` is None where the part names none."""

    part: TextPart
    number: str
    document: str | None
    quote: str
    before: str  # what the part says before it


def clause_references(parts: Sequence[TextPart]) -> Iterator[ClauseReference]:
    """Every clause that parts refer to, in order."""
    for part in parts:
        for found in _REFERENCE.finditer(part.text):
            quote = around(part.text, *found.span())
            before = part.text[: found.start()]
            yield ClauseReference(part, found[2], found[1] or found[3], quote, before)


def refers(sentence: str) -> bool:
    """Whether a sentence says where it is told in full: a clause, or another document."""
    return _REFERENCE.search(sentence) is not None or _CITED.search(sentence) is not None


def figure_references(text: ReadText) -> Iterator[TextDefect]:
    """Figures that the text refers to and does not have, though it should."""
    return _dangling(text, "figure", _FIGURE, text.figures)


def table_references(text: ReadText) -> Iterator[TextDefect]:
    """Tables that the text refers to and does not have, though it should."""
    return _dangling(text, "table", _TABLE, text.captions)


def _dangling(
    text: ReadText,
    what: str,
    pattern: re.Pattern[str],
    captions: tuple[CaptionLine, ...],
) -> Iterator[TextDefect]:
    """A reference to what has no caption, from a clause that has captions, or into one that stands in the text."""
    numbers = {caption.number for caption in captions}
    for part in text.of("statement", "step", "bullet", "precondition", "note"):
        for found in pattern.finditer(part.text):
            number = found[1].rstrip(".")
            of_clause = number.rpartition("-")[0]
            here = [caption.number for caption in captions if caption.clause == part.clause]
            if number not in numbers and (here or of_clause in text.numbers):
                others = f"; that of clause {part.clause} is {here[0]}" if here else ""
                said = f"There is no {what} {number} in this text{others}."
                yield at(part, around(part.text, *found.span()), said)


def captions_named(text: ReadText) -> Iterator[TextDefect]:
    """Figures and tables that no sentence mentions."""
    pairs = (("figure", _FIGURE, text.figures), ("table", _TABLE, text.captions))
    for what, pattern, captions in pairs:
        named = {
            found.rstrip(".") for part in text.parts if part.kind != "figure" for found in pattern.findall(part.text)
        }
        wrong = {defect.clause for defect in _dangling(text, what, pattern, captions)}
        for caption in captions:
            if caption.number not in named and caption.clause not in wrong:
                said = f"No sentence of the text mentions {what} {caption.number}."
                yield TextDefect(
                    caption.line, f"{what.capitalize()} {caption.number}: {caption.title}", said, caption.clause
                )


def captions_of_clause(text: ReadText) -> Iterator[TextDefect]:
    """Figures and tables whose number is that of another clause."""
    for what, captions in (("Figure", text.figures), ("Table", text.captions)):
        for caption in captions:
            if caption.clause and caption.number.rpartition("-")[0] != caption.clause:
                said = f"It stands in clause {caption.clause}, and has the number of another."
                yield TextDefect(caption.line, f"{what} {caption.number}: {caption.title}", said, caption.clause)


def clauses_there(text: ReadText) -> Iterator[TextDefect]:
    """References to clauses that are not there, as far as this text and what is known of its document tell."""
    return gathered(_not_there(text))


def _not_there(text: ReadText) -> Iterator[tuple[str, TextDefect]]:
    known = text.specification
    annexes = {number.removeprefix("Annex ")[0] for number in text.annexes}
    for reference in clause_references(
        list(text.of("statement", "step", "bullet", "precondition", "note", "table_note"))
    ):
        number, document = reference.number, reference.document
        if document not in (None, known.number) or number in text.numbers or number in known.clauses:
            continue
        siblings = sorted(one for one in known.clauses | text.numbers if parent(one) == parent(number))
        if number[0] in annexes:
            said = f"There is no clause {number} in the annex."
        elif _BACKWARD.search(reference.before):
            said = f"It refers back to clause {number}, which this text does not have."
        elif len(siblings) > 1 and known.clauses:
            said = f"Of {parent(number)} only {', '.join(siblings)} are known: clause {number} may be another one."
        else:
            continue
        yield number, at(reference.part, reference.quote, said)


def documents_of_clauses(text: ReadText) -> Iterator[TextDefect]:
    """Clauses of this document that are cited as those of another, and the document that cites itself."""
    known = text.specification
    if known.number is None:
        return
    for reference in clause_references(text.parts):
        if reference.document == known.number:
            said = f"TS {known.number} is this document; the clause alone says it."
            yield at(reference.part, reference.quote, said)
        elif reference.document is not None and reference.number in known.clauses:
            said = (
                f"Clause {reference.number} is known as one of TS {known.number}, "
                f"and cited as one of TS {reference.document}."
            )
            yield at(reference.part, reference.quote, said)


def steps_there(text: ReadText) -> Iterator[TextDefect]:
    """Steps that a clause mentions and does not have."""
    numbers: dict[str, set[str]] = {}
    for part in text.of("step", "precondition"):
        numbers.setdefault(part.clause, set()).add(part.number)
    for part in text.parts:
        for found in _STEP.finditer(part.text):
            elsewhere = refers(part.text[found.start() : found.end() + 40])
            if part.clause in numbers and found[1] not in numbers[part.clause] and not elsewhere:
                said = f"Clause {part.clause} has no step {found[1]}."
                yield at(part, around(part.text, *found.span()), said)


def numbers_of_documents(text: ReadText) -> Iterator[TextDefect]:
    """Documents with two numbers in brackets, and numbers of two documents."""
    first: dict[str, tuple[str, TextPart]] = {}
    second: dict[str, str] = {}
    for part in text.parts:
        for found in _CITED.finditer(part.text):
            document, number = found[1], found[2]
            if number is None:
                continue
            known_number, where = first.setdefault(document, (number, part))
            if known_number != number:
                said = f"TS {document} is {known_number} in line {where.line}, and {number} here."
                yield at(part, around(part.text, *found.span()), said)
            elif second.setdefault(number, document) != document:
                said = f"{number} is TS {second[number]} elsewhere, and TS {document} here."
                yield at(part, around(part.text, *found.span()), said)


def documents_numbered(text: ReadText) -> Iterator[TextDefect]:
    """Documents that are named without their number in brackets."""
    found = (
        (one[1], at(part, around(part.text, *one.span()), f"TS {one[1]} stands without its number in brackets."))
        for part in text.parts
        for one in _CITED.finditer(part.text)
        if one[2] is None and one[1] != text.specification.number
    )
    return gathered(found)
