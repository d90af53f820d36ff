"""Rules on messages: a step names what it sends, a table says what is in it, and it is always called the same."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from mcfsm.prose.defects import TextDefect, around, at, gathered
from mcfsm.prose.rules.references import refers
from mcfsm.prose.text import ReadText, TextPart

_KINDS = "request|response|redirection|redirect|notification|acknowledgement|report|command|reject|answer"
_MESSAGE = re.compile(rf"\b(?:{_KINDS}|message|indication)\b|\bsends?\s(?:an?|the)\s[a-z]")
_NAMED = re.compile(rf"\b((?:[a-z][a-z-]+ ){{1,3}}(?:{_KINDS})(?: (?:response|request))?)\b")
_SENT = re.compile(
    rf"\b(?:sends?|responds? with|answers? with|returns?)\s(?:an?|the)\s((?:[a-z][a-z-]+ ){{1,4}}(?:{_KINDS}))\b"
)
_EXCHANGE = re.compile(
    r"\b(?:client|server|system|UE)(?:\(s\))?(?:\s(?:\d|[A-Z])\b)?\s+(?:then\s|shall\s|also\s)?"
    r"(?:initiates?|releases|requests|sends?|de-?authori[sz]es|notif(?:y|ies)|informs?|triggers|affiliates|registers|"
    r"de-?registers|responds?)\b"
)
_ELEMENT = re.compile(
    r"\b(?:with|includ(?:e|es|ing)|carr(?:y|ies|ying)|contain(?:s|ing)?)\s(?:an?\s|the\s)?"
    r"((?:[a-z][\w-]* ){0,5}?(?:indications?|indicators?))\b"
    r"|\bcarr(?:y|ies)\s[^.;]{0,90}?\band\s(?:the\s)?([^.;,]{3,60}?) as an additional piece of information\b"
)
_UNCARRIED = "A message has to carry it, and no table of the text has a row for it."
_ARTICLES = frozenset(
    "a an the any this that each another new first second same towards to of with from and or in by via is".split()
)
_COMMON = frozenset(
    "mc service client system server call group private partner primary "
    "the a in of to as or from for and by towards".split()
)
_VERBS = frozenset(
    "sends send initiates initiate releases release receives includes responds corresponding subsequent".split()
)


def messages_named(text: ReadText) -> Iterator[TextDefect]:
    """Steps in which something is sent that has no name, and no clause where it has one."""
    told = {phrase for part in text.of("bullet", "statement") if refers(part.text) for phrase in _pairs(part.text)}
    for part in text.of("step"):
        if part.clause in text.annexes:
            continue
        for place, sentence in enumerate(part.sentences):
            found = _EXCHANGE.search(sentence)
            following = part.sentences[place + 1 : place + 2]
            explained = any(refers(one) and _EXCHANGE.search(one) is None for one in following)
            named = _MESSAGE.search(sentence) is not None or refers(sentence) or explained
            if found is not None and not named and not told & _pairs(sentence[found.end() :]):
                said = "It names no message for this, and no clause that does."
                yield at(part, around(sentence, *found.span(), room=45), said)


def messages_in_tables(text: ReadText) -> Iterator[TextDefect]:
    """Messages that a step sends and no table of the text has, where the text has tables and the step no reference."""
    titles = {table.caption.title.casefold() for table in text.tables if table.caption}
    found = (
        (
            one[1],
            at(
                part,
                around(sentence, *one.span()),
                f"No table of the text, and no clause that the step names, has {one[1]}.",
            ),
        )
        for part in text.of("step")
        for sentence in part.sentences
        for one in _SENT.finditer(sentence)
        if titles and not refers(part.text) and _bare(one[1]) not in titles
    )
    return gathered(found)


def messages_called_alike(text: ReadText) -> Iterator[TextDefect]:
    """Messages with two names: one is the other with a word more, or another ending."""
    places: dict[str, tuple[TextPart, str]] = {}
    for part in text.with_cover:
        for found in _NAMED.finditer(part.text):
            places.setdefault(_bare(found[1]), (part, around(part.text, *found.span())))
    by_stem: dict[str, str] = {}
    for name in places:
        if re.search(r"redirect|notif", name) is None:
            continue
        first = by_stem.setdefault(re.sub(r" (?:response|request)$", "", name).replace("redirection", "redirect"), name)
        if first != name:
            part, quote = places[name]
            yield at(
                part, quote, f"Line {places[first][0].line} has {first}, and here it is {name}: is it one message?"
            )


def elements_carried(text: ReadText) -> Iterator[TextDefect]:
    """Indications that a sentence needs and no table of the text has a row for."""
    rows = [element.name.casefold() for table in text.tables for element in table.elements]
    found = (
        (_bare(one[1] or one[2]), at(part, around(part.text, *one.span(1 if one[1] else 2)), _UNCARRIED))
        for part in text.of("statement", "step", "note", "bullet")
        for one in _ELEMENT.finditer(part.text)
        if not any(row in (one[1] or one[2]) or (one[1] or one[2]) in row for row in rows)
    )
    return gathered(found)


def parties_told_apart(text: ReadText) -> Iterator[TextDefect]:
    """Parties without their letter or number, in a clause that gives letters or numbers to several of the kind."""
    for clause in text.clauses:
        parts = [part for part in text.within(clause.number) if part.kind not in ("figure", "element", "table_note")]
        for kind in ("MC system", "MC service server", "MC service client", "MC service user"):
            marked = {one for part in parts for one in re.findall(rf"{kind} ([A-Z]|\d)\b", part.text)}
            bare = re.compile(
                rf"\b(?:(?<=[Tt]he )|(?<=from )|(?<=to )|(?<=in )|(?<=of )|(?<=by )){kind}"
                r"(?!\w|\s(?:[A-Z]|\d|that|which|ID|profile|user|client|server|UE)\b|`|')"
            )
            if len(marked) > (kind != "MC service server"):
                found = (
                    (kind, at(part, around(part.text, *one.span()), _which(kind, sorted(marked))))
                    for part in parts
                    for one in bare.finditer(part.text)
                )
                yield from gathered(found)


def _which(kind: str, marks: list[str]) -> str:
    if len(marks) == 1:
        return f"The clause has {kind} {marks[0]}; which {kind} is meant here?"
    return f"Which {kind} is meant: {', '.join(marks[:-1])} or {marks[-1]}?"


def _bare(name: str) -> str:
    """A name without the words before it that are none of its own."""
    words = name.casefold().split()
    while words and (words[0] in _ARTICLES or words[0] in _VERBS):
        words = words[1:]
    return " ".join(words)


def _pairs(said: str) -> set[str]:
    """Each two words that stand together, with hyphens as blanks; no words that every text has."""
    words = re.findall(r"[a-z]+", said.replace("-", " ").casefold())
    return {f"{one} {other}" for one, other in pairwise(words) if not {one, other} & _COMMON}
