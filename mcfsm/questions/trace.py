"""A text as its authors wrote it, held against itself and against a model of it.

Against itself: the defects that its author can mend. Against the model: which part of the text each item of the
catalogue stands on, and so which steps nothing cites, which citations are of steps that the text does not have, which
sentences were reworded since the catalogue was written, and what the text changes beside what its change file changes.
An item stands where its fingerprints are found, and else where its number says.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from mcfsm.language.changes.apply import Baseline, all_edits, apply
from mcfsm.language.files.document import Document
from mcfsm.language.files.reader import read_baseline
from mcfsm.language.resolving.effects import as_list
from mcfsm.problems import ModelError, Problem, closest
from mcfsm.prose.blocks import Source
from mcfsm.prose.defects import Rule, TextDefect
from mcfsm.prose.fingerprint import fingerprint, normalised
from mcfsm.prose.read import read
from mcfsm.prose.rules import defects_of
from mcfsm.prose.structure import structured
from mcfsm.prose.text import ReadText, Specification, TextPart, sentences_of
from mcfsm.questions.clauses import Clauses, Item, clauses

ChangeKind = Literal["added", "removed", "reworded"]
_TAIL = re.compile(r"(?:(?:pre|list)-)?(?:\d+[a-z]?(?:-[ivx]+)?|NOTE\d*|EN\d*|IE\d+|fig)")
_LETTERED = re.compile(r"(.*\d|NOTE)[a-z]$")
_DOCUMENT = re.compile(r"\bT[SR] (\d\d\.\d{3})")
_BARE = re.compile(r"\d+(?:\.\d+[a-z]?)+|[A-Z](?:\.\d+)+")


@dataclass(frozen=True)
class Placed:
    """A part of the text with the items that stand on it."""

    part: TextPart
    items: tuple[Item, ...]
    reworded: tuple[Item, ...]  # those of which a sentence is not as it was when the catalogue was written

    @property
    def cited(self) -> bool:
        """Whether any part of the model rests on it."""
        return any(item.covers for item in self.items)


@dataclass(frozen=True)
class Changed:
    """A part that the text changes, and what the change file does on the ground of its items."""

    kind: ChangeKind
    part: TextPart
    edits: tuple[str, ...]


@dataclass(frozen=True)
class Against:
    """A text held against a model."""

    title: str
    change: str | None  # the change of the model that this text is
    placed: tuple[Placed, ...]
    absent: tuple[Item, ...]  # cited, of a clause that the text has, and nowhere in it
    moved: tuple[tuple[Item, TextPart], ...]  # found, word for word, under another number
    others: tuple[Item, ...]  # of these clauses, brought by another change
    changed: tuple[Changed, ...] | None  # None where neither the file nor the catalogue tells what the text was before
    not_in_text: tuple[str, ...]  # items that the change file rests on, and no changed part says
    catalogued: bool = True  # whether the model has a catalogue of items at all


@dataclass(frozen=True)
class Traced:
    """What is to be said of a text."""

    source: Source
    text: ReadText
    defects: tuple[tuple[Rule, TextDefect], ...]
    against: Against | None

    @property
    def unclear(self) -> bool:
        """Whether something was found that somebody has to look at."""
        found = self.against
        return bool(self.defects or not self.text.clauses) or (
            found is not None and (bool(found.absent or found.not_in_text) or any(one.reworded for one in found.placed))
        )


@dataclass(frozen=True)
class _Catalogue:
    """The items of a model of a text, with the fingerprints of each under the change that has it so."""

    clauses: Clauses
    prints: Mapping[str, Mapping[str | None, tuple[str, ...]]]
    baselines: tuple[Baseline, ...]

    def expected(self, item: Item, change: str | None) -> tuple[str, ...]:
        """The fingerprints that an item should have in a text that is that change."""
        known = self.prints.get(item.id, {})
        return known.get(change) or known.get(None) or known.get(item.change) or ()


def trace(path: Path | str, *models: Path | str, change: str | None = None, leave_out: Collection[str] = ()) -> Traced:
    """A text held against itself and, where they are named, against models of it.

    `change`: the change of the models that the text is; else it is found out, of those that are pending and, where the
    text is none of these, of the candidates, whose items are asked for as they are worded. `leave_out`: rules that are
    not asked.
    Raises TextError for the text, and ModelError for the models or a change that they do not have.
    """
    source = read(path)
    if not models:
        text = structured(source.after)
        return Traced(source, text, tuple(defects_of(text, leave_out)), None)
    catalogue = _catalogue(models, change)
    if change is not None and change not in catalogue.clauses.changes:
        known = catalogue.clauses.changes
        raise ModelError([Problem("M317", None, f"unknown change {change}", closest(change, known))])
    text = structured(source.after, _specification(catalogue))
    against = _against(source, text, catalogue, change)
    if against.change is None:
        told = _candidate_of(text, catalogue.baselines)
        against = against if told is None else _against(source, text, _catalogue(models, told), told)
    return Traced(source, text, tuple(defects_of(text, leave_out)), against)


def fingerprints(path: Path | str, *models: Path | str) -> dict[str, tuple[str, ...]]:
    """The fingerprints of the items that stand on a text by their numbers: those of all sentences of the part."""
    text = structured(read(path).after)
    found = {}
    for item in _catalogue(models).clauses.items:
        part = _by_number(item.id, text)
        if part is not None:
            found[item.id] = tuple(fingerprint(item.id, sentence) for sentence in part.sentences)
    return found


def _catalogue(models: Iterable[Path | str], candidate: str | None = None) -> _Catalogue:
    """The items of some models, those of one candidate among them, if it is one."""
    first, *others = models
    baselines = tuple(read_baseline(one) for one in (first, *others))
    prints: dict[str, dict[str | None, tuple[str, ...]]] = {}
    for baseline in baselines:
        own = baseline.document.items
        texts: dict[str | None, Document] = {None: baseline.document}
        candidates = [one for one in baseline.listed(candidates=True) if one == candidate]
        listed = [*baseline.listed(candidates=False), *candidates]
        texts |= {name: apply(baseline, [name]) for name in listed}
        for change, text in texts.items():
            for key, item in text.items.items():
                known = tuple(map(str, as_list(item.fingerprint)))
                if change in candidates and not known:  # propose writes an item as the candidate words it
                    known = tuple(fingerprint(str(key), said) for said in sentences_of(str(item.text)))
                if known and (change is None or item is not own.get(key)):
                    prints.setdefault(str(key), {}).setdefault(change, known)
    return _Catalogue(clauses(first, *others, candidate=candidate), prints, baselines)


def _candidate_of(text: ReadText, baselines: Iterable[Baseline]) -> str | None:
    """The candidate of whose new wording most stands in a text, and more than half; None where there is no such."""
    said = {(part.clause, normalised(one)) for part in text.parts for one in part.sentences}
    best: tuple[float, str | None] = (0.5, None)
    for baseline in baselines:
        for name in baseline.listed(candidates=True):
            edits = baseline.changes[name].edits
            items = [pair for edit in edits for part in (edit.add, edit.replace) for pair in part.items.items()]
            wanted = [
                (str(key).partition("-")[0], normalised(one))
                for key, item in items
                for one in sentences_of(str(item.text))
            ]
            share = sum(one in said for one in wanted) / len(wanted) if wanted else 0.0
            best = (share, name) if share > best[0] else best
    return best[1]


def _specification(catalogue: _Catalogue) -> Specification:
    """The document that the models follow, and its clauses in the catalogue."""
    sources = [str(one.document.source) for one in catalogue.baselines if one.document.source is not None]
    sources += [str(change.base) for one in catalogue.baselines for change in one.changes.values() if change.base]
    named = next((found for source in sources if (found := _DOCUMENT.search(source))), None)
    numbers = {item.id.partition("-")[0] for item in catalogue.clauses.items}
    return Specification(named[1] if named else None, frozenset(one for one in numbers if _BARE.fullmatch(one)))


def _against(source: Source, text: ReadText, catalogue: _Catalogue, change: str | None) -> Against:
    numbers = {part.clause for part in text.parts} - {""}
    mine = [item for item in catalogue.clauses.items if item.id.partition("-")[0] in numbers]
    sentences: dict[str, list[TextPart]] = {}
    for part in text.parts:
        for sentence in part.sentences:
            sentences.setdefault(normalised(sentence), []).append(part)
    found = {item.id: _found(item.id, catalogue, sentences) for item in mine}
    is_change = change or _told_by(mine, found, catalogue)
    items: dict[TextPart, list[Item]] = {part: [] for part in text.parts}
    reworded: dict[TextPart, list[Item]] = {part: [] for part in text.parts}
    absent, moved, others = [], [], []
    for item in mine:
        expected = catalogue.expected(item, is_change)
        by_number = _by_number(item.id, text)
        where = [found[item.id][one] for one in expected if one in found[item.id]]
        there = [by_number if by_number is not None and by_number in parts else parts[0] for parts in where]
        foreign = item.change not in (None, is_change)
        if there:
            for part in dict.fromkeys(there):
                items[part].append(item)
            if len(there) < len(expected):
                reworded[there[0]].append(item)
            if by_number is not None and by_number not in there:
                moved.append((item, there[0]))
        elif foreign:
            others.append(item)
        elif by_number is not None:
            items[by_number].append(item)
            if expected:
                reworded[by_number].append(item)
        elif item.covers and (expected or _TAIL.fullmatch(item.id.partition("-")[2])):
            absent.append(item)
    placed = tuple(Placed(part, tuple(items[part]), tuple(reworded[part])) for part in text.parts)
    changed = _changed(source, text, placed, catalogue, is_change)
    edits = {item: said for baseline in catalogue.baselines for item, said in _edits(baseline, is_change)}
    touched = {item.id for one in changed or () for place in placed if place.part == one.part for item in place.items}
    here = {item.id for item in mine}
    beside = tuple(item for item in edits if item in here and item not in touched) if changed is not None else ()
    return Against(
        catalogue.clauses.title,
        is_change,
        placed,
        tuple(absent),
        tuple(moved),
        tuple(others),
        changed,
        beside,
        bool(catalogue.clauses.items),
    )


def _found(item: str, catalogue: _Catalogue, sentences: Mapping[str, list[TextPart]]) -> dict[str, list[TextPart]]:
    """The fingerprints of an item that sentences of the text have, with the parts that have each."""
    wanted = {one for prints in catalogue.prints.get(item, {}).values() for one in prints}
    if not wanted:
        return {}
    return {found: parts for said, parts in sentences.items() if (found := fingerprint(item, said)) in wanted}


def _told_by(mine: list[Item], found: Mapping[str, Mapping[str, list[TextPart]]], catalogue: _Catalogue) -> str | None:
    """The change of which most sentences stand in the text, and more than half; None where there is no such."""
    best: tuple[float, str | None] = (0.5, None)
    for change in catalogue.clauses.changes:
        prints = [(item.id, one) for item in mine for one in catalogue.prints.get(item.id, {}).get(change, ())]
        there = sum(one in found[item] for item, one in prints)
        if prints and there / len(prints) > best[0]:
            best = (there / len(prints), change)
    return best[1]


def _by_number(item: str, text: ReadText) -> TextPart | None:
    """The part that an item's own number names: 10.16.5.3-3a is of step 3, where the clause has no step 3a."""
    clause, _, tail = item.partition("-")
    parts = {part.address: part for part in reversed(text.within(clause))}
    notes = [part for part in text.within(clause) if part.kind == "note"]
    lettered = _LETTERED.match(tail)
    for one in (tail, lettered[1] if lettered else tail):
        if f"{clause}-{one}" in parts:
            return parts[f"{clause}-{one}"]
        if one == "NOTE1" and len(notes) == 1 and not notes[0].number:
            return notes[0]
    return None


