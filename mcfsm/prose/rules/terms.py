"""Rules on words: one spelling of a term in one text, and none that is a slip."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from difflib import get_close_matches

from mcfsm.prose.defects import TextDefect, around, at, gathered
from mcfsm.prose.text import ReadText, TextPart

_WORD = re.compile(r"[A-Za-z]+(?:[-'’][A-Za-z]+)*")
_GLUED = re.compile(r"\b([a-z]{4,})(\d)\b")
_BRITISH = re.compile(r"(?<=[a-z]{3})is(?=(?:e|ed|es|ing|ation|ations)\b)")
_PAIRS = (("toward", "towards"), ("subclause", "clause"), ("e-mail", "email"))
_SERVICE = re.compile(r"\b(MCPTT|MCVideo|MCData) ([a-z]+)(?:s\b|\b)")
_SLIP_LETTERS = 7  # a shorter word has too many neighbours
_RARE, _USUAL = 1, 3  # how often a slip stands, and at least the word that was meant
_MOST_WORDS = 20_000  # different ones that are compared


def spelling(text: ReadText) -> Iterator[TextDefect]:
    """Terms that stand in two spellings: with and without a hyphen, with s and z, and pairs that are known."""
    spellings: dict[str, dict[str, TextPart]] = {}
    for part in text.with_cover:
        for found in _WORD.finditer(part.text):
            word = found[0].casefold()
            key = _BRITISH.sub("iz", word)
            spellings.setdefault(key, {}).setdefault(word, part)
    yield from _hyphens(text)
    for key, forms in spellings.items():
        if len(forms) > 1 and key.replace("-", "").isalpha():
            first, *others = forms
            part = forms[others[0]]
            yield at(
                part, _near(part, others[0]), f'Line {forms[first].line} has "{first}", and here it is "{others[0]}".'
            )
    for one, other in _PAIRS:
        if one in spellings and other in spellings:
            rare, usual = (one, other)
            part = spellings[rare][next(iter(spellings[rare]))]
            yield at(part, _near(part, rare), f'"{usual}" stands elsewhere in the text, and here "{rare}".')
    yield from _stems(spellings)


def _stems(spellings: dict[str, dict[str, TextPart]]) -> Iterator[TextDefect]:
    """Words of one stem, one with s and one with z: authorisation beside de-authorizes."""
    british = [(word, part) for forms in spellings.values() for word, part in forms.items() if _BRITISH.search(word)]
    american = {
        word for forms in spellings.values() for word in forms if re.search(r"iz(?:e|ed|es|ing|ations?)\b", word)
    }
    for word, part in british:
        stem = _BRITISH.split(word)[0].rpartition("-")[2]
        others = sorted(one for one in american if one.rpartition("-")[2].startswith(f"{stem}iz"))
        if others and _BRITISH.sub("iz", word) not in others:
            yield at(part, _near(part, word), f'"{others[0]}" has a z elsewhere, and "{word}" an s.')


def _hyphens(text: ReadText) -> Iterator[TextDefect]:
    """Terms with a hyphen in one place and a blank in another."""
    joined: dict[str, TextPart] = {}
    for part in text.with_cover:
        for found in re.findall(r"\b[A-Za-z]{3,}(?:-[A-Za-z]{3,})+\b", part.text):
            joined.setdefault(found.casefold(), part)
    for term, first in joined.items():
        apart = re.compile(rf"\b{term.replace('-', ' ')}\b", re.IGNORECASE)
        for part in text.with_cover:
            found = apart.search(part.text)
            if found is not None:
                said = f'Line {first.line} has "{term}", and here it is "{found[0]}".'
                yield at(part, around(part.text, *found.span()), said)
                break


def slips(text: ReadText) -> Iterator[TextDefect]:
    """Words that stand once and are one letter from one that stands often; a digit that clings to a word."""
    counts: Counter[str] = Counter()
    places: dict[str, TextPart] = {}
    for part in text.with_cover:
        for found in _WORD.findall(part.text):
            counts[found.casefold()] += 1
            places.setdefault(found.casefold(), part)
        for glued in _GLUED.finditer(part.text):
            if any(f"{glued[1]} {glued[2]}" in other.text for other in text.parts):
                yield at(part, around(part.text, *glued.span()), f"A blank is missing: {glued[1]} {glued[2]}.")
    usual = [word for word, count in counts.most_common(_MOST_WORDS) if count >= _USUAL and len(word) >= _SLIP_LETTERS]
    rare = [word for word, count in counts.items() if count <= _RARE and len(word) >= _SLIP_LETTERS]
    for word in rare[:_MOST_WORDS] if len(usual) * len(rare) < 4_000_000 else ():
        meant = get_close_matches(word, usual, n=1, cutoff=0.9)
        if meant and _is_slip(word, meant[0]):
            yield at(places[word], _near(places[word], word), f'Is "{meant[0]}" meant?')


def one_service(text: ReadText) -> Iterator[TextDefect]:
    """A thing of one service, in a clause that has it of all: MCPTT groups where it speaks of MC service groups."""
    wholes: dict[str, str] = {}
    for part in text.of("step", "precondition", "note"):
        if part.clause not in wholes:
            wholes[part.clause] = " ".join(one.text for one in text.within(part.clause))
        whole = wholes[part.clause]
        for sentence in part.sentences:
            services = set(re.findall(r"\b(?:MCPTT|MCVideo|MCData)\b", sentence))
            for found in _SERVICE.finditer(sentence):
                noun = found[2].rstrip("s")
                if len(services) == 1 and re.search(rf"\bMC service {noun}s?\b", whole) and "TS " not in sentence:
                    said = f"The clause speaks of MC service {noun}s, and here of those of {found[1]} alone."
                    yield at(part, around(sentence, *found.span()), said)


def words_left_out(text: ReadText) -> Iterator[TextDefect]:
    """Parties whose name has the word service in one place and lacks it in another, whichever is rarer."""
    for noun in ("client", "server", "system"):
        forms = {kind: re.compile(rf"\bMC {kind}{noun}s?\b") for kind in ("", "service ")}
        places = {
            kind: [(part, one) for part in text.parts for one in form.finditer(part.text)]
            for kind, form in forms.items()
        }
        rare, usual = sorted(places, key=lambda kind: len(places[kind]))
        if places[rare]:
            said = f"Elsewhere it is MC {usual}{noun}, {len(places[usual])} times."
            yield from gathered((noun, at(part, around(part.text, *one.span()), said)) for part, one in places[rare])


def capitals(text: ReadText) -> Iterator[TextDefect]:
    """Words with a capital within a sentence that stand without one everywhere else."""
    small: Counter[str] = Counter()
    capital: dict[str, tuple[TextPart, str]] = {}
    for part in text.of("statement", "step", "note", "precondition", "bullet", "element", "table_note"):
        small.update(re.findall(r"(?<![\w.-])[a-z]{5,}\b", part.text))
        for found in re.finditer(r"(?<=[a-z] )([A-Z][a-z]{4,})(?=[\s.,;)])(?! [A-Z])", part.text):
            capital.setdefault(found[1].casefold(), (part, around(part.text, *found.span())))
    for word, (part, quote) in capital.items():
        if small[word] >= _USUAL:
            yield at(part, quote, f'"{word}" has no capital elsewhere in the text.')


def _is_slip(word: str, meant: str) -> bool:
    """Whether a word is another with one letter changed, left out, doubled or put in, and no other form of it."""
    endings = {"s", "es", "d", "ed", "r", "er", "ing", "al", "ly", "n"}
    short, long = sorted((word, meant), key=len)
    if long.startswith(short) and long[len(short) :] in endings:
        return False
    same = next((place for place, pair in enumerate(zip(word, meant, strict=False)) if pair[0] != pair[1]), len(short))
    tails = {word[same:], meant[same:]}
    inside = same >= 3 and all(len(tail) > 1 for tail in tails)
    prefix = {"de", "un", "re", "in"} & {long[: len(long) - len(short)]}
    return inside and not prefix and not tails & endings and "-" not in long


def _near(part: TextPart, word: str) -> str:
    found = re.search(rf"\b{re.escape(word)}\b", part.text, re.IGNORECASE)
    return around(part.text, *found.span()) if found else word
