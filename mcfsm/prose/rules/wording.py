"""Rules on the words of provisions: where shall may stand, what a note may tell, and sentences that do not read."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mcfsm.prose.defects import TextDefect, around, at, gathered
from mcfsm.prose.text import ReadText

_SHALL = re.compile(r"\bshall\b|\bmust\b")
_MUST = re.compile(r"\bmust\b")
_PARTY = r"(?:server|client|system|UE|IdMS|KMS|GMS|CMS)(?:\(s\))?(?:\s(?:\d|[A-Z])\b)?"
_NEEDS = re.compile(rf"\b{_PARTY}\s+needs? to\b")
_WILL = re.compile(
    rf"((?:\S{{1,40}}\s+){{0,5}})\b{_PARTY}\s+(which\s|that\s)?will\s(?!be\b|need\b)[a-z]+|\bprocess will include\b"
)
_NOT_ITS_SUBJECT = re.compile(r"\b(?:from|of|in|to|by|at|with)\s")
_ACTS = re.compile(
    rf"\b{_PARTY}\s+(?:then\s|also\s)?(?:sends|responds|returns|rejects|releases|initiates|forwards|notifies|"
    r"redirects|checks|includes|stores|removes|updates|determines)\b"
)
_DIRECTS = re.compile(rf"\b(?:directs|instructs|triggers|causes) the\s(?:\w+\s){{0,3}}{_PARTY} to\b")
_FAULTS = (
    (re.compile(r"\b(is|are|was|were) (may|can|shall|should|will|must)\b"), "Two verbs stand where one belongs."),
    (re.compile(r"\b(the|a|an|of|to|in|and|is|for|that|with|by) \1\b", re.IGNORECASE), "A word stands twice."),
    (re.compile(r", (?:Otherwise|If|When|The|Then|This|In|It)\b"), "A sentence begins after a comma."),
    (re.compile(r"\w{1,40}`\w"), "A grave accent stands for an apostrophe."),
)
_OUTSIDE = 'Here "will" tells what a party does; the word is for what happens outside the specification.'
_ENDS = (".", ":", ";", "?", "!", ".)", '."')
_LISTED = re.compile(r"(?:and|or|;)$")


def shall_in_notes(text: ReadText) -> Iterator[TextDefect]:
    """Requirements in a NOTE of the text, which is informative. A NOTE in a table is a part of the table."""
    for part in text.of("note"):
        for found in _SHALL.finditer(part.text):
            said = "A NOTE is informative: a requirement belongs into the text."
            yield at(part, around(part.text, *found.span()), said)


def behaviour_in_notes(text: ReadText) -> Iterator[TextDefect]:
    """Steps of a procedure that are told in a NOTE: who implements the text need not follow them."""
    for part in text.of("note"):
        found = _DIRECTS.search(part.text) or _ACTS.search(part.text)
        if found is not None and not re.search(r"\b(?:assumed|out(?:side)? (?:of )?(?:the )?scope)\b", part.text):
            said = "The NOTE tells what a party does; nobody has to, as a NOTE is informative."
            yield at(part, around(part.text, *found.span()), said)


def requirements_in_annexes(text: ReadText) -> Iterator[TextDefect]:
    """Requirements in an informative annex, in each of the forms that they take."""
    if not _informative(text):
        return
    for part in text.parts:
        if part.clause not in text.annexes:
            continue
        for pattern in (_SHALL, _NEEDS):
            for found in pattern.finditer(part.text):
                said = f'"{found[0]}" states a requirement, and the annex is informative.'
                yield at(part, around(part.text, *found.span()), said)


def will_of_parties(text: ReadText) -> Iterator[TextDefect]:
    """What a party of the specification "will" do: the word is for what happens outside of it."""
    found = (
        (part.clause, at(part, around(sentence, *one.span(), room=0), _OUTSIDE))
        for part in text.of("statement", "step", "bullet")
        for sentence in part.sentences
        for one in _WILL.finditer(sentence)
        if one[2] or not _NOT_ITS_SUBJECT.search(one[1] or "")
    )
    return gathered(found)


def must(text: ReadText) -> Iterator[TextDefect]:
    """ "must", where a specification says shall."""
    informative = _informative(text)
    for part in text.of("statement", "step", "bullet", "precondition", "table_note", "element"):
        for found in () if informative and part.clause in text.annexes else _MUST.finditer(part.text):
            yield at(part, around(part.text, *found.span()), "A requirement is told with shall.")


def editors_notes(text: ReadText) -> Iterator[TextDefect]:
    """Editor's notes, which leave a question open."""
    for part in text.of("editors_note"):
        yield at(part, _short(part.text), "It leaves a question open.")


def sentences_read(text: ReadText) -> Iterator[TextDefect]:
    """Words that make no sentence, on the cover page too."""
    found_here: list[tuple[str, TextDefect]] = []
    for part in text.with_cover:
        for pattern, said in _FAULTS:
            for found in pattern.finditer(part.text):
                found_here.append((f"{said}{found[0]}", at(part, around(part.text, *found.span()), said)))
    return gathered(found_here)


def sentences_end(text: ReadText) -> Iterator[TextDefect]:
    """Sentences of the text without an end."""
    for part in text.of("statement", "step", "note", "precondition"):
        said = part.text.rstrip()
        enough = len(said.split()) > 8
        if (
            enough
            and not said.endswith(_ENDS)
            and not _LISTED.search(said)
            and not said.endswith((",", "\N{HORIZONTAL ELLIPSIS}"))
        ):
            yield at(part, f"…{said[-50:].partition(' ')[2]}", "The sentence has no full stop, or no end.")


def _informative(text: ReadText) -> bool:
    """Whether an annex of the text says that it is informative."""
    return any(
        (clause.annex and any("informative" in part.text.casefold() for part in text.within(clause.number)))
        or "informative" in clause.title.casefold()
        for clause in text.clauses
    )


def _short(said: str) -> str:
    line = " ".join(said.split())
    return line if len(line) <= 70 else line[:69].rsplit(" ", 1)[0] + "…"