def _changed(
    source: Source, text: ReadText, placed: tuple[Placed, ...], catalogue: _Catalogue, change: str | None
) -> tuple[Changed, ...] | None:
    """What the text changes: by its own marks where it has some, else by the fingerprints of the text before it."""
    edits: dict[str, list[str]] = {}
    for baseline in catalogue.baselines:
        for item, said in _edits(baseline, change):
            edits.setdefault(item, []).append(said)

    def of(kind: ChangeKind, part: TextPart) -> Changed:
        items = next((one.items for one in placed if one.part == part), ())
        done = dict.fromkeys(said for item in items for said in edits.get(item.id, ()))
        return Changed(kind, part, tuple(done))

    if source.before is not None:
        return tuple(of(kind, part) for kind, part in _marked(structured(source.before), text))
    known_clauses = {item.partition("-")[0] for item, prints in catalogue.prints.items() if prints.get(None)}
    if change is None and not known_clauses & {part.clause for part in text.parts}:
        return None
    return tuple(of(kind, part) for kind, part in _unlike(placed, catalogue, change))


def _marked(before: ReadText, after: ReadText) -> Iterator[tuple[ChangeKind, TextPart]]:
    """The parts that tracked changes add, reword or remove."""
    old = {part.address: part for part in before.parts}
    new = {part.address for part in after.parts}
    sentences = {(part.clause, normalised(one)) for part in before.parts for one in part.sentences}
    kept = {(part.clause, normalised(one)) for part in after.parts for one in part.sentences}
    for part in after.parts:
        fresh = [one for one in part.sentences if (part.clause, normalised(one)) not in sentences]
        was = old.get(part.address)
        lost = [one for one in was.sentences if (part.clause, normalised(one)) not in kept] if was else []
        if fresh or lost:
            yield "reworded" if was and (lost or len(fresh) < len(part.sentences)) else "added", part
    for part in before.parts:
        if part.address not in new and any((part.clause, normalised(one)) not in kept for one in part.sentences):
            yield "removed", part


def _unlike(
    placed: tuple[Placed, ...], catalogue: _Catalogue, change: str | None
) -> Iterator[tuple[ChangeKind, TextPart]]:
    """The parts that are not as the catalogue of the text before has them."""
    for place in placed:
        part = place.part
        before = {(item.id, one) for item in place.items for one in catalogue.prints.get(item.id, {}).get(None, ())}
        if before:
            said = [{(item.id, fingerprint(item.id, one)) for item in place.items} for one in part.sentences]
            if before - set().union(*said) or any(not one & before for one in said):
                yield "reworded", part
        elif _is_new(place, change):
            yield "added", part


def _is_new(place: Placed, change: str | None) -> bool:
    """Whether only the change has a part; where no item stands on it, whether it is of a kind that items stand on."""
    if not place.items:
        return place.part.kind in ("step", "precondition", "note", "element", "table_note")
    return change is not None and all(item.change == change for item in place.items)


def _edits(baseline: Baseline, change: str | None) -> Iterator[tuple[str, str]]:
    """Each item that an edit of a change rests on, with what the edit does."""
    if change is not None and change in baseline.changes:
        for edit in (edit for edit in all_edits(baseline, change) if not edit.beside):
            yield from ((item, edit.said) for item in edit.grounds)
